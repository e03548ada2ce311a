package policy

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/zclconf/go-cty/cty"
)

// fromJSON reads a JSON document as a value of a type that a schema describes.
// Members that the type does not have are left out, those that the document does
// not have are null.
func fromJSON(text []byte, ty cty.Type) (cty.Value, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return cty.NilVal, err
	}
	return value(v, ty)
}

func value(v any, ty cty.Type) (cty.Value, error) {
	switch {
	case v == nil:
		return cty.NullVal(ty), nil
	case ty == cty.DynamicPseudoType:
		return anyValue(v)
	case ty.IsObjectType():
		return objectValue(v, ty)
	case ty.IsMapType():
		return mapValue(v, ty.ElementType())
	case ty.IsListType():
		return listValue(v, ty.ElementType())
	}
	out, err := anyValue(v)
	if err == nil && !out.Type().Equals(ty) {
		err = mismatch(v, ty)
	}
	return out, err
}

func mismatch(v any, ty cty.Type) error {
	return fmt.Errorf("a %T stands where the schema has a %s", v, ty.FriendlyName())
}

func objectValue(v any, ty cty.Type) (cty.Value, error) {
	members, ok := v.(map[string]any)
	if !ok {
		return cty.NilVal, mismatch(v, ty)
	}
	attrs := map[string]cty.Value{}
	for name, want := range ty.AttributeTypes() {
		x, err := value(members[name], want)
		if err != nil {
			return cty.NilVal, fmt.Errorf("%s: %w", name, err)
		}
		attrs[name] = x
	}
	return cty.ObjectVal(attrs), nil
}

// mapValue makes a map, or an object where the elements are of several types.
func mapValue(v any, elem cty.Type) (cty.Value, error) {
	members, ok := v.(map[string]any)
	if !ok {
		return cty.NilVal, mismatch(v, cty.Map(elem))
	}
	out := map[string]cty.Value{}
	for name, m := range members {
		x, err := value(m, elem)
		if err != nil {
			return cty.NilVal, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = x
	}
	switch {
	case len(out) == 0:
		return cty.MapValEmpty(elem), nil
	case cty.CanMapVal(out):
		return cty.MapVal(out), nil
	}
	return cty.ObjectVal(out), nil
}

// listValue makes a list, or a tuple where the elements are of several types.
func listValue(v any, elem cty.Type) (cty.Value, error) {
	elements, ok := v.([]any)
	if !ok {
		return cty.NilVal, mismatch(v, cty.List(elem))
	}
	out := make([]cty.Value, len(elements))
	for i, e := range elements {
		x, err := value(e, elem)
		if err != nil {
			return cty.NilVal, fmt.Errorf("%d: %w", i, err)
		}
		out[i] = x
	}
	switch {
	case len(out) == 0:
		return cty.ListValEmpty(elem), nil
	case cty.CanListVal(out):
		return cty.ListVal(out), nil
	}
	return cty.TupleVal(out), nil
}

// anyValue makes the value that a JSON value is by itself.
func anyValue(v any) (cty.Value, error) {
	switch v := v.(type) {
	case string:
		return cty.StringVal(v), nil
	case bool:
		return cty.BoolVal(v), nil
	case json.Number:
		return cty.ParseNumberVal(v.String())
	case []any:
		return listValue(v, cty.DynamicPseudoType)
	case map[string]any:
		attrs := map[string]cty.Value{}
		for name, m := range v {
			x, err := value(m, cty.DynamicPseudoType)
			if err != nil {
				return cty.NilVal, err
			}
			attrs[name] = x
		}
		return cty.ObjectVal(attrs), nil
	}
	return cty.NilVal, fmt.Errorf("a %T is no value of JSON", v)
}
