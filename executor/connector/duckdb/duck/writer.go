package duck

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	bind "github.com/duckdb/duckdb-go-bindings"
)

// vectorSize is the number of rows of a chunk.
const vectorSize = 2048

// writer copies one Arrow array into DuckDB's vectors, piece by piece.
type writer struct {
	typ     *Type
	arr     arrow.Array
	fixed   []byte   // values of fixed width, from the array's first row on
	offsets []int32  // of texts, lists and maps
	bytes   []byte   // of texts
	kids    []writer // of a list (one) or a struct
	width   int      // bytes a value, of fixed
	copies  bool     // fixed is laid out as DuckDB's vector
}

// fixedWidths are the kinds that DuckDB and Arrow lay out alike.
var fixedWidths = map[Kind]struct {
	arrow arrow.Type
	width int
}{
	Int32: {arrow.INT32, 4}, Int64: {arrow.INT64, 8}, Float64: {arrow.FLOAT64, 8}, Date: {arrow.DATE32, 4},
	Time: {arrow.TIME64, 8}, Timestamp: {arrow.TIMESTAMP, 8}, TimestampTZ: {arrow.TIMESTAMP, 8},
}

// bind points w at an array. It says what does not fit.
func (w *writer) bind(t *Type, arr arrow.Array) error {
	w.typ, w.arr, w.copies = t, arr, false
	arr.NullN() // counted here: afterwards several threads may read the array
	data := arr.Data()
	if f, ok := fixedWidths[t.Kind]; ok {
		if data.DataType().ID() != f.arrow {
			return mismatch(t, arr)
		}
		w.copies = true
		return w.bindFixed(data, f.width)
	}
	switch a := arr.(type) {
	case *array.Boolean:
		return w.want(t.Kind == Bool)
	case *array.String:
		return w.bindText(t.Kind == Text, a)
	case *array.Binary:
		return w.bindText(t.Kind == Blob, a)
	case *array.Decimal128:
		dt := a.DataType().(*arrow.Decimal128Type)
		if t.Kind != Decimal || int(dt.Scale) != t.Scale || int(dt.Precision) != t.Width {
			return mismatch(t, arr)
		}
		w.copies = t.Storage == Int128
		return w.bindFixed(data, 16)
	case *array.FixedSizeBinary:
		if t.Kind != UUID || a.DataType().(*arrow.FixedSizeBinaryType).ByteWidth != 16 {
			return mismatch(t, arr)
		}
		return w.bindFixed(data, 16)
	case *array.Map:
		return w.bindList(t, Map, a.Offsets(), data.Offset(), a.ListValues())
	case *array.List:
		return w.bindList(t, List, a.Offsets(), data.Offset(), a.ListValues())
	case *array.Struct:
		return w.bindStruct(t, a)
	}
	return mismatch(t, arr)
}

func mismatch(t *Type, arr arrow.Array) error {
	return fmt.Errorf("the batch holds %s, which is not what the table's column (vector kind %d) stores", arr.DataType(), t.Kind)
}

func (w *writer) want(fits bool) error {
	if !fits {
		return mismatch(w.typ, w.arr)
	}
	return nil
}

// bindFixed keeps the array's values, its offset taken into account.
func (w *writer) bindFixed(data arrow.ArrayData, width int) error {
	w.width, w.fixed = width, nil
	if buf := data.Buffers()[1]; buf != nil && data.Len() > 0 {
		w.fixed = buf.Bytes()[data.Offset()*width:]
	}
	if len(w.fixed) < data.Len()*width {
		return fmt.Errorf("the array's buffer is shorter than its %d values", data.Len())
	}
	return nil
}

// texts is what Arrow arrays of texts and of bytes have in common. Offsets are
// absolute; the bytes begin at the first of them.
type texts interface {
	arrow.Array
	ValueOffsets() []int32
	ValueBytes() []byte
}

func (w *writer) bindText(fits bool, a texts) error {
	if w.offsets, w.bytes = nil, nil; a.Len() > 0 {
		w.offsets, w.bytes = a.ValueOffsets(), a.ValueBytes()
	}
	return w.want(fits)
}

func (w *writer) bindList(t *Type, kind Kind, offsets []int32, from int, values arrow.Array) error {
	if t.Kind != kind {
		return mismatch(t, w.arr)
	}
	if w.arr.Len() > 0 {
		offsets = offsets[from:]
	}
	w.offsets = offsets
	return w.children(1)[0].bind(t.Elem, values)
}

func (w *writer) bindStruct(t *Type, a *array.Struct) error {
	if t.Kind != Struct || a.NumField() != len(t.Members) {
		return mismatch(t, w.arr)
	}
	kids := w.children(len(t.Members))
	for i := range kids {
		if err := kids[i].bind(&t.Members[i], a.Field(i)); err != nil {
			return fmt.Errorf("%s: %w", t.Names[i], err)
		}
	}
	return nil
}

func (w *writer) children(n int) []writer {
	if len(w.kids) != n {
		w.kids = make([]writer, n)
	}
	return w.kids
}

// pin keeps the texts where they are while DuckDB's vectors point at them.
func (w *writer) pin(p *runtime.Pinner) {
	if (w.typ.Kind == Text || w.typ.Kind == Blob) && len(w.bytes) > 0 {
		p.Pin(unsafe.SliceData(w.bytes))
	}
	for i := range w.kids {
		w.kids[i].pin(p)
	}
}

