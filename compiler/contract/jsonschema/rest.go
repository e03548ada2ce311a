package jsonschema

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
)

// Rest is what a contract's JSON Schema says of records beyond the columns, as a
// text that is the same for schemas that say the same in the same words: white
// space, the order of members and annotations do not count. It is "" where the
// columns say all.
func Rest(s *contract.Schema) string {
	if s == nil || len(s.Residue) == 0 {
		return ""
	}
	root, fault := Read(s.File, []byte(s.Text))
	if fault != nil {
		return s.Text
	}
	parts := map[string]any{}
	for _, p := range s.Residue {
		if !restOf(root, p, parts) {
			return whole(root, s)
		}
	}
	return plainText(map[string]any{"draft": s.Draft, "parts": parts})
}

// whole is all of a schema and of the documents that it refers to.
func whole(root *Node, s *contract.Schema) string {
	refs := map[string]any{}
	for _, r := range s.Refs {
		if n, fault := Read(r.File, []byte(r.Text)); fault == nil {
			refs[r.URL] = bare(n)
		} else {
			refs[r.URL] = r.Text
		}
	}
	return plainText(map[string]any{"draft": s.Draft, "whole": bare(root), "refs": refs})
}

// alone are keywords whose meaning does not hang on others beside them.
var alone = map[string]bool{
	"allOf": true, "anyOf": true, "oneOf": true, "not": true, "dependentRequired": true, "dependentSchemas": true, "dependencies": true,
	"patternProperties": true, "propertyNames": true, "minProperties": true, "maxProperties": true, "uniqueItems": true, "multipleOf": true,
	"minimum": true, "maximum": true, "exclusiveMinimum": true, "exclusiveMaximum": true, "minLength": true, "maxLength": true, "minItems": true, "maxItems": true,
	"pattern": true, "enum": true, "const": true, "format": true, "type": true, "required": true,
}

// conditional are keywords that mean something together.
var conditional = []string{"if", "then", "else"}

// restOf puts the part at a pointer into parts; false where it cannot be told from
// the rest of the schema.
func restOf(root *Node, pointer string, parts map[string]any) bool {
	at := strings.LastIndex(pointer, "/")
	n := root.At(pointer)
	if at < 0 || n == nil {
		return false
	}
	name, parent := unescape(pointer[at+1:]), root.At(pointer[:at])
	property := strings.HasSuffix(pointer[:at], "/properties")
	switch {
	case slices.Contains(conditional, name) && !property:
		for _, k := range conditional {
			if v := parent.Get(k); v != nil {
				parts[pointer[:at]+"/"+k] = bare(v)
			}
		}
	case property:
		parts[pointer] = bare(n)
	case alone[name]:
		// A keyword that holds schemas and one that holds values are told apart by bare.
		one := &Node{Kind: Object, Members: []Member{{Name: name, Value: n}}}
		parts[pointer] = bare(one)
	default:
		return false
	}
	text := plainText(parts)
	return !strings.Contains(text, "$ref") && !strings.Contains(text, "$dynamicRef") && !strings.Contains(text, "$recursiveRef") && !strings.Contains(text, "unevaluated")
}

// annotations say nothing about what a document must be.
var annotations = map[string]bool{"title": true, "description": true, "$comment": true, "examples": true, "default": true, "deprecated": true, "readOnly": true, "writeOnly": true}

// bare is a schema's value without annotations.
func bare(n *Node) any {
	if n.Kind != Object {
		return n.Value()
	}
	subs := map[*Node]any{}
	n.each(func(_ string, sub *Node) { subs[sub] = bare(sub) })
	out := map[string]any{}
	for _, m := range n.Members {
		if !annotations[m.Name] {
			out[m.Name] = within(m.Value, subs)
		}
	}
	return out
}

// within is a keyword's value, with the schemas in it as subs has them.
func within(n *Node, subs map[*Node]any) any {
	if v, ok := subs[n]; ok {
		return v
	}
	switch n.Kind {
	case Array:
		out := make([]any, len(n.Elems))
		for i, e := range n.Elems {
			out[i] = within(e, subs)
		}
		return out
	case Object:
		out := map[string]any{}
		for _, m := range n.Members {
			out[m.Name] = within(m.Value, subs)
		}
		return out
	default:
		return n.Value()
	}
}

func plainText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error() // values that were read from JSON have a JSON form
	}
	return string(b)
}
