// Package schematest checks documents of tests against the schemas.
package schematest

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/headgate-data/headgate/schemas"
)

// Validate fails the test where doc is not JSON that the named schema
// (plan.schema.json) takes.
func Validate(t testing.TB, name string, doc []byte) {
	t.Helper()
	if err := Check(t, name, doc); err != nil {
		t.Errorf("the document breaks %s: %#v", name, err)
	}
}

// Check returns what is wrong with doc under the named schema, nil if nothing is.
func Check(t testing.TB, name string, doc []byte) error {
	t.Helper()
	text, err := schemas.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if err := c.AddResource(name, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return err
	}
	return s.Validate(v)
}