// write copies rows [from, from+n) into a vector. outer, when not nil, marks
// rows that are null because the struct around them is.
func (w *writer) write(vec bind.Vector, from, n int, outer []bool) error {
	nulls := w.writeNulls(vec, from, n, outer)
	dst := bind.VectorGetData(vec)
	switch w.typ.Kind {
	case Bool:
		w.writeBools(unsafe.Slice((*bool)(dst), n), from)
	case Text, Blob:
		w.writeTexts(unsafe.Slice((*String)(dst), n), from)
	case Decimal, UUID:
		if !w.copies {
			w.writeWide(dst, from, n)
			return nil
		}
		copy(unsafe.Slice((*byte)(dst), n*w.width), w.fixed[from*w.width:])
	case List, Map:
		return w.writeLists(vec, unsafe.Slice((*Entry)(dst), n), from)
	case Struct:
		for i := range w.kids {
			if err := w.kids[i].write(bind.StructVectorGetChild(vec, bind.IdxT(i)), from, n, nulls); err != nil {
				return err
			}
		}
	default:
		copy(unsafe.Slice((*byte)(dst), n*w.width), w.fixed[from*w.width:(from+n)*w.width])
	}
	return nil
}

// writeNulls sets the vector's validity. For a struct it returns which rows are
// null, so that its members become null with it; else nil.
func (w *writer) writeNulls(vec bind.Vector, from, n int, outer []bool) []bool {
	if w.arr.NullN() == 0 && outer == nil {
		return nil
	}
	bind.VectorEnsureValidityWritable(vec)
	mask := unsafe.Slice((*byte)(bind.VectorGetValidity(vec)), (n+63)/64*8)
	bits := w.arr.NullBitmapBytes()
	start := w.arr.Data().Offset() + from
	if outer == nil && w.typ.Kind != Struct && start%8 == 0 && w.arr.NullN() > 0 {
		copy(mask, bits[start/8:min(len(bits), (start+n+7)/8)])
		return nil
	}
	var nulls []bool
	if w.typ.Kind == Struct {
		nulls = make([]bool, n)
	}
	for i := range n {
		if (outer != nil && outer[i]) || w.arr.IsNull(from+i) {
			mask[i/8] &^= 1 << (i % 8)
			if nulls != nil {
				nulls[i] = true
			}
		}
	}
	return nulls
}

func (w *writer) writeBools(dst []bool, from int) {
	bits := w.arr.Data().Buffers()[1].Bytes()
	start := w.arr.Data().Offset() + from
	for i := range dst {
		at := start + i
		dst[i] = bits[at/8]>>(at%8)&1 != 0
	}
}

// writeTexts writes each text inline (up to 12 bytes) or as a pointer into the
// Arrow buffer, which stays pinned until DuckDB has copied the chunk.
func (w *writer) writeTexts(dst []String, from int) {
	offsets := w.offsets[from : from+len(dst)+1]
	base := w.offsets[0]
	for i := range dst {
		text := w.bytes[offsets[i]-base : offsets[i+1]-base]
		s := &dst[i]
		s.length = uint32(len(text))
		if len(text) > 12 {
			copy(s.prefix[:], text)
			s.ptr = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(text))))
			continue
		}
		s.prefix, s.ptr = [4]byte{}, 0
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&s.prefix)), 12), text)
	}
}

// writeWide writes what Arrow keeps in 16 bytes and DuckDB does not keep alike:
// decimals of fewer digits, and UUIDs.
func (w *writer) writeWide(dst unsafe.Pointer, from, n int) {
	if w.typ.Kind == UUID {
		src := w.fixed[from*16:]
		out := unsafe.Slice((*[2]uint64)(dst), n)
		for i := range out {
			out[i][1] = binary.BigEndian.Uint64(src[i*16:]) ^ 1<<63
			out[i][0] = binary.BigEndian.Uint64(src[i*16+8:])
		}
		return
	}
	src := unsafe.Slice((*decimal128.Num)(unsafe.Pointer(unsafe.SliceData(w.fixed[from*16:]))), n)
	switch w.typ.Storage {
	case Int16:
		narrow(unsafe.Slice((*int16)(dst), n), src)
	case Int32:
		narrow(unsafe.Slice((*int32)(dst), n), src)
	default:
		narrow(unsafe.Slice((*int64)(dst), n), src)
	}
}

func narrow[T int16 | int32 | int64](dst []T, src []decimal128.Num) {
	for i := range dst {
		dst[i] = T(src[i].LowBits())
	}
}

// writeLists writes the entries and, as one run, the elements that they span.
func (w *writer) writeLists(vec bind.Vector, dst []Entry, from int) error {
	offsets := w.offsets[from : from+len(dst)+1]
	first, last := int(offsets[0]), int(offsets[len(dst)])
	for i := range dst {
		dst[i] = Entry{Offset: uint64(int(offsets[i]) - first), Length: uint64(offsets[i+1] - offsets[i])}
	}
	count := bind.IdxT(last - first)
	if bind.ListVectorReserve(vec, count) != bind.StateSuccess || bind.ListVectorSetSize(vec, count) != bind.StateSuccess {
		return &Error{Type: "Out of Memory", Message: "no room for the elements of a list"}
	}
	if last == first {
		return nil
	}
	return w.kids[0].write(bind.ListVectorGetChild(vec), first, last-first, nil)
}
