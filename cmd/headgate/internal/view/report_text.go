package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
)

// WriteReport draws a report as text. The faults of failed steps are named
// here and shown in full by WriteDiagnostics.
func WriteReport(w io.Writer, v Report, style Style) error {
	p := &painter{w: w, style: style}
	for _, s := range v.Steps {
		p.step(s)
	}
	p.line("%s", v.sentence(style))
	return p.err
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
	verb, color := "Apply", green
	if v.Command == "run" {
		verb = "Run"
	}
	end := "complete"
	switch v.Status {
	case outcome.Failed:
		end, color = "failed", red
	case outcome.Interrupted, outcome.Skipped:
		end, color = "stopped", yellow
	case outcome.Warned:
		end, color = "complete, with warnings", yellow
	}
	out := style.paint(color, fmt.Sprintf("%s %s", verb, end)) +
		fmt.Sprintf(" in %s: %d done, %d failed, %d skipped.", Seconds(v.Seconds), done, failed, skipped)
	if v.Totals.Streams > 0 {
		out += fmt.Sprintf("\n%s read = %s accepted + %s quarantined + %s dropped + %s filtered.",
			Count(v.Totals.Read), Count(v.Totals.Accepted), Count(v.Totals.Quarantined), Count(v.Totals.Dropped), Count(v.Totals.Filtered))
	}
	if v.Broke {
		out += "\n" + style.paint(red, "Data broke a contract beyond its tolerance; nothing of it was published.")
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
	p.line("%s %s %s", s.ID, p.status(s.Status), why)
	p.line("")
}

func (p *painter) status(s outcome.Status) string {
	switch s {
	case outcome.Done, outcome.Unchanged:
		return p.style.paint(green, string(s))
	case outcome.Failed:
		return p.style.paint(red, string(s))
	default:
		return p.style.paint(yellow, string(s))
	}
}

func (p *painter) stream(s *outcome.StreamReport) {
	p.line("%s -> %s  %s in %s", p.style.paint(bold, s.Address+partition(s.Partition)), s.Table, p.status(s.Status), Seconds(s.Seconds))
	p.fact("contract", s.Contract+", written by "+s.Write)
	if s.Status == outcome.Unchanged || s.Status == outcome.Failed && s.Read == 0 {
		p.line("")
		return
	}
	p.fact("read", fmt.Sprintf("%s = %s accepted + %s quarantined + %s dropped + %s filtered",
		Count(s.Read), Count(s.Accepted), Count(s.Quarantined), Count(s.Dropped), Count(s.Filtered)))
	if s.Annotated+s.Warned > 0 {
		p.fact("", fmt.Sprintf("of those accepted, %s with a null in place of a value, %s with a warning", Count(s.Annotated), Count(s.Warned)))
	}
	if s.Status == outcome.Failed {
		p.fact("rows", "none was published")
	} else {
		p.fact("rows", difference(s.Diff))
		p.fact("checksum", checksum(s.Checksum))
	}
	p.fact("speed", Count(int64(s.RowsPerSecond))+" records/s")
	if s.Resumed {
		p.fact("resumed", Count(s.ResumedRead)+" of the records were staged by a run that was cut off")
	}
	if s.Status == outcome.Failed {
		p.fact("bookmark", bookmark(s.BookmarkBefore)+", as before")
	} else {
		p.fact("bookmark", bookmark(s.BookmarkBefore)+" -> "+bookmark(s.BookmarkAfter))
	}
	for _, c := range s.SchemaChanges {
		p.fact("schema", c)
	}
	if len(s.Evolved) > 0 {
		p.fact("evolved", printable(strings.Join(s.Evolved, ", ")))
	}
	for _, u := range s.Unknown {
		p.fact("unknown", fmt.Sprintf("column %s in %s: %s", printable(u.Name), plural(u.Count, "record"), u.How))
	}
	if len(s.Rules) > 0 {
		p.fact("broken", plural(int64(len(s.Rules)), "rule"))
		p.rules(s.Rules, "      ", false)
	}
	p.audits(s.Audits)
	p.line("")
}

func partition(name string) string {
	if name == "" {
		return ""
	}
	return " [" + name + "]"
}

// fact draws one named line of a block.
func (p *painter) fact(name, text string) {
	p.line("    %s %s", p.style.paint(dim, pad(name, 9)), text)
}

func difference(d connector.TableDiff) string {
	return fmt.Sprintf("%s inserted, %s updated, %s unchanged, %s deleted; %s in the table",
		Count(d.Inserted), Count(d.Updated), Count(d.Unchanged), Count(d.Deleted), Count(d.Rows))
}

func checksum(c outcome.ChecksumReport) string {
	verdict := "equal"
	if !c.Equal {
		verdict = "NOT EQUAL"
	}
	return fmt.Sprintf("%s accepted, %s staged: %s (%016x)", Count(c.Accepted.Rows), Count(c.Staged.Rows), verdict, c.Staged.Sum)
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
		p.fact("audited", fmt.Sprintf("%s, %s kept, in %s", plural(int64(len(list)), "promise"), Count(kept), Seconds(seconds)))
	}
	for _, a := range list {
		if a.Rows == 0 {
			continue
		}
		unit := "row"
		if a.Kind == connector.AuditUnique && !a.Removed {
			unit = "value"
		}
		p.fact("audit", fmt.Sprintf("%s: %s at fault (%s)", a.Rule, plural(a.Rows, unit), verdict(a)))
		for _, e := range a.Examples {
			p.line("                %s", cut(e, 120))
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
	p.line("%s -> %s  %s in %s", p.style.paint(bold, s.Address), m.Table, p.status(s.Status), Seconds(s.Seconds))
	if m.Materialized == "view" {
		p.fact("view", "of "+strings.Join(m.Inputs, ", "))
	} else if s.Status != outcome.Unchanged {
		p.fact("rows", difference(m.Diff))
		p.fact("from", strings.Join(m.Inputs, ", "))
	}
	p.audits(m.Audits)
	p.line("")
}
