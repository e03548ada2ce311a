// Package types is the one place that knows the column types: their canonical
// text, which is wider than which, and what each is called in Arrow, JSON
// Schema, DuckDB and Postgres.
package types

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is the outermost shape of a type.
type Kind uint8

// The kinds of columns. Invalid is the zero value. Any stands for a value whose
// type is not known yet: a `row.x` of a source without a lock entry, or null.
const (
	Invalid Kind = iota
	Any
	Bool
	Int32
	Int64
	Float64
	Decimal // 128 bits, at most 38 digits
	String
	Bytes
	Date        // days
	Time        // microseconds of a day, no zone
	Timestamp   // microseconds, no zone
	TimestampTZ // microseconds, an instant in UTC
	UUID
	JSON // any JSON text
	List
	Struct
	Map // keys are strings
)

var names = [...]string{
	Invalid: "invalid", Any: "any", Bool: "bool", Int32: "int32", Int64: "int64", Float64: "float64",
	Decimal: "decimal", String: "string", Bytes: "bytes", Date: "date", Time: "time", Timestamp: "timestamp",
	TimestampTZ: "timestamptz", UUID: "uuid", JSON: "json", List: "list", Struct: "struct", Map: "map",
}

// String returns the kind's name in the language.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// Field is a named member of a struct type.
type Field struct {
	Name string
	Type Type
}

// Type is a column type. Types are values: compare them with Equal.
type Type struct {
	Kind      Kind
	Precision int     // of a decimal, 1 to 38
	Scale     int     // of a decimal, 0 to Precision
	Elem      *Type   // of a list or map
	Fields    []Field // of a struct, in declared order
}

// Of makes a type that has no parameters.
func Of(k Kind) Type { return Type{Kind: k} }

// DecimalOf makes decimal(p, s).
func DecimalOf(p, s int) Type { return Type{Kind: Decimal, Precision: p, Scale: s} }

// ListOf makes list(elem).
func ListOf(elem Type) Type { return Type{Kind: List, Elem: &elem} }

// MapOf makes map(elem).
func MapOf(elem Type) Type { return Type{Kind: Map, Elem: &elem} }

// StructOf makes struct({...}).
func StructOf(fields ...Field) Type { return Type{Kind: Struct, Fields: fields} }

// IsZero reports whether t is no type at all.
func (t Type) IsZero() bool { return t.Kind == Invalid }

// String returns the canonical text, as `fmt` prints it: decimal(12, 2),
// list(string), struct({a = int64}).
func (t Type) String() string {
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("decimal(%d, %d)", t.Precision, t.Scale)
	case List, Map:
		if t.Elem == nil {
			return t.Kind.String() + "(any)"
		}
		return t.Kind.String() + "(" + t.Elem.String() + ")"
	case Struct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = fieldName(f.Name) + " = " + f.Type.String()
		}
		return "struct({" + strings.Join(parts, ", ") + "})"
	default:
		return t.Kind.String()
	}
}

func fieldName(s string) string {
	for i, r := range s {
		letter := r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		if !letter && (i == 0 || r < '0' || r > '9') {
			return strconv.Quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// Equal reports whether t and u are the same type, struct fields in order.
func (t Type) Equal(u Type) bool {
	if t.Kind != u.Kind || t.Precision != u.Precision || t.Scale != u.Scale || len(t.Fields) != len(u.Fields) {
		return false
	}
	if (t.Elem == nil) != (u.Elem == nil) || (t.Elem != nil && !t.Elem.Equal(*u.Elem)) {
		return false
	}
	for i := range t.Fields {
		if t.Fields[i].Name != u.Fields[i].Name || !t.Fields[i].Type.Equal(u.Fields[i].Type) {
			return false
		}
	}
	return true
}

// IsNumeric reports whether t is an integer, float or decimal.
func (t Type) IsNumeric() bool {
	return t.Kind == Int32 || t.Kind == Int64 || t.Kind == Float64 || t.Kind == Decimal
}

// IsInteger reports whether t is int32 or int64.
func (t Type) IsInteger() bool { return t.Kind == Int32 || t.Kind == Int64 }

// IsText reports whether t is kept as UTF-8 text: string or json.
func (t Type) IsText() bool { return t.Kind == String || t.Kind == JSON }

// IsTemporal reports whether t is a date, time or timestamp.
func (t Type) IsTemporal() bool {
	return t.Kind == Date || t.Kind == Time || t.Kind == Timestamp || t.Kind == TimestampTZ
}

// IsNested reports whether t is a list, struct or map.
func (t Type) IsNested() bool { return t.Kind == List || t.Kind == Struct || t.Kind == Map }

// Orderable reports whether values of t have a total order that a cursor, min
// or max can use.
func (t Type) Orderable() bool {
	return t.IsNumeric() || t.IsTemporal() || t.Kind == String
}

// MarshalText returns the canonical text.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads canonical text or a SQL synonym.
func (t *Type) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	if err == nil {
		*t = v
	}
	return err
}
