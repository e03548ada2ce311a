//go:build outside

package odcs_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/odcs"
)

// Tests with the tag `outside` need files that are no part of the project.

// TestPublishedSchema validates what is written with the standard's own JSON
// Schema, whose file HEADGATE_ODCS_SCHEMA names; it is not part of the project.
func TestPublishedSchema(t *testing.T) {
	file := os.Getenv("HEADGATE_ODCS_SCHEMA")
	if file == "" {
		t.Fatal("HEADGATE_ODCS_SCHEMA names no schema")
	}
	schema, err := jsonschema.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := &random{rand.New(rand.NewPCG(seed, 4))}
	for range 300 {
		c := r.contract("c")
		c.Extensions = nil
		for i := range c.Columns {
			c.Columns[i].Extensions = nil
		}
		text, _ := odcs.Export([]*contract.Contract{c})
		v, diags := document.Parse("x.yaml", text)
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		var data any
		dec := json.NewDecoder(strings.NewReader(document.Compact(v)))
		dec.UseNumber()
		if err := dec.Decode(&data); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(data); err != nil {
			t.Fatalf("%#v\n%s", err, text)
		}
	}
}
