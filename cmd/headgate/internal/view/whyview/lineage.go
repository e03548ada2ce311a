package whyview

import (
	"io"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/lineage"
)

// Lineage is the JSON of `lineage`.
type Lineage struct {
	FormatVersion string `json:"format_version"`
	Environment   string `json:"environment"`
	lineage.Trace
}

// WriteLineage draws lineage as text.
func WriteLineage(w io.Writer, v Lineage, style draw.Style) error {
	p := &draw.Painter{W: w, Style: style}
	start := lineage.Point{Of: v.Address, Column: v.Column}.String()
	p.Line("%s", style.Paint(draw.Bold, start))
	if v.Column != "" {
		section(p, "comes from", v.Upstream, start, true)
	} else {
		table(p, v)
	}
	if len(v.Rows) > 0 {
		p.Line("  its rows are decided by")
		for _, e := range v.Rows {
			p.Line("    %s%s", e.From, suffix(e.How))
		}
	}
	for _, o := range v.Opaque {
		p.Line("  opaque: more of %s may show in it (%s)", o.Of, o.Why)
	}
	if v.Column != "" {
		section(p, "goes into", v.Downstream, start, false)
	}
	return p.Err
}

func suffix(how string) string {
	if how == "direct" {
		return ""
	}
	return " (" + how + ")"
}

// section draws edges as a tree that begins at a point.
func section(p *draw.Painter, title string, edges []lineage.Edge, start string, up bool) {
	if len(edges) == 0 {
		p.Line("  %s nothing that is known here", title)
		return
	}
	p.Line("  %s", title)
	t := tree{p: p, next: map[string][]branch{}, drawn: map[string]bool{}}
	for _, e := range edges {
		near, far := e.From, e.To
		if up {
			near, far = e.To, e.From
		}
		label := far.String()
		if far.Column == "" {
			label += ", its rows"
		}
		t.next[near.String()] = append(t.next[near.String()], branch{to: far.String(), label: label + suffix(e.How)})
	}
	t.draw(start, "    ")
}

// tree draws edges as far as each leads, each point's branches once.
type tree struct {
	p     *draw.Painter
	next  map[string][]branch
	drawn map[string]bool
}

type branch struct{ to, label string }

func (t *tree) draw(at, indent string) {
	t.drawn[at] = true
	for _, b := range t.next[at] {
		again := t.drawn[b.to] && len(t.next[b.to]) > 0
		if again {
			t.p.Line("%s%s, as above", indent, b.label)
			continue
		}
		t.p.Line("%s%s", indent, b.label)
		t.draw(b.to, indent+"  ")
	}
}

// table draws every column of a table one step far.
func table(p *draw.Painter, v Lineage) {
	from, to := map[string][]string{}, map[string][]string{}
	for _, e := range v.Upstream {
		from[e.To.Column] = append(from[e.To.Column], e.From.String()+suffix(e.How))
	}
	for _, e := range v.Downstream {
		name := e.To.String()
		if e.To.Column == "" {
			name += ", its rows"
		}
		to[e.From.Column] = append(to[e.From.Column], name+suffix(e.How))
	}
	for _, c := range v.Columns {
		p.Line("  %s", c)
		for _, f := range from[c] {
			p.Line("    from %s", f)
		}
		for _, f := range to[c] {
			p.Line("    into %s", f)
		}
	}
	if len(v.Columns) == 0 {
		p.Line("  nothing is known of its columns")
	}
}

// Points lists the ends of all edges, each once, and the edges between them.
func (v Lineage) Points() (points []string, edges [][2]string) {
	for _, e := range slices.Concat(v.Upstream, v.Downstream, v.Rows) {
		ends := [2]string{e.From.String(), e.To.String()}
		for _, s := range ends {
			if !slices.Contains(points, s) {
				points = append(points, s)
			}
		}
		if !slices.Contains(edges, ends) {
			edges = append(edges, ends)
		}
	}
	slices.SortFunc(points, strings.Compare)
	return points, edges
}
