package sqlcheck

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
)

// query traces a query. outermost is the one whose result is published: the order
// of its rows means nothing unless rows are cut off.
func (t *tracer) query(q *queryNode, up *lscope, outermost bool) *lresult {
	if q == nil {
		return t.unknown("an unknown form of query")
	}
	defer func(saved map[string]*cte) { t.ctes = saved }(t.ctes)
	t.ctes = maps.Clone(t.ctes)
	for _, c := range q.CTEs.Map {
		t.define(c.Key, c.Value.Query.Node, up, c.Value.Aliases)
	}
	switch q.Type {
	case "SELECT_NODE":
		return t.selectNode(q, up, outermost)
	case "SET_OPERATION_NODE":
		return t.setOperation(q, up, outermost)
	case "RECURSIVE_CTE_NODE":
		return t.recursive(q, up, nil)
	default:
		return t.unknown("an unknown form of query")
	}
}

// define makes a CTE known; it sees those that are known already.
func (t *tracer) define(key string, node *queryNode, up *lscope, aliases []string) {
	before := maps.Clone(t.ctes)
	t.ctes[strings.ToLower(key)] = &cte{make: func() *lresult {
		defer func(saved map[string]*cte) { t.ctes = saved }(t.ctes)
		t.ctes = maps.Clone(before)
		if node != nil && node.Type == "RECURSIVE_CTE_NODE" {
			return t.recursive(node, up, aliases)
		}
		return t.query(node, up, false).named(aliases)
	}}
}

// unknown is the result of what is not understood.
func (t *tracer) unknown(why string) *lresult {
	all := t.everything(why)
	rows := deps{}
	rows.decide(all, ByWhere)
	return &lresult{cols: []lcol{{from: all, wide: true}}, rows: rows}
}

// named returns the result with other names for its first columns.
func (r *lresult) named(names []string) *lresult {
	if len(names) == 0 {
		return r
	}
	out := *r
	out.cols = append([]lcol{}, r.cols...)
	for i := range out.cols {
		if i < len(names) {
			out.cols[i].name = names[i]
		}
	}
	return &out
}

// recursive traces a recursive CTE: its second half sees what both halves give,
// so it is gone through until nothing is added.
func (t *tracer) recursive(q *queryNode, up *lscope, aliases []string) *lresult {
	key := strings.ToLower(q.CTEName)
	out := t.query(q.Left, up, false).named(aliases)
	for size := -1; size != out.size(); {
		size = out.size()
		t.ctes[key] = &cte{made: out}
		out = both(out, t.query(q.Right, up, false), true)
	}
	if !q.UnionAll {
		out.rows.decide(out.all(), ByDistinct)
	}
	s := &lscope{aliases: out.byName(), rows: out.rows}
	for _, e := range q.KeyTargets {
		t.into(out.rows, e, s, ByDistinct)
	}
	return out
}

// size counts what a result depends on.
func (r *lresult) size() int {
	n := len(r.rows) + len(r.open)
	for _, c := range r.cols {
		n += len(c.from)
		for _, h := range c.from {
			n += rank(h)
		}
	}
	return n
}

func (r *lresult) byName() map[string]deps {
	out := map[string]deps{}
	for _, c := range r.cols {
		if !c.wide {
			out[strings.ToLower(c.name)] = c.from
		}
	}
	return out
}

// both puts two results one under the other, by place. values says whether the
// second one's values show, and not only bear on the rows.
func both(a, b *lresult, values bool) *lresult {
	out := &lresult{rows: maps.Clone(a.rows), open: map[int]bool{}}
	out.rows.merge(b.rows, Direct)
	maps.Copy(out.open, a.open)
	maps.Copy(out.open, b.open)
	if a.loose() != nil || b.loose() != nil || len(a.cols) != len(b.cols) {
		all := a.all()
		if values {
			all.merge(b.all(), Direct)
		}
		out.cols = []lcol{{from: all, wide: true}}
		return out
	}
	for i, c := range a.cols {
		from := maps.Clone(c.from)
		if values {
			from.merge(b.cols[i].from, Direct)
		}
		out.cols = append(out.cols, lcol{name: c.name, from: from})
	}
	return out
}

