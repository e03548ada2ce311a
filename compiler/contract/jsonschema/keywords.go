package jsonschema

import (
	"encoding/json"
	"strings"
)

// position says where in a keyword's value schemas stand.
type position uint8

const (
	self position = 1 << iota // the value is a schema
	item                      // its elements are
	prop                      // its members are
)

// applicators are the keywords of all drafts whose values hold schemas.
var applicators = map[string]position{
	"not": self, "if": self, "then": self, "else": self, "contains": self, "propertyNames": self, "additionalProperties": self,
	"additionalItems": self, "unevaluatedItems": self, "unevaluatedProperties": self, "contentSchema": self,
	"items": self | item, "allOf": item, "anyOf": item, "oneOf": item, "prefixItems": item,
	"properties": prop, "patternProperties": prop, "dependentSchemas": prop, "dependencies": prop, "definitions": prop, "$defs": prop,
}

// asserting are the keywords that a value can break.
var asserting = map[string]bool{
	"$ref": true, "$dynamicRef": true, "$recursiveRef": true, "type": true, "enum": true, "const": true, "format": true,
	"multipleOf": true, "minimum": true, "maximum": true, "exclusiveMinimum": true, "exclusiveMaximum": true,
	"minLength": true, "maxLength": true, "pattern": true, "contentEncoding": true,
	"minItems": true, "maxItems": true, "uniqueItems": true, "minContains": true, "maxContains": true,
	"minProperties": true, "maxProperties": true, "required": true, "dependentRequired": true,
	"not": true, "if": true, "then": true, "else": true, "contains": true, "propertyNames": true, "additionalProperties": true,
	"additionalItems": true, "unevaluatedItems": true, "unevaluatedProperties": true,
	"items": true, "allOf": true, "anyOf": true, "oneOf": true, "prefixItems": true,
	"properties": true, "patternProperties": true, "dependentSchemas": true, "dependencies": true,
}

// each calls f for every schema that stands directly in a keyword of n.
func (n *Node) each(f func(pointer string, sub *Node)) {
	for _, m := range n.Members {
		pos := applicators[m.Name]
		at := "/" + escape(m.Name)
		if pos&self != 0 && (m.Value.Kind == Object || m.Value.Kind == Bool) {
			f(at, m.Value)
		}
		if pos&item != 0 && m.Value.Kind == Array {
			for i, e := range m.Value.Elems {
				f(at+"/"+itoa(i), e)
			}
		}
		if pos&prop != 0 && m.Value.Kind == Object {
			for _, p := range m.Value.Members {
				f(at+"/"+escape(p.Name), p.Value)
			}
		}
	}
}

// appendPlain appends any value as JSON.
func appendPlain(dst []byte, n *Node) []byte {
	switch n.Kind {
	case String:
		return appendString(dst, n.Text)
	case Array:
		dst = append(dst, '[')
		for i, e := range n.Elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendPlain(dst, e)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		for i, m := range n.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendPlain(append(appendString(dst, m.Name), ':'), m.Value)
		}
		return append(dst, '}')
	default:
		return append(dst, n.Text...)
	}
}

func appendString(dst []byte, s string) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return append(dst, `""`...) // unreachable: a string always encodes
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}

// appendSchema appends a schema as JSON, its patterns as RE2 has them. A pattern
// that has no such form is left as it is; check has reported it. renamed gets
// the patterns that name members and are written in another way.
func appendSchema(dst []byte, n *Node, renamed map[string]string) []byte {
	if n.Kind != Object {
		return appendPlain(dst, n)
	}
	dst = append(dst, '{')
	for i, m := range n.Members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, m.Name), ':')
		dst = appendKeyword(dst, m, renamed)
	}
	return append(dst, '}')
}

// noValue stands in for an empty enum, which the engine takes for no enum.
const noValue = `[{"\u0000headgate":"the enum is empty"}]`

func appendKeyword(dst []byte, m Member, renamed map[string]string) []byte {
	pos := applicators[m.Name]
	switch {
	case m.Name == "enum" && m.Value.Kind == Array && len(m.Value.Elems) == 0:
		return append(dst, noValue...)
	case m.Name == "pattern" && m.Value.Kind == String:
		if re, err := RE2(m.Value.Text); err == nil {
			return appendString(dst, re)
		}
	case pos&self != 0 && m.Value.Kind == Object:
		return appendSchema(dst, m.Value, renamed)
	case pos&item != 0 && m.Value.Kind == Array:
		dst = append(dst, '[')
		for i, e := range m.Value.Elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendSchema(dst, e, renamed)
		}
		return append(dst, ']')
	case pos&prop != 0 && m.Value.Kind == Object:
		dst = append(dst, '{')
		for i, p := range m.Value.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			name := p.Name
			if m.Name == "patternProperties" {
				if re, err := RE2(name); err == nil && re != name {
					renamed[re], name = name, re
				}
			}
			dst = appendSchema(append(appendString(dst, name), ':'), p.Value, renamed)
		}
		return append(dst, '}')
	}
	return appendPlain(dst, m.Value)
}
