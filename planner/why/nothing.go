package why

import (
	"fmt"
	"slices"

	"github.com/headgate-data/headgate/compiler/lineage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/state"
)

// nothing says why the plan has no step at an address.
func (e *explainer) nothing(a addr.Address) []string {
	n, was := e.in.node(a), e.in.was(a)
	if e.in.Prior == nil {
		return []string{"the plan has no step for it; a saved plan does not hold what was compared"}
	}
	var out []string
	switch {
	case n == nil:
		return []string{"it is in the state and no longer in the configuration, and this plan leaves it alone"}
	case was == nil:
		return []string{"it was never applied, and this plan leaves it alone"}
	case n.Pipeline == nil && program.Fingerprint(n) != program.Fingerprint(was.Definition): // a pipeline's holds its streams
		return []string{"its definition is not what was applied, and this plan leaves it out"}
	case was.AppliedAt != "":
		out = append(out, fmt.Sprintf("its definition is what was applied at %s by run %s", was.AppliedAt, was.RunID))
	default:
		out = append(out, "its definition is what was applied")
	}
	switch {
	case n.Stream != nil:
		out = append(out, e.streamRests(n, was)...)
	case n.Pipeline != nil:
		out = append(out, e.pipelineRests(n)...)
	case n.Model != nil && n.Model.Materialized == "view":
		out = append(out, "it is a view: it shows its inputs as they are, and is never built")
	case n.Model != nil:
		out = append(out, e.modelRests(n, was)...)
	}
	return out
}

// streamRests says why no data of a stream is moved.
func (e *explainer) streamRests(n *program.Node, was *state.Node) []string {
	var out []string
	if e.in.Prior.Live != nil {
		if f, looked := e.in.Prior.Live.Files[n.Address.String()]; looked && f.Error == "" && !f.Any() {
			out = append(out, "no data waits: its source holds no file that is new, grown or rewritten")
		}
	}
	if len(out) == 0 {
		out = append(out, "nothing is known to wait: its source was not looked at")
	}
	if was.Data != nil && was.Data.LastAt != "" {
		out = append(out, fmt.Sprintf("it was last loaded at %s by run %s, and holds %s", was.Data.LastAt, was.Data.LastRun, rows(was.Data.Rows)))
	}
	return out
}

func (e *explainer) pipelineRests(n *program.Node) []string {
	if len(n.Pipeline.Streams) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("no data is known to wait for its streams: %v", n.Pipeline.Streams)}
}

// modelRests says why a model's table is not built anew.
func (e *explainer) modelRests(n *program.Node, was *state.Node) []string {
	out := []string{}
	for _, in := range e.behind(n.Model, map[addr.Address]bool{}) {
		text := fmt.Sprintf("its input %s does not change in this plan", in)
		if data := e.in.was(in); data != nil && data.Data != nil && was.Data != nil && was.Data.Inputs[in.String()] == data.Data.Version {
			text += " and has published nothing since the last build"
		}
		out = append(out, text)
	}
	if was.Data != nil && was.Data.LastAt != "" {
		out = append(out, fmt.Sprintf("it was last built at %s by run %s, and holds %s", was.Data.LastAt, was.Data.LastRun, rows(was.Data.Rows)))
	}
	return out
}

// behind are the tables that a model reads, those behind views in their place.
func (e *explainer) behind(m *program.Model, seen map[addr.Address]bool) []addr.Address {
	var out []addr.Address
	for _, a := range lineage.Inputs(m) {
		if seen[a] {
			continue
		}
		seen[a] = true
		if in := e.in.node(a); in != nil && in.Model != nil && in.Model.Materialized == "view" {
			out = append(out, e.behind(in.Model, seen)...)
			continue
		}
		out = append(out, a)
	}
	return out
}

// definitions are the nodes of the program, and those of the state that it lacks.
func (in Input) definitions() []*program.Node {
	var out []*program.Node
	if in.Program != nil {
		out = append(out, in.Program.Nodes...)
	}
	if in.Prior != nil {
		for _, was := range in.Prior.Nodes {
			if was.Definition != nil && in.node(was.Definition.Address) == nil {
				out = append(out, was.Definition)
			}
		}
	}
	return out
}

// depends are what a node needs: a stream its pipeline and contract, too. A
// pipeline does not need its own streams.
func depends(n *program.Node) []addr.Address {
	var out []addr.Address
	for _, d := range n.DependsOn {
		if n.Pipeline == nil || d.Base() != n.Address {
			out = append(out, d)
		}
	}
	switch {
	case n.Stream != nil:
		out = append(out, n.Address.Base(), n.Stream.Contract)
	case n.Pipeline != nil:
		out = append(out, n.Pipeline.From, n.Pipeline.To)
	case n.Model != nil:
		out = append(out, n.Model.Destination)
		if !n.Model.Contract.IsZero() {
			out = append(out, n.Model.Contract)
		}
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}

func (in Input) needs(a addr.Address) []addr.Address {
	for _, n := range in.definitions() {
		if n.Address == a {
			return append([]addr.Address{}, depends(n)...)
		}
	}
	return []addr.Address{}
}

func (in Input) neededBy(a addr.Address) []addr.Address {
	out := []addr.Address{}
	for _, n := range in.definitions() {
		if slices.Contains(depends(n), a) {
			out = append(out, n.Address)
		}
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}

func rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