// byNames is both for UNION BY NAME.
func byNames(a, b *lresult) *lresult {
	if a.loose() != nil || b.loose() != nil {
		out := both(a, b, true)
		return out
	}
	out := &lresult{rows: maps.Clone(a.rows), open: map[int]bool{}}
	out.rows.merge(b.rows, Direct)
	maps.Copy(out.open, a.open)
	maps.Copy(out.open, b.open)
	left, right := a.byName(), b.byName()
	for _, c := range a.cols {
		from := maps.Clone(c.from)
		from.merge(right[strings.ToLower(c.name)], Direct)
		out.cols = append(out.cols, lcol{name: c.name, from: from})
	}
	for _, c := range b.cols {
		if _, there := left[strings.ToLower(c.name)]; !there {
			out.cols = append(out.cols, c)
		}
	}
	return out
}

func (t *tracer) setOperation(q *queryNode, up *lscope, outermost bool) *lresult {
	var out *lresult
	for _, b := range q.branches() {
		next := t.query(b, up, false)
		switch {
		case out == nil:
			out = &lresult{cols: next.cols, rows: maps.Clone(next.rows), open: next.open}
			if q.SetOp == "EXCEPT" || q.SetOp == "INTERSECT" || !q.SetAll {
				out.rows.decide(out.all(), BySet)
			}
			continue
		case q.SetOp == "UNION_BY_NAME":
			out = byNames(out, next)
		default:
			out = both(out, next, q.SetOp == "UNION")
		}
		if q.SetOp == "EXCEPT" || q.SetOp == "INTERSECT" || !q.SetAll {
			out.rows.decide(next.all(), BySet)
			out.rows.decide(t.unnamed(out.open, "a set operation over *"), BySet)
		}
	}
	if out == nil {
		return t.unknown("an unknown form of query")
	}
	s := &lscope{aliases: out.byName(), rows: out.rows, loose: out.loose()}
	t.modifiers(q.Modifiers, s, out, outermost)
	return out
}

func (t *tracer) selectNode(q *queryNode, up *lscope, outermost bool) *lresult {
	s := &lscope{up: up, aliases: map[string]deps{}, rows: deps{}}
	s.rels = t.from(q.From, s)
	out := &lresult{rows: s.rows, open: map[int]bool{}}
	for _, e := range q.SelectList {
		for _, c := range t.item(e, s, out) {
			out.cols = append(out.cols, c)
			if c.name != "" && !c.wide {
				s.aliases[strings.ToLower(c.name)] = c.from
			}
		}
	}
	s.clauses = true
	t.into(s.rows, q.Where, s, ByWhere)
	for _, e := range q.Groups {
		t.place(s.rows, e, s, out, ByGroup)
	}
	if q.Aggregates == "FORCE_AGGREGATES" {
		t.groupAll(out)
	}
	t.into(s.rows, q.Having, s, ByHaving)
	t.into(s.rows, q.Qualify, s, ByQualify)
	t.modifiers(q.Modifiers, s, out, outermost)
	return out
}

// groupAll is GROUP BY ALL: every column that is no aggregate is a group.
func (t *tracer) groupAll(out *lresult) {
	for _, c := range out.cols {
		for r, h := range c.from {
			if h != Aggregated {
				out.rows.add(r, ByGroup)
			}
		}
	}
	out.rows.decide(t.unnamed(out.open, "group by all over *"), ByGroup)
}

// place traces an expression of GROUP BY, ORDER BY or DISTINCT ON: a number is the
// place of a column, a star all of them.
func (t *tracer) place(into deps, e *expr, s *lscope, out *lresult, how How) {
	switch {
	case e == nil:
	case e.Class == "CONSTANT" && e.Value != nil:
		n, err := strconv.Atoi(strings.TrimSpace(string(e.Value.Value)))
		if err != nil {
			return
		}
		if out.loose() != nil {
			into.decide(out.all(), how)
		} else if n > 0 && n <= len(out.cols) {
			into.decide(out.cols[n-1].from, how)
		}
	case e.Class == "STAR":
		into.decide(out.all(), how)
	default:
		t.into(into, e, s, how)
	}
}

