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

// maxTypeDepth bounds nested types.
const maxTypeDepth = 64

// columnType reads a column type: int64, decimal(12, 2), list(string),
// struct({a = int64}). The zero type comes with a diagnostic.
func columnType(expr hcl.Expression) (types.Type, *diag.Diagnostic) { return typeAt(expr, 0) }

func typeAt(expr hcl.Expression, depth int) (types.Type, *diag.Diagnostic) {
	at := lang.Range(expr.Range())
	if depth > maxTypeDepth {
		return types.Type{}, diag.New(diag.BadType, "The type is nested more than %d deep.", maxTypeDepth).At(at)
	}
	if t, bad := hcl.AbsTraversalForExpr(expr); !bad.HasErrors() && len(t) == 1 {
		return namedType(t.RootName(), at)
	}
	if call, bad := hcl.ExprCall(expr); !bad.HasErrors() {
		return typeCall(call, at, depth)
	}
	if v, bad := expr.Value(nil); !bad.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		t, err := types.Parse(v.AsString())
		if err != nil || holdsAny(t) {
			return types.Type{}, diag.New(diag.BadType, "%q is no column type.", v.AsString()).At(at)
		}
		return t, nil
	}
	return types.Type{}, diag.New(diag.BadType, "A type is written as a name, such as int64, or as decimal(12, 2), list(string) or struct({a = int64}).").At(at)
}

func namedType(name string, at diag.Range) (types.Type, *diag.Diagnostic) {
	switch name {
	case "decimal", "numeric":
		return types.Type{}, diag.New(diag.BadType, "%s needs its digits and scale: %s(12, 2).", name, name).At(at)
	case "list", "map":
		return types.Type{}, diag.New(diag.BadType, "%s needs the type of its elements: %s(string).", name, name).At(at)
	case "struct":
		return types.Type{}, diag.New(diag.BadType, "struct needs its fields: struct({a = int64}).").At(at)
	}
	t, ok := types.Simple(name)
	if !ok || t.Kind == types.Any {
		return types.Type{}, diag.New(diag.BadType, "There is no type %q.%s", name, diag.DidYouMean(name, append(types.Names(), types.Synonyms()...))).At(at)
	}
	return t, nil
}

func typeCall(call *hcl.StaticCall, at diag.Range, depth int) (types.Type, *diag.Diagnostic) {
	switch call.Name {
	case "decimal", "numeric":
		return decimalType(call, at)
	case "list", "map":
		if len(call.Arguments) != 1 {
			return types.Type{}, diag.New(diag.BadType, "%s takes one type: %s(string).", call.Name, call.Name).At(at)
		}
		elem, d := typeAt(call.Arguments[0], depth+1)
		if d != nil || call.Name == "list" {
			return types.ListOf(elem), d
		}
		return types.MapOf(elem), nil
	case "struct":
		return structType(call, at, depth)
	}
	if _, ok := types.Simple(call.Name); ok {
		return types.Type{}, diag.New(diag.BadType, "%s takes no parameters.", call.Name).At(at)
	}
	return types.Type{}, diag.New(diag.BadType, "There is no type %q.%s", call.Name, diag.DidYouMean(call.Name, types.Names())).At(at)
}

func decimalType(call *hcl.StaticCall, at diag.Range) (types.Type, *diag.Diagnostic) {
	if len(call.Arguments) < 1 || len(call.Arguments) > 2 {
		return types.Type{}, diag.New(diag.BadType, "decimal takes its digits and its scale: decimal(12, 2).").At(at)
	}
	var n [2]int
	for i, arg := range call.Arguments {
		v, bad := arg.Value(nil)
		if bad.HasErrors() || v.Type() != cty.Number || v.IsNull() || !v.IsKnown() {
			return types.Type{}, diag.New(diag.BadType, "decimal takes whole numbers: decimal(12, 2).").At(lang.Range(arg.Range()))
		}
		x, exact := v.AsBigFloat().Int64()
		if exact != 0 || x < 0 || x > 1000 {
			return types.Type{}, diag.New(diag.BadType, "decimal takes whole numbers from 0 to 38.").At(lang.Range(arg.Range()))
		}
		n[i] = int(x)
	}
	t, err := types.DecimalChecked(n[0], n[1])
	if err != nil {
		return types.Type{}, diag.New(diag.BadType, "%s.", err).At(at)
	}
	return t, nil
}

func structType(call *hcl.StaticCall, at diag.Range, depth int) (types.Type, *diag.Diagnostic) {
	wrong := diag.New(diag.BadType, "struct takes its fields: struct({a = int64, b = string}).").At(at)
	if len(call.Arguments) != 1 {
		return types.Type{}, wrong
	}
	pairs, bad := hcl.ExprMap(call.Arguments[0])
	if bad.HasErrors() || len(pairs) == 0 {
		return types.Type{}, wrong
	}
	var fields []types.Field
	seen := map[string]bool{}
	for _, p := range pairs {
		name, ok := pairKey(p)
		if !ok || name == "" {
			return types.Type{}, wrong
		}
		if seen[name] {
			return types.Type{}, diag.New(diag.BadType, "The struct has two fields named %q.", name).At(lang.Range(p.Key.Range()))
		}
		seen[name] = true
		t, d := typeAt(p.Value, depth+1)
		if d != nil {
			return types.Type{}, d
		}
		fields = append(fields, types.Field{Name: name, Type: t})
	}
	return types.StructOf(fields...), nil
}

// holdsAny reports whether a type is, or holds, the type of what is not known yet.
func holdsAny(t types.Type) bool {
	if t.Kind == types.Any || t.Kind == types.Invalid {
		return true
	}
	if t.Elem != nil && holdsAny(*t.Elem) {
		return true
	}
	for _, f := range t.Fields {
		if holdsAny(f.Type) {
			return true
		}
	}
	return false
}

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
