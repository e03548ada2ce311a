// Package whyview draws why a plan does something, and where columns come from and
// go to: plain structs with a JSON form, and text drawn from them.
package whyview

import (
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/why"
)

// shownNeighbours is how many addresses of a list are drawn.
const shownNeighbours = 12

// shownChanges is how many changes of one definition are drawn.
const shownChanges = 8

// Why is the JSON of `why`.
type Why struct {
	FormatVersion string `json:"format_version"`
	Environment   string `json:"environment"`
	why.Explanation
}

// WriteWhy draws an explanation as text.
func WriteWhy(w io.Writer, v Why, style draw.Style) error {
	p := &draw.Painter{W: w, Style: style}
	for i, s := range v.Steps {
		if i > 0 {
			p.Line("")
		}
		p.Line("%s %s", style.Paint(draw.Bold, v.Address.String()), does(s.Action))
		for _, l := range s.Because {
			link(p, l, "  ")
		}
	}
	if len(v.Steps) == 0 {
		p.Line("%s: nothing happens", style.Paint(draw.Bold, v.Address.String()))
		for _, text := range v.Nothing {
			p.Line("  %s", text)
		}
	}
	p.Line("")
	neighbours(p, "needs", v.Needs)
	neighbours(p, "needed by", v.NeededBy)
	return p.Err
}

// does says what the plan does with an address.
func does(a plan.Action) string {
	switch a {
	case plan.Create:
		return "will be created"
	case plan.Update:
		return "will be updated in place"
	case plan.Replace:
		return "will be replaced"
	case plan.Destroy:
		return "will be destroyed"
	case plan.Run:
		return "will run"
	default:
		return "will run if there is something new"
	}
}

func link(p *draw.Painter, l why.Link, indent string) {
	line := "because " + l.Text
	if l.Above {
		line += " (see above)"
	}
	p.Line("%s%s  %s", indent, line, p.Style.Paint(draw.Dim, "["+string(l.Code)+"]"))
	below := indent + "  "
	for i, c := range l.Changes {
		if i == shownChanges {
			p.Line("%sand %d more changes", below, len(l.Changes)-i)
			break
		}
		p.Line("%s%s %s%s", below, c.Action.Symbol(), changed(c.Change), at(c.At))
	}
	if len(l.Changes) == 0 && l.At != nil {
		p.Line("%sdefined at %s", below, where(*l.At))
	}
	if l.Action != "" && !l.Above {
		p.Line("%s%s %s", below, l.Of, does(l.Action))
		below += "  "
	}
	for _, next := range l.Because {
		link(p, next, below)
	}
}

// changed says what differs, on one line.
func changed(c plan.Change) string {
	switch {
	case long(c.Old) || long(c.New), c.Old == nil && c.New == nil:
		return c.Path
	case c.Old == nil:
		return fmt.Sprintf("%s = %s", c.Path, *c.New)
	case c.New == nil:
		return fmt.Sprintf("%s, which was %s", c.Path, *c.Old)
	default:
		return fmt.Sprintf("%s: %s -> %s", c.Path, *c.Old, *c.New)
	}
}

// long reports whether a value is too long for a line.
func long(s *string) bool { return s != nil && (strings.Contains(*s, "\n") || len(*s) > 60) }

func at(r *diag.Range) string {
	if r == nil {
		return ""
	}
	return "  at " + where(*r)
}

func where(r diag.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

func neighbours(p *draw.Painter, title string, list []addr.Address) {
	if len(list) == 0 {
		p.Line("%s: nothing", title)
		return
	}
	var names []string
	for _, a := range list[:min(len(list), shownNeighbours)] {
		names = append(names, a.String())
	}
	text := strings.Join(names, ", ")
	if more := len(list) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	lines := draw.Wrap(text, 84)
	for i, line := range lines {
		if i == 0 {
			p.Line("%s: %s", title, line)
		} else {
			p.Line("  %s", line)
		}
	}
}
