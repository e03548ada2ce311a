package planview

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/compatview"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/planner/plan"
)

// MaxMarkdown is how many bytes a plan in markdown has at most. GitHub takes a comment
// of 65,536 characters; the rest is room for whoever puts text around it.
const MaxMarkdown = 60_000

// What the parts before the details take at most, so that all of them fit.
const (
	maxNamed = 15     // faults of each severity, breaking changes, lost tables
	maxRows  = 100    // actions in the table at the top
	maxTable = 20_000 // bytes of that table
)

// page is markdown of a bounded length, put together from blocks that stand whole or
// are left out.
type page struct {
	b    bytes.Buffer
	room int // bytes
}

// add writes a block where it fits and reports whether it did.
func (g *page) add(block string) bool {
	if len(block) > g.room {
		return false
	}
	g.room -= len(block)
	g.b.WriteString(block)
	return true
}

// block collects what a painter draws.
func block(write func(p *painter)) string {
	var b bytes.Buffer
	write(newPainter(&b, draw.Style{})) // a buffer takes everything
	return b.String()
}

// WriteMarkdown draws a plan for a pull request: a summary on one line, what is wrong
// and what breaks, the actions, and everything else folded. It holds no rows of data,
// and never more than MaxMarkdown bytes: what does not fit is counted.
func WriteMarkdown(w io.Writer, v Plan) error {
	g := &page{room: MaxMarkdown}
	const kept = 200 // for the sentence about what was left out
	g.room -= kept
	g.add(block(func(p *painter) { p.heading(v) }))
	g.add(block(func(p *painter) { p.faults(v) }))
	g.add(block(func(p *painter) { p.markdownPolicies(v.Policies) }))
	g.add(block(func(p *painter) { p.markdownDrift(v) }))
	g.add(block(func(p *painter) { p.broken(v) }))
	g.add(block(func(p *painter) { p.lost(v) }))
	g.add(block(func(p *painter) { p.markdownImpact(v) }))
	g.add(block(func(p *painter) { p.table(v) }))
	g.add(block(func(p *painter) { p.markdownRuns("Data waiting", v.Waiting) }))
	g.add(block(func(p *painter) { p.markdownRuns("On every apply", v.Polls) }))
	g.add(block(func(p *painter) { p.markdownSamples(v) }))
	g.add(block(func(p *painter) { p.picture(v) }))
	left := 0
	for _, a := range v.listed() {
		if left > 0 || !g.add(block(func(p *painter) { p.folded(a) })) {
			left++
		}
	}
	if left > 0 {
		g.room += kept
		g.add(fmt.Sprintf("\nThe details of %s did not fit here; `headgate plan` and `headgate show` print all of them.\n", draw.Plural(int64(left), "more action")))
	}
	_, err := w.Write(g.b.Bytes())
	return err
}

// heading is the title, and the plan in one sentence.
func (p *painter) heading(v Plan) {
	p.Line("### headgate plan: environment %s of %s", draw.Code(v.Environment), draw.Code(v.Project))
	p.Line("")
	with := ""
	if v.Base != nil {
		with = " Compared with " + draw.Code(baseName(v.Base)) + ", not with what is applied."
	}
	p.Line("**%s**%s", draw.Cell(v.Sentence()), with)
}

// faults lists errors and warnings with their places.
func (p *painter) faults(v Plan) {
	for _, kind := range []struct{ severity, box, title string }{{"error", "CAUTION", "error"}, {"warning", "WARNING", "warning"}} {
		list := slices.DeleteFunc(slices.Clone(v.Diagnostics), func(d diagnostic) bool { return d.Severity != kind.severity })
		if len(list) == 0 {
			continue
		}
		p.Line("")
		p.Line("> [!%s]", kind.box)
		p.Line("> **%s**", draw.Plural(int64(len(list)), kind.title))
		for i, d := range list {
			if i == maxNamed {
				p.Line("> - … and %d more", len(list)-maxNamed)
				break
			}
			where := ""
			if d.Range != nil {
				where = " at " + draw.Code(fmt.Sprintf("%s:%d", d.Range.Filename, d.Range.Start.Line))
			}
			p.Line("> - `%s` %s%s: %s", d.Code, draw.Cell(d.Summary), where, draw.Cell(draw.Cut(d.Detail, 500)))
		}
	}
}

// broken tells what breaks whom, before anything else of the plan.
func (p *painter) broken(v Plan) {
	if len(v.Breaking) == 0 {
		return
	}
	p.Line("")
	p.Line("#### ❌ %s", draw.Plural(int64(len(v.Breaking)), "breaking change"))
	p.Line("")
	for i, b := range v.Breaking {
		if i == maxNamed {
			p.Line("- … and %d more", len(v.Breaking)-maxNamed)
			break
		}
		p.Line("- %s `%s` %s: breaks the %s", draw.Code(b.Address), b.Rule, draw.Cell(draw.Cut(b.Text, 300)), strings.Join(b.Who, " and the "))
	}
}

// lost lists what readers lose, or what is loaded or built anew.
func (p *painter) lost(v Plan) {
	var lines []string
	for _, a := range v.Actions {
		if a.Action == plan.Destroy && a.Does != "forget" || a.Action == plan.Replace {
			lines = append(lines, fmt.Sprintf("- `%s` %s %s", a.Action.Symbol(), draw.Code(a.Address), draw.Cell(draw.Cut(a.what(), 200))))
		}
	}
	if len(lines) == 0 {
		return
	}
	p.Line("")
	p.Line("#### ⚠️ %s destroyed or made anew", draw.Plural(int64(len(lines)), "table"))
	p.Line("")
	if len(lines) > maxNamed {
		lines = append(lines[:maxNamed:maxNamed], fmt.Sprintf("- … and %d more", len(lines)-maxNamed))
	}
	p.Line("%s", strings.Join(lines, "\n"))
}

