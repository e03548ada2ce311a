package planview

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/compatview"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/planner/plan"
)

// WriteText draws a plan as text.
func WriteText(w io.Writer, v Plan, style draw.Style) error {
	p := newPainter(w, style)
	p.Line("Environment %s of project %s", style.Paint(draw.Bold, v.Environment), style.Paint(draw.Bold, v.Project))
	for _, d := range v.Destinations {
		p.Line("  %s  %s  %s", d.Address, d.Type, d.Where)
	}
	p.Line("")
	if v.Base != nil {
		p.Line("Compared with %s, not with what is applied.", baseName(v.Base))
		p.Line("")
	}
	p.drift(v)
	if len(v.planned()) > 0 {
		p.Line("headgate will do the following:")
		p.Line("")
	}
	for _, a := range v.listed() {
		p.action(a)
	}
	p.runs("Data waiting", v.Waiting)
	p.runs("On every apply", v.Polls)
	p.samples(v.Samples)
	p.Line("%s", style.Paint(draw.Bold, v.Sentence()))
	p.policies(v.Policies)
	return p.Err
}

// maxFiles is how many waiting files of a stream the text names.
const maxFiles = 10

// Sentence sums the plan up in one or two sentences.
func (v Plan) Sentence() string {
	s := v.Summary
	moves := ""
	if s.Streams > 0 {
		moves += " " + draw.Plural(int64(s.Streams), "stream") + " to run."
	}
	if models := s.Run - len(v.pipelines()); models > 0 {
		moves += " " + draw.Plural(int64(models), "model") + " to build anew."
	}
	if s.Poll > 0 {
		moves += " " + draw.Plural(int64(s.Poll), "pipeline") + " to ask for new data."
	}
	verdict := ""
	if v.Verdict != "" {
		verdict = " Contracts: " + string(v.Verdict)
		if n := len(v.Breaking); n > 0 {
			verdict += ", " + draw.Plural(int64(n), "breaking change")
		}
		verdict += "."
	}
	switch {
	case !v.Changes && v.Base != nil:
		return "No changes. " + v.Base.Ref + " says the same." + moves
	case !v.Changes:
		return "No changes. What is applied matches the configuration." + moves
	}
	mend := ""
	if s.Drift > 0 {
		mend = fmt.Sprintf(", %d to mend", s.Drift)
	}
	return fmt.Sprintf("Plan: %d to create, %d to update, %d to replace, %d to destroy%s%s.%s%s", s.Create, s.Update, s.Replace, s.Destroy, s.forgotten(), mend, verdict, moves)
}

// baseName is a revision as a reader knows it.
func baseName(b *plan.Base) string {
	if b.Commit == "" {
		return b.Ref
	}
	return b.Ref + " (" + b.Commit[:min(len(b.Commit), 10)] + ")"
}

// pipelines are the runs that move streams; the others build models.
func (v Plan) pipelines() []Waiting {
	return slices.DeleteFunc(slices.Clone(v.Waiting), func(w Waiting) bool { return len(w.Streams) == 0 })
}

// what says in words what becomes of an address.
func what(a Action) string {
	if text := refactored(a); text != "" {
		return text
	}
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
		return draw.Green
	case plan.Update:
		return draw.Yellow
	case plan.Replace, plan.Destroy:
		return draw.Red
	default:
		return draw.Cyan
	}
}

func (p *painter) action(a Action) {
	p.Line("  %s", p.Style.Paint(draw.Bold, "# "+a.title()))
	for _, r := range a.Reasons {
		if r.Code != plan.NotInState || len(a.Reasons) > 1 {
			p.Line("  # %s", r.Text)
		}
	}
	p.Line("  %s %s", p.Style.Paint(colorOf(a.Action), a.Action.Symbol()), a.Address)
	if len(a.elements) > 0 {
		p.Line("      elements: %s", a.someElements())
	}
	width := 0
	for _, c := range a.Changes {
		width = max(width, len([]rune(c.Path)))
	}
	for _, c := range a.Changes {
		p.change(c, width)
	}
	p.promises(a)
	if a.Volume != nil {
		p.Line("      %s", volume(a.Volume))
	}
	p.impact(a)
	switch {
	case a.Compat == nil:
	case a.Action == plan.Create:
		compatview.NewVersion(&p.Painter, a.compared(), "      ")
	default:
		compatview.Change(&p.Painter, a.Compat, "      ")
	}
	p.downstream(a)
	for _, n := range a.Notes {
		for i, line := range draw.Wrap(n, 92) {
			lead := "note: "
			if i > 0 {
				lead = "      "
			}
			p.Line("      %s%s", p.Style.Paint(draw.Dim, lead), line)
		}
	}
	p.Line("")
}

func (p *painter) change(c plan.Change, width int) {
	sign := p.Style.Paint(colorOf(c.Action), c.Action.Symbol())
	forces := ""
	if c.Forces {
		forces = "  " + p.Style.Paint(draw.Red, "# forces replacement")
	}
	if long(c.Old) || long(c.New) {
		p.Line("      %s %s:%s", sign, c.Path, forces)
		p.Difference(text(c.Old), text(c.New))
		return
	}
	name := draw.Pad(c.Path, width)
	switch {
	case c.Old == nil && c.New == nil:
		p.Line("      %s %s%s", sign, c.Path, forces)
	case c.Old == nil:
		p.Line("      %s %s = %s%s", sign, name, *c.New, forces)
	case c.New == nil:
		p.Line("      %s %s = %s -> null%s", sign, name, *c.Old, forces)
	default:
		p.Line("      %s %s: %s -> %s%s", sign, name, *c.Old, *c.New, forces)
	}
}

func long(s *string) bool { return s != nil && strings.Contains(*s, "\n") }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (p *painter) runs(title string, list []Waiting) {
	if len(list) == 0 {
		return
	}
	p.Line("%s:", title)
	for _, w := range list {
		p.Line("  %s %s", p.Style.Paint(draw.Cyan, ">"), w.Address)
		for _, s := range w.Streams {
			p.Line("      %s", s.Address)
			for _, f := range s.Files[:min(len(s.Files), maxFiles)] {
				p.Line("          %s  %s  %s", f.Path, draw.Bytes(f.Bytes), f.How)
			}
			if more := s.Count - min(len(s.Files), maxFiles); more > 0 {
				p.Line("          and %s, %s in all", draw.Plural(int64(more), "more file"), draw.Bytes(s.Bytes))
			}
			if len(s.Bookmark) > 0 {
				p.Line("          from bookmark %s", draw.Bookmark(s.Bookmark))
			}
		}
		for _, r := range w.Reasons {
			p.Line("      # %s", r.Text)
		}
		if w.Volume != nil {
			p.Line("      %s", volume(w.Volume))
		}
		for _, n := range w.Notes {
			p.Line("      note: %s", n)
		}
	}
	p.Line("")
}
