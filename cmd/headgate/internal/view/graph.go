package view

import (
	"io"
	"strconv"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/program"
)

// The formats of a graph, beside JSON.
const (
	Dot     Format = "dot"
	Mermaid Format = "mermaid"
)

// Graph is what depends on what. An edge leads from what is needed to what
// needs it: the way of the data.
type Graph struct {
	FormatVersion string      `json:"format_version"`
	Environment   string      `json:"environment"`
	Nodes         []GraphNode `json:"nodes"`
	Edges         []GraphEdge `json:"edges"`
}

// GraphNode is one address.
type GraphNode struct {
	Address string `json:"address"`
	Kind    string `json:"kind"` // source, destination, contract, pipeline, stream, model, external
}

// GraphEdge joins two addresses.
type GraphEdge struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// NewGraph makes the view of a program's dependencies. The project's settings
// and the environment are left out: everything needs them.
func NewGraph(p *program.Program) Graph {
	out := Graph{FormatVersion: FormatVersion, Environment: p.Environment.Name, Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	known := map[string]bool{}
	for _, n := range p.Nodes {
		if n.Project != nil || n.Environment != nil {
			continue
		}
		kind := string(n.Address.Kind)
		if n.Stream != nil {
			kind = "stream"
		}
		known[n.Address.String()] = true
		out.Nodes = append(out.Nodes, GraphNode{Address: n.Address.String(), Kind: kind})
	}
	for _, n := range p.Nodes {
		for _, d := range n.DependsOn {
			if known[d.String()] && known[n.Address.String()] {
				out.Edges = append(out.Edges, GraphEdge{From: d.String(), To: n.Address.String()})
			}
		}
	}
	return out
}

// WriteDot draws the graph for Graphviz.
func WriteDot(w io.Writer, v Graph) error {
	p := newPainter(w, draw.Style{})
	p.Line("digraph headgate {")
	p.Line("  rankdir = LR")
	p.Line("  node [shape = box, fontname = \"sans-serif\"]")
	for _, n := range v.Nodes {
		p.Line("  %s [shape = %s]", strconv.Quote(n.Address), dotShape(n.Kind))
	}
	for _, e := range v.Edges {
		p.Line("  %s -> %s", strconv.Quote(e.From), strconv.Quote(e.To))
	}
	p.Line("}")
	return p.Err
}

func dotShape(kind string) string {
	switch kind {
	case "source", "external":
		return "cds"
	case "destination":
		return "cylinder"
	case "contract":
		return "note"
	case "model":
		return "ellipse"
	default:
		return "box"
	}
}

// WriteMermaid draws the graph for Markdown pages that render Mermaid.
func WriteMermaid(w io.Writer, v Graph) error {
	p := newPainter(w, draw.Style{})
	p.Line("flowchart LR")
	ids := map[string]string{}
	for i, n := range v.Nodes {
		ids[n.Address] = "n" + strconv.Itoa(i)
		p.Line("  n%d[\"%s\"]", i, mermaidText(n.Address))
	}
	for _, e := range v.Edges {
		p.Line("  %s --> %s", ids[e.From], ids[e.To])
	}
	return p.Err
}

// mermaidText escapes what ends a quoted label.
func mermaidText(s string) string {
	out := ""
	for _, r := range s {
		if r == '"' || r == '#' || r == ';' || r == '<' || r == '>' {
			out += "#" + strconv.Itoa(int(r)) + ";"
			continue
		}
		out += string(r)
	}
	return out
}
