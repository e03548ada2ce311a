package checksum

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/headgate-data/headgate/executor/connector"
)

// Batch returns the checksum of a batch's rows. It panics on an Arrow type that
// no column type maps to, which no batch of headgate holds.
func Batch(rec arrow.RecordBatch) connector.Checksum {
	var h Hasher
	return h.Batch(rec)
}

// Hasher computes checksums of batches and keeps its scratch memory between
// them. It may be used by one goroutine at a time. The zero value is ready.
type Hasher struct {
	rows []uint64
}

// Batch returns the checksum of a batch's rows, as the function Batch does.
func (h *Hasher) Batch(rec arrow.RecordBatch) connector.Checksum {
	n := int(rec.NumRows())
	if cap(h.rows) < n {
		h.rows = make([]uint64, n)
	}
	rows := h.rows[:n]
	for i := range rows {
		rows[i] = Seed
	}
	for i := int(rec.NumCols()) - 1; i >= 0; i-- {
		column(rows, rec.Column(i))
	}
	var c connector.Checksum
	c.Rows = int64(n)
	for _, r := range rows {
		c.Sum += r
		c.Mix += Mix(r)
	}
	return c
}

// column combines a column's values into the hashes of its rows.
func column(rows []uint64, col arrow.Array) {
	nulls := col.NullN() > 0
	switch a := col.(type) {
	case *array.Int64:
		ints(rows, a.Int64Values(), a, nulls)
	case *array.Timestamp:
		ints(rows, a.TimestampValues(), a, nulls)
	case *array.Time64:
		ints(rows, a.Time64Values(), a, nulls)
	case *array.Int32:
		ints(rows, a.Int32Values(), a, nulls)
	case *array.Date32:
		ints(rows, a.Date32Values(), a, nulls)
	case *array.Float64:
		floats(rows, a, nulls)
	case *array.String:
		texts(rows, a, nulls)
	case *array.Decimal128:
		decimals(rows, a, nulls)
	case *array.Boolean:
		bools(rows, a, nulls)
	default:
		each(rows, col)
	}
}

func ints[T ~int32 | ~int64](rows []uint64, vals []T, a arrow.Array, nulls bool) {
	vals = vals[:len(rows)]
	if !nulls {
		for i, v := range vals {
			rows[i] = Combine(rows[i], Int(int64(v)))
		}
		return
	}
	for i, v := range vals {
		x := nullHash
		if a.IsValid(i) {
			x = Int(int64(v))
		}
		rows[i] = Combine(rows[i], x)
	}
}

func floats(rows []uint64, a *array.Float64, nulls bool) {
	for i, v := range a.Float64Values() {
		x := nullHash
		if !nulls || a.IsValid(i) {
			x = Float(v)
		}
		rows[i] = Combine(rows[i], x)
	}
}

func decimals(rows []uint64, a *array.Decimal128, nulls bool) {
	for i, v := range a.Values()[:len(rows)] {
		x := nullHash
		if !nulls || a.IsValid(i) {
			x = Int128(v.HighBits(), v.LowBits())
		}
		rows[i] = Combine(rows[i], x)
	}
}

// bools reads the bits by itself: where they stand is the same for every row.
func bools(rows []uint64, a *array.Boolean, nulls bool) {
	var bits []byte
	if buf := a.Data().Buffers()[1]; buf != nil {
		bits = buf.Bytes()
	}
	for i, at := 0, a.Data().Offset(); i < len(rows); i, at = i+1, at+1 {
		x := nullHash
		if !nulls || a.IsValid(i) {
			x = Bool(bits[at>>3]>>(at&7)&1 != 0)
		}
		rows[i] = Combine(rows[i], x)
	}
}

func texts(rows []uint64, a *array.String, nulls bool) {
	data, offs, base := a.ValueBytes(), a.ValueOffsets(), 0
	if len(offs) > 0 {
		base = int(offs[0])
	}
	for i := range rows {
		x := nullHash
		if !nulls || a.IsValid(i) {
			x = Bytes(data[int(offs[i])-base : int(offs[i+1])-base])
		}
		rows[i] = Combine(rows[i], x)
	}
}

// each is the way of the less frequent types: value by value.
func each(rows []uint64, col arrow.Array) {
	value := valuer(col)
	for i := range rows {
		rows[i] = Combine(rows[i], value(i))
	}
}

// valuer returns the function that hashes one value of a column.
func valuer(col arrow.Array) func(i int) uint64 {
	var value func(i int) uint64
	switch a := col.(type) {
	case *array.Boolean:
		value = func(i int) uint64 { return Bool(a.Value(i)) }
	case *array.Int32:
		value = func(i int) uint64 { return Int(int64(a.Value(i))) }
	case *array.Int64:
		value = func(i int) uint64 { return Int(a.Value(i)) }
	case *array.Float64:
		value = func(i int) uint64 { return Float(a.Value(i)) }
	case *array.Decimal128:
		value = func(i int) uint64 { v := a.Value(i); return Int128(v.HighBits(), v.LowBits()) }
	case *array.String:
		value = func(i int) uint64 { return xxh3.HashString(a.Value(i)) }
	case *array.Binary:
		value = func(i int) uint64 { return Bytes(a.Value(i)) }
	case *array.FixedSizeBinary:
		value = func(i int) uint64 { return Bytes(a.Value(i)) }
	case *array.Date32:
		value = func(i int) uint64 { return Int(int64(a.Value(i))) }
	case *array.Time64:
		value = func(i int) uint64 { return Int(int64(a.Value(i))) }
	case *array.Timestamp:
		value = func(i int) uint64 { return Int(int64(a.Value(i))) }
	default:
		value = nested(col)
	}
	if col.NullN() == 0 {
		return value
	}
	return func(i int) uint64 {
		if col.IsNull(i) {
			return nullHash
		}
		return value(i)
	}
}

func nested(col arrow.Array) func(i int) uint64 {
	switch a := col.(type) {
	case *array.Map: // before List, which it embeds
		key, item := valuer(a.Keys()), valuer(a.Items())
		return func(i int) uint64 {
			from, to := a.ValueOffsets(i)
			h := Int(to - from)
			for j := int(from); j < int(to); j++ {
				h = Combine(Combine(h, key(j)), item(j))
			}
			return h
		}
	case *array.List:
		elem := valuer(a.ListValues())
		return func(i int) uint64 {
			from, to := a.ValueOffsets(i)
			h := Int(to - from)
			for j := int(from); j < int(to); j++ {
				h = Combine(h, elem(j))
			}
			return h
		}
	case *array.Struct:
		fields := make([]func(int) uint64, a.NumField())
		for k := range fields {
			fields[k] = valuer(a.Field(k))
		}
		return func(i int) uint64 {
			h := Int(int64(len(fields)))
			for _, f := range fields {
				h = Combine(h, f(i))
			}
			return h
		}
	default:
		panic(fmt.Sprintf("checksum: no column type maps to Arrow's %s", col.DataType()))
	}
}
