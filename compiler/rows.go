package compiler

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// row compiles a row expression; nil where there is none or it was reported.
func (b body) row(name string, scope rowsyntax.Scope) *rowexpr.Expr {
	a := b.b.Attr(name)
	if a == nil {
		return nil
	}
	scope.Config = func(t hcl.Traversal) (cty.Value, diag.Diagnostics) {
		v, diags := b.c.eval.Traversal(t, b.each)
		if diags.HasErrors() {
			return v, diags
		}
		at := lang.Range(t.SourceRange())
		v, ds := config.Convert(v, cty.DynamicPseudoType, at)
		return v, append(diags, ds...)
	}
	e, diags := rowsyntax.Parse(a.Expr, scope)
	b.c.diags = append(b.c.diags, diags...)
	return e
}

// condition compiles a row expression that is true or false.
func (b body) condition(name string, scope rowsyntax.Scope) *rowexpr.Expr {
	scope.Expect = types.Of(types.Bool)
	return b.row(name, scope)
}

// rowColumns makes the columns that row expressions see.
func rowColumns(cols []contract.Column) []rowsyntax.Column {
	out := make([]rowsyntax.Column, len(cols))
	for i, col := range cols {
		out[i] = rowsyntax.Column{Name: col.Name, Type: col.Type, Nullable: !col.Required}
	}
	return out
}
