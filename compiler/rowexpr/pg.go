package rowexpr

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// pgWriter writes Postgres' SQL. Postgres has no way to go on after an error
// within a statement, so nothing that is written can raise one: every node gives
// a value, null where it failed, and beside it the condition under which it
// failed. A value that is needed twice is bound to a name in the FROM list of one
// subquery; its OFFSET 0 keeps the planner from writing it out again. The first
// fault is kept.
type pgWriter struct {
	opt    SQLOptions
	prefix string // of the names; none of the columns that are read begins with it
	lets   []string
	size   int
	err    error
}

// pgValue is the SQL of a node.
type pgValue struct {
	sql   string // never raises
	fault string // under which it failed; never null, never raises; "" where it cannot fail
	plain bool   // a column, a constant or a name: cheap to repeat
}

func newPgWriter(e *Expr, opt SQLOptions) *pgWriter {
	w := &pgWriter{opt: opt, prefix: "v"}
	e.Walk(func(n *Expr) {
		for _, s := range n.Path {
			for strings.HasPrefix(s.Name, w.prefix+"_") {
				w.prefix += "v"
			}
		}
	})
	return w
}

// pgSQL writes e so that a row for which it fails makes the statement fail.
func pgSQL(e *Expr, opt SQLOptions) (string, error) {
	w := newPgWriter(e, opt)
	v := w.expr(e, 0)
	text := v.sql
	if v.fault != "" {
		fault := w.let(v.fault)
		text = "(CASE WHEN 1 / (CASE WHEN " + fault + " THEN 0 ELSE 1 END) = 1 THEN " + v.sql + " END)"
	}
	return w.finish(text)
}

// pgViolates writes the condition under which a row breaks e.
func pgViolates(e *Expr, opt SQLOptions) (string, error) {
	w := newPgWriter(e, opt)
	v := w.expr(e, 0)
	text := "((" + v.sql + ") IS FALSE)"
	if v.fault != "" {
		text = "((" + v.sql + ") IS FALSE OR " + v.fault + ")"
	}
	return w.finish(text)
}

func (w *pgWriter) finish(text string) (string, error) {
	switch {
	case w.err != nil:
		return "", w.err
	case len(w.lets) == 0:
		return text, nil
	default:
		return "(SELECT " + text + " FROM " + strings.Join(w.lets, " CROSS JOIN LATERAL ") + ")", nil
	}
}

func (w *pgWriter) fail(e *Expr, format string, args ...any) pgValue {
	if w.err == nil {
		w.err = fault(diag.RowNotInSQL, e.Range, format, args...)
	}
	return pgValue{sql: "NULL", plain: true}
}

// let binds a value to a name.
func (w *pgWriter) let(sql string) string {
	n := len(w.lets) + 1
	name := fmt.Sprintf("%s_%d", w.prefix, n)
	w.lets = append(w.lets, "(SELECT "+sql+" AS "+name+" OFFSET 0) AS "+w.prefix+fmt.Sprintf("s_%d", n))
	w.size += len(sql)
	return name
}

// twice makes v cheap to repeat.
func (w *pgWriter) twice(v pgValue) pgValue {
	if !v.plain {
		v.sql, v.plain = w.let(v.sql), true
	}
	return v
}

// either joins conditions of failure.
func either(faults ...string) string {
	var some []string
	for _, f := range faults {
		if f != "" {
			some = append(some, f)
		}
	}
	if len(some) < 2 {
		return strings.Join(some, "")
	}
	return "(" + strings.Join(some, " OR ") + ")"
}

func faultsOf(args []pgValue) string {
	faults := make([]string, len(args))
	for i, a := range args {
		faults[i] = a.fault
	}
	return either(faults...)
}

// strict is a value made of args that cannot fail by itself.
func strict(sql string, args ...pgValue) pgValue {
	return pgValue{sql: sql, fault: faultsOf(args)}
}

// partial is a value made of args that is null where it failed: where no arg is
// null and it is. The args must be plain.
func (w *pgWriter) partial(sql string, args ...pgValue) pgValue {
	v := w.let(sql)
	own := v + " IS NULL"
	for _, a := range args {
		own += " AND " + a.sql + " IS NOT NULL"
	}
	return pgValue{sql: v, plain: true, fault: either(faultsOf(args), "("+own+")")}
}

// pgCollate gives a text the order and the equality of its code points.
const pgCollate = ` COLLATE "C"`

