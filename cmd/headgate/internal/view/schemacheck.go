package view

import (
	"fmt"
	"io"

	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// SchemaCheck is what `contract check --schema` found in documents.
type SchemaCheck struct {
	FormatVersion string `json:"format_version"`
	Mode          string `json:"mode"` // schema
	*outcome.SchemaCheck
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// NewSchemaCheck makes the view of a check against a JSON Schema.
func NewSchemaCheck(c *outcome.SchemaCheck, ds diag.Diagnostics) SchemaCheck {
	return SchemaCheck{FormatVersion: FormatVersion, Mode: "schema", SchemaCheck: c, Diagnostics: NewDiagnostics(ds).Diagnostics}
}

// WriteSchemaCheck draws a check as text: the verdict, and the keywords that were
// broken with examples.
func WriteSchemaCheck(w io.Writer, v SchemaCheck, style Style) error {
	p := &painter{w: w, style: style}
	color := green
	if v.Verdict == outcome.Broken {
		color = red
	}
	p.line("%s", style.paint(color, v.sentence()))
	if len(v.Rules) > 0 {
		p.line("")
		p.rules(v.Rules, "  ", true)
		p.line("")
	}
	p.line("%s", v.figures())
	return p.err
}

// sentence sums the check up.
func (v SchemaCheck) sentence() string {
	docs := plural(v.Read, "document")
	switch {
	case v.Verdict == outcome.Broken:
		return fmt.Sprintf("%s is broken by %s of %s.", v.Schema, Count(v.Invalid), docs)
	case v.Read == 0:
		return fmt.Sprintf("%s holds: there was no document to check.", v.Schema)
	default:
		return fmt.Sprintf("%s holds for %s.", v.Schema, docs)
	}
}

// figures tells the counts, the draft and the speed.
func (v SchemaCheck) figures() string {
	formats := "formats are remarks"
	if v.AssertFormat {
		formats = "formats are checked"
	}
	return fmt.Sprintf("%s read = %s valid + %s invalid; draft %s, %s. %s in %s, %s documents/s.", Count(v.Read), Count(v.Valid), Count(v.Invalid),
		v.Draft, formats, Bytes(v.Bytes), Seconds(v.Seconds), Count(int64(v.DocumentsPerSecond)))
}

// WriteSchemaCheckMarkdown draws a check for a pull request. It holds places and
// counts, and no values.
func WriteSchemaCheckMarkdown(w io.Writer, v SchemaCheck) error {
	p := &painter{w: w}
	p.line("### headgate contract check: %s", v.Verdict)
	p.line("")
	p.line("%s", cell(v.sentence()))
	p.line("")
	p.line("%s", v.figures())
	p.markdownRuleTable(v.Rules)
	return p.err
}
