package plan

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
)

// FindingKind is the stable name of something in a plan that somebody should see.
type FindingKind string

// What Findings finds. Those of BrokenContract and PolicyDenied are errors, and
// DefinitionChange is none by itself; all others are warnings.
const (
	PolicyDenied     FindingKind = "policy_denied"      // a policy with enforce = "deny" is not met
	BrokenContract   FindingKind = "broken_contract"    // a published version breaks somebody whom its compatibility protects
	PolicyWarned     FindingKind = "policy_warned"      // a policy with enforce = "warn" is not met
	DataDestroyed    FindingKind = "destroy"            // something is destroyed, or published no more
	DataReplaced     FindingKind = "replace"            // a table is loaded or built anew
	UnprotectedBreak FindingKind = "contract_breaks"    // a published version breaks somebody whom its compatibility does not protect
	ColumnHidden     FindingKind = "column_unpublished" // a live table loses a column
	TableDrifted     FindingKind = "drift"              // a table was changed outside of headgate, and apply mends it
	RowsRefused      FindingKind = "rows_refused"       // rows that stand in a table break the contract that is put on it
	DefinitionChange FindingKind = "definition_changes" // anything that changes a definition
)

// Finding is one thing in a plan that a review is about.
type Finding struct {
	Kind    FindingKind `json:"kind"`
	Address string      `json:"address,omitempty"` // "" for policies
	Text    string      `json:"text"`              // one clause
}

// IsError reports whether the finding is one of those that no level lets pass.
func (f Finding) IsError() bool { return f.Kind == PolicyDenied || f.Kind == BrokenContract }

// Review returns what keeps `apply --auto-approve` from taking the plan under a
// level of review, in the order of the plan's steps, policies first; nothing
// where it may be taken. A level that is none of program's is taken for the
// strictest.
func Review(p *Plan, level string) []Finding {
	var out []Finding
	for _, f := range findings(p) {
		if f.IsError() || level != program.ReviewError {
			out = append(out, f)
		}
	}
	if level == program.ReviewError || level == program.ReviewWarning {
		return out
	}
	said := map[string]bool{}
	for _, f := range out {
		said[f.Address] = true
	}
	for _, s := range p.Steps {
		if a := s.Address.String(); s.Action.ChangesDefinition() && !said[a] {
			out = append(out, Finding{Kind: DefinitionChange, Address: a, Text: string(s.Action)})
		}
	}
	return out
}

// findings are the errors and warnings of a plan.
func findings(p *Plan) []Finding {
	var out []Finding
	for _, v := range p.Policies {
		text := fmt.Sprintf("policy %q: %s", v.Policy, Say(v))
		switch v.Outcome {
		case program.PolicyDenied:
			out = append(out, Finding{Kind: PolicyDenied, Text: text})
		case program.PolicyWarned:
			out = append(out, Finding{Kind: PolicyWarned, Text: text})
		}
	}
	for _, s := range p.Steps {
		out = append(out, s.findings()...)
	}
	return out
}

// findings are the errors and warnings of one step.
func (s *Step) findings() []Finding {
	var out []Finding
	found := func(kind FindingKind, format string, args ...any) {
		out = append(out, Finding{Kind: kind, Address: s.Address.String(), Text: fmt.Sprintf(format, args...)})
	}
	switch s.Action {
	case Destroy:
		found(DataDestroyed, "it is destroyed")
	case Replace:
		found(DataReplaced, "it is replaced: its data is made anew")
	}
	if s.Drift != nil {
		found(TableDrifted, "its table is not what was applied")
	}
	for _, i := range s.Impact {
		if i.Refused.Found > 0 {
			found(RowsRefused, "%s would refuse rows that are now in %s", i.Contract, i.Name)
		}
	}
	if s.Compat != nil && s.Action == Update { // a new version breaks nobody who stays with the old one
		for _, c := range s.Compat.Changes {
			switch {
			case c.Broken:
				found(BrokenContract, "%s", c.Text)
			case c.Backward.Verdict == compat.Breaks || c.Forward.Verdict == compat.Breaks:
				found(UnprotectedBreak, "%s; compatibility = %q protects nobody from it", c.Text, string(s.Compat.Mode))
			}
		}
	}
	if do, ok := s.Do.(*PrepareStream); ok && s.Action == Update {
		for _, a := range do.Alters {
			if a.Kind == "hide" {
				found(ColumnHidden, "column %q is published no more", a.Column)
			}
		}
	}
	return out
}

// Say is what a verdict says in one sentence: the policy's message, and why it
// could not be decided where that is so.
func Say(v program.Verdict) string {
	switch {
	case v.Message == "":
		return v.Fault
	case v.Fault == "":
		return v.Message
	}
	return v.Message + " (" + v.Fault + ")"
}

// Denied returns the verdicts that deny the plan.
func (p *Plan) Denied() []program.Verdict {
	var out []program.Verdict
	for _, v := range p.Policies {
		if v.Outcome == program.PolicyDenied {
			out = append(out, v)
		}
	}
	return out
}
