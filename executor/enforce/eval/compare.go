package eval

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// relation is one of the three comparisons that the others are turned into.
type relation uint8

const (
	less relation = iota
	lessEqual
	equal
)

// ordered are the value types whose comparison is the machine's.
type ordered interface{ int32 | int64 | float64 }

// turn rewrites a op b by the three relations; invert negates the result.
func turn(op rowexpr.Op) (rel relation, invert bool) {
	switch op {
	case rowexpr.OpLt:
		return less, false
	case rowexpr.OpLe:
		return lessEqual, false
	case rowexpr.OpGt:
		return lessEqual, true
	case rowexpr.OpGe:
		return less, true
	case rowexpr.OpNe:
		return equal, true
	default:
		return equal, false
	}
}

// comparison makes the kernel of a comparison of two operands of one type.
func comparison(n *node) (func(*node, int), error) {
	a, b := n.expr.Args[0].Type, n.expr.Args[1].Type
	if !a.Equal(b) || n.expr.Type.Kind != types.Bool {
		return nil, fmt.Errorf("%s and %s cannot be compared", a, b)
	}
	rel, invert := turn(n.expr.Op)
	var kernel func(n *node, rel relation, rows int)
	switch a.Kind {
	case types.Int32, types.Date:
		kernel = func(n *node, rel relation, rows int) {
			relate(n, rel, n.args[0].column(rows).I32[:rows], n.args[1].column(rows).I32[:rows])
		}
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		kernel = func(n *node, rel relation, rows int) {
			relate(n, rel, n.args[0].column(rows).I64[:rows], n.args[1].column(rows).I64[:rows])
		}
	case types.Float64:
		kernel = func(n *node, rel relation, rows int) {
			relate(n, rel, n.args[0].column(rows).F64[:rows], n.args[1].column(rows).F64[:rows])
		}
	case types.Decimal:
		kernel = relateDecimals
	case types.Bool:
		kernel = relateBools
	case types.String, types.Bytes, types.UUID:
		kernel = relateBytes
	default:
		return nil, fmt.Errorf("%s cannot be compared", a)
	}
	return func(n *node, rows int) {
		n.begin(rows)
		n.own.Resize(rows)
		kernel(n, rel, rows)
		if invert {
			for w := range n.own.Bool {
				n.own.Bool[w] = ^n.own.Bool[w]
			}
		}
		n.validAnd(rows)
	}, nil
}

func bit(b bool) uint64 {
	var x uint64
	if b {
		x = 1
	}
	return x
}

// relate compares two columns, or a column and a constant, 64 rows to a word and
// without a branch.
func relate[T ordered](n *node, rel relation, a, b []T) {
	out := n.own.Bool
	if n.args[1].konst && len(b) > 0 {
		relateConst(rel, a, b[0], out)
		return
	}
	for w := range out {
		lo, hi := w<<6, min(w<<6+64, len(a))
		out[w] = wordOf(rel, a[lo:hi], b[lo:hi])
	}
}

func wordOf[T ordered](rel relation, a, b []T) uint64 {
	var x uint64
	b = b[:len(a)]
	switch rel {
	case less:
		for j, v := range a {
			x |= bit(v < b[j]) << (uint(j) & 63)
		}
	case lessEqual:
		for j, v := range a {
			x |= bit(v <= b[j]) << (uint(j) & 63)
		}
	default:
		for j, v := range a {
			x |= bit(v == b[j]) << (uint(j) & 63)
		}
	}
	return x
}

func relateConst[T ordered](rel relation, a []T, c T, out vec.Bitmap) {
	for w := range out {
		var x uint64
		part := a[w<<6 : min(w<<6+64, len(a))]
		switch rel {
		case less:
			for j, v := range part {
				x |= bit(v < c) << (uint(j) & 63)
			}
		case lessEqual:
			for j, v := range part {
				x |= bit(v <= c) << (uint(j) & 63)
			}
		default:
			for j, v := range part {
				x |= bit(v == c) << (uint(j) & 63)
			}
		}
		out[w] = x
	}
}

// relateDecimals compares unscaled values: both sides have one scale.
func relateDecimals(n *node, rel relation, rows int) {
	a, b := n.args[0].column(rows).Dec[:rows], n.args[1].column(rows).Dec[:rows]
	out := n.own.Bool
	for w := range out {
		lo, hi := w<<6, min(w<<6+64, rows)
		if n.args[1].konst {
			out[w] = decimalsToConst(rel, a[lo:hi], b[0])
			continue
		}
		var x uint64
		right := b[lo:hi]
		for j, v := range a[lo:hi] {
			x |= bit(decimalRelation(rel, v, right[j])) << (uint(j) & 63)
		}
		out[w] = x
	}
}

// decimalsToConst compares up to 64 values with a constant.
func decimalsToConst(rel relation, a []decimal128.Num, c decimal128.Num) uint64 {
	var x uint64
	ch, cl := c.HighBits(), c.LowBits()
	switch rel {
	case less:
		for j, v := range a {
			h, l := v.HighBits(), v.LowBits()
			x |= (bit(h < ch) | bit(h == ch)&bit(l < cl)) << (uint(j) & 63)
		}
	case lessEqual:
		for j, v := range a {
			h, l := v.HighBits(), v.LowBits()
			x |= (bit(h < ch) | bit(h == ch)&bit(l <= cl)) << (uint(j) & 63)
		}
	default:
		for j, v := range a {
			x |= bit(v.HighBits() == ch && v.LowBits() == cl) << (uint(j) & 63)
		}
	}
	return x
}

func decimalRelation(rel relation, a, b decimal128.Num) bool {
	ah, bh := a.HighBits(), b.HighBits()
	al, bl := a.LowBits(), b.LowBits()
	switch rel {
	case less:
		return ah < bh || (ah == bh && al < bl)
	case lessEqual:
		return ah < bh || (ah == bh && al <= bl)
	default:
		return ah == bh && al == bl
	}
}

func relateBools(n *node, _ relation, rows int) {
	a, b := n.args[0].column(rows).Bool, n.args[1].column(rows).Bool
	for w := range n.own.Bool {
		n.own.Bool[w] = ^(a[w] ^ b[w])
	}
}

func relateBytes(n *node, rel relation, rows int) {
	a, b := n.args[0], n.args[1]
	if rel == equal && b.konst && !a.konst && a.expr.Type.Kind != types.UUID {
		equalToConst(a.out, b.out.Bytes(0), rows, n.own.Bool)
		return
	}
	for w := range n.own.Bool {
		var x uint64
		lo := w << 6
		for i := lo; i < min(lo+64, rows); i++ {
			yes := bytesRelation(rel, a.out.Bytes(a.at(i)), b.out.Bytes(b.at(i)))
			x |= bit(yes) << (uint(i) & 63)
		}
		n.own.Bool[w] = x
	}
}

// equalToConst compares texts with a constant, their lengths first.
func equalToConst(v *vec.Vec, c []byte, rows int, out vec.Bitmap) {
	offs, data := v.Offs[:rows+1], v.Data
	for w := range out {
		var x uint64
		from := w << 6
		part := offs[from:min(from+65, rows+1)]
		for j, end := range part[1:] {
			start := part[j]
			if int(end-start) == len(c) && string(data[start:end]) == string(c) {
				x |= 1 << (uint(j) & 63)
			}
		}
		out[w] = x
	}
}

func bytesRelation(rel relation, p, q []byte) bool {
	switch rel {
	case equal:
		return bytes.Equal(p, q)
	case less:
		return bytes.Compare(p, q) < 0
	default:
		return bytes.Compare(p, q) <= 0
	}
}
