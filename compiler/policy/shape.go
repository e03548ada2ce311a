package policy

import (
	"encoding/json"
	"maps"
	"slices"

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

// documentType returns the type of the documents that a schema of package schemas
// describes. A member that a document need not have is null where it is absent.
func documentType(file string) (cty.Type, error) {
	text, err := schemas.Files.ReadFile(file)
	if err != nil {
		return cty.DynamicPseudoType, err
	}
	var root shape
	if err := json.Unmarshal(text, &root); err != nil {
		return cty.DynamicPseudoType, err
	}
	return root.typ(root.Defs, 0), nil
}

// typ returns the type of the values that the schema describes; any type where it
// does not say.
func (s *shape) typ(defs map[string]*shape, depth int) cty.Type {
	if s == nil || depth > maxShapeDepth {
		return cty.DynamicPseudoType
	}
	const local = "#/$defs/"
	if len(s.Ref) > len(local) && s.Ref[:len(local)] == local {
		return defs[s.Ref[len(local):]].typ(defs, depth+1)
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
	var rest *shape
	_ = json.Unmarshal(s.Additional, &rest) // false, or absent: no further members
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

// without returns an object type without one attribute.
func without(ty cty.Type, name string) cty.Type {
	attrs := maps.Clone(ty.AttributeTypes())
	delete(attrs, name)
	return cty.Object(attrs)
}
