// Package diag is the vocabulary of messages about a user's project and its
// runs: a severity, a stable code, a fixed summary, a detail that says what to
// do, and the place in the source. It knows nothing of the rest of headgate.
package diag

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Severity tells whether a diagnostic stops the command.
type Severity uint8

// The severities. Error is the zero value so that a forgotten severity is loud.
const (
	Error Severity = iota
	Warning
	Remark // what the linter shows and nothing stops at; prints as "info"
)

// String returns "error", "warning" or "info".
func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Remark:
		return "info"
	}
	return "error"
}

// Code is a stable identifier such as "HG1203". Tests, scripts and `headgate
// explain` use it; nothing looks at English text.
type Code string

// Pos is a place in a source file. Line and Column count from 1, Column in
// Unicode characters; Byte counts from 0.
type Pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Range is a half-open stretch of one source file, Start included, End not.
// Filename is relative to the project's root, with forward slashes.
type Range struct {
	Filename string `json:"filename"`
	Start    Pos    `json:"start"`
	End      Pos    `json:"end"`
}

// IsZero reports whether the range names no place.
func (r Range) IsZero() bool { return r.Filename == "" && r.Start == Pos{} }

// String returns "file:line,column-line,column", as compilers print it.
func (r Range) String() string {
	if r.Start.Line == r.End.Line {
		return fmt.Sprintf("%s:%d,%d-%d", r.Filename, r.Start.Line, r.Start.Column, r.End.Column)
	}
	return fmt.Sprintf("%s:%d,%d-%d,%d", r.Filename, r.Start.Line, r.Start.Column, r.End.Line, r.End.Column)
}

// Related points at a second place that helps to understand a diagnostic, such
// as the earlier declaration of a duplicate.
type Related struct {
	Message string `json:"message"`
	Range   Range  `json:"range"`
}

// Diagnostic is one message. It is also an error, so that it can travel through
// interfaces that return error and be found again with errors.As.
type Diagnostic struct {
	Severity Severity
	Code     Code
	Summary  string    // one line, fixed text, no full stop
	Detail   string    // what, why and the way out; may be several lines
	Subject  *Range    // the tightest range at fault, nil where there is none
	Address  string    // canonical address it speaks of, "" where there is none
	Related  []Related // further places
}

// Error returns "CODE: summary: detail" with the place, for logs and wrapping.
func (d *Diagnostic) Error() string {
	var b strings.Builder
	if d.Subject != nil {
		fmt.Fprintf(&b, "%s: ", d.Subject)
	}
	fmt.Fprintf(&b, "%s: %s", d.Code, d.Summary)
	if d.Detail != "" {
		fmt.Fprintf(&b, ": %s", d.Detail)
	}
	return b.String()
}

// Errorf makes an error diagnostic without a place. The format is the detail.
func Errorf(code Code, summary, format string, args ...any) *Diagnostic {
	return &Diagnostic{Code: code, Summary: summary, Detail: fmt.Sprintf(format, args...)}
}

// Warnf makes a warning without a place. The format is the detail.
func Warnf(code Code, summary, format string, args ...any) *Diagnostic {
	d := Errorf(code, summary, format, args...)
	d.Severity = Warning
	return d
}

// At sets the subject and returns the diagnostic.
func (d *Diagnostic) At(r Range) *Diagnostic {
	d.Subject = &r
	return d
}

// For sets the address and returns the diagnostic.
func (d *Diagnostic) For(address string) *Diagnostic {
	d.Address = address
	return d
}

// Diagnostics is a list of messages. The zero value is an empty list.
type Diagnostics []*Diagnostic

// HasErrors reports whether any of them is an error.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d *Diagnostic) bool { return d.Severity == Error })
}

// Add appends one diagnostic; nil is ignored.
func (ds *Diagnostics) Add(d *Diagnostic) {
	if d != nil {
		*ds = append(*ds, d)
	}
}

// AddError appends an error: a Diagnostic inside it as it is, any other error
// under code and summary. Nil is ignored.
func (ds *Diagnostics) AddError(err error, code Code, summary string) {
	ds.Add(FromError(err, code, summary))
}

// FromError returns the Diagnostic that err wraps, or a new one that carries
// err's text as its detail; nil for nil.
func FromError(err error, code Code, summary string) *Diagnostic {
	if err == nil {
		return nil
	}
	var d *Diagnostic
	if errors.As(err, &d) {
		return d
	}
	return &Diagnostic{Code: code, Summary: summary, Detail: err.Error()}
}

// Err returns nil when the list holds no error, else the first error.
func (ds Diagnostics) Err() error {
	for _, d := range ds {
		if d.Severity == Error {
			return d
		}
	}
	return nil
}

// Sorted returns the list in the order in which it is shown: by file, line,
// column, severity, code, detail; those without a place last; exact repeats once.
func (ds Diagnostics) Sorted() Diagnostics {
	out := slices.Clone(ds)
	slices.SortStableFunc(out, compare)
	return slices.CompactFunc(out, func(a, b *Diagnostic) bool { return compare(a, b) == 0 && a.Summary == b.Summary })
}
