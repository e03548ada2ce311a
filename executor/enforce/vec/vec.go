// Package vec holds columns of values in Arrow's memory layout, in plain slices
// that are filled, computed upon and reused batch after batch. A Vec becomes an
// Arrow array without a copy.
package vec

import (
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/types"
)

// Vec is a column of N values of Type. Which slice holds them depends on the
// type's kind; the others are empty. The value slots of null rows exist and are
// undefined.
//
//	bool                        Bool
//	int32, date (days)          I32
//	int64, time, timestamp[tz]  I64 (times in microseconds)
//	float64                     F64
//	decimal                     Dec (unscaled)
//	string, bytes, json         Data[Offs[i]:Offs[i+1]]
//	uuid                        Data, 16 bytes each
//	list                        Elem[Offs[i]:Offs[i+1]]
//	map                         Keys and Elem, as a list of entries
//	struct                      Fields, in the type's order, N values each
type Vec struct {
	Type   types.Type
	N      int
	Valid  Bitmap // nil: no row is null
	Bool   Bitmap
	I32    []int32
	I64    []int64
	F64    []float64
	Dec    []decimal128.Num
	Offs   []int32 // N+1 of them, for string, bytes, json, list and map
	Data   []byte
	Keys   *Vec
	Elem   *Vec
	Fields []*Vec

	spare Bitmap // memory of Valid while that is nil
}

// New makes an empty column.
func New(t types.Type) *Vec {
	v := &Vec{}
	v.Reset(t)
	return v
}

// Reset empties the column and makes it one of type t. Memory is kept.
func (v *Vec) Reset(t types.Type) {
	fresh := !v.Type.Equal(t)
	v.Type, v.N = t, 0
	v.NoNulls()
	v.Bool, v.I32, v.I64, v.F64, v.Dec = v.Bool[:0], v.I32[:0], v.I64[:0], v.F64[:0], v.Dec[:0]
	v.Data, v.Offs = v.Data[:0], v.Offs[:0]
	if hasOffsets(t.Kind) {
		v.Offs = append(v.Offs, 0)
	}
	if fresh {
		v.Keys, v.Elem, v.Fields = nil, nil, nil
		v.children()
		return
	}
	for _, c := range [...]*Vec{v.Keys, v.Elem} {
		if c != nil {
			c.Reset(c.Type)
		}
	}
	for _, f := range v.Fields {
		f.Reset(f.Type)
	}
}

func (v *Vec) children() {
	switch v.Type.Kind {
	case types.Map:
		v.Keys = New(types.Of(types.String))
		v.Elem = New(*v.Type.Elem)
	case types.List:
		v.Elem = New(*v.Type.Elem)
	case types.Struct:
		v.Fields = make([]*Vec, len(v.Type.Fields))
		for i, f := range v.Type.Fields {
			v.Fields[i] = New(f.Type)
		}
	}
}

func hasOffsets(k types.Kind) bool {
	switch k {
	case types.String, types.Bytes, types.JSON, types.List, types.Map:
		return true
	default:
		return false
	}
}

// NoNulls says that no row is null, keeping the bitmap's memory.
func (v *Vec) NoNulls() {
	if v.Valid != nil {
		v.spare, v.Valid = v.Valid, nil
	}
}

// NeedValid makes Valid exist, all ones where it did not, and returns it.
func (v *Vec) NeedValid() Bitmap {
	if v.Valid == nil {
		v.Valid = v.RawValid(v.N)
		v.Valid.Fill(true)
	}
	return v.Valid
}

// RawValid makes Valid exist with room for n bits whose values are undefined.
func (v *Vec) RawValid(n int) Bitmap {
	if v.Valid == nil {
		v.Valid, v.spare = v.spare, nil
	}
	v.Valid = v.Valid.Sized(n)
	if v.Valid == nil { // no rows
		v.Valid = Bitmap{}
	}
	return v.Valid
}

// IsNull reports whether row i is null.
func (v *Vec) IsNull(i int) bool { return v.Valid != nil && !v.Valid.Get(i) }

// SetNull makes row i null, whatever it held.
func (v *Vec) SetNull(i int) { v.NeedValid().Clear(i) }

// Nulls counts the null rows.
func (v *Vec) Nulls() int {
	if v.Valid == nil {
		return 0
	}
	return v.N - v.Valid.Count(v.N)
}

// Resize makes the column n rows long, without nulls, the fixed-width slots
// undefined: kernels write every one. Columns with offsets become empty and are
// appended to instead; use it on them only through Append calls.
func (v *Vec) Resize(n int) {
	v.NoNulls()
	v.N = n
	switch v.Type.Kind {
	case types.Bool:
		v.Bool = v.Bool.Sized(n)
	case types.Int32, types.Date:
		v.I32 = Grow(v.I32, n)
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		v.I64 = Grow(v.I64, n)
	case types.Float64:
		v.F64 = Grow(v.F64, n)
	case types.Decimal:
		v.Dec = Grow(v.Dec, n)
	case types.UUID:
		v.Data = Grow(v.Data, 16*n)
	default:
		v.Reset(v.Type)
	}
}

// Grow returns a slice of length n in s's memory where it suffices. The values
// are undefined.
func Grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

// Bytes returns the bytes of row i of a string, bytes, json or uuid column. They
// are the column's own and must not be kept or changed.
func (v *Vec) Bytes(i int) []byte {
	if v.Type.Kind == types.UUID {
		return v.Data[16*i : 16*i+16]
	}
	return v.Data[v.Offs[i]:v.Offs[i+1]]
}
