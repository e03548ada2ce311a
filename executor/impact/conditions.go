package impact

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/planner/plan"
)

// dialect is the only SQL that counters speak.
const dialect = "duckdb"

// nowLayout is the canonical text of now_at_load(), to the microsecond.
const nowLayout = "2006-01-02T15:04:05.999999Z"

// writer writes the rules of the row as SQL that holds for rows at fault.
type writer struct {
	t     *table
	asked []plan.AskedRule
	known map[string]value // by column
}

// value is a stored value as the contract's column reads it.
type value struct {
	sql   string // of the column's type, null where the stored one is not taken
	fault string // holds where the stored one is not taken; "" where it always is
	ok    bool   // SQL can say it in the same way as the enforcer
}

func newWriter(t *table, asked []plan.AskedRule) *writer {
	return &writer{t: t, asked: asked, known: map[string]value{}}
}

func quoteIdent(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// conditions writes every rule, in order; ok is false where one of them has no SQL
// that says the same as the enforcer.
func (w *writer) conditions() (out []connector.Condition, ok bool) {
	for _, r := range w.asked {
		sql, ok := w.condition(r)
		if !ok {
			return nil, false
		}
		out = append(out, connector.Condition{Name: r.Rule, SQL: sql, Warning: r.Warning})
	}
	return out, true
}

func (w *writer) condition(r plan.AskedRule) (string, bool) {
	switch r.Kind {
	case plan.RequiredRule:
		return w.nulls(r), true
	case plan.TypeRule:
		v := w.value(r.Column)
		if v.fault == "" {
			return "false", v.ok
		}
		return v.fault, v.ok
	case plan.LimitRule:
		return w.limit(r)
	default:
		return w.check(r)
	}
}

// nulls are rows without a value that has to be there. A column that the table does
// not have holds none.
func (w *writer) nulls(r plan.AskedRule) string {
	names := []string{r.Column}
	if r.Column == "" {
		names = w.t.q.Promises.Key
	}
	var out []string
	for _, name := range names {
		switch {
		case w.t.stored(name):
			out = append(out, "t."+quoteIdent(name)+" is null")
		case !w.defaulted(name):
			return "true"
		}
	}
	if len(out) == 0 {
		return "false"
	}
	return strings.Join(out, " or ")
}

// defaulted reports whether an absent value is replaced.
func (w *writer) defaulted(name string) bool {
	c, ok := w.t.typed(name)
	return ok && c.Default != nil
}

// value is what the contract's column reads from the stored one.
func (w *writer) value(name string) value {
	if v, ok := w.known[name]; ok {
		return v
	}
	v := w.convert(name)
	w.known[name] = v
	return v
}

func (w *writer) convert(name string) value {
	c, ok := w.t.typed(name)
	if !ok || !w.t.stored(name) {
		return value{}
	}
	from, to, sql := w.t.has[name].Type, c.Type, "t."+quoteIdent(name)
	try := func(x string, t types.Type) string { return "try_cast(" + x + " as " + t.DuckDB() + ")" }
	switch {
	case from.Equal(to):
		return value{sql: sql, ok: plainly(to)}
	case types.Widens(from, to) && !to.IsNested() && to.Kind != types.Float64 && !to.IsTemporal():
		return value{sql: "cast(" + sql + " as " + to.DuckDB() + ")", ok: true}
	case from.Kind == types.Int64 && to.Kind == types.Int32:
		return taken(sql, to, "("+sql+" < -2147483648 or "+sql+" > 2147483647)")
	case from.Kind == types.Decimal && to.Kind == types.Decimal && w.t.q.Promises.Coerce != contract.CoerceLenient:
		// Nothing may be rounded off: what comes back must be what was there.
		return taken(sql, to, "("+try(try(sql, to), from)+" is distinct from "+sql+")")
	default:
		return value{}
	}
}

// taken is a stored value where it is no fault, else null. The case keeps DuckDB's
// optimizer from moving a comparison below the cast, where it would be about
// values that the type does not hold.
func taken(sql string, to types.Type, fault string) value {
	return value{sql: "(case when not " + fault + " then try_cast(" + sql + " as " + to.DuckDB() + ") end)", fault: fault, ok: true}
}

// plainly reports whether SQL and the enforcer see the values of a type alike.
func plainly(t types.Type) bool {
	switch t.Kind {
	case types.Bool, types.Int32, types.Int64, types.Float64, types.Decimal, types.String, types.Bytes,
		types.Date, types.Time, types.Timestamp, types.TimestampTZ, types.UUID, types.List, types.Map, types.Struct:
		return true
	default:
		return false
	}
}

func (w *writer) limit(r plan.AskedRule) (string, bool) {
	c, ok := w.t.typed(r.Column)
	v := w.value(r.Column)
	if !ok || !v.ok {
		return "", false
	}
	lit := func(text string) string { return rowexpr.LiteralSQL(c.Type, text, dialect) }
	rule := strings.TrimPrefix(r.Rule, c.Name+".")
	switch rule {
	case contract.RuleMin:
		return v.sql + " < " + lit(*c.Min), true
	case contract.RuleMax:
		return v.sql + " > " + lit(*c.Max), true
	case contract.RuleMinLength:
		return w.length(c, v.sql, "<", *c.MinLength)
	case contract.RuleMaxLength:
		return w.length(c, v.sql, ">", *c.MaxLength)
	case contract.RuleEnum:
		values := make([]string, len(c.Enum))
		for i, text := range c.Enum {
			values[i] = lit(text)
		}
		return v.sql + " not in (" + strings.Join(values, ", ") + ")", !c.Type.IsNested()
	case contract.RulePattern:
		return w.pattern(c, v.sql)
	default: // a format is more than a pattern
		return "", false
	}
}

func (w *writer) length(c *contract.Column, sql, op string, n int) (string, bool) {
	name := map[types.Kind]string{types.String: "length", types.Bytes: "octet_length", types.List: "len", types.Map: "cardinality"}[c.Type.Kind]
	return fmt.Sprintf("%s(%s) %s %d", name, sql, op, n), name != ""
}

// pattern goes through the row function, whose SQL says what Go's pattern says.
func (w *writer) pattern(c *contract.Column, sql string) (string, bool) {
	if c.Type.Kind != types.String {
		return "", false
	}
	match := &rowexpr.Expr{Op: rowexpr.OpCall, Func: "regex_match", Type: types.Of(types.Bool), Nullable: true, Args: []*rowexpr.Expr{
		{Op: rowexpr.OpRef, Type: c.Type, Nullable: true}, {Op: rowexpr.OpLit, Type: c.Type, Lit: &rowexpr.Literal{Text: c.Pattern}}}}
	out, err := rowexpr.ViolatesSQL(match, rowexpr.SQLOptions{Dialect: dialect, Ref: func(*rowexpr.Expr) string { return sql }})
	return out, err == nil
}

// check writes the condition under which a check is broken.
func (w *writer) check(r plan.AskedRule) (string, bool) {
	k := w.t.lookup(r)
	if k == nil || k.Condition == nil {
		return "", false
	}
	ok := true
	sql, err := rowexpr.ViolatesSQL(k.Condition, rowexpr.SQLOptions{Dialect: dialect, Now: w.t.now.UTC().Format(nowLayout), Ref: func(ref *rowexpr.Expr) string {
		head := true
		return rowexpr.PathSQL(ref, r.Column, func(name string) string {
			if !head { // a field inside
				return quoteIdent(name)
			}
			head = false
			v := w.value(name)
			ok = ok && v.ok
			return v.sql
		})
	}})
	return sql, ok && err == nil
}

// lookup finds the check of a rule.
func (t *table) lookup(r plan.AskedRule) *contract.Check {
	list, name := t.q.Promises.Checks, r.Rule
	if r.Column != "" {
		c, ok := t.typed(r.Column)
		if !ok {
			return nil
		}
		list, name = c.Checks, strings.TrimPrefix(r.Rule, r.Column+".")
	}
	if i := slices.IndexFunc(list, func(k contract.Check) bool { return k.Name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}
