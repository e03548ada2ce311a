package view

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract/schemadiff"
)

// SchemaDiff is what `contract check --against` prints of two JSON Schemas.
type SchemaDiff struct {
	FormatVersion string            `json:"format_version"`
	Old           string            `json:"old"`
	New           string            `json:"new"`
	Mode          string            `json:"mode"`    // backward, forward or full
	Policy        string            `json:"policy"`  // strict or lenient
	Verdict       string            `json:"verdict"` // the worst: ok, warns or breaks
	Directions    []SchemaDirection `json:"directions"`
}

// SchemaDirection is one question: does what one schema accepts pass the other?
type SchemaDirection struct {
	Direction   string                  `json:"direction"` // backward or forward
	Verdict     string                  `json:"verdict"`
	Differences []schemadiff.Difference `json:"differences"`
	// Proof is a document that the one schema accepts and the other refuses; absent
	// where nothing breaks, or none was found.
	Proof json.RawMessage `json:"proof,omitempty"`
}

// WriteSchemaDiff draws the comparison as text.
func WriteSchemaDiff(w io.Writer, v SchemaDiff, style Style) error {
	p := newPainter(w, style)
	p.Line("%s against %s, %s, %s", style.Paint(draw.Bold, v.New), v.Old, v.Mode, v.Policy)
	for _, d := range v.Directions {
		p.Line("")
		p.Line("%s %s", asked(d.Direction), style.Paint(verdictColor(d.Verdict), d.Verdict))
		for _, x := range d.Differences {
			p.Line("  %s %s %s", style.Paint(verdictColor(string(x.Verdict)), draw.Pad(string(x.Verdict), 6)), x.Rule, x.Path)
		}
		if d.Proof != nil {
			p.Line("  proof: %s", d.Proof)
		}
	}
	p.Line("")
	p.Line("%s", style.Paint(verdictColor(v.Verdict), schemaVerdict(v.Verdict)))
	return p.Err
}

func asked(direction string) string {
	if direction == "forward" {
		return "forward: what the new schema accepts, under the old one:"
	}
	return "backward: what the old schema accepts, under the new one:"
}

func schemaVerdict(verdict string) string {
	switch schemadiff.Verdict(verdict) {
	case schemadiff.Breaks:
		return "The change breaks."
	case schemadiff.Warns:
		return "The registry takes the change; it can break data all the same."
	default:
		return "The change is compatible."
	}
}

func verdictColor(verdict string) string {
	switch schemadiff.Verdict(verdict) {
	case schemadiff.Breaks:
		return draw.Red
	case schemadiff.Warns:
		return draw.Yellow
	default:
		return draw.Green
	}
}

// WriteSchemaDiffMarkdown draws the comparison for a pull request.
func WriteSchemaDiffMarkdown(w io.Writer, v SchemaDiff) error {
	p := newPainter(w, draw.Style{})
	p.Line("**%s** `%s` against `%s` (%s, %s)", schemaVerdict(v.Verdict), v.New, v.Old, v.Mode, v.Policy)
	for _, d := range v.Directions {
		if len(d.Differences) == 0 {
			continue
		}
		p.Line("\n| %s | rule | place |\n|---|---|---|", d.Direction)
		for _, x := range d.Differences {
			p.Line("| %s | `%s` | `%s` |", x.Verdict, x.Rule, strings.ReplaceAll(x.Path, "|", `\|`))
		}
		if d.Proof != nil {
			p.Line("\nProof:\n\n```json\n%s\n```", d.Proof)
		}
	}
	return p.Err
}

// SchemaVerdict returns the worst verdict of the directions.
func SchemaVerdict(list []SchemaDirection) string {
	worst := schemadiff.OK
	for _, d := range list {
		switch v := schemadiff.Verdict(d.Verdict); {
		case v == schemadiff.Breaks:
			return string(v)
		case v == schemadiff.Warns:
			worst = v
		}
	}
	return fmt.Sprint(worst)
}
