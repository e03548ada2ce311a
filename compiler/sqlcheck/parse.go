package sqlcheck

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/lang/diag"
)

// Parsed is a query that is known to be exactly one SELECT.
type Parsed struct {
	sql    string
	root   *queryNode
	tables []Table
	typed  []Fact // found while Columns worked out types
}

// Table is a relation that the query reads, at one place of its text. Names of
// CTEs are not among them. SQL[Start:End] is the name as written.
type Table struct {
	Schema string // "" where none is written
	Name   string
	Start  int
	End    int
}

// Parse reads the tree that DuckDB's json_serialize_sql made of sql. The tree's
// own error (a text that does not parse) is reported by who asked for the tree.
func Parse(sql string, tree []byte) (*Parsed, []Problem) {
	var t struct {
		Statements []statement `json:"statements"`
	}
	if err := json.Unmarshal(tree, &t); err != nil {
		return nil, []Problem{{Code: diag.Internal, Summary: "headgate met a state that it holds to be impossible",
			Detail: fmt.Sprintf("The parse tree of this query cannot be read: %v. This is a bug in headgate: please report it.", err), End: len(sql)}}
	}
	if len(t.Statements) != 1 || t.Statements[0].Node == nil {
		start, end := secondStatement(sql)
		return nil, []Problem{{Code: diag.NotOneSelect, Summary: "A model's query must be exactly one SELECT",
			Detail: fmt.Sprintf("This text holds %d statements. Keep the one SELECT that gives the model's rows.", len(t.Statements)), Start: start, End: end}}
	}
	p := &Parsed{sql: sql, root: t.Statements[0].Node}
	w := &walker{p: p}
	w.query(p.root, nil)
	return p, w.problems
}

// Tables returns the relations that the query reads, one for each place where
// a name stands, in the order of the text.
func (p *Parsed) Tables() []Table { return p.tables }

// secondStatement finds where a second statement begins: behind the first
// semicolon outside of quotes and comments.
func secondStatement(sql string) (start, end int) {
	l := lexer{in: sql}
	for {
		tok, ok := l.next()
		if !ok {
			return 0, len(sql)
		}
		if tok.text == ";" {
			if after, ok := l.next(); ok {
				return after.start, len(sql)
			}
			return 0, len(sql)
		}
	}
}

// walker collects tables and refuses what reaches outside of the database.
type walker struct {
	p        *Parsed
	problems []Problem
}

// ctes is a chain of scopes of CTE names.
type ctes struct {
	names map[string]bool
	up    *ctes
}

func (c *ctes) has(name string) bool {
	for ; c != nil; c = c.up {
		if c.names[strings.ToLower(name)] {
			return true
		}
	}
	return false
}

func (w *walker) query(q *queryNode, scope *ctes) {
	if q == nil {
		return
	}
	own := &ctes{names: map[string]bool{}, up: scope}
	if q.CTEName != "" {
		own.names[strings.ToLower(q.CTEName)] = true
	}
	for _, c := range q.CTEs.Map {
		// A CTE sees those before it; a recursive one names itself in its node.
		w.query(c.Value.Query.Node, own)
		own.names[strings.ToLower(c.Key)] = true
	}
	for _, b := range q.branches() {
		w.query(b, own)
	}
	w.table(q.From, own)
	for _, list := range [][]*expr{q.SelectList, q.Groups, {q.Where, q.Having, q.Qualify}} {
		for _, e := range list {
			w.expr(e, own)
		}
	}
	for _, m := range q.Modifiers {
		for _, o := range m.Orders {
			w.expr(o.Expr, own)
		}
		for _, e := range append([]*expr{m.Limit, m.Offset}, m.On...) {
			w.expr(e, own)
		}
	}
}

func (w *walker) table(t *tableRef, scope *ctes) {
	if t == nil {
		return
	}
	switch t.Type {
	case "BASE_TABLE":
		if t.Schema == "" && scope.has(t.Table) {
			return
		}
		start, end := nameAt(w.p.sql, t.Loc)
		w.p.tables = append(w.p.tables, Table{Schema: t.Schema, Name: t.Table, Start: start, End: end})
	case "TABLE_FUNCTION":
		if t.Function != nil && !insideFunctions[strings.ToLower(t.Function.Function)] {
			start, end := nameAt(w.p.sql, t.Loc)
			w.problems = append(w.problems, Problem{Code: diag.ReachesOutside, Summary: "The query reaches outside of the destination",
				Detail: fmt.Sprintf("The table function %q is not allowed in a model: a model reads streams, other models and externals only. Load files with a source.", t.Function.Function), Start: start, End: end})
		}
	}
	w.table(t.Left, scope)
	w.table(t.Right, scope)
	w.table(t.Source, scope)
	w.expr(t.Condition, scope)
	w.expr(t.Function, scope)
	for _, row := range t.Values {
		for _, e := range row {
			w.expr(e, scope)
		}
	}
	if t.Subquery != nil {
		w.query(t.Subquery.Node, scope)
	}
}

func (w *walker) expr(e *expr, scope *ctes) {
	if e == nil {
		return
	}
	for _, x := range e.subexprs() {
		w.expr(x, scope)
	}
	if e.Subquery != nil {
		w.query(e.Subquery.Node, scope)
	}
}

// insideFunctions are the table functions that compute rows from their
// arguments alone.
var insideFunctions = map[string]bool{"range": true, "generate_series": true, "unnest": true, "repeat": true, "repeat_row": true, "json_each": true, "json_tree": true}
