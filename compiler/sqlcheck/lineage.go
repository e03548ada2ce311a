package sqlcheck

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// How says in which way a result depends on a column. The first three are of a
// result's column, the others of its rows.
type How string

// The ways, from the loosest hold on a value to the firmest.
const (
	Direct      How = "direct"      // the value itself
	Transformed How = "transformed" // computed from it
	Aggregated  How = "aggregated"  // computed from it over several rows
	ByWhere     How = "where"
	ByJoin      How = "join"
	ByGroup     How = "group"
	ByHaving    How = "having"
	ByQualify   How = "qualify"
	ByDistinct  How = "distinct"
	BySet       How = "set"    // union, intersect and except compare whole rows
	ByOrder     How = "order"  // of what is cut off, or of a query inside
	ByLimit     How = "limit"  // the limit is computed from it
	ByUnnest    How = "unnest" // its elements become rows
	ByName      How = "named"  // it bears on nothing, and the query does not bind without it
)

// AnyColumn stands for all columns of a relation, those that it does not have
// yet among them.
const AnyColumn = "*"

// Lineage says what the result of a query is made from.
type Lineage struct {
	Relations []Table         // each relation that is read, once, in the order of the text
	Columns   []ColumnLineage // of the result, in order
	Rows      []Origin        // what decides which rows there are; they bear on every column
	Named     []Origin        // what is named and is none of the above: an order alone, a column of a CTE that nobody reads
	Opaque    []Opaque        // what could not be seen through, by relation
}

// ColumnLineage is a column of the result with what its values are made from.
type ColumnLineage struct {
	Name string
	From []Origin
}

// Origin is a column that is read. Relation counts in Lineage.Relations; Column
// may be AnyColumn.
type Origin struct {
	Relation int
	Column   string
	How      How
}

// Opaque says why the result may depend on columns of a relation that the query
// does not name.
type Opaque struct {
	Relation int
	Why      string // "select *", "pivot", ...
}

// ref is a column of a relation that is read.
type ref struct {
	relation int
	column   string
}

// deps are columns with the way in which something depends on each.
type deps map[ref]How

// rank orders the ways of a value.
func rank(h How) int {
	switch h {
	case Direct:
		return 0
	case Transformed:
		return 1
	case Aggregated:
		return 2
	default:
		return 3
	}
}

func (d deps) add(r ref, h How) {
	if old, ok := d[r]; !ok || rank(h) > rank(old) {
		d[r] = h
	}
}

// merge adds what other holds, each in its own way or in `least`, whichever is firmer.
func (d deps) merge(other deps, least How) {
	for r, h := range other {
		if rank(least) > rank(h) {
			h = least
		}
		d.add(r, h)
	}
}

// decide adds what other holds as that which decides rows by `how`. What decides
// them by something else already stays.
func (d deps) decide(other deps, how How) {
	for r := range other {
		d.add(r, how)
	}
}

// origins lists what d holds. Where any column of a relation may be meant, the
// others are not told apart.
func (d deps) origins() []Origin {
	out := make([]Origin, 0, len(d))
	for r, h := range d {
		if _, any := d[ref{r.relation, AnyColumn}]; any && r.column != AnyColumn {
			continue
		}
		out = append(out, Origin{Relation: r.relation, Column: r.column, How: h})
	}
	slices.SortFunc(out, func(a, b Origin) int {
		return cmp.Or(cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.Column, b.Column))
	})
	return out
}

// lcol is a column of a relation or result. A wide one stands for an unknown
// number of columns.
type lcol struct {
	name string
	from deps
	wide bool
}

// lresult is what a query gives. open are the relations whose further columns
// would show in it.
type lresult struct {
	cols []lcol
	rows deps
	open map[int]bool
}

// loose returns what columns without a name of their own may depend on, nil where
// there are none.
func (r *lresult) loose() deps {
	var out deps
	for _, c := range r.cols {
		if c.wide {
			if out == nil {
				out = deps{}
			}
			out.merge(c.from, Transformed)
		}
	}
	return out
}

// all returns what any of the columns depends on.
func (r *lresult) all() deps {
	out := deps{}
	for _, c := range r.cols {
		out.merge(c.from, Direct)
	}
	return out
}

