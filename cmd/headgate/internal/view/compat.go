package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/compatview"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/contract/usage"
	"github.com/headgate-data/headgate/lang/diag"
)

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
		Published: draw.OrEmpty(r.Published), New: draw.OrEmpty(r.New), Added: []string{}, Removed: draw.OrEmpty(r.Removed), Same: r.Same,
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
	p := newPainter(w, style)
	for _, r := range append(append([]*compat.Report{}, v.Published...), v.New...) {
		p.Line("%s -> %s: %s", style.Paint(draw.Bold, r.Old), style.Paint(draw.Bold, r.New), compatview.Verdict(&p.Painter, r))
		if len(r.Changes) == 0 {
			p.Line("  nothing differs")
		}
		for i := range r.Changes {
			compatview.OneChange(&p.Painter, &r.Changes[i], "  ")
		}
		p.Line("")
	}
	for _, a := range v.Added {
		p.Line("%s is new; there is no version before it.", a)
	}
	for _, r := range v.Removed {
		p.Line("%s", removedLine(r))
	}
	if v.Mode == "against" {
		color := draw.Green
		if v.Broken {
			color = draw.Red
		}
		p.Line("%s", style.Paint(color, v.sentence()))
	}
	return p.Err
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
		return fmt.Sprintf("Against %s: %s, %s.", where, v.Word, draw.Plural(int64(broken), "break"))
	}
	return fmt.Sprintf("Against %s: %s; nothing breaks in %s.", where, v.Word, draw.Plural(n, "contract version"))
}

// WriteComparisonMarkdown draws a comparison for a pull request.
func WriteComparisonMarkdown(w io.Writer, v Comparison) error {
	p := newPainter(w, draw.Style{})
	if v.Mode == "against" {
		p.Line("### headgate contract check: %s", v.Word)
		p.Line("")
		p.Line("%s", draw.Cell(v.sentence()))
		p.Line("")
	}
	for _, r := range append(append([]*compat.Report{}, v.Published...), v.New...) {
		compatview.Table(&p.Painter, r)
		p.Line("")
	}
	for _, a := range v.Added {
		p.Line("- %s is new", draw.Code(a))
	}
	for _, r := range v.Removed {
		p.Line("- %s", draw.Cell(removedLine(r)))
	}
	return p.Err
}
