package planview

import (
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
)

// Graph is what a plan touches: the way of the data between the addresses of its
// steps and what they read. Nodes and edges are sorted.
type Graph struct {
	Nodes []GraphNode `json:"nodes"`
	Edges []GraphEdge `json:"edges"`
}

// GraphNode is one address; Action is "" where the plan does nothing to it.
type GraphNode struct {
	Address string      `json:"address"`
	Kind    string      `json:"kind"`
	Action  plan.Action `json:"action,omitempty"`
}

// GraphEdge leads from what is read to what reads it.
type GraphEdge struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// touched draws the sources, contracts, streams, models and externals of a plan's
// program. A pipeline stands for its streams, unless it changes itself.
func touched(p *plan.Plan) Graph {
	g := Graph{Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	does := map[string]plan.Action{}
	for _, s := range p.Steps {
		key := s.Address.String()
		if before, ok := does[key]; !ok || !before.ChangesDefinition() {
			does[key] = s.Action
		}
		for _, w := range s.Waits {
			if _, ok := does[w.Stream.String()]; !ok {
				does[w.Stream.String()] = s.Action
			}
		}
	}
	known := map[string]bool{}
	enter := func(a addr.Address, stream bool) {
		key := a.String()
		if known[key] {
			return
		}
		known[key] = true
		kind := string(a.Kind)
		if stream {
			kind = "stream"
		}
		g.Nodes = append(g.Nodes, GraphNode{Address: key, Kind: kind, Action: does[key]})
	}
	edge := func(from, to addr.Address) {
		g.Edges = append(g.Edges, GraphEdge{From: from.String(), To: to.String()})
	}
	if p.Program != nil {
		for _, n := range p.Program.Nodes {
			changed := does[n.Address.String()] != "" && does[n.Address.String()].ChangesDefinition()
			switch {
			case n.Stream != nil:
				enter(n.Address, true)
				edge(n.Stream.Contract, n.Address)
				if pipe, ok := p.Program.Lookup(n.Address.Base()); ok && pipe.Pipeline != nil {
					edge(pipe.Pipeline.From, n.Address)
				}
			case n.Model != nil:
				enter(n.Address, false)
				for _, t := range n.Model.Tables {
					edge(t.Target, n.Address)
				}
				if !n.Model.Contract.IsZero() {
					edge(n.Model.Contract, n.Address)
				}
			case n.Source != nil, n.Contract != nil, n.External != nil, n.Destination != nil && changed:
				enter(n.Address, false)
			}
		}
	}
	for _, s := range p.Steps {
		if s.Action == plan.Destroy && (s.Address.Kind != addr.Pipeline || s.Address.Stream != "") {
			enter(s.Address, s.Address.Stream != "")
		}
	}
	return g.tidy(known)
}

// tidy sorts, and leaves out edges to what is no node, and nodes that nothing happens
// to and that no touched node reads.
func (g Graph) tidy(known map[string]bool) Graph {
	touched := map[string]bool{}
	for _, n := range g.Nodes {
		touched[n.Address] = n.Action != ""
	}
	g.Edges = slices.DeleteFunc(g.Edges, func(e GraphEdge) bool { return !known[e.From] || !known[e.To] || !touched[e.From] && !touched[e.To] })
	near := map[string]bool{}
	for _, e := range g.Edges {
		near[e.From], near[e.To] = true, true
	}
	g.Nodes = slices.DeleteFunc(g.Nodes, func(n GraphNode) bool { return n.Action == "" && !near[n.Address] })
	slices.SortFunc(g.Nodes, func(a, b GraphNode) int { return strings.Compare(a.Address, b.Address) })
	slices.SortFunc(g.Edges, func(a, b GraphEdge) int {
		return strings.Compare(a.From+"\x00"+a.To, b.From+"\x00"+b.To)
	})
	g.Edges = slices.Compact(g.Edges)
	return g
}

// The greatest graph that markdown draws; a larger one cannot be read, and GitHub
// refuses to draw it at some size.
const (
	maxGraphNodes = 60
	maxGraphEdges = 120
)

// mermaid writes the graph as lines of Mermaid, nil where it is empty or too large.
// Colours tell what happens; the sign stands before the address for whoever sees none.
func (g Graph) mermaid() []string {
	if len(g.Edges) == 0 || len(g.Nodes) > maxGraphNodes || len(g.Edges) > maxGraphEdges {
		return nil
	}
	out := []string{"flowchart LR"}
	ids := map[string]string{}
	for i, n := range g.Nodes {
		id := "n" + strconv.Itoa(i)
		ids[n.Address] = id
		label := draw.MermaidText(n.Address)
		if n.Action != "" {
			label = draw.MermaidText(n.Action.Symbol()) + " " + label
		}
		shape := [2]string{"[\"", "\"]"}
		switch n.Kind {
		case "source", "external":
			shape = [2]string{"[/\"", "\"/]"}
		case "contract":
			shape = [2]string{"{{\"", "\"}}"}
		case "model":
			shape = [2]string{"([\"", "\"])"}
		}
		line := "  " + id + shape[0] + label + shape[1]
		if n.Action != "" {
			line += ":::" + string(n.Action)
		}
		out = append(out, line)
	}
	for _, e := range g.Edges {
		out = append(out, "  "+ids[e.From]+" --> "+ids[e.To])
	}
	for _, class := range [][2]string{
		{"create", "fill:#dafbe1,stroke:#1a7f37,color:#1f2328"}, {"update", "fill:#fff8c5,stroke:#9a6700,color:#1f2328"},
		{"replace", "fill:#ffebe9,stroke:#cf222e,color:#1f2328"}, {"destroy", "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4 3"},
		{"drift", "fill:#fff8c5,stroke:#9a6700,color:#1f2328,stroke-dasharray:4 3"},
		{"forget", "fill:#eaeef2,stroke:#57606a,color:#1f2328,stroke-dasharray:4 3"},
		{"run", "fill:#ddf4ff,stroke:#0969da,color:#1f2328"}, {"poll", "fill:#ddf4ff,stroke:#0969da,color:#1f2328,stroke-dasharray:4 3"},
	} {
		if slices.ContainsFunc(g.Nodes, func(n GraphNode) bool { return string(n.Action) == class[0] }) {
			out = append(out, "  classDef "+class[0]+" "+class[1])
		}
	}
	return out
}
