// Package rowsyntax reads row expressions: it walks an HCL syntax tree and makes
// the typed tree of package rowexpr from it. Whatever else HCL has is an error
// with its range.
package rowsyntax

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// Column is a column that an expression can read. A type of Any, the zero one
// included, means that it is not known.
type Column struct {
	Name     string
	Type     types.Type
	Nullable bool
}

// Scope is what an expression can name.
type Scope struct {
	Columns []Column // behind `row.`
	Untyped bool     // the record may have any column; those not in Columns take their types from what stands around them
	Value   *Column  // what `value` is, inside a column's own check; nil elsewhere
	// Config gives the value of var.x, local.x, each.x, environment.x and path.x;
	// it must report secrets and unknown names. Nil: there are none.
	Config func(hcl.Traversal) (cty.Value, diag.Diagnostics)
	Expect types.Type // what the whole must be; Invalid or Any for anything
}

// Parse types a row expression. On errors the tree is nil; every independent
// fault is reported. It never panics, whatever expression it is given.
func Parse(expr hcl.Expression, scope Scope) (*rowexpr.Expr, diag.Diagnostics) {
	w := &walker{scope: scope}
	e := w.walk(expr, 0)
	if e != nil {
		var d *diag.Diagnostic
		if e, d = rowexpr.Finish(e, scope.Expect); d != nil {
			w.diags.Add(d)
		}
	}
	if w.diags.HasErrors() {
		return nil, w.diags
	}
	if e == nil {
		return nil, diag.Diagnostics{diag.Bug("rowsyntax.Parse", "no tree and no error")}
	}
	return e, w.diags
}

// maxDepth bounds the nesting of an expression.
const maxDepth = 200

type walker struct {
	scope Scope
	diags diag.Diagnostics
}

// Range converts a range of HCL.
func Range(r hcl.Range) diag.Range {
	pos := func(p hcl.Pos) diag.Pos { return diag.Pos{Line: p.Line, Column: p.Column, Byte: p.Byte} }
	return diag.Range{Filename: r.Filename, Start: pos(r.Start), End: pos(r.End)}
}

func (w *walker) fail(code diag.Code, rng hcl.Range, format string, args ...any) *rowexpr.Expr {
	w.diags.Add(diag.New(code, format, args...).At(Range(rng)))
	return nil
}

// done passes on a node, or reports why there is none.
func (w *walker) done(e *rowexpr.Expr, d *diag.Diagnostic) *rowexpr.Expr {
	if d != nil {
		w.diags.Add(d)
		return nil
	}
	return e
}

// walk returns the node of an expression, nil where it reported an error.
func (w *walker) walk(expr hcl.Expression, depth int) *rowexpr.Expr {
	if depth > maxDepth {
		return w.fail(diag.RowTooLarge, expr.Range(), "It is nested more than %d deep.", maxDepth)
	}
	switch x := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return w.value(x.Val, x.SrcRange)
	case *hclsyntax.TemplateExpr:
		return w.template(x, depth)
	case *hclsyntax.TemplateWrapExpr:
		return w.walk(x.Wrapped, depth+1)
	case *hclsyntax.ParenthesesExpr:
		return w.walk(x.Expression, depth+1)
	case *hclsyntax.UnaryOpExpr:
		return w.unary(x, depth)
	case *hclsyntax.BinaryOpExpr:
		return w.binary(x, depth)
	case *hclsyntax.ConditionalExpr:
		return w.conditional(x, depth)
	case *hclsyntax.FunctionCallExpr:
		return w.call(x, depth)
	case *hclsyntax.ScopeTraversalExpr:
		return w.traversal(x.Traversal, x.SrcRange)
	case *hclsyntax.TupleConsExpr:
		return w.fail(diag.RowSyntax, x.SrcRange, "A list stands only as an argument: contains([\"a\", \"b\"], row.x) or join(\",\", [row.a, row.b]).")
	default:
		return w.foreign(expr)
	}
}

// foreign refuses the forms of HCL that row expressions lack.
func (w *walker) foreign(expr hcl.Expression) *rowexpr.Expr {
	if expr == nil {
		w.diags.Add(diag.Bug("rowsyntax.walk", "an expression is nil"))
		return nil
	}
	switch expr.(type) {
	case *hclsyntax.ForExpr:
		return w.fail(diag.RowSyntax, expr.Range(), "There are no for expressions over a record.")
	case *hclsyntax.SplatExpr:
		return w.fail(diag.RowSyntax, expr.Range(), "There are no splats over a record: name an element, such as row.tags[0].")
	case *hclsyntax.ObjectConsExpr:
		return w.fail(diag.RowSyntax, expr.Range(), "There are no objects in a row expression.")
	case *hclsyntax.IndexExpr, *hclsyntax.RelativeTraversalExpr:
		return w.fail(diag.RowSyntax, expr.Range(), "A path into a record is made of names and literal numbers: row.user.email, row.tags[0]. For json there is json_get(x, \"path\").")
	default:
		return w.fail(diag.RowSyntax, expr.Range(), "This form of expression is not for rows.")
	}
}

