package view

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// rules draws broken rules: what each is, how often it was broken, what became of
// the records, where it is written and what it asks for; below it the examples, a
// line for all or a line for each.
func (p *painter) rules(rules []outcome.RuleReport, indent string, lines bool) {
	name, count, what := 0, 0, 0
	for _, r := range rules {
		name, count, what = max(name, len([]rune(r.Rule))), max(count, len(draw.Count(r.Count))), max(what, len(r.Outcome))
	}
	for _, r := range rules {
		line := fmt.Sprintf("%s%s  %s  %s", indent, p.Style.Paint(draw.Bold, draw.Pad(r.Rule, name)), draw.PadLeft(draw.Count(r.Count), count), draw.Pad(r.Outcome, what))
		if r.Range != nil {
			line += "  " + place(r.Range)
		}
		if m := sentence(r); m != "" {
			line += "  " + m
		}
		p.Line("%s", strings.TrimRight(line, " "))
		if lines {
			p.exampleLines(r, indent+"    ")
		} else if len(r.Examples) > 0 {
			p.Line("%s    %s", indent, examples(r))
		}
	}
}

// printable replaces what a terminal would take for more than text, in a name
// that comes from data.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, name)
}

// place prints where a rule is written, as compilers do.
func place(r *diag.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

// sentence is what a rule asks for, or what all of its examples do wrong.
func sentence(r outcome.RuleReport) string {
	if r.Message != "" || len(r.Examples) == 0 {
		return r.Message
	}
	for _, x := range r.Examples {
		if x.Message != r.Examples[0].Message {
			return ""
		}
	}
	return r.Examples[0].Message
}

// where prints an example's place; the origin is left out where it is that of the
// example before.
func where(list []outcome.ExampleReport, i int) string {
	if i > 0 && list[i].Origin == list[i-1].Origin {
		return fmt.Sprintf(":%d", list[i].Line)
	}
	return spot(list[i])
}

// shownExamples is how many examples of a rule a report's text shows.
const shownExamples = 5

// examples prints the first places where a rule was broken in one line.
func examples(r outcome.RuleReport) string {
	var out []string
	for i, x := range r.Examples {
		if i == shownExamples {
			break
		}
		text := where(r.Examples, i)
		if x.Value != "" {
			text += " " + draw.Cut(x.Value, 40)
		}
		if x.Message != "" && x.Message != sentence(r) {
			text += " (" + x.Message + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// exampleLines prints each example in a line of its own.
func (p *painter) exampleLines(r outcome.RuleReport, indent string) {
	at, value := 0, 0
	for _, x := range r.Examples {
		at, value = max(at, len([]rune(spot(x)))), max(value, len([]rune(draw.Cut(x.Value, 60))))
	}
	for _, x := range r.Examples {
		line := indent + draw.Pad(spot(x), at) + "  " + draw.Pad(draw.Cut(x.Value, 60), value)
		if x.Message != "" && x.Message != sentence(r) {
			line += "  " + x.Message
		}
		p.Line("%s", strings.TrimRight(line, " "))
	}
}

// spot prints where a record was found.
func spot(x outcome.ExampleReport) string {
	return fmt.Sprintf("%s:%d", filepath.ToSlash(x.Origin), x.Line)
}
