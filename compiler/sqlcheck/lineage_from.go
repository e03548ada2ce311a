package sqlcheck

import (
	"maps"
	"slices"
	"strings"
)

// lrel is one named relation of a FROM clause.
type lrel struct {
	schema, alias string
	cols          []lcol
	hidden        []bool // merged away by USING; still there under its qualifier
	any           deps   // what a name that is not among cols depends on; nil: there is no such name
	open          map[int]bool
}

// newRel makes a relation of a query's result.
func newRel(alias string, r *lresult, names []string) *lrel {
	r = r.named(names)
	out := &lrel{alias: alias, any: r.loose(), open: r.open}
	for _, c := range r.cols {
		if !c.wide {
			out.cols = append(out.cols, c)
		}
	}
	out.hidden = make([]bool, len(out.cols))
	return out
}

func (r *lrel) find(name string) int {
	return slices.IndexFunc(r.cols, func(c lcol) bool { return strings.EqualFold(c.name, name) })
}

// all is what any column of the relation depends on.
func (r *lrel) all() deps {
	out := deps{}
	for _, c := range r.cols {
		out.merge(c.from, Direct)
	}
	out.merge(r.any, Direct)
	return out
}

// lscope is what names can mean at one place of a query.
type lscope struct {
	rels    []*lrel
	aliases map[string]deps // of the select list, lower case
	params  map[string]bool // of a lambda
	loose   deps            // of a set operation: what a name that is not known depends on
	clauses bool            // behind the select list, where an alias may hide a column
	rows    deps            // what decides the rows of the query
	up      *lscope
}

// from traces a FROM clause. s is the scope that is being made: lateral subqueries
// and join conditions see what stands left of them.
func (t *tracer) from(ref *tableRef, s *lscope) []*lrel {
	if ref == nil {
		return nil
	}
	switch ref.Type {
	case "EMPTY":
		return nil
	case "BASE_TABLE":
		return []*lrel{t.base(ref, s)}
	case "JOIN":
		return t.join(ref, s)
	case "SUBQUERY":
		var node *queryNode
		if ref.Subquery != nil {
			node = ref.Subquery.Node
		}
		r := t.query(node, s, false)
		s.rows.merge(r.rows, Direct)
		return []*lrel{newRel(ref.Alias, r, ref.Columns)}
	case "EXPRESSION_LIST":
		return []*lrel{t.valuesList(ref, s)}
	case "TABLE_FUNCTION":
		return []*lrel{t.tableFunction(ref, s)}
	case "PIVOT":
		return []*lrel{t.pivot(ref, s)}
	default:
		r := t.unknown("what stands in its FROM clause")
		s.rows.merge(r.rows, Direct)
		return []*lrel{newRel(ref.Alias, r, ref.Columns)}
	}
}

// base traces the name of a CTE or of a table.
func (t *tracer) base(table *tableRef, s *lscope) *lrel {
	alias := table.Alias
	if alias == "" {
		alias = table.Table
	}
	if c, ok := t.ctes[strings.ToLower(table.Table)]; ok && table.Schema == "" {
		s.rows.merge(c.result().rows, Direct)
		return newRel(alias, c.result(), table.Columns)
	}
	at, known := t.index[strings.ToLower(table.Schema+"\x00"+table.Table)]
	if !known {
		r := t.unknown("a table that was not found in its text")
		return newRel(alias, r, table.Columns)
	}
	r := &lresult{open: map[int]bool{at: true}}
	cols, ok := t.lookup(table.Schema, table.Table)
	if !ok {
		t.say(at, "its columns are not known")
		r.cols = []lcol{{from: deps{ref{at, AnyColumn}: Transformed}, wide: true}}
	}
	for _, c := range cols {
		r.cols = append(r.cols, lcol{name: c.Name, from: deps{ref{at, c.Name}: Direct}})
	}
	rel := newRel(alias, r, table.Columns)
	rel.schema = table.Schema
	return rel
}

