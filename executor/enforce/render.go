package enforce

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// appendJSON appends the value that row i of a column holds, as JSON text.
func appendJSON(dst []byte, v *vec.Vec, i int) []byte {
	switch v.Type.Kind {
	case types.Bool:
		return strconv.AppendBool(dst, v.Bool.Get(i))
	case types.Int32:
		return strconv.AppendInt(dst, int64(v.I32[i]), 10)
	case types.Int64:
		return strconv.AppendInt(dst, v.I64[i], 10)
	case types.Float64:
		return strconv.AppendFloat(dst, v.F64[i], 'g', -1, 64)
	case types.Decimal:
		return append(dst, v.Dec[i].ToString(int32(v.Type.Scale))...)
	case types.Date:
		return quoteTime(dst, time.Unix(int64(v.I32[i])*86400, 0), "2006-01-02")
	case types.Time:
		return quoteTime(dst, time.UnixMicro(v.I64[i]), "15:04:05.999999")
	case types.Timestamp:
		return quoteTime(dst, time.UnixMicro(v.I64[i]), "2006-01-02T15:04:05.999999")
	case types.TimestampTZ:
		return quoteTime(dst, time.UnixMicro(v.I64[i]), "2006-01-02T15:04:05.999999Z07:00")
	case types.UUID:
		return append(scalar.AppendUUID(append(dst, '"'), v.Bytes(i)), '"')
	case types.Bytes:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes(i)), '"')
	case types.JSON:
		return append(dst, v.Bytes(i)...)
	case types.String:
		return scan.Quote(dst, v.Bytes(i))
	default:
		return appendNested(dst, v, i)
	}
}

func quoteTime(dst []byte, t time.Time, layout string) []byte {
	return append(t.UTC().AppendFormat(append(dst, '"'), layout), '"')
}

func appendNested(dst []byte, v *vec.Vec, i int) []byte {
	if v.Type.Kind == types.Struct {
		dst = append(dst, '{')
		for k, f := range v.Fields {
			if k > 0 {
				dst = append(dst, ',')
			}
			dst = append(scan.Quote(dst, []byte(v.Type.Fields[k].Name)), ':')
			dst = appendValue(dst, f, i)
		}
		return append(dst, '}')
	}
	open, end := byte('['), byte(']')
	if v.Type.Kind == types.Map {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	for j := v.Offs[i]; j < v.Offs[i+1]; j++ {
		if j > v.Offs[i] {
			dst = append(dst, ',')
		}
		if v.Type.Kind == types.Map {
			dst = append(scan.Quote(dst, v.Keys.Bytes(int(j))), ':')
		}
		dst = appendValue(dst, v.Elem, int(j))
	}
	return append(dst, end)
}

func appendValue(dst []byte, v *vec.Vec, i int) []byte {
	if v.IsNull(i) {
		return append(dst, "null"...)
	}
	return appendJSON(dst, v, i)
}
