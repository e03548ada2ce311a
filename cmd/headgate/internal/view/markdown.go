package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/planner/plan"
)

// WritePlanMarkdown draws a plan for a pull request. It holds no rows of data.
func WritePlanMarkdown(w io.Writer, v Plan) error {
	p := &painter{w: w}
	p.line("### headgate plan: environment %s of %s", code(v.Environment), code(v.Project))
	p.line("")
	p.line("**%s**", v.Sentence())
	if len(v.Actions) > 0 {
		p.line("")
		p.line("| | address | what | changes |")
		p.line("|---|---|---|---|")
	}
	for _, a := range v.Actions {
		var changes []string
		for _, c := range a.Changes {
			changes = append(changes, cell(changeLine(c)))
		}
		p.line("| `%s` | %s | %s | %s |", a.Action.Symbol(), code(a.Address), cell(a.what()), strings.Join(changes, "<br>"))
	}
	for _, a := range v.Actions {
		if a.Compat != nil {
			p.line("")
			p.compatTable(a.compared())
		}
	}
	p.markdownRuns("Data waiting", v.Waiting)
	p.markdownRuns("On every apply", v.Polls)
	return p.err
}

// what says what happens and why.
func (a Action) what() string {
	out := what(a)
	for _, r := range a.Reasons {
		if r.Code != plan.NotInState {
			out += "; " + r.Text
		}
	}
	return out
}

func changeLine(c plan.Change) string {
	switch {
	case long(c.Old) || long(c.New):
		return c.Path + ": text changed"
	case c.Old != nil && c.New != nil:
		return fmt.Sprintf("%s: %s -> %s", c.Path, *c.Old, *c.New)
	case c.New != nil:
		return fmt.Sprintf("%s = %s", c.Path, *c.New)
	case c.Old != nil:
		return fmt.Sprintf("%s = %s -> null", c.Path, *c.Old)
	default:
		return c.Path
	}
}

// cell makes text safe inside a markdown table: what could be markup is escaped.
func cell(s string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "\n", " ", "<", "&lt;", ">", "&gt;", "`", "\\`", "*", "\\*", "_", "\\_",
		"[", "\\[", "]", "\\]", "@", "&#64;").Replace(s)
}

// code sets a name in a code span; what would end the span or the cell is
// replaced.
func code(s string) string {
	return "`" + strings.NewReplacer("`", "'", "|", "\\|", "\n", " ").Replace(s) + "`"
}

func (p *painter) markdownRuns(title string, list []Waiting) {
	if len(list) == 0 {
		return
	}
	p.line("")
	p.line("**%s**", title)
	p.line("")
	for _, w := range list {
		p.line("- %s", code(w.Address))
		for _, s := range w.Streams {
			var bytes int64
			for _, f := range s.Files {
				bytes += f.Bytes
			}
			if len(s.Files) > 0 {
				p.line("  - %s: %s, %s", code(s.Address), plural(int64(len(s.Files)), "file"), Bytes(bytes))
			} else {
				p.line("  - %s", code(s.Address))
			}
		}
	}
}

// WriteReportMarkdown draws a report for a pull request or a chat. It holds
// counts and rules, and no values.
func WriteReportMarkdown(w io.Writer, v Report) error {
	p := &painter{w: w}
	p.line("### headgate %s: %s", v.Command, v.Status)
	p.line("")
	p.line("Environment %s of %s, %s, run `%s`.", code(v.Environment), code(v.Project), Seconds(v.Seconds), v.RunID)
	if v.Totals.Streams > 0 {
		p.line("")
		p.line("| stream | status | read | accepted | quarantined | dropped | filtered | rows in the table |")
		p.line("|---|---|--:|--:|--:|--:|--:|--:|")
	}
	for _, s := range v.Steps {
		for _, t := range s.Streams {
			p.line("| %s | %s | %s | %s | %s | %s | %s | %s |", code(t.Address+partition(t.Partition)), t.Status, Count(t.Read), Count(t.Accepted),
				Count(t.Quarantined), Count(t.Dropped), Count(t.Filtered), Count(t.Diff.Rows))
		}
	}
	p.markdownRules(v)
	for _, s := range v.Steps {
		if s.Model != nil {
			p.line("- %s: %s", code(s.Address), s.Status)
		}
	}
	for _, d := range v.Diagnostics {
		p.line("- **%s** %s: %s", d.Severity, d.Code, cell(d.Summary))
	}
	return p.err
}

// markdownRules draws what was broken, by rule: first by records, then over tables.
func (p *painter) markdownRules(v Report) {
	head := false
	row := func(address, cells string) {
		if !head {
			p.line("")
			p.line("| stream | rule | records | outcome | written at | what is wrong | first found at |")
			p.line("|---|---|--:|---|---|---|---|")
			head = true
		}
		p.line("| %s | %s |", code(address), cells)
	}
	audits := func(address string, list []connector.AuditResult) {
		for _, a := range list {
			if a.Rows > 0 {
				row(address, fmt.Sprintf("%s | %s | %s |  |  | ", code(a.Rule), Count(a.Rows), verdict(a)))
			}
		}
	}
	for _, s := range v.Steps {
		for _, t := range s.Streams {
			for _, r := range t.Rules {
				row(t.Address, ruleCells(r))
			}
			audits(t.Address, t.Audits)
		}
		if s.Model != nil {
			audits(s.Address, s.Model.Audits)
		}
	}
	p.line("")
}

// markdownRuleTable draws rules as a table of their own.
func (p *painter) markdownRuleTable(rules []outcome.RuleReport) {
	if len(rules) == 0 {
		return
	}
	p.line("")
	p.line("| rule | records | outcome | written at | what is wrong | first found at |")
	p.line("|---|--:|---|---|---|---|")
	for _, r := range rules {
		p.line("| %s |", ruleCells(r))
	}
}

// ruleCells are a rule's cells of a table. They hold places and no values.
func ruleCells(r outcome.RuleReport) string {
	written, found := "", []string{}
	if r.Range != nil {
		written = code(place(r.Range))
	}
	for i := range r.Examples[:min(len(r.Examples), shownExamples)] {
		found = append(found, code(where(r.Examples, i)))
	}
	return fmt.Sprintf("%s | %s | %s | %s | %s | %s", code(r.Rule), Count(r.Count), r.Outcome, written, cell(sentence(r)), strings.Join(found, ", "))
}
