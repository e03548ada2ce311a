package view

import (
	"bytes"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"

	"github.com/headgate-data/headgate/lang/diag"
)

// Diagnostics is what `validate --format json` prints, and what every other
// command prints in JSON when it has nothing else to show.
type Diagnostics struct {
	FormatVersion string       `json:"format_version"`
	Valid         bool         `json:"valid"` // no errors
	Errors        int          `json:"errors"`
	Warnings      int          `json:"warnings"`
	Diagnostics   []Diagnostic `json:"diagnostics"`
}

// Diagnostic is one message.
type Diagnostic struct {
	Severity string         `json:"severity"` // error or warning
	Code     string         `json:"code"`
	Summary  string         `json:"summary"`
	Detail   string         `json:"detail,omitempty"`
	Address  string         `json:"address,omitempty"`
	Range    *diag.Range    `json:"range,omitempty"`
	Related  []diag.Related `json:"related,omitempty"`
}

// NewDiagnostics makes the view of a list, in display order.
func NewDiagnostics(ds diag.Diagnostics) Diagnostics {
	out := Diagnostics{FormatVersion: FormatVersion, Diagnostics: []Diagnostic{}}
	for _, d := range ds.Sorted() {
		if d.Severity == diag.Error {
			out.Errors++
		} else {
			out.Warnings++
		}
		out.Diagnostics = append(out.Diagnostics, newDiagnostic(d))
	}
	out.Valid = out.Errors == 0
	return out
}

func newDiagnostic(d *diag.Diagnostic) Diagnostic {
	return Diagnostic{
		Severity: d.Severity.String(), Code: string(d.Code), Summary: d.Summary, Detail: d.Detail,
		Address: d.Address, Range: d.Subject, Related: d.Related,
	}
}

// diag turns the view back into what diag.Render draws.
func (d Diagnostic) diag() *diag.Diagnostic {
	out := &diag.Diagnostic{
		Code: diag.Code(d.Code), Summary: d.Summary, Detail: d.Detail, Address: d.Address, Subject: d.Range, Related: d.Related,
	}
	if d.Severity == diag.Warning.String() {
		out.Severity = diag.Warning
	}
	return out
}

// maxMarkdown is how many bytes of messages markdown holds; a comment on GitHub takes
// 65,536 characters.
const maxMarkdown = 60_000

// WriteDiagnosticsMarkdown draws the list for a pull request: each message as in a
// terminal, in a block of its own. What does not fit is counted.
func WriteDiagnosticsMarkdown(w io.Writer, v Diagnostics, files map[string][]byte) error {
	p := newPainter(w, Style{})
	p.Line("### headgate: %s, %s", draw.Plural(int64(v.Errors), "error"), draw.Plural(int64(v.Warnings), "warning"))
	room := maxMarkdown
	for i, d := range v.Diagnostics {
		var text bytes.Buffer
		if err := WriteDiagnostics(&text, Diagnostics{Diagnostics: []Diagnostic{d}}, files, Style{}); err != nil {
			return err
		}
		mark := "```"
		for bytes.Contains(text.Bytes(), []byte(mark)) {
			mark += "`"
		}
		if room -= text.Len() + 2*len(mark) + 10; room < 0 {
			p.Line("")
			p.Line("… and %d more.", len(v.Diagnostics)-i)
			break
		}
		p.Line("")
		p.Line("%stext", mark)
		p.Line("%s", strings.Trim(text.String(), "\n"))
		p.Line("%s", mark)
	}
	return p.Err
}

// WriteDiagnostics draws the list as text, with source lines from files.
func WriteDiagnostics(w io.Writer, v Diagnostics, files map[string][]byte, style Style) error {
	r := diag.NewRenderer(files, diag.RenderOptions{Color: style.Color, Width: style.Width})
	for _, d := range v.Diagnostics {
		if err := r.Render(w, d.diag()); err != nil {
			return err
		}
	}
	return nil
}
