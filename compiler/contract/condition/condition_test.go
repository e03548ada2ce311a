package condition_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/condition"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestText: what names variables has their values; what does not is as written.
func TestText(t *testing.T) {
	cols := []contract.Column{{Name: "i", Type: types.Of(types.Int32)}, {Name: "l", Type: types.Of(types.Int64)}, {Name: "s", Type: types.Of(types.String)},
		{Name: "d", Type: types.DecimalOf(12, 2)}, {Name: "day", Type: types.Of(types.Date)}, {Name: "odd name", Type: types.Of(types.Bool)},
		{Name: "tags", Type: types.ListOf(types.Of(types.String))}, {Name: "u", Type: types.StructOf(types.Field{Name: "a", Type: types.Of(types.Int64)})}}
	scope := condition.OfRow(cols)
	values := map[string]cty.Value{"n": cty.NumberIntVal(20), "s": cty.StringVal("a\"${b}"), "day": cty.StringVal("2024-01-31"), "yes": cty.True,
		"list": cty.ListVal([]cty.Value{cty.StringVal("eu"), cty.StringVal("us")}), "f": cty.NumberFloatVal(1.5)}
	for source, want := range map[string]string{
		`row.i   >= 2`:   `row.i   >= 2`, // as written
		`row.i >= var.n`: `row.i >= 20`,
		`row.s != var.s || row.l + row.i < var.n`:          `(row.s != "a\"$${b}") || ((row.l + row.i) < 20)`,
		`row.day > var.day && var.yes`:                     `row.day > "2024-01-31"`,
		`contains(var.list, row.s)`:                        `contains(["eu", "us"], row.s)`,
		`(row["odd name"] ? row.l : -row.l) > var.n`:       `(row["odd name"] ? row.l : (-row.l)) > 20`,
		`"${row.s}-${row.i}" != var.s`:                     `"${row.s}-${row.i}" != "a\"$${b}"`,
		`cast(row.s, int64) > var.n && !(row.u.a == null)`: `(cast(row.s, int64) > 20) && !(row.u.a == null)`,
		`row.tags[0] == var.s`:                             `row.tags[0] == "a\"$${b}"`,
		`row.d > var.f`:                                    `row.d > 1.5`,
	} {
		expr, bad := hclsyntax.ParseExpression([]byte(source), "x", hcl.InitialPos)
		if bad.HasErrors() {
			t.Fatal(bad)
		}
		with := scope
		with.Expect = types.Of(types.Bool)
		with.Config = func(tr hcl.Traversal) (cty.Value, diag.Diagnostics) {
			return values[tr[1].(hcl.TraverseAttr).Name], nil
		}
		e, diags := rowsyntax.Parse(expr, with)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", source, diags.Err())
		}
		got, ok := condition.Text(&contract.Check{Source: source, Condition: e}, scope)
		if !ok || got != want {
			t.Errorf("%s is written as %s (%v), want %s", source, got, ok, want)
		}
	}
	if got, ok := condition.Text(&contract.Check{Source: "row.i > var.n"}, scope); ok {
		t.Errorf("a condition that is not compiled is written as %s", got)
	}
}
