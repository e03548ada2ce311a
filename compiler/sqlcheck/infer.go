package sqlcheck

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
)

// Lookup returns the columns of a table that the query names, with their
// nullability; false where it is not known.
type Lookup func(schema, name string) ([]Column, bool)

// checker works out columns from the inside of a query to its outside.
type checker struct {
	sql      string
	p        *Parsed
	lookup   Lookup
	ctes     map[string][]Column // by lower-case name; nil where unknown
	problems []Problem
	facts    []Fact
	yields   map[*expr]bool // of subqueries behind IN: whether they can yield null
}

// Columns works out the nullability of every column of the result, whose names
// and types the engine has described, and finds text literals that meet a value
// they cannot be converted to. A column that cannot be traced counts as nullable.
func (p *Parsed) Columns(described []Column, lookup Lookup) ([]Column, []Problem) {
	c := &checker{sql: p.sql, p: p, lookup: lookup, ctes: map[string][]Column{}, yields: map[*expr]bool{}}
	cols, known := c.query(p.root, nil)
	out := slices.Clone(described)
	for i := range out {
		out[i].Nullable = true
		if known && len(cols) == len(out) {
			out[i].Nullable = cols[i].Nullable
		}
	}
	p.typed = c.facts
	slices.SortFunc(c.problems, func(a, b Problem) int { return a.Start - b.Start })
	return out, slices.Compact(c.problems)
}

// query returns the columns of a query; false when they could not be listed.
func (c *checker) query(q *queryNode, up *scope) ([]Column, bool) {
	if q == nil {
		return nil, false
	}
	defer func(saved map[string][]Column) { c.ctes = saved }(c.ctes)
	c.ctes = cloneMap(c.ctes)
	for _, cte := range q.CTEs.Map {
		key := strings.ToLower(cte.Key)
		cols, known := c.query(cte.Value.Query.Node, up)
		if !known {
			cols = nil
		}
		c.ctes[key] = renamed(cols, cte.Value.Aliases)
	}
	switch q.Type {
	case "SELECT_NODE":
		return c.selectNode(q, up)
	case "RECURSIVE_CTE_NODE":
		// The recursive side sees the columns that the first side gives; a column
		// that either side may leave null is nullable.
		first, known := c.query(q.Left, up)
		c.ctes[strings.ToLower(q.CTEName)] = first
		second, known2 := c.query(q.Right, up)
		return eitherNull(first, second), known && known2 && len(first) == len(second)
	default:
		branches := q.branches()
		if len(branches) == 0 {
			return nil, false
		}
		out, known := c.query(branches[0], up)
		for _, b := range branches[1:] {
			next, ok := c.query(b, up)
			if q.SetOp == "EXCEPT" {
				continue
			}
			known = known && ok && len(next) == len(out)
			out = eitherNull(out, next)
		}
		return out, known
	}
}

