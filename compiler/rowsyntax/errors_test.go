package rowsyntax_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestErrors holds, for each expression, what is wrong: the code, the text at
// fault, and a part of the detail.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		code   diag.Code
		at     string
		detail string
	}{
		{`row.l == "12"`, diag.RowTypes, `row.l == "12"`, `row.l is int64 and "12" is string`},
		{`row.s > 5`, diag.RowTypes, `row.s > 5`, `in quotes`},
		{`row.l * row.f`, diag.RowTypes, `row.l * row.f`, `cast(..., float64)`},
		{`row.d == row.f`, diag.RowTypes, `row.d == row.f`, `float64`},
		{`row.ts < row.tz`, diag.RowTypes, `row.ts < row.tz`, `timestamptz`},
		{`row.s + row.s`, diag.RowTypes, `row.s`, `template`},
		{`row.day - row.day`, diag.RowTypes, `row.day`, `date_diff`},
		{`!row.l`, diag.RowTypes, `row.l`, `! takes bool`},
		{`row.l && true`, diag.RowTypes, `row.l`, `&& takes bool`},
		{`row.l ? 1 : 2`, diag.RowTypes, `row.l`, `bool`},
		{`row.b ? 1 : "x"`, diag.RowTypes, `row.b ? 1 : "x"`, `string`},
		{`row.b < true`, diag.RowTypes, `row.b < true`, `no order`},
		{`row.user == row.user`, diag.RowTypes, `row.user == row.user`, `cannot be compared`},
		{`row.wide * row.wide`, diag.RowTypes, `row.wide * row.wide`, `60 digits`},
		{`row.big + row.wide`, diag.RowTypes, `row.big + row.wide`, `38 digits`},
		{`"a${row.tags}"`, diag.RowTypes, `row.tags`, `no text`},
		{`row.usr`, diag.RowUnknownColumn, `.usr`, `Did you mean "user"?`},
		{`row.user.emial`, diag.RowUnknownColumn, `.emial`, `Did you mean "email"?`},
		{`row.tags.x`, diag.RowUnknownColumn, `.x`, `list(string)`},
		{`value > 1`, diag.RowUnknownColumn, `value`, `row.<column>`},
		{`status == "x"`, diag.RowUnknownColumn, `status`, `status`},
		{`lenght(row.s)`, diag.RowUnknownFunction, `lenght`, `Did you mean "length"?`},
		{`lower(row.l)`, diag.RowArgument, `row.l`, `cast(..., string)`},
		{`lower()`, diag.RowArgument, `lower()`, `1 argument`},
		{`round(row.d, row.i)`, diag.RowArgument, `row.i`, `constant whole number`},
		{`regex_match(row.s, row.s)`, diag.RowArgument, `row.s`, `constant string`},
		{`regex_match(row.s, "(?=a)")`, diag.RowPattern, `"(?=a)"`, `invalid`},
		{`regex_replace(row.s, "a", "$1")`, diag.RowArgument, `"$1"`, `0 groups`},
		{`date_trunc("days", row.ts)`, diag.RowArgument, `"days"`, `Did you mean "day"?`},
		{`cast(row.s, int46)`, diag.RowArgument, `int46`, `Did you mean "int64"?`},
		{`cast(row.tags, string)`, diag.RowArgument, `cast(row.tags, string)`, `no cast`},
		{`parse_timestamp(row.s, "%H:%M")`, diag.RowArgument, `"%H:%M"`, `full date`},
		{`split("", row.s)`, diag.RowArgument, `""`, `empty`},
		{`contains(["a"], row.l)`, diag.RowTypes, `contains(["a"], row.l)`, `int64`},
		{`row.l / 0`, diag.RowConstant, `row.l / 0`, `zero`},
		{`1 % (2 - 2) > row.l`, diag.RowConstant, `1 % (2 - 2)`, `zero`},
		{`row.day >= "2024-02-30"`, diag.RowConstant, `"2024-02-30"`, `not a date`},
		{`row.u == "x"`, diag.RowConstant, `"x"`, `UUID`},
		{`row.d > 1e400`, diag.RowConstant, `1e400`, `digits`},
		{`var.secret == row.s`, diag.RowSyntax, `var.secret`, `secret`},
		{`var.o == row.s`, diag.RowSyntax, `var.o`, `object`},
		{`[for x in row.tags : x]`, diag.RowSyntax, `[for x in row.tags : x]`, `for`},
		{`row.tags[*]`, diag.RowSyntax, `row.tags[*]`, `splat`},
		{`{ a = 1 }`, diag.RowSyntax, `{ a = 1 }`, `objects`},
		{`[1, 2]`, diag.RowSyntax, `[1, 2]`, `argument`},
		{`row.tags[row.l]`, diag.RowSyntax, `row.tags[row.l]`, `literal numbers`},
		{`row`, diag.RowSyntax, `row`, `Name a column`},
		{`row.tags[-1] == "x"`, diag.RowSyntax, `row.tags[-1]`, ``},
		{`concat(row.tags...)`, diag.RowSyntax, `concat(row.tags...)`, `expanded`},
	} {
		_, ds := parse(t, c.text, scope(t))
		if len(ds) != 1 {
			t.Errorf("%s: %d diagnostics, want 1: %v", c.text, len(ds), ds)
			continue
		}
		d := ds[0]
		at := ""
		if d.Subject != nil {
			at = c.text[d.Subject.Start.Byte:d.Subject.End.Byte]
		}
		if d.Code != c.code || at != c.at || !strings.Contains(d.Detail, c.detail) || d.Summary == "" {
			t.Errorf("%s: %s at %q: %s, want %s at %q with %q", c.text, d.Code, at, d.Detail, c.code, c.at, c.detail)
		}
	}
}

