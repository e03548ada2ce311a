package vec

import "github.com/headgate-data/headgate/compiler/types"

// Gather makes out the rows of v that rows names, in that order. out becomes a
// column of v's type and must not be v.
func (v *Vec) Gather(rows []int32, out *Vec) {
	out.Reset(v.Type)
	switch v.Type.Kind {
	case types.Bool, types.Struct, types.List, types.Map:
		for _, i := range rows {
			out.AppendFrom(v, int(i))
		}
		return
	case types.Int32, types.Date:
		out.I32 = take(out.I32, v.I32, rows)
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		out.I64 = take(out.I64, v.I64, rows)
	case types.Float64:
		out.F64 = take(out.F64, v.F64, rows)
	case types.Decimal:
		out.Dec = take(out.Dec, v.Dec, rows)
	case types.UUID:
		for _, i := range rows {
			out.Data = append(out.Data, v.Data[16*i:16*i+16]...)
		}
	default:
		for _, i := range rows {
			out.Data = append(out.Data, v.Data[v.Offs[i]:v.Offs[i+1]]...)
			out.Offs = append(out.Offs, int32(len(out.Data)))
		}
	}
	out.N = len(rows)
	if v.Valid == nil {
		return
	}
	valid := out.RawValid(out.N)
	for o, i := range rows {
		valid.Put(o, v.Valid.Get(int(i)))
	}
}

func take[T any](dst, src []T, rows []int32) []T {
	dst = Grow(dst, len(rows))
	for o, i := range rows {
		dst[o] = src[i]
	}
	return dst
}

// CopyFrom makes v a copy of the first n rows of src.
func (v *Vec) CopyFrom(src *Vec, n int) {
	if v == src {
		v.Truncate(n)
		return
	}
	v.Reset(src.Type)
	switch src.Type.Kind {
	case types.Struct, types.List, types.Map:
		for i := range n {
			v.AppendFrom(src, i)
		}
		return
	case types.Bool:
		v.Bool = append(v.Bool, src.Bool[:Words(n)]...)
	case types.Int32, types.Date:
		v.I32 = append(v.I32, src.I32[:n]...)
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		v.I64 = append(v.I64, src.I64[:n]...)
	case types.Float64:
		v.F64 = append(v.F64, src.F64[:n]...)
	case types.Decimal:
		v.Dec = append(v.Dec, src.Dec[:n]...)
	case types.UUID:
		v.Data = append(v.Data, src.Data[:16*n]...)
	default:
		v.Offs = append(v.Offs[:0], src.Offs[:n+1]...)
		v.Data = append(v.Data, src.Data[:src.Offs[n]]...)
	}
	v.N = n
	if src.Valid != nil {
		copy(v.RawValid(n), src.Valid[:Words(n)])
	}
}