func (w *pgWriter) expr(e *Expr, depth int) pgValue {
	if w.err != nil {
		return pgValue{sql: "NULL", plain: true}
	}
	if depth > 2*maxDepth {
		return w.fail(e, "It is nested too deep.")
	}
	args := make([]pgValue, len(e.Args))
	size := w.size
	for i, a := range e.Args {
		args[i] = w.expr(a, depth+1)
		size += len(args[i].sql) + len(args[i].fault)
	}
	if size > maxSQL {
		return w.fail(e, "Its SQL takes more than %d KiB.", maxSQL>>10)
	}
	switch e.Op {
	case OpLit:
		return w.literal(e)
	case OpRef:
		ref := w.opt.Ref(e)
		if e.Type.Kind == types.String {
			ref = "(" + ref + pgCollate + ")"
		}
		return pgValue{sql: ref, plain: true}
	case OpNot:
		return strict("(NOT "+args[0].sql+")", args...)
	case OpIsNull:
		return strict("("+args[0].sql+" IS NULL)", args...)
	case OpNotNull:
		return strict("("+args[0].sql+" IS NOT NULL)", args...)
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe:
		return strict("("+w.ordered(e.Args[0], args[0])+" "+comparisonSQL(e.Op)+" "+args[1].sql+")", args...)
	case OpAnd, OpOr:
		return w.logic(e, args)
	case OpIf:
		return w.choice(args)
	case OpConcat:
		return strict("("+sqls(args, " || ")+")", args...)
	case OpConvert:
		return w.cast(e, args[0], false)
	case OpCall:
		return w.call(e, args)
	default:
		return w.arith(e, args)
	}
}

// ordered is a value that is compared: a text by its code points.
func (w *pgWriter) ordered(e *Expr, v pgValue) string {
	if e.Type.Kind == types.String {
		return v.sql + pgCollate
	}
	return v.sql
}

func sqls(args []pgValue, between string) string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a.sql
	}
	return strings.Join(out, between)
}

func (w *pgWriter) literal(e *Expr) pgValue {
	switch {
	case e.Lit.Null:
		return pgValue{sql: "CAST(NULL AS " + e.Type.Postgres() + ")", plain: true}
	case strings.Contains(e.Lit.Text, "\x00"):
		return w.fail(e, "Postgres' texts cannot hold a NUL.")
	default:
		return pgValue{sql: LiteralSQL(e.Type, e.Lit.Text, w.opt.Dialect), plain: true}
	}
}

// logic looks at the failures of the right side only where the left does not
// decide.
func (w *pgWriter) logic(e *Expr, args []pgValue) pgValue {
	word, decides := " AND ", "FALSE"
	if e.Op == OpOr {
		word, decides = " OR ", "TRUE"
	}
	if args[1].fault == "" {
		return strict("("+args[0].sql+word+args[1].sql+")", args[0])
	}
	a := w.twice(args[0])
	return pgValue{
		sql:   "(" + a.sql + word + args[1].sql + ")",
		fault: either(a.fault, "("+a.sql+" IS NOT "+decides+" AND "+args[1].fault+")"),
	}
}

func (w *pgWriter) choice(args []pgValue) pgValue {
	cond := args[0]
	if args[1].fault == "" && args[2].fault == "" {
		return strict("(CASE WHEN "+cond.sql+" THEN "+args[1].sql+" ELSE "+args[2].sql+" END)", cond)
	}
	cond = w.twice(cond)
	or := func(fault string) string {
		if fault == "" {
			return "FALSE"
		}
		return fault
	}
	return pgValue{
		sql:   "(CASE WHEN " + cond.sql + " THEN " + args[1].sql + " ELSE " + args[2].sql + " END)",
		fault: either(cond.fault, "(CASE WHEN "+cond.sql+" THEN "+or(args[1].fault)+" ELSE "+or(args[2].fault)+" END)"),
	}
}

// coalesce fails where an argument that it looked at failed: one behind nulls only.
func (w *pgWriter) coalesce(args []pgValue) pgValue {
	fault := ""
	for i := len(args) - 1; i >= 0; i-- {
		if fault != "" {
			args[i] = w.twice(args[i])
			fault = "(" + args[i].sql + " IS NULL AND " + fault + ")"
		}
		fault = either(args[i].fault, fault)
	}
	return pgValue{sql: "coalesce(" + sqls(args, ", ") + ")", fault: fault}
}

// pgLiteral writes a constant, whose text is canonical for t.
func pgLiteral(t types.Type, text string) string {
	switch t.Kind {
	case types.Bool:
		return strings.ToUpper(text)
	case types.Bytes:
		return "decode(" + quoteText(text) + ", 'base64')"
	default:
		return "CAST(" + quoteText(text) + " AS " + t.Postgres() + ")"
	}
}
