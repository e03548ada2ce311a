package eval

import (
	"fmt"
	"math"
	"strconv"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// oneNumber refuses calls whose argument is no number, or whose result is not of
// the argument's kind.
func oneNumber(n *node) (from, to types.Type, err error) {
	from, to = n.expr.Args[0].Type, n.expr.Type
	if !from.IsNumeric() || from.Kind != to.Kind {
		err = fmt.Errorf("%s does not turn %s into %s", n.expr.Func, from, to)
	}
	return from, to, err
}

func makeAbs(n *node) (func(*node, int), error) {
	from, _, err := oneNumber(n)
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		v, k := n.args[0].out, n.args[0].at(i)
		switch from.Kind {
		case types.Float64:
			out.AppendF64(math.Abs(v.F64[k]))
		case types.Decimal:
			out.AppendDec(v.Dec[k].Abs())
		default:
			x := wholeAt(v, k)
			if x < 0 {
				x = -x
			}
			if x < 0 || appendWhole(out, x) != None {
				return Overflow
			}
		}
		return None
	}), err
}

func makeRound(n *node) (func(*node, int), error) {
	from, to, err := oneNumber(n)
	if err != nil {
		return nil, err
	}
	text, err := n.constant(1)
	if err != nil {
		return nil, err
	}
	digits, err := strconv.Atoi(text)
	if err != nil || digits < 0 || digits > maxDigits {
		return nil, fmt.Errorf("round takes 0 to %d digits", maxDigits)
	}
	unit := math.Pow10(digits)
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		v, k := n.args[0].out, n.args[0].at(i)
		switch from.Kind {
		case types.Float64:
			out.AppendF64(roundFloat(v.F64[k], unit))
			return None
		case types.Decimal:
			x, ok := rescale(v.Dec[k], from.Scale, to.Scale, to.Precision)
			if !ok {
				return Overflow
			}
			out.AppendDec(x)
			return None
		default:
			return appendWhole(out, wholeAt(v, k))
		}
	}), nil
}

// roundFloat rounds half away from zero; what is too large to have such digits
// stays as it is.
func roundFloat(x, unit float64) float64 {
	r := math.Round(x*unit) / unit
	if math.IsInf(r, 0) || math.IsNaN(r) {
		return x
	}
	return r
}

func makeWhole(up bool) maker {
	return func(n *node) (func(*node, int), error) {
		from, to, err := oneNumber(n)
		return rowwise(func(n *node, i int, out *vec.Vec) Reason {
			v, k := n.args[0].out, n.args[0].at(i)
			switch {
			case from.Kind == types.Float64 && up:
				out.AppendF64(math.Ceil(v.F64[k]))
			case from.Kind == types.Float64:
				out.AppendF64(math.Floor(v.F64[k]))
			case from.Kind == types.Decimal:
				x := toward(v.Dec[k], from.Scale, up)
				if !x.FitsInPrecision(int32(to.Precision)) {
					return Overflow
				}
				out.AppendDec(x)
			default:
				return appendWhole(out, wholeAt(v, k))
			}
			return None
		}), err
	}
}
