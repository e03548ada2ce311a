package policy

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// checker finds what is wrong with an expression before there is a plan or a
// project: it works the expression out over values that are unknown and of known
// types. The bodies of for expressions, which HCL does not look at while it does
// not know the elements, are worked out once, over an element of which only the
// type is known.
type checker struct {
	eval  *config.Evaluator
	anon  map[*hclsyntax.AnonSymbolExpr]cty.Value // the element that [*] stands at
	tries int                                     // how many try() and can() stand around
	diags diag.Diagnostics

	// Where the values stand in the schema: of the names in scope, and of what loops
	// and [*] make.
	places     map[string]document
	anonPlaces map[*hclsyntax.AnonSymbolExpr]document
	made       map[hclsyntax.Expression]document
}

func newChecker(eval *config.Evaluator, places map[string]document) *checker {
	return &checker{eval: eval, anon: map[*hclsyntax.AnonSymbolExpr]cty.Value{}, places: maps.Clone(places),
		anonPlaces: map[*hclsyntax.AnonSymbolExpr]document{}, made: map[hclsyntax.Expression]document{}}
}

// check returns a value of the type that the expression gives, known where it
// depends on nothing unknown. After a fault it is of any type.
func (c *checker) check(x hclsyntax.Expression, ctx *hcl.EvalContext) cty.Value {
	switch x := x.(type) {
	case *hclsyntax.LiteralValueExpr:
		return x.Val
	case *hclsyntax.ParenthesesExpr:
		return c.check(x.Expression, ctx)
	case *hclsyntax.TemplateWrapExpr:
		return c.check(x.Wrapped, ctx)
	case *hclsyntax.AnonSymbolExpr:
		return c.anon[x]
	case *hclsyntax.ScopeTraversalExpr:
		return c.steps(variable(ctx, x.Traversal.RootName()), x.Traversal[1:])
	case *hclsyntax.RelativeTraversalExpr:
		return c.steps(c.check(x.Source, ctx), x.Traversal)
	case *hclsyntax.IndexExpr:
		step := hcl.TraverseIndex{Key: c.check(x.Key, ctx), SrcRange: x.SrcRange}
		return c.steps(c.check(x.Collection, ctx), hcl.Traversal{step})
	case *hclsyntax.SplatExpr:
		return c.splat(x, ctx)
	case *hclsyntax.ForExpr:
		return c.loop(x, ctx)
	case *hclsyntax.FunctionCallExpr:
		return c.call(x, ctx)
	}
	return c.operator(x, ctx)
}

// operator works out what is made of parts in one way only.
func (c *checker) operator(x hclsyntax.Expression, ctx *hcl.EvalContext) cty.Value {
	part := func(p hclsyntax.Expression) hclsyntax.Expression { return known(c.check(p, ctx), p) }
	var whole hclsyntax.Expression
	switch x := x.(type) {
	case *hclsyntax.BinaryOpExpr:
		left, right := c.check(x.LHS, ctx), c.check(x.RHS, ctx)
		if x.Op == hclsyntax.OpEqual || x.Op == hclsyntax.OpNotEqual {
			c.compared(c.place(x.LHS), right, x.RHS.Range())
			c.compared(c.place(x.RHS), left, x.LHS.Range())
		}
		whole = &hclsyntax.BinaryOpExpr{LHS: known(left, x.LHS), Op: x.Op, RHS: known(right, x.RHS), SrcRange: x.SrcRange}
	case *hclsyntax.UnaryOpExpr:
		whole = &hclsyntax.UnaryOpExpr{Op: x.Op, Val: part(x.Val), SrcRange: x.SrcRange, SymbolRange: x.SymbolRange}
	case *hclsyntax.ConditionalExpr:
		whole = &hclsyntax.ConditionalExpr{Condition: part(x.Condition), TrueResult: part(x.TrueResult), FalseResult: part(x.FalseResult), SrcRange: x.SrcRange}
	case *hclsyntax.TemplateExpr:
		parts := make([]hclsyntax.Expression, len(x.Parts))
		for i, p := range x.Parts {
			parts[i] = part(p)
		}
		whole = &hclsyntax.TemplateExpr{Parts: parts, SrcRange: x.SrcRange}
	case *hclsyntax.TemplateJoinExpr:
		c.check(x.Tuple, ctx)
		return cty.UnknownVal(cty.String)
	case *hclsyntax.TupleConsExpr:
		items := make([]cty.Value, len(x.Exprs))
		for i, e := range x.Exprs {
			items[i] = c.check(e, ctx)
		}
		return cty.TupleVal(items)
	case *hclsyntax.ObjectConsExpr:
		return c.construct(x, ctx)
	case *hclsyntax.ObjectConsKeyExpr:
		if word := hcl.ExprAsKeyword(x.Wrapped); word != "" && !x.ForceNonLiteral {
			return cty.StringVal(word)
		}
		return c.check(x.Wrapped, ctx)
	default: // HCL has no others
		whole = x
	}
	return c.value(whole, ctx)
}

