package enforce

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/eval"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

// expression is a compiled row expression and where its references are to be
// found in each chunk.
type expression struct {
	prog *eval.Program
	refs []reference
	cols []*vec.Vec
	set  vec.Bitmap
}

// reference yields the values of one reference of an expression: those of an
// input, or of a column, or of what a path leads to inside a column.
type reference struct {
	input  *input
	column *column
	path   []rowexpr.Step // into the column's values
	values *vec.Vec       // scratch for path
}

// rowCheck is a check over the row.
type rowCheck struct {
	prog *expression
	rule int32
}

func (r *reference) of(n int) *vec.Vec {
	switch {
	case r.input != nil:
		return r.input.values
	case len(r.path) == 0:
		return r.column.values
	}
	r.values.Reset(r.values.Type)
	for i := range n {
		if v, at := follow(r.column.values, i, r.path); v != nil {
			r.values.AppendFrom(v, at)
		} else {
			r.values.AppendNull()
		}
	}
	return r.values
}

// follow returns the column and row that a path leads to from row i of v, or nil
// where there is nothing.
func follow(v *vec.Vec, i int, path []rowexpr.Step) (*vec.Vec, int) {
	for _, s := range path {
		if v.IsNull(i) {
			return nil, 0
		}
		switch {
		case v.Type.Kind == types.Struct && !s.IsIdx:
			v = v.Fields[fieldOf(v.Type, s.Name)]
		case v.Type.Kind == types.List && s.IsIdx && s.Index >= 0 && s.Index < int(v.Offs[i+1]-v.Offs[i]):
			i, v = int(v.Offs[i])+s.Index, v.Elem
		case v.Type.Kind == types.Map && !s.IsIdx:
			j, end := int(v.Offs[i]), int(v.Offs[i+1])
			for j < end && string(v.Keys.Bytes(j)) != s.Name {
				j++
			}
			if j == end {
				return nil, 0
			}
			i, v = j, v.Elem
		default:
			return nil, 0
		}
	}
	return v, i
}

