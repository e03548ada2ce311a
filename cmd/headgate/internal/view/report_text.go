package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
)

// WriteReport draws a report as text. The faults of failed steps are named
// here and shown in full by WriteDiagnostics.
func WriteReport(w io.Writer, v Report, style Style) error {
	p := newPainter(w, style)
	for _, s := range v.Steps {
		p.step(s)
	}
	p.Line("%s", v.sentence(style))
	return p.Err
}

// sentence sums the report up.
func (v Report) sentence(style Style) string {
	done, failed, skipped := 0, 0, 0
	for _, s := range v.Steps {
		switch s.Status {
		case outcome.Failed:
			failed++
		case outcome.Skipped, outcome.Interrupted:
			skipped++
		default:
			done++
		}
	}
	verb, color := "Apply", draw.Green
	if v.Command == "run" {
		verb = "Run"
	}
	end := "complete"
	switch v.Status {
	case outcome.Failed:
		end, color = "failed", draw.Red
	case outcome.Interrupted, outcome.Skipped:
		end, color = "stopped", draw.Yellow
	case outcome.Warned:
		end, color = "complete, with warnings", draw.Yellow
	}
	out := style.Paint(color, fmt.Sprintf("%s %s", verb, end)) +
		fmt.Sprintf(" in %s: %d done, %d failed, %d skipped.", draw.Seconds(v.Seconds), done, failed, skipped)
	if v.Totals.Streams > 0 {
		out += fmt.Sprintf("\n%s read = %s accepted + %s quarantined + %s dropped + %s filtered.",
			draw.Count(v.Totals.Read), draw.Count(v.Totals.Accepted), draw.Count(v.Totals.Quarantined), draw.Count(v.Totals.Dropped), draw.Count(v.Totals.Filtered))
	}
	if v.Broke {
		out += "\n" + style.Paint(draw.Red, "Data broke a contract beyond its tolerance; nothing of it was published.")
	}
	return out + "\nRun " + v.RunID
}

// step draws what moved data and what went wrong; definitions that were
// recorded are counted in the last line alone.
func (p *painter) step(s Step) {
	for _, stream := range s.Streams {
		p.stream(stream)
	}
	if s.Model != nil {
		p.model(s)
	}
	if s.Status != outcome.Failed && s.Status != outcome.Skipped && s.Status != outcome.Interrupted {
		return
	}
	why := s.Why
	if s.Error != nil {
		why = s.Error.Code + ": " + s.Error.Summary
	}
	p.Line("%s %s %s", s.ID, p.status(s.Status), why)
	p.Line("")
}

func (p *painter) status(s outcome.Status) string {
	switch s {
	case outcome.Done, outcome.Unchanged:
		return p.Style.Paint(draw.Green, string(s))
	case outcome.Failed:
		return p.Style.Paint(draw.Red, string(s))
	default:
		return p.Style.Paint(draw.Yellow, string(s))
	}
}

