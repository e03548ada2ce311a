package policy

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Judge decides the policies over a plan, given as the JSON that `headgate plan
// --format json` prints, and the program of the same compilation. The verdicts are sorted by the names of the policies. A
// condition that fails, or is null, counts as not met. The error tells of a plan
// that is not of the form that its schema describes.
func (s *Set) Judge(planJSON []byte, p *program.Program) ([]program.Verdict, error) {
	if s.Policies() == 0 {
		return nil, nil
	}
	plan, err := fromJSON(planJSON, s.plan)
	if err != nil {
		return nil, diag.Bug("policy.Judge", "the plan is not of the form of %s: %v", planSchema, err)
	}
	project, fault := s.projectValue(p)
	if fault != nil {
		return nil, fault
	}
	out := make([]program.Verdict, 0, len(s.policies))
	for _, g := range s.policies {
		holds, message, fault := s.decide(g, map[string]cty.Value{"plan": plan, "project": project})
		v := program.Verdict{Policy: g.name, Enforce: g.level, Outcome: program.PolicyPassed, Message: message, Fault: fault, Range: g.at}
		switch {
		case holds:
		case g.level == program.EnforceWarn:
			v.Outcome = program.PolicyWarned
		default:
			v.Outcome = program.PolicyDenied
		}
		out = append(out, v)
	}
	return out, nil
}

// decide works out a condition and, where it does not hold, the message. fault
// says why one of them could not be worked out.
func (s *Set) decide(g *guard, given map[string]cty.Value) (holds bool, message, fault string) {
	ctx := g.scope.NewChild()
	ctx.Variables = given
	v, fault := s.evaluate(g.condition, ctx, cty.Bool, "condition")
	if fault == "" && v.True() {
		return true, "", ""
	}
	m, more := s.evaluate(g.message, ctx, cty.String, "message")
	if more == "" {
		message = m.AsString()
	}
	if fault == "" {
		fault = more
	}
	return false, message, fault
}

// evaluate returns a known value of the type that is not null, or why there is none.
func (s *Set) evaluate(x hclsyntax.Expression, ctx *hcl.EvalContext, want cty.Type, what string) (cty.Value, string) {
	v, diags := s.eval.EvalScoped(x, ctx)
	if !diags.HasErrors() {
		var more diag.Diagnostics
		v, more = config.Convert(v, want, lang.Range(x.Range()))
		diags = append(diags, more...)
	}
	for _, d := range diags {
		if d.Severity == diag.Error {
			at := lang.Range(x.Range())
			if d.Subject != nil {
				at = *d.Subject
			}
			return cty.NilVal, fmt.Sprintf("The %s failed at %s:%d,%d: %s", what, at.Filename, at.Start.Line, at.Start.Column, d.Detail)
		}
	}
	if v.IsNull() {
		return cty.NilVal, fmt.Sprintf("The %s gives null.", what)
	}
	return v, ""
}
