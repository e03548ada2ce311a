// Package policy holds what a project says of its own plans and of itself: policy
// blocks, which are conditions over a plan and the project that it is made from,
// and rule blocks, which are conditions over the compiled project alone. Both are checked when the project is compiled and
// decided once there is a plan or a program.
package policy

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// The files of package schemas that describe what conditions are about.
const (
	planSchema    = "planview.schema.json"
	projectSchema = "project.schema.json"
)

// Set is the policies and rules of one environment of a project. It holds the
// evaluator of the compilation, and is as little safe for concurrent use. A nil
// Set is empty.
type Set struct {
	eval     *config.Evaluator
	policies []*guard // by name; only those whose when is true
	rules    []*guard // by name
	plan     cty.Type
	project  cty.Type
	schemas  map[string]document // those read so far, by file
}

// names is what is known of the names that get a value only later: unknown values
// of their types, and where they stand in a schema.
type names struct {
	values map[string]cty.Value
	places map[string]document
}

// result is what is known of an expression before it is decided.
type result struct {
	value cty.Value        // unknown, of the expression's type
	place document         // where it stands in a schema
	scope *hcl.EvalContext // the names that it uses beside those given; nil where they have faults
}

// guard is one policy or rule.
type guard struct {
	name      string
	level     string // enforce or severity
	at        diag.Range
	forEach   hclsyntax.Expression // of a rule, or nil
	condition hclsyntax.Expression
	message   hclsyntax.Expression
	scope     *hcl.EvalContext // the variables and locals that they use
}

// New compiles the policies and rules of a module. It reports every fault that
// can be seen without a plan; what has one is left out of the set.
func New(m *lang.Module, eval *config.Evaluator) (*Set, diag.Diagnostics) {
	s := &Set{eval: eval, schemas: map[string]document{}}
	var diags diag.Diagnostics
	for _, b := range m.Blocks {
		switch b.Type {
		case "policy":
			g, more := s.policy(b)
			diags = append(diags, more...)
			if g != nil {
				s.policies = append(s.policies, g)
			}
		case "rule":
			g, more := s.rule(b)
			diags = append(diags, more...)
			if g != nil {
				s.rules = append(s.rules, g)
			}
		}
	}
	for _, list := range [][]*guard{s.policies, s.rules} {
		slices.SortFunc(list, func(a, b *guard) int { return strings.Compare(a.name, b.name) })
	}
	if len(s.policies)+len(s.rules) == 0 {
		return nil, diags // it would keep the project's syntax trees in memory
	}
	return s, diags
}

// Policies returns how many policies count in this environment.
func (s *Set) Policies() int {
	if s == nil {
		return 0
	}
	return len(s.policies)
}

// policy compiles a policy block; nil where it has a fault or does not count here.
func (s *Set) policy(b *lang.Block) (*guard, diag.Diagnostics) {
	given, diags := s.overProject()
	doc, fault := s.schema(planSchema)
	diags.Add(fault)
	if diags.HasErrors() {
		return nil, diags
	}
	s.plan = without(doc.typ(), "policies") // the verdicts themselves
	given.values["plan"], given.places["plan"] = cty.UnknownVal(s.plan), doc
	g, diags := s.guard(b, "enforce", "deny", given)
	counts, more := s.when(b)
	diags = append(diags, more...)
	if !counts || diags.HasErrors() {
		return nil, diags
	}
	return g, diags
}

// when decides whether a policy counts.
func (s *Set) when(b *lang.Block) (bool, diag.Diagnostics) {
	a := b.Attr("when")
	if a == nil {
		return true, nil
	}
	v, diags := s.eval.Eval(a.Expr, nil)
	if diags.HasErrors() {
		return false, diags
	}
	v, more := config.Convert(v, cty.Bool, a.ExprRange)
	diags = append(diags, more...)
	switch {
	case diags.HasErrors():
		return false, diags
	case v.IsNull():
		return false, append(diags, diag.New(diag.MissingAttribute, "when is null, and it must be true or false.").At(a.ExprRange))
	}
	return v.True(), diags
}

// schema reads a schema at its first use.
func (s *Set) schema(file string) (document, *diag.Diagnostic) {
	if doc, ok := s.schemas[file]; ok {
		return doc, nil
	}
	doc, err := documentOf(file)
	if err != nil {
		return document{}, diag.Bug("policy.New", "%s: %v", file, err)
	}
	s.schemas[file] = doc
	return doc, nil
}

// overProject returns what is known of the project before it is compiled.
func (s *Set) overProject() (names, diag.Diagnostics) {
	doc, fault := s.schema(projectSchema)
	if fault != nil {
		return names{}, diag.Diagnostics{fault}
	}
	s.project = doc.typ()
	return names{map[string]cty.Value{"project": cty.UnknownVal(s.project)}, map[string]document{"project": doc}}, nil
}

