package odcs

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/types"
)

// maxNesting bounds types, as the language does.
const maxNesting = 64

var logicalTypes = []string{"string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"}

// logical is the standard's name of a type.
func logical(t types.Type) string {
	switch t.Kind {
	case types.Bool:
		return "boolean"
	case types.Int32, types.Int64:
		return "integer"
	case types.Float64, types.Decimal:
		return "number"
	case types.Date:
		return "date"
	case types.Time:
		return "time"
	case types.Timestamp, types.TimestampTZ:
		return "timestamp"
	case types.List:
		return "array"
	case types.Struct, types.Map, types.JSON:
		return "object"
	default: // string, uuid, bytes
		return "string"
	}
}

// integerFormats are the widths of integers.
var integerFormats = map[string]types.Type{
	"i8": types.Of(types.Int32), "i16": types.Of(types.Int32), "i32": types.Of(types.Int32), "u8": types.Of(types.Int32), "u16": types.Of(types.Int32),
	"i64": types.Of(types.Int64), "u32": types.Of(types.Int64), "u64": types.DecimalOf(38, 0), "i128": types.DecimalOf(38, 0), "u128": types.DecimalOf(38, 0),
}

// typeOf reads the type of a property or of an array's items.
func (n *notes) typeOf(v *document.Value, depth int) types.Type {
	if depth > maxNesting {
		n.invalid(v, "The type is nested more than %d deep.", maxNesting)
		return types.Of(types.JSON)
	}
	said := v.Get("physicalType").Str()
	physical, known := types.FromSQL(said)
	format := v.Get("logicalTypeOptions").Get("format").Str()
	is := func(kinds ...types.Kind) bool { return known && slices.Contains(kinds, physical.Kind) }
	switch lt := v.Get("logicalType").Str(); lt {
	case "string":
		return stringType(physical, known, format)
	case "date":
		return types.Of(types.Date)
	case "time":
		return types.Of(types.Time)
	case "boolean":
		return types.Of(types.Bool)
	case "timestamp":
		zone := v.Get("logicalTypeOptions").Get("timezone")
		if zone.Is(document.Bool) && !zone.True() || !zone.Is(document.Bool) && is(types.Timestamp) {
			return types.Of(types.Timestamp)
		}
		return types.Of(types.TimestampTZ)
	case "integer":
		if t, ok := integerFormats[format]; ok {
			return t
		}
		if is(types.Int32, types.Int64) || is(types.Decimal) && physical.Scale == 0 {
			return physical
		}
		return types.Of(types.Int64)
	case "number":
		return n.numberType(v, physical, known)
	case "object", "array":
		return n.nestedType(v, lt, physical, known, depth)
	case unsaid:
		if lt := v.Get("logicalType"); lt.Is(document.String) {
			n.invalid(lt, "logicalType is empty. The standard has %s.", strings.Join(logicalTypes, ", "))
		}
		return n.physicalType(v, physical, known, depth)
	default:
		n.invalid(v.Get("logicalType"), "There is no logicalType %q. The standard has %s.", lt, strings.Join(logicalTypes, ", "))
		return types.Of(types.JSON)
	}
}

func stringType(physical types.Type, known bool, format string) types.Type {
	switch {
	case known && (physical.Kind == types.UUID || physical.Kind == types.Bytes || physical.Kind == types.String):
		return types.Of(physical.Kind)
	case known:
	case format == "uuid":
		return types.Of(types.UUID)
	case format == "byte" || format == "binary":
		return types.Of(types.Bytes)
	}
	return types.Of(types.String)
}

func (n *notes) numberType(v *document.Value, physical types.Type, known bool) types.Type {
	if known && physical.IsNumeric() {
		return physical
	}
	options := v.Get("logicalTypeOptions")
	if step := options.Get("multipleOf"); step.Is(document.Number) && options.Get("format").Str() == "" {
		if digits, ok := strings.CutPrefix(step.Text, "0."); ok && len(digits) <= 38 && strings.Trim(digits, "0") == "1" && strings.HasSuffix(digits, "1") {
			return types.DecimalOf(38, len(digits))
		}
	}
	if said := strings.ToLower(v.Get("physicalType").Str()); strings.HasPrefix(said, "decimal(") || strings.HasPrefix(said, "numeric(") {
		n.loose(v.Get("physicalType"), "A decimal has at most 38 digits here, so that %s becomes float64, which keeps about 15.", v.Get("physicalType").Str())
	}
	return types.Of(types.Float64)
}

// nestedType reads objects and arrays.
func (n *notes) nestedType(v *document.Value, lt string, physical types.Type, known bool, depth int) types.Type {
	if lt == "array" {
		items := v.Get("items")
		switch {
		case items.Is(document.Map):
			return types.ListOf(n.typeOf(items, depth+1))
		case items != nil:
			n.invalid(items, "items takes a map with the logicalType of the array's elements.")
		case known && physical.Kind == types.List:
			return physical
		}
		return types.ListOf(types.Of(types.JSON))
	}
	fields := v.Get("properties").Elements()
	switch {
	case len(fields) > 0:
		return n.structType(fields, depth)
	case known && (physical.Kind == types.Map || physical.Kind == types.Struct):
		return physical
	}
	return types.Of(types.JSON)
}

