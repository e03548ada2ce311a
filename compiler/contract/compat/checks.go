package compat

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// conjunct is one part of a check that must hold by itself.
type conjunct struct {
	check  *contract.Check
	expr   *rowexpr.Expr
	value  string   // the column that `value` means, "" over the row
	column string   // the only column that it reads, "" for several or none
	reads  []string // columns, in order of first use
	key    string   // says what it means, whatever types it was compiled for
	types  string   // of its references
}

// conjunctsOf takes a check apart at its &&: a condition holds unless it is false,
// so each part must hold by itself.
func conjunctsOf(k *contract.Check, column string) []conjunct {
	var out []conjunct
	var split func(e *rowexpr.Expr)
	split = func(e *rowexpr.Expr) {
		if e == nil {
			return
		}
		if e.Op == rowexpr.OpAnd {
			split(e.Args[0])
			split(e.Args[1])
			return
		}
		f := conjunct{check: k, expr: e, value: column}
		seen := map[string]bool{}
		e.Walk(func(n *rowexpr.Expr) {
			if n.Op != rowexpr.OpRef {
				return
			}
			f.types += n.Type.String() + ";"
			if name := readColumn(n, column); !seen[name] {
				seen[name] = true
				f.reads = append(f.reads, name)
			}
		})
		if len(f.reads) == 1 {
			f.column = f.reads[0]
		}
		var b strings.Builder
		writeKey(&b, e, column)
		f.key = b.String()
		out = append(out, f)
	}
	split(k.Condition)
	return out
}

// readColumn is the column that a reference reads.
func readColumn(ref *rowexpr.Expr, value string) string {
	if value != "" || len(ref.Path) == 0 {
		return value
	}
	return ref.Path[0].Name
}

// writeKey writes an expression so that two with one meaning read the same:
// `value` by its column's name, implicit conversions left out, numbers by value.
func writeKey(b *strings.Builder, e *rowexpr.Expr, value string) {
	switch e.Op {
	case rowexpr.OpConvert:
		if e.Type.Kind != types.String {
			writeKey(b, e.Args[0], value)
			return
		}
	case rowexpr.OpLit:
		switch n, _, ok := exact(e.Lit.Text); {
		case e.Lit.Null:
			b.WriteString("null")
		case e.Type.IsNumeric() && ok && n != nil:
			b.WriteString(n.RatString())
		case e.Type.Kind == types.Date || e.Type.Kind == types.Timestamp:
			v, _ := constant(e.Type, e.Lit.Text)
			at, _ := scalar(v)
			b.WriteString("moment " + at.RatString())
		default:
			b.WriteString(e.Type.Kind.String() + " " + strconv.Quote(e.Lit.Text))
		}
		return
	case rowexpr.OpRef:
		path := e.Path
		if len(path) == 0 { // into a value the path begins with the column anyway
			path = []rowexpr.Step{{Name: value}}
		}
		b.WriteString("row." + rowexpr.PathString(path))
		return
	}
	b.WriteString(string(e.Op) + e.Func)
	if e.Op == rowexpr.OpCall || e.Op == rowexpr.OpConvert {
		b.WriteString(" " + e.Type.String())
	}
	b.WriteByte('(')
	for i, a := range e.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		writeKey(b, a, value)
	}
	b.WriteByte(')')
}

// conjuncts lists what the checks that refuse records ask of the rows.
func (s *side) conjuncts() []conjunct {
	if s.facts != nil {
		return s.parts
	}
	s.facts = map[string]conjunct{}
	add := func(list []contract.Check, column string) {
		for i := range list {
			if list[i].Severity == contract.SeverityWarning {
				continue
			}
			for _, f := range conjunctsOf(&list[i], column) {
				s.parts = append(s.parts, f)
				s.facts[f.key] = f
			}
		}
	}
	for i := range s.Columns {
		add(s.Columns[i].Checks, s.Columns[i].Name)
	}
	add(s.Checks, "")
	return s.parts
}

// boundOf reads a conjunct as a bound of a column by a constant.
func boundOf(f conjunct) (comparison, bool) {
	b, _, ok := boundAnywhere(f, false)
	return b, ok
}

// boundAnywhere also reads bounds of what stands inside of a column, where inside
// says so. The key tells what is bounded.
func boundAnywhere(f conjunct, inside bool) (b comparison, key string, ok bool) {
	if f.column == "" || len(f.expr.Args) != 2 {
		return comparison{}, "", false
	}
	flip := map[rowexpr.Op]rowexpr.Op{rowexpr.OpLt: rowexpr.OpGt, rowexpr.OpLe: rowexpr.OpGe, rowexpr.OpGt: rowexpr.OpLt, rowexpr.OpGe: rowexpr.OpLe}
	op := f.expr.Op
	if flip[op] == "" {
		return comparison{}, "", false
	}
	a, c := bare(f.expr.Args[0]), bare(f.expr.Args[1])
	if a.Op == rowexpr.OpLit {
		a, c, op = c, a, flip[op]
	}
	if a.Op != rowexpr.OpRef || len(a.Path) > 1 && !inside || c.Op != rowexpr.OpLit || c.Lit.Null {
		return comparison{}, "", false
	}
	v, ok := constant(c.Type, c.Lit.Text)
	at, isScalar := scalar(v)
	var text strings.Builder
	writeKey(&text, a, f.value)
	return comparison{op, at}, text.String(), ok && isScalar
}

