package formats_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/formats"
	"github.com/headgate-data/headgate/compiler/types"
)

// elsewhere are fields that a document of another standard need not tell:
// places, and what a JSON Schema, which is exported itself, says of its columns.
var elsewhere = []string{"Latest", "Range", "Rules", "NoNull", "Present", "Property", "Inner"}

// TestNothingIsLost sets each field of a contract and of a column: every document
// changes. Whoever adds a field adds it to the formats.
func TestNothingIsLost(t *testing.T) {
	base := func() *contract.Contract {
		return &contract.Contract{Name: "a", Version: 1, Compatibility: "auto", OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless,
			Columns: []contract.Column{{Name: "b", Type: types.Of(types.String)}}}
	}
	for _, format := range []string{formats.ODCS, formats.Avro, formats.SQL, formats.Markdown, formats.JSONSchema} {
		write := func(c *contract.Contract) []byte {
			text, diags := formats.Export(format, "duckdb", []*contract.Contract{c})
			if diags.HasErrors() {
				t.Fatal(diags.Err())
			}
			return text
		}
		before := write(base())
		try := func(typ reflect.Type, of func(*contract.Contract) reflect.Value) {
			for i := range typ.NumField() {
				name := typ.Field(i).Name
				if slices.Contains(elsewhere, name) || (format == formats.Markdown || format == formats.JSONSchema) && (name == "Extensions" || name == "Schema") {
					continue // a page for people has no room for what machines keep, and a schema that brought columns is the export
				}
				c := base()
				set(of(c).Field(i), name)
				if bytes.Equal(write(c), before) {
					t.Errorf("%s does not tell %s.%s", format, typ.Name(), name)
				}
			}
		}
		try(reflect.TypeFor[contract.Contract](), func(c *contract.Contract) reflect.Value { return reflect.ValueOf(c).Elem() })
		try(reflect.TypeFor[contract.Column](), func(c *contract.Contract) reflect.Value { return reflect.ValueOf(&c.Columns[0]).Elem() })
	}
}

// set gives a field a value that is neither its zero value nor a default.
func set(v reflect.Value, name string) {
	switch x := v.Addr().Interface().(type) {
	case *types.Type:
		*x = types.Of(types.Int64)
	case *[]contract.Check:
		*x = []contract.Check{{Name: "k", Source: "1 < 2", Severity: contract.SeverityError}}
	case *[]contract.Column:
		*x = append(*x, contract.Column{Name: "c", Type: types.Of(types.Bool)})
	case *json.RawMessage:
		*x = json.RawMessage(`{"other":{"a":1}}`)
	case **contract.Inner: // holds itself
	default:
		fill(v, name)
	}
}

func fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("fail")
		if name == "Key" {
			v.SetString("b")
		}
	case reflect.Int:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		set(v.Index(0), name)
	case reflect.Struct:
		for i := range v.NumField() {
			set(v.Field(i), name)
		}
	}
}
