package view

import (
	"io"

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
