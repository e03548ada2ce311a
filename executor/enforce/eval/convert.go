package eval

import (
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

const (
	microsPerDay = 86400_000_000
	maxExactInt  = 1 << 53
)

// conversion makes the kernel of an implicit widening: columns of numbers are
// widened whole, the rest row by row.
func conversion(n *node) (func(*node, int), error) {
	from, to := n.expr.Args[0].Type, n.expr.Type
	switch {
	case from.Kind == types.Int32 && to.Kind == types.Int64:
		return vector(func(n *node, rows int) {
			for i, x := range n.args[0].column(rows).I32[:rows] {
				n.own.I64[i] = int64(x)
			}
		}), nil
	case from.Kind == types.Int64 && to.Kind == types.Float64:
		return vector(func(n *node, rows int) {
			for i, x := range n.args[0].column(rows).I64[:rows] {
				n.own.F64[i] = float64(x)
			}
		}), nil
	case from.Kind == types.Int32 && to.Kind == types.Float64:
		return vector(func(n *node, rows int) {
			for i, x := range n.args[0].column(rows).I32[:rows] {
				n.own.F64[i] = float64(x)
			}
		}), nil
	case from.Kind == types.Date && to.Kind == types.Timestamp:
		return vector(func(n *node, rows int) {
			for i, x := range n.args[0].column(rows).I32[:rows] {
				n.own.I64[i] = int64(x) * microsPerDay
			}
		}), nil
	case from.Kind == types.Decimal && to.Kind == types.Decimal && to.Scale == from.Scale && to.Precision >= from.Precision:
		return vector(func(n *node, rows int) { copy(n.own.Dec, n.args[0].column(rows).Dec[:rows]) }), nil
	case from.Kind == types.Decimal && to.Kind == types.Decimal && to.Scale > from.Scale:
		return vector(func(n *node, rows int) { widenDecimals(n, rows, to.Scale-from.Scale, to.Precision) }), nil
	default:
		f, err := caster(from, to)
		if err != nil {
			return nil, err
		}
		return rowwise(f), nil
	}
}

func widenDecimals(n *node, rows, by, precision int) {
	unit := decimal128.GetScaleMultiplier(by)
	over := false
	for i, x := range n.args[0].column(rows).Dec[:rows] {
		y, ok := multiply(x, unit)
		n.own.Dec[i] = y
		over = over || !ok
	}
	n.recheck(over, rows, Overflow, func(i int) bool {
		_, ok := rescale(n.args[0].column(rows).Dec[i], 0, by, precision)
		return !ok
	})
}

// cell computes the value of one row and appends it.
type cell func(n *node, i int, out *vec.Vec) Reason

// caster makes the conversion of one type to another.
func caster(from, to types.Type) (cell, error) {
	switch {
	case from.Equal(to):
		return func(n *node, i int, out *vec.Vec) Reason {
			out.AppendFrom(n.args[0].out, n.args[0].at(i))
			return None
		}, nil
	case from.IsNested() || to.IsNested() || from.Kind == types.Bytes || to.Kind == types.Bytes:
		return widenNested(from, to)
	case to.Kind == types.String && from.Kind == types.JSON:
		return jsonText, nil
	case to.Kind == types.String:
		return func(n *node, i int, out *vec.Vec) Reason {
			out.Data = appendText(out.Data, n.args[0].out, n.args[0].at(i))
			out.EndBytes()
			return None
		}, nil
	case from.Kind == types.String:
		return func(n *node, i int, out *vec.Vec) Reason {
			return parseText(out, n.args[0].out.Bytes(n.args[0].at(i)))
		}, nil
	case from.Kind == types.JSON:
		return fromJSON, nil
	case from.IsNumeric() && to.IsNumeric():
		return numberCaster(from, to), nil
	case from.IsTemporal() && to.IsTemporal():
		return temporalCaster(from.Kind, to.Kind), nil
	case from.Kind == types.Bool && to.IsInteger():
		return func(n *node, i int, out *vec.Vec) Reason {
			return appendWhole(out, int64(bit(n.args[0].out.Bool.Get(n.args[0].at(i)))))
		}, nil
	case from.IsInteger() && to.Kind == types.Bool:
		return func(n *node, i int, out *vec.Vec) Reason {
			out.AppendBool(wholeAt(n.args[0].out, n.args[0].at(i)) != 0)
			return None
		}, nil
	default:
		return nil, fmt.Errorf("there is no cast from %s to %s", from, to)
	}
}

func wholeAt(v *vec.Vec, i int) int64 {
	if v.Type.Kind == types.Int32 {
		return int64(v.I32[i])
	}
	return v.I64[i]
}

func appendWhole(out *vec.Vec, x int64) Reason {
	if out.Type.Kind == types.Int64 {
		out.AppendI64(x)
		return None
	}
	if int64(int32(x)) != x {
		return BadCast
	}
	out.AppendI32(int32(x))
	return None
}

// numberCaster converts between types of numbers, rounding half away from zero.
func numberCaster(from, to types.Type) cell {
	return func(n *node, i int, out *vec.Vec) Reason {
		v, i := n.args[0].out, n.args[0].at(i)
		switch {
		case from.IsInteger():
			return fromWhole(wholeAt(v, i), to, out)
		case from.Kind == types.Float64:
			return fromFloat(v.F64[i], to, out)
		default:
			return fromDecimal(v.Dec[i], from, to, out)
		}
	}
}

func fromWhole(x int64, to types.Type, out *vec.Vec) Reason {
	switch to.Kind {
	case types.Float64:
		out.AppendF64(float64(x))
		return None
	case types.Decimal:
		return appendScaled(out, decimal128.FromI64(x), 0, to)
	default:
		return appendWhole(out, x)
	}
}

func appendScaled(out *vec.Vec, x decimal128.Num, scale int, to types.Type) Reason {
	y, ok := rescale(x, scale, to.Scale, to.Precision)
	if !ok {
		return BadCast
	}
	out.AppendDec(y)
	return None
}

// fromFloat takes the shortest decimal text of a float for its value, so that
// 0.285 rounds as it reads.
func fromFloat(x float64, to types.Type, out *vec.Vec) Reason {
	if to.Kind == types.Decimal {
		var room [400]byte
		d, f := scalar.Decimal(strconv.AppendFloat(room[:0], x, 'e', -1, 64), to.Precision, to.Scale)
		return put(rounded(f), d, out.AppendDec)
	}
	r := math.Round(x)
	if !(r >= -1<<63 && r < 1<<63) {
		return BadCast
	}
	return appendWhole(out, int64(r))
}

func fromDecimal(x decimal128.Num, from, to types.Type, out *vec.Vec) Reason {
	switch to.Kind {
	case types.Float64:
		out.AppendF64(nearestFloat(x, from))
		return None
	case types.Decimal:
		return appendScaled(out, x, from.Scale, to)
	default:
		w, _ := rescale(x, from.Scale, 0, maxDigits)
		v, ok := wholeOf(w)
		if !ok {
			return BadCast
		}
		return appendWhole(out, v)
	}
}

// nearestFloat rounds once.
func nearestFloat(x decimal128.Num, t types.Type) float64 {
	if v, ok := wholeOf(x); ok && v > -maxExactInt && v < maxExactInt && t.Scale <= 22 {
		return float64(v) / exactPow10[t.Scale]
	}
	f, _ := exact(x, t).Float64()
	return f
}

// exactPow10 holds the powers of ten that a float64 holds exactly.
var exactPow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// temporalCaster converts between dates and times; what has no zone is UTC.
func temporalCaster(from, to types.Kind) cell {
	return func(n *node, i int, out *vec.Vec) Reason {
		us := microsOf(n.args[0].out, n.args[0].at(i), from)
		day, rest := scalar.DayOf(us)
		switch to {
		case types.Date:
			out.AppendI32(day)
		case types.Time:
			out.AppendI64(rest)
		default:
			out.AppendI64(us)
		}
		return None
	}
}

// microsOf is the instant of a date or time, in microseconds since 1970.
func microsOf(v *vec.Vec, i int, k types.Kind) int64 {
	if k == types.Date {
		return int64(v.I32[i]) * microsPerDay
	}
	return v.I64[i]
}

// widenNested converts lists, maps and structs element by element.
func widenNested(from, to types.Type) (cell, error) {
	if !types.Widens(from, to) {
		return nil, fmt.Errorf("there is no cast from %s to %s", from, to)
	}
	return func(n *node, i int, out *vec.Vec) Reason {
		return appendWidened(out, n.args[0].out, n.args[0].at(i))
	}, nil
}

// appendWidened appends a value of a type that widens to out's. It cannot fail
// for values within their types.
func appendWidened(out, v *vec.Vec, i int) Reason {
	if v.IsNull(i) {
		out.AppendNull()
		return None
	}
	switch {
	case v.Type.Equal(out.Type):
		out.AppendFrom(v, i)
	case v.Type.IsInteger():
		return fromWhole(wholeAt(v, i), out.Type, out)
	case v.Type.Kind == types.Decimal:
		return fromDecimal(v.Dec[i], v.Type, out.Type, out)
	case v.Type.Kind == types.Date:
		out.AppendI64(microsOf(v, i, types.Date))
	case v.Type.Kind == types.Struct:
		for f := range v.Fields {
			if r := appendWidened(out.Fields[f], v.Fields[f], i); r != None {
				out.Undo()
				return r
			}
		}
		out.EndStruct()
	default:
		return appendElements(out, v, i)
	}
	return None
}

func appendElements(out, v *vec.Vec, i int) Reason {
	for j := v.Offs[i]; j < v.Offs[i+1]; j++ {
		if v.Keys != nil {
			out.Keys.AppendFrom(v.Keys, int(j))
		}
		if r := appendWidened(out.Elem, v.Elem, int(j)); r != None {
			out.Undo()
			return r
		}
	}
	out.EndList()
	return None
}
