package policy

import (
	"encoding/json"
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// Finding is what a rule of the project says.
type Finding struct {
	Rule     string     // its name
	Severity string     // error, warning or info
	Address  string     // what it is about, "" where the rule has no for_each over things with an address
	Message  string     // the rule's own
	Subject  diag.Range // the header of the block at fault; the rule's own where there is none
	At       diag.Range // the header of the rule block
}

// Rule is one of the project's rules, for those who list them.
type Rule struct {
	Name     string
	Severity string     // error, warning or info
	At       diag.Range // the header of the rule block
}

// Rules lists the rules, sorted by name.
func (s *Set) Rules() []Rule {
	if s == nil {
		return nil
	}
	out := make([]Rule, 0, len(s.rules))
	for _, g := range s.rules {
		out = append(out, Rule{Name: g.name, Severity: g.level, At: g.at})
	}
	return out
}

// Lint decides the rules over the program of the same compilation. Findings are
// sorted by rule, then by the key of for_each. A rule that cannot be decided is an
// error diagnostic.
func (s *Set) Lint(p *program.Program) ([]Finding, diag.Diagnostics) {
	if s == nil || len(s.rules) == 0 {
		return nil, nil
	}
	project, fault := s.projectValue(p)
	if fault != nil {
		return nil, diag.Diagnostics{fault}
	}
	var out []Finding
	var diags diag.Diagnostics
	for _, g := range s.rules {
		elements, fault := s.elements(g, project)
		diags.Add(fault)
		for _, e := range elements {
			f, fault := s.judgeElement(g, p, project, e)
			diags.Add(fault)
			if f != nil {
				out = append(out, *f)
			}
		}
	}
	return out, diags
}

// projectValue is a program as conditions see it.
func (s *Set) projectValue(p *program.Program) (cty.Value, *diag.Diagnostic) {
	text, err := json.Marshal(newProject(p))
	if err != nil {
		return cty.NilVal, diag.Bug("policy.projectValue", "%v", err)
	}
	v, err := fromJSON(text, s.project)
	if err != nil {
		return cty.NilVal, diag.Bug("policy.projectValue", "the project is not of the form of %s: %v", projectSchema, err)
	}
	return v, nil
}

// element is one turn of a rule's for_each; each is NilVal without one.
type element struct {
	key  string
	each cty.Value
}

// elements works out a rule's for_each.
func (s *Set) elements(g *guard, project cty.Value) ([]element, *diag.Diagnostic) {
	if g.forEach == nil {
		return []element{{}}, nil
	}
	ctx := g.scope.NewChild()
	ctx.Variables = map[string]cty.Value{"project": project}
	at := lang.Range(g.forEach.Range())
	broken := func(why string) *diag.Diagnostic {
		return diag.New(diag.RuleBroken, "for_each of rule %q: %s", g.name, why).At(at)
	}
	v, diags := s.eval.EvalScoped(g.forEach, ctx)
	if err := diags.Err(); err != nil {
		return nil, broken(diag.FromError(err, diag.RuleBroken, "").Detail)
	}
	ty := v.Type()
	if v.IsNull() {
		return nil, broken("It gives null.")
	}
	if !ty.IsCollectionType() && !ty.IsTupleType() && !ty.IsObjectType() {
		return nil, broken("It gives a " + ty.FriendlyName() + "; a map, a list or a set is needed.")
	}
	var out []element
	for it := v.ElementIterator(); it.Next(); {
		k, x := it.Element()
		e := element{each: x}
		switch {
		case ty.IsMapType() || ty.IsObjectType():
			e.key = k.AsString()
		case x.Type() == cty.String && !x.IsNull():
			e.key = x.AsString()
		default:
			e.key = strconv.Itoa(len(out))
		}
		out = append(out, e)
	}
	return out, nil
}

// judgeElement decides a rule for one element.
func (s *Set) judgeElement(g *guard, p *program.Program, project cty.Value, e element) (*Finding, *diag.Diagnostic) {
	given := map[string]cty.Value{"project": project}
	if e.each != cty.NilVal {
		given["each"] = cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(e.key), "value": e.each})
	}
	holds, message, fault := s.decide(g, given)
	switch {
	case holds:
		return nil, nil
	case fault != "" && e.each != cty.NilVal:
		return nil, diag.New(diag.RuleBroken, "Rule %q, for %q: %s", g.name, e.key, fault).At(g.at)
	case fault != "":
		return nil, diag.New(diag.RuleBroken, "Rule %q: %s", g.name, fault).At(g.at)
	}
	f := &Finding{Rule: g.name, Severity: g.level, Message: message, Subject: g.at, At: g.at}
	if a, ok := addressOf(e.each); ok {
		f.Address = a.String()
		if n, ok := p.Lookup(a); ok && !n.Range.IsZero() {
			f.Subject = n.Range
		}
	}
	return f, nil
}

// addressOf returns the address that an element of the project tells.
func addressOf(v cty.Value) (addr.Address, bool) {
	if v == cty.NilVal || config.HasSecret(v) || v.IsNull() || !v.Type().IsObjectType() || !v.Type().HasAttribute("address") {
		return addr.Address{}, false
	}
	text := v.GetAttr("address")
	if text.Type() != cty.String || text.IsNull() {
		return addr.Address{}, false
	}
	a, err := addr.Parse(text.AsString())
	return a, err == nil
}