// value works a small expression out and keeps its faults.
func (c *checker) value(x hclsyntax.Expression, ctx *hcl.EvalContext) cty.Value {
	v, bad := x.Value(ctx)
	c.diags = append(c.diags, c.eval.Translate(bad)...)
	if bad.HasErrors() {
		return cty.DynamicVal
	}
	return v
}

// known stands a value in place of the expression that gave it.
func known(v cty.Value, x hclsyntax.Expression) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: x.Range()}
}

// variable finds a name in a context or those around it.
func variable(ctx *hcl.EvalContext, name string) cty.Value {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[name]; ok {
			return v
		}
	}
	return cty.DynamicVal // reported when the context was made
}

// steps follows members and keys.
func (c *checker) steps(v cty.Value, steps hcl.Traversal) cty.Value {
	for _, step := range steps {
		at := step.SourceRange()
		name, named := config.StepName(step)
		if ty := v.Type(); named && ty.IsObjectType() && !ty.HasAttribute(name) {
			if c.tries > 0 && v.IsKnown() { // a member of one's own value, which may well be absent
				return cty.DynamicVal
			}
			names := slices.Sorted(maps.Keys(ty.AttributeTypes()))
			c.diags.Add(diag.New(diag.GuardUnknown, "There is no %q here.%s There are %s.", name, diag.DidYouMean(name, names), words(names)).At(lang.Range(at)))
			return cty.DynamicVal
		}
		var bad hcl.Diagnostics
		switch s := step.(type) {
		case hcl.TraverseAttr:
			v, bad = hcl.GetAttr(v, s.Name, &at)
		case hcl.TraverseIndex:
			v, bad = hcl.Index(v, s.Key, &at)
		}
		c.diags = append(c.diags, c.eval.Translate(bad)...)
		if bad.HasErrors() {
			return cty.DynamicVal
		}
	}
	return v
}

