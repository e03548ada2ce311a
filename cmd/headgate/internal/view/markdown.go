package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
)

// WriteReportMarkdown draws a report for a pull request or a chat. It holds
// counts and rules, and no values.
func WriteReportMarkdown(w io.Writer, v Report) error {
	p := newPainter(w, draw.Style{})
	p.Line("### headgate %s: %s", v.Command, v.Status)
	p.Line("")
	p.Line("Environment %s of %s, %s, run `%s`.", draw.Code(v.Environment), draw.Code(v.Project), draw.Seconds(v.Seconds), v.RunID)
	if v.Totals.Streams > 0 {
		p.Line("")
		p.Line("| stream | status | read | accepted | quarantined | dropped | filtered | rows in the table |")
		p.Line("|---|---|--:|--:|--:|--:|--:|--:|")
	}
	for _, s := range v.Steps {
		for _, t := range s.Streams {
			p.Line("| %s | %s | %s | %s | %s | %s | %s | %s |", draw.Code(t.Address+partition(t.Partition)), t.Status, draw.Count(t.Read), draw.Count(t.Accepted),
				draw.Count(t.Quarantined), draw.Count(t.Dropped), draw.Count(t.Filtered), draw.Count(t.Diff.Rows))
		}
	}
	p.markdownRules(v)
	for _, s := range v.Steps {
		if s.Model != nil {
			p.Line("- %s: %s", draw.Code(s.Address), s.Status)
		}
	}
	for _, d := range v.Diagnostics {
		p.Line("- **%s** %s: %s", d.Severity, d.Code, draw.Cell(d.Summary))
	}
	return p.Err
}

// markdownRules draws what was broken, by rule: first by records, then over tables.
func (p *painter) markdownRules(v Report) {
	head := false
	row := func(address, cells string) {
		if !head {
			p.Line("")
			p.Line("| stream | rule | records | outcome | written at | what is wrong | first found at |")
			p.Line("|---|---|--:|---|---|---|---|")
			head = true
		}
		p.Line("| %s | %s |", draw.Code(address), cells)
	}
	audits := func(address string, list []connector.AuditResult) {
		for _, a := range list {
			if a.Rows > 0 {
				row(address, fmt.Sprintf("%s | %s | %s |  |  | ", draw.Code(a.Rule), draw.Count(a.Rows), verdict(a)))
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
	p.Line("")
}

// markdownRuleTable draws rules as a table of their own.
func (p *painter) markdownRuleTable(rules []outcome.RuleReport) {
	if len(rules) == 0 {
		return
	}
	p.Line("")
	p.Line("| rule | records | outcome | written at | what is wrong | first found at |")
	p.Line("|---|--:|---|---|---|---|")
	for _, r := range rules {
		p.Line("| %s |", ruleCells(r))
	}
}

// ruleCells are a rule's cells of a table. They hold places and no values.
func ruleCells(r outcome.RuleReport) string {
	written, found := "", []string{}
	if r.Range != nil {
		written = draw.Code(place(r.Range))
	}
	for i := range r.Examples[:min(len(r.Examples), shownExamples)] {
		found = append(found, draw.Code(where(r.Examples, i)))
	}
	return fmt.Sprintf("%s | %s | %s | %s | %s | %s", draw.Code(r.Rule), draw.Count(r.Count), r.Outcome, written, draw.Cell(sentence(r)), strings.Join(found, ", "))
}
