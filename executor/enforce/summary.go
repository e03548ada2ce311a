package enforce

import (
	"cmp"
	"encoding/json"
	"errors"
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
		e.countUnknown(u.Name, u.Count)
	}
	return nil
}

// findings is what a fork found in one batch.
type findings struct {
	rules   []ruleFindings
	unknown []UnknownSummary // by appearance; How is not set
	others  int64
}

// ruleFindings are the violations of a rule in one batch.
type ruleFindings struct {
	rule     int
	count    int64
	examples []Example
}

// Fork returns an enforcer for batches of the stream that are worked on beside
// others. What it finds in a batch goes with it, to be taken by Take: it counts
// nothing by itself, and what becomes of a batch depends on that batch alone. The
// boolean is false where it cannot be so, under unknown_columns = "evolve".
func (e *Enforcer) Fork() (*Enforcer, bool) {
	if e.spec.Contract.UnknownColumns == contract.UnknownEvolve {
		return nil, false
	}
	f, _ := New(e.spec) // of which e was made: there is nothing to say about it
	if f == nil {
		return nil, false
	}
	f.fork = true
	f.slots.root.each(func(n *node) { n.base, n.learnt = len(n.members), 0 })
	return f, true
}

// takeFindings returns what the batch broke, nil for nothing, and forgets it.
func (e *Enforcer) takeFindings() *findings {
	var f findings
	for i := range e.rules {
		r := &e.rules[i]
		if r.count > 0 {
			f.rules = append(f.rules, ruleFindings{i, r.count, r.examples[r.told:len(r.examples):len(r.examples)]})
			r.count, r.told = 0, len(r.examples)
		}
	}
	for i, n := range e.unknown {
		if n > 0 {
			f.unknown = append(f.unknown, UnknownSummary{Name: e.reader.root.members[i].name, Count: n})
		}
	}
	f.others = e.others
	clear(e.unknown)
	e.others = 0
	if f.rules == nil && f.unknown == nil && f.others == 0 {
		return nil
	}
	return &f
}

// Take adds what a fork of e found in a batch to what e found, b and err as the
// fork's Enforce returned them. Batches are taken in the order of their records:
// then the outcome is that of one enforcer.
func (e *Enforcer) Take(b *Batch, err error) {
	var f *findings
	var stop *Stop
	switch {
	case errors.As(err, &stop):
		f = stop.found
	case b != nil:
		f = b.found
	}
	if f == nil {
		return
	}
	for _, found := range f.rules {
		r := &e.rules[found.rule]
		r.count += found.count
		room := max(e.examples()-len(r.examples), 0)
		r.examples = append(r.examples, found.examples[:min(len(found.examples), room)]...)
	}
	for _, u := range f.unknown {
		e.countUnknown(u.Name, u.Count)
	}
	e.others += f.others
}

// countUnknown counts a member that no column names.
func (e *Enforcer) countUnknown(name string, n int64) {
	at := e.reader.root.learn([]byte(name))
	if at < 0 {
		e.others += n
		return
	}
	for len(e.unknown) <= int(at) {
		e.unknown = append(e.unknown, 0)
	}
	e.unknown[at] += n
}