// cte is a common table expression. Like the engine, the tracer looks at one only
// when something reads it.
type cte struct {
	make func() *lresult
	made *lresult
}

func (c *cte) result() *lresult {
	if c.made == nil {
		c.made = c.make()
	}
	return c.made
}

// tracer works out the lineage of one query, from its inside to its outside.
type tracer struct {
	lookup    Lookup
	relations []Table
	index     map[string]int // by lower-case schema and name
	ctes      map[string]*cte
	named     deps                    // what the text names
	why       map[int]map[string]bool // what was opaque, by relation
}

// Lineage works out what each column of the result is made from, and what decides
// which rows there are. described are the result's columns as the engine gave them.
// What cannot be seen through is said to depend on AnyColumn.
func (p *Parsed) Lineage(described []Column, lookup Lookup) *Lineage {
	t := &tracer{lookup: lookup, index: map[string]int{}, ctes: map[string]*cte{}, named: deps{}, why: map[int]map[string]bool{}}
	for _, table := range p.tables {
		key := strings.ToLower(table.Schema + "\x00" + table.Name)
		if _, seen := t.index[key]; !seen {
			t.index[key] = len(t.relations)
			t.relations = append(t.relations, table)
		}
	}
	r := t.query(p.root, nil, true)
	out := &Lineage{Relations: t.relations, Rows: r.rows.origins()}
	for i, from := range t.match(r, described) {
		out.Columns = append(out.Columns, ColumnLineage{Name: described[i].Name, From: from.origins()})
	}
	t.opaque(out, r)
	all := r.all()
	for at := range t.named {
		_, value := all[at]
		_, row := r.rows[at]
		if value || row || at.column == AnyColumn {
			delete(t.named, at)
		}
	}
	out.Named = t.named.origins()
	return out
}

// name notes columns that the text names, and returns them.
func (t *tracer) name(from deps) deps {
	t.named.decide(from, ByName)
	return from
}

// match gives each described column what it is made from. Where the columns of the
// select list cannot be told apart, each may be made from any of it.
func (t *tracer) match(r *lresult, described []Column) []deps {
	width, wides := len(described)-len(r.cols)+1, 0
	for _, c := range r.cols {
		if c.wide {
			wides++
		}
	}
	var out []deps
	fits := wides == 1 && width >= 0 || wides == 0 && width == 1
	for _, c := range r.cols {
		n := 1
		if c.wide {
			n = width
		}
		for range n {
			if fits = fits && len(out) < len(described) && (c.wide || c.name == "" || strings.EqualFold(c.name, described[len(out)].Name)); !fits {
				break
			}
			out = append(out, c.from)
		}
	}
	if fits && len(out) == len(described) {
		return out
	}
	all := deps{}
	all.merge(r.all(), Transformed)
	return slices.Repeat([]deps{all}, len(described))
}

// opaque lists what the result shows without naming it, with the reason.
func (t *tracer) opaque(out *Lineage, r *lresult) {
	for i := range r.open {
		t.say(i, "select *")
	}
	shown := maps.Clone(r.open)
	if shown == nil {
		shown = map[int]bool{}
	}
	for at := range r.all() {
		shown[at.relation] = shown[at.relation] || at.column == AnyColumn
	}
	for at := range r.rows {
		shown[at.relation] = shown[at.relation] || at.column == AnyColumn
	}
	for i := range t.relations {
		if shown[i] {
			for _, why := range slices.Sorted(maps.Keys(t.why[i])) {
				out.Opaque = append(out.Opaque, Opaque{Relation: i, Why: why})
			}
		}
	}
}

// say notes why columns of a relation are used without being named.
func (t *tracer) say(relation int, why string) {
	if t.why[relation] == nil {
		t.why[relation] = map[string]bool{}
	}
	t.why[relation][why] = true
}

// everything is what something depends on that is not understood: every column
// of every relation of the query.
func (t *tracer) everything(why string) deps {
	out := deps{}
	for i := range t.relations {
		out.add(ref{i, AnyColumn}, Transformed)
		t.say(i, why)
	}
	return out
}

// unnamed is what uses the open columns of relations, those to come among them.
func (t *tracer) unnamed(open map[int]bool, why string) deps {
	out := deps{}
	for i := range open {
		out.add(ref{i, AnyColumn}, Transformed)
		t.say(i, why)
	}
	return out
}