// table names what happens to each address, on a line each.
func (p *painter) table(v Plan) {
	list := v.listed()
	if len(list) == 0 {
		return
	}
	p.Line("")
	p.Line("| | address | what | changes |")
	p.Line("|---|---|---|---|")
	bytes := 0
	for i, a := range list {
		row := fmt.Sprintf("| `%s` | %s | %s | %s |", a.Action.Symbol(), draw.Code(a.Address), draw.Cell(draw.Cut(a.what(), 200)), a.few())
		if bytes += len(row); i == maxRows || bytes > maxTable {
			p.Line("| | … and %d more | | |", len(list)-i)
			break
		}
		p.Line("%s", row)
	}
}

// few are the first changes of an action, for a cell.
func (a Action) few() string {
	const most, width = 3, 80
	var out []string
	for i, c := range a.Changes {
		if i == most && len(a.Changes) > most+1 {
			out = append(out, fmt.Sprintf("… and %d more", len(a.Changes)-most))
			break
		}
		out = append(out, draw.Cell(draw.Cut(changeLine(c), width)))
	}
	return strings.Join(out, "<br>")
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

// folded is an action with all that is known of it, behind one line.
func (p *painter) folded(a Action) {
	if len(a.Changes) <= 1 && a.Compat == nil && len(a.Notes) == 0 && len(a.Downstream) == 0 && !slices.ContainsFunc(a.Changes, func(c plan.Change) bool { return long(c.Old) || long(c.New) }) {
		return // the table says it all
	}
	p.Line("")
	p.Line("<details><summary><code>%s</code> <code>%s</code>: %s</summary>", markup(a.Action.Symbol()), markup(a.Address), markup(a.digest()))
	if len(a.elements) > 0 {
		p.Line("")
		p.Line("Elements: %s", draw.Cell(a.someElements()))
	}
	if len(a.Changes) > 0 {
		p.Line("")
		p.fence("diff", func(q *painter) {
			for _, c := range a.Changes {
				q.changeDiff(c)
			}
		})
	}
	if a.Compat != nil {
		p.Line("")
		compatview.Table(&p.Painter, a.compared())
	}
	p.downstreamMarkdown(a)
	for _, n := range a.Notes {
		p.Line("")
		p.Line("Note: %s", draw.Cell(n))
	}
	p.Line("")
	p.Line("</details>")
}

// digest is an action in a few words.
func (a Action) digest() string {
	var out []string
	if n := len(a.Changes); n > 0 {
		out = append(out, draw.Plural(int64(n), "change"))
	}
	if a.Compat != nil {
		out = append(out, string(a.Compat.Word))
	}
	if len(a.Downstream) > 0 {
		out = append(out, "reaches "+reached(a))
	}
	if n := len(a.Notes); n > 0 {
		out = append(out, draw.Plural(int64(n), "note"))
	}
	return strings.Join(out, ", ")
}

// changeDiff draws a change so that a page colours it: added, removed, changed.
func (p *painter) changeDiff(c plan.Change) {
	if long(c.Old) || long(c.New) {
		p.Line("! %s:", c.Path)
		p.Difference(text(c.Old), text(c.New))
		return
	}
	sign := map[plan.Action]string{plan.Create: "+", plan.Destroy: "-"}[c.Action]
	if sign == "" {
		sign = "!"
	}
	forces := ""
	if c.Forces {
		forces = "  # forces replacement"
	}
	p.Line("%s %s%s", sign, changeLine(c), forces)
}

// fence puts lines between marks that none of them can end. Differences inside lose
// their indentation, so that their signs stand where colours are chosen by.
func (p *painter) fence(language string, write func(*painter)) {
	body := block(write)
	mark := "```"
	for strings.Contains(body, mark) {
		mark += "`"
	}
	p.Line("%s%s", mark, language)
	for _, l := range strings.Split(strings.TrimRight(body, "\n"), "\n") {
		p.Line("%s", strings.TrimPrefix(l, "          "))
	}
	p.Line("%s", mark)
}

// markup makes text safe between HTML tags.
func markup(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", " ", "@", "&#64;").Replace(s)
}

// picture is the graph of what is touched, folded.
func (p *painter) picture(v Plan) {
	lines := v.Graph.mermaid()
	if lines == nil {
		return
	}
	p.Line("")
	p.Line("<details><summary>What is touched, and what it reads</summary>")
	p.Line("")
	p.fence("mermaid", func(q *painter) {
		for _, l := range lines {
			q.Line("%s", l)
		}
	})
	p.Line("")
	p.Line("</details>")
}

func (p *painter) markdownRuns(title string, list []Waiting) {
	const most = 30
	if len(list) == 0 {
		return
	}
	p.Line("")
	p.Line("**%s**", title)
	p.Line("")
	for i, w := range list {
		if i == most {
			p.Line("- … and %d more", len(list)-most)
			break
		}
		expected := volume(w.Volume)
		if expected != "" {
			expected = " (" + expected + ")"
		}
		p.Line("- %s%s", draw.Code(w.Address), expected)
		for j, s := range w.Streams {
			if j == most {
				p.Line("  - … and %d more", len(w.Streams)-most)
				break
			}
			if s.Count > 0 {
				p.Line("  - %s: %s, %s", draw.Code(s.Address), draw.Plural(int64(s.Count), "file"), draw.Bytes(s.Bytes))
			} else {
				p.Line("  - %s", draw.Code(s.Address))
			}
		}
	}
}
