package planner

import (
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/planner/state"
)

// baseBuild stands for the build of a table that is known from a revision alone.
const baseBuild = "base"

// Baseline is the state that an environment would have had p been applied to it and
// everything been loaded once. Build compares another revision with it where there
// is no state to compare with; what comes out can be read, and not be applied.
func Baseline(p *program.Program) *state.Snapshot {
	s := &state.Snapshot{FormatVersion: state.FormatVersion, Project: p.Project, Environment: p.Environment.Name, Nodes: map[string]*state.Node{}}
	for _, n := range p.Nodes {
		was := &state.Node{Definition: n}
		if n.Stream != nil || n.Model != nil {
			was.Data = &state.Data{Version: 1}
			if n.Model == nil || n.Model.Materialized != "view" {
				was.Build = baseBuild
			}
		}
		s.Nodes[n.Address.String()] = was
	}
	b := newBuilder(p, s, Options{})
	for _, n := range p.Nodes {
		if n.Model != nil {
			s.Nodes[n.Address.String()].Data.Inputs = b.inputVersions(n)
		}
	}
	return s
}
