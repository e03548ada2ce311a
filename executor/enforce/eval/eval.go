// Package eval computes typed row expressions over columns. A Program is
// compiled once and run on batch after batch; its buffers are its own, so that
// it allocates nothing once they have grown. A value that cannot be computed
// (a division by zero, an overflow, a failed cast) fails for its row alone, and
// not at all where the expression does not need it: behind a && that is decided,
// in the branch of ?: that is not taken, behind the argument that coalesce takes.
package eval

import (
	"fmt"
	"time"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// Reason says why a row's value cannot be computed.
type Reason uint8

// The reasons. None is the zero value.
const (
	None Reason = iota
	DivisionByZero
	Overflow
	BadCast
)

// String returns the reason as a violation's message puts it.
func (r Reason) String() string {
	if int(r) < len(reasons) {
		return reasons[r]
	}
	return "unknown"
}

var reasons = [...]string{None: "", DivisionByZero: "division by zero", Overflow: "the result is out of range", BadCast: "the value cannot be converted"}

// Program is a compiled expression. It is not safe for concurrent use.
type Program struct {
	root   *node
	nodes  []*node // arguments before what uses them
	clocks []*node // calls of now_at_load
}

// node is a step of a program: one operation over whole columns.
type node struct {
	expr    *rowexpr.Expr
	args    []*node
	col     int      // of a reference: the caller's column
	konst   bool     // out has one row, which stands for every one
	clock   bool     // a call of now_at_load: constant, but for SetNow
	out     *vec.Vec // the result; args' are never written by a run
	fails   []Reason // by row; nil when none failed
	own     vec.Vec
	wide    vec.Vec // of a constant: its value repeated
	reasons []Reason
	run     func(n *node, rows int)
}

// Compile makes the program of a typed expression. bind returns the column that
// holds a reference's values, as an index into Run's cols; the column's type must
// be the reference's.
func Compile(e *rowexpr.Expr, bind func(ref *rowexpr.Expr) (int, error)) (*Program, error) {
	c := &compiler{bind: bind, prog: &Program{}}
	root, err := c.node(e, 0)
	if err != nil {
		return nil, err
	}
	c.prog.root = root
	return c.prog, nil
}

// SetNow sets what now_at_load returns; before that it is 1970.
func (p *Program) SetNow(t time.Time) {
	for _, n := range p.clocks {
		n.own.I64[0] = t.UnixMicro()
		n.wide.Reset(n.expr.Type)
	}
}

// Type is the type of the program's values.
func (p *Program) Type() types.Type { return p.root.expr.Type }

// Run computes the expression for the first rows rows of cols and returns the
// values, and for each row why it failed; nil when none did. A failed row's
// value is null. Both belong to the program, or the values are one of cols
// itself, and are good until the next Run.
func (p *Program) Run(cols []*vec.Vec, rows int) (*vec.Vec, []Reason) {
	for _, n := range p.nodes {
		if n.expr.Op == rowexpr.OpRef {
			n.out = cols[n.col]
			continue
		}
		n.run(n, rows)
	}
	return p.root.column(rows), p.root.fails
}

// RunInto is Run with the values copied into out, which the caller may keep.
func (p *Program) RunInto(cols []*vec.Vec, rows int, out *vec.Vec) []Reason {
	v, fails := p.Run(cols, rows)
	out.CopyFrom(v, rows)
	return fails
}

// Violated computes a condition and sets in dst the rows that break it: those
// for which it is false, and those for which it failed. It returns dst, grown
// to the number of rows, and the reasons as Run does.
func (p *Program) Violated(cols []*vec.Vec, rows int, dst vec.Bitmap) (vec.Bitmap, []Reason) {
	v, fails := p.Run(cols, rows)
	dst = dst.Sized(rows)
	for w := range dst {
		dst[w] = ^v.Bool[w]
		if v.Valid != nil {
			dst[w] &= v.Valid[w]
		}
		dst[w] &= vec.Tail(w, rows)
	}
	for i, f := range fails {
		if f != None {
			dst.Set(i)
		}
	}
	return dst, fails
}

// Holds computes a condition and sets in dst the rows for which it is true: what
// a filter keeps. Otherwise it is like Violated.
func (p *Program) Holds(cols []*vec.Vec, rows int, dst vec.Bitmap) (vec.Bitmap, []Reason) {
	v, fails := p.Run(cols, rows)
	dst = dst.Sized(rows)
	for w := range dst {
		dst[w] = v.Bool[w] & vec.Tail(w, rows)
		if v.Valid != nil {
			dst[w] &= v.Valid[w]
		}
	}
	return dst, fails
}

// column returns the node's values with rows rows, a constant repeated.
func (n *node) column(rows int) *vec.Vec {
	if !n.konst {
		return n.out
	}
	if n.wide.Type.IsZero() {
		n.wide.Reset(n.expr.Type)
	}
	for n.wide.N < rows {
		n.wide.AppendFrom(n.out, 0)
	}
	return &n.wide
}

// at is the row of out that holds the value of row i.
func (n *node) at(i int) int {
	if n.konst {
		return 0
	}
	return i
}

func (n *node) isNull(i int) bool { return n.out.IsNull(n.at(i)) }

// begin empties the result, and takes over the arguments' failures.
func (n *node) begin(rows int) {
	n.fails = nil
	n.out = &n.own
	n.own.Reset(n.expr.Type)
	for _, a := range n.args {
		n.inherit(a.fails, rows)
	}
}

// inherit adds failures of an argument to the node's own.
func (n *node) inherit(fails []Reason, rows int) {
	if fails == nil {
		return
	}
	n.failing(rows)
	for i, f := range fails[:rows] {
		if f != None && n.fails[i] == None {
			n.fails[i] = f
		}
	}
}

// failing makes room for failures.
func (n *node) failing(rows int) {
	if n.fails == nil {
		n.reasons = vec.Grow(n.reasons, rows)
		clear(n.reasons)
		n.fails = n.reasons
	}
}

// fail marks row i and makes its value null.
func (n *node) fail(i, rows int, r Reason) {
	n.failing(rows)
	if n.fails[i] == None {
		n.fails[i] = r
	}
	n.own.SetNull(i)
}

// validAnd makes the result null where an argument is. The result must have its
// rows already.
func (n *node) validAnd(rows int) {
	for _, a := range n.args {
		if a.konst {
			if a.out.IsNull(0) {
				n.own.RawValid(rows).Fill(false)
				return
			}
			continue
		}
		if a.out.Valid == nil {
			continue
		}
		if n.own.Valid == nil {
			copy(n.own.RawValid(rows), a.out.Valid[:vec.Words(rows)])
			continue
		}
		for w := range vec.Words(rows) {
			n.own.Valid[w] &= a.out.Valid[w]
		}
	}
}

type compiler struct {
	bind func(*rowexpr.Expr) (int, error)
	prog *Program
}

// maxDepth bounds the recursion over a tree that may come from a file.
const maxDepth = 1000

func (c *compiler) node(e *rowexpr.Expr, depth int) (*node, error) {
	if e == nil || depth > maxDepth {
		return nil, fmt.Errorf("the row expression has no node, or is nested too deep")
	}
	if err := checkShape(e); err != nil {
		return nil, err
	}
	n := &node{expr: e}
	for _, a := range e.Args {
		k, err := c.node(a, depth+1)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, k)
	}
	if err := c.prepare(n); err != nil {
		return nil, err
	}
	n.once()
	c.prog.nodes = append(c.prog.nodes, n)
	return n, nil
}

