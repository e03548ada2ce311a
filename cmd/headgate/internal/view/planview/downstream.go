package planview

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
)

// How much of what a change comes to is drawn; the JSON has all of it.
const (
	shownBroken  = 20 // of what breaks
	shownReached = 6  // of the rest
	shownNames   = 8  // of what is summed up
	shownColumns = 6
)

// downstream draws what the change of an action comes to.
func (p *painter) downstream(a Action) {
	listed, rest := split(a.Downstream)
	if len(a.Downstream) == 0 {
		return
	}
	p.Line("      %s", p.Style.Paint(draw.Dim, "reaches "+reached(a)+":"))
	for _, r := range listed {
		lead, color := "  ", draw.Dim
		switch r.Verdict {
		case compat.Breaks:
			lead, color = "! ", draw.Red
		case compat.Warns:
			lead, color = "? ", draw.Yellow
		}
		for i, line := range draw.Wrap(r.Address.String()+": "+reachText(r), 92) {
			if i > 0 {
				lead = "    "
			}
			p.Line("        %s%s", p.Style.Paint(color, lead), line)
		}
	}
	if more := summed(rest, a.DownstreamMore, func(s string) string { return s }); more != "" {
		for _, line := range draw.Wrap(more, 92) {
			p.Line("          %s", line)
		}
	}
}

// downstreamMarkdown draws the same for a pull request, among what is folded.
func (p *painter) downstreamMarkdown(a Action) {
	if len(a.Downstream) == 0 {
		return
	}
	listed, rest := split(a.Downstream)
	p.Line("")
	p.Line("Reaches %s:", reached(a))
	p.Line("")
	for _, r := range listed {
		mark := ""
		if r.Verdict != compat.OK {
			mark = "**" + string(r.Verdict) + "** "
		}
		p.Line("- %s%s: %s", mark, draw.Code(r.Address.String()), draw.Cell(reachText(r)))
	}
	if more := summed(rest, a.DownstreamMore, draw.Code); more != "" {
		p.Line("- %s", more)
	}
}

// split parts what is drawn line by line from what is summed up.
func split(list []plan.Reach) (listed, rest []plan.Reach) {
	broken, others := 0, 0
	for _, r := range list {
		fits := false
		if r.Verdict == compat.Breaks {
			broken++
			fits = broken <= shownBroken
		} else {
			others++
			fits = others <= shownReached
		}
		if fits {
			listed = append(listed, r)
		} else {
			rest = append(rest, r)
		}
	}
	return listed, rest
}

// reached sums up: "1 stream and 3 models, 1 of which breaks".
func reached(a Action) string {
	streams, models, broken := 0, 0, 0
	for _, r := range a.Downstream {
		if r.Address.Kind == addr.Pipeline {
			streams++
		} else {
			models++
		}
		if r.Verdict == compat.Breaks {
			broken++
		}
	}
	var parts []string
	if streams > 0 {
		parts = append(parts, draw.Plural(int64(streams), "stream"))
	}
	if models > 0 {
		parts = append(parts, draw.Plural(int64(models), "model"))
	}
	if a.DownstreamMore > 0 {
		parts = append(parts, draw.Count(int64(a.DownstreamMore))+" more")
	}
	out := parts[len(parts)-1]
	if rest := parts[:len(parts)-1]; len(rest) > 0 {
		out = strings.Join(rest, ", ") + " and " + out
	}
	if broken > 0 {
		out += fmt.Sprintf(", %d of which break", broken)
		if broken == 1 {
			out += "s"
		}
	}
	return out
}

// summed names the first of what is not listed and counts the others.
func summed(rest []plan.Reach, more int, code func(string) string) string {
	if len(rest) == 0 {
		return ""
	}
	var names []string
	for _, r := range rest[:min(len(rest), shownNames)] {
		names = append(names, code(r.Address.String()))
	}
	out := "and " + strings.Join(names, ", ")
	if left := len(rest) - len(names) + more; left > 0 {
		out += fmt.Sprintf(", and %s more", draw.Count(int64(left)))
	}
	return out
}

// reachText says how something is reached, what it loses and what becomes of it.
func reachText(r plan.Reach) string {
	var reads []string
	for _, read := range r.Reads {
		reads = append(reads, readText(read))
	}
	out := strings.Join(reads, ", ")
	switch {
	case len(r.Why) > 0:
		out = strings.Join(r.Why, "; ")
	case r.Rows && len(r.Columns) == 0 && r.Address.Kind == addr.Model:
		out += ", for its rows"
	case !r.Rows && len(r.Columns) > 0 && !sameNames(r):
		out += " as " + names(r.Columns)
	}
	if len(r.Opaque) > 0 {
		out += " (opaque: " + strings.Join(r.Opaque, ", ") + ")"
	}
	return out + "; " + fateText(r)
}

// sameNames reports whether a reader has columns under the names that it reads.
func sameNames(r plan.Reach) bool {
	return len(r.Reads) == 1 && strings.EqualFold(strings.Join(r.Reads[0].Columns, ","), strings.Join(r.Columns, ","))
}

func readText(r plan.Read) string {
	switch {
	case r.Of.Kind == addr.Contract && len(r.Columns) == 0:
		return "is held to " + r.Of.String()
	case r.Of.Kind == addr.Contract:
		return "has " + names(r.Columns) + " of " + r.Of.String()
	case r.Of.Kind == addr.Source, r.Of.Kind == addr.Pipeline && r.Of.Stream == "":
		return "is loaded by " + r.Of.String()
	case len(r.Columns) == 1 && r.Columns[0] == "*":
		return "may read any column of " + r.Of.String()
	case len(r.Columns) == 0:
		return "reads " + r.Of.String()
	default:
		return "reads " + names(r.Columns) + " of " + r.Of.String()
	}
}

// names lists columns, the first of many.
func names(list []string) string {
	if len(list) > shownColumns {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:shownColumns], ", "), len(list)-shownColumns)
	}
	return strings.Join(list, ", ")
}

// fateText says what the plan does with what is reached.
func fateText(r plan.Reach) string {
	stream := r.Address.Kind == addr.Pipeline
	switch r.Then {
	case plan.FateDestroyed:
		return "goes away"
	case plan.FateReplaced:
		if stream {
			return "loaded anew"
		}
		return "built anew"
	case plan.FateUpdated:
		return "changes with it"
	case plan.FateRun:
		if stream {
			return "loaded by this plan"
		}
		return "built anew"
	case plan.FatePolled:
		if stream {
			return "loaded if its source has something new"
		}
		return "built anew if its inputs bring something new"
	case plan.FateShown:
		return "shows it at once"
	case plan.FateExcluded:
		return "left out of this plan"
	default:
		if stream {
			return "from its next run on"
		}
		return "when it is next built"
	}
}
