package planview

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/planner/plan"
)

// tally counts verdicts in words: "1 denied, 2 passed".
func tally(list []program.Verdict) string {
	var out []string
	for _, outcome := range []string{program.PolicyDenied, program.PolicyWarned, program.PolicyPassed} {
		n := 0
		for _, v := range list {
			if v.Outcome == outcome {
				n++
			}
		}
		if n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, outcome))
		}
	}
	return strings.Join(out, ", ")
}

// raised are the verdicts that somebody should read: what denies first.
func raised(list []program.Verdict) []program.Verdict {
	var out []program.Verdict
	for _, outcome := range []string{program.PolicyDenied, program.PolicyWarned} {
		for _, v := range list {
			if v.Outcome == outcome {
				out = append(out, v)
			}
		}
	}
	return out
}

// written is where a policy stands.
func written(v program.Verdict) string {
	return fmt.Sprintf("%s:%d", v.Range.Filename, v.Range.Start.Line)
}

// policies draws what the project's policies say of the plan.
func (p *painter) policies(list []program.Verdict) {
	if len(list) == 0 {
		return
	}
	p.Line("")
	p.Line("Policies: %s.", tally(list))
	for _, v := range raised(list) {
		color := draw.Yellow
		if v.Outcome == program.PolicyDenied {
			color = draw.Red
		}
		p.Line("  %s %s  (%s)", p.Style.Paint(color, v.Outcome), p.Style.Paint(draw.Bold, v.Policy), written(v))
		for _, line := range draw.Wrap(plan.Say(v), 92) {
			p.Line("      %s", line)
		}
	}
}

// markdownPolicies draws the same as a section.
func (p *painter) markdownPolicies(list []program.Verdict) {
	if len(list) == 0 {
		return
	}
	p.Line("")
	p.Line("**Policies**: %s", tally(list))
	if rows := raised(list); len(rows) > 0 {
		p.Line("")
		p.Line("| policy | | says | written at |")
		p.Line("|---|---|---|---|")
		for _, v := range rows {
			p.Line("| %s | %s | %s | %s |", draw.Code(v.Policy), v.Outcome, draw.Cell(plan.Say(v)), draw.Code(written(v)))
		}
	}
}