func cloneMap(m map[string][]Column) map[string][]Column {
	out := make(map[string][]Column, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

func renamed(cols []Column, names []string) []Column {
	out := slices.Clone(cols)
	for i := range out {
		if i < len(names) {
			out[i].Name = names[i]
		}
	}
	return out
}

func eitherNull(a, b []Column) []Column {
	out := slices.Clone(a)
	for i := range out {
		if i < len(b) {
			out[i].Nullable = out[i].Nullable || b[i].Nullable
			if !out[i].Type.Equal(b[i].Type) {
				out[i].Type = types.Type{}
			}
		}
	}
	return out
}

// selectNode works out one SELECT.
func (c *checker) selectNode(q *queryNode, up *scope) ([]Column, bool) {
	s := &scope{up: up, aliases: map[string]Column{}}
	s.sources = c.from(q.From, s)
	s.tighten(q.Where)
	ctx := grouping{grouped: len(q.Groups) > 0 || q.Aggregates == "FORCE_AGGREGATES", rollup: len(q.GroupSets) > 1}
	var out []Column
	known := true
	for _, e := range q.SelectList {
		cols, ok := c.item(e, s, ctx)
		known = known && ok
		out = append(out, cols...)
		for _, col := range cols {
			if col.Name != "" {
				s.aliases[strings.ToLower(col.Name)] = col
			}
		}
	}
	for _, e := range append([]*expr{q.Where, q.Having, q.Qualify}, q.Groups...) {
		c.expr(e, s, ctx)
	}
	for _, m := range q.Modifiers {
		for _, o := range m.Orders {
			c.expr(o.Expr, s, ctx)
		}
	}
	if ctx.rollup {
		for i := range out {
			out[i].Nullable = true
		}
	}
	return out, known
}

// item is one entry of a select list; a star is several columns.
func (c *checker) item(e *expr, s *scope, ctx grouping) ([]Column, bool) {
	if e.Class == "STAR" {
		return c.star(e, s, ctx)
	}
	col := c.expr(e, s, ctx)
	switch {
	case e.Alias != "":
		col.Name = e.Alias
	case e.Class == "COLUMN_REF":
		col.Name = e.Names[len(e.Names)-1]
	}
	return []Column{col}, true
}

func (c *checker) star(e *expr, s *scope, ctx grouping) ([]Column, bool) {
	if e.ColumnsFn {
		return nil, false
	}
	var out []Column
	for _, src := range s.sources {
		if e.Relation != "" && !strings.EqualFold(src.alias, e.Relation) {
			continue
		}
		if src.opaque {
			return nil, false
		}
		for i, col := range src.cols {
			named := func(n string) bool { return strings.EqualFold(n, col.Name) }
			if (e.Relation == "" && src.isHidden(i)) || slices.ContainsFunc(e.Exclude, named) {
				continue
			}
			for _, r := range e.Replace {
				if named(r.Key) {
					name := col.Name
					col = c.expr(r.Value, s, ctx)
					col.Name = name
				}
			}
			out = append(out, col)
		}
	}
	return out, true
}

// from returns the relations of a FROM clause. s is the scope that is being
// made: lateral subqueries and join conditions see what stands left of them.
func (c *checker) from(t *tableRef, s *scope) []*source {
	if t == nil {
		return nil
	}
	switch t.Type {
	case "EMPTY":
		return nil
	case "BASE_TABLE":
		return []*source{c.base(t)}
	case "JOIN":
		return c.join(t, s)
	case "SUBQUERY":
		src := &source{alias: t.Alias, opaque: true}
		if t.Subquery != nil {
			cols, known := c.query(t.Subquery.Node, s)
			src.cols, src.opaque = renamed(cols, t.Columns), !known
		}
		return []*source{src}
	case "EXPRESSION_LIST":
		return []*source{c.values(t, s)}
	default:
		return []*source{{alias: t.Alias, opaque: true}}
	}
}

func (c *checker) base(t *tableRef) *source {
	src := &source{alias: t.Alias}
	if src.alias == "" {
		src.alias = t.Table
	}
	cols, ok := c.ctes[strings.ToLower(t.Table)]
	if t.Schema != "" || !ok {
		cols, ok = c.lookup(t.Schema, t.Table)
	}
	src.cols, src.opaque = renamed(cols, t.Columns), !ok || cols == nil
	return src
}

func (c *checker) values(t *tableRef, s *scope) *source {
	src := &source{alias: t.Alias}
	for r, row := range t.Values {
		for i, e := range row {
			col := c.expr(e, s, grouping{})
			if r == 0 {
				col.Name = "col" + string(rune('0'+i%10))
				src.cols = append(src.cols, col)
			} else if i < len(src.cols) {
				src.cols[i].Nullable = src.cols[i].Nullable || col.Nullable
			}
		}
	}
	src.cols = renamed(src.cols, t.Columns)
	return src
}

func (c *checker) join(t *tableRef, s *scope) []*source {
	left := c.from(t.Left, s)
	inner := &scope{sources: slices.Concat(s.sources, left), up: s.up, aliases: s.aliases}
	right := c.from(t.Right, inner)
	if t.JoinType == "SEMI" || t.JoinType == "ANTI" {
		c.expr(t.Condition, &scope{sources: slices.Concat(left, right), up: s}, grouping{})
		return left
	}
	both := &scope{sources: slices.Concat(left, right), up: s}
	using := map[string]bool{}
	for _, name := range t.Using {
		using[strings.ToLower(name)] = bothNotNull(left, right, name)
	}
	switch {
	case t.RefType == "POSITIONAL" || t.JoinType == "OUTER" || t.JoinType == "FULL":
		loosen(left)
		loosen(right)
	case t.JoinType == "LEFT":
		loosen(right)
	case t.JoinType == "RIGHT":
		loosen(left)
	default:
		both.tighten(t.Condition)
	}
	c.expr(t.Condition, both, grouping{})
	for name, notNull := range using {
		merge(left, right, name, t.JoinType, notNull)
	}
	return both.sources
}

// bothNotNull reports whether a USING column is not null on either side.
func bothNotNull(left, right []*source, name string) bool {
	for _, side := range [][]*source{left, right} {
		for _, src := range side {
			if i := src.find(name); i >= 0 && src.cols[i].Nullable {
				return false
			}
		}
	}
	return true
}

// merge makes one visible column of a USING pair: the left one, made null only
// where neither side has a value.
func merge(left, right []*source, name, joinType string, notNull bool) {
	for _, src := range right {
		if i := src.find(name); i >= 0 {
			src.hide(i)
		}
	}
	for _, src := range left {
		i := src.find(name)
		if i < 0 {
			continue
		}
		switch joinType {
		case "INNER":
			src.cols[i].Nullable = false // equality does not hold for null
		case "OUTER", "FULL", "RIGHT":
			src.cols[i].Nullable = !notNull
		}
		return
	}
}
