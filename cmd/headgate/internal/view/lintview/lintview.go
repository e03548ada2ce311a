// Package lintview draws what `headgate lint` found: as JSON, as text and
// Markdown for people, and in the forms that other programs read (SARIF, GitHub's
// workflow commands, JUnit). All are drawn from Report.
package lintview

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/lang/diag"
)

// Report is what `lint --format json` prints.
type Report struct {
	FormatVersion string    `json:"format_version"`
	Valid         bool      `json:"valid"`   // the project compiled; else findings holds its errors
	Passed        bool      `json:"passed"`  // it is valid, and no finding weighs fail_on or more
	FailOn        string    `json:"fail_on"` // none, info, warning or error
	Errors        int       `json:"errors"`
	Warnings      int       `json:"warnings"`
	Infos         int       `json:"infos"`
	Files         int       `json:"files"` // that were looked at
	Findings      []Finding `json:"findings"`
	Ignored       []Finding `json:"ignored"`           // silenced by comments
	Fixed         []Finding `json:"fixed,omitempty"`   // mended by --fix, or what --diff shows
	Changed       []string  `json:"changed,omitempty"` // files that --fix rewrote
	Tool          Tool      `json:"-"`
	Prefix        string    `json:"-"` // of files for programs that know the repository: "shop/", or ""
	Hidden        int       `json:"-"` // findings below --min-severity
}

// Finding is a place where a rule is broken.
type Finding struct {
	Rule     string         `json:"rule"`
	Severity string         `json:"severity"` // error, warning or info
	Fails    bool           `json:"fails"`    // it weighs fail_on or more
	Summary  string         `json:"summary"`
	Message  string         `json:"message,omitempty"`
	Address  string         `json:"address,omitempty"`
	Range    *diag.Range    `json:"range,omitempty"`
	Related  []diag.Related `json:"related,omitempty"`
	Fixable  bool           `json:"fixable"`          // --fix can mend it
	Reason   string         `json:"reason,omitempty"` // why it is ignored
	Hidden   bool           `json:"-"`                // what stands at Range is a secret
}

// Tool is the program and its rules, as SARIF names them.
type Tool struct {
	Version string
	Rules   []Rule
}

// Rule is one rule, as `lint --list` and `lint --explain` print it.
type Rule struct {
	ID       string `json:"id"`
	Severity string `json:"severity"` // with the project's settings
	Summary  string `json:"summary"`
	Why      string `json:"why"`
	Fix      string `json:"fix"`
	Bad      string `json:"bad"`
	Good     string `json:"good"`
	Fixable  bool   `json:"fixable"`
}

// Count adds the findings up.
func (r *Report) Count() {
	r.Errors, r.Warnings, r.Infos, r.Passed = 0, 0, 0, r.Valid
	for _, f := range r.Findings {
		switch f.Severity {
		case "error":
			r.Errors++
		case "warning":
			r.Warnings++
		default:
			r.Infos++
		}
		r.Passed = r.Passed && !f.Fails
	}
}

// message joins a finding's summary and message, without signs that steer a
// terminal.
func (f Finding) message() string {
	if f.Message == "" {
		return xmlText(f.Summary + ".")
	}
	return xmlText(f.Summary + ". " + f.Message)
}

// diagnostic is the finding as package diag draws it.
func (f Finding) diagnostic() *diag.Diagnostic {
	d := &diag.Diagnostic{Code: diag.Code(f.Rule), Summary: f.Summary, Detail: f.Message, Address: f.Address, Subject: f.Range, Related: f.Related}
	switch f.Severity {
	case "warning":
		d.Severity = diag.Warning
	case "info":
		d.Severity = diag.Remark
	}
	return d
}