// words lists names for a message, not too many of them.
func words(names []string) string {
	const most = 12
	out := ""
	for i, n := range names {
		if i == most {
			return out + " and others"
		}
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}

// splat works out LIST[*].member.
func (c *checker) splat(x *hclsyntax.SplatExpr, ctx *hcl.EvalContext) cty.Value {
	source := c.check(x.Source, ctx)
	elem := source
	if ty := source.Type(); ty.IsListType() || ty.IsSetType() || ty.IsTupleType() {
		_, elem = elements(source)
	}
	c.anon[x.Item], c.anonPlaces[x.Item] = elem, c.place(x.Source).element()
	v := c.check(x.Each, ctx)
	c.made[x] = listOf(c.place(x.Each))
	return unknownList(v)
}

// loop works a for expression out over one element.
func (c *checker) loop(x *hclsyntax.ForExpr, ctx *hcl.EvalContext) cty.Value {
	source := c.check(x.CollExpr, ctx)
	if ty := source.Type(); ty != cty.DynamicPseudoType && !ty.IsCollectionType() && !ty.IsTupleType() && !ty.IsObjectType() {
		c.diags.Add(diag.New(diag.GuardType, "for goes over lists, sets, maps and objects, and this is a %s.", ty.FriendlyName()).At(lang.Range(x.CollExpr.Range())))
		return cty.DynamicVal
	}
	key, elem := elements(source)
	outer, from := c.places, c.place(x.CollExpr).element()
	c.places = maps.Clone(outer)
	defer func() { c.places = outer }()
	delete(c.places, x.KeyVar)
	c.places[x.ValVar] = from
	inner := ctx.NewChild()
	inner.Variables = map[string]cty.Value{x.ValVar: elem}
	if x.KeyVar != "" {
		inner.Variables[x.KeyVar] = key
	}
	if x.CondExpr != nil {
		c.needs(c.check(x.CondExpr, inner), cty.Bool, x.CondExpr.Range())
	}
	if x.KeyExpr != nil {
		c.needs(c.check(x.KeyExpr, inner), cty.String, x.KeyExpr.Range())
	}
	v := c.check(x.ValExpr, inner)
	c.made[x] = listOf(c.place(x.ValExpr))
	if x.Group {
		c.made[x] = listOf(c.made[x])
	}
	switch {
	case x.KeyExpr == nil:
		return unknownList(v)
	case x.Group:
		return cty.UnknownVal(cty.Map(cty.List(v.Type())))
	}
	return cty.UnknownVal(cty.Map(v.Type()))
}

func unknownList(elem cty.Value) cty.Value { return cty.UnknownVal(cty.List(elem.Type())) }

// elements returns a key and an element of a collection, both unknown: of its
// element type, or of any type where the elements differ.
func elements(v cty.Value) (key, elem cty.Value) {
	ty := v.Type()
	var all []cty.Type
	switch {
	case ty.IsListType():
		return cty.UnknownVal(cty.Number), cty.UnknownVal(ty.ElementType())
	case ty.IsMapType():
		return cty.UnknownVal(cty.String), cty.UnknownVal(ty.ElementType())
	case ty.IsSetType():
		return cty.UnknownVal(ty.ElementType()), cty.UnknownVal(ty.ElementType())
	case ty.IsTupleType():
		key, all = cty.UnknownVal(cty.Number), ty.TupleElementTypes()
	case ty.IsObjectType():
		key, all = cty.UnknownVal(cty.String), slices.Collect(maps.Values(ty.AttributeTypes()))
	default:
		return cty.DynamicVal, cty.DynamicVal
	}
	for _, t := range all {
		if !t.Equals(all[0]) {
			return key, cty.DynamicVal
		}
	}
	if len(all) == 0 {
		return key, cty.DynamicVal
	}
	return key, cty.UnknownVal(all[0])
}

// call works out a function. A list that a for expression or [*] makes is a tuple
// in truth, whose length nobody knows yet: where the function does not take the
// list it may still take the tuple.
func (c *checker) call(x *hclsyntax.FunctionCallExpr, ctx *hcl.EvalContext) cty.Value {
	if x.Name == "secret" || x.Name == "env" {
		c.diags.Add(diag.New(diag.GuardFunction, "%s() is not known where a plan or project is judged. Put it into a local; a secret can be looked at nowhere.", x.Name).At(lang.Range(x.Range())))
		return cty.DynamicVal
	}
	typed, loose := *x, *x
	typed.Args, loose.Args = nil, nil
	made := false
	for _, arg := range x.Args {
		v := c.argument(x.Name, arg, ctx)
		typed.Args = append(typed.Args, known(v, arg))
		switch bare(arg).(type) {
		case *hclsyntax.ForExpr, *hclsyntax.SplatExpr, *hclsyntax.FunctionCallExpr:
			made, v = true, cty.DynamicVal
		}
		loose.Args = append(loose.Args, known(v, arg))
	}
	if x.Name == "contains" && len(typed.Args) == 2 {
		c.compared(c.place(x.Args[0]).element(), typed.Args[1].(*hclsyntax.LiteralValueExpr).Val, x.Args[1].Range())
	}
	if v, bad := typed.Value(ctx); !bad.HasErrors() || !made {
		c.diags = append(c.diags, c.eval.Translate(bad)...)
		if bad.HasErrors() {
			return cty.DynamicVal
		}
		return v
	}
	return c.value(&loose, ctx)
}

// argument works an argument out. What fails inside try() and can() is no fault,
// but for a member that the plan or the project never has.
func (c *checker) argument(function string, arg hclsyntax.Expression, ctx *hcl.EvalContext) cty.Value {
	if function != "try" && function != "can" {
		return c.check(arg, ctx)
	}
	before := c.diags
	c.diags = nil
	c.tries++
	v := c.check(arg, ctx)
	c.tries--
	failed := c.diags.HasErrors()
	for _, d := range c.diags {
		if d.Code != diag.GuardUnknown && d.Code != diag.GuardFunction && d.Code != diag.UnknownFunction {
			continue
		}
		before.Add(d)
	}
	c.diags = before
	if failed {
		return cty.DynamicVal
	}
	return v
}

// bare takes parentheses away.
func bare(x hclsyntax.Expression) hclsyntax.Expression {
	for {
		p, ok := x.(*hclsyntax.ParenthesesExpr)
		if !ok {
			return x
		}
		x = p.Expression
	}
}

// construct works out an object. Where a key is unknown its type is, too.
func (c *checker) construct(x *hclsyntax.ObjectConsExpr, ctx *hcl.EvalContext) cty.Value {
	attrs := map[string]cty.Value{}
	open := false
	for _, item := range x.Items {
		key := c.check(item.KeyExpr, ctx)
		v := c.check(item.ValueExpr, ctx)
		text, err := convert.Convert(key, cty.String)
		if err != nil || text.IsNull() || !text.IsKnown() {
			open = true
			continue
		}
		attrs[text.AsString()] = v
	}
	if open {
		return cty.DynamicVal
	}
	return cty.ObjectVal(attrs)
}

// needs reports a value that cannot be of a type.
func (c *checker) needs(v cty.Value, want cty.Type, at hcl.Range) {
	if _, err := convert.Convert(v, want); err != nil {
		c.diags.Add(diag.New(diag.GuardType, "This is a %s, and a %s is needed.", v.Type().FriendlyName(), want.FriendlyName()).At(lang.Range(at)))
	}
}
