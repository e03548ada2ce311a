package sqlcheck

import (
	"slices"
	"strings"
)

// leaf is one relation of a FROM clause.
type leaf struct {
	ref   *tableRef
	group int // relations of one group are tied to each other by conditions
}

// joins finds relations that no condition ties to the others, and outer joins
// whose kept rows the WHERE clause takes out.
func (f *factFinder) joins(q *queryNode) {
	if q.From == nil || q.From.Type != "JOIN" {
		return
	}
	g := &joinGroups{}
	g.collect(q.From)
	for _, c := range conjuncts(q.Where) {
		g.tie(columnRefs(c))
	}
	for i, l := range g.leaves { // a lateral subquery ties itself
		if l.ref.Type == "SUBQUERY" && l.ref.Subquery != nil {
			g.tieSubquery(i, l.ref.Subquery.Node)
		}
	}
	for _, l := range g.leaves[1:] {
		if l.group != g.leaves[0].group && !single(l.ref, q) && !single(g.leaves[0].ref, q) {
			start, end := nameAt(f.p.sql, l.ref.Loc)
			if l.ref.Type == "SUBQUERY" { // its place is not in the tree
				start, end = aliasAt(f.p.sql, l.ref.Alias)
			}
			f.out = append(f.out, Fact{Kind: Unjoined, Name: relationName(l.ref), Start: start, End: end})
			break
		}
	}
	f.filteredOuter(q)
}

// aliasAt finds where a subquery gets its name: behind its bracket, or behind AS.
func aliasAt(sql, alias string) (start, end int) {
	l := lexer{in: sql}
	before := ""
	for {
		t, ok := l.next()
		if !ok {
			return 0, 0
		}
		if (before == ")" || strings.EqualFold(before, "as")) && strings.EqualFold(strings.Trim(t.text, `"`), alias) {
			return t.start, t.end
		}
		before = t.text
	}
}

// joinGroups ties relations together.
type joinGroups struct{ leaves []leaf }

// collect lists the relations below t, and ties those of each join that has a
// condition. It returns the numbers of the relations.
func (g *joinGroups) collect(t *tableRef) []int {
	if t == nil {
		return nil
	}
	if t.Type != "JOIN" {
		g.leaves = append(g.leaves, leaf{t, len(g.leaves)})
		return []int{len(g.leaves) - 1}
	}
	left, right := g.collect(t.Left), g.collect(t.Right)
	both := append(slices.Clone(left), right...)
	open := t.RefType == "CROSS" || t.RefType == "REGULAR" && len(t.Using) == 0 && len(columnRefs(t.Condition)) == 0 && !subqueryIn(t.Condition)
	if !open {
		g.join(both)
	}
	return both
}

// join ties relations.
func (g *joinGroups) join(list []int) {
	for _, i := range list[min(1, len(list)):] {
		from, to := g.leaves[i].group, g.leaves[list[0]].group
		for j := range g.leaves {
			if g.leaves[j].group == from {
				g.leaves[j].group = to
			}
		}
	}
}

// tie joins the relations that one condition refers to. A column without its
// relation's name can belong to any.
func (g *joinGroups) tie(refs []*expr) {
	var list []int
	for _, ref := range refs {
		if len(ref.Names) == 1 {
			if len(refs) > 1 {
				g.join(g.all())
				return
			}
			continue
		}
		for i, l := range g.leaves {
			if strings.EqualFold(relationName(l.ref), ref.Names[len(ref.Names)-2]) {
				list = append(list, i)
			}
		}
	}
	g.join(list)
}

// tieSubquery ties a subquery to the relations beside it that it refers to.
func (g *joinGroups) tieSubquery(i int, q *queryNode) {
	if q == nil {
		return
	}
	for _, b := range q.branches() {
		g.tieSubquery(i, b)
	}
	for _, e := range append([]*expr{q.Where, q.Having}, q.SelectList...) {
		for _, ref := range columnRefs(e) {
			if len(ref.Names) < 2 {
				continue
			}
			for j, l := range g.leaves {
				if j != i && strings.EqualFold(relationName(l.ref), ref.Names[len(ref.Names)-2]) {
					g.join([]int{i, j})
				}
			}
		}
	}
}