func (w *walker) template(x *hclsyntax.TemplateExpr, depth int) *rowexpr.Expr {
	if x.IsStringLiteral() {
		v, _ := x.Value(nil)
		return w.value(v, x.SrcRange)
	}
	parts := w.all(x.Parts, depth)
	if parts == nil {
		return nil
	}
	return w.done(rowexpr.Template(parts, Range(x.SrcRange)))
}

// all walks every expression; nil when one of them failed.
func (w *walker) all(exprs []hclsyntax.Expression, depth int) []*rowexpr.Expr {
	out := make([]*rowexpr.Expr, 0, len(exprs))
	for _, x := range exprs {
		if e := w.walk(x, depth+1); e != nil {
			out = append(out, e)
		}
	}
	if len(out) != len(exprs) {
		return nil
	}
	return out
}

func (w *walker) unary(x *hclsyntax.UnaryOpExpr, depth int) *rowexpr.Expr {
	v := w.walk(x.Val, depth+1)
	switch {
	case v == nil:
		return nil
	case x.Op == hclsyntax.OpNegate:
		return w.done(rowexpr.Neg(v, Range(x.SrcRange)))
	default:
		return w.done(rowexpr.Not(v, Range(x.SrcRange)))
	}
}

// operator names HCL's operation; "" for one that this version does not know.
func operator(op *hclsyntax.Operation) rowexpr.Op {
	switch op {
	case hclsyntax.OpLogicalOr:
		return rowexpr.OpOr
	case hclsyntax.OpLogicalAnd:
		return rowexpr.OpAnd
	case hclsyntax.OpEqual:
		return rowexpr.OpEq
	case hclsyntax.OpNotEqual:
		return rowexpr.OpNe
	case hclsyntax.OpGreaterThan:
		return rowexpr.OpGt
	case hclsyntax.OpGreaterThanOrEqual:
		return rowexpr.OpGe
	case hclsyntax.OpLessThan:
		return rowexpr.OpLt
	case hclsyntax.OpLessThanOrEqual:
		return rowexpr.OpLe
	case hclsyntax.OpAdd:
		return rowexpr.OpAdd
	case hclsyntax.OpSubtract:
		return rowexpr.OpSub
	case hclsyntax.OpMultiply:
		return rowexpr.OpMul
	case hclsyntax.OpDivide:
		return rowexpr.OpDiv
	case hclsyntax.OpModulo:
		return rowexpr.OpMod
	default:
		return ""
	}
}

func (w *walker) binary(x *hclsyntax.BinaryOpExpr, depth int) *rowexpr.Expr {
	a, b := w.walk(x.LHS, depth+1), w.walk(x.RHS, depth+1)
	if a == nil || b == nil {
		return nil
	}
	return w.done(rowexpr.Binary(operator(x.Op), a, b, Range(x.SrcRange)))
}

func (w *walker) conditional(x *hclsyntax.ConditionalExpr, depth int) *rowexpr.Expr {
	cond, a, b := w.walk(x.Condition, depth+1), w.walk(x.TrueResult, depth+1), w.walk(x.FalseResult, depth+1)
	if cond == nil || a == nil || b == nil {
		return nil
	}
	return w.done(rowexpr.If(cond, a, b, Range(x.SrcRange)))
}

func (w *walker) call(x *hclsyntax.FunctionCallExpr, depth int) *rowexpr.Expr {
	if x.ExpandFinal {
		return w.fail(diag.RowSyntax, x.Range(), "Arguments cannot be expanded with ... in a row expression.")
	}
	args := make([]*rowexpr.Expr, 0, len(x.Args))
	for i, a := range x.Args {
		var e *rowexpr.Expr
		switch {
		case i == 1 && (x.Name == "cast" || x.Name == "try_cast"):
			e = w.typeArgument(a, depth)
		default:
			e = w.argument(a, depth)
		}
		if e != nil {
			args = append(args, e)
		}
	}
	if len(args) != len(x.Args) {
		return nil
	}
	return w.done(rowexpr.Call(x.Name, args, Range(x.Range()), Range(x.NameRange)))
}

// argument is walk, and takes a list as well.
func (w *walker) argument(a hclsyntax.Expression, depth int) *rowexpr.Expr {
	switch x := a.(type) {
	case *hclsyntax.TupleConsExpr:
		elems := w.all(x.Exprs, depth+1)
		if elems == nil {
			return nil
		}
		return w.done(rowexpr.List(elems, Range(x.SrcRange)))
	case *hclsyntax.ScopeTraversalExpr:
		if root := x.Traversal.RootName(); root != "row" && root != "value" {
			return w.config(x.Traversal, x.SrcRange, true)
		}
	}
	return w.walk(a, depth+1)
}
