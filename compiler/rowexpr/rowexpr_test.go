package rowexpr_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/diag"
)

const reference = "../../docs/reference/expressions.md"

// TestReference holds the table of functions in the reference against the one
// that the compiler reads.
func TestReference(t *testing.T) {
	var b strings.Builder
	b.WriteString("| function | gives | null if | fails for | in flight only | meaning |\n|---|---|---|---|---|---|\n")
	or := func(text, nothing string) string {
		if text == "" {
			return nothing
		}
		return text
	}
	for _, f := range rowexpr.Functions() {
		var params []string
		for _, p := range f.Params {
			text := "`" + p.Name + "`: " + p.Takes()
			if p.Doc != "" {
				text += " (" + p.Doc + ")"
			}
			params = append(params, text)
		}
		takes := ""
		if len(params) > 0 {
			takes = " " + strings.Join(params, "; ") + "."
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s%s |\n", f.Signature(), f.Result, or(f.Null, "an argument is"), or(f.Fails, "nothing"), or(f.Flight, "-"), f.Doc, takes)
		if f.Doc == "" || f.Result == "" {
			t.Errorf("%s is not described", f.Name)
		}
	}
	data, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(data), "<!-- functions:")
	marker, rest, ok2 := strings.Cut(rest, "\n")
	got, tail, ok3 := strings.Cut(rest, "<!-- end -->")
	if !ok1 || !ok2 || !ok3 {
		t.Fatal("the reference has lost its markers")
	}
	if got == b.String() {
		return
	}
	if !golden.Updating() {
		t.Fatalf("the reference's table of functions is not that of the compiler: run with HEADGATE_UPDATE=1\n%s", b.String())
	}
	text := head + "<!-- functions:" + marker + "\n" + b.String() + "<!-- end -->" + tail
	if err := os.WriteFile(reference, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCanonical(t *testing.T) {
	for _, c := range [][3]string{
		{"bool", "true", "true"}, {"bool", "True", "!"}, {"int32", "2147483648", "!"}, {"int32", "-0", "0"}, {"int64", "9223372036854775807", "9223372036854775807"},
		{"int64", "9223372036854775808", "!"}, {"int64", "1e3", "1000"}, {"int64", "1.5", "!"}, {"int64", "", "!"}, {"int64", "0x10", "!"}, {"int64", "1/2", "!"}, {"int64", "1_000", "!"},
		{"decimal(5, 2)", "1.5", "1.50"}, {"decimal(5, 2)", "-999.99", "-999.99"}, {"decimal(5, 2)", "1000", "!"}, {"decimal(5, 2)", "0.001", "!"}, {"decimal(2, 2)", "0.5", "0.50"},
		{"decimal(38, 0)", "99999999999999999999999999999999999999", "99999999999999999999999999999999999999"}, {"decimal(38, 0)", "1e999999999", "!"}, {"decimal(5, 2)", "1.500000000000", "1.50"},
		{"float64", "1e400", "!"}, {"float64", "0.1", "0.1"}, {"float64", "NaN", "!"}, {"float64", "Inf", "!"}, {"float64", "1e-400", "0"},
		{"string", "any", "any"}, {"bytes", "YWI=", "YWI="}, {"bytes", "YWI", "!"},
		{"date", "2024-02-29", "2024-02-29"}, {"date", "2023-02-29", "!"}, {"date", "2024-2-9", "!"}, {"date", "2024-02-29T00:00:00", "!"},
		{"time", "23:59:59.500", "23:59:59.5"}, {"time", "24:00:00", "!"}, {"time", "10:00:00,5", "!"}, {"time", "10:00:00.1234567", "!"},
		{"timestamp", "2024-01-01", "2024-01-01T00:00:00"}, {"timestamp", "2024-01-01 10:00:00.25", "2024-01-01T10:00:00.25"}, {"timestamp", "2024-01-01T10:00:00Z", "!"},
		{"timestamptz", "2024-01-01T10:00:00+02:00", "2024-01-01T08:00:00Z"}, {"timestamptz", "2024-01-01T10:00:00", "!"},
		{"uuid", "DEADBEEF-0000-0000-0000-000000000001", "deadbeef-0000-0000-0000-000000000001"}, {"uuid", "deadbeef", "!"}, {"json", `{"a":1}`, `{"a":1}`}, {"json", `{`, "!"},
		{"string", "a\x00b", "!"}, {"list(int64)", "[1]", "[1]"}, {"list(int64)", "true", "!"}, {"list(int64)", `["1", null]`, `["1", null]`}, {"list(int64)", `["x"]`, "!"}, {"list(int32)", "[3000000000]", "!"},
		{"list(float64)", "[1e30]", "!"}, {"list(float64)", "[0.1, 1e22]", "[0.1, 1e22]"}, {"list(decimal(5, 2))", "[1.234]", "!"}, {"map(bool)", `{"a": true}`, `{"a": true}`}, {"map(bool)", `[true]`, "!"},
		{"map(bool)", `{"a": {}}`, "!"}, {"struct({a = int64, b = list(date)})", `{"a": 1, "c": {}}`, `{"a": 1, "c": {}}`}, {"struct({a = int64, b = list(date)})", `{"b": ["2024-02-30"]}`, "!"}, {"list(json)", `[{}]`, `[{}]`}, {"any", "x", "!"},
	} {
		typ, err := types.Parse(c[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := rowexpr.Canonical(typ, c[1])
		if err != nil {
			got = "!"
		}
		if got != c[2] {
			t.Errorf("%q as %s is %q, want %q", c[1], c[0], got, c[2])
		}
	}
}

func TestFormats(t *testing.T) {
	for format, fits := range map[string]bool{"%Y-%m-%d": true, "%d. %B %Y": true, "%Y%j": true, "%Y": false, "%H:%M": false, "%Y-%m-%d %": false, "%Y-%m-%d %Q": false, "%Y-%Y-%m-%d": false, "%Y-%m-%d %I": false, "%y/%b/%d 100%%": true} {
		if _, err := rowexpr.ParseTimeFormat(format); (err == nil) != fits {
			t.Errorf("%q: %v", format, err)
		}
	}
	for path, want := range map[string]string{`a.b[0]`: "a.b[0]", `["x y"].z`: `["x y"].z`, `[3]`: "[3]", ``: "!", `a..b`: "!", `a[`: "!", `a["x`: "!", `a[x]`: "!", `.a`: "a", "a-b": "a-b"} {
		steps, err := rowexpr.ParsePath(path)
		got := rowexpr.PathString(steps)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
}

func TestSQL(t *testing.T) {
	at := diag.Range{}
	ref := rowexpr.Ref([]rowexpr.Step{{Name: "n"}}, types.Of(types.Int64), true, at)
	opt := rowexpr.SQLOptions{Dialect: "duckdb", Ref: func(*rowexpr.Expr) string { return `"n"` }}
	five, _ := rowexpr.Number("5", at)
	cond, d := rowexpr.Binary(rowexpr.OpGt, ref, five, at)
	if d != nil {
		t.Fatal(d)
	}
	if got, err := rowexpr.ViolatesSQL(cond, opt); err != nil || got != `((("n" > CAST('5' AS BIGINT))) IS FALSE)` {
		t.Error(got, err)
	}
	opt.Dialect = "oracle"
	if _, err := rowexpr.SQL(cond, opt); err == nil {
		t.Error("there is SQL for a dialect that nobody wrote")
	}
	if got := rowexpr.LiteralSQL(types.Of(types.String), "it's\x00", "duckdb"); got != `('it''s' || chr(0) || '')` {
		t.Error(got)
	}
}
