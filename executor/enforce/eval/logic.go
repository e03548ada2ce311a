package eval

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// operation chooses the kernel of an operator.
func operation(n *node) (func(*node, int), error) {
	e := n.expr
	switch e.Op {
	case rowexpr.OpEq, rowexpr.OpNe, rowexpr.OpLt, rowexpr.OpLe, rowexpr.OpGt, rowexpr.OpGe:
		return comparison(n)
	case rowexpr.OpAnd, rowexpr.OpOr:
		if !all(e.Args, types.Bool) || e.Type.Kind != types.Bool {
			break
		}
		return logic(e.Op == rowexpr.OpOr), nil
	case rowexpr.OpNot:
		if !all(e.Args, types.Bool) || e.Type.Kind != types.Bool {
			break
		}
		return not, nil
	case rowexpr.OpIsNull, rowexpr.OpNotNull:
		if e.Type.Kind != types.Bool {
			break
		}
		return nullTest(e.Op == rowexpr.OpNotNull), nil
	case rowexpr.OpIf:
		if e.Args[0].Type.Kind != types.Bool || !e.Args[1].Type.Equal(e.Type) || !e.Args[2].Type.Equal(e.Type) {
			break
		}
		return choice, nil
	case rowexpr.OpConcat:
		if !all(e.Args, types.String) || e.Type.Kind != types.String {
			break
		}
		return concat, nil
	case rowexpr.OpConvert:
		return conversion(n)
	default:
		return arithmetic(n)
	}
	return nil, fmt.Errorf("the operands of %q have wrong types", e.Op)
}

func all(args []*rowexpr.Expr, k types.Kind) bool {
	for _, a := range args {
		if a.Type.Kind != k {
			return false
		}
	}
	return true
}

func not(n *node, rows int) {
	n.begin(rows)
	n.own.Resize(rows)
	a := n.args[0].column(rows).Bool
	for w := range n.own.Bool {
		n.own.Bool[w] = ^a[w]
	}
	n.validAnd(rows)
}

// logic makes && and, with or, ||: which is && of the negations, negated. The
// right side's failures count only where the left does not decide.
func logic(or bool) func(*node, int) {
	var flip uint64
	if or {
		flip = ^uint64(0)
	}
	return func(n *node, rows int) {
		a, b := n.args[0], n.args[1]
		n.fails, n.out = nil, &n.own
		n.own.Reset(n.expr.Type)
		n.own.Resize(rows)
		n.inherit(a.fails, rows)
		va, vb := a.column(rows), b.column(rows)
		if b.fails != nil {
			n.failing(rows)
			for i, f := range b.fails[:rows] {
				decided := !va.IsNull(i) && va.Bool.Get(i) == or
				if f != None && !decided && n.fails[i] == None {
					n.fails[i] = f
				}
			}
		}
		out := n.own.Bool
		if va.Valid == nil && vb.Valid == nil && n.fails == nil {
			for w := range out {
				out[w] = flip ^ (flip^va.Bool[w])&(flip^vb.Bool[w])
			}
			return
		}
		valid := n.own.RawValid(rows)
		for w := range out {
			ka, kb := known(va, w), known(vb, w)
			x, y := flip^va.Bool[w], flip^vb.Bool[w]
			no := ka&^x | kb&^y
			yes := ka & x & kb & y
			out[w] = flip ^ yes
			valid[w] = no | yes
		}
		n.nullFailed()
	}
}

// known is the word of validity bits.
func known(v *vec.Vec, w int) uint64 {
	if v.Valid == nil {
		return ^uint64(0)
	}
	return v.Valid[w]
}

// nullFailed makes the value of every failed row null.
func (n *node) nullFailed() {
	for i, f := range n.fails {
		if f != None {
			n.own.SetNull(i)
		}
	}
}

func nullTest(want bool) func(*node, int) {
	var flip uint64
	if want {
		flip = ^uint64(0)
	}
	return func(n *node, rows int) {
		n.begin(rows)
		n.own.Resize(rows)
		v := n.args[0].column(rows)
		for w := range n.own.Bool {
			n.own.Bool[w] = flip ^ ^known(v, w)
		}
		n.nullFailed()
	}
}

// choice is cond ? a : b. A null condition takes b; only the failures of the
// branch that is taken count.
func choice(n *node, rows int) {
	cond := n.args[0]
	n.choose(rows, cond.fails, func(i int) *node {
		k := cond.at(i)
		if !cond.out.IsNull(k) && cond.out.Bool.Get(k) {
			return n.args[1]
		}
		return n.args[2]
	})
}

// coalesce takes the first argument that is not null; a failure on the way to it
// is the row's.
func coalesce(n *node, rows int) {
	n.choose(rows, nil, func(i int) *node {
		for _, a := range n.args {
			if !a.isNull(i) || (a.fails != nil && a.fails[i] != None) {
				return a
			}
		}
		return n.args[0]
	})
}

// choose builds the result from the argument that pick names for each row.
func (n *node) choose(rows int, before []Reason, pick func(i int) *node) {
	n.fails, n.out = nil, &n.own
	n.own.Reset(n.expr.Type)
	n.inherit(before, rows)
	for i := range rows {
		a := pick(i)
		if n.fails != nil && n.fails[i] != None {
			n.own.AppendNull()
			continue
		}
		n.own.AppendFrom(a.out, a.at(i))
		if a.fails != nil && a.fails[i] != None {
			n.failing(rows)
			n.fails[i] = a.fails[i]
		}
	}
}

func concat(n *node, rows int) {
	n.begin(rows)
	for i := range rows {
		if n.anyNull(i) {
			n.own.AppendNull()
			continue
		}
		for _, a := range n.args {
			n.own.Data = append(n.own.Data, a.out.Bytes(a.at(i))...)
		}
		n.own.EndBytes()
	}
}

func (n *node) anyNull(i int) bool {
	for _, a := range n.args {
		if a.isNull(i) {
			return true
		}
	}
	return false
}

// rowwise makes a kernel that computes row after row: f appends the value of row
// i to out, or says why there is none. Rows with a null argument are null.
func rowwise(f func(n *node, i int, out *vec.Vec) Reason) func(*node, int) {
	return func(n *node, rows int) {
		n.begin(rows)
		for i := range rows {
			if n.anyNull(i) {
				n.own.AppendNull()
				continue
			}
			if r := f(n, i, &n.own); r != None {
				n.own.AppendNull()
				n.fail(i, rows, r)
			}
		}
	}
}
