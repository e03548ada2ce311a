// Package compatview draws the verdicts on changes of contracts.
package compatview

import (
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract/compat"
)

// Change draws the verdict on a contract's change, indented.
func Change(p *draw.Painter, r *compat.Report, indent string) {
	p.Line("%s%s %s", indent, p.Style.Paint(draw.Bold, "compatibility:"), Verdict(p, r))
	for i := range r.Changes {
		OneChange(p, &r.Changes[i], indent+"  ")
	}
}

// NewVersion draws how a version that is new differs from the one before it, a
// line for each change. Nobody uses it yet, so what each change would break is
// left to `contract diff`.
func NewVersion(p *draw.Painter, r *compat.Report, indent string) {
	p.Line("%s%s %s against %s", indent, p.Style.Paint(draw.Bold, "compatibility:"), Verdict(p, r), r.Old)
	for i := range r.Changes {
		head(p, &r.Changes[i], indent+"  ")
	}
	p.Line("%s  %s", indent, p.Style.Paint(draw.Dim, "`headgate contract diff "+r.Old+" "+r.New+"` shows what each would break, with proof"))
}

// Verdict is the word over a comparison and whom it is held to.
func Verdict(p *draw.Painter, r *compat.Report) string {
	color := draw.Green
	switch r.Word {
	case compat.Major:
		color = draw.Red
	case compat.Minor:
		color = draw.Yellow
	}
	return p.Style.Paint(color, string(r.Word)) + " (" + held(r.Mode) + ")"
}

func held(m compat.Mode) string {
	switch m {
	case compat.Backward:
		return "backward: writers are protected"
	case compat.Forward:
		return "forward: readers are protected"
	case compat.Full:
		return "full: writers and readers are protected"
	default:
		return "none: nobody is protected"
	}
}

// OneChange draws a change with what it breaks and the proof.
func OneChange(p *draw.Painter, ch *compat.Change, indent string) {
	head(p, ch, indent)
	effect(p, "backward", ch.Backward, indent+"    ")
	effect(p, "forward", ch.Forward, indent+"    ")
	if ch.Broken && ch.WayOut != "" {
		p.Line("%sway out: %s", indent+"    ", ch.WayOut)
	}
}

// head draws a change itself on one line.
func head(p *draw.Painter, ch *compat.Change, indent string) {
	sign, color := "-", draw.Green
	switch {
	case ch.Broken:
		sign, color = "x", draw.Red
	case ch.Backward.Verdict != compat.OK || ch.Forward.Verdict != compat.OK:
		sign, color = "!", draw.Yellow
	}
	p.Line("%s%s %s  %s", indent, p.Style.Paint(color, sign), p.Style.Paint(color, string(ch.Rule)), ch.Sentence())
}

func effect(p *draw.Painter, direction string, e compat.Effect, indent string) {
	if e.Verdict == compat.OK {
		return
	}
	color := draw.Yellow
	if e.Verdict == compat.Breaks {
		color = draw.Red
	}
	lead := direction + ": " + string(e.Verdict) + " the " + e.Who
	if e.Verdict == compat.Warns {
		lead = direction + ": warns the " + e.Who
	}
	p.Line("%s%s", indent, p.Style.Paint(color, lead))
	if e.Proof == nil {
		return
	}
	for _, r := range e.Proof.Records {
		p.Line("%s  %s", indent, draw.Cut(r, maxProof))
	}
	if e.Proof.Query != "" {
		p.Line("%s  %s", indent, e.Proof.Query)
	}
	p.Line("%s  %s", indent, p.Style.Paint(draw.Dim, e.Proof.Text))
}

// maxProof is how much of a record is shown; JSON has all of it.
const maxProof = 400

// Table draws a comparison as markdown. It holds made-up records alone,
// none of anybody's data.
func Table(p *draw.Painter, r *compat.Report) {
	p.Line("**%s** → %s: **%s** (%s)", draw.Cell(r.Old), draw.Cell(r.New), r.Word, held(r.Mode))
	p.Line("")
	if len(r.Changes) == 0 {
		p.Line("Nothing differs.")
		return
	}
	p.Line("| | rule | change | backward (writers) | forward (readers) |")
	p.Line("|---|---|---|---|---|")
	for i := range r.Changes {
		ch := &r.Changes[i]
		sign := ""
		if ch.Broken {
			sign = "❌"
		} else if ch.Backward.Verdict != compat.OK || ch.Forward.Verdict != compat.OK {
			sign = "⚠️"
		}
		p.Line("| %s | `%s` | %s | %s | %s |", sign, ch.Rule, draw.Cell(ch.Sentence()), effectCell(ch.Backward), effectCell(ch.Forward))
	}
}

func effectCell(e compat.Effect) string {
	parts := []string{string(e.Verdict)}
	if e.Proof != nil {
		for _, r := range e.Proof.Records {
			parts = append(parts, draw.Code(draw.Cut(r, maxProof)))
		}
		if e.Proof.Query != "" {
			parts = append(parts, draw.Code(e.Proof.Query))
		}
		parts = append(parts, draw.Cell(e.Proof.Text))
	}
	return strings.Join(parts, "<br>")
}