// modifiers traces DISTINCT, ORDER BY and LIMIT. An order decides rows where some
// are cut off, and in a query inside, whose reader can depend on it.
func (t *tracer) modifiers(list []modifier, s *lscope, out *lresult, outermost bool) {
	ordered := !outermost
	for _, m := range list {
		switch {
		case m.Type == "DISTINCT_MODIFIER" && len(m.On) == 0:
			out.rows.decide(out.all(), ByDistinct)
			out.rows.decide(t.unnamed(out.open, "distinct over *"), ByDistinct)
		case m.Type == "DISTINCT_MODIFIER":
			ordered = true
			for _, e := range m.On {
				t.place(out.rows, e, s, out, ByDistinct)
			}
		case strings.HasPrefix(m.Type, "LIMIT"):
			ordered = true
			t.into(out.rows, m.Limit, s, ByLimit)
			t.into(out.rows, m.Offset, s, ByLimit)
		}
	}
	for _, m := range list {
		for _, o := range m.Orders {
			into := deps{} // what it names must be there all the same
			if ordered {
				into = out.rows
			}
			t.place(into, o.Expr, s, out, ByOrder)
		}
	}
}

// item traces an entry of a select list. A star is several columns; COLUMNS(...)
// and what unpacks a struct are a number that is not known here.
func (t *tracer) item(e *expr, s *lscope, out *lresult) []lcol {
	switch {
	case e == nil:
		return []lcol{{from: t.everything("an unknown form of expression"), wide: true}}
	case e.Class == "STAR" && e.Expr == nil:
		return t.star(e, s, out)
	}
	c := lcol{name: e.Alias, from: deps{}}
	t.into(c.from, e, s, Direct)
	if c.name == "" && e.Class == "COLUMN_REF" && len(e.Names) > 0 {
		c.name = e.Names[len(e.Names)-1]
	}
	unnests := e.Class == "FUNCTION" && strings.EqualFold(e.Function, "unnest")
	if hasUnnest(e) {
		s.rows.decide(c.from, ByUnnest)
	}
	if c.wide = unnests || hasStar(e); c.wide {
		c.name = ""
	}
	return []lcol{c}
}

// hasStar reports whether an expression stands for one column for each that a star
// in it means.
func hasStar(e *expr) bool {
	if e.Class == "STAR" {
		return true
	}
	if e.Type == "OPERATOR_UNPACK" {
		return false
	}
	for _, x := range e.subexprs() {
		if hasStar(x) {
			return true
		}
	}
	return false
}

func hasUnnest(e *expr) bool {
	if e.Class == "FUNCTION" && strings.EqualFold(e.Function, "unnest") {
		return true
	}
	for _, x := range e.subexprs() {
		if hasUnnest(x) {
			return true
		}
	}
	return false
}

// star expands * and relation.*.
func (t *tracer) star(e *expr, s *lscope, out *lresult) []lcol {
	var cols []lcol
	found := false
	for _, rel := range s.rels {
		if e.Relation != "" && !strings.EqualFold(rel.alias, e.Relation) {
			continue
		}
		found = true
		maps.Copy(out.open, rel.open)
		for i, c := range rel.cols {
			if excluded(e, rel, c) {
				t.name(c.from)
				continue
			}
			if e.Relation == "" && rel.hidden[i] {
				continue
			}
			cols = append(cols, t.changed(e, c, s))
		}
		if rel.any != nil {
			cols = append(cols, lcol{from: rel.any, wide: true})
		}
	}
	if !found { // a struct that is unpacked
		from := deps{}
		t.reference(from, []string{e.Relation}, s, Transformed)
		cols = append(cols, lcol{from: from, wide: true})
	}
	return cols
}

func excluded(e *expr, rel *lrel, c lcol) bool {
	for _, name := range e.Exclude {
		if strings.EqualFold(name, c.name) {
			return true
		}
	}
	for _, x := range e.ExcludeOf {
		if strings.EqualFold(x.Column, c.name) && (x.Table == "" || strings.EqualFold(x.Table, rel.alias)) {
			return true
		}
	}
	return false
}

// changed is a column of a star with REPLACE and RENAME.
func (t *tracer) changed(e *expr, c lcol, s *lscope) lcol {
	for _, r := range e.Replace {
		if strings.EqualFold(r.Key, c.name) {
			from := deps{}
			t.into(from, r.Value, s, Direct)
			c = lcol{name: c.name, from: from}
		}
	}
	for _, r := range e.Rename {
		if strings.EqualFold(r.Key.Column, c.name) {
			c.name = r.Value
			break
		}
	}
	return c
}

// noJSON reports whether a member of the tree holds nothing.
func noJSON(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
