// Package avro writes contracts as Avro schemas.
package avro

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/others"
	"github.com/headgate-data/headgate/compiler/types"
)

// The properties that hold what Avro has no word for.
const (
	own     = "headgate"      // of the record or of a field
	ownName = "headgate.name" // the name before it was made one of Avro
	ownType = "headgate.type" // of a string that is JSON
)

// Export writes a contract as a record schema: an optional column is a union with
// null, a type that Avro lacks is a logical type, and what the schema cannot say
// (limits, checks, settings) stands in properties, which Avro's readers ignore.
func Export(c *contract.Contract) []byte {
	record := Name(c.Name)
	v := document.NewMap().With("type", document.Of("record")).With("name", document.Of(record)).WithText("doc", c.Description)
	if record != c.Name {
		v.Set(ownName, document.Of(c.Name))
	}
	fields := document.ListOf()
	taken := map[string]bool{}
	for i := range c.Columns {
		fields.Items = append(fields.Items, field(&c.Columns[i], record, taken))
	}
	v.Set("fields", fields)
	return document.JSON(v.With(own, settings(c)))
}

var notName = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// Name makes a name of Avro of any text.
func Name(s string) string {
	out := notName.ReplaceAllString(s, "_")
	if out == "" || out[0] >= '0' && out[0] <= '9' {
		out = "_" + out
	}
	return out
}

// unique makes a name that no other field has, and takes it.
func unique(s string, taken map[string]bool) string {
	name := Name(s)
	for i := 2; taken[name]; i++ {
		name = Name(s) + "_" + strconv.Itoa(i)
	}
	taken[name] = true
	return name
}

func field(col *contract.Column, record string, taken map[string]bool) *document.Value {
	name := unique(col.Name, taken)
	v := document.NewMap().With("name", document.Of(name))
	typ := schema(col.Type, record+"_"+name)
	if symbols := enum(col); symbols != nil {
		typ = document.NewMap().With("type", document.Of("enum")).With("name", document.Of(record+"_"+name)).With("symbols", symbols)
	}
	var otherwise *document.Value
	if col.Default != nil {
		otherwise = defaultOf(col.Type, *col.Default)
	}
	null := document.Of("null")
	switch {
	case col.Required:
	case otherwise != nil: // a default is of the first of a union's types
		typ = document.ListOf(typ, null)
	default:
		typ, otherwise = document.ListOf(null, typ), &document.Value{}
	}
	v.Set("type", typ)
	if otherwise != nil {
		v.Set("default", otherwise)
	}
	v.WithText("doc", col.Description)
	if name != col.Name {
		v.Set(ownName, document.Of(col.Name))
	}
	if rules := rulesOf(col); len(rules.Members) > 0 {
		v.Set(own, rules)
	}
	return v
}

// enum returns the symbols of a column of texts whose values are names of Avro;
// nil for every other.
func enum(col *contract.Column) *document.Value {
	if col.Type.Kind != types.String || len(col.Enum) == 0 {
		return nil
	}
	for _, s := range col.Enum {
		if Name(s) != s {
			return nil
		}
	}
	return document.Strings(col.Enum)
}

// simple are the types without parameters: Avro's type and its logical type.
var simple = map[types.Kind][2]string{
	types.Bool: {"boolean", ""}, types.Int32: {"int", ""}, types.Int64: {"long", ""}, types.Float64: {"double", ""},
	types.String: {"string", ""}, types.Bytes: {"bytes", ""}, types.Date: {"int", "date"}, types.Time: {"long", "time-micros"},
	types.Timestamp: {"long", "local-timestamp-micros"}, types.TimestampTZ: {"long", "timestamp-micros"}, types.UUID: {"string", "uuid"},
}

// schema writes a type. name is that of a record, if it is one.
func schema(t types.Type, name string) *document.Value {
	v := document.NewMap()
	null := document.Of("null")
	switch t.Kind {
	case types.Decimal:
		return v.With("type", document.Of("bytes")).With("logicalType", document.Of("decimal")).
			With("precision", document.OfNumber(strconv.Itoa(t.Precision))).With("scale", document.OfNumber(strconv.Itoa(t.Scale)))
	case types.JSON:
		return v.With("type", document.Of("string")).With(ownType, document.Of("json"))
	case types.List:
		return v.With("type", document.Of("array")).With("items", document.ListOf(null, schema(*t.Elem, name+"_item")))
	case types.Map:
		return v.With("type", document.Of("map")).With("values", document.ListOf(null, schema(*t.Elem, name+"_value")))
	case types.Struct:
		fields := document.ListOf()
		taken := map[string]bool{}
		for _, f := range t.Fields {
			fieldName := unique(f.Name, taken)
			x := document.NewMap().With("name", document.Of(fieldName)).
				With("type", document.ListOf(null, schema(f.Type, name+"_"+fieldName))).With("default", &document.Value{})
			if fieldName != f.Name {
				x.Set(ownName, document.Of(f.Name))
			}
			fields.Items = append(fields.Items, x)
		}
		return v.With("type", document.Of("record")).With("name", document.Of(name)).With("fields", fields)
	default:
		names := simple[t.Kind]
		if names[1] == "" {
			return document.Of(names[0])
		}
		return v.With("type", document.Of(names[0])).With("logicalType", document.Of(names[1]))
	}
}

