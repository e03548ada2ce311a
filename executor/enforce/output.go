package enforce

import (
	"math"

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
// column that evolve has just added is null in the rows before.
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
	for i, v := range cols {
		if e.all {
			appendAll(v, e.source(i))
		} else {
			appendRows(v, e.source(i), e.sel)
		}
	}
	return cols
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
	b.Rows = array.NewRecordBatch(schema, arrays, b.Counts.Accepted)
	for _, a := range arrays {
		a.Release()
	}
	b.Checksum = e.hasher.Batch(b.Rows)
	b.NewColumns = e.added
	rows := b.Rows
	b.columns = cols
	b.release = func() {
		rows.Release()
		e.giveColumns(cols)
	}
	return nil
}

// appendAll appends a whole column to another of the same type.
func appendAll(dst, src *vec.Vec) {
	switch src.Type.Kind {
	case types.Int32, types.Date:
		dst.I32 = append(dst.I32, src.I32[:src.N]...)
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		dst.I64 = append(dst.I64, src.I64[:src.N]...)
	case types.Float64:
		dst.F64 = append(dst.F64, src.F64[:src.N]...)
	case types.Decimal:
		dst.Dec = append(dst.Dec, src.Dec[:src.N]...)
	case types.UUID:
		dst.Data = append(dst.Data, src.Data[:16*src.N]...)
	case types.Bool:
		dst.Bool = appendBits(dst.Bool, dst.N, src.Bool, src.N)
	case types.String, types.Bytes, types.JSON:
		shift := int32(len(dst.Data))
		dst.Data = append(dst.Data, src.Data...)
		for _, o := range src.Offs[1 : src.N+1] {
			dst.Offs = append(dst.Offs, o+shift)
		}
	default:
		for i := range src.N {
			dst.AppendFrom(src, i)
		}
		return
	}
	appendValid(dst, src)
}

// appendValid takes over which rows of src are null, and counts its rows.
func appendValid(dst, src *vec.Vec) {
	switch {
	case src.Valid != nil:
		valid := dst.NeedValid()
		dst.Valid = appendBits(valid, dst.N, src.Valid, src.N)
	case dst.Valid != nil:
		for i := range src.N {
			dst.Valid = dst.Valid.Push(dst.N+i, true)
		}
	}
	dst.N += src.N
}

// appendBits appends the first m bits of src to the n of dst.
func appendBits(dst vec.Bitmap, n int, src vec.Bitmap, m int) vec.Bitmap {
	if n&63 == 0 {
		return append(dst[:vec.Words(n)], src[:vec.Words(m)]...)
	}
	for i := range m {
		dst = dst.Push(n+i, src.Get(i))
	}
	return dst
}

// appendRows appends the rows that sel names.
func appendRows(dst, src *vec.Vec, sel []int32) {
	if src.Valid == nil && dst.Valid == nil {
		switch src.Type.Kind {
		case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
			for _, i := range sel {
				dst.I64 = append(dst.I64, src.I64[i])
			}
			dst.N += len(sel)
			return
		case types.String, types.Bytes, types.JSON:
			for _, i := range sel {
				dst.Data = append(dst.Data, src.Data[src.Offs[i]:src.Offs[i+1]]...)
				dst.Offs = append(dst.Offs, int32(len(dst.Data)))
			}
			dst.N += len(sel)
			return
		}
	}
	for _, i := range sel {
		dst.AppendFrom(src, int(i))
	}
}
