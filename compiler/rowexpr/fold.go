package rowexpr

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

func isZero(e *Expr) bool {
	f, err := strconv.ParseFloat(e.Lit.Text, 64)
	return err == nil && f == 0
}

// foldArith computes an operation on two constants: exactly, unless one is a
// float64 or a quotient has no end.
func foldArith(op Op, a, b *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if a.Type.Kind == types.Float64 || b.Type.Kind == types.Float64 {
		return foldFloat(op, a, b, rng)
	}
	x, okX := new(big.Rat).SetString(a.Lit.Text)
	y, okY := new(big.Rat).SetString(b.Lit.Text)
	if !okX || !okY {
		return nil, fault(diag.RowConstant, rng, "%s %s %s cannot be computed.", describe(a), op, describe(b))
	}
	r := new(big.Rat)
	switch op {
	case OpAdd:
		r.Add(x, y)
	case OpSub:
		r.Sub(x, y)
	case OpMul:
		r.Mul(x, y)
	case OpDiv:
		r.Quo(x, y)
	default:
		q := new(big.Rat).Quo(x, y)
		whole := new(big.Rat).SetInt(new(big.Int).Quo(q.Num(), q.Denom()))
		r.Sub(x, whole.Mul(whole, y))
	}
	if e := number(r, rng); e != nil {
		return e, nil
	}
	if op == OpDiv {
		return foldFloat(op, a, b, rng)
	}
	return nil, fault(diag.RowConstant, rng, "The result has more than %d digits.", maxDigits)
}

func foldFloat(op Op, a, b *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	x, _ := strconv.ParseFloat(a.Lit.Text, 64)
	y, _ := strconv.ParseFloat(b.Lit.Text, 64)
	var v float64
	switch op {
	case OpAdd:
		v = x + y
	case OpSub:
		v = x - y
	case OpMul:
		v = x * y
	case OpDiv:
		v = x / y
	default:
		v = math.Mod(x, y)
	}
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil, fault(diag.RowConstant, rng, "The result is out of float64's range.")
	}
	return literal(floatType, strconv.FormatFloat(v, 'g', -1, 64), rng), nil
}

// foldCompare compares two constants of one type.
func foldCompare(op Op, a, b *Expr) (result, ok bool) {
	c := strings.Compare(a.Lit.Text, b.Lit.Text)
	if a.Type.IsNumeric() {
		x, okX := new(big.Rat).SetString(a.Lit.Text)
		y, okY := new(big.Rat).SetString(b.Lit.Text)
		if !okX || !okY {
			return false, false
		}
		c = x.Cmp(y)
	} else if a.Type.Kind != types.String && op != OpEq && op != OpNe {
		return false, false
	}
	switch op {
	case OpEq:
		return c == 0, true
	case OpNe:
		return c != 0, true
	case OpLt:
		return c < 0, true
	case OpLe:
		return c <= 0, true
	case OpGt:
		return c > 0, true
	default:
		return c >= 0, true
	}
}