func (g *joinGroups) all() []int {
	out := make([]int, len(g.leaves))
	for i := range out {
		out[i] = i
	}
	return out
}

// single reports whether a relation has one row, or depends on the row beside it
// (unnest), so that a join needs no condition.
func single(t *tableRef, q *queryNode) bool {
	switch t.Type {
	case "SUBQUERY":
		return t.Subquery != nil && oneRow(t.Subquery.Node)
	case "BASE_TABLE":
		for _, c := range q.CTEs.Map {
			if t.Schema == "" && strings.EqualFold(c.Key, t.Table) {
				return oneRow(c.Value.Query.Node)
			}
		}
		return false
	}
	return true // functions, values, pivots
}

// oneRow reports whether a query yields one row: an aggregate over everything, a
// SELECT without FROM, or LIMIT 1.
func oneRow(q *queryNode) bool {
	if q == nil || q.Type != "SELECT_NODE" || len(q.Groups) > 0 || q.Aggregates == "FORCE_AGGREGATES" {
		return false
	}
	if q.From == nil || q.From.Type == "EMPTY" {
		return true
	}
	for _, m := range q.Modifiers {
		if m.Limit != nil && m.Limit.Class == "CONSTANT" && m.Limit.Value != nil && string(m.Limit.Value.Value) == "1" {
			return true
		}
	}
	for _, e := range q.SelectList {
		if !aggregates(e) {
			return false
		}
	}
	return len(q.SelectList) > 0
}

// aggregates reports whether an expression holds an aggregate.
func aggregates(e *expr) bool {
	if e == nil || e.Class == "WINDOW" {
		return false
	}
	if e.Class == "FUNCTION" {
		name := strings.ToLower(e.Function)
		if functions[name].nulls == aggregate || strings.HasPrefix(name, "count") || strings.HasPrefix(name, "approx_") || strings.HasPrefix(name, "arg_") {
			return true
		}
	}
	return slices.ContainsFunc(e.subexprs(), aggregates)
}

func subqueryIn(e *expr) bool {
	return e != nil && (e.Class == "SUBQUERY" || slices.ContainsFunc(e.subexprs(), subqueryIn))
}

// conjuncts returns the conditions that all have to hold.
func conjuncts(e *expr) []*expr {
	if e == nil {
		return nil
	}
	if e.Type != "CONJUNCTION_AND" {
		return []*expr{e}
	}
	var out []*expr
	for _, x := range e.Children {
		out = append(out, conjuncts(x)...)
	}
	return out
}

// filteredOuter finds conditions of WHERE that no row can keep whose partner in
// an outer join is missing.
func (f *factFinder) filteredOuter(q *queryNode) {
	optional := map[string]bool{}
	optionalSides(q.From, optional)
	for _, c := range conjuncts(q.Where) {
		for _, x := range strictOperands(c) {
			if x == nil || x.Class != "COLUMN_REF" || len(x.Names) < 2 {
				continue
			}
			if name := strings.ToLower(x.Names[len(x.Names)-2]); optional[name] {
				f.add(OuterFiltered, x.Names[len(x.Names)-2], x)
				optional[name] = false // once for each relation
			}
		}
	}
}

// optionalSides notes the relations that an outer join may leave without a row.
func optionalSides(t *tableRef, into map[string]bool) {
	if t == nil || t.Type != "JOIN" {
		return
	}
	optionalSides(t.Left, into)
	optionalSides(t.Right, into)
	side := t.Right
	switch t.JoinType {
	case "LEFT":
	case "RIGHT":
		side = t.Left
	default:
		return
	}
	g := &joinGroups{}
	g.collect(side)
	for _, l := range g.leaves {
		into[strings.ToLower(relationName(l.ref))] = true
	}
}

// strictOperands returns the operands that a condition needs to be not null.
func strictOperands(e *expr) []*expr {
	switch {
	case e.Class == "COMPARISON" && !strings.HasSuffix(e.Type, "DISTINCT_FROM"):
		return []*expr{e.Left, e.Right}
	case e.Class == "BETWEEN":
		return []*expr{e.Input, e.Lower, e.Upper}
	case e.Type == "COMPARE_IN" && len(e.Children) > 0:
		return e.Children[:1]
	case e.Class == "FUNCTION" && likeFunctions[e.Function]:
		return e.Children
	}
	return nil
}
