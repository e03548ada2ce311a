// Package sqlcheck reads the parse tree of a model's query and works out what an
// engine's binder does not tell: that the text is one SELECT, which tables it
// reads and where their names stand, which result columns can be null, and
// where a text literal meets a value that it cannot be converted to. It binds
// nothing itself and reads no database.
package sqlcheck

import (
	"encoding/json"

	"github.com/headgate-data/headgate/lang/diag"
)

// Problem is a fault in a query. Start and End are byte offsets in its text.
type Problem struct {
	Code    diag.Code
	Summary string
	Detail  string
	Start   int
	End     int
}

// noPlace is what DuckDB writes where a node stands for nothing in the text.
const noPlace = 1<<64 - 1

// The types below mirror the JSON of DuckDB's json_serialize_sql, as far as it
// is read here. Members that are not named are ignored.

type statement struct {
	Node *queryNode `json:"node"`
}

type queryNode struct {
	Type       string       `json:"type"` // SELECT_NODE, SET_OPERATION_NODE, RECURSIVE_CTE_NODE, CTE_NODE
	CTEs       cteMap       `json:"cte_map"`
	SelectList []*expr      `json:"select_list"`
	From       *tableRef    `json:"from_table"`
	Where      *expr        `json:"where_clause"`
	Groups     []*expr      `json:"group_expressions"`
	GroupSets  [][]int      `json:"group_sets"`
	Aggregates string       `json:"aggregate_handling"` // FORCE_AGGREGATES for GROUP BY ALL
	Having     *expr        `json:"having"`
	Qualify    *expr        `json:"qualify"`
	Modifiers  []modifier   `json:"modifiers"`
	SetOp      string       `json:"setop_type"`
	SetAll     bool         `json:"setop_all"`
	UnionAll   bool         `json:"union_all"`   // of a recursive CTE
	KeyTargets []*expr      `json:"key_targets"` // of a recursive CTE
	Left       *queryNode   `json:"left"`
	Right      *queryNode   `json:"right"`
	Children   []*queryNode `json:"children"` // of a set operation, in some versions
	CTEName    string       `json:"cte_name"`
}

type cteMap struct {
	Map []struct {
		Key   string `json:"key"`
		Value struct {
			Query   statement `json:"query"`
			Aliases []string  `json:"aliases"`
		} `json:"value"`
	} `json:"map"`
}

type modifier struct {
	Type   string  `json:"type"` // DISTINCT_MODIFIER, ORDER_MODIFIER, LIMIT_MODIFIER, ...
	Orders []order `json:"orders"`
	Limit  *expr   `json:"limit"`
	Offset *expr   `json:"offset"`
	On     []*expr `json:"distinct_on_targets"`
}

type order struct {
	Expr *expr `json:"expression"`
}

// columnName is a column that a star names, with the relation where one is written.
type columnName struct {
	Table  string `json:"table"`
	Column string `json:"column"`
}

type pivotPart struct {
	Subquery json.RawMessage `json:"subquery"`
}

type tableRef struct {
	Type      string      `json:"type"` // BASE_TABLE, SUBQUERY, JOIN, TABLE_FUNCTION, EXPRESSION_LIST, EMPTY, PIVOT, ...
	Alias     string      `json:"alias"`
	Loc       uint64      `json:"query_location"`
	Catalog   string      `json:"catalog_name"`
	Schema    string      `json:"schema_name"`
	Table     string      `json:"table_name"`
	Columns   []string    `json:"column_name_alias"`
	Left      *tableRef   `json:"left"`
	Right     *tableRef   `json:"right"`
	Source    *tableRef   `json:"source"` // of a pivot
	JoinType  string      `json:"join_type"`
	RefType   string      `json:"ref_type"`
	Using     []string    `json:"using_columns"`
	Condition *expr       `json:"condition"`
	Subquery  *statement  `json:"subquery"`
	Function  *expr       `json:"function"`
	Values    [][]*expr   `json:"values"`
	Pivots    []pivotPart `json:"pivots"`
}

