package singer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// gotSchema takes a SCHEMA message and tells the handler what is new in it.
func (r *session) gotSchema(line []byte, number int64) error {
	e := &r.env
	st := r.streams[string(e.stream)]
	if st == nil {
		r.others[string(e.stream)] = true
		return nil
	}
	st.spoken = true
	told := slices.Concat(e.schema, []byte{0}, e.keys, []byte{0}, e.cursor)
	if bytes.Equal(told, st.schema) {
		return nil
	}
	schema := connector.StreamSchema{Stream: st.req.Stream}
	var err error
	if schema.Columns, err = columnsOf(e.schema); err != nil {
		return r.fault(diag.TapSchema, "line %d, stream %q: %s", number, st.req.Stream, err)
	}
	if schema.Key, err = namesOf(e.keys); err != nil {
		return r.fault(diag.TapSchema, "line %d, stream %q: key_properties: %s", number, st.req.Stream, err)
	}
	if cursors, err := namesOf(e.cursor); err == nil && len(cursors) == 1 {
		schema.Cursor = cursors[0]
	}
	if st.batch != nil { // records of the schema before
		if r.fresh {
			if err := r.commit(); err != nil {
				return err
			}
		}
		if err := r.flushOne(st); err != nil {
			return err
		}
	}
	st.schema, st.keys, st.ready = told, schema.Key, true
	return r.h.Schema(schema)
}

// namesOf reads a list of names; absent and null are an empty one.
func namesOf(raw []byte) ([]string, error) {
	if isNull(raw) {
		return nil, nil
	}
	var names []string
	if err := json.Unmarshal(raw, &names); err != nil {
		return nil, fmt.Errorf("it is not a list of names")
	}
	return names, nil
}

// property is what of a JSON Schema says something about a column's type.
type property struct {
	Type       json.RawMessage `json:"type"`
	Format     string          `json:"format"`
	MultipleOf json.Number     `json:"multipleOf"`
	AnyOf      []property      `json:"anyOf"`
	OneOf      []property      `json:"oneOf"`
	Items      json.RawMessage `json:"items"`
	Properties json.RawMessage `json:"properties"`
	Encoding   string          `json:"contentEncoding"`
}

// columnsOf reads the columns of a stream's schema, in the order in which they
// are written.
func columnsOf(schema []byte) ([]connector.SourceColumn, error) {
	if isNull(schema) {
		return nil, fmt.Errorf("the message has no schema")
	}
	var p property
	if err := json.Unmarshal(schema, &p); err != nil {
		return nil, fmt.Errorf("the schema is not a JSON Schema of an object: %w", err)
	}
	if isNull(p.Properties) {
		return nil, nil
	}
	return propertiesOf(p.Properties, 0)
}

// maxDepth bounds how deep a schema is followed; what lies deeper is json.
const maxDepth = 32

func propertiesOf(raw json.RawMessage, depth int) ([]connector.SourceColumn, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true))
	if d.PeekKind() != '{' {
		return nil, fmt.Errorf("the schema's properties are not an object")
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	var out []connector.SourceColumn
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		var p property
		column := connector.SourceColumn{Name: name, Type: types.Of(types.JSON), Nullable: true}
		if json.Unmarshal(value, &p) == nil { // `true` and the like allow anything
			column.Type, column.Nullable = p.typeOf(depth)
		}
		i := slices.IndexFunc(out, func(c connector.SourceColumn) bool { return c.Name == name })
		if i >= 0 {
			out[i] = column
			continue
		}
		out = append(out, column)
	}
	return out, nil
}

// typeOf is the column type that holds every value the property allows, and
// whether null is among them.
func (p *property) typeOf(depth int) (t types.Type, nullable bool) {
	if depth > maxDepth {
		return types.Of(types.JSON), true
	}
	if alternatives := append(slices.Clone(p.AnyOf), p.OneOf...); len(alternatives) > 0 {
		return unite(alternatives, depth)
	}
	names, err := p.typeNames()
	if err != nil || len(names) == 0 {
		return types.Of(types.JSON), true
	}
	for _, name := range names {
		if name == "null" {
			nullable = true
			continue
		}
		t = widen(t, p.named(name, depth))
	}
	if t.IsZero() {
		t = types.Of(types.Any)
	}
	return t, nullable
}