// WriteText draws findings with their source lines, and sums them up.
func WriteText(w io.Writer, r Report, files map[string][]byte, style view.Style) error {
	draw := diag.NewRenderer(r.masked(files), diag.RenderOptions{Color: style.Color, Width: style.Width})
	for _, f := range r.Findings {
		if err := draw.Render(w, f.diagnostic()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, r.sentence())
	return err
}

// masked returns files with stars in place of the secrets that were found, ignored
// ones too: a log is no better place for them.
func (r Report) masked(files map[string][]byte) map[string][]byte {
	out := maps.Clone(files)
	for _, f := range slices.Concat(r.Findings, r.Ignored) {
		if !f.Hidden || f.Range == nil {
			continue
		}
		text := bytes.Clone(out[f.Range.Filename])
		for i := f.Range.Start.Byte; i < min(f.Range.End.Byte, len(text)); i++ {
			if c := text[i]; c != '"' && c != '\n' {
				text[i] = '*'
			}
		}
		out[f.Range.Filename] = text
	}
	return out
}

// sentence sums a report up.
func (r Report) sentence() string {
	var parts []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, draw.Count(int64(n))+" "+many)
		}
	}
	add(r.Errors, "error", "errors")
	add(r.Warnings, "warning", "warnings")
	add(r.Infos, "remark", "remarks")
	out := "No findings"
	if len(parts) > 0 {
		out = strings.Join(parts, ", ")
	}
	files := "1 file"
	if r.Files != 1 {
		files = draw.Count(int64(r.Files)) + " files"
	}
	out += " in " + files
	parts = nil
	if r.Hidden > 0 {
		add(r.Hidden, "finding is not shown", "findings are not shown")
	}
	add(len(r.Ignored), "is ignored by a comment", "are ignored by comments")
	if len(r.Changed) > 0 {
		add(len(r.Fixed), "was mended", "were mended")
	} else if fixable := count(r.Findings, func(f Finding) bool { return f.Fixable }); fixable > 0 {
		add(fixable, "can be mended by --fix", "can be mended by --fix")
	}
	if len(parts) > 0 {
		out += "; " + strings.Join(parts, ", ")
	}
	if len(r.Changed) > 0 {
		out += " in " + strings.Join(r.Changed, ", ")
	}
	return out + "."
}

func count(list []Finding, is func(Finding) bool) int {
	n := 0
	for _, f := range list {
		if is(f) {
			n++
		}
	}
	return n
}

// WriteMarkdown draws findings as a table for a pull request.
func WriteMarkdown(w io.Writer, r Report) error {
	var b strings.Builder
	verdict := "passed"
	switch {
	case !r.Valid:
		verdict = "the project is not valid"
	case !r.Passed:
		verdict = "failed"
	}
	fmt.Fprintf(&b, "### headgate lint: %s\n\n%s\n", verdict, r.sentence())
	if len(r.Findings) > 0 {
		b.WriteString("\n| | where | rule | |\n|---|---|---|---|\n")
	}
	const most = 200
	for i, f := range r.Findings {
		if i == most {
			fmt.Fprintf(&b, "\nAnd %d more.\n", len(r.Findings)-most)
			break
		}
		place := cell(f.Address)
		if f.Range != nil {
			place = fmt.Sprintf("`%s:%d`", strings.ReplaceAll(cell(r.Prefix+f.Range.Filename), "`", "'"), f.Range.Start.Line)
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s |\n", f.Severity, place, f.Rule, cell(f.message()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell keeps a text inside a cell of a table, and out of Markdown's signs.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ", "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`", "@", "&#64;").Replace(s)
}

// WriteRules draws the list of rules.
func WriteRules(w io.Writer, rules []Rule, style view.Style) error {
	width := 0
	for _, r := range rules {
		width = max(width, len(r.ID))
	}
	var b strings.Builder
	for _, r := range rules {
		mends := ""
		if r.Fixable {
			mends = " (--fix)"
		}
		fmt.Fprintf(&b, "%-*s  %-7s  %s%s\n", width, r.ID, r.Severity, r.Summary, mends)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteRule explains one rule.
func WriteRule(w io.Writer, r Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s\n\n%s\n\n%s\n", r.ID, r.Severity, r.Summary, r.Why, r.Fix)
	if r.Fixable {
		b.WriteString("`headgate lint --fix` does it.\n")
	}
	fmt.Fprintf(&b, "\nBad:\n\n%s\nGood:\n\n%s\nTo pass over it in one place, write before the block or attribute:\n\n  # headgate:ignore %s the reason\n", indent(r.Bad), indent(r.Good), r.ID)
	_, err := io.WriteString(w, b.String())
	return err
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ") + "\n"
}
