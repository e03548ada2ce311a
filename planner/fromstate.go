package planner

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

// ProgramFromState puts the nodes that were last applied together: the program
// that `headgate run` moves data for. An address that depends on something that
// was never applied is left out with a warning, and so is what depends on it.
func ProgramFromState(s *state.Snapshot) (*program.Program, diag.Diagnostics) {
	p := &program.Program{Project: s.Project, Environment: program.Environment{Name: s.Environment}, Nodes: []*program.Node{}}
	var diags diag.Diagnostics
	nodes := map[string]*program.Node{}
	for key, n := range s.Nodes {
		if n != nil && n.Definition != nil {
			nodes[key] = n.Definition
		}
	}
	complete := completeness{nodes: nodes, missing: map[string][]string{}, visited: map[string]bool{}}
	streams := map[string][]string{}
	var kept []*program.Node
	for _, key := range sortedKeys(nodes) {
		n := nodes[key]
		if missing := complete.lacks(key); len(missing) > 0 {
			d := diag.New(diag.StateIncomplete, "%s is left out: it needs %s. Apply again.", key, strings.Join(missing, ", "))
			d.Severity = diag.Warning
			diags.Add(d.For(key))
			continue
		}
		kept = append(kept, n)
		if n.Stream != nil {
			parent := n.Address.Base().String()
			streams[parent] = append(streams[parent], n.Address.Stream)
		}
	}
	for _, n := range kept {
		if n.Pipeline != nil {
			out, pipe := *n, *n.Pipeline
			pipe.Streams = streams[n.Address.String()]
			out.Pipeline, n = &pipe, &out
		}
		if n.Environment != nil {
			p.Environment = *n.Environment
		}
		p.Nodes = append(p.Nodes, n)
	}
	sortNodes(p.Nodes)
	return p, diags
}

// completeness finds out, once for each address, what it lacks.
type completeness struct {
	nodes   map[string]*program.Node
	missing map[string][]string
	visited map[string]bool
}

// lacks returns the addresses that the address key needs, directly or through
// others, and that were never applied.
func (c *completeness) lacks(key string) []string {
	if c.visited[key] {
		return c.missing[key]
	}
	c.visited[key] = true
	n := c.nodes[key]
	if n == nil {
		c.missing[key] = []string{key}
		return c.missing[key]
	}
	found := map[string]bool{}
	for _, d := range depends(n) {
		if n.Pipeline != nil && d.Base() == n.Address {
			continue
		}
		for _, m := range c.lacks(d.String()) {
			found[m] = true
		}
	}
	c.missing[key] = sortedKeys(found)
	return c.missing[key]
}

func sortNodes(nodes []*program.Node) {
	slices.SortFunc(nodes, func(x, y *program.Node) int { return addr.Compare(x.Address, y.Address) })
}

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
