package planview

import (
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/planner/plan"
)

// Drifted is a table that is not what was applied: somebody changed it outside of
// headgate.
type Drifted struct {
	Address string        `json:"address"`
	Changes []plan.Change `json:"changes"` // what apply mends: old is what stands there, new what was applied
	Reasons []plan.Reason `json:"reasons"`
	Mends   []string      `json:"mends"` // what apply does about it
}

// newDrift lists the drift of every step, in the plan's order.
func newDrift(steps []*plan.Step) []Drifted {
	var out []Drifted
	for _, s := range steps {
		if d := s.Drift; d != nil {
			out = append(out, Drifted{s.Address.String(), draw.OrEmpty(d.Changes), draw.OrEmpty(d.Reasons), draw.OrEmpty(d.Mends)})
		}
	}
	return out
}

// driftOf puts the drift of a step that is there for it alone into its action.
func (a *Action) driftOf(s *plan.Step) {
	if s.Action != plan.Drifted || s.Drift == nil {
		return
	}
	a.Actions = []plan.Action{plan.Update}
	if op, ok := s.Do.(*plan.PrepareStream); ok && op.Fresh {
		a.Actions = []plan.Action{plan.Create}
	}
	a.Changes, a.Reasons = draw.OrEmpty(s.Drift.Changes), draw.OrEmpty(s.Drift.Reasons)
}

// planned are the actions that change definitions; what only mends a drift stands
// in a section of its own.
func (v Plan) planned() []Action {
	var out []Action
	for _, a := range v.Actions {
		if a.Action != plan.Drifted {
			out = append(out, a)
		}
	}
	return out
}

// drift draws what was changed outside of headgate, and what was not looked at.
func (p *painter) drift(v Plan) {
	for _, u := range v.Unseen {
		p.Line("%s %s was not compared with what was applied: %s", p.Style.Paint(draw.Yellow, "note:"), u.Address, u.Why)
	}
	if len(v.Unseen) > 0 {
		p.Line("")
	}
	if len(v.Drift) == 0 {
		return
	}
	p.Line("Changed outside of headgate:")
	p.Line("")
	for _, d := range v.Drift {
		p.Line("  %s", p.Style.Paint(draw.Bold, "# "+d.Address+" is not what was applied"))
		for _, r := range d.Reasons {
			p.Line("  # %s", r.Text)
		}
		p.Line("  %s %s", p.Style.Paint(draw.Yellow, plan.Drifted.Symbol()), d.Address)
		width := 0
		for _, c := range d.Changes {
			width = max(width, len([]rune(c.Path)))
		}
		for _, c := range d.Changes {
			if strings.HasPrefix(c.Path, "view ") { // two queries, each on a line
				p.Line("      %s %s:", p.Style.Paint(draw.Yellow, c.Action.Symbol()), c.Path)
				p.Difference(text(c.Old), text(c.New))
				continue
			}
			p.change(c, width)
		}
		for _, m := range d.Mends {
			for i, line := range draw.Wrap(m, 90) {
				lead := "mended: "
				if i > 0 {
					lead = "        "
				}
				p.Line("      %s%s", p.Style.Paint(draw.Dim, lead), line)
			}
		}
		p.Line("")
	}
}

// markdownDrift draws the same for a pull request.
func (p *painter) markdownDrift(v Plan) {
	for _, u := range v.Unseen {
		p.Line("")
		p.Line("> %s was not compared with what was applied: %s", draw.Code(u.Address), u.Why)
	}
	if len(v.Drift) == 0 {
		return
	}
	p.Line("")
	p.Line("**Changed outside of headgate**")
	p.Line("")
	p.Line("| | address | what was changed | what apply does |")
	p.Line("|---|---|---|---|")
	for _, d := range v.Drift {
		var reasons, mends []string
		for _, r := range d.Reasons {
			reasons = append(reasons, draw.Cell(r.Text))
		}
		for _, m := range d.Mends {
			mends = append(mends, draw.Cell(m))
		}
		p.Line("| `%s` | %s | %s | %s |", plan.Drifted.Symbol(), draw.Code(d.Address), strings.Join(reasons, "<br>"), strings.Join(mends, "<br>"))
	}
}