func unite(alternatives []property, depth int) (t types.Type, nullable bool) {
	for i := range alternatives {
		one, null := alternatives[i].typeOf(depth + 1)
		nullable = nullable || null
		if one.Kind != types.Any { // null alone
			t = widen(t, one)
		}
	}
	if t.IsZero() {
		t = types.Of(types.Any)
	}
	return t, nullable
}

// widen is the type of values that are either: a date or time beside other text
// is text, an integer beside a number is that number, else json.
func widen(a, b types.Type) types.Type {
	text := func(t types.Type) bool { return t.Kind == types.String || t.IsTemporal() || t.Kind == types.UUID }
	switch {
	case a.IsZero() || a.Equal(b):
		return b
	case b.Kind == types.Int64 && (a.Kind == types.Float64 || a.Kind == types.Decimal):
		return a
	case a.Kind == types.Int64 && (b.Kind == types.Float64 || b.Kind == types.Decimal):
		return b
	case text(a) && text(b):
		return types.Of(types.String)
	default:
		return types.Of(types.JSON)
	}
}

func (p *property) typeNames() ([]string, error) {
	if isNull(p.Type) {
		if !isNull(p.Properties) {
			return []string{"object"}, nil
		}
		return nil, nil
	}
	if p.Type[0] == '"' {
		var name string
		err := json.Unmarshal(p.Type, &name)
		return []string{name}, err
	}
	return namesOf(p.Type)
}

// named is the column type of one of JSON Schema's type names.
func (p *property) named(name string, depth int) types.Type {
	switch name {
	case "boolean":
		return types.Of(types.Bool)
	case "integer":
		return types.Of(types.Int64)
	case "number":
		if scale, ok := scaleOf(p.MultipleOf.String()); ok {
			return types.DecimalOf(38, scale)
		}
		return types.Of(types.Float64)
	case "string":
		return p.text()
	case "array":
		var items property
		if isNull(p.Items) || json.Unmarshal(p.Items, &items) != nil {
			return types.Of(types.JSON)
		}
		elem, _ := items.typeOf(depth + 1)
		if elem.Kind == types.JSON || elem.Kind == types.Any {
			return types.Of(types.JSON)
		}
		return types.ListOf(elem)
	case "object":
		return p.object(depth)
	}
	return types.Of(types.JSON)
}

func (p *property) text() types.Type {
	switch p.Format {
	case "date-time":
		return types.Of(types.TimestampTZ)
	case "date":
		return types.Of(types.Date)
	case "time":
		return types.Of(types.Time)
	case "uuid":
		return types.Of(types.UUID)
	case "singer.decimal":
		return types.DecimalOf(38, 9)
	}
	if p.Encoding == "base64" {
		return types.Of(types.Bytes)
	}
	return types.Of(types.String)
}

func (p *property) object(depth int) types.Type {
	if isNull(p.Properties) {
		return types.Of(types.JSON)
	}
	columns, err := propertiesOf(p.Properties, depth+1)
	if err != nil || len(columns) == 0 {
		return types.Of(types.JSON)
	}
	fields := make([]types.Field, len(columns))
	for i, c := range columns {
		if c.Type.Kind == types.Any {
			c.Type = types.Of(types.JSON)
		}
		fields[i] = types.Field{Name: c.Name, Type: c.Type}
	}
	return types.StructOf(fields...)
}

// scaleOf returns the digits behind the point of a multipleOf that is a power
// of ten: "0.01" and "1e-2" are 2.
func scaleOf(text string) (int, bool) {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(text), "e-")
	if scientific {
		var n int
		if _, err := fmt.Sscanf(exponent, "%d", &n); err != nil || mantissa != "1" && mantissa != "1.0" || n > 38 {
			return 0, false
		}
		return n, true
	}
	if text == "1" {
		return 0, true
	}
	digits, ok := strings.CutPrefix(text, "0.")
	if !ok || len(digits) > 38 || strings.Trim(digits, "0") != "1" || !strings.HasSuffix(digits, "1") {
		return 0, false
	}
	return len(digits), true
}
