package planview

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// WithoutRows is the plan without the rows that its impacts show.
func (v Plan) WithoutRows() Plan {
	v.Actions = slices.Clone(v.Actions)
	for i := range v.Actions {
		a := &v.Actions[i]
		a.Impact = slices.Clone(a.Impact)
		for k, in := range a.Impact {
			bare := *in
			bare.Examples = nil
			bare.Rules = slices.Clone(in.Rules)
			for r := range bare.Rules {
				bare.Rules[r].Examples = nil
			}
			a.Impact[k] = &bare
		}
	}
	return v
}

const impactWord = "impact: "

// impact draws what the contracts of an action say of the rows that stand there.
func (p *painter) impact(a Action) {
	for _, i := range a.Impact {
		first := true
		line := func(indent, text string) {
			for k, part := range draw.Wrap(text, 92-len(indent)) {
				lead := strings.Repeat(" ", len(impactWord))
				if first {
					lead = p.Style.Paint(draw.Dim, impactWord)
				}
				if k > 0 {
					part = "  " + part
				}
				p.Line("      %s%s%s", lead, indent, part)
				first = false
			}
		}
		for _, text := range impactSentences(i) {
			line("", text)
		}
		for _, x := range impactExamples(i) {
			line("    ", x)
		}
		for _, n := range i.NotCounted {
			line("", fmt.Sprintf("not counted: %s: %s", n.Rule, n.Why))
		}
		if !i.Holds() {
			line("", "then: "+i.Then)
		}
	}
}

// impactSentences say how many rows would be refused, which promises over the table
// are broken, and what was asked about.
func impactSentences(i *plan.Impact) []string {
	if i.Open != "" {
		return []string{fmt.Sprintf("not known: how many rows now in %s %s would refuse: %s", i.Name, i.Contract, strings.TrimSuffix(i.Open, "."))}
	}
	if i.Rows == 0 {
		return append([]string{i.Name + " holds no rows"}, brokenPromises(i)...)
	}
	var out []string
	if ofRows := askedNames(i, false); len(ofRows) > 0 {
		out = append(out, refusedSentence(i, ofRows))
	}
	for _, r := range i.Rules {
		if r.Warning && !r.Kind.OverTable() {
			out = append(out, fmt.Sprintf("warned about, and not refused: %s %s", r.Rule, counted(i, r.Count)))
		}
	}
	return append(out, brokenPromises(i)...)
}

// refusedSentence is about single rows.
func refusedSentence(i *plan.Impact, asked []string) string {
	all := fmt.Sprintf("%s now in %s", draw.Plural(i.Rows, "row"), i.Name)
	news := "new or tighter: " + strings.Join(asked, ", ")
	switch {
	case i.Refused.Found == 0 && i.Sampled > 0:
		return fmt.Sprintf("would refuse none of %s rows sampled from %s, so at most %s (%s rows) with 95%% confidence; %s",
			draw.Count(i.Sampled), all, i.Share(i.Refused.High), draw.Count(i.Refused.High), news)
	case i.Refused.Found == 0:
		return fmt.Sprintf("would refuse none of %s; %s", all, news)
	case i.Sampled > 0:
		return fmt.Sprintf("would refuse about %s (%s to %s) of %s, about %s rows; sampled %s: %s%s", i.Share(i.Refused.About),
			i.Share(i.Refused.Low), i.Share(i.Refused.High), all, draw.Count(i.Refused.About), draw.Count(i.Sampled), ruleCounts(i), keptRules(i, asked))
	default:
		return fmt.Sprintf("would refuse %s of %s (%s): %s%s", draw.Count(i.Refused.Found), all, i.Share(i.Refused.Found), ruleCounts(i), keptRules(i, asked))
	}
}

// keptRules are the asked rules that no row breaks.
func keptRules(i *plan.Impact, asked []string) string {
	kept := slices.DeleteFunc(slices.Clone(asked), func(name string) bool {
		return slices.ContainsFunc(i.Rules, func(r plan.RuleImpact) bool { return r.Rule == name && !r.Kind.OverTable() }) ||
			slices.ContainsFunc(i.NotCounted, func(n state.NotCounted) bool { return n.Rule == name })
	})
	if len(kept) == 0 {
		return ""
	}
	return "; new or tighter, and broken by none: " + strings.Join(kept, ", ")
}

