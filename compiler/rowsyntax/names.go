package rowsyntax

import (
	"math/big"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// value makes the literal of a config value.
func (w *walker) value(v cty.Value, rng hcl.Range) *rowexpr.Expr {
	at := Range(rng)
	switch {
	case v == cty.NilVal || v.IsMarked() || !v.IsKnown():
		return w.fail(diag.RowSyntax, rng, "Its value is a secret or not known when the project is compiled, and a row expression is compiled then.")
	case v.IsNull():
		return rowexpr.Null(at)
	case v.Type() == cty.String:
		return rowexpr.Text(v.AsString(), at)
	case v.Type() == cty.Bool:
		return rowexpr.Bool(v.True(), at)
	case v.Type() == cty.Number:
		return w.number(v.AsBigFloat(), rng)
	default:
		return w.fail(diag.RowSyntax, rng, "A row expression takes strings, numbers and bools of the configuration, and this is %s.", v.Type().FriendlyName())
	}
}

// number takes a number of HCL. Its 512 bits give back every digit written, up to
// 150 of them.
func (w *walker) number(f *big.Float, rng hcl.Range) *rowexpr.Expr {
	if f.IsInf() {
		return w.fail(diag.RowConstant, rng, "The number is infinite.")
	}
	return w.done(rowexpr.Number(f.Text('g', -1), Range(rng)))
}

func (w *walker) traversal(t hcl.Traversal, rng hcl.Range) *rowexpr.Expr {
	switch t.RootName() {
	case "row":
		return w.row(t, rng)
	case "value":
		if w.scope.Value == nil {
			return w.fail(diag.RowUnknownColumn, rng, "value stands for a column inside that column's own check; here write row.<column>.")
		}
		if steps, ok := w.steps(t[1:]); ok {
			return w.member(*w.scope.Value, steps, t[1:], true, rng)
		}
		return nil
	default:
		return w.config(t, rng, false)
	}
}

// steps turns the traversal behind `row` into a path.
func (w *walker) steps(t hcl.Traversal) ([]rowexpr.Step, bool) {
	out := make([]rowexpr.Step, 0, len(t))
	for _, s := range t {
		switch x := s.(type) {
		case hcl.TraverseAttr:
			out = append(out, rowexpr.Step{Name: x.Name})
			continue
		case hcl.TraverseIndex:
			if step, ok := indexStep(x.Key); ok {
				out = append(out, step)
				continue
			}
		}
		w.fail(diag.RowSyntax, s.SourceRange(), "A step into a record is a name, or the number of a list's element from 0.")
		return nil, false
	}
	return out, true
}

func indexStep(key cty.Value) (rowexpr.Step, bool) {
	if key == cty.NilVal || key.IsMarked() || !key.IsKnown() || key.IsNull() {
		return rowexpr.Step{}, false
	}
	switch key.Type() {
	case cty.String:
		return rowexpr.Step{Name: key.AsString()}, true
	case cty.Number:
		n, exact := key.AsBigFloat().Int64()
		if exact == big.Exact && n >= 0 && n <= 1<<30 {
			return rowexpr.Step{Index: int(n), IsIdx: true}, true
		}
	}
	return rowexpr.Step{}, false
}

func (w *walker) row(t hcl.Traversal, rng hcl.Range) *rowexpr.Expr {
	steps, ok := w.steps(t[1:])
	if !ok {
		return nil
	}
	if len(steps) == 0 || steps[0].IsIdx {
		return w.fail(diag.RowSyntax, rng, "Name a column: row.<column>.")
	}
	var names []string
	for _, c := range w.scope.Columns {
		if c.Name == steps[0].Name {
			return w.member(c, steps[1:], t[2:], false, rng)
		}
		names = append(names, c.Name)
	}
	if w.scope.Untyped {
		return rowexpr.Ref(steps, types.Of(types.Any), true, Range(rng))
	}
	hint := diag.DidYouMean(steps[0].Name, names)
	if len(names) == 0 && w.scope.Value != nil {
		hint = " Inside a column's check only value is known; a check over several columns stands in the version itself."
	}
	return w.fail(diag.RowUnknownColumn, t[1].SourceRange(), "There is no column %q here.%s", steps[0].Name, hint)
}

// member follows steps into a column. The trav elements give their places.
func (w *walker) member(c Column, steps []rowexpr.Step, trav hcl.Traversal, isValue bool, rng hcl.Range) *rowexpr.Expr {
	at := Range(rng)
	t := c.Type
	for i, s := range steps {
		if t.IsZero() || t.Kind == types.Any {
			break
		}
		if t.Kind == types.JSON {
			return w.done(rowexpr.Member(w.ref(c, steps[:i], t, isValue, at), steps[i:], at))
		}
		next, why := step(t, s)
		if why != "" {
			return w.fail(diag.RowUnknownColumn, trav[i].SourceRange(), "%s is %s, which has no %s.%s", c.Name, t, stepText(s), why)
		}
		t = next
	}
	return w.ref(c, steps, t, isValue, at)
}

// ref makes the reference of a column or of a member of it. The column that
// `value` stands for has the empty path.
func (w *walker) ref(c Column, steps []rowexpr.Step, t types.Type, isValue bool, at diag.Range) *rowexpr.Expr {
	var path []rowexpr.Step
	if !isValue || len(steps) > 0 {
		path = append([]rowexpr.Step{{Name: c.Name}}, steps...)
	}
	if t.IsZero() {
		t = types.Of(types.Any)
	}
	return rowexpr.Ref(path, t, c.Nullable || len(steps) > 0 || t.Kind == types.Any, at)
}

func stepText(s rowexpr.Step) string {
	if s.IsIdx {
		return "elements"
	}
	return "member " + s.Name
}

// step returns the type of a member; why is not empty where there is none.
func step(t types.Type, s rowexpr.Step) (next types.Type, why string) {
	switch {
	case t.Kind == types.List && s.IsIdx, t.Kind == types.Map && !s.IsIdx:
		return *t.Elem, ""
	case t.Kind == types.Struct && !s.IsIdx:
		names := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			if f.Name == s.Name {
				return f.Type, ""
			}
			names[i] = f.Name
		}
		if hint := diag.DidYouMean(s.Name, names); hint != "" {
			return t, hint
		}
		return t, " Its members are " + strings.Join(names, ", ") + "."
	default:
		return t, " Name one of its members or take all of it."
	}
}

