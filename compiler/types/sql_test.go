package types_test

import (
	"testing"

	"github.com/headgate-data/headgate/compiler/types"
)

func TestFromSQL(t *testing.T) {
	for in, want := range map[string]string{
		"VARCHAR(20)": "string", "varchar(max)": "string", "character varying(255)": "string", "Text": "string", "varchar2(30 char)": "string",
		"int": "int32", "BIGINT": "int64", "bigint unsigned": "int64", "int8": "int64",
		"numeric(10,2)": "decimal(10, 2)", "NUMBER(38, 0)": "decimal(38, 0)", "decimal(5)": "decimal(5, 0)", "number": "decimal(38, 0)", "numeric": "decimal(38, 9)",
		"double  precision": "float64", "timestamp(6) with time zone": "timestamptz", "timestamp with time zone": "timestamptz",
		"timestamp(3)": "timestamp", "TIMESTAMP_NTZ(9)": "timestamp", "datetimeoffset": "timestamptz", "time": "time",
		"array<array<string>>": "list(list(string))", "text[]": "list(string)", "BIGINT[]": "list(int64)", `STRUCT("a b" INTEGER)`: `struct({"a b" = int32})`,
		"MAP(VARCHAR, DOUBLE)": "map(float64)", "jsonb": "json", "uniqueidentifier": "uuid", "bytea": "bytes", "Nullable(Int64)": "int64",
		"numeric(40,2)": "", "geometry": "", "": "", "numeric(10,20)": "", "[]": "", "array<": "", "decimal(2,-1)": "", "NULL": "",
	} {
		got, ok := types.FromSQL(in)
		if !ok {
			got = types.Type{}
		}
		if text := got.String(); (ok && text != want) || ok != (want != "") {
			t.Errorf("%q is %s (%v), want %q", in, text, ok, want)
		}
	}
}

// TestFromSQLReadsDuckDB: what Type.DuckDB writes is read as the same type.
func TestFromSQLReadsDuckDB(t *testing.T) {
	for _, name := range []string{"bool", "int32", "int64", "float64", "decimal(38, 38)", "string", "bytes", "date", "time", "timestamp", "timestamptz",
		"uuid", "json", "list(list(date))", "map(struct({a = int64}))", `struct({"x \"y\"" = map(json), b = list(decimal(5, 0))})`} {
		want, err := types.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := types.FromSQL(want.DuckDB()); !ok || !got.Equal(want) {
			t.Errorf("%s is %q in DuckDB, which is read as %s (%v)", want, want.DuckDB(), got, ok)
		}
	}
}
