package view

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/contract/compat"
)

// compatibility draws the verdict on a contract's change, indented.
func (p *painter) compatibility(r *compat.Report, indent string) {
	p.line("%s%s %s", indent, p.style.paint(bold, "compatibility:"), p.verdict(r))
	for i := range r.Changes {
		p.compatChange(&r.Changes[i], indent+"  ")
	}
}

// verdict is the word over a comparison and whom it is held to.
func (p *painter) verdict(r *compat.Report) string {
	color := green
	switch r.Word {
	case compat.Major:
		color = red
	case compat.Minor:
		color = yellow
	}
	return p.style.paint(color, string(r.Word)) + " (" + held(r.Mode) + ")"
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

func (p *painter) compatChange(ch *compat.Change, indent string) {
	sign, color := "-", green
	switch {
	case ch.Broken:
		sign, color = "x", red
	case ch.Backward.Verdict != compat.OK || ch.Forward.Verdict != compat.OK:
		sign, color = "!", yellow
	}
	p.line("%s%s %s  %s", indent, p.style.paint(color, sign), p.style.paint(color, string(ch.Rule)), ch.Sentence())
	p.compatEffect("backward", ch.Backward, indent+"    ")
	p.compatEffect("forward", ch.Forward, indent+"    ")
	if ch.Broken && ch.WayOut != "" {
		p.line("%sway out: %s", indent+"    ", ch.WayOut)
	}
}

func (p *painter) compatEffect(direction string, e compat.Effect, indent string) {
	if e.Verdict == compat.OK {
		return
	}
	color := yellow
	if e.Verdict == compat.Breaks {
		color = red
	}
	lead := direction + ": " + string(e.Verdict) + " the " + e.Who
	if e.Verdict == compat.Warns {
		lead = direction + ": warns the " + e.Who
	}
	p.line("%s%s", indent, p.style.paint(color, lead))
	if e.Proof == nil {
		return
	}
	for _, r := range e.Proof.Records {
		p.line("%s  %s", indent, cut(r, maxProof))
	}
	if e.Proof.Query != "" {
		p.line("%s  %s", indent, e.Proof.Query)
	}
	p.line("%s  %s", indent, p.style.paint(dim, e.Proof.Text))
}

// maxProof is how much of a record is shown; JSON has all of it.
const maxProof = 400

// compatTable draws a comparison as markdown. It holds made-up records alone,
// none of anybody's data.
func (p *painter) compatTable(r *compat.Report) {
	p.line("**%s** → %s: **%s** (%s)", cell(r.Old), cell(r.New), r.Word, held(r.Mode))
	p.line("")
	if len(r.Changes) == 0 {
		p.line("Nothing differs.")
		return
	}
	p.line("| | rule | change | backward (writers) | forward (readers) |")
	p.line("|---|---|---|---|---|")
	for i := range r.Changes {
		ch := &r.Changes[i]
		sign := ""
		if ch.Broken {
			sign = "❌"
		} else if ch.Backward.Verdict != compat.OK || ch.Forward.Verdict != compat.OK {
			sign = "⚠️"
		}
		p.line("| %s | `%s` | %s | %s | %s |", sign, ch.Rule, cell(ch.Sentence()), effectCell(ch.Backward), effectCell(ch.Forward))
	}
}

func effectCell(e compat.Effect) string {
	parts := []string{string(e.Verdict)}
	if e.Proof != nil {
		for _, r := range e.Proof.Records {
			parts = append(parts, code(cut(r, maxProof)))
		}
		if e.Proof.Query != "" {
			parts = append(parts, code(e.Proof.Query))
		}
		parts = append(parts, cell(e.Proof.Text))
	}
	return strings.Join(parts, "<br>")
}
