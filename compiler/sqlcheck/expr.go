package sqlcheck

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
)

// grouping is what aggregates depend on around them.
type grouping struct {
	grouped bool // there is a GROUP BY: no group is empty
	rollup  bool // several grouping sets: keys can be null
}

var (
	boolType   = types.Of(types.Bool)
	int64Type  = types.Of(types.Int64)
	floatType  = types.Of(types.Float64)
	stringType = types.Of(types.String)
)

// expr works out an expression's type, where it can, and whether it can be null;
// on the way it checks every text literal that stands beside another value.
func (c *checker) expr(e *expr, s *scope, ctx grouping) Column {
	if e == nil {
		return Column{Nullable: true}
	}
	switch e.Class {
	case "COLUMN_REF":
		col, _ := s.resolve(e.Names)
		return col
	case "CONSTANT":
		return constantColumn(e.Value)
	case "CAST":
		child := c.expr(e.Child, s, ctx)
		c.literals(castTarget(e.CastType), e.Child)
		return Column{Type: castTarget(e.CastType), Nullable: child.Nullable || e.TryCast}
	case "COMPARISON":
		l, r := c.expr(e.Left, s, ctx), c.expr(e.Right, s, ctx)
		c.literals(l.Type, e.Right)
		c.literals(r.Type, e.Left)
		c.zones(e, l.Type, r.Type)
		distinct := strings.HasSuffix(e.Type, "DISTINCT_FROM")
		return Column{Type: boolType, Nullable: !distinct && (l.Nullable || r.Nullable)}
	case "BETWEEN":
		in, lo, hi := c.expr(e.Input, s, ctx), c.expr(e.Lower, s, ctx), c.expr(e.Upper, s, ctx)
		c.literals(in.Type, e.Lower, e.Upper)
		c.zones(e, in.Type, lo.Type)
		return Column{Type: boolType, Nullable: in.Nullable || lo.Nullable || hi.Nullable}
	case "CONJUNCTION":
		_, null := c.all(e.Children, s, ctx)
		return Column{Type: boolType, Nullable: null}
	case "CASE":
		return c.caseExpr(e, s, ctx)
	case "OPERATOR":
		return c.operator(e, s, ctx)
	case "FUNCTION":
		return c.function(e, s, ctx)
	case "WINDOW":
		return c.window(e, s, ctx)
	case "SUBQUERY":
		return c.subquery(e, s, ctx)
	default:
		c.all(e.subexprs(), s, ctx)
		return Column{Nullable: true}
	}
}

// all works out several expressions and reports whether any can be null.
func (c *checker) all(list []*expr, s *scope, ctx grouping) (cols []Column, null bool) {
	for _, e := range list {
		col := c.expr(e, s, ctx)
		cols = append(cols, col)
		null = null || col.Nullable
	}
	return cols, null
}

func constantColumn(v *constant) Column {
	if v == nil || v.IsNull {
		return Column{Nullable: true}
	}
	switch v.Type.ID {
	case "VARCHAR":
		return Column{Type: stringType}
	case "BOOLEAN":
		return Column{Type: boolType}
	case "INTEGER", "BIGINT", "HUGEINT":
		return Column{Type: int64Type}
	case "DECIMAL", "DOUBLE":
		return Column{Type: floatType}
	}
	return Column{}
}

func castTarget(t *castType) types.Type {
	if t == nil {
		return types.Type{}
	}
	if t.ID == "DECIMAL" && t.Info != nil {
		return types.DecimalOf(t.Info.Width, t.Info.Scale)
	}
	out, _ := types.FromDuckDB(t.ID)
	return out
}

// caseExpr: a CASE without ELSE can be null.
func (c *checker) caseExpr(e *expr, s *scope, ctx grouping) Column {
	out := c.expr(e.Else, s, ctx)
	for i, k := range e.Cases {
		c.expr(k.When, s, ctx)
		then := c.expr(k.Then, s, ctx)
		out.Nullable = out.Nullable || then.Nullable
		if i == 0 && out.Type.IsZero() {
			out.Type = then.Type
		}
		if !out.Type.Equal(then.Type) {
			out.Type = types.Type{}
		}
	}
	return Column{Type: out.Type, Nullable: out.Nullable}
}

func (c *checker) operator(e *expr, s *scope, ctx grouping) Column {
	cols, null := c.all(e.Children, s, ctx)
	switch e.Type {
	case "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL":
		return Column{Type: boolType}
	case "OPERATOR_NOT":
		if len(e.Children) == 1 && c.yields[e.Children[0]] {
			c.facts = append(c.facts, c.p.fact(NotInNull, "", e.Children[0]))
		}
		return Column{Type: boolType, Nullable: null}
	case "OPERATOR_COALESCE":
		out := Column{Nullable: true}
		for _, col := range cols {
			out.Nullable = out.Nullable && col.Nullable
		}
		if len(cols) > 0 {
			out.Type = cols[0].Type
		}
		return out
	case "COMPARE_IN", "COMPARE_NOT_IN":
		if len(cols) > 0 {
			c.literals(cols[0].Type, e.Children[1:]...)
		}
		return Column{Type: boolType, Nullable: null}
	default: // array access, struct fields, ...: may miss
		return Column{Nullable: true}
	}
}