// defaultOf writes a constant as Avro has defaults: a logical type by the value
// that carries it. It is nil for nested types, whose parts are unions with null
// and so can have no other default.
func defaultOf(t types.Type, text string) *document.Value {
	micros := func(layout string, day time.Time) *document.Value {
		at, err := time.Parse(layout, text)
		if err != nil {
			return nil
		}
		return document.OfNumber(strconv.FormatInt(at.Sub(day).Microseconds(), 10))
	}
	switch t.Kind {
	case types.Bool:
		return document.OfBool(text == "true")
	case types.Int32, types.Int64, types.Float64:
		if json.Valid([]byte(text)) {
			return document.OfNumber(text)
		}
	case types.Decimal:
		return unscaled(text, t.Scale)
	case types.String, types.UUID, types.JSON:
		return document.Of(text)
	case types.Bytes:
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			return latin1(b)
		}
	case types.Date:
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			return document.OfNumber(strconv.FormatInt(day.Unix()/86400, 10))
		}
	case types.Time:
		return micros("15:04:05.999999", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
	case types.Timestamp, types.TimestampTZ:
		at, err := time.Parse("2006-01-02T15:04:05.999999", strings.TrimSuffix(text, "Z"))
		if err == nil {
			return document.OfNumber(strconv.FormatInt(at.UnixMicro(), 10))
		}
	}
	return nil
}

// unscaled writes a decimal as the big-endian bytes of its unscaled value.
func unscaled(text string, scale int) *document.Value {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	n := new(big.Rat).Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	if !n.IsInt() {
		return nil
	}
	x := n.Num()
	bytes := x.Bytes()
	if x.Sign() < 0 { // two's complement
		size := uint(len(bytes)+1) * 8
		bytes = new(big.Int).Add(x, new(big.Int).Lsh(big.NewInt(1), size)).Bytes()
	} else if len(bytes) == 0 || bytes[0] >= 0x80 {
		bytes = append([]byte{0}, bytes...)
	}
	return latin1(bytes)
}

// latin1 writes bytes as Avro has them in JSON: a character for each.
func latin1(b []byte) *document.Value {
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return document.Of(string(out))
}

// rulesOf are a column's limits and checks.
func rulesOf(col *contract.Column) *document.Value {
	v := document.NewMap()
	text := func(name string, s *string) {
		if s != nil {
			v.Set(name, document.Of(*s))
		}
	}
	count := func(name string, n *int) {
		if n != nil {
			v.Set(name, document.OfNumber(strconv.Itoa(*n)))
		}
	}
	text("min", col.Min)
	text("max", col.Max)
	count("min_length", col.MinLength)
	count("max_length", col.MaxLength)
	v.WithText("pattern", col.Pattern)
	if len(col.Enum) > 0 && enum(col) == nil {
		v.Set("enum", document.Strings(col.Enum))
	}
	v.WithText("format", col.Format)
	if col.Unique {
		v.Set("unique", document.OfBool(true))
	}
	if col.Default != nil && defaultOf(col.Type, *col.Default) == nil {
		v.Set("default", document.Of(*col.Default))
	}
	if len(col.Tags) > 0 {
		v.Set("tags", document.Strings(col.Tags))
	}
	checks(v, col.Checks)
	for _, m := range others.OfColumn(col) {
		v.Set(m.Name, m.Value)
	}
	if x := document.FromJSON(col.Extensions); x != nil {
		v.Set("extensions", x)
	}
	return v
}

func checks(v *document.Value, list []contract.Check) {
	if len(list) == 0 {
		return
	}
	out := document.NewMap()
	for _, k := range list {
		out.Set(k.Name, document.NewMap().With("condition", document.Of(k.Source)).WithText("message", k.Message).With("severity", document.Of(string(k.Severity))))
	}
	v.Set("checks", out)
}

// settings are what a contract says beyond its columns.
func settings(c *contract.Contract) *document.Value {
	v := document.NewMap().With("version", document.OfNumber(strconv.Itoa(c.Version))).WithText("owner", c.Owner).
		WithText("compatibility", c.Compatibility).WithText("deprecated_after", c.DeprecatedAfter)
	if len(c.Key) > 0 {
		v.Set("key", document.Strings(c.Key))
	}
	v.WithText("on_violation", string(c.OnViolation)).WithText("unknown_columns", string(c.UnknownColumns)).
		WithText("coerce", string(c.Coerce)).WithText("tolerance", c.Tolerance)
	if len(c.Reserved) > 0 {
		v.Set("reserved", document.Strings(c.Reserved))
	}
	checks(v, c.Checks)
	for _, m := range others.OfContract(c) {
		v.Set(m.Name, m.Value)
	}
	if c.Schema != nil {
		v.Set("schema_file", document.Of(c.Schema.File))
	}
	if x := document.FromJSON(c.Extensions); x != nil {
		v.Set("extensions", x)
	}
	return v
}
