package types

import (
	"regexp"
	"strconv"
	"strings"
)

// sqlNames maps the names of types in SQL dialects, in lower case and without
// parameters, to types. A name that dialects use for different things has the
// meaning of the SQL standard, else of most of them.
var sqlNames = map[string]Type{
	"bool": Of(Bool), "boolean": Of(Bool), "bit": Of(Bool),
	"tinyint": Of(Int32), "smallint": Of(Int32), "mediumint": Of(Int32), "int": Of(Int32), "integer": Of(Int32), "int2": Of(Int32),
	"int4": Of(Int32), "int16": Of(Int32), "int32": Of(Int32), "uint8": Of(Int32), "uint16": Of(Int32), "utinyint": Of(Int32),
	"usmallint": Of(Int32), "smallserial": Of(Int32), "serial": Of(Int32), "byteint": Of(Int32), "signed": Of(Int32),
	"bigint": Of(Int64), "int8": Of(Int64), "int64": Of(Int64), "long": Of(Int64), "bigserial": Of(Int64), "uint32": Of(Int64), "uinteger": Of(Int64),
	"hugeint": DecimalOf(38, 0), "uhugeint": DecimalOf(38, 0), "ubigint": DecimalOf(38, 0), "uint64": DecimalOf(38, 0), "int128": DecimalOf(38, 0),
	"float": Of(Float64), "float4": Of(Float64), "float8": Of(Float64), "float32": Of(Float64), "float64": Of(Float64), "real": Of(Float64),
	"double": Of(Float64), "double precision": Of(Float64), "binary_double": Of(Float64), "binary_float": Of(Float64),
	"money": DecimalOf(19, 4), "smallmoney": DecimalOf(10, 4),
	"varchar": Of(String), "char": Of(String), "text": Of(String), "string": Of(String), "nvarchar": Of(String), "nchar": Of(String),
	"character varying": Of(String), "character": Of(String), "bpchar": Of(String), "citext": Of(String), "clob": Of(String), "nclob": Of(String),
	"tinytext": Of(String), "mediumtext": Of(String), "longtext": Of(String), "varchar2": Of(String), "nvarchar2": Of(String), "ntext": Of(String),
	"fixedstring": Of(String), "enum": Of(String), "utf8": Of(String), "national character varying": Of(String),
	"bytes": Of(Bytes), "bytea": Of(Bytes), "blob": Of(Bytes), "tinyblob": Of(Bytes), "mediumblob": Of(Bytes), "longblob": Of(Bytes),
	"binary": Of(Bytes), "varbinary": Of(Bytes), "binary varying": Of(Bytes), "raw": Of(Bytes), "image": Of(Bytes),
	"date": Of(Date), "date32": Of(Date), "time": Of(Time), "time without time zone": Of(Time),
	"timestamp": Of(Timestamp), "datetime": Of(Timestamp), "datetime2": Of(Timestamp), "smalldatetime": Of(Timestamp), "datetime64": Of(Timestamp),
	"timestamp_ntz": Of(Timestamp), "timestamp without time zone": Of(Timestamp), "timestampntz": Of(Timestamp),
	"timestamp_s": Of(Timestamp), "timestamp_ms": Of(Timestamp), "timestamp_us": Of(Timestamp), "timestamp_ns": Of(Timestamp),
	"timestamptz": Of(TimestampTZ), "timestamp_tz": Of(TimestampTZ), "timestamp_ltz": Of(TimestampTZ), "timestampltz": Of(TimestampTZ),
	"timestamp with time zone": Of(TimestampTZ), "timestamp with local time zone": Of(TimestampTZ), "datetimeoffset": Of(TimestampTZ),
	"uuid": Of(UUID), "uniqueidentifier": Of(UUID), "guid": Of(UUID),
	"json": Of(JSON), "jsonb": Of(JSON), "variant": Of(JSON), "super": Of(JSON), "object": Of(JSON),
}

// unscaled are decimals without parameters, as the dialect that has the name
// takes them.
var unscaled = map[string]Type{
	"decimal": DecimalOf(38, 9), "numeric": DecimalOf(38, 9), "bignumeric": DecimalOf(38, 9), "bigdecimal": DecimalOf(38, 9),
	"dec": DecimalOf(38, 9), "number": DecimalOf(38, 0),
}

var sqlParameters = regexp.MustCompile(`\s*\(\s*([0-9]+|max)\s*(?:,\s*(-?[0-9]+)\s*)?(?:char|byte)?\s*\)\s*`)

// FromSQL reads a type as one of the SQL dialects names it: VARCHAR(20),
// numeric(10,2), timestamp with time zone, array<string>, bigint[]. Lengths of
// texts are not part of a type. It is false for what is no name that it knows.
func FromSQL(s string) (Type, bool) { return fromSQL(strings.TrimSpace(s), 0) }

func fromSQL(s string, depth int) (Type, bool) {
	if depth > maxDepth {
		return Type{}, false
	}
	if t, ok := FromDuckDB(s); ok && t.Kind != Any {
		return t, true
	}
	low := strings.Join(strings.Fields(strings.ToLower(s)), " ")
	if inner, ok := strings.CutSuffix(low, "[]"); ok {
		return listOf(inner, depth)
	}
	for _, open := range []string{"array<", "list<"} {
		if inner, ok := strings.CutPrefix(low, open); ok && strings.HasSuffix(inner, ">") {
			return listOf(strings.TrimSuffix(inner, ">"), depth)
		}
	}
	for _, open := range []string{"nullable(", "lowcardinality("} {
		if inner, ok := strings.CutPrefix(low, open); ok && strings.HasSuffix(inner, ")") {
			return fromSQL(strings.TrimSuffix(inner, ")"), depth+1)
		}
	}
	low = strings.TrimSuffix(strings.TrimSuffix(low, " unsigned"), " not null")
	m := sqlParameters.FindStringSubmatchIndex(low)
	if m == nil {
		if t, ok := sqlNames[low]; ok {
			return t, true
		}
		t, ok := unscaled[low]
		return t, ok
	}
	name := strings.TrimSpace(low[:m[0]] + " " + low[m[1]:])
	if _, ok := unscaled[name]; !ok {
		t, ok := sqlNames[name]
		return t, ok
	}
	precision, err := strconv.Atoi(low[m[2]:m[3]])
	scale := 0
	if m[4] >= 0 && err == nil {
		scale, err = strconv.Atoi(low[m[4]:m[5]])
	}
	if err != nil {
		return Type{}, false
	}
	t, err := DecimalChecked(precision, scale)
	return t, err == nil
}

func listOf(inner string, depth int) (Type, bool) {
	t, ok := fromSQL(strings.TrimSpace(inner), depth+1)
	return ListOf(t), ok
}