// rule compiles a rule block.
func (s *Set) rule(b *lang.Block) (*guard, diag.Diagnostics) {
	given, diags := s.overProject()
	if diags.HasErrors() {
		return nil, diags
	}
	var each result
	loop := b.Attr("for_each")
	if loop != nil {
		each, diags = s.examine(loop, given)
		if ty := each.value.Type(); ty != cty.DynamicPseudoType && !ty.IsCollectionType() && !ty.IsTupleType() && !ty.IsObjectType() {
			diags.Add(diag.New(diag.GuardType, "for_each takes a map, a list or a set, and this is a %s.", ty.FriendlyName()).At(loop.ExprRange))
		}
		_, elem := elements(each.value)
		given.values["each"] = cty.ObjectVal(map[string]cty.Value{"key": cty.UnknownVal(cty.String), "value": elem})
		given.places["each"] = document{&shape{Properties: map[string]*shape{"value": each.place.element().at}}, given.places["project"].defs}
	}
	g, more := s.guard(b, "severity", "warning", given)
	diags = append(diags, more...)
	if g == nil || diags.HasErrors() {
		return nil, diags
	}
	if loop != nil {
		g.forEach = loop.Expr.(hclsyntax.Expression) // examine has reported any other
		g.share(each.scope)
	}
	return g, diags
}

// guard compiles what policies and rules share.
func (s *Set) guard(b *lang.Block, level, standard string, given names) (*guard, diag.Diagnostics) {
	g := &guard{name: b.Labels[0], level: standard, at: b.Range, scope: &hcl.EvalContext{Variables: map[string]cty.Value{}}}
	var diags diag.Diagnostics
	for _, part := range []struct {
		name string
		want cty.Type
		into *hclsyntax.Expression
	}{{"condition", cty.Bool, &g.condition}, {"message", cty.String, &g.message}} {
		a := b.Attr(part.name)
		if a == nil {
			return nil, diags // lang has reported it
		}
		found, more := s.examine(a, given)
		diags = append(diags, more...)
		if found.scope == nil {
			continue
		}
		c := checker{}
		c.needs(found.value, part.want, a.Expr.Range())
		diags = append(diags, c.diags...)
		*part.into, _ = a.Expr.(hclsyntax.Expression)
		g.share(found.scope)
	}
	if a := b.Attr(level); a != nil {
		word, more := s.word(a)
		diags = append(diags, more...)
		if word != "" {
			g.level = word
		}
	}
	return g, diags
}

// word reads an attribute that takes one of a few words; "" for null.
func (s *Set) word(a *lang.Attr) (string, diag.Diagnostics) {
	v, diags := s.eval.Eval(a.Expr, nil)
	if diags.HasErrors() {
		return "", diags
	}
	v, more := config.Convert(v, cty.String, a.ExprRange)
	diags = append(diags, more...)
	if diags.HasErrors() || v.IsNull() {
		return "", diags
	}
	if word := v.AsString(); slices.Contains(a.Spec.Enum, word) {
		return word, diags
	}
	return "", append(diags, diag.New(diag.NotAllowedValue, "%s is %q.%s It takes %s.", a.Name, v.AsString(),
		diag.DidYouMean(v.AsString(), a.Spec.Enum), words(a.Spec.Enum)).At(a.ExprRange))
}

// share adds an expression's names to those of the others.
func (g *guard) share(scope *hcl.EvalContext) {
	g.scope.Functions = scope.Functions
	for name, v := range scope.Variables {
		g.scope.Variables[name] = merged(g.scope.Variables[name], v)
	}
}

// merged is one object with the members of two that stand for the same word, var
// or local; each holds only what one expression uses.
func merged(a, b cty.Value) cty.Value {
	if a == cty.NilVal || !a.Type().IsObjectType() || !b.Type().IsObjectType() {
		return b
	}
	attrs := map[string]cty.Value{}
	for _, v := range []cty.Value{a, b} {
		for name, x := range v.AsValueMap() {
			attrs[name] = x
		}
	}
	return cty.ObjectVal(attrs)
}

// examine checks an expression over what is known of the given names.
func (s *Set) examine(a *lang.Attr, given names) (result, diag.Diagnostics) {
	nothing := result{value: cty.DynamicVal}
	x, ok := a.Expr.(hclsyntax.Expression)
	if !ok { // lang makes no others
		return nothing, diag.Diagnostics{diag.Bug("policy.New", "%s is a %T", a.Name, a.Expr)}
	}
	var diags diag.Diagnostics
	for _, t := range x.Variables() {
		if root := t.RootName(); s.eval.IsBlockRoot(root) {
			diags.Add(diag.New(diag.GuardReference, "%s is a reference to a block. Compare with its address as a text: %q.", root, root+".NAME").At(lang.Range(t.SourceRange())))
		}
	}
	if diags.HasErrors() {
		return nothing, diags
	}
	scope, diags := s.eval.Scope(x.Variables(), config.SortedKeys(given.values)...)
	if diags.HasErrors() {
		return nothing, diags
	}
	for _, name := range config.SortedKeys(scope.Variables) {
		if scope.Variables[name].ContainsMarked() {
			diags.Add(diag.New(diag.SecretMisplaced, "A secret reaches the %s. It is known to nobody who judges a plan or a project.", a.Name).At(a.ExprRange))
			return nothing, diags
		}
	}
	ctx := scope.NewChild()
	ctx.Variables = given.values
	c := newChecker(s.eval, given.places)
	v := c.check(x, ctx)
	return result{value: v, place: c.place(x), scope: scope}, append(diags, c.diags...)
}