// bare takes implicit conversions away.
func bare(e *rowexpr.Expr) *rowexpr.Expr {
	for e.Op == rowexpr.OpConvert && e.Type.Kind != types.String {
		e = e.Args[0]
	}
	return e
}

// comparesOnly reports whether an expression does nothing whose result depends on
// the types that it was compiled for.
func comparesOnly(e *rowexpr.Expr) bool {
	fine := true
	e.Walk(func(n *rowexpr.Expr) {
		switch n.Op {
		case rowexpr.OpLit, rowexpr.OpRef, rowexpr.OpNot, rowexpr.OpEq, rowexpr.OpNe, rowexpr.OpLt, rowexpr.OpLe, rowexpr.OpGt, rowexpr.OpGe,
			rowexpr.OpAnd, rowexpr.OpOr, rowexpr.OpIf, rowexpr.OpIsNull, rowexpr.OpNotNull:
		case rowexpr.OpConvert:
			fine = fine && n.Type.Kind != types.String
		default:
			fine = false
		}
	})
	return fine
}

// implies reports whether what src accepts keeps a conjunct of dst in any case.
func (w *work) implies(src *side, f conjunct) bool {
	src.conjuncts()
	if same, ok := src.facts[f.key]; ok && w.readSame(f.reads) &&
		(same.types == f.types || comparesOnly(f.expr) && src.Coerce != contract.CoerceLenient) {
		return true
	}
	for _, stronger := range strongerOps(f.expr.Op) {
		e := *f.expr
		e.Op = stronger
		var b strings.Builder
		writeKey(&b, &e, f.value)
		if same, ok := src.facts[b.String()]; ok && same.types == f.types && w.readSame(f.reads) {
			return true
		}
	}
	if f.column == "" {
		return false
	}
	if b, key, ok := boundAnywhere(f, true); ok && w.sameReading(f.column) {
		var iv interval
		for _, other := range src.conjuncts() {
			if o, same, ok := boundAnywhere(other, true); ok && same == key {
				o.onto(&iv)
			}
		}
		if b.impliedBy(iv) {
			return true
		}
	}
	col, ok := src.Column(f.column)
	if !ok {
		return false
	}
	if f.expr.Op == rowexpr.OpNotNull && bare(f.expr.Args[0]).Op == rowexpr.OpRef && isWhole(f) {
		return src.required(col)
	}
	if b, ok := boundOf(f); ok && w.sameReading(col.Name) && b.impliedBy(src.interval(col)) {
		return true
	}
	if list, few := src.finite(col); few && w.sameReading(col.Name) {
		if !src.required(col) {
			list = append(list, value{})
		}
		for _, v := range list {
			if w.test(f, v) != yes {
				return false
			}
		}
		return true
	}
	return false
}

// strongerOps are the comparisons that imply another one.
func strongerOps(op rowexpr.Op) []rowexpr.Op {
	switch op {
	case rowexpr.OpLe:
		return []rowexpr.Op{rowexpr.OpLt, rowexpr.OpEq}
	case rowexpr.OpGe:
		return []rowexpr.Op{rowexpr.OpGt, rowexpr.OpEq}
	case rowexpr.OpNe:
		return []rowexpr.Op{rowexpr.OpLt, rowexpr.OpGt}
	default:
		return nil
	}
}

// isWhole reports whether a conjunct reads its column as a whole, no member of it.
func isWhole(f conjunct) bool {
	whole := true
	f.expr.Walk(func(n *rowexpr.Expr) {
		if n.Op == rowexpr.OpRef {
			whole = whole && len(n.Path) <= 1
		}
	})
	return whole
}

// test holds a value of its only column to a conjunct.
func (w *work) test(f conjunct, v value) tri {
	return holds(f.expr, func(path []rowexpr.Step) (value, bool) { return follow(v, path[min(1, len(path)):]) })
}

// rowTest holds values by column to a conjunct.
func rowTest(f conjunct, row map[string]value) tri {
	return holds(f.expr, func(path []rowexpr.Step) (value, bool) {
		name := f.value
		if len(path) > 0 {
			name, path = path[0].Name, path[1:]
		}
		v, ok := row[name]
		if !ok {
			return value{}, false
		}
		return follow(v, path)
	})
}

// constantsOf lists the constants beside which a version's checks of a column may
// turn, as numbers or moments on one line and as texts.
func (s *side) constantsOf(column string) (line []*big.Rat, texts []string) {
	for _, f := range s.conjuncts() {
		reads := false
		for _, name := range f.reads {
			reads = reads || name == column
		}
		if !reads {
			continue
		}
		f.expr.Walk(func(n *rowexpr.Expr) {
			if n.Op != rowexpr.OpLit || n.Lit.Null {
				return
			}
			if n.Type.Kind == types.String {
				texts = append(texts, n.Lit.Text)
			}
			if v, ok := constant(n.Type, n.Lit.Text); ok {
				if at, ok := scalar(v); ok {
					line = append(line, at)
				}
			}
		})
	}
	return line, texts
}
