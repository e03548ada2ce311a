package eval

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// integer are the value types of whole numbers.
type integer interface{ int32 | int64 }

// arithmetic chooses the kernel of + - * / % and unary minus.
func arithmetic(n *node) (func(*node, int), error) {
	e := n.expr
	for _, a := range e.Args {
		if !a.Type.Equal(e.Type) && (e.Type.Kind != types.Decimal || a.Type.Kind != types.Decimal) {
			return nil, fmt.Errorf("%q does not take %s to give %s", e.Op, a.Type, e.Type)
		}
	}
	if e.Op == rowexpr.OpDiv && e.Type.Kind != types.Float64 {
		return nil, fmt.Errorf("division gives float64, not %s", e.Type)
	}
	var kernel func(n *node, rows int)
	switch e.Type.Kind {
	case types.Int32:
		kernel = func(n *node, rows int) {
			a, b := n.args[0].column(rows).I32[:rows], n.args[len(n.args)-1].column(rows).I32[:rows]
			integers(n, rows, a, b, n.own.I32[:rows])
		}
	case types.Int64:
		kernel = func(n *node, rows int) {
			a, b := n.args[0].column(rows).I64[:rows], n.args[len(n.args)-1].column(rows).I64[:rows]
			integers(n, rows, a, b, n.own.I64[:rows])
		}
	case types.Float64:
		kernel = floats
	case types.Decimal:
		return decimals(n)
	default:
		return nil, fmt.Errorf("there is no %q of %s", e.Op, e.Type)
	}
	return vector(kernel), nil
}

// vector wraps a kernel that writes every slot of a fixed-width result.
func vector(kernel func(n *node, rows int)) func(*node, int) {
	return func(n *node, rows int) {
		n.begin(rows)
		n.own.Resize(rows)
		n.validAnd(rows)
		kernel(n, rows)
	}
}

// integers computes on whole numbers. Overflow is found for all rows at once and
// looked for again only where there is some.
func integers[T integer](n *node, rows int, a, b, out []T) {
	switch n.expr.Op {
	case rowexpr.OpAdd:
		var over T
		for i, x := range a {
			s := x + b[i]
			over |= (x ^ s) & (b[i] ^ s)
			out[i] = s
		}
		n.recheck(over < 0, rows, Overflow, func(i int) bool { return (a[i]^out[i])&(b[i]^out[i]) < 0 })
	case rowexpr.OpSub:
		var over T
		for i, x := range a {
			s := x - b[i]
			over |= (x ^ b[i]) & (x ^ s)
			out[i] = s
		}
		n.recheck(over < 0, rows, Overflow, func(i int) bool { return (a[i]^b[i])&(a[i]^out[i]) < 0 })
	case rowexpr.OpMul:
		products(n, rows, a, b, out)
	case rowexpr.OpMod:
		zero := false
		for i, x := range a {
			switch b[i] {
			case 0:
				zero, out[i] = true, 0
			case -1:
				out[i] = 0
			default:
				out[i] = x % b[i]
			}
		}
		n.recheck(zero, rows, DivisionByZero, func(i int) bool { return b[i] == 0 })
	default: // unary minus
		lowest := false
		for i, x := range a {
			out[i] = -x
			lowest = lowest || (x == -x && x != 0)
		}
		n.recheck(lowest, rows, Overflow, func(i int) bool { return a[i] == -a[i] && a[i] != 0 })
	}
}

func products[T integer](n *node, rows int, a, b, out []T) {
	over := false
	for i, x := range a {
		out[i] = x * b[i]
		over = over || wraps(int64(x), int64(b[i]), int64(out[i]))
	}
	n.recheck(over, rows, Overflow, func(i int) bool { return wraps(int64(a[i]), int64(b[i]), int64(out[i])) })
}

// wraps reports whether p, computed in the operands' own width, is not x * y.
func wraps(x, y, p int64) bool {
	hi, lo := bits.Mul64(uint64(x), uint64(y))
	h := int64(hi) - (x>>63)&y - (y>>63)&x
	return h != p>>63 || lo != uint64(p)
}

// recheck marks the rows at fault, once it is known that there may be some.
func (n *node) recheck(some bool, rows int, r Reason, bad func(i int) bool) {
	if !some {
		return
	}
	for i := range rows {
		if !n.own.IsNull(i) && bad(i) {
			n.fail(i, rows, r)
		}
	}
}

// floats computes in float64. A result that is infinite or no number fails.
func floats(n *node, rows int) {
	a, b := n.args[0].column(rows).F64[:rows], n.args[len(n.args)-1].column(rows).F64[:rows]
	out := n.own.F64[:rows]
	switch n.expr.Op {
	case rowexpr.OpAdd:
		for i, x := range a {
			out[i] = x + b[i]
		}
	case rowexpr.OpSub:
		for i, x := range a {
			out[i] = x - b[i]
		}
	case rowexpr.OpMul:
		for i, x := range a {
			out[i] = x * b[i]
		}
	case rowexpr.OpDiv:
		for i, x := range a {
			out[i] = x / b[i]
		}
	case rowexpr.OpMod:
		for i, x := range a {
			out[i] = math.Mod(x, b[i])
		}
	default:
		for i, x := range a {
			out[i] = -x
		}
	}
	var sum float64 // x-x is 0 for finite x, NaN otherwise
	for _, x := range out {
		sum += x - x
	}
	if sum == 0 {
		return
	}
	divides := n.expr.Op == rowexpr.OpDiv || n.expr.Op == rowexpr.OpMod
	n.recheck(divides, rows, DivisionByZero, func(i int) bool { return b[i] == 0 })
	n.recheck(true, rows, Overflow, func(i int) bool { return out[i]-out[i] != 0 })
}
