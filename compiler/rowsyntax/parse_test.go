package rowsyntax_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

func typ(t testing.TB, s string) types.Type {
	t.Helper()
	v, err := types.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// scope has a column of every type, named after it.
func scope(t testing.TB) rowsyntax.Scope {
	s := rowsyntax.Scope{Config: config}
	for _, c := range strings.Split("b bool;i int32;l int64;f float64;d decimal(12, 2);d4 decimal(20, 4);s string;raw bytes;day date;at time;ts timestamp;tz timestamptz;u uuid;j json;"+
		"tags list(string);user struct({email = string, age = int32});attrs map(int64);wide decimal(38, 30);big decimal(38, 0)", ";") {
		name, text, _ := strings.Cut(c, " ")
		s.Columns = append(s.Columns, rowsyntax.Column{Name: name, Type: typ(t, text), Nullable: name != "l"})
	}
	return s
}

func config(tr hcl.Traversal) (cty.Value, diag.Diagnostics) {
	v, hd := tr.TraverseAbs(&hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{
		"limit": cty.NumberIntVal(5), "name": cty.StringVal("eu"), "regions": cty.ListVal([]cty.Value{cty.StringVal("eu"), cty.StringVal("us")}),
		"secret": cty.UnknownVal(cty.String), "none": cty.NullVal(cty.DynamicPseudoType), "o": cty.EmptyObjectVal,
	})}})
	if hd.HasErrors() {
		return cty.NilVal, diag.Diagnostics{diag.New(diag.RowUnknownColumn, "%s", hd.Error()).At(rowsyntax.Range(tr.SourceRange()))}
	}
	return v, nil
}

func parse(t testing.TB, text string, s rowsyntax.Scope) (*rowexpr.Expr, diag.Diagnostics) {
	t.Helper()
	x, hd := hclsyntax.ParseExpression([]byte(text), "t.hcl", hcl.InitialPos)
	if hd.HasErrors() {
		t.Fatalf("%s: %s", text, hd)
	}
	return rowsyntax.Parse(x, s)
}

