package jsonschema_test

import (
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
)

// TestRest changes a schema and wants to see which changes are beyond the columns.
func TestRest(t *testing.T) {
	const base = `{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "minimum": 1}, "title": {"type": "string"},
		"addr": {"type": "object", "properties": {"zip": {"type": "string", "pattern": "^a$"}}}, "any": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}},
		"if": {"required": ["addr"]}, "then": {"required": ["title"]}}`
	rest := func(text string) string {
		s, ds := jsonschema.Compile("s.json", []byte(text), jsonschema.Options{AssertFormat: true})
		if s == nil {
			t.Fatal(ds)
		}
		m, ds := s.Map(false)
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		return jsonschema.Rest(s.Contract(m))
	}
	was := rest(base)
	if was == "" || jsonschema.Rest(nil) != "" || jsonschema.Rest(&contract.Schema{Text: base}) != "" {
		t.Errorf("beyond the columns: %q", was)
	}
	for _, c := range []struct {
		from, to string
		same     bool
	}{
		{`{"type": "object", "req`, `{ "type":"object","req`, true},
		{`"minimum": 1`, `"minimum": 2`, true},                             // a column
		{`{"type": "string"}`, `{"type": "string", "maxLength": 3}`, true}, // a column
		{`"^a$"`, `"^a$", "title": "x"`, true},                             // says nothing
		{`"anyOf": [`, `"description": "x", "anyOf": [`, true},             // says nothing
		{`"if": {`, `"$comment": "x", "if": {"title": "x", `, true},        // says nothing
		{`[{"type": "integer"}, {"type": "boolean"}]`, `[{"type": "integer"}, {"const": {"title": "x"}}]`, false},
		{`"^a$"`, `"^b$"`, false},
		{`"then": {"required": ["title"]}`, `"then": {"required": ["any"]}`, false},
		{`"if": {"required": ["addr"]}`, `"if": {"required": ["any"]}`, false},
		{`"then": {"required": ["title"]}`, `"else": {"required": ["title"]}`, false},
		{`"if": {`, `"minProperties": 2, "if": {`, false},
	} {
		text := strings.Replace(base, c.from, c.to, 1)
		if text == base {
			t.Fatalf("%s does not stand in the schema", c.from)
		}
		if now := rest(text); (now == was) != c.same {
			t.Errorf("%s -> %s:\n%s\n%s", c.from, c.to, was, now)
		}
	}
	one, two := `{"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"not": {"const": 1}}}}`, `{"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"not": {"const": 2}}}}`
	if rest(one) == rest(two) {
		t.Error("what a reference leads to is beyond the columns, too")
	}
	if rest(`{"properties": {"a": {"not": {"const": {"title": 1}}}}}`) == rest(`{"properties": {"a": {"not": {"const": {"title": 2}}}}}`) {
		t.Error("a member of a value is no annotation")
	}
}
