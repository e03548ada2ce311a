package plan_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/schemas/schematest"
)

func with(s *plan.Step, change func(*plan.Step)) *plan.Step {
	change(s)
	return s
}

// TestReview says for each kind of plan what each level makes of it.
func TestReview(t *testing.T) {
	step := func(address string, action plan.Action, do plan.Op) *plan.Step {
		a, err := addr.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return &plan.Step{ID: address, Address: a, Action: action, Do: do}
	}
	judged := func(action plan.Action, changes ...compat.Change) *plan.Step {
		s := step("contract.orders.v1", action, &plan.Define{})
		s.Compat = &compat.Report{Mode: "none", Changes: changes}
		return s
	}
	policy := func(outcome string) []program.Verdict {
		return []program.Verdict{{Policy: "p", Enforce: "deny", Outcome: outcome, Message: "no", Fault: "why"}}
	}
	breaks := compat.Change{Text: "column x goes away", Forward: compat.Effect{Verdict: compat.Breaks}}
	broken := breaks
	broken.Broken = true
	warns := compat.Change{Text: "column x is wider", Forward: compat.Effect{Verdict: compat.Warns}}
	run := step("pipeline.p", plan.Run, &plan.RunPipeline{})

	for _, c := range []struct {
		name                       string
		plan                       plan.Plan
		atError, atWarning, always string // kinds
	}{
		{"nothing", plan.Plan{}, "", "", ""},
		{"runs alone", plan.Plan{Steps: []*plan.Step{run, step("model.m.v1", plan.Poll, &plan.BuildModel{})}}, "", "", ""},
		{"a creation", plan.Plan{Steps: []*plan.Step{step("source.s", plan.Create, &plan.Define{}), run}}, "", "", "definition_changes"},
		{"an update", plan.Plan{Steps: []*plan.Step{step("source.s", plan.Update, &plan.Define{})}}, "", "", "definition_changes"},
		{"a destruction", plan.Plan{Steps: []*plan.Step{step("model.m.v1", plan.Destroy, &plan.Retire{})}}, "", "destroy", "destroy"},
		{"a replacement", plan.Plan{Steps: []*plan.Step{step("pipeline.p.stream.s", plan.Replace, &plan.PrepareStream{Fresh: true}), run}}, "", "replace", "replace"},
		{"two things", plan.Plan{Steps: []*plan.Step{step("source.s", plan.Update, &plan.Define{}), step("source.t", plan.Destroy, &plan.Forget{})}}, "", "destroy", "destroy definition_changes"},
		{"a drift", plan.Plan{Steps: []*plan.Step{with(step("pipeline.p.stream.s", plan.Drifted, &plan.PrepareStream{}), func(s *plan.Step) { s.Drift = &plan.Drift{} })}}, "", "drift", "drift"},
		{"rows that stand there", plan.Plan{Steps: []*plan.Step{with(step("contract.c.v2", plan.Create, &plan.Define{}), func(s *plan.Step) {
			s.Impact = []*plan.Impact{{Refused: plan.Count{Found: 1}}}
		})}}, "", "rows_refused", "rows_refused"},
		{"no rows that stand there", plan.Plan{Steps: []*plan.Step{with(step("contract.c.v2", plan.Create, &plan.Define{}), func(s *plan.Step) {
			s.Impact = []*plan.Impact{{}}
		})}}, "", "", "definition_changes"},
		{"a column hidden", plan.Plan{Steps: []*plan.Step{step("pipeline.p.stream.s", plan.Update, &plan.PrepareStream{Alters: []plan.ColumnAlter{{Kind: "add", Column: "a"}, {Kind: "hide", Column: "b"}}})}}, "", "column_unpublished", "column_unpublished"},
		{"a column added", plan.Plan{Steps: []*plan.Step{step("pipeline.p.stream.s", plan.Update, &plan.PrepareStream{Alters: []plan.ColumnAlter{{Kind: "add", Column: "a"}}})}}, "", "", "definition_changes"},
		{"a break nobody is protected from", plan.Plan{Steps: []*plan.Step{judged(plan.Update, breaks, warns)}}, "", "contract_breaks", "contract_breaks"},
		{"a change that warns", plan.Plan{Steps: []*plan.Step{judged(plan.Update, warns)}}, "", "", "definition_changes"},
		{"a broken contract", plan.Plan{Steps: []*plan.Step{judged(plan.Update, broken)}}, "broken_contract", "broken_contract", "broken_contract"},
		{"a new version", plan.Plan{Steps: []*plan.Step{judged(plan.Create, broken, breaks)}}, "", "", "definition_changes"},
		{"a policy passed", plan.Plan{Policies: policy(program.PolicyPassed)}, "", "", ""},
		{"a policy warned", plan.Plan{Policies: policy(program.PolicyWarned), Steps: []*plan.Step{run}}, "", "policy_warned", "policy_warned"},
		{"a policy denied", plan.Plan{Policies: policy(program.PolicyDenied)}, "policy_denied", "policy_denied", "policy_denied"},
	} {
		for level, want := range map[string]string{program.ReviewError: c.atError, program.ReviewWarning: c.atWarning, program.ReviewAlways: c.always, "unheard of": c.always} {
			var kinds []string
			for _, f := range plan.Review(&c.plan, level) {
				kinds = append(kinds, string(f.Kind))
				if f.Text == "" || (f.Address == "") != strings.HasPrefix(string(f.Kind), "policy_") {
					t.Errorf("%s: %+v", c.name, f)
				}
			}
			if got := strings.Join(kinds, " "); got != want {
				t.Errorf("%s, review = %q: found %q, want %q", c.name, level, got, want)
			}
		}
	}
}

// TestSay puts a policy's message and fault together.
func TestSay(t *testing.T) {
	for want, v := range map[string]program.Verdict{
		"no": {Message: "no"}, "why": {Fault: "why"}, "no (why)": {Message: "no", Fault: "why"},
	} {
		if got := plan.Say(v); got != want {
			t.Errorf("%+v: %q", v, got)
		}
	}
}

// TestVerdicts keeps verdicts through the plan's file, under its digest.
func TestVerdicts(t *testing.T) {
	p := sample()
	p.Policies = []program.Verdict{
		{Policy: "a", Enforce: program.EnforceDeny, Outcome: program.PolicyDenied, Message: "no\n<b>", Fault: "why", Range: diag.Range{Filename: "p.gate.hcl", Start: diag.Pos{Line: 1, Column: 1}}},
		{Policy: "b", Enforce: program.EnforceWarn, Outcome: program.PolicyPassed},
	}
	text := encode(t, p)
	schematest.Validate(t, "plan.schema.json", text)
	got, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Policies) != 2 || got.Policies[0] != p.Policies[0] || len(got.Denied()) != 1 || got.Denied()[0].Policy != "a" {
		t.Errorf("decoded: %+v", got.Policies)
	}
	_, err = plan.Decode(bytes.NewReader(bytes.Replace(text, []byte(`"outcome":"denied"`), []byte(`"outcome":"passed"`), 1)))
	if d := diag.FromError(err, "", ""); d == nil || d.Code != diag.PlanAltered {
		t.Errorf("a verdict altered: %v", err)
	}
	p.Policies[0].Outcome = "forgiven"
	_, err = plan.Decode(bytes.NewReader(encode(t, p)))
	if d := diag.FromError(err, "", ""); d == nil || d.Code != diag.PlanUnreadable || !strings.Contains(d.Detail, fmt.Sprintf("%q", "forgiven")) {
		t.Errorf("an unknown outcome: %v", err)
	}
}
