package planview

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/planner/plan"
)

// maxPromiseLines is how many lines of an action its promises take at most.
const maxPromiseLines = 4

// promises draws where the promises of an action's contract are kept.
func (p *painter) promises(a Action) {
	var lines []string
	for _, group := range []struct {
		kept  plan.Keeper
		where string
	}{
		{plan.KeptInFlight, "kept in flight: "}, {plan.KeptByMerge, "kept by the merge: "}, {plan.KeptByAudit, "audited before publishing: "},
	} {
		if words := promiseWords(a.Promises, group.kept); len(words) > 0 {
			lines = append(lines, draw.Wrap(group.where+strings.Join(words, ", "), 92)...)
		}
	}
	room := maxPromiseLines
	if a.View && len(lines) > 0 {
		room--
	}
	if len(lines) > room {
		lines = append(lines[:room-1:room-1], "... and more: plan --format json lists all of them")
	}
	if room < maxPromiseLines {
		lines = append(lines, "a view is audited when it is published, not when what it reads changes")
	}
	for i, line := range lines {
		lead := "promises: "
		if i > 0 {
			lead = "          "
		}
		p.Line("      %s%s", p.Style.Paint(draw.Dim, lead), line)
	}
}

// promiseWords are the promises that one keeper keeps: types, limits and checks as
// counts, the others by name.
func promiseWords(list []plan.Promise, kept plan.Keeper) []string {
	counts := map[string]int64{}
	var named []string
	add := func(name, severity string) {
		if severity == "warning" {
			name += " (warning)"
		}
		named = append(named, name)
	}
	then := ""
	for _, x := range list {
		if x.Kept != kept {
			continue
		}
		if x.Then != "" {
			then = x.Then
		}
		switch x.Kind {
		case "type", "limit", "check":
			counts[x.Kind]++
		case "unique", "references":
			named = append(named, fmt.Sprintf("%s(%s)", x.Kind, strings.TrimSuffix(x.Rule, "."+x.Kind)))
		case "expect":
			add("expect "+x.Rule, x.Severity)
		default:
			add(x.Kind, x.Severity)
		}
	}
	var out []string
	for _, kind := range []string{"type", "limit", "check"} {
		if counts[kind] > 0 {
			out = append(out, draw.Plural(counts[kind], kind))
		}
	}
	out = append(out, named...)
	switch then {
	case "quarantine":
		out[len(out)-1] += "; orphans and later doubles are quarantined"
	case "drop":
		out[len(out)-1] += "; orphans and later doubles are dropped"
	}
	return out
}

// compared is the verdict on the action's contract. Of a version that is new nothing is
// marked as broken: nobody uses it yet.
func (a Action) compared() *compat.Report {
	if a.Action != plan.Create {
		return a.Compat
	}
	r := *a.Compat
	r.Changes = slices.Clone(r.Changes)
	for i := range r.Changes {
		r.Changes[i].Broken = false
	}
	return &r
}