func fieldOf(t types.Type, name string) int {
	for i, f := range t.Fields {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// typeOf returns the type of what a path leads to inside t.
func typeOf(t types.Type, path []rowexpr.Step) (types.Type, bool) {
	for _, s := range path {
		switch {
		case t.Kind == types.Struct && !s.IsIdx && fieldOf(t, s.Name) >= 0:
			t = t.Fields[fieldOf(t, s.Name)].Type
		case t.Kind == types.List && s.IsIdx, t.Kind == types.Map && !s.IsIdx:
			t = *t.Elem
		default:
			return t, false
		}
	}
	return t, true
}

// bound returns the columns that the references have in this chunk.
func (x *expression) bound(n int) []*vec.Vec {
	x.cols = x.cols[:0]
	for i := range x.refs {
		x.cols = append(x.cols, x.refs[i].of(n))
	}
	return x.cols
}

// compile compiles an expression whose references resolve finds.
func (e *Enforcer) compile(expr *rowexpr.Expr, resolve func(ref *rowexpr.Expr) (reference, error)) (*expression, *diag.Diagnostic) {
	if expr == nil {
		return nil, diag.New(diag.NoEnforcer, "A row expression is missing.").For(e.spec.Address)
	}
	x := &expression{}
	prog, err := eval.Compile(expr, func(ref *rowexpr.Expr) (int, error) {
		r, err := resolve(ref)
		if err != nil {
			return 0, err
		}
		x.refs = append(x.refs, r)
		return len(x.refs) - 1, nil
	})
	if err != nil {
		return nil, diag.New(diag.NoEnforcer, "A row expression cannot be computed: %v.", err).At(expr.Range).For(e.spec.Address)
	}
	prog.SetNow(e.spec.Now)
	x.prog = prog
	return x, nil
}

// overRecord compiles an expression of the map, whose references lead into the
// record as it was found.
func (e *Enforcer) overRecord(expr *rowexpr.Expr) (*expression, *diag.Diagnostic) {
	return e.compile(expr, func(ref *rowexpr.Expr) (reference, error) {
		if len(ref.Path) == 0 || ref.Path[0].IsIdx {
			return reference{}, fmt.Errorf("value means nothing in a map")
		}
		if ref.Type.IsZero() || ref.Type.Kind == types.Any {
			return reference{}, fmt.Errorf("row.%s has no type", rowexpr.PathString(ref.Path))
		}
		slot := e.slots.at(ref.Path)
		for _, in := range e.inputs {
			if in.slot == slot && in.dec.typ.Equal(ref.Type) {
				return reference{input: in}, nil
			}
		}
		in := &input{slot: slot, dec: newDecoder(ref.Type, e.spec.Contract, e.spec.Timezone), values: vec.New(ref.Type)}
		e.inputs = append(e.inputs, in)
		return reference{input: in}, nil
	})
}

// overRow compiles a condition over the columns of the row.
func (e *Enforcer) overRow(expr *rowexpr.Expr) (*expression, *diag.Diagnostic) {
	return e.compile(expr, func(ref *rowexpr.Expr) (reference, error) {
		if len(ref.Path) == 0 || ref.Path[0].IsIdx || e.named[ref.Path[0].Name] == nil {
			return reference{}, fmt.Errorf("row.%s is not a column", rowexpr.PathString(ref.Path))
		}
		return within(e.named[ref.Path[0].Name], ref, ref.Path[1:])
	})
}

// overValue compiles a condition over the value of a column. A path into the value
// begins with the column's name; that of the value itself is empty.
func (e *Enforcer) overValue(expr *rowexpr.Expr, c *column) (*expression, *diag.Diagnostic) {
	return e.compile(expr, func(ref *rowexpr.Expr) (reference, error) { return within(c, ref, ref.Path[min(1, len(ref.Path)):]) })
}

func within(c *column, ref *rowexpr.Expr, path []rowexpr.Step) (reference, error) {
	t, ok := typeOf(c.Type, path)
	if !ok || !t.Equal(ref.Type) {
		return reference{}, fmt.Errorf("%s of column %s is not %s", rowexpr.PathString(path), c.Name, ref.Type)
	}
	r := reference{column: c, path: path}
	if len(path) > 0 {
		r.values = vec.New(t)
	}
	return r, nil
}

// breaks notes the rows that break a condition.
func (e *Enforcer) breaks(x *expression, rule, slot int32) {
	var failed []eval.Reason
	x.set, failed = x.prog.Violated(x.bound(e.n), e.n, x.set)
	x.set.Each(e.n, func(row int) {
		if failed != nil && failed[row] != eval.None {
			e.failed(row, rule, failed[row])
			return
		}
		e.hit(int32(row), rule, fine, slot)
	})
}

// failed notes that an expression could not be computed for a row.
func (e *Enforcer) failed(row int, rule int32, why eval.Reason) {
	e.noteHit(row, rule, note{message: "cannot be computed: " + why.String()})
}

// unreadable notes that a value which an expression reads is not of its type.
func (e *Enforcer) unreadable(in *input, f cellFault, rule int32) {
	s := e.reader.spans[in.slot][f.row]
	e.noteHit(int(f.row), rule, note{message: explainCode(f.code, s.kind, in.dec.typ), value: s})
}

// dropFiltered reads what the map's expressions need and takes the rows out that
// the filter does not keep. A row for which the filter cannot be computed stays,
// with a violation.
func (e *Enforcer) dropFiltered() {
	for _, in := range e.inputs {
		in.faults = in.dec.column(e.data, e.reader.spans[in.slot][:e.n], in.values, in.faults[:0])
	}
	x := e.filter
	if x == nil {
		return
	}
	var failed []eval.Reason
	x.set, failed = x.prog.Holds(x.bound(e.n), e.n, x.set)
	for _, r := range x.refs {
		for _, f := range r.input.faults {
			if !e.out.Get(int(f.row)) && !x.set.Get(int(f.row)) {
				e.unreadable(r.input, f, e.filterRule)
				x.set.Set(int(f.row))
			}
		}
	}
	for row := range e.n {
		switch {
		case x.set.Get(row) || e.out.Get(row):
		case failed != nil && failed[row] != eval.None:
			e.failed(row, e.filterRule, failed[row])
		default:
			e.out.Set(row)
			e.anyOut = true
		}
	}
}

// checkRows holds the chunk's rows to the checks over the row.
func (e *Enforcer) checkRows() {
	for _, k := range e.checks {
		e.breaks(k.prog, k.rule, fromNone)
	}
}