// TestResult holds what may stand where a type is expected.
func TestResult(t *testing.T) {
	for _, c := range []struct {
		text, expect, want string // want: the tree, or a code
	}{
		{`row.i`, "int64", "convert:int64(i)"},
		{`row.l`, "int32", "HG3106"},
		{`row.d + row.d`, "decimal(12, 2)", "cast:decimal(12, 2)((d + d))"},
		{`row.d + row.d4`, "decimal(12, 2)", "HG3106"},
		{`row.d`, "decimal(10, 2)", "HG3106"},
		{`row.l / 2`, "decimal(12, 2)", "HG3106"},
		{`5`, "decimal(12, 2)", "5.00"},
		{`1.005`, "decimal(12, 2)", "HG3106"},
		{`"2024-01-01"`, "date", `"2024-01-01"`},
		{`null`, "date", "null"},
		{`row.s`, "bool", "HG3106"},
		{`row.b`, "bool", "b"},
		{`row.j.a`, "int32", `cast:int32(json_get(j, "a"))`},
	} {
		s := scope(t)
		s.Expect = typ(t, c.expect)
		e, ds := parse(t, c.text, s)
		got := ""
		if ds.HasErrors() {
			got = string(ds[0].Code)
		} else {
			got = show(e)
			if !e.Type.Equal(s.Expect) {
				t.Errorf("%s for %s is of type %s", c.text, c.expect, e.Type)
			}
		}
		if got != c.want {
			t.Errorf("%s for %s is %s, want %s", c.text, c.expect, got, c.want)
		}
	}
}

// TestUntyped holds which types columns take from what stands around them.
func TestUntyped(t *testing.T) {
	s := rowsyntax.Scope{Untyped: true, Columns: []rowsyntax.Column{{Name: "known", Type: typ(t, "int32")}, {Name: "vague", Type: typ(t, "any")}}}
	for text, want := range map[string]string{
		`row.a`: "a:string", `row.a > 5`: "a:decimal(38, 9)", `row.a == "x"`: "a:string", `row.a` + ` == row.known`: "a:int32 known:int32",
		`lower(row.a.b[0])`: "a.b[0]:string", `row.a == null`: "a:string", `row.a && row.vague`: "a:bool vague:bool", `row.a + row.b`: "a:decimal(38, 9) b:decimal(38, 9)",
		`row.b ? row.x : row.y`: "b:bool x:string y:string", `coalesce(row.x, row.y) > row.known`: "x:int32 y:int32 known:int32", `date_trunc("day", row.t)`: "t:timestamptz",
		`contains(["a"], row.x)`: "x:string", `-row.x`: "x:decimal(38, 9)", `row.vague / 2`: "vague:decimal(38, 9)", `"${row.x}"`: "x:string", `length(row.x)`: "x:string",
	} {
		e, ds := parse(t, text, s)
		if ds.HasErrors() {
			t.Errorf("%s: %s", text, ds.Err())
			continue
		}
		var got []string
		for _, r := range e.Refs() {
			got = append(got, rowexpr.PathString(r.Path)+":"+r.Type.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s reads %s, want %s", text, strings.Join(got, " "), want)
		}
	}
}

func TestValue(t *testing.T) {
	s := rowsyntax.Scope{Value: &rowsyntax.Column{Name: "total", Type: typ(t, "decimal(12, 2)")}, Expect: typ(t, "bool")}
	e, ds := parse(t, `value < 1000000`, s)
	if ds.HasErrors() || show(e) != "(value < 1000000.00)" || e.Nullable {
		t.Errorf("%v %v", e, ds)
	}
	if _, ds = parse(t, `row.total < 5`, s); len(ds) != 1 || !strings.Contains(ds[0].Detail, "only value") {
		t.Errorf("%v", ds)
	}
	s.Value = &rowsyntax.Column{Name: "u", Type: typ(t, "struct({a = int32})")}
	if e, ds = parse(t, `value.a > 1`, s); ds.HasErrors() || show(e) != "(u.a > 1)" {
		t.Errorf("%v", ds)
	}
}

// TestForeign gives Parse expressions that no row attribute should hold.
func TestForeign(t *testing.T) {
	deep := strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000)
	x, _ := hclsyntax.ParseExpression([]byte(deep), "t.hcl", hcl.InitialPos)
	file, _ := hcljson.Parse([]byte(`{"a": {"b": "${row.x}"}}`), "t.json")
	attrs, _ := file.Body.JustAttributes()
	for name, expr := range map[string]hcl.Expression{
		"nil": nil, "deep": x, "json": attrs["a"].Expr, "static": hcl.StaticExpr(cty.StringVal("x"), hcl.Range{}),
		"unknown": hcl.StaticExpr(cty.DynamicVal, hcl.Range{}),
	} {
		e, ds := rowsyntax.Parse(expr, scope(t))
		if e != nil || !ds.HasErrors() {
			t.Errorf("%s: %v %v", name, e, ds)
		}
	}
}