// once computes a node of constants now, for every batch. One that fails stays as
// it is: it fails for each row that needs it.
func (n *node) once() {
	if n.konst || n.run == nil {
		return
	}
	for _, a := range n.args {
		if !a.konst || a.clock {
			return
		}
	}
	if n.run(n, 1); n.fails == nil {
		n.konst, n.run = true, func(*node, int) {}
	}
}

// prepare chooses what the node runs.
func (c *compiler) prepare(n *node) error {
	var err error
	switch n.expr.Op {
	case rowexpr.OpRef:
		n.col, err = c.bind(n.expr)
	case rowexpr.OpLit:
		n.konst = true
		n.own.Reset(n.expr.Type)
		n.out = &n.own
		n.run = func(*node, int) {}
		err = appendLiteral(&n.own, n.expr)
	case rowexpr.OpCall:
		err = c.call(n)
	default:
		n.run, err = operation(n)
	}
	return err
}

// call prepares a call of a row function.
func (c *compiler) call(n *node) error {
	if n.expr.Func == "now_at_load" {
		n.konst, n.clock = true, true
		n.own.Reset(n.expr.Type)
		n.own.AppendI64(0)
		n.out = &n.own
		n.run = func(*node, int) {}
		c.prog.clocks = append(c.prog.clocks, n)
		return nil
	}
	var err error
	n.run, err = function(n)
	return err
}
