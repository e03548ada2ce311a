package contractcli

import (
	"bytes"
	"encoding/json"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
	"github.com/headgate-data/headgate/compiler/contract/schemadiff"
	"github.com/headgate-data/headgate/lang/diag"
)

// compareSchemas asks what a change of JSON Schemas breaks: mode is backward,
// forward or full, policy strict or lenient.
func compareSchemas(older, newer document, mode, policy string) (view.SchemaDiff, diag.Diagnostics) {
	v := view.SchemaDiff{FormatVersion: view.FormatVersion, Old: older.name, New: newer.name, Mode: mode, Policy: policy}
	var diags diag.Diagnostics
	for _, d := range []struct {
		name     string
		from, to document
	}{{"backward", older, newer}, {"forward", newer, older}} {
		if mode != "full" && mode != d.name {
			continue
		}
		list, more := schemadiff.Compare(d.from.name, d.from.text, d.to.name, d.to.text, schemadiff.Mode(policy))
		if diags = append(diags, more...); more.HasErrors() {
			return v, diags
		}
		dir := view.SchemaDirection{Direction: d.name, Verdict: string(schemadiff.Worst(list)), Differences: list}
		if schemadiff.Worst(list) != schemadiff.OK {
			dir.Proof = schemaProof(d.from, d.to)
		}
		v.Directions = append(v.Directions, dir)
	}
	v.Verdict = view.SchemaVerdict(v.Directions)
	return v, diags
}

// schemaProof looks for a document that shows what breaks; nil where there is
// none, or where the validator does not take one of the schemas.
func schemaProof(from, to document) json.RawMessage {
	opts := jsonschema.Options{Draft: "7", AssertFormat: true}
	was, bad := jsonschema.Compile(from.name, from.text, opts)
	is, more := jsonschema.Compile(to.name, to.text, opts)
	if bad.HasErrors() || more.HasErrors() {
		return nil
	}
	doc, found, _ := schemadiff.Proof(from.name, from.text, to.name, to.text, func(doc []byte) (bool, bool) {
		dec := json.NewDecoder(bytes.NewReader(doc))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) != nil {
			return false, false
		}
		return was.Accepts(v), is.Accepts(v)
	})
	if !found {
		return nil
	}
	return doc
}