type expr struct {
	Class      string       `json:"class"`
	Type       string       `json:"type"`
	Alias      string       `json:"alias"`
	Loc        uint64       `json:"query_location"`
	Function   string       `json:"function_name"`
	IsOperator bool         `json:"is_operator"`
	Children   []*expr      `json:"children"`
	Names      []string     `json:"column_names"`
	Left       *expr        `json:"left"`
	Right      *expr        `json:"right"`
	Child      *expr        `json:"child"`
	Input      *expr        `json:"input"`
	Lower      *expr        `json:"lower"`
	Upper      *expr        `json:"upper"`
	Cases      []caseCheck  `json:"case_checks"`
	Else       *expr        `json:"else_expr"`
	Value      *constant    `json:"value"`
	CastType   *castType    `json:"cast_type"`
	TryCast    bool         `json:"try_cast"`
	Subquery   *statement   `json:"subquery"`
	SubqType   string       `json:"subquery_type"` // SCALAR, EXISTS, NOT_EXISTS, ANY
	Filter     *expr        `json:"filter"`
	WinFilter  *expr        `json:"filter_expr"`
	Partitions []*expr      `json:"partitions"`
	Orders     []order      `json:"orders"`
	OrderBys   *modifier    `json:"order_bys"`  // of an aggregate
	ArgOrders  []order      `json:"arg_orders"` // of an aggregate over a window
	Start      string       `json:"start"`
	End        string       `json:"end"`
	StartExpr  *expr        `json:"start_expr"`
	EndExpr    *expr        `json:"end_expr"`
	OffsetExpr *expr        `json:"offset_expr"`
	Default    *expr        `json:"default_expr"`
	Lhs        *expr        `json:"lhs"` // of a lambda: what names its parameters
	Relation   string       `json:"relation_name"`
	Exclude    []string     `json:"exclude_list"`
	ExcludeOf  []columnName `json:"qualified_exclude_list"`
	Rename     []struct {
		Key   columnName `json:"key"`
		Value string     `json:"value"`
	} `json:"rename_list"`
	Replace []struct {
		Key   string `json:"key"`
		Value *expr  `json:"value"`
	} `json:"replace_list"`
	Index     int   `json:"index"` // of a reference by place
	ColumnsFn bool  `json:"columns"`
	Expr      *expr `json:"expr"`
}

type caseCheck struct {
	When *expr `json:"when_expr"`
	Then *expr `json:"then_expr"`
}

type constant struct {
	Type struct {
		ID string `json:"id"`
	} `json:"type"`
	IsNull bool            `json:"is_null"`
	Value  json.RawMessage `json:"value"`
}

type castType struct {
	ID   string `json:"id"`
	Info *struct {
		Width int `json:"width"`
		Scale int `json:"scale"`
	} `json:"type_info"`
}

// text returns the constant's text when it is a string literal.
func (c *constant) text() (string, bool) {
	if c == nil || c.IsNull || c.Type.ID != "VARCHAR" {
		return "", false
	}
	var s string
	err := json.Unmarshal(c.Value, &s)
	return s, err == nil
}

// subexprs returns the expressions directly below e, in no special order;
// subqueries are not among them.
func (e *expr) subexprs() []*expr {
	out := append([]*expr{e.Left, e.Right, e.Child, e.Input, e.Lower, e.Upper, e.Else, e.Filter, e.WinFilter, e.Expr,
		e.StartExpr, e.EndExpr, e.OffsetExpr, e.Default, e.Lhs}, e.Children...)
	out = append(out, e.Partitions...)
	if e.OrderBys != nil {
		for _, o := range e.OrderBys.Orders {
			out = append(out, o.Expr)
		}
	}
	for _, o := range e.ArgOrders {
		out = append(out, o.Expr)
	}
	for _, c := range e.Cases {
		out = append(out, c.When, c.Then)
	}
	for _, o := range e.Orders {
		out = append(out, o.Expr)
	}
	for _, r := range e.Replace {
		out = append(out, r.Value)
	}
	kept := out[:0]
	for _, x := range out {
		if x != nil {
			kept = append(kept, x)
		}
	}
	return kept
}

// branches returns the two sides (or more) of a set operation.
func (q *queryNode) branches() []*queryNode {
	if len(q.Children) > 0 {
		return q.Children
	}
	var out []*queryNode
	for _, n := range []*queryNode{q.Left, q.Right} {
		if n != nil {
			out = append(out, n)
		}
	}
	return out
}
