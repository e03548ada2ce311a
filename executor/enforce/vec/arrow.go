package vec

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/headgate-data/headgate/compiler/types"
)

// ToArrow returns the column as an Arrow array over the column's own memory:
// nothing may be appended to, written into or reset in v until the array and
// every record that holds it are released. The caller releases the array.
func (v *Vec) ToArrow() arrow.Array {
	d := v.data(v.Type.Arrow())
	defer d.Release()
	return array.MakeFromData(d)
}

func (v *Vec) data(t arrow.DataType) arrow.ArrayData {
	var valid *memory.Buffer
	nulls := v.Nulls()
	if nulls > 0 {
		valid = memory.NewBufferBytes(v.Valid.bytes(v.N))
	}
	buffers := []*memory.Buffer{valid}
	var children []arrow.ArrayData
	switch v.Type.Kind {
	case types.Bool:
		buffers = append(buffers, memory.NewBufferBytes(v.Bool.bytes(v.N)))
	case types.Int32, types.Date:
		buffers = append(buffers, buffer(v.I32))
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		buffers = append(buffers, buffer(v.I64))
	case types.Float64:
		buffers = append(buffers, buffer(v.F64))
	case types.Decimal:
		buffers = append(buffers, buffer(v.Dec))
	case types.UUID:
		buffers = append(buffers, buffer(v.Data))
	case types.List:
		buffers = append(buffers, buffer(v.Offs))
		children = append(children, v.Elem.data(t.(*arrow.ListType).Elem()))
	case types.Map:
		buffers = append(buffers, buffer(v.Offs))
		children = append(children, v.entries(t.(*arrow.MapType)))
	case types.Struct:
		st := t.(*arrow.StructType)
		for i, f := range v.Fields {
			children = append(children, f.data(st.Field(i).Type))
		}
	default:
		buffers = append(buffers, buffer(v.Offs), buffer(v.Data))
	}
	d := array.NewData(t, v.N, buffers, children, nulls, 0)
	for _, c := range children {
		c.Release()
	}
	return d
}

// entries is the struct of keys and values that an Arrow map is a list of.
func (v *Vec) entries(t *arrow.MapType) arrow.ArrayData {
	kids := []arrow.ArrayData{v.Keys.data(t.KeyType()), v.Elem.data(t.ItemType())}
	d := array.NewData(t.Elem(), v.Elem.N, []*memory.Buffer{nil}, kids, 0, 0)
	for _, k := range kids {
		k.Release()
	}
	return d
}

// buffer wraps a slice's memory.
func buffer[T int32 | int64 | float64 | byte | decimal128.Num](s []T) *memory.Buffer {
	if len(s) == 0 {
		return memory.NewBufferBytes(nil)
	}
	var one T
	return memory.NewBufferBytes(unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(one))))
}

// FromArrow copies an array into a column of type t, whose Arrow type must be
// the array's. It is meant for reading back what was written.
func FromArrow(t types.Type, a arrow.Array) (*Vec, error) {
	if !arrow.TypeEqual(t.Arrow(), a.DataType()) {
		return nil, fmt.Errorf("%s is no array of %s", a.DataType(), t)
	}
	v := New(t)
	for i := range a.Len() {
		appendArrow(v, a, i)
	}
	return v, nil
}

func appendArrow(v *Vec, a arrow.Array, i int) {
	if a.IsNull(i) {
		v.AppendNull()
		return
	}
	switch x := a.(type) {
	case *array.Boolean:
		v.AppendBool(x.Value(i))
	case *array.Int32:
		v.AppendI32(x.Value(i))
	case *array.Date32:
		v.AppendI32(int32(x.Value(i)))
	case *array.Int64:
		v.AppendI64(x.Value(i))
	case *array.Time64:
		v.AppendI64(int64(x.Value(i)))
	case *array.Timestamp:
		v.AppendI64(int64(x.Value(i)))
	case *array.Float64:
		v.AppendF64(x.Value(i))
	case *array.Decimal128:
		v.AppendDec(x.Value(i))
	case *array.String:
		v.AppendString(x.Value(i))
	case *array.Binary:
		v.AppendBytes(x.Value(i))
	case *array.FixedSizeBinary:
		v.AppendBytes(x.Value(i))
	case *array.Map:
		start, end := x.ValueOffsets(i)
		for j := start; j < end; j++ {
			appendArrow(v.Keys, x.Keys(), int(j))
			appendArrow(v.Elem, x.Items(), int(j))
		}
		v.EndList()
	case *array.List:
		start, end := x.ValueOffsets(i)
		for j := start; j < end; j++ {
			appendArrow(v.Elem, x.ListValues(), int(j))
		}
		v.EndList()
	case *array.Struct:
		for f := range v.Fields {
			appendArrow(v.Fields[f], x.Field(f), i)
		}
		v.EndStruct()
	}
}
