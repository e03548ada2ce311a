package rowexpr

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// SQLOptions says how a tree becomes SQL.
type SQLOptions struct {
	Dialect string                 // "duckdb" or "postgres"
	Ref     func(ref *Expr) string // the SQL of a reference, of the reference's own type
	Now     string                 // the canonical text of now_at_load(); "" is the statement's own time
}

// maxSQL bounds the text of one expression, in bytes.
const maxSQL = 256 << 10

// SQL writes the expression in a destination's SQL, with the meaning that the
// evaluator gives it: null is null, and a row that fails there makes the
// statement fail. What the dialect cannot do in the same way is an error
// (diag.RowNotInSQL).
func SQL(e *Expr, opt SQLOptions) (string, error) {
	switch opt.Dialect {
	case "duckdb":
	case "postgres":
		return pgSQL(e, opt)
	default:
		return "", noDialect(opt.Dialect)
	}
	text, err := duckSQL(e, opt)
	if err == nil && canFail(e) {
		text = sealed(text)
	}
	return text, err
}

func noDialect(name string) error {
	return diag.New(diag.RowNotInSQL, "There is no SQL of dialect %q.", name)
}

func duckSQL(e *Expr, opt SQLOptions) (string, error) {
	w := &duckWriter{opt: opt}
	text := w.expr(e, 0)
	return text, w.err
}

// ViolatesSQL writes the condition under which a row breaks e: e is false, or
// cannot be computed. It is never null and never fails.
func ViolatesSQL(e *Expr, opt SQLOptions) (string, error) {
	switch opt.Dialect {
	case "duckdb":
	case "postgres":
		return pgViolates(e, opt)
	default:
		return "", noDialect(opt.Dialect)
	}
	text, err := duckSQL(e, opt)
	if err != nil {
		return "", err
	}
	if !canFail(e) {
		return "((" + text + ") IS FALSE)", nil
	}
	return "(coalesce(" + Guarded("CASE WHEN ("+text+") IS FALSE THEN 1 ELSE 0 END") + ", 1) = 1)", nil
}

// Guarded wraps DuckDB's SQL so that a row for which it fails gives null.
func Guarded(sql string) string { return "TRY(" + sealed(sql) + ")" }

// sealed keeps DuckDB's optimizer out of an expression, above all one that can
// fail: it computes a part that stands twice before the rest, and turns x + 1 > 0
// into x > -1, which does not overflow.
func sealed(sql string) string { return "list_transform([1], lambda guarded_: " + sql + ")[1]" }

// LiteralSQL writes a constant, whose text is canonical for t, with its type.
func LiteralSQL(t types.Type, text, dialect string) string {
	if dialect != "duckdb" {
		return pgLiteral(t, text)
	}
	switch t.Kind {
	case types.String:
		return quoteText(text)
	case types.Bool:
		if text == "true" {
			return "TRUE"
		}
		return "FALSE"
	case types.Bytes:
		return "from_base64(" + quoteText(text) + ")"
	default:
		return "CAST(" + quoteText(text) + " AS " + t.DuckDB() + ")"
	}
}

// quoteText writes a string literal. SQL's text cannot hold a NUL.
func quoteText(s string) string {
	parts := strings.Split(s, "\x00")
	for i, p := range parts {
		parts[i] = "'" + strings.ReplaceAll(p, "'", "''") + "'"
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " || chr(0) || ") + ")"
}

// canFail reports whether evaluating e can fail for some row.
func canFail(e *Expr) bool {
	fails := false
	e.Walk(func(n *Expr) {
		switch n.Op {
		case OpAdd, OpSub, OpMul, OpDiv, OpMod, OpNeg:
			fails = true
		case OpCall:
			fails = fails || n.Func == "cast" || n.Func == "abs" || n.Func == "round" || n.Func == "floor" || n.Func == "ceil" || n.Func == "parse_timestamp"
		}
	})
	return fails
}

// duckWriter writes DuckDB's SQL. The first fault is kept.
type duckWriter struct {
	opt  SQLOptions
	vars int
	err  error
}

func (w *duckWriter) fail(e *Expr, format string, args ...any) string {
	if w.err == nil {
		w.err = fault(diag.RowNotInSQL, e.Range, format, args...)
	}
	return "NULL"
}

// let binds the value of e, or of what is made of it, to a name, so that body can
// use it twice and it is computed once. Lambdas are evaluated where they stand:
// also behind a CASE. A column or constant needs no name; e is nil for a value
// that is neither.
func (w *duckWriter) let(e *Expr, value string, body func(v string) string) string {
	if e != nil && len(e.Args) == 0 {
		return body(value)
	}
	w.vars++
	v := fmt.Sprintf("v%d_", w.vars)
	return "list_transform([" + value + "], lambda " + v + ": " + body(v) + ")[1]"
}

// raise is a value of type t whose evaluation fails.
func raise(reason string, t types.Type) string {
	return "CAST(" + quoteText(reason) + " AS " + t.DuckDB() + ")"
}

