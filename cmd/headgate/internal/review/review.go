// Package review holds a plan to the project's policies and to the review level of
// its environment, and says in diagnostics what stands against it.
package review

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/planview"
	"github.com/headgate-data/headgate/compiler/policy"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// Judge decides the policies of prog over its plan and puts their verdicts into it.
// said is what planning had to say. An error among the diagnostics says
// that the plan may not be applied.
func Judge(set *policy.Set, prog *program.Program, p *plan.Plan, said diag.Diagnostics) diag.Diagnostics {
	if set.Policies() == 0 {
		return nil
	}
	var diags diag.Diagnostics
	text, err := json.Marshal(planview.New(p, said))
	if err != nil {
		return diag.Diagnostics{diag.Bug("review.Judge", "%v", err)}
	}
	p.Policies, err = set.Judge(text, prog)
	diags.AddError(err, diag.Internal, "headgate met a state that it holds to be impossible")
	for _, v := range p.Policies {
		diags.Add(told(v))
	}
	return diags
}

// told is what is said of a verdict; nil for one that passed.
func told(v program.Verdict) *diag.Diagnostic {
	code := diag.PolicyDenies
	switch {
	case v.Outcome == program.PolicyPassed:
		return nil
	case v.Fault != "":
		code = diag.PolicyBroken
	case v.Outcome == program.PolicyWarned:
		code = diag.PolicyWarns
	}
	d := diag.New(code, "policy %q: %s", v.Policy, plan.Say(v)).At(v.Range)
	if v.Outcome == program.PolicyWarned {
		d.Severity = diag.Warning
	}
	return d
}

// Saved refuses a saved plan that a policy denied when it was made.
func Saved(p *plan.Plan) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, v := range p.Denied() {
		diags.Add(diag.New(diag.PlanDenied, "policy %q at %s:%d: %s", v.Policy, v.Range.Filename, v.Range.Start.Line, plan.Say(v)))
	}
	return diags
}

// Unasked refuses a plan that the environment's review level keeps from apply
// --auto-approve.
func Unasked(p *plan.Plan, env program.Environment) diag.Diagnostics {
	findings := plan.Review(p, env.ReviewLevel())
	if len(findings) == 0 {
		return nil
	}
	const most = 10
	var b strings.Builder
	fmt.Fprintf(&b, "The environment %q has review = %q, and the plan has what somebody should see:\n", env.Name, env.ReviewLevel())
	for i, f := range findings {
		if i == most {
			fmt.Fprintf(&b, "  and %d more\n", len(findings)-most)
			break
		}
		if f.Address != "" {
			fmt.Fprintf(&b, "  %s: %s: %s\n", f.Kind, f.Address, f.Text)
		} else {
			fmt.Fprintf(&b, "  %s: %s\n", f.Kind, f.Text)
		}
	}
	fmt.Fprintf(&b, "Run `headgate plan --env %s --out plan.json`, have it reviewed, and run `headgate apply plan.json`.", env.Name)
	return diag.Diagnostics{diag.New(diag.ReviewNeeded, "%s", b.String())}
}
