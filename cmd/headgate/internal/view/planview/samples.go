package planview

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/outcome"
)

// Broken reports whether a run over records like those sampled would break a
// contract beyond its tolerance: exit code 3.
func Broken(samples []outcome.Sample) bool {
	return slices.ContainsFunc(samples, func(s outcome.Sample) bool { return s.Verdict == outcome.Broken })
}

// samples draws what was read of the sources.
func (p *painter) samples(list []outcome.Sample) {
	if len(list) == 0 {
		return
	}
	p.Line("Samples (nothing was loaded):")
	for _, s := range list {
		p.Line("  %s", s.Stream)
		for _, text := range sampleSentences(s) {
			for i, line := range draw.Wrap(text, 94) {
				if i > 0 {
					line = "  " + line
				}
				p.Line("      %s", line)
			}
		}
		for _, r := range s.Rules {
			p.Line("      %s %s  %s", p.Style.Paint(draw.Yellow, draw.Count(r.Count)), r.Rule, ruleFate(r))
			for _, x := range sampleExamples(r) {
				p.Line("          %s", x)
			}
		}
		for _, d := range s.Schema {
			for i, line := range draw.Wrap("source: "+differenceSentence(d), 94) {
				if i > 0 {
					line = "  " + line
				}
				p.Line("      %s", line)
			}
		}
	}
	p.Line("")
}

// sampleSentences say how many records were read and what would become of them.
func sampleSentences(s outcome.Sample) []string {
	if s.Error != "" {
		return []string{"not sampled: " + strings.TrimSuffix(s.Error, ".")}
	}
	if s.Read == 0 {
		return []string{"no record waits at its source"}
	}
	read := draw.Plural(s.Read, "record") + " read"
	if s.Whole {
		read += ", all that wait"
	}
	parts := []string{draw.Count(s.Accepted) + " would be accepted"}
	for _, x := range []struct {
		n    int64
		what string
	}{{s.Quarantined, "quarantined"}, {s.Dropped, "dropped"}, {s.Filtered, "filtered"}} {
		if x.n > 0 {
			parts = append(parts, draw.Count(x.n)+" "+x.what)
		}
	}
	if s.Annotated > 0 {
		parts = append(parts, draw.Count(s.Annotated)+" with a null in place of a value")
	}
	if s.Warned > 0 {
		parts = append(parts, draw.Count(s.Warned)+" with a warning")
	}
	out := []string{read + ": " + strings.Join(parts, ", ")}
	switch {
	case s.Verdict == outcome.Broken:
		out = append(out, "a run over records like these fails: "+s.Why)
	case s.Verdict == outcome.Tolerated && s.Tolerance != "":
		out = append(out, "within the contract's tolerance of "+s.Tolerance)
	}
	for _, u := range s.Unknown {
		out = append(out, fmt.Sprintf("column %s in %s: %s", u.Name, draw.Plural(u.Count, "record"), u.How))
	}
	if len(s.Evolved) > 0 {
		out = append(out, "columns that would be added: "+strings.Join(s.Evolved, ", "))
	}
	if len(s.NotJudged) > 0 {
		out = append(out, "judged by a run alone: "+strings.Join(s.NotJudged, ", "))
	}
	return out
}

func ruleFate(r outcome.RuleReport) string {
	if r.Outcome == "failed" {
		return "fails the run"
	}
	return r.Outcome
}

// sampleExamples are where the first records at fault stand, and what they hold
// where that may be shown.
func sampleExamples(r outcome.RuleReport) []string {
	var out []string
	for _, x := range r.Examples {
		text := fmt.Sprintf("%s:%d", x.Origin, x.Line)
		if x.Value != "" {
			text += "  " + draw.Cut(x.Value, 200)
		}
		if m := x.Message + r.Message; m != "" {
			text += "  " + draw.Cut(m, 200)
		}
		out = append(out, text)
	}
	return out
}

// differenceSentence says how a column of the source differs.
func differenceSentence(d outcome.SchemaDifference) string {
	typed := func(t string) string {
		if t == "" {
			return ""
		}
		return " " + t
	}
	switch d.Kind {
	case outcome.ColumnUnknown:
		return fmt.Sprintf("has %s%s, which nothing takes: %s", d.Column, typed(d.Source), d.Then)
	case outcome.ColumnMissing:
		return fmt.Sprintf("lacks %s%s: %s", d.Column, typed(d.Expected), d.Then)
	default:
		return fmt.Sprintf("has %s as %s, read as %s: %s", d.Column, d.Source, d.Expected, d.Then)
	}
}

// markdownSamples lists samples by counts, with places and values where the reader
// asked for them.
func (p *painter) markdownSamples(v Plan) {
	if len(v.Samples) == 0 {
		return
	}
	p.Line("")
	p.Line("**Samples (nothing was loaded)**")
	p.Line("")
	for _, s := range v.Samples {
		sign := "✅"
		if s.Verdict == outcome.Broken {
			sign = "❌"
		} else if s.Verdict == outcome.Tolerated || s.Error != "" {
			sign = "⚠️"
		}
		p.Line("- %s %s: %s", sign, draw.Code(s.Stream), draw.Cell(strings.Join(sampleSentences(s), "; ")))
		for _, r := range s.Rules {
			p.Line("  - %s: %s %s", draw.Code(r.Rule), draw.Count(r.Count), draw.Cell(ruleFate(r)))
			for _, x := range sampleExamples(r) {
				if v.ShowRows {
					p.Line("    - %s", draw.Code(x))
				}
			}
		}
		for _, d := range s.Schema {
			p.Line("  - source %s", draw.Cell(differenceSentence(d)))
		}
	}
}