func (w *duckWriter) expr(e *Expr, depth int) string {
	if w.err != nil {
		return "NULL"
	}
	if depth > 2*maxDepth {
		return w.fail(e, "It is nested too deep.")
	}
	args := make([]string, len(e.Args))
	size := 0
	for i, a := range e.Args {
		args[i] = w.expr(a, depth+1)
		size += len(args[i])
	}
	if size > maxSQL {
		return w.fail(e, "Its SQL takes more than %d KiB.", maxSQL>>10)
	}
	if besideNull(e) {
		return w.fail(e, "Beside a constant null DuckDB computes nothing, and so does not see another operand fail.")
	}
	switch e.Op {
	case OpLit:
		if e.Lit.Null {
			return "CAST(NULL AS " + e.Type.DuckDB() + ")"
		}
		return LiteralSQL(e.Type, e.Lit.Text, w.opt.Dialect)
	case OpRef:
		return w.opt.Ref(e)
	case OpNot:
		return "(NOT " + args[0] + ")"
	case OpIsNull:
		return "(" + args[0] + " IS NULL)"
	case OpNotNull:
		return "(" + args[0] + " IS NOT NULL)"
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe:
		for i, a := range e.Args {
			if truncates(a) {
				args[i] = sealed(args[i])
			}
		}
		return "(" + args[0] + " " + comparisonSQL(e.Op) + " " + args[1] + ")"
	case OpAnd, OpOr:
		return w.logic(e, args)
	case OpIf:
		return "(CASE WHEN " + args[0] + " THEN " + args[1] + " ELSE " + args[2] + " END)"
	case OpConcat:
		return "(" + strings.Join(args, " || ") + ")"
	case OpConvert:
		return w.cast(e, args[0], false)
	case OpCall:
		return w.call(e, args)
	default:
		return w.arith(e, args)
	}
}

// besideNull reports whether an operand that can fail stands beside one that is
// null for every row, in an operation that a null makes null.
func besideNull(e *Expr) bool {
	switch e.Op {
	case OpAnd, OpOr, OpIf:
		return false
	case OpCall:
		if e.Func == "coalesce" || e.Func == "least" || e.Func == "greatest" || e.Func == listFunc {
			return false
		}
	}
	null, fails := false, false
	for _, a := range e.Args {
		null = null || (a.Nullable && len(a.Refs()) == 0)
		fails = fails || canFail(a)
	}
	return null && fails && len(e.Args) > 1
}

// truncates reports whether e is what DuckDB's optimizer rewrites beside a constant:
// a date_trunc that can never equal it becomes false, also for nulls.
func truncates(e *Expr) bool {
	for e.Op == OpConvert || (e.Op == OpCall && (e.Func == "cast" || e.Func == "try_cast")) {
		e = e.Args[0]
	}
	return e.Op == OpCall && e.Func == "date_trunc"
}

func comparisonSQL(op Op) string {
	switch op {
	case OpEq:
		return "="
	case OpNe:
		return "<>"
	default:
		return string(op)
	}
}

// logic keeps the order of evaluation where a side can fail: the right one is
// looked at only when the left does not decide.
func (w *duckWriter) logic(e *Expr, args []string) string {
	word, decides := " AND ", "FALSE"
	if e.Op == OpOr {
		word, decides = " OR ", "TRUE"
	}
	if !canFail(e) {
		return "(" + args[0] + word + args[1] + ")"
	}
	return w.let(e.Args[0], args[0], func(v string) string {
		return "(CASE WHEN " + v + " IS " + decides + " THEN " + decides + " ELSE " + v + word + args[1] + " END)"
	})
}

// arith writes + - * / % and unary minus. DuckDB's own rules fit integers; sums
// and products of decimals are done at 38 digits and then brought to their type,
// floats must stay finite.
func (w *duckWriter) arith(e *Expr, args []string) string {
	a, b := args[0], args[len(args)-1]
	if e.Op == OpDiv || e.Op == OpMod {
		return w.divide(e, a, b)
	}
	op := string(e.Op)
	switch {
	case e.Op == OpNeg:
		return "(-" + a + ")"
	case e.Type.Kind == types.Decimal:
		wide := func(x string, t types.Type) string {
			return "CAST(" + x + " AS " + types.DecimalOf(maxDigits, t.Scale).DuckDB() + ")"
		}
		sum := wide(a, e.Args[0].Type) + " " + op + " " + wide(b, e.Args[1].Type)
		return "CAST(" + sum + " AS " + e.Type.DuckDB() + ")"
	case e.Type.Kind == types.Float64:
		return w.finite("(" + a + " " + op + " " + b + ")")
	default:
		return "(" + a + " " + op + " " + b + ")"
	}
}

// finite makes a float that is infinite or no number fail.
func (w *duckWriter) finite(x string) string {
	return w.let(nil, x, func(v string) string {
		return "(CASE WHEN isfinite(" + v + ") IS FALSE THEN " + raise("out of range", floatType) + " ELSE " + v + " END)"
	})
}

func (w *duckWriter) divide(e *Expr, a, b string) string {
	op := " " + string(e.Op) + " "
	quotient := func(b string) string {
		if e.Type.Kind == types.Float64 {
			return w.finite("(" + a + op + b + ")")
		}
		return "(" + a + op + b + ")"
	}
	if e.Args[1].constant() && e.Args[1].Lit.Text != "-1" {
		return quotient(b)
	}
	return w.let(e.Args[0], a, func(u string) string {
		a = u
		return w.let(e.Args[1], b, func(v string) string {
			lowest := ""
			if e.Type.IsInteger() { // the lowest integer over -1 does not fit, though its remainder does
				lowest = " WHEN " + v + " = -1 THEN " + u + " - " + u
			}
			return "(CASE WHEN " + u + " IS NULL THEN NULL WHEN " + v + " = 0 THEN " + raise("division by zero", e.Type) + lowest + " ELSE " + quotient(v) + " END)"
		})
	})
}
