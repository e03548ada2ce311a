package rowexpr

import (
	"math/big"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// integerDigits is how many digits the integer types need as decimals.
func integerDigits(t types.Type) int {
	switch t.Kind {
	case types.Int32:
		return 10
	case types.Int64:
		return 19
	default:
		return t.Precision - t.Scale
	}
}

// commonType returns the smallest type that holds every value of a and of b.
func commonType(a, b types.Type) (types.Type, bool) {
	switch {
	case types.Widens(a, b):
		return b, true
	case types.Widens(b, a):
		return a, true
	}
	exact := func(t types.Type) bool { return t.IsInteger() || t.Kind == types.Decimal }
	if !exact(a) || !exact(b) {
		return types.Type{}, false
	}
	scale := max(a.Scale, b.Scale)
	precision := max(integerDigits(a), integerDigits(b)) + scale
	return types.DecimalOf(precision, scale), precision <= maxDigits
}

// unify settles and converts the expressions to one type, and returns it. Columns
// decide, literals adapt, what has no type takes what the others have; with
// nothing to go by the type stays Any.
func unify(rng diag.Range, args ...*Expr) (types.Type, *diag.Diagnostic) {
	var t types.Type
	var from *Expr
	for _, literals := range [...]bool{false, true} {
		for _, e := range args {
			if e.isAny() || e.constant() != literals {
				continue
			}
			next, d := join(rng, t, from, e)
			if d != nil {
				return t, d
			}
			t, from = next, e
		}
	}
	if t.IsZero() {
		return anyType, nil
	}
	if from.constant() && t.IsNumeric() && untypedRef(args) {
		if c, ok := commonType(t, anyNumber); ok {
			t = c
		}
	}
	for i, e := range args {
		settle(e, t)
		if d := convertInPlace(args[i], t); d != nil {
			return t, d
		}
	}
	return t, nil
}

// join widens t, the type so far, by e.
func join(rng diag.Range, t types.Type, from, e *Expr) (types.Type, *diag.Diagnostic) {
	if t.IsZero() {
		return e.Type, nil
	}
	if e.constant() {
		if _, d := adapt(e, t); d == nil {
			return t, nil
		} else if e.Type.Kind == types.String && adaptable(t) {
			return t, d
		}
	}
	if t.IsInteger() && e.Type.IsInteger() {
		return int64Type, nil
	}
	if c, ok := commonType(t, smallest(e)); ok {
		return c, nil
	}
	return t, mixed(rng, from, t, e)
}

// untypedRef reports whether a column without a type is among args.
func untypedRef(args []*Expr) bool {
	for _, a := range args {
		if a.isAny() && !a.IsNull() {
			return true
		}
	}
	return false
}

// adaptable reports whether a literal string may be read as a t.
func adaptable(t types.Type) bool { return t.IsTemporal() || t.Kind == types.UUID }

// smallest is the narrowest type of a literal number, the type of all else.
func smallest(e *Expr) types.Type {
	if !e.constant() || (!e.Type.IsInteger() && e.Type.Kind != types.Decimal) {
		return e.Type
	}
	if r, ok := new(big.Rat).SetString(e.Lit.Text); ok {
		if p, s, ok := digitsOf(r); ok {
			return types.DecimalOf(p, s)
		}
	}
	return e.Type
}

// adapt returns the text of literal e as a t: a number of another number type
// that holds it, a date for a timestamp, a string that reads as a time or UUID.
func adapt(e *Expr, t types.Type) (string, *diag.Diagnostic) {
	from := e.Type
	switch {
	case from.Equal(t):
		return e.Lit.Text, nil
	case from.Kind == types.String && adaptable(t),
		from.IsNumeric() && t.IsNumeric() && (from.Kind != types.Float64 || t.Kind == types.Float64),
		from.Kind == types.Date && t.Kind == types.Timestamp:
		text, err := Canonical(t, e.Lit.Text)
		if err != nil {
			return "", fault(diag.RowConstant, e.Range, "%s.", err)
		}
		return text, nil
	default:
		return "", fault(diag.RowTypes, e.Range, "%s is %s, not %s.", describe(e), from, t)
	}
}

// mixed is the error for two operands whose types have nothing in common.
func mixed(rng diag.Range, a *Expr, at types.Type, b *Expr) *diag.Diagnostic {
	hint := " Convert one of them with cast."
	exact := at.IsNumeric() && b.Type.IsNumeric()
	switch {
	case exact && (at.Kind == types.Float64 || b.Type.Kind == types.Float64):
		hint = " A float64 does not hold every digit of the other: say cast(..., float64) or cast(..., decimal(p, s))."
	case exact:
		hint = " Together they need more than 38 digits: cast one of them to a smaller decimal."
	case at.IsNumeric() && b.Type.Kind == types.String && b.constant():
		hint = " Write the number without quotes."
	case at.Kind == types.String && b.Type.IsNumeric() && b.constant():
		hint = " Write it in quotes, or cast the string to a number."
	}
	return fault(diag.RowTypes, rng, "%s is %s and %s is %s.%s", describe(a), at, describe(b), b.Type, hint)
}

// convertInPlace makes e a t: a literal anew, all else under an OpConvert. The
// node itself changes, so that its parents see the conversion.
func convertInPlace(e *Expr, t types.Type) *diag.Diagnostic {
	if e.Type.Equal(t) {
		return nil
	}
	if e.constant() {
		text, d := adapt(e, t)
		if d != nil {
			return d
		}
		e.Type, e.Lit = t, &Literal{Text: text}
		return nil
	}
	inner := *e
	*e = Expr{Op: OpConvert, Type: t, Nullable: inner.Nullable, Args: []*Expr{&inner}, Range: inner.Range}
	return nil
}

// Finish settles what has no type yet and converts e to the type that its place
// takes; Any or Invalid take every type. Arithmetic on decimals may be put into a
// decimal of fewer digits but no smaller scale: a value that does not fit then
// fails for its record.
func Finish(e *Expr, expect types.Type) (*Expr, *diag.Diagnostic) {
	free := expect.IsZero() || expect.Kind == types.Any
	if e.isAny() {
		t := expect
		if free {
			t = stringType
		}
		settle(e, t)
	}
	if free || e.Type.Equal(expect) {
		return e, checkSize(e)
	}
	if e.constant() {
		if d := convertInPlace(e, expect); d != nil {
			return nil, wrongResult(e, expect)
		}
		return e, nil
	}
	switch {
	case types.Widens(e.Type, expect):
		if d := convertInPlace(e, expect); d != nil {
			return nil, d
		}
	case arithmetic(e) && e.Type.Kind == types.Decimal && expect.Kind == types.Decimal && expect.Scale >= e.Type.Scale:
		e = castTo("cast", e, expect, e.Range)
	default:
		return nil, wrongResult(e, expect)
	}
	return e, checkSize(e)
}

func arithmetic(e *Expr) bool {
	switch e.Op {
	case OpAdd, OpSub, OpMul, OpMod, OpNeg:
		return true
	case OpIf:
		return arithmetic(e.Args[1]) || arithmetic(e.Args[2])
	case OpCall:
		return e.Func == "coalesce" && arithmetic(e.Args[0]) || e.Func == "round" || e.Func == "floor" || e.Func == "ceil" || e.Func == "abs"
	default:
		return false
	}
}

func wrongResult(e *Expr, expect types.Type) *diag.Diagnostic {
	hint := " Say cast(..., " + expect.String() + ") where that is meant."
	if expect.Kind == types.Bool {
		hint = " Compare it with something: a condition is true, false or null."
	}
	return fault(diag.RowResult, e.Range, "%s is %s, and %s is wanted here.%s",
		strings.ToUpper(describe(e)[:1])+describe(e)[1:], e.Type, expect, hint)
}

// The bounds of a tree.
const (
	maxDepth = 200
	maxNodes = 5000
)

func checkSize(e *Expr) *diag.Diagnostic {
	nodes := 0
	e.Walk(func(*Expr) { nodes++ })
	if nodes > maxNodes {
		return fault(diag.RowTooLarge, e.Range, "It has %d parts, and %d are the most.", nodes, maxNodes)
	}
	return nil
}