func (c *checker) function(e *expr, s *scope, ctx grouping) Column {
	name := strings.ToLower(e.Function)
	cols, null := c.all(e.Children, s, ctx)
	c.expr(e.Filter, s, ctx)
	if e.IsOperator && arithmetic[name] && len(cols) == 2 {
		return c.arithmetic(e, name, cols)
	}
	if e.IsOperator && (name == "-" || name == "+") && len(cols) == 1 {
		return cols[0]
	}
	if name == "count" || name == "count_star" || name == "count_if" || name == "approx_count_distinct" {
		return Column{Type: int64Type}
	}
	f, ok := functions[name]
	if !ok {
		return Column{Nullable: true}
	}
	out := Column{Type: f.result, Nullable: null}
	if f.sameType && len(cols) > 0 {
		out.Type = cols[0].Type
	}
	switch f.nulls {
	case aggregate:
		out.Nullable = null || !ctx.grouped || e.Filter != nil
	case never:
		out.Nullable = false
	case anyNotNull:
		out.Nullable = true
		for _, col := range cols {
			out.Nullable = out.Nullable && col.Nullable
		}
	}
	return out
}

func (c *checker) arithmetic(e *expr, name string, cols []Column) Column {
	l, r := cols[0], cols[1]
	if l.Type.IsNumeric() {
		c.literals(l.Type, e.Children[1])
	}
	if r.Type.IsNumeric() {
		c.literals(r.Type, e.Children[0])
	}
	out := Column{Nullable: l.Nullable || r.Nullable}
	if (name == "%" || name == "//") && !isNonZero(e.Children[1]) {
		out.Nullable = true // null where the divisor is zero; "/" gives infinity
	}
	switch {
	case !l.Type.IsNumeric() || !r.Type.IsNumeric():
	case name == "/", l.Type.Kind == types.Float64, r.Type.Kind == types.Float64:
		out.Type = floatType
	case l.Type.IsInteger() && r.Type.IsInteger():
		out.Type = int64Type
	default:
		out.Type = types.DecimalOf(38, max(l.Type.Scale, r.Type.Scale))
	}
	return out
}

// isNonZero reports whether an expression is a literal other than zero.
func isNonZero(e *expr) bool {
	if e.Class == "CAST" && e.Child != nil {
		return isNonZero(e.Child)
	}
	if e.Class != "CONSTANT" || e.Value == nil || e.Value.IsNull {
		return false
	}
	return strings.ContainsAny(string(e.Value.Value), "123456789")
}

// window: ranking functions and counts are never null; other aggregates are not
// null where their argument is not and the frame holds the current row.
func (c *checker) window(e *expr, s *scope, ctx grouping) Column {
	_, null := c.all(e.Children, s, ctx)
	c.all(e.Partitions, s, ctx)
	for _, o := range e.Orders {
		c.expr(o.Expr, s, ctx)
	}
	c.expr(e.WinFilter, s, ctx)
	switch e.Type {
	case "WINDOW_ROW_NUMBER", "WINDOW_RANK", "WINDOW_RANK_DENSE", "WINDOW_DENSE_RANK", "WINDOW_NTILE":
		return Column{Type: int64Type}
	case "WINDOW_PERCENT_RANK", "WINDOW_CUME_DIST":
		return Column{Type: floatType}
	case "WINDOW_AGGREGATE":
		if strings.HasPrefix(e.Function, "count") {
			return Column{Type: int64Type}
		}
		holdsRow := e.Start == "UNBOUNDED_PRECEDING" && (e.End == "CURRENT_ROW_RANGE" || e.End == "UNBOUNDED_FOLLOWING")
		f := functions[strings.ToLower(e.Function)]
		return Column{Type: f.result, Nullable: null || !holdsRow || e.WinFilter != nil || f.nulls != aggregate}
	}
	return Column{Nullable: true}
}

func (c *checker) subquery(e *expr, s *scope, ctx grouping) Column {
	child := c.expr(e.Child, s, ctx)
	var cols []Column
	if e.Subquery != nil {
		cols, _ = c.query(e.Subquery.Node, s)
	}
	switch {
	case strings.HasSuffix(e.SubqType, "EXISTS"):
		return Column{Type: boolType}
	case e.SubqType == "ANY":
		c.yields[e] = len(cols) == 1 && cols[0].Nullable
		return Column{Type: boolType, Nullable: child.Nullable || len(cols) == 0 || cols[0].Nullable}
	case len(cols) > 0:
		return Column{Type: cols[0].Type, Nullable: true} // no row gives null
	}
	return Column{Nullable: true}
}

// zones notes a comparison of a moment with a time that has no zone.
func (c *checker) zones(e *expr, a, b types.Type) {
	zoned := func(t types.Type) bool { return t.Kind == types.TimestampTZ }
	naive := func(t types.Type) bool { return t.Kind == types.Timestamp || t.Kind == types.Date }
	if zoned(a) && naive(b) || naive(a) && zoned(b) {
		c.facts = append(c.facts, c.p.fact(ZoneMix, "", e))
	}
}
