package sqlcheck

import (
	"cmp"
	"slices"
	"strings"
)

// Fact is a form in a query that often is a mistake. SQL[Start:End] is where it
// stands; Name is the table, function or column that it is about, "" where it is
// about none.
type Fact struct {
	Kind  FactKind `json:"kind"`
	Name  string   `json:"name,omitempty"`
	Start int      `json:"start"`
	End   int      `json:"end"`
}

// FactKind tells facts apart.
type FactKind string

// The kinds of facts.
const (
	Star          FactKind = "star"           // a star through which a table's own columns reach the result
	Unjoined      FactKind = "unjoined"       // a table that no condition ties to the others
	OrderOnly     FactKind = "order_only"     // ORDER BY over the whole result, without LIMIT
	LimitOnly     FactKind = "limit_only"     // LIMIT without ORDER BY
	Volatile      FactKind = "volatile"       // a call whose value is another one each time
	Division      FactKind = "division"       // by what may be zero
	NullCompare   FactKind = "null_compare"   // = null, <> null, ...
	NotInNull     FactKind = "not_in_null"    // NOT IN over a subquery that can yield null
	OuterFiltered FactKind = "outer_filtered" // WHERE takes out the rows that an outer join keeps
	ZoneMix       FactKind = "zone_mix"       // a time with a zone is compared with one without
)

