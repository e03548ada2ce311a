package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/planner/plan"
)

// painter collects text and the first error of writing it.
type painter struct {
	w     io.Writer
	style Style
	err   error
}

func (p *painter) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// WritePlan draws a plan as text.
func WritePlan(w io.Writer, v Plan, style Style) error {
	p := &painter{w: w, style: style}
	p.line("Environment %s of project %s", style.paint(bold, v.Environment), style.paint(bold, v.Project))
	for _, d := range v.Destinations {
		p.line("  %s  %s  %s", d.Address, d.Type, d.Where)
	}
	p.line("")
	if len(v.Actions) > 0 {
		p.line("headgate will do the following:")
		p.line("")
	}
	for _, a := range v.Actions {
		p.action(a)
	}
	p.runs("Data waiting", v.Waiting)
	p.runs("On every apply", v.Polls)
	p.line("%s", style.paint(bold, v.Sentence()))
	return p.err
}

// Sentence sums the plan up in one or two sentences.
func (v Plan) Sentence() string {
	s := v.Summary
	moves := ""
	if s.Streams > 0 {
		moves += " " + plural(int64(s.Streams), "stream") + " to run."
	}
	if models := s.Run - len(v.pipelines()); models > 0 {
		moves += " " + plural(int64(models), "model") + " to build anew."
	}
	if s.Poll > 0 {
		moves += " " + plural(int64(s.Poll), "pipeline") + " to ask for new data."
	}
	if !v.Changes {
		return "No changes. What is applied matches the configuration." + moves
	}
	return fmt.Sprintf("Plan: %d to create, %d to update, %d to replace, %d to destroy.%s", s.Create, s.Update, s.Replace, s.Destroy, moves)
}

// pipelines are the runs that move streams; the others build models.
func (v Plan) pipelines() []Waiting {
	return slices.DeleteFunc(slices.Clone(v.Waiting), func(w Waiting) bool { return len(w.Streams) == 0 })
}

// what says in words what becomes of an address.
func what(a Action) string {
	switch {
	case a.Does == "forget":
		return "will be forgotten; nothing is dropped"
	case a.Action == plan.Create:
		return "will be created"
	case a.Action == plan.Update:
		return "will be updated in place"
	case a.Action == plan.Replace:
		return "will be replaced"
	default:
		return "will be destroyed"
	}
}

func colorOf(a plan.Action) string {
	switch a {
	case plan.Create:
		return green
	case plan.Update:
		return yellow
	case plan.Replace, plan.Destroy:
		return red
	default:
		return cyan
	}
}

func (p *painter) action(a Action) {
	p.line("  %s", p.style.paint(bold, "# "+a.Address+" "+what(a)))
	for _, r := range a.Reasons {
		if r.Code != plan.NotInState || len(a.Reasons) > 1 {
			p.line("  # %s", r.Text)
		}
	}
	p.line("  %s %s", p.style.paint(colorOf(a.Action), a.Action.Symbol()), a.Address)
	width := 0
	for _, c := range a.Changes {
		width = max(width, len([]rune(c.Path)))
	}
	for _, c := range a.Changes {
		p.change(c, width)
	}
	p.promises(a)
	switch {
	case a.Compat == nil:
	case a.Action == plan.Create:
		p.newVersion(a.compared(), "      ")
	default:
		p.compatibility(a.Compat, "      ")
	}
	for _, n := range a.Notes {
		for i, line := range wrap(n, 92) {
			lead := "note: "
			if i > 0 {
				lead = "      "
			}
			p.line("      %s%s", p.style.paint(dim, lead), line)
		}
	}
	p.line("")
}

func (p *painter) change(c plan.Change, width int) {
	sign := p.style.paint(colorOf(c.Action), c.Action.Symbol())
	forces := ""
	if c.Forces {
		forces = "  " + p.style.paint(red, "# forces replacement")
	}
	if long(c.Old) || long(c.New) {
		p.line("      %s %s:%s", sign, c.Path, forces)
		p.difference(text(c.Old), text(c.New))
		return
	}
	name := pad(c.Path, width)
	switch {
	case c.Old == nil && c.New == nil:
		p.line("      %s %s%s", sign, c.Path, forces)
	case c.Old == nil:
		p.line("      %s %s = %s%s", sign, name, *c.New, forces)
	case c.New == nil:
		p.line("      %s %s = %s -> null%s", sign, name, *c.Old, forces)
	default:
		p.line("      %s %s: %s -> %s%s", sign, name, *c.Old, *c.New, forces)
	}
}

func long(s *string) bool { return s != nil && strings.Contains(*s, "\n") }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// difference draws two texts line by line.
func (p *painter) difference(before, after string) {
	for _, l := range diffLines(lines(before), lines(after)) {
		color := dim
		switch l.sign {
		case "+":
			color = green
		case "-":
			color = red
		}
		p.line("          %s", p.style.paint(color, strings.TrimRight(l.sign+" "+l.text, " ")))
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(s, "\n"), "\n")
}

func (p *painter) runs(title string, list []Waiting) {
	if len(list) == 0 {
		return
	}
	p.line("%s:", title)
	for _, w := range list {
		p.line("  %s %s", p.style.paint(cyan, ">"), w.Address)
		for _, s := range w.Streams {
			p.line("      %s", s.Address)
			for _, f := range s.Files {
				p.line("          %s  %s  %s", f.Path, Bytes(f.Bytes), f.How)
			}
			if len(s.Bookmark) > 0 {
				p.line("          from bookmark %s", bookmark(s.Bookmark))
			}
		}
		for _, r := range w.Reasons {
			p.line("      # %s", r.Text)
		}
		for _, n := range w.Notes {
			p.line("      note: %s", n)
		}
	}
	p.line("")
}
