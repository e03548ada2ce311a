package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/contract/usage"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// compatibility draws the verdict on a contract's change, indented.
func (p *painter) compatibility(r *compat.Report, indent string) {
	p.line("%s%s %s", indent, p.style.paint(bold, "compatibility:"), p.verdict(r))
	for i := range r.Changes {
		p.compatChange(&r.Changes[i], indent+"  ")
	}
}

// newVersion draws how a version that is new differs from the one before it, a
// line for each change. Nobody uses it yet, so what each change would break is
// left to `contract diff`.
func (p *painter) newVersion(r *compat.Report, indent string) {
	p.line("%s%s %s against %s", indent, p.style.paint(bold, "compatibility:"), p.verdict(r), r.Old)
	for i := range r.Changes {
		p.compatHead(&r.Changes[i], indent+"  ")
	}
	p.line("%s  %s", indent, p.style.paint(dim, "`headgate contract diff "+r.Old+" "+r.New+"` shows what each would break, with proof"))
}

// compared is the verdict on the action's contract. Of a version that is new nothing is
// marked as broken: nobody uses it yet.
func (a Action) compared() *compat.Report {
	if a.Action != plan.Create {
		return a.Compat
	}
	r := *a.Compat
	r.Changes = slices.Clone(r.Changes)
	for i := range r.Changes {
		r.Changes[i].Broken = false
	}
	return &r
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
	p.compatHead(ch, indent)
	p.compatEffect("backward", ch.Backward, indent+"    ")
	p.compatEffect("forward", ch.Forward, indent+"    ")
	if ch.Broken && ch.WayOut != "" {
		p.line("%sway out: %s", indent+"    ", ch.WayOut)
	}
}

// compatHead draws a change itself on one line.
func (p *painter) compatHead(ch *compat.Change, indent string) {
	sign, color := "-", green
	switch {
	case ch.Broken:
		sign, color = "x", red
	case ch.Backward.Verdict != compat.OK || ch.Forward.Verdict != compat.OK:
		sign, color = "!", yellow
	}
	p.line("%s%s %s  %s", indent, p.style.paint(color, sign), p.style.paint(color, string(ch.Rule)), ch.Sentence())
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

// Comparison is what `contract diff` and `contract check --against` found.
type Comparison struct {
	FormatVersion string           `json:"format_version"`
	Mode          string           `json:"mode"`              // diff or against
	Against       string           `json:"against,omitempty"` // what the contracts were compared with
	Commit        string           `json:"commit,omitempty"`  // where that is a git revision
	Word          compat.Word      `json:"word"`              // the greatest of all
	Broken        bool             `json:"broken"`            // somebody who is protected breaks
	Published     []*compat.Report `json:"published"`         // versions that both have and that differ
	New           []*compat.Report `json:"new"`               // new versions, against the one before
	Added         []string         `json:"added"`             // contracts that are new
	Removed       []usage.Removed  `json:"removed"`
	Same          int              `json:"same"` // versions in which nothing differs
	Diagnostics   []Diagnostic     `json:"diagnostics"`
}

// NewComparison makes the view of a comparison of trees.
func NewComparison(r *usage.Result, against, commit string, ds diag.Diagnostics) Comparison {
	v := Comparison{FormatVersion: FormatVersion, Mode: "against", Against: against, Commit: commit, Broken: r.Broken(), Word: compat.Patch,
		Published: orEmpty(r.Published), New: orEmpty(r.New), Added: []string{}, Removed: orEmpty(r.Removed), Same: r.Same,
		Diagnostics: NewDiagnostics(ds).Diagnostics}
	for _, a := range r.Added {
		v.Added = append(v.Added, a.String())
	}
	v.Word = greatest(append(append([]*compat.Report{}, r.Published...), r.New...))
	return v
}

// NewDiff makes the view of two versions.
func NewDiff(r *compat.Report, ds diag.Diagnostics) Comparison {
	v := Comparison{FormatVersion: FormatVersion, Mode: "diff", Word: r.Word, Broken: len(r.Broken()) > 0, Published: []*compat.Report{r}, New: []*compat.Report{},
		Added: []string{}, Removed: []usage.Removed{}, Diagnostics: NewDiagnostics(ds).Diagnostics}
	if len(r.Changes) == 0 {
		v.Same = 1
	}
	return v
}

func greatest(list []*compat.Report) compat.Word {
	out := compat.Patch
	for _, r := range list {
		if r.Word == compat.Major || r.Word == compat.Minor && out == compat.Patch {
			out = r.Word
		}
	}
	return out
}

// WriteComparison draws a comparison as text.
func WriteComparison(w io.Writer, v Comparison, style Style) error {
	p := &painter{w: w, style: style}
	for _, r := range append(append([]*compat.Report{}, v.Published...), v.New...) {
		p.line("%s -> %s: %s", style.paint(bold, r.Old), style.paint(bold, r.New), p.verdict(r))
		if len(r.Changes) == 0 {
			p.line("  nothing differs")
		}
		for i := range r.Changes {
			p.compatChange(&r.Changes[i], "  ")
		}
		p.line("")
	}
	for _, a := range v.Added {
		p.line("%s is new; there is no version before it.", a)
	}
	for _, r := range v.Removed {
		p.line("%s", removedLine(r))
	}
	if v.Mode == "against" {
		color := green
		if v.Broken {
			color = red
		}
		p.line("%s", style.paint(color, v.sentence()))
	}
	return p.err
}

func removedLine(r usage.Removed) string {
	if len(r.Users) == 0 {
		return r.Address.String() + " is gone; nothing used it."
	}
	var users []string
	for _, u := range r.Users {
		users = append(users, u.String())
	}
	return r.Address.String() + " is gone; it was used by " + strings.Join(users, ", ") + "."
}

// sentence sums a comparison of trees up.
func (v Comparison) sentence() string {
	where := v.Against
	if v.Commit != "" {
		where += " (" + v.Commit[:min(len(v.Commit), 10)] + ")"
	}
	broken := 0
	for _, r := range append(append([]*compat.Report{}, v.Published...), v.New...) {
		broken += len(r.Broken())
	}
	n := int64(v.Same + len(v.Published) + len(v.New) + len(v.Added))
	if broken > 0 {
		return fmt.Sprintf("Against %s: %s, %s.", where, v.Word, plural(int64(broken), "break"))
	}
	return fmt.Sprintf("Against %s: %s; nothing breaks in %s.", where, v.Word, plural(n, "contract version"))
}

// WriteComparisonMarkdown draws a comparison for a pull request.
func WriteComparisonMarkdown(w io.Writer, v Comparison) error {
	p := &painter{w: w}
	if v.Mode == "against" {
		p.line("### headgate contract check: %s", v.Word)
		p.line("")
		p.line("%s", cell(v.sentence()))
		p.line("")
	}
	for _, r := range append(append([]*compat.Report{}, v.Published...), v.New...) {
		p.compatTable(r)
		p.line("")
	}
	for _, a := range v.Added {
		p.line("- %s is new", code(a))
	}
	for _, r := range v.Removed {
		p.line("- %s", cell(removedLine(r)))
	}
	return p.err
}
