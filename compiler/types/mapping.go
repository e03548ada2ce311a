package types

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// row is one line of the mapping table: what a kind is called elsewhere.
type row struct {
	arrow    arrow.DataType // nil where it depends on the type's parameters
	duckdb   string
	postgres string
	schema   string // a JSON Schema fragment
}

// table is the one mapping of kinds without parameters.
var table = map[Kind]row{
	Bool:        {arrow.FixedWidthTypes.Boolean, "BOOLEAN", "boolean", `{"type":"boolean"}`},
	Int32:       {arrow.PrimitiveTypes.Int32, "INTEGER", "integer", `{"type":"integer","minimum":-2147483648,"maximum":2147483647}`},
	Int64:       {arrow.PrimitiveTypes.Int64, "BIGINT", "bigint", `{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807}`},
	Float64:     {arrow.PrimitiveTypes.Float64, "DOUBLE", "double precision", `{"type":"number"}`},
	String:      {arrow.BinaryTypes.String, "VARCHAR", "text", `{"type":"string"}`},
	Bytes:       {arrow.BinaryTypes.Binary, "BLOB", "bytea", `{"type":"string","contentEncoding":"base64"}`},
	Date:        {arrow.FixedWidthTypes.Date32, "DATE", "date", `{"type":"string","format":"date"}`},
	Time:        {arrow.FixedWidthTypes.Time64us, "TIME", "time", `{"type":"string","format":"time"}`},
	Timestamp:   {&arrow.TimestampType{Unit: arrow.Microsecond}, "TIMESTAMP", "timestamp", `{"type":"string","format":"date-time"}`},
	TimestampTZ: {&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, "TIMESTAMP WITH TIME ZONE", "timestamp with time zone", `{"type":"string","format":"date-time"}`},
	UUID:        {&arrow.FixedSizeBinaryType{ByteWidth: 16}, "UUID", "uuid", `{"type":"string","format":"uuid"}`},
	JSON:        {arrow.BinaryTypes.String, "JSON", "jsonb", `{}`},
}

// Arrow returns the Arrow type that carries values of t between sources, the
// enforcer and sinks. It panics for Invalid and Any, which no column has.
func (t Type) Arrow() arrow.DataType {
	switch t.Kind {
	case Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	case List:
		return arrow.ListOf(t.Elem.Arrow())
	case Map:
		return arrow.MapOf(arrow.BinaryTypes.String, t.Elem.Arrow())
	case Struct:
		fields := make([]arrow.Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = arrow.Field{Name: f.Name, Type: f.Type.Arrow(), Nullable: true}
		}
		return arrow.StructOf(fields...)
	default:
		return table[t.Kind].arrow
	}
}

// DuckDB returns the type's name in DuckDB's SQL.
func (t Type) DuckDB() string {
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case List:
		return t.Elem.DuckDB() + "[]"
	case Map:
		return "MAP(VARCHAR, " + t.Elem.DuckDB() + ")"
	case Struct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = `"` + strings.ReplaceAll(f.Name, `"`, `""`) + `" ` + f.Type.DuckDB()
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	default:
		return table[t.Kind].duckdb
	}
}

// Postgres returns the type's name in Postgres' SQL; structs and maps are jsonb.
func (t Type) Postgres() string {
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale)
	case List:
		if t.Elem.IsNested() {
			return "jsonb"
		}
		return t.Elem.Postgres() + "[]"
	case Map, Struct:
		return "jsonb"
	default:
		return table[t.Kind].postgres
	}
}

// JSONSchema returns the type as a JSON Schema fragment.
func (t Type) JSONSchema() string {
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf(`{"type":"number","multipleOf":%s}`, multipleOf(t.Scale))
	case List:
		return `{"type":"array","items":` + t.Elem.JSONSchema() + `}`
	case Map:
		return `{"type":"object","additionalProperties":` + t.Elem.JSONSchema() + `}`
	case Struct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = fmt.Sprintf("%q:%s", f.Name, f.Type.JSONSchema())
		}
		return `{"type":"object","properties":{` + strings.Join(parts, ",") + `}}`
	default:
		return table[t.Kind].schema
	}
}

func multipleOf(scale int) string {
	if scale == 0 {
		return "1"
	}
	return "0." + strings.Repeat("0", scale-1) + "1"
}

// FromDuckDB reads a type as DuckDB's DESCRIBE prints it: DECIMAL(38,2),
// VARCHAR[], STRUCT(a INTEGER, "b c" VARCHAR), MAP(VARCHAR, BIGINT). Types that
// the language lacks become the narrowest one that holds them (TINYINT and
// SMALLINT: int32, UINTEGER: int64, HUGEINT and UBIGINT: decimal(38, 0), FLOAT:
// float64, an ENUM: string); false where there is none (INTERVAL, UNION).
func FromDuckDB(s string) (Type, bool) {
	p := &duckParser{in: s}
	t, ok := p.parse(0)
	p.space()
	return t, ok && p.pos == len(p.in)
}
