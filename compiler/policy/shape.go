package policy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/schemas"
)

// shape is the part of a JSON Schema that tells types.
type shape struct {
	Type       any               `json:"type"`
	Properties map[string]*shape `json:"properties"`
	Additional json.RawMessage   `json:"additionalProperties"`
	Required   []string          `json:"required"`
	Items      *shape            `json:"items"`
	Ref        string            `json:"$ref"`
	Defs       map[string]*shape `json:"$defs"`
	Enum       []any             `json:"enum"`
	Const      any               `json:"const"`
}

// maxShapeDepth bounds schemas that refer to themselves: what lies deeper may be
// anything.
const maxShapeDepth = 16

// documentOf reads a schema of package schemas.
func documentOf(file string) (document, error) {
	text, err := schemas.Files.ReadFile(file)
	if err != nil {
		return document{}, err
	}
	var root shape
	if err := json.Unmarshal(text, &root); err != nil {
		return document{}, err
	}
	return document{&root, root.Defs}, nil
}

// typ returns the type of the documents that the schema describes. A member that
// a document need not have is null where it is absent.
func (d document) typ() cty.Type { return d.at.typ(d.defs, 0) }

// typ returns the type of the values that the schema describes; any type where it
// does not say.
func (s *shape) typ(defs map[string]*shape, depth int) cty.Type {
	if s == nil || depth > maxShapeDepth {
		return cty.DynamicPseudoType
	}
	if s.Ref != "" {
		return s.target(defs).typ(defs, depth+1)
	}
	switch s.kind() {
	case "object":
		return s.object(defs, depth)
	case "array":
		return cty.List(s.Items.typ(defs, depth+1))
	case "string":
		return cty.String
	case "integer", "number":
		return cty.Number
	case "boolean":
		return cty.Bool
	}
	return cty.DynamicPseudoType
}

// kind returns the one JSON type, "" where there is none or more than one.
func (s *shape) kind() string {
	if word, ok := s.Type.(string); ok {
		return word
	}
	words := s.Enum
	if s.Const != nil {
		words = []any{s.Const}
	}
	for _, w := range words {
		if _, ok := w.(string); !ok {
			return ""
		}
	}
	if len(words) > 0 {
		return "string"
	}
	return ""
}

// object returns an object of the members that the schema names, or a map where
// it names none.
func (s *shape) object(defs map[string]*shape, depth int) cty.Type {
	rest := s.rest()
	if len(s.Properties) == 0 && len(s.Required) == 0 {
		if rest == nil {
			return cty.DynamicPseudoType
		}
		return cty.Map(rest.typ(defs, depth+1))
	}
	attrs := map[string]cty.Type{}
	for _, name := range s.Required {
		attrs[name] = rest.typ(defs, depth+1)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		attrs[name] = s.Properties[name].typ(defs, depth+1)
	}
	return cty.Object(attrs)
}

// target returns what a reference names, nil where that is not in defs.
func (s *shape) target(defs map[string]*shape) *shape {
	name, ok := strings.CutPrefix(s.Ref, "#/$defs/")
	if !ok {
		return nil
	}
	return defs[name]
}

// rest returns the schema of members that have no name there, nil where it takes
// none or says nothing of them.
func (s *shape) rest() *shape {
	var rest *shape
	if err := json.Unmarshal(s.Additional, &rest); err != nil { // false, or absent
		return nil
	}
	return rest
}

// without returns an object type without one attribute.
func without(ty cty.Type, name string) cty.Type {
	attrs := maps.Clone(ty.AttributeTypes())
	delete(attrs, name)
	return cty.Object(attrs)
}
