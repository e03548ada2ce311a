package vec

import (
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/types"
)

// next counts one more row that is not null.
func (v *Vec) next() {
	if v.Valid != nil {
		v.Valid = v.Valid.Push(v.N, true)
	}
	v.N++
}

// AppendBool appends to a bool column.
func (v *Vec) AppendBool(x bool) {
	v.Bool = v.Bool.Push(v.N, x)
	v.next()
}

// AppendI32 appends to an int32 or date column.
func (v *Vec) AppendI32(x int32) {
	v.I32 = append(v.I32, x)
	v.next()
}

// AppendI64 appends to an int64, time or timestamp column.
func (v *Vec) AppendI64(x int64) {
	v.I64 = append(v.I64, x)
	v.next()
}

// AppendF64 appends to a float64 column.
func (v *Vec) AppendF64(x float64) {
	v.F64 = append(v.F64, x)
	v.next()
}

// AppendDec appends an unscaled value to a decimal column.
func (v *Vec) AppendDec(x decimal128.Num) {
	v.Dec = append(v.Dec, x)
	v.next()
}

// AppendBytes appends to a string, bytes or json column, or 16 bytes to a uuid
// column. The bytes are copied.
func (v *Vec) AppendBytes(x []byte) {
	v.Data = append(v.Data, x...)
	v.EndBytes()
}

// AppendString is AppendBytes for a string.
func (v *Vec) AppendString(x string) {
	v.Data = append(v.Data, x...)
	v.EndBytes()
}

// EndBytes ends a value whose bytes the caller appended to Data itself.
func (v *Vec) EndBytes() {
	if v.Type.Kind != types.UUID {
		v.Offs = append(v.Offs, int32(len(v.Data)))
	}
	v.next()
}

// EndList ends a list or map whose elements (and keys) the caller appended.
func (v *Vec) EndList() {
	v.Offs = append(v.Offs, int32(v.Elem.N))
	v.next()
}

// EndStruct ends a struct each of whose fields the caller appended once.
func (v *Vec) EndStruct() { v.next() }

// AppendNull appends a null row.
func (v *Vec) AppendNull() {
	v.NeedValid()
	v.Valid = v.Valid.Push(v.N, false)
	switch v.Type.Kind {
	case types.Bool:
		v.Bool = v.Bool.Push(v.N, false)
	case types.Int32, types.Date:
		v.I32 = append(v.I32, 0)
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		v.I64 = append(v.I64, 0)
	case types.Float64:
		v.F64 = append(v.F64, 0)
	case types.Decimal:
		v.Dec = append(v.Dec, decimal128.Num{})
	case types.UUID:
		v.Data = append(v.Data, make([]byte, 16)...)
	case types.Struct:
		for _, f := range v.Fields {
			f.AppendNull()
		}
	default:
		v.Offs = append(v.Offs, v.Offs[len(v.Offs)-1])
	}
	v.N++
}

// Undo takes back what a half-built last row left behind: bytes, elements and
// fields appended for row N but not ended.
func (v *Vec) Undo() { v.Truncate(v.N) }

// Truncate keeps the first n rows.
func (v *Vec) Truncate(n int) {
	v.N = n
	if v.Valid != nil {
		v.Valid = v.Valid[:Words(n)]
	}
	switch v.Type.Kind {
	case types.Bool:
		v.Bool = v.Bool[:Words(n)]
	case types.Int32, types.Date:
		v.I32 = v.I32[:n]
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		v.I64 = v.I64[:n]
	case types.Float64:
		v.F64 = v.F64[:n]
	case types.Decimal:
		v.Dec = v.Dec[:n]
	case types.UUID:
		v.Data = v.Data[:16*n]
	case types.Struct:
		for _, f := range v.Fields {
			f.Truncate(n)
		}
	case types.List, types.Map:
		v.Offs = v.Offs[:n+1]
		v.Elem.Truncate(int(v.Offs[n]))
		if v.Keys != nil {
			v.Keys.Truncate(int(v.Offs[n]))
		}
	default:
		v.Offs = v.Offs[:n+1]
		v.Data = v.Data[:v.Offs[n]]
	}
}

// AppendFrom appends row i of src, a column of the same type.
func (v *Vec) AppendFrom(src *Vec, i int) {
	if src.IsNull(i) {
		v.AppendNull()
		return
	}
	switch v.Type.Kind {
	case types.Bool:
		v.AppendBool(src.Bool.Get(i))
	case types.Int32, types.Date:
		v.AppendI32(src.I32[i])
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		v.AppendI64(src.I64[i])
	case types.Float64:
		v.AppendF64(src.F64[i])
	case types.Decimal:
		v.AppendDec(src.Dec[i])
	case types.Struct:
		for f := range v.Fields {
			v.Fields[f].AppendFrom(src.Fields[f], i)
		}
		v.EndStruct()
	case types.List, types.Map:
		for j := src.Offs[i]; j < src.Offs[i+1]; j++ {
			if v.Keys != nil {
				v.Keys.AppendFrom(src.Keys, int(j))
			}
			v.Elem.AppendFrom(src.Elem, int(j))
		}
		v.EndList()
	default:
		v.AppendBytes(src.Bytes(i))
	}
}