func (n *notes) structType(fields []*document.Value, depth int) types.Type {
	out := types.Type{Kind: types.Struct}
	seen := map[string]bool{}
	for _, f := range fields {
		name := f.Get("name").Str()
		switch {
		case name == "":
			n.invalid(f, "A property needs a name.")
			continue
		case seen[name]:
			n.invalid(f.Get("name"), "The object has two properties named %q.", name)
			continue
		}
		seen[name] = true
		out.Fields = append(out.Fields, types.Field{Name: name, Type: n.typeOf(f, depth+1)})
	}
	return out
}

// physicalType reads a property without a logicalType.
func (n *notes) physicalType(v *document.Value, physical types.Type, known bool, depth int) types.Type {
	switch {
	case len(v.Get("properties").Elements()) > 0:
		return n.nestedType(v, "object", physical, known, depth)
	case v.Get("items").Is(document.Map):
		return n.nestedType(v, "array", physical, known, depth)
	case known:
		return physical
	}
	if said := v.Get("physicalType").Str(); said != "" {
		n.loose(v.Get("physicalType"), "No type is known for %q, and there is no logicalType: the column takes any JSON.", said)
	} else {
		n.loose(v, "The property has neither a logicalType nor a physicalType: the column takes any JSON.")
	}
	return types.Of(types.JSON)
}

// sayType makes v a property or items of type t. explicit also says what would be
// understood without.
func sayType(v *document.Value, t types.Type, explicit bool) {
	if v.Get("logicalType") == nil {
		v.Set("logicalType", document.Of(logical(t)))
	}
	sayNested(v, t, explicit)
	if !(*notes)(nil).typeOf(v, 0).Equal(t) {
		settle(v, t)
		sayNested(v, t, explicit)
		physical(v, t)
	}
	if explicit && t.Kind != types.Struct && t.Kind != types.List {
		physical(v, t)
	}
}

// sayNested says the parts of a struct or list, each with what was kept of it.
func sayNested(v *document.Value, t types.Type, explicit bool) {
	switch t.Kind {
	case types.List:
		items := v.Get("items")
		if items == nil && !explicit && (*notes)(nil).typeOf(v, 0).Equal(t) {
			return
		}
		items = start(items)
		sayType(items, *t.Elem, explicit)
		items.Sort(propertyOrder)
		v.Set("items", items)
	case types.Struct:
		if v.Get("properties") == nil && !explicit && (*notes)(nil).typeOf(v, 0).Equal(t) {
			return
		}
		kept := v.Get("properties").Elements()
		fields := document.ListOf()
		for _, f := range t.Fields {
			field := document.NewMap()
			for _, k := range kept {
				if k.Get("name").Str() == f.Name {
					field = start(k)
				}
			}
			field.Set("name", document.Of(f.Name))
			sayType(field, f.Type, explicit)
			field.Sort(propertyOrder)
			fields.Items = append(fields.Items, field)
		}
		v.Set("properties", fields)
	}
}

// settle takes out what was kept of another type and says the logical one.
func settle(v *document.Value, t types.Type) {
	v.Set("logicalType", document.Of(logical(t)))
	v.Set("physicalType", nil)
	if t.Kind != types.Struct {
		v.Set("properties", nil)
	}
	if t.Kind != types.List {
		v.Set("items", nil)
	}
	for _, name := range []string{"format", "timezone", "multipleOf"} {
		setOption(v, name, nil)
	}
}

// physical says the physical type in DuckDB's words, which tell all types apart,
// and the options that tell most.
func physical(v *document.Value, t types.Type) {
	if t.Kind != types.Struct && t.Kind != types.List && v.Get("physicalType") == nil {
		v.Set("physicalType", document.Of(t.DuckDB()))
	}
	option := func(name string, value *document.Value) {
		if v.Get("logicalTypeOptions").Get(name) == nil {
			setOption(v, name, value)
		}
	}
	switch t.Kind {
	case types.Int32:
		option("format", document.Of("i32"))
	case types.Int64:
		option("format", document.Of("i64"))
	case types.Float64:
		option("format", document.Of("f64"))
	case types.Timestamp, types.TimestampTZ:
		option("timezone", document.OfBool(t.Kind == types.TimestampTZ))
	case types.UUID:
		option("format", document.Of("uuid"))
	case types.Bytes:
		option("format", document.Of("byte"))
	}
}

// setOption sets one of a property's logicalTypeOptions; nil takes it out.
func setOption(v *document.Value, name string, value *document.Value) {
	options := v.Get("logicalTypeOptions")
	if value == nil {
		if options == nil || options.Get(name) == nil {
			return
		}
		options = options.Clone()
		options.Set(name, nil)
		if len(options.Members) == 0 {
			v.Set("logicalTypeOptions", nil)
			return
		}
		v.Set("logicalTypeOptions", options)
		return
	}
	options = start(options)
	options.Set(name, value)
	options.Sort(optionOrder)
	v.Set("logicalTypeOptions", options)
}
