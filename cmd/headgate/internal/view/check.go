package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// Check is what `contract check` found in data.
type Check struct {
	FormatVersion string `json:"format_version"`
	Mode          string `json:"mode"` // data
	*outcome.Check
	AtFault     int64        `json:"at_fault"` // records that the tolerance counts
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// NewCheck makes the view of a check of data.
func NewCheck(c *outcome.Check, ds diag.Diagnostics) Check {
	return Check{FormatVersion: FormatVersion, Mode: "data", Check: c, AtFault: c.AtFault(), Diagnostics: NewDiagnostics(ds).Diagnostics}
}

// WriteCheck draws a check as text: the verdict, and the broken rules with
// examples.
func WriteCheck(w io.Writer, v Check, style Style) error {
	p := newPainter(w, style)
	color := draw.Green
	switch v.Verdict {
	case outcome.Tolerated:
		color = draw.Yellow
	case outcome.Broken:
		color = draw.Red
	}
	p.Line("%s", style.Paint(color, v.sentence()))
	if len(v.Rules) > 0 {
		p.Line("")
		p.rules(v.Rules, "  ", true)
		p.Line("")
	}
	for _, u := range v.Unknown {
		p.Line("  column %s is not in the contract: in %s, %s", printable(u.Name), draw.Plural(u.Count, "record"), u.How)
	}
	for _, e := range v.Evolved {
		p.Line("  column %s is not in the contract: a load would add it", printable(e))
	}
	if len(v.NotJudged) > 0 {
		p.Line("%s", v.notJudged())
	}
	p.Line("%s", v.figures())
	return p.Err
}

// notJudged names the promises that were not judged.
func (v Check) notJudged() string {
	return "Not judged: " + printable(strings.Join(v.NotJudged, ", ")) + ". A load judges what it publishes."
}

// sentence sums the check up.
func (v Check) sentence() string {
	records, bad := draw.Plural(v.Read, "record"), v.AtFault+v.Duplicates
	switch {
	case v.Verdict == outcome.Holds && v.Read == 0:
		return fmt.Sprintf("%s holds: there was no record to check.", v.Contract)
	case v.Verdict == outcome.Holds:
		return fmt.Sprintf("%s holds for %s.", v.Contract, records)
	case v.Verdict == outcome.Tolerated:
		return fmt.Sprintf("%s is broken by %s of %s, within its tolerance of %s.", v.Contract, draw.Count(v.AtFault), records, v.Tolerance)
	case bad == 0:
		return fmt.Sprintf("%s is broken by %s as a whole.", v.Contract, records)
	case v.Tolerance != "" && v.Duplicates == 0:
		return fmt.Sprintf("%s is broken by %s of %s; it tolerates %s.", v.Contract, draw.Count(bad), records, v.Tolerance)
	default:
		return fmt.Sprintf("%s is broken by %s of %s.", v.Contract, draw.Count(bad), records)
	}
}

// figures tells the counts and the speed.
func (v Check) figures() string {
	out := fmt.Sprintf("%s read = %s accepted + %s quarantined + %s dropped", draw.Count(v.Read), draw.Count(v.Accepted), draw.Count(v.Quarantined), draw.Count(v.Dropped))
	for _, n := range []struct {
		count int64
		what  string
	}{{v.Annotated, "with a null in place of a value"}, {v.Warned, "with a warning"}, {v.Duplicates, "with a key or unique value that came before"}} {
		if n.count > 0 {
			out += fmt.Sprintf("; %s %s", draw.Count(n.count), n.what)
		}
	}
	return out + fmt.Sprintf(". %s in %s, %s records/s.", draw.Bytes(v.Bytes), draw.Seconds(v.Seconds), draw.Count(int64(v.RecordsPerSecond)))
}

// WriteCheckMarkdown draws a check for a pull request. It holds places and
// counts, and no values.
func WriteCheckMarkdown(w io.Writer, v Check) error {
	p := newPainter(w, draw.Style{})
	p.Line("### headgate contract check: %s", v.Verdict)
	p.Line("")
	p.Line("%s", draw.Cell(v.sentence()))
	p.Line("")
	p.Line("%s", v.figures())
	p.markdownRuleTable(v.Rules)
	if len(v.NotJudged) > 0 {
		p.Line("")
		p.Line("%s", draw.Cell(v.notJudged()))
	}
	return p.Err
}

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
	p := newPainter(w, style)
	color := draw.Green
	if v.Verdict == outcome.Broken {
		color = draw.Red
	}
	p.Line("%s", style.Paint(color, v.sentence()))
	if len(v.Rules) > 0 {
		p.Line("")
		p.rules(v.Rules, "  ", true)
		p.Line("")
	}
	p.Line("%s", v.figures())
	return p.Err
}

// sentence sums the check up.
func (v SchemaCheck) sentence() string {
	docs := draw.Plural(v.Read, "document")
	switch {
	case v.Verdict == outcome.Broken:
		return fmt.Sprintf("%s is broken by %s of %s.", v.Schema, draw.Count(v.Invalid), docs)
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
	return fmt.Sprintf("%s read = %s valid + %s invalid; draft %s, %s. %s in %s, %s documents/s.", draw.Count(v.Read), draw.Count(v.Valid), draw.Count(v.Invalid),
		v.Draft, formats, draw.Bytes(v.Bytes), draw.Seconds(v.Seconds), draw.Count(int64(v.DocumentsPerSecond)))
}

// WriteSchemaCheckMarkdown draws a check for a pull request. It holds places and
// counts, and no values.
func WriteSchemaCheckMarkdown(w io.Writer, v SchemaCheck) error {
	p := newPainter(w, draw.Style{})
	p.Line("### headgate contract check: %s", v.Verdict)
	p.Line("")
	p.Line("%s", draw.Cell(v.sentence()))
	p.Line("")
	p.Line("%s", v.figures())
	p.markdownRuleTable(v.Rules)
	return p.Err
}
