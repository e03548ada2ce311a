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
	"github.com/headgate-data/headgate/lang/addr"
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

// lockKey is a stream of a source in sources.lock.hcl.
type lockKey struct {
	source addr.Address
	stream string
}

// indexLock reads the columns that sources.lock.hcl knows.
func (c *compiler) indexLock() {
	c.lock = map[lockKey][]contract.Column{}
	for _, b := range c.mod.Lock {
		if b.Type != "source" || len(b.Labels) == 0 {
			continue
		}
		source := addr.Of(addr.Source, b.Labels[len(b.Labels)-1])
		if key, ok := constant(b, "each", cty.String); ok {
			source = source.WithKey(key.AsString())
		}
		for _, s := range b.Nested("stream") {
			cols := []contract.Column{}
			for _, col := range s.Nested("column") {
				r := c.body(col, nil)
				a := col.Attr("type")
				if a == nil {
					continue
				}
				t, d := columnType(a.Expr)
				c.add(d)
				if d == nil {
					cols = append(cols, contract.Column{Name: col.Labels[0], Type: t, Required: !r.boolean("nullable", false), Range: col.Range})
				}
			}
			c.lock[lockKey{source, s.Labels[0]}] = cols
		}
	}
}
