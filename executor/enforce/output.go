package enforce

import (
	"math"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

// source returns the chunk's values of column i of the batch.
func (e *Enforcer) source(i int) *vec.Vec {
	if i < len(e.columns) {
		return e.columns[i].values
	}
	return e.keep
}

func (e *Enforcer) width() int {
	if e.keep != nil {
		return len(e.columns) + 1
	}
	return len(e.columns)
}

// takeColumns returns empty columns for a batch.
func (e *Enforcer) takeColumns() []*vec.Vec {
	e.mu.Lock()
	var cols []*vec.Vec
	if n := len(e.free); n > 0 {
		cols = e.free[n-1]
		e.free = e.free[:n-1]
	}
	e.mu.Unlock()
	for len(cols) < e.width() {
		cols = append(cols, &vec.Vec{})
	}
	cols = cols[:e.width()]
	for i, v := range cols {
		v.Reset(e.typeAt(i))
	}
	return cols
}

func (e *Enforcer) typeAt(i int) types.Type {
	if i < len(e.columns) {
		return e.columns[i].Type
	}
	return e.keep.Type
}

func (e *Enforcer) giveColumns(cols []*vec.Vec) {
	e.mu.Lock()
	e.free = append(e.free, cols)
	e.mu.Unlock()
}

// appendAccepted appends the chunk's accepted rows to the batch's columns. A
// column that evolve has just added is null in the rows before. The first chunk of
// a batch is not copied where every row of it is accepted: the columns change
// their contents, and what the chunk leaves is read over by the next one.
func (e *Enforcer) appendAccepted(cols []*vec.Vec, rows int) []*vec.Vec {
	before := 0
	if len(cols) > 0 {
		before = cols[0].N
	}
	for len(cols) < e.width() {
		v := vec.New(e.typeAt(len(cols)))
		for range before {
			v.AppendNull()
		}
		cols = append(cols, v)
	}
	e.findRuns()
	if before == 0 && e.all {
		for i, v := range cols {
			src := e.source(i)
			*v, *src = *src, *v
		}
		return cols
	}
	for i, v := range cols {
		src := e.source(i)
		for _, r := range e.runs {
			appendRun(v, src, int(r.from), int(r.n))
		}
	}
	return cols
}

// run is a stretch of rows of the chunk.
type run struct{ from, n int32 }

// findRuns leaves the accepted rows in e.runs, as few stretches as they make.
func (e *Enforcer) findRuns() {
	e.runs = e.runs[:0]
	if e.all {
		e.runs = append(e.runs, run{0, int32(e.n)})
		return
	}
	for rest := e.sel; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n] == rest[0]+int32(n) {
			n++
		}
		e.runs = append(e.runs, run{rest[0], int32(n)})
		rest = rest[n:]
	}
}

// finish makes the batch's record from its columns.
func (e *Enforcer) finish(b *Batch, cols []*vec.Vec) error {
	schema := e.Schema()
	arrays := make([]arrow.Array, len(cols))
	for i, v := range cols {
		if len(v.Data) > math.MaxInt32 {
			e.giveColumns(cols)
			return diag.New(diag.BatchTooLarge, "Column %s of a batch holds more than 2 GiB of text. Set a smaller batch { rows = ... } on the pipeline.", schema.Field(i).Name)
		}
		arrays[i] = v.ToArrow()
	}
	rows := lend(array.NewRecordBatch(schema, arrays, b.Counts.Accepted), func() { e.giveColumns(cols) })
	b.Rows = rows
	for _, a := range arrays {
		a.Release()
	}
	b.Checksum = e.hasher.Batch(b.Rows)
	b.NewColumns = e.added
	b.columns = cols
	b.release = rows.Release
	return nil
}

// appendRun appends rows [from, from+n) of a column to another of the same type.
func appendRun(dst, src *vec.Vec, from, n int) {
	to := from + n
	switch src.Type.Kind {
	case types.Int32, types.Date:
		dst.I32 = append(dst.I32, src.I32[from:to]...)
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		dst.I64 = append(dst.I64, src.I64[from:to]...)
	case types.Float64:
		dst.F64 = append(dst.F64, src.F64[from:to]...)
	case types.Decimal:
		dst.Dec = append(dst.Dec, src.Dec[from:to]...)
	case types.UUID:
		dst.Data = append(dst.Data, src.Data[16*from:16*to]...)
	case types.Bool:
		dst.Bool = dst.Bool.Append(dst.N, src.Bool, from, n)
	case types.String, types.Bytes, types.JSON:
		shift := int32(len(dst.Data)) - src.Offs[from]
		dst.Data = append(dst.Data, src.Data[src.Offs[from]:src.Offs[to]]...)
		for _, o := range src.Offs[from+1 : to+1] {
			dst.Offs = append(dst.Offs, o+shift)
		}
	default:
		for i := from; i < to; i++ {
			dst.AppendFrom(src, i)
		}
		return
	}
	switch {
	case src.Valid != nil:
		dst.Valid = dst.NeedValid().Append(dst.N, src.Valid, from, n)
	case dst.Valid != nil:
		dst.Valid = dst.Valid.AppendOnes(dst.N, n)
	}
	dst.N += n
}

// lentRows are the rows of a batch over memory that is used again. Whoever keeps
// them longer than the batch retains them; the last to release them gives the
// memory back.
type lentRows struct {
	arrow.RecordBatch
	refs atomic.Int64
	back func()
}

func lend(rows arrow.RecordBatch, back func()) *lentRows {
	l := &lentRows{RecordBatch: rows, back: back}
	l.refs.Store(1)
	return l
}

// Retain keeps the rows until one more Release.
func (l *lentRows) Retain() { l.refs.Add(1) }

// Release gives them up.
func (l *lentRows) Release() {
	if l.refs.Add(-1) == 0 {
		l.RecordBatch.Release()
		l.back()
	}
}
