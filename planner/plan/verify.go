package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

// maxNamed is how many addresses a diagnostic lists.
const maxNamed = 10

// Verify tells whether the plan may be applied to the state s: it must have been
// made from the same environment and lineage, and no definition may have been
// applied since. Where it may not, the diagnostics say what moved.
func Verify(p *Plan, s *state.Snapshot) diag.Diagnostics {
	var diags diag.Diagnostics
	foreign := func(format string, args ...any) {
		diags.Add(diag.New(diag.PlanForeign, format, args...))
	}
	if p.Base != nil {
		diags.Add(diag.New(diag.PlanOfRevisions, "The plan compares the project with %s, not with the state of %q. Make one with `headgate plan --out FILE`.", p.Base.Ref, p.Environment))
		return diags
	}
	if s.Environment != "" && p.Environment != s.Environment {
		foreign("The plan was made for the environment %q, the state is that of %q. Make a plan for %q.", p.Environment, s.Environment, s.Environment)
	}
	if s.Project != "" && p.Project != s.Project {
		foreign("The plan was made for the project %q, the state is that of %q.", p.Project, s.Project)
	}
	fresh := p.Lineage == "" && p.DefinitionSerial == 0 // made before the first apply: the serial tells
	if p.Lineage != s.Lineage && !fresh {
		foreign("The plan was made from a state of the lineage %q, the one at hand has %q: it is another store, or it was made anew. Make a new plan.", p.Lineage, s.Lineage)
		return diags
	}
	if p.DefinitionSerial != s.DefinitionSerial {
		diags.Add(diag.New(diag.PlanStale,
			"The plan was made from definition serial %d, the state of %q is at %d.%s Make a new plan; what is left to do may differ.",
			p.DefinitionSerial, s.Environment, s.DefinitionSerial, delta(p, s)))
	}
	return diags
}

// delta names what was applied after the plan was made.
func delta(p *Plan, s *state.Snapshot) string {
	var moved, gone []string
	for a, n := range s.Nodes {
		if n.Serial > p.DefinitionSerial {
			moved = append(moved, a)
		}
	}
	for _, st := range p.Steps {
		_, moves := st.Do.(*Move) // of a whole block, which the state does not hold
		if moves || st.Action == Create || !st.Action.ChangesDefinition() {
			continue
		}
		if s.Nodes[st.Address.String()] == nil {
			gone = append(gone, st.Address.String())
		}
	}
	return named(" Applied since: %s.", moved) + named(" Taken out since: %s.", gone)
}

// named puts a sorted, bounded list of names into a sentence, "" for none.
func named(format string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	more := ""
	if len(names) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(names)-maxNamed)
		names = names[:maxNamed]
	}
	return fmt.Sprintf(format, strings.Join(names, ", ")+more)
}
