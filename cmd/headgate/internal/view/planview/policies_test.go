package planview

import (
	"bytes"
	"testing"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestPolicies draws verdicts of each outcome. A message is the user's own text: it
// may hold markup, and more lines than one.
func TestPolicies(t *testing.T) {
	at := func(line int) diag.Range {
		return diag.Range{Filename: "policies.gate.hcl", Start: diag.Pos{Line: line, Column: 1}, End: diag.Pos{Line: line, Column: 9}}
	}
	list := []program.Verdict{
		{Policy: "a_warns", Enforce: program.EnforceWarn, Outcome: program.PolicyWarned, Message: "somebody | should *look* at <this> @all,\nand at that", Range: at(3)},
		{Policy: "b_passes", Enforce: program.EnforceDeny, Outcome: program.PolicyPassed, Range: at(9)},
		{Policy: "c_denies", Enforce: program.EnforceDeny, Outcome: program.PolicyDenied, Message: "nothing is destroyed in prod, " +
			"where a sentence that is longer than a line is broken at a blank", Range: at(14)},
		{Policy: "d_fails", Enforce: program.EnforceDeny, Outcome: program.PolicyDenied, Fault: "The condition gives null.", Range: at(20)},
	}
	p := samplePlan(t)
	p.Policies = list
	v := New(p, nil)
	validate(t, "planview.schema.json", v)
	drawn(t, "policies.txt", func(b *bytes.Buffer) error {
		text := newPainter(b, draw.Style{Color: true})
		text.policies(v.Policies)
		return text.Err
	})
	drawn(t, "policies.md", func(b *bytes.Buffer) error {
		text := newPainter(b, draw.Style{})
		text.markdownPolicies(v.Policies)
		return text.Err
	})
}
