package compat

import (
	"math"
	"math/big"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// result is what an expression gives for one row. known is false where this
// package cannot tell; failed where the expression has no value (division by
// zero, overflow), which breaks the check it stands in.
type result struct {
	v      value
	failed bool
	known  bool
}

func known(v value) result { return result{v: v, known: true} }

func truth(b bool) result { return known(value{kind: types.Bool, b: b}) }

var (
	dunno = result{}
	fails = result{failed: true, known: true}
)

// scope finds the value of a reference; false where it is not known.
type scope func(path []rowexpr.Step) (value, bool)

// holds reports whether a check's condition holds: it is true or null.
func holds(e *rowexpr.Expr, s scope) tri {
	r := eval(e, s)
	switch {
	case !r.known:
		return unsure
	case r.failed:
		return no
	default:
		return triOf(r.v.null() || r.v.b)
	}
}

// eval computes an expression for one row, as far as it can be told here.
func eval(e *rowexpr.Expr, s scope) result {
	if e == nil {
		return dunno
	}
	switch e.Op {
	case rowexpr.OpLit:
		if e.Lit.Null {
			return known(value{})
		}
		v, ok := constant(e.Type, e.Lit.Text)
		return result{v: v, known: ok}
	case rowexpr.OpRef:
		v, ok := s(e.Path)
		if ok && !v.null() {
			v, ok = v.as(e.Type)
		}
		return result{v: v, known: ok}
	case rowexpr.OpAnd, rowexpr.OpOr:
		return logic(e.Op == rowexpr.OpOr, eval(e.Args[0], s), eval(e.Args[1], s))
	case rowexpr.OpIf:
		c := eval(e.Args[0], s)
		switch {
		case !c.known || c.failed:
			return c
		case !c.v.null() && c.v.b:
			return eval(e.Args[1], s)
		default:
			return eval(e.Args[2], s)
		}
	case rowexpr.OpCall:
		if e.Func == "coalesce" {
			return coalesce(e, s)
		}
	}
	args := make([]result, len(e.Args))
	for i, a := range e.Args {
		args[i] = eval(a, s)
		if !args[i].known || args[i].failed {
			return args[i]
		}
	}
	return apply(e, args)
}

// apply computes an operation on arguments that have values.
func apply(e *rowexpr.Expr, args []result) result {
	switch e.Op {
	case rowexpr.OpIsNull:
		return truth(args[0].v.null())
	case rowexpr.OpNotNull:
		return truth(!args[0].v.null())
	case rowexpr.OpCall:
		return function(e, args)
	}
	for _, a := range args {
		if a.v.null() {
			return known(value{})
		}
	}
	switch e.Op {
	case rowexpr.OpNot:
		return truth(!args[0].v.b)
	case rowexpr.OpNeg:
		return number(e.Type, new(big.Rat).Neg(args[0].v.num))
	case rowexpr.OpConvert:
		v, ok := args[0].v.as(e.Type)
		return result{v: v, known: ok && (e.Type.Kind != types.Float64 || args[0].v.kind != types.Decimal)}
	case rowexpr.OpEq, rowexpr.OpNe, rowexpr.OpLt, rowexpr.OpLe, rowexpr.OpGt, rowexpr.OpGe:
		c, ok := order(args[0].v, args[1].v)
		if !ok {
			return dunno
		}
		return truth(compares(e.Op, c))
	case rowexpr.OpAdd, rowexpr.OpSub, rowexpr.OpMul, rowexpr.OpDiv, rowexpr.OpMod:
		return arith(e, args[0].v, args[1].v)
	case rowexpr.OpConcat:
		return concat(args)
	default:
		return dunno
	}
}

func compares(op rowexpr.Op, c int) bool {
	switch op {
	case rowexpr.OpEq:
		return c == 0
	case rowexpr.OpNe:
		return c != 0
	case rowexpr.OpLt:
		return c < 0
	case rowexpr.OpLe:
		return c <= 0
	case rowexpr.OpGt:
		return c > 0
	default:
		return c >= 0
	}
}

// logic is && (or false) and || (or true), three-valued. A failure beside a value
// that decides is left open: it depends on the order of evaluation.
func logic(or bool, a, b result) result {
	decides := func(r result) bool { return r.known && !r.failed && !r.v.null() && r.v.b == or }
	switch {
	case decides(a) && (decides(b) || b.known && !b.failed), decides(b) && a.known && !a.failed:
		return truth(or)
	case !a.known || !b.known:
		return dunno
	case a.failed && b.failed:
		return fails
	case a.failed || b.failed:
		return dunno
	case a.v.null() || b.v.null():
		return known(value{})
	default:
		return truth(!or)
	}
}

// number puts a number into the type of a result: it fails where an integer or
// decimal overflows, and is not known where it would be rounded.
func number(t types.Type, n *big.Rat) result {
	if t.Kind == types.Float64 {
		f, _ := n.Float64()
		if math.IsInf(f, 0) {
			return dunno
		}
		return known(value{kind: types.Float64, num: new(big.Rat).SetFloat64(f)})
	}
	lo, hi := extremes(t)
	if lo == nil {
		return dunno
	}
	if n.Cmp(lo) < 0 || n.Cmp(hi) > 0 {
		return fails
	}
	if v, ok := (reading{}).fit(t, n); ok {
		return known(v)
	}
	return dunno
}

func arith(e *rowexpr.Expr, a, b value) result {
	if a.num == nil || b.num == nil {
		return dunno
	}
	n := new(big.Rat)
	switch e.Op {
	case rowexpr.OpAdd:
		n.Add(a.num, b.num)
	case rowexpr.OpSub:
		n.Sub(a.num, b.num)
	case rowexpr.OpMul:
		n.Mul(a.num, b.num)
	default:
		if b.num.Sign() == 0 {
			return fails
		}
		q := new(big.Rat).Quo(a.num, b.num)
		if e.Op == rowexpr.OpDiv {
			return number(e.Type, q)
		}
		if e.Type.Kind == types.Float64 {
			return dunno
		}
		whole := new(big.Rat).SetInt(new(big.Int).Quo(q.Num(), q.Denom()))
		n.Sub(a.num, whole.Mul(whole, b.num))
	}
	return number(e.Type, n)
}

func concat(args []result) result {
	var b strings.Builder
	for _, a := range args {
		if a.v.kind != types.String {
			return dunno
		}
		b.WriteString(a.v.s)
	}
	return known(value{kind: types.String, s: b.String()})
}

func coalesce(e *rowexpr.Expr, s scope) result {
	for _, a := range e.Args {
		r := eval(a, s)
		if !r.known || r.failed {
			return r
		}
		if !r.v.null() {
			v, ok := r.v.as(e.Type)
			return result{v: v, known: ok}
		}
	}
	return known(value{})
}

// function computes the row functions whose meaning is plain; the others are not
// known here.
func function(e *rowexpr.Expr, args []result) result {
	if e.Func == "list" {
		out := value{kind: types.List}
		for _, a := range args {
			out.items = append(out.items, a.v)
		}
		return known(out)
	}
	if e.Func == "least" || e.Func == "greatest" {
		return extreme(e.Func == "greatest", args)
	}
	for _, a := range args {
		if a.v.null() {
			return known(value{})
		}
	}
	text := func(s string) result { return known(value{kind: types.String, s: s}) }
	switch e.Func {
	case "contains":
		return contains(args[0].v, args[1].v)
	case "abs":
		return number(e.Type, new(big.Rat).Abs(args[0].v.num))
	case "length":
		return known(value{kind: types.Int64, num: big.NewRat(int64(lengthOf(args[0].v)), 1)})
	case "trim":
		return text(strings.Trim(args[0].v.s, " \t\n\v\f\r"))
	case "lower", "upper":
		if s := args[0].v.s; len(s) == utf8.RuneCountInString(s) {
			if e.Func == "lower" {
				return text(strings.ToLower(s))
			}
			return text(strings.ToUpper(s))
		}
	case "replace":
		if args[1].v.s != "" {
			return text(strings.ReplaceAll(args[0].v.s, args[1].v.s, args[2].v.s))
		}
		return args[0]
	case "regex_match":
		if re, err := regexp.Compile(args[1].v.s); err == nil {
			return truth(re.MatchString(args[0].v.s))
		}
	}
	return dunno
}

func extreme(greatest bool, args []result) result {
	var best value
	for _, a := range args {
		if a.v.null() {
			continue
		}
		if best.null() {
			best = a.v
			continue
		}
		c, ok := order(a.v, best)
		if !ok {
			return dunno
		}
		if greatest && c > 0 || !greatest && c < 0 {
			best = a.v
		}
	}
	return known(best)
}

func contains(list, x value) result {
	if list.kind != types.List {
		return dunno
	}
	for _, item := range list.items {
		if item.null() {
			continue
		}
		c, ok := order(item, x)
		if !ok {
			return dunno
		}
		if c == 0 {
			return truth(true)
		}
	}
	return truth(false)
}

// follow goes along a path inside a value.
func follow(v value, path []rowexpr.Step) (value, bool) {
	for _, s := range path {
		switch {
		case v.null():
			return value{}, true
		case s.IsIdx && v.kind == types.List:
			if s.Index < 0 || s.Index >= len(v.items) {
				return value{}, true
			}
			v = v.items[s.Index]
		case !s.IsIdx && (v.kind == types.Struct || v.kind == types.Map):
			found := value{}
			for i, name := range v.names {
				if name == s.Name {
					found = v.items[i]
				}
			}
			v = found
		default:
			return value{}, false
		}
	}
	return v, true
}