// ruleCounts are the broken rules of single rows with their counts.
func ruleCounts(i *plan.Impact) string {
	var out []string
	for _, r := range i.Rules {
		if !r.Kind.OverTable() && !r.Warning {
			out = append(out, r.Rule+" "+counted(i, r.Count))
		}
	}
	return strings.Join(out, ", ")
}

func counted(i *plan.Impact, c plan.Count) string {
	if i.Sampled > 0 {
		return "about " + draw.Count(c.About)
	}
	return draw.Count(c.Found)
}

// brokenPromises are sentences about the promises over the whole table.
func brokenPromises(i *plan.Impact) []string {
	asked := askedNames(i, true)
	if len(asked) == 0 {
		return nil
	}
	var broken []string
	for _, r := range i.Rules {
		if !r.Kind.OverTable() {
			continue
		}
		text := map[plan.RuleKind]string{
			plan.KeyRule: "%s stand in more than one row", plan.UniqueRule: "%s stand in more than one row", plan.ReferencesRule: "%s have no partner",
			plan.ExpectRule: "its query yields %s", plan.RowsRule: "the table has %[2]s", plan.FreshnessRule: "the newest value is too old",
		}[r.Kind]
		noun := "row"
		if r.Kind == plan.KeyRule || r.Kind == plan.UniqueRule {
			noun = "value"
		}
		text = strings.ReplaceAll(strings.ReplaceAll(text, "%[2]s", draw.Plural(i.Rows, "row")), "%s", draw.Plural(r.Found, noun))
		if r.Found == 1 {
			text = strings.NewReplacer(" stand ", " stands ", " have ", " has ").Replace(text)
		}
		if r.Warning {
			text += " (warning)"
		}
		broken = append(broken, r.Rule+": "+text)
	}
	if len(broken) == 0 {
		left := 0
		for _, n := range i.NotCounted {
			if slices.Contains(asked, n.Rule) {
				left++
			}
		}
		if left == len(asked) {
			return nil
		}
		return []string{"keeps what is promised of the whole table: " + strings.Join(asked, ", ")}
	}
	return []string{"breaks what is promised of the whole table: " + strings.Join(broken, "; ")}
}

// askedNames are the rules that were asked about, those over the table or the others.
func askedNames(i *plan.Impact, overTable bool) []string {
	var out []string
	for _, r := range i.Asked {
		if r.Kind.OverTable() == overTable && r.Kind != plan.ShapeRule {
			out = append(out, r.Rule)
		}
	}
	return out
}

// impactExamples are the rows that may be shown.
func impactExamples(i *plan.Impact) []string {
	var out []string
	add := func(list []state.RefusedExample, rule string) {
		for _, x := range list {
			rules := strings.Join(x.Rules, ", ")
			if rules == "" {
				rules = rule
			}
			if x.Row == "" {
				out = append(out, "a row breaks "+rules+"; there is no key to name it by: --examples=full shows the row")
				continue
			}
			out = append(out, draw.Cut(x.Row, 400)+" breaks "+rules)
		}
	}
	add(i.Examples, "")
	for _, r := range i.Rules {
		add(r.Examples, r.Rule)
	}
	return slices.Compact(out)
}

// markdownImpact lists what contracts say of the rows that stand there: counts, and
// rows where the reader asked for them.
func (p *painter) markdownImpact(v Plan) {
	first := true
	for _, a := range v.Actions {
		for _, i := range a.Impact {
			if first {
				p.Line("")
				p.Line("**Rows that stand there**")
				p.Line("")
			}
			first = false
			sign := "⚠️"
			if i.Holds() {
				sign = "✅"
			}
			p.Line("- %s %s: %s", sign, draw.Code(i.Contract.String()), draw.Cell(strings.Join(impactSentences(i), "; ")))
			for _, n := range i.NotCounted {
				p.Line("  - not counted: %s: %s", draw.Code(n.Rule), draw.Cell(n.Why))
			}
			if !i.Holds() {
				p.Line("  - then: %s", draw.Cell(i.Then))
			}
			for _, x := range impactExamples(i) {
				if v.ShowRows {
					p.Line("  - %s", draw.Code(x))
				}
			}
		}
	}
}