// valuesList traces VALUES (...).
func (t *tracer) valuesList(ref *tableRef, s *lscope) *lrel {
	r := &lresult{}
	for n, row := range ref.Values {
		for i, e := range row {
			if n == 0 {
				r.cols = append(r.cols, lcol{name: "col" + string(rune('0'+i%10)), from: deps{}})
			}
			if i < len(r.cols) {
				t.into(r.cols[i].from, e, s, Direct)
			}
		}
	}
	return newRel(ref.Alias, r, ref.Columns)
}

// tableFunction traces range(...), unnest(...) and the like: every column of what
// they give depends on the arguments, and so does the number of rows.
func (t *tracer) tableFunction(ref *tableRef, s *lscope) *lrel {
	args := deps{}
	name := ref.Alias
	if ref.Function != nil {
		t.into(args, ref.Function, s, Transformed)
		if name == "" {
			name = ref.Function.Function
		}
	}
	s.rows.decide(args, ByUnnest)
	return &lrel{alias: name, any: args}
}

// pivot traces PIVOT and UNPIVOT, which make columns of values: any of them may
// depend on every column of the source.
func (t *tracer) pivot(ref *tableRef, s *lscope) *lrel {
	all := deps{}
	for _, rel := range t.from(ref.Source, s) {
		all.merge(rel.all(), Transformed)
		all.merge(t.unnamed(rel.open, "pivot"), Transformed)
	}
	for _, p := range ref.Pivots {
		if !noJSON(p.Subquery) {
			all.merge(t.everything("pivot"), Transformed)
		}
	}
	s.rows.decide(all, ByGroup)
	return &lrel{alias: ref.Alias, any: all}
}

func (t *tracer) join(ref *tableRef, s *lscope) []*lrel {
	left := t.from(ref.Left, s)
	inner := &lscope{rels: slices.Concat(s.rels, left), up: s.up, aliases: s.aliases, rows: s.rows}
	right := t.from(ref.Right, inner)
	both := &lscope{rels: slices.Concat(left, right), up: s, aliases: map[string]deps{}, rows: s.rows}
	t.into(s.rows, ref.Condition, both, ByJoin)
	names := ref.Using
	if ref.RefType == "NATURAL" {
		names = t.natural(left, right, s)
	}
	for _, name := range names {
		t.using(left, right, name, ref.JoinType, s)
	}
	if ref.JoinType == "SEMI" || ref.JoinType == "ANTI" {
		return left
	}
	return both.rels
}

// natural lists the columns that both sides of a natural join have.
func (t *tracer) natural(left, right []*lrel, s *lscope) []string {
	var out []string
	for _, rel := range slices.Concat(left, right) {
		s.rows.decide(t.unnamed(rel.open, "natural join"), ByJoin)
		s.rows.decide(rel.any, ByJoin)
	}
	for _, l := range left {
		for i, c := range l.cols {
			if !l.hidden[i] && slices.ContainsFunc(right, func(r *lrel) bool { return r.find(c.name) >= 0 }) {
				out = append(out, c.name)
			}
		}
	}
	return out
}

// using makes one visible column of a pair of one name. Where the left side may be
// missing it shows the value of either.
func (t *tracer) using(left, right []*lrel, name, joinType string, s *lscope) {
	values := deps{}
	for _, r := range right {
		if i := r.find(name); i >= 0 {
			values.merge(r.cols[i].from, Direct)
			r.hidden[i] = true
		} else {
			values.merge(r.any, Transformed)
		}
	}
	s.rows.decide(values, ByJoin)
	for _, l := range left {
		i := l.find(name)
		if i < 0 || l.hidden[i] {
			s.rows.decide(l.any, ByJoin)
			continue
		}
		s.rows.decide(l.cols[i].from, ByJoin)
		if joinType != "INNER" && joinType != "LEFT" && joinType != "SEMI" && joinType != "ANTI" {
			from := maps.Clone(l.cols[i].from)
			from.merge(values, Transformed)
			l.cols[i].from = from
		}
		return
	}
}
