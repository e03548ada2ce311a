package enforce

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// defaultExamples is how many examples of a rule's violations are kept.
const defaultExamples = 5

// examples is how many examples of a rule are kept.
func (e *Enforcer) examples() int { return cmp.Or(e.spec.Examples, defaultExamples) }

// Summary is what an enforcer has found so far. It is plain data.
type Summary struct {
	Rules   []RuleSummary     `json:"rules,omitempty"`           // those that were broken, by count, most first, then by name
	Unknown []UnknownSummary  `json:"unknown_columns,omitempty"` // by name
	Evolved []contract.Column `json:"evolved,omitempty"`         // columns beyond the contract's, in order
}

// RuleSummary counts the violations of one rule.
type RuleSummary struct {
	Rule     string      `json:"rule"`
	Column   string      `json:"column,omitempty"`
	Count    int64       `json:"count"`
	Severity string      `json:"severity"` // error or warning
	Outcome  string      `json:"outcome"`  // quarantined, dropped, nulled, warned or failed: what the rule asks for
	Message  string      `json:"message,omitempty"`
	Range    *diag.Range `json:"range,omitempty"` // where the rule is written
	Examples []Example   `json:"examples,omitempty"`
}

// Example is one violation. Value is JSON text, masked where personal, cut at
// 256 bytes; "" where there is none. Message is what is wrong with this value,
// where the rule has no message that fits all of them.
type Example struct {
	Origin  string `json:"origin"`
	Line    int64  `json:"line"`
	Value   string `json:"value,omitempty"`
	Message string `json:"message,omitempty"`
}

// UnknownSummary counts a member that no column names.
type UnknownSummary struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
	How   string `json:"how"` // dropped, kept in _extra, quarantined or failed
}

// Report returns the broken rules and the unknown members as reports have them.
func (s *Summary) Report() (rules []outcome.RuleReport, unknown []outcome.UnknownReport) {
	for _, r := range s.Rules {
		out := outcome.RuleReport{Rule: r.Rule, Column: r.Column, Count: r.Count, Severity: r.Severity, Outcome: r.Outcome, Message: r.Message, Range: r.Range}
		for _, x := range r.Examples {
			out.Examples = append(out.Examples, outcome.ExampleReport(x))
		}
		rules = append(rules, out)
	}
	for _, u := range s.Unknown {
		unknown = append(unknown, outcome.UnknownReport(u))
	}
	return rules, unknown
}

// othersName stands for the members whose names were too many to count apart.
const othersName = "(others)"

// Summary returns what was found so far.
func (e *Enforcer) Summary() Summary {
	var s Summary
	for i := range e.rules {
		r := &e.rules[i]
		if r.count == 0 {
			continue
		}
		rs := RuleSummary{Rule: r.name, Column: r.column, Count: r.count, Severity: string(r.severity), Outcome: r.action.outcome(),
			Message: r.message, Examples: slices.Clone(r.examples)}
		if !r.where.IsZero() {
			where := r.where
			rs.Range = &where
		}
		s.Rules = append(s.Rules, rs)
	}
	slices.SortStableFunc(s.Rules, func(a, b RuleSummary) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Column, b.Column))
	})
	how := e.unknownHow()
	for i, n := range e.unknown {
		if n > 0 {
			s.Unknown = append(s.Unknown, UnknownSummary{Name: e.reader.root.members[i].name, Count: n, How: how})
		}
	}
	slices.SortFunc(s.Unknown, func(a, b UnknownSummary) int { return cmp.Compare(a.Name, b.Name) })
	if e.others > 0 {
		s.Unknown = append(s.Unknown, UnknownSummary{Name: othersName, Count: e.others, How: how})
	}
	for _, c := range e.columns {
		if c.evolved {
			s.Evolved = append(s.Evolved, c.Column)
		}
	}
	return s
}

func (e *Enforcer) unknownHow() string {
	switch e.spec.Contract.UnknownColumns {
	case contract.UnknownKeepJSON:
		return "kept in " + contract.ExtraColumn
	case contract.UnknownQuarantine:
		return "quarantined"
	case contract.UnknownFail:
		return "failed"
	default:
		return "dropped"
	}
}

// Restore takes up the counts of an earlier part of the run from the JSON of its
// Summary, and the columns that it evolved. It is called before the first batch.
// Rules that the contract no longer has are left out.
func (e *Enforcer) Restore(data []byte) error {
	var s Summary
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("the summary of the part of the run that is taken up: %w", err)
	}
	for _, c := range s.Evolved {
		e.addEvolved(c)
	}
	e.reader.resize(e.slots.count, 0)
	e.added = nil
	for _, rs := range s.Rules {
		for i := range e.rules {
			if r := &e.rules[i]; r.name == rs.Rule && r.column == rs.Column {
				r.count, r.examples = rs.Count, rs.Examples
			}
		}
	}
	for _, u := range s.Unknown {
		if u.Name == othersName {
			e.others = u.Count
			continue
		}
		at := e.reader.root.learn([]byte(u.Name))
		if at < 0 {
			e.others += u.Count
			continue
		}
		for len(e.unknown) <= int(at) {
			e.unknown = append(e.unknown, 0)
		}
		e.unknown[at] = u.Count
	}
	return nil
}
