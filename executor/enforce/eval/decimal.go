package eval

import (
	"math/big"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// maxDigits is how many digits a decimal holds.
const maxDigits = 38

// decimals chooses the kernel of arithmetic on decimals. The operands of + - and
// % have the result's scale; those of * have scales that add up to it.
func decimals(n *node) (func(*node, int), error) {
	e := n.expr
	check := capped(e)
	limit := e.Type.Precision
	kernel := func(n *node, rows int) {
		a, b := n.args[0].column(rows).Dec[:rows], n.args[len(n.args)-1].column(rows).Dec[:rows]
		out := n.own.Dec[:rows]
		over := false
		switch e.Op {
		case rowexpr.OpAdd:
			for i, x := range a {
				out[i] = add(x, b[i])
			}
		case rowexpr.OpSub:
			for i, x := range a {
				out[i] = subtract(x, b[i])
			}
		case rowexpr.OpMul:
			for i, x := range a {
				var ok bool
				out[i], ok = multiply(x, b[i])
				over = over || !ok
			}
		case rowexpr.OpMod:
			n.decimalMod(rows, a, b, out)
			return
		default:
			for i, x := range a {
				out[i] = x.Negate()
			}
		}
		n.recheck(check || over, rows, Overflow, func(i int) bool {
			if e.Op == rowexpr.OpMul {
				_, ok := multiply(a[i], b[i])
				return !ok || !out[i].FitsInPrecision(int32(limit))
			}
			return !out[i].FitsInPrecision(int32(limit))
		})
	}
	return vector(kernel), nil
}

// capped reports whether a result may need more digits than its type has.
func capped(e *rowexpr.Expr) bool {
	most := 0
	for _, a := range e.Args {
		if e.Op == rowexpr.OpMul {
			most += a.Type.Precision
		} else {
			most = max(most, a.Type.Precision+1)
		}
	}
	return most > e.Type.Precision && e.Op != rowexpr.OpNeg
}

// add cannot wrap: both sides have at most 38 digits, and 128 bits hold twice that.
func add(a, b decimal128.Num) decimal128.Num {
	lo, carry := bits.Add64(a.LowBits(), b.LowBits(), 0)
	return decimal128.New(a.HighBits()+b.HighBits()+int64(carry), lo)
}

func subtract(a, b decimal128.Num) decimal128.Num {
	lo, borrow := bits.Sub64(a.LowBits(), b.LowBits(), 0)
	return decimal128.New(a.HighBits()-b.HighBits()-int64(borrow), lo)
}

// multiply returns the product, and whether 38 digits hold it.
func multiply(a, b decimal128.Num) (decimal128.Num, bool) {
	if small(a) && small(b) { // below 2^126, which has 38 digits
		x, y := int64(a.LowBits()), int64(b.LowBits())
		hi, lo := bits.Mul64(uint64(x), uint64(y))
		return decimal128.New(int64(hi)-(x>>63)&y-(y>>63)&x, lo), true
	}
	negative := (a.HighBits() < 0) != (b.HighBits() < 0)
	a, b = a.Abs(), b.Abs()
	ah, bh := uint64(a.HighBits()), uint64(b.HighBits())
	if ah != 0 && bh != 0 {
		return decimal128.Num{}, false
	}
	hi, lo := bits.Mul64(a.LowBits(), b.LowBits())
	c1, x1 := bits.Mul64(ah, b.LowBits())
	c2, x2 := bits.Mul64(bh, a.LowBits())
	hi, k1 := bits.Add64(hi, x1, 0)
	hi, k2 := bits.Add64(hi, x2, 0)
	if c1|c2|k1|k2 != 0 || hi>>63 != 0 {
		return decimal128.Num{}, false
	}
	p := decimal128.New(int64(hi), lo)
	if !p.FitsInPrecision(maxDigits) {
		return decimal128.Num{}, false
	}
	if negative {
		p = p.Negate()
	}
	return p, true
}

func (n *node) decimalMod(rows int, a, b, out []decimal128.Num) {
	zero := decimal128.Num{}
	some := false
	for i, x := range a {
		y := b[i]
		switch {
		case y == zero:
			some, out[i] = true, zero
		case small(x) && small(y) && y != decimal128.FromI64(-1):
			out[i] = decimal128.FromI64(int64(x.LowBits()) % int64(y.LowBits()))
		default:
			_, out[i] = x.Div(y)
		}
	}
	n.recheck(some, rows, DivisionByZero, func(i int) bool { return b[i] == zero })
}

// small reports whether the low 64 bits alone hold the value.
func small(x decimal128.Num) bool { return x.HighBits() == int64(x.LowBits())>>63 }

// rescale brings an unscaled value from one scale to another, rounding half away
// from zero; false where precision digits do not hold the result.
func rescale(x decimal128.Num, from, to, precision int) (decimal128.Num, bool) {
	switch {
	case to > from:
		y, ok := multiply(x, decimal128.GetScaleMultiplier(to-from))
		return y, ok && y.FitsInPrecision(int32(precision))
	case to < from:
		unit := decimal128.GetScaleMultiplier(from - to)
		q, r := x.Div(unit)
		if r.Abs().GreaterEqual(decimal128.GetHalfScaleMultiplier(from - to)) {
			if x.Sign() < 0 {
				q = add(q, decimal128.FromI64(-1))
			} else {
				q = add(q, decimal128.FromI64(1))
			}
		}
		return q, q.FitsInPrecision(int32(precision))
	default:
		return x, x.FitsInPrecision(int32(precision))
	}
}

// toward rounds a value to a whole number: down for floor, up for ceil.
func toward(x decimal128.Num, scale int, up bool) decimal128.Num {
	if scale == 0 {
		return x
	}
	q, r := x.Div(decimal128.GetScaleMultiplier(scale))
	switch {
	case up && r.Sign() > 0:
		return add(q, decimal128.FromI64(1))
	case !up && r.Sign() < 0:
		return add(q, decimal128.FromI64(-1))
	default:
		return q
	}
}

// wholeOf returns the value of a decimal of scale 0 as an int64.
func wholeOf(x decimal128.Num) (int64, bool) {
	return int64(x.LowBits()), small(x)
}

// exact returns the value as a fraction, for conversions that must round once.
func exact(x decimal128.Num, t types.Type) *big.Rat {
	return new(big.Rat).SetFrac(x.BigInt(), decimal128.GetScaleMultiplier(t.Scale).BigInt())
}