// Facts returns what the tree shows, in the order of the text. The kinds that need
// types (NotInNull, ZoneMix) are found by Columns, which has to be called first.
func (p *Parsed) Facts() []Fact {
	f := &factFinder{p: p}
	f.stars(p.root, nil)
	f.query(p.root, nil)
	if orders, limited := modified(p.root); orders != nil && !limited {
		f.add(OrderOnly, "", orders)
	}
	out := append(slices.Clone(p.typed), f.out...)
	slices.SortFunc(out, func(a, b Fact) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(out)
}

// factFinder walks a tree.
type factFinder struct {
	p   *Parsed
	out []Fact
}

func (f *factFinder) add(kind FactKind, name string, e *expr) {
	f.out = append(f.out, f.p.fact(kind, name, e))
}

// fact makes a fact about an expression, at the name or sign that it begins with.
func (p *Parsed) fact(kind FactKind, name string, e *expr) Fact {
	at := Fact{Kind: kind, Name: name}
	if e.Class == "COLUMN_REF" || e.Class == "FUNCTION" && !e.IsOperator {
		at.Start, at.End = nameAt(p.sql, e.Loc)
		return at
	}
	if e.Loc != noPlace && e.Loc < uint64(len(p.sql)) {
		l := lexer{in: p.sql, pos: int(e.Loc)}
		if t, ok := l.next(); ok {
			at.Start, at.End = t.start, t.end
		}
	}
	return at
}

// modified returns the first ORDER BY expression of a query, nil for none, and
// whether it has a LIMIT.
func modified(q *queryNode) (orders *expr, limited bool) {
	for _, m := range q.Modifiers {
		if len(m.Orders) > 0 && orders == nil {
			orders = m.Orders[0].Expr
		}
		limited = limited || m.Limit != nil
	}
	return orders, limited
}

// stars finds the stars through which the columns of tables reach the result of q.
// ctes are those in sight, the nearest last.
func (f *factFinder) stars(q *queryNode, ctes []namedQuery) {
	if q == nil || len(ctes) > maxCTEs {
		return
	}
	for _, c := range q.CTEs.Map {
		ctes = append(slices.Clip(ctes), namedQuery{strings.ToLower(c.Key), c.Value.Query.Node})
	}
	branches := q.branches()
	if len(branches) > 1 && (q.CTEName != "" || q.SetOp == "EXCEPT") {
		branches = branches[:1] // the others bring rows, or take some out, and no columns
	}
	for _, b := range branches {
		f.stars(b, ctes)
	}
	for _, e := range q.SelectList {
		if e != nil && e.Class == "STAR" {
			f.star(e, q.From, ctes)
		}
	}
}

// maxCTEs bounds how many common table expressions a walk follows into each other.
const maxCTEs = 100

// namedQuery is a common table expression.
type namedQuery struct {
	name string
	node *queryNode
}

// star follows a star into the relations that it stands for.
func (f *factFinder) star(e *expr, t *tableRef, ctes []namedQuery) {
	if t == nil {
		return
	}
	switch t.Type {
	case "JOIN":
		f.star(e, t.Left, ctes)
		if t.JoinType != "SEMI" && t.JoinType != "ANTI" {
			f.star(e, t.Right, ctes)
		}
		return
	case "BASE_TABLE", "SUBQUERY":
	default:
		return
	}
	if e.Relation != "" && !strings.EqualFold(e.Relation, relationName(t)) {
		return
	}
	if t.Type == "SUBQUERY" {
		if t.Subquery != nil {
			f.stars(t.Subquery.Node, ctes)
		}
		return
	}
	if t.Schema == "" {
		for i, c := range slices.Backward(ctes) {
			if c.name == strings.ToLower(t.Table) {
				f.stars(c.node, ctes[:i]) // what it sees itself stands before it
				return
			}
		}
	}
	f.add(Star, t.Table, e)
}

// relationName is the name under which a relation's columns are referred to.
func relationName(t *tableRef) string {
	if t.Alias != "" {
		return t.Alias
	}
	return t.Table
}

// query looks at a query and those inside it. guarded are the columns that a
// condition around it compares with something.
func (f *factFinder) query(q *queryNode, guarded []string) {
	if q == nil {
		return
	}
	for _, c := range q.CTEs.Map {
		f.query(c.Value.Query.Node, nil)
	}
	for _, b := range q.branches() {
		f.query(b, nil)
	}
	if orders, limited := modified(q); limited && orders == nil && !oneRow(q) {
		for _, m := range q.Modifiers {
			if m.Limit != nil {
				f.add(LimitOnly, "", m.Limit)
			}
		}
	}
	guarded = append(slices.Clip(guarded), compared(q.Where)...)
	guarded = append(guarded, compared(q.Having)...)
	for _, list := range [][]*expr{q.SelectList, q.Groups, {q.Where, q.Having, q.Qualify}} {
		for _, e := range list {
			f.expr(e, guarded)
		}
	}
	for _, m := range q.Modifiers {
		for _, o := range m.Orders {
			f.expr(o.Expr, guarded)
		}
	}
	f.from(q.From)
	f.joins(q)
}

func (f *factFinder) from(t *tableRef) {
	if t == nil {
		return
	}
	f.from(t.Left)
	f.from(t.Right)
	f.from(t.Source)
	f.expr(t.Condition, nil)
	f.expr(t.Function, nil)
	if t.Subquery != nil {
		f.query(t.Subquery.Node, nil)
	}
}

// expr looks at an expression and what stands inside it.
func (f *factFinder) expr(e *expr, guarded []string) {
	if e == nil {
		return
	}
	switch e.Class {
	case "COLUMN_REF":
		if len(e.Names) == 1 && volatileWords[strings.ToLower(e.Names[0])] {
			f.add(Volatile, strings.ToLower(e.Names[0]), e)
		}
	case "FUNCTION":
		name := strings.ToLower(e.Function)
		switch {
		case volatileFunctions[name] || volatileWords[name]:
			f.add(Volatile, name, e)
		case e.IsOperator && (name == "/" || name == "%" || name == "//") && len(e.Children) == 2:
			if by, zero := mayBeZero(e.Children[1], guarded); zero {
				f.add(Division, by, e.Children[1])
			}
		}
	case "COMPARISON":
		if !strings.HasSuffix(e.Type, "DISTINCT_FROM") && (isNull(e.Left) || isNull(e.Right)) {
			f.add(NullCompare, "", e)
		}
	case "CASE":
		for _, k := range e.Cases {
			guarded = append(slices.Clip(guarded), compared(k.When)...)
		}
	}
	for _, x := range e.subexprs() {
		f.expr(x, guarded)
	}
	if e.Subquery != nil {
		f.query(e.Subquery.Node, guarded)
	}
}

func isNull(e *expr) bool {
	return e != nil && e.Class == "CONSTANT" && e.Value != nil && e.Value.IsNull
}

// mayBeZero returns what a divisor is made of where nothing keeps zero out of it.
func mayBeZero(e *expr, guarded []string) (string, bool) {
	for e != nil && e.Class == "CAST" {
		e = e.Child
	}
	switch {
	case e == nil:
		return "", false
	case e.Class == "COLUMN_REF":
		name := e.Names[len(e.Names)-1]
		return name, !slices.Contains(guarded, strings.ToLower(name))
	case e.Class == "FUNCTION" && summing[strings.ToLower(e.Function)]:
		for _, x := range e.subexprs() {
			if _, open := mayBeZero(x, guarded); !open && x.Class == "COLUMN_REF" {
				return "", false
			}
		}
		return strings.ToLower(e.Function), true
	}
	return "", false
}

// compared returns the columns, in lower case, that a condition compares or asks
// about, alone or in a function such as sum.
func compared(e *expr) []string {
	if e == nil {
		return nil
	}
	var out []string
	if e.Class == "COMPARISON" || e.Class == "BETWEEN" || e.Type == "COMPARE_IN" || e.Type == "COMPARE_NOT_IN" {
		for _, x := range e.subexprs() {
			for x.Class == "CAST" && x.Child != nil {
				x = x.Child
			}
			if x.Class == "FUNCTION" && x.IsOperator {
				continue
			}
			for _, ref := range columnRefs(x) {
				out = append(out, strings.ToLower(ref.Names[len(ref.Names)-1]))
			}
		}
		return out
	}
	for _, x := range e.subexprs() {
		out = append(out, compared(x)...)
	}
	return out
}

// columnRefs returns the references to columns in an expression, subqueries aside.
func columnRefs(e *expr) []*expr {
	if e == nil {
		return nil
	}
	if e.Class == "COLUMN_REF" {
		return []*expr{e}
	}
	var out []*expr
	for _, x := range e.subexprs() {
		out = append(out, columnRefs(x)...)
	}
	return out
}

// The functions and words whose value is another one each time.
var (
	volatileFunctions = map[string]bool{"now": true, "get_current_timestamp": true, "today": true, "random": true, "setseed": true,
		"uuid": true, "uuidv4": true, "uuidv7": true, "gen_random_uuid": true, "nextval": true, "current_localtimestamp": true, "current_localtime": true, "get_current_time": true}
	volatileWords = map[string]bool{"current_date": true, "current_timestamp": true, "current_time": true, "localtime": true, "localtimestamp": true}
)

// summing are aggregates that give zero for some rows.
var summing = map[string]bool{"sum": true, "avg": true, "mean": true, "min": true, "max": true, "median": true, "stddev": true, "variance": true}