// config folds a value of the configuration. Lists are taken as arguments only.
func (w *walker) config(t hcl.Traversal, rng hcl.Range, asArgument bool) *rowexpr.Expr {
	if w.scope.Config == nil {
		return w.fail(diag.RowUnknownColumn, rng, "%q is not known in a row expression: columns are written row.<column>.", t.RootName())
	}
	v, ds := w.scope.Config(t)
	w.diags = append(w.diags, ds...)
	if ds.HasErrors() {
		return nil
	}
	if !asArgument || v == cty.NilVal || v.IsMarked() || !v.IsKnown() || v.IsNull() || !(v.Type().IsListType() || v.Type().IsTupleType() || v.Type().IsSetType()) {
		return w.value(v, rng)
	}
	var elems []*rowexpr.Expr
	for it := v.ElementIterator(); it.Next(); {
		_, ev := it.Element()
		e := w.value(ev, rng)
		if e == nil {
			return nil
		}
		elems = append(elems, e)
	}
	return w.done(rowexpr.List(elems, Range(rng)))
}

// typeArgument reads the type of a cast: int64, decimal(12, 2) or a string.
func (w *walker) typeArgument(a hclsyntax.Expression, depth int) *rowexpr.Expr {
	if text, ok := typeText(a, depth); ok {
		return rowexpr.Text(text, Range(a.Range()))
	}
	return w.walk(a, depth+1)
}

func typeText(a hclsyntax.Expression, depth int) (string, bool) {
	if depth > maxDepth {
		return "", false
	}
	switch x := a.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if len(x.Traversal) == 1 {
			return x.Traversal.RootName(), true
		}
	case *hclsyntax.LiteralValueExpr:
		if x.Val != cty.NilVal && x.Val.Type() == cty.Number && x.Val.IsKnown() && !x.Val.IsNull() {
			return x.Val.AsBigFloat().Text('g', -1), true
		}
	case *hclsyntax.FunctionCallExpr:
		parts := make([]string, len(x.Args))
		for i, arg := range x.Args {
			text, ok := typeText(arg, depth+1)
			if !ok {
				return "", false
			}
			parts[i] = text
		}
		return x.Name + "(" + strings.Join(parts, ", ") + ")", true
	}
	return "", false
}