func (p *painter) stream(s *outcome.StreamReport) {
	p.Line("%s -> %s  %s in %s", p.Style.Paint(draw.Bold, s.Address+partition(s.Partition)), s.Table, p.status(s.Status), draw.Seconds(s.Seconds))
	p.fact("contract", s.Contract+", written by "+s.Write)
	if s.Status == outcome.Unchanged || s.Status == outcome.Failed && s.Read == 0 {
		p.Line("")
		return
	}
	p.fact("read", fmt.Sprintf("%s = %s accepted + %s quarantined + %s dropped + %s filtered",
		draw.Count(s.Read), draw.Count(s.Accepted), draw.Count(s.Quarantined), draw.Count(s.Dropped), draw.Count(s.Filtered)))
	if s.Annotated+s.Warned > 0 {
		p.fact("", fmt.Sprintf("of those accepted, %s with a null in place of a value, %s with a warning", draw.Count(s.Annotated), draw.Count(s.Warned)))
	}
	if s.Status == outcome.Failed {
		p.fact("rows", "none was published")
	} else {
		p.fact("rows", difference(s.Diff))
		p.fact("checksum", checksum(s.Checksum))
	}
	p.fact("speed", draw.Count(int64(s.RowsPerSecond))+" records/s")
	if s.Resumed {
		p.fact("resumed", draw.Count(s.ResumedRead)+" of the records were staged by a run that was cut off")
	}
	if s.Status == outcome.Failed {
		p.fact("bookmark", draw.Bookmark(s.BookmarkBefore)+", as before")
	} else {
		p.fact("bookmark", draw.Bookmark(s.BookmarkBefore)+" -> "+draw.Bookmark(s.BookmarkAfter))
	}
	for _, c := range s.SchemaChanges {
		p.fact("schema", c)
	}
	if len(s.Evolved) > 0 {
		p.fact("evolved", printable(strings.Join(s.Evolved, ", ")))
	}
	for _, u := range s.Unknown {
		p.fact("unknown", fmt.Sprintf("column %s in %s: %s", printable(u.Name), draw.Plural(u.Count, "record"), u.How))
	}
	if len(s.Rules) > 0 {
		p.fact("broken", draw.Plural(int64(len(s.Rules)), "rule"))
		p.rules(s.Rules, "      ", false)
	}
	p.audits(s.Audits)
	p.Line("")
}

func partition(name string) string {
	if name == "" {
		return ""
	}
	return " [" + name + "]"
}

// fact draws one named line of a block.
func (p *painter) fact(name, text string) {
	p.Line("    %s %s", p.Style.Paint(draw.Dim, draw.Pad(name, 9)), text)
}

func difference(d connector.TableDiff) string {
	return fmt.Sprintf("%s inserted, %s updated, %s unchanged, %s deleted; %s in the table",
		draw.Count(d.Inserted), draw.Count(d.Updated), draw.Count(d.Unchanged), draw.Count(d.Deleted), draw.Count(d.Rows))
}

func checksum(c outcome.ChecksumReport) string {
	verdict := "equal"
	if !c.Equal {
		verdict = "NOT EQUAL"
	}
	return fmt.Sprintf("%s accepted, %s staged: %s (%016x)", draw.Count(c.Accepted.Rows), draw.Count(c.Staged.Rows), verdict, c.Staged.Sum)
}

// audits draws what audits found, and in one line how many found nothing.
func (p *painter) audits(list []connector.AuditResult) {
	kept, seconds := int64(0), 0.0
	for _, a := range list {
		seconds += a.Seconds
		if a.Rows == 0 {
			kept++
		}
	}
	if len(list) > 0 {
		p.fact("audited", fmt.Sprintf("%s, %s kept, in %s", draw.Plural(int64(len(list)), "promise"), draw.Count(kept), draw.Seconds(seconds)))
	}
	for _, a := range list {
		if a.Rows == 0 {
			continue
		}
		unit := "row"
		if a.Kind == connector.AuditUnique && !a.Removed {
			unit = "value"
		}
		p.fact("audit", fmt.Sprintf("%s: %s at fault (%s)", a.Rule, draw.Plural(a.Rows, unit), verdict(a)))
		for _, e := range a.Examples {
			p.Line("                %s", draw.Cut(e, 120))
		}
	}
}

// verdict says what an audit's finding led to: what became of the rows, or how
// severe it is.
func verdict(a connector.AuditResult) string {
	switch {
	case a.Removed && a.Quarantined:
		return "quarantined"
	case a.Removed:
		return "dropped"
	default:
		return a.Severity
	}
}

func (p *painter) model(s Step) {
	m := s.Model
	p.Line("%s -> %s  %s in %s", p.Style.Paint(draw.Bold, s.Address), m.Table, p.status(s.Status), draw.Seconds(s.Seconds))
	if m.Materialized == "view" {
		p.fact("view", "of "+strings.Join(m.Inputs, ", "))
	} else if s.Status != outcome.Unchanged {
		p.fact("rows", difference(m.Diff))
		p.fact("from", strings.Join(m.Inputs, ", "))
	}
	p.audits(m.Audits)
	p.Line("")
}
