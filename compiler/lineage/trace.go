package lineage

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
)

// Point is a column of a table or of a source's records. No column: which rows
// there are.
type Point struct {
	Of     addr.Address `json:"of"`
	Column string       `json:"column,omitempty"`
}

// String writes a point as the command line takes it.
func (p Point) String() string {
	if p.Column == "" {
		return p.Of.String()
	}
	return p.Of.String() + ".column." + p.Column
}

// Edge says that one point is made from another.
type Edge struct {
	From Point  `json:"from"`
	To   Point  `json:"to"`
	How  string `json:"how"` // direct, transformed, aggregated; where, join, ... to the rows
}

// Of returns what a table is made from: of a model its query's lineage, of a stream
// that of its map; nil where nothing is known.
func Of(p *program.Program, a addr.Address) *program.Lineage {
	n, ok := p.Lookup(a)
	switch {
	case !ok:
		return nil
	case n.Model != nil && n.Model.Lineage != nil && n.Model.Lineage.Valid():
		return n.Model.Lineage
	case n.Stream != nil:
		pipe, ok := p.Lookup(a.Base())
		if ok && pipe.Pipeline != nil {
			return OfStream(n.Stream, pipe.Pipeline.From, Columns(p, a))
		}
	}
	return nil
}

// Columns lists the columns of a table; nil where the address has none.
func Columns(p *program.Program, a addr.Address) []contract.Column {
	n, ok := p.Lookup(a)
	if !ok {
		return nil
	}
	if n.Model != nil {
		return n.Model.Columns
	}
	c, ok := p.Lookup(n.HeldTo())
	if !ok || c.Contract == nil {
		return nil
	}
	out := c.Contract.Columns
	if n.Stream != nil && c.Contract.UnknownColumns == contract.UnknownKeepJSON {
		out = append(slices.Clip(out), contract.Column{Name: contract.ExtraColumn, Type: types.Of(types.JSON)})
	}
	return out
}

func how(o program.Origin) string {
	if o.How == "" {
		return "direct"
	}
	return o.How
}

// Upstream lists what a column is made from, to the records of the sources. For a
// table without a column that is what decides its rows, one step far.
func Upstream(p *program.Program, at Point) []Edge {
	out := []Edge{}
	seen, drawn := map[Point]bool{at: true}, map[Edge]bool{}
	for queue := []Point{at}; len(queue) > 0; queue = queue[1:] {
		to := queue[0]
		l := Of(p, to.Of)
		if l == nil {
			continue
		}
		origins := l.Rows
		if to.Column != "" {
			origins = nil
			for _, c := range l.Columns {
				if strings.EqualFold(c.Name, to.Column) || to.Column == program.AnyColumn {
					origins = append(origins, c.From...)
				}
			}
		}
		for _, o := range origins {
			from := Point{l.Inputs[o.Input], o.Column}
			if e := (Edge{from, to, how(o)}); !drawn[e] {
				drawn[e] = true
				out = append(out, e)
			}
			if !seen[from] && at.Column != "" {
				seen[from] = true
				queue = append(queue, from)
			}
		}
	}
	return out
}

// Downstream lists what is made from a column, through all models. Where it decides
// the rows of a model, that is the end of the way: every column of it depends on them.
func Downstream(p *program.Program, at Point) []Edge {
	readers := tableReaders(p)
	out := []Edge{}
	seen, drawn := map[Point]bool{at: true}, map[Edge]bool{}
	for queue := []Point{at}; len(queue) > 0; queue = queue[1:] {
		from := queue[0]
		if from.Column == "" {
			continue
		}
		for _, reader := range readers[from.Of] {
			for _, e := range into(Of(p, reader), reader, from) {
				if drawn[e] {
					continue
				}
				drawn[e] = true
				out = append(out, e)
				if !seen[e.To] {
					seen[e.To] = true
					queue = append(queue, e.To)
				}
			}
		}
	}
	return out
}

// into lists what of a reader is made from a column of its input.
func into(l *program.Lineage, reader addr.Address, from Point) []Edge {
	at := slices.Index(l.Inputs, from.Of)
	hit := func(o program.Origin) bool {
		return o.Input == at && (o.Column == program.AnyColumn || from.Column == program.AnyColumn || strings.EqualFold(o.Column, from.Column))
	}
	var out []Edge
	for _, c := range l.Columns {
		for _, o := range c.From {
			if hit(o) {
				out = append(out, Edge{from, Point{reader, c.Name}, how(o)})
			}
		}
	}
	for _, o := range l.Rows {
		if hit(o) {
			out = append(out, Edge{from, Point{Of: reader}, how(o)})
		}
	}
	return out
}

// Blind says why more of an input may show in a table than can be told.
type Blind struct {
	Of  addr.Address `json:"of"`
	Why string       `json:"why"`
}

// BlindSpots lists what could not be seen through in a table's query.
func BlindSpots(p *program.Program, a addr.Address) []Blind {
	out := []Blind{}
	n, ok := p.Lookup(a)
	if !ok || n.Model == nil {
		return out
	}
	l := Of(p, a)
	if l == nil {
		for _, in := range Inputs(n.Model) {
			out = append(out, Blind{in, Unknown})
		}
		return out
	}
	for _, o := range l.Opaque {
		out = append(out, Blind{l.Inputs[o.Input], o.Why})
	}
	return out
}

// Trace is where a column comes from and where it goes: of one column the whole way
// up and down, of a table every column one step far.
type Trace struct {
	Address    addr.Address `json:"address"`
	Column     string       `json:"column,omitempty"`
	Columns    []string     `json:"columns"` // of the table
	Upstream   []Edge       `json:"upstream"`
	Downstream []Edge       `json:"downstream"`
	Rows       []Edge       `json:"rows"`   // what decides which rows the table has
	Opaque     []Blind      `json:"opaque"` // what could not be seen through
}

// Follow traces a column, or a table where the point has none.
func Follow(p *program.Program, at Point) Trace {
	out := Trace{Address: at.Of, Column: at.Column, Columns: []string{}, Upstream: []Edge{}, Downstream: []Edge{},
		Rows: Upstream(p, Point{Of: at.Of}), Opaque: BlindSpots(p, at.Of)}
	columns := Columns(p, at.Of)
	for i := range columns {
		out.Columns = append(out.Columns, columns[i].Name)
	}
	if at.Column != "" {
		out.Upstream, out.Downstream = Upstream(p, at), Downstream(p, at)
		return out
	}
	readers := tableReaders(p)
	for i := range columns {
		point := Point{Of: at.Of, Column: columns[i].Name}
		for _, e := range Upstream(p, point) {
			if e.To == point {
				out.Upstream = append(out.Upstream, e)
			}
		}
		for _, reader := range readers[at.Of] {
			out.Downstream = append(out.Downstream, into(Of(p, reader), reader, point)...)
		}
	}
	return out
}

// tableReaders maps each table, and each source, to what is made from it.
func tableReaders(p *program.Program) map[addr.Address][]addr.Address {
	out := map[addr.Address][]addr.Address{}
	for _, n := range p.Nodes {
		if l := Of(p, n.Address); l != nil {
			for _, in := range l.Inputs {
				out[in] = append(out[in], n.Address)
			}
		}
	}
	return out
}