func TestTypes(t *testing.T) {
	for text, want := range map[string]string{
		`row.l > 0`:                            `(l > 0) bool`,
		`row.d > 0`:                            `(d > 0.00) bool?`,
		`row.d > 0.005`:                        `(convert:decimal(13, 3)(d) > 0.005) bool?`,
		`row.i > 5000000000`:                   `(convert:int64(i) > 5000000000) bool?`,
		`row.i + 1`:                            `(i + 1) int32?`,
		`row.i + row.l`:                        `(convert:int64(i) + l) int64?`,
		`row.d + row.d4`:                       `(convert:decimal(20, 4)(d) + d4) decimal(21, 4)?`,
		`row.d * 1.19`:                         `(d * 1.19) decimal(15, 4)?`,
		`row.d * row.i`:                        `(d * convert:decimal(10, 0)(i)) decimal(22, 2)?`,
		`row.l / 2`:                            `(convert:float64(l) / 2) float64`,
		`row.f > 1`:                            `(f > 1) bool?`,
		`row.i * row.f`:                        `(convert:float64(i) * f) float64?`,
		`-row.l`:                               `neg(l) int64`,
		`!row.b`:                               `!(b) bool?`,
		`row.s == null`:                        `isnull(s) bool`,
		`null != row.s`:                        `notnull(s) bool`,
		`null == null`:                         `true bool`,
		`1 + 2 * 3`:                            `7 int64`,
		`1 / 4`:                                `0.25 decimal(2, 2)`,
		`1 / 3`:                                `0.3333333333333333 float64`,
		`7 % 4 == 3 && 1.50 == 1.5`:            `true bool`,
		`-7 % 4`:                               `-3 int64`,
		`12345678901234567890123`:              `12345678901234567890123 decimal(23, 0)`,
		`0.1 + 0.2`:                            `0.3 decimal(1, 1)`,
		`row.day >= "2024-01-01"`:              `(day >= "2024-01-01") bool?`,
		`row.ts >= "2024-01-01"`:               `(ts >= "2024-01-01T00:00:00") bool?`,
		`row.tz < "2024-01-01T00:00:00+02:00"`: `(tz < "2023-12-31T22:00:00Z") bool?`,
		`row.ts > row.day`:                     `(ts > convert:timestamp(day)) bool?`,
		`row.u == "DEADBEEF-0000-0000-0000-000000000001"`: `(u == "deadbeef-0000-0000-0000-000000000001") bool?`,
		`"${row.s}-${row.l}"`:                             `concat(s, "-", convert:string(l)) string?`,
		`"a${1}b"`:                                        `"a1b" string`,
		`"${row.s}"`:                                      `s string?`,
		`row.b ? row.i : row.d`:                           `?:(b, convert:decimal(12, 2)(i), d) decimal(12, 2)?`,
		`true ? row.l : null`:                             `l int64`,
		`row.b && true`:                                   `b bool?`,
		`row.b || true`:                                   `(b || true) bool?`,
		`coalesce(row.d, 0)`:                              `coalesce(d, 0.00) decimal(12, 2)`,
		`contains(["a", "b"], row.s)`:                     `contains(list("a", "b"), s) bool?`,
		`contains(var.regions, row.s)`:                    `contains(list("eu", "us"), s) bool?`,
		`contains(row.tags, var.name)`:                    `contains(tags, "eu") bool?`,
		`contains([1, 2.5], row.d)`:                       `contains(list(1.00, 2.50), d) bool?`,
		`row.user.email`:                                  `user.email string?`,
		`row.tags[1]`:                                     `tags[1] string?`,
		`row.attrs["x"] > var.limit`:                      `(attrs.x > 5) bool?`,
		`row.j.a[0] == "x"`:                               `(cast:string(json_get(j, "a[0]")) == "x") bool?`,
		`row.j.a > 5`:                                     `(cast:decimal(38, 9)(json_get(j, "a")) > 5.000000000) bool?`,
		`cast(row.s, int64)`:                              `cast:int64(s) int64?`,
		`cast(row.s, "decimal(10,2)")`:                    `cast:decimal(10, 2)(s) decimal(10, 2)?`,
		`cast(row.s, decimal(10, 2))`:                     `cast:decimal(10, 2)(s) decimal(10, 2)?`,
		`try_cast(row.l, string)`:                         `try_cast:string(l) string?`,
		`cast("2024-01-01", date)`:                        `"2024-01-01" date`,
		`round(row.d4, 2)`:                                `round(d4, 2) decimal(19, 2)?`,
		`length(row.tags) + 1`:                            `(length(tags) + 1) int64?`,
		`date_diff("day", row.ts, row.day)`:               `date_diff("day", ts, convert:timestamp(day)) int64?`,
		`date_trunc("month", row.tz)`:                     `date_trunc("month", tz) timestamptz?`,
		`parse_timestamp(row.s, "%Y-%m-%d %z")`:           `parse_timestamp(s, "%Y-%m-%d %z") timestamptz?`,
		`least(row.i, row.l, 3)`:                          `least(convert:int64(i), l, 3) int64`,
		`join(",", [row.s, "x"])`:                         `join(",", list(s, "x")) string`,
		`split(",", row.s)`:                               `split(",", s) list(string)?`,
		`substr(row.s, 0, row.i)`:                         `substr(s, 0, convert:int64(i)) string?`,
		`mask(row.s)`:                                     `mask(s, 0) string?`,
		`now_at_load() > row.tz`:                          `(now_at_load() > tz) bool?`,
		`var.none == row.s`:                               `isnull(s) bool`,
		`row.s`:                                           `s string?`,
		`concat(row.s, 1)`:                                `concat(s, "1") string?`,
		`row.big % 7`:                                     `(big % 7) decimal(38, 0)?`,
	} {
		e, ds := parse(t, text, scope(t))
		if ds.HasErrors() {
			t.Errorf("%s: %s", text, ds.Err())
			continue
		}
		if got := show(e) + " " + e.Type.String() + mark(e); got != want {
			t.Errorf("%s\n  is   %s\n  want %s", text, got, want)
		}
		e.Walk(func(n *rowexpr.Expr) {
			if n.Type.Kind == types.Any || n.Type.IsZero() {
				t.Errorf("%s: %s was left without a type", text, show(n))
			}
		})
	}
}

func mark(e *rowexpr.Expr) string {
	if e.Nullable {
		return "?"
	}
	return ""
}

func show(e *rowexpr.Expr) string {
	var args []string
	for _, a := range e.Args {
		args = append(args, show(a))
	}
	list := "(" + strings.Join(args, ", ") + ")"
	switch e.Op {
	case rowexpr.OpLit:
		if e.Lit.Null {
			return "null"
		}
		if e.Type.IsNumeric() || e.Type.Kind == types.Bool {
			return e.Lit.Text
		}
		return fmt.Sprintf("%q", e.Lit.Text)
	case rowexpr.OpRef:
		if len(e.Path) == 0 {
			return "value"
		}
		return rowexpr.PathString(e.Path)
	case rowexpr.OpCall:
		if strings.HasSuffix(e.Func, "cast") {
			return e.Func + ":" + e.Type.String() + list
		}
		return e.Func + list
	case rowexpr.OpConvert:
		return "convert:" + e.Type.String() + list
	}
	if len(args) == 2 && e.Op != rowexpr.OpConcat {
		return "(" + args[0] + " " + string(e.Op) + " " + args[1] + ")"
	}
	return string(e.Op) + list
}
