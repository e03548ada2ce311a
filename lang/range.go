package lang

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/headgate-data/headgate/lang/diag"
)

// Range turns a place as HCL counts it into a place as headgate reports it.
// Columns count Unicode grapheme clusters, which for nearly all text are its
// characters. A range that ends before it starts, as the parser makes some of broken
// text, is empty at its start.
func Range(r hcl.Range) diag.Range {
	if r.End.Byte < r.Start.Byte {
		r.End = r.Start
	}
	return diag.Range{
		Filename: r.Filename,
		Start:    diag.Pos{Line: r.Start.Line, Column: r.Start.Column, Byte: r.Start.Byte},
		End:      diag.Pos{Line: r.End.Line, Column: r.End.Column, Byte: r.End.Byte},
	}
}

// maxSyntaxErrors bounds how many syntax errors of one file are reported: beyond
// it they are mostly echoes of the first ones.
const maxSyntaxErrors = 20

// syntaxErrors turns the parser's messages about one file into diagnostics.
func syntaxErrors(found hcl.Diagnostics) diag.Diagnostics {
	var out diag.Diagnostics
	for i, f := range found {
		if i == maxSyntaxErrors {
			d := diag.New(diag.Syntax, "There are %d further syntax errors in this file; mend the ones above first.", len(found)-i)
			out.Add(place(d, f))
			return out
		}
		out.Add(place(diag.New(diag.Syntax, "%s: %s", f.Summary, f.Detail), f))
	}
	return out
}

// place puts a diagnostic where HCL saw the fault.
func place(d *diag.Diagnostic, f *hcl.Diagnostic) *diag.Diagnostic {
	if f.Subject != nil {
		d.At(Range(*f.Subject))
	}
	return d
}

// guarded runs a parser that headgate does not own, and turns a panic of it into
// a diagnostic: no input may end the program.
func guarded(what string, parse func()) (bug *diag.Diagnostic) {
	defer func() {
		if r := recover(); r != nil {
			bug = diag.Bug(what, "%s", fmt.Sprint(r))
		}
	}()
	parse()
	return nil
}
