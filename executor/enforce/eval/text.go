package eval

import (
	"bytes"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// appendText appends what cast to string makes of row i: JSON's words for bools,
// digits for numbers (a decimal with all of its scale), the shortest text that
// reads back as the same float64, YYYY-MM-DD, HH:MM:SS[.f] and their combination
// with a T, with Z for an instant.
func appendText(dst []byte, v *vec.Vec, i int) []byte {
	switch v.Type.Kind {
	case types.Bool:
		return strconv.AppendBool(dst, v.Bool.Get(i))
	case types.Int32:
		return strconv.AppendInt(dst, int64(v.I32[i]), 10)
	case types.Int64:
		return strconv.AppendInt(dst, v.I64[i], 10)
	case types.Float64:
		return appendFloat(dst, v.F64[i])
	case types.Decimal:
		return appendDecimal(dst, v.Dec[i], v.Type.Scale)
	case types.Date:
		return time.Unix(int64(v.I32[i])*86400, 0).UTC().AppendFormat(dst, "2006-01-02")
	case types.Time:
		return time.UnixMicro(v.I64[i]).UTC().AppendFormat(dst, "15:04:05.999999")
	case types.Timestamp:
		return time.UnixMicro(v.I64[i]).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999")
	case types.TimestampTZ:
		return time.UnixMicro(v.I64[i]).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z")
	case types.UUID:
		return scalar.AppendUUID(dst, v.Bytes(i))
	default:
		return append(dst, v.Bytes(i)...)
	}
}

// appendFloat writes 1.5, 2.0, 1e+16, 1e-05: an exponent below 1e-4 and from 1e16 on.
func appendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	e := bytes.IndexByte(dst[start:], 'e')
	if e < 0 {
		return dst
	}
	exp, err := strconv.Atoi(string(dst[start+e+1:]))
	if err != nil || exp < -4 || exp >= 16 {
		return dst
	}
	dst = strconv.AppendFloat(dst[:start], f, 'f', -1, 64)
	if bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, '.', '0')
	}
	return dst
}

func appendDecimal(dst []byte, x decimal128.Num, scale int) []byte {
	if x.Sign() < 0 {
		dst = append(dst, '-')
		x = x.Abs()
	}
	var room [64]byte
	digits := room[:0]
	if small(x) {
		digits = strconv.AppendUint(digits, x.LowBits(), 10)
	} else {
		digits = x.BigInt().Append(digits, 10)
	}
	for pad := scale + 1 - len(digits); pad > 0; pad-- {
		dst = append(dst, '0')
		if len(dst) > 0 && pad == scale+1-len(digits) {
			dst = append(dst, '.')
		}
	}
	if point := len(digits) - scale; point > 0 {
		dst = append(dst, digits[:point]...)
		if scale > 0 {
			dst = append(dst, '.')
		}
		digits = digits[point:]
	}
	return append(dst, digits...)
}

// parseText appends what text stands for to a column. The texts are those that
// appendText writes, and besides: numbers with a sign, fraction or exponent for
// decimal and float64 (rounded), true and false in any case, a blank for the T, an
// offset for the Z, a date alone for a timestamp.
func parseText(v *vec.Vec, text []byte) Reason {
	switch v.Type.Kind {
	case types.String:
		v.AppendBytes(text)
		return None
	case types.Bool:
		b, f := scalar.Bool(text)
		if len(text) > len("false") { // ſ is an s in another case
			f = scalar.Malformed
		}
		return put(f, b, v.AppendBool)
	case types.Int32, types.Int64:
		return parseWhole(v, text)
	case types.Float64:
		x, f := scalar.Float64(text)
		return put(rounded(f), x, v.AppendF64)
	case types.Decimal:
		x, f := scalar.Decimal(text, v.Type.Precision, v.Type.Scale)
		return put(rounded(f), x, v.AppendDec)
	case types.Date:
		d, f := scalar.Date(text)
		if !inCalendar(int64(d) * microsPerDay) {
			f = scalar.Range
		}
		return put(f, d, v.AppendI32)
	case types.UUID:
		var u [16]byte
		f := scalar.UUID(text, &u)
		return put(f, u[:], v.AppendBytes)
	case types.JSON:
		return parseJSON(v, text)
	case types.Time:
		us, short, f := scalar.Time(text)
		if short || tooFine(text) {
			f = scalar.Malformed
		}
		return put(f, us, v.AppendI64)
	default:
		return parseStamp(v, text)
	}
}

func put[T any](f scalar.Fault, x T, add func(T)) Reason {
	if f != scalar.OK {
		return BadCast
	}
	add(x)
	return None
}

// rounded takes the nearest value for good.
func rounded(f scalar.Fault) scalar.Fault {
	if f == scalar.Inexact {
		return scalar.OK
	}
	return f
}

func parseWhole(v *vec.Vec, text []byte) Reason {
	x, f := scalar.Int64(text)
	if f == scalar.OK && v.Type.Kind == types.Int32 {
		if int64(int32(x)) != x {
			return BadCast
		}
		v.AppendI32(int32(x))
		return None
	}
	return put(f, x, v.AppendI64)
}

func parseStamp(v *vec.Vec, text []byte) Reason {
	c, f := scalar.Timestamp(text)
	zoned := v.Type.Kind == types.TimestampTZ
	if f != scalar.OK || c.Short || c.Zone != zoned || tooFine(text) || (len(text) > 10 && text[10] == 't') || text[len(text)-1] == 'z' {
		return BadCast
	}
	us := c.Instant(nil)
	if !inCalendar(us) {
		return BadCast
	}
	v.AppendI64(us)
	return None
}

// The first and the last microsecond of the years that have a text.
const (
	firstMicro = -62135596800_000_000
	lastMicro  = 253402300799_999_999
)

// inCalendar reports whether a moment lies in the years 1 to 9999, in UTC.
func inCalendar(us int64) bool { return us >= firstMicro && us <= lastMicro }

// tooFine reports whether a time has a comma, or more than six digits of a second.
func tooFine(text []byte) bool {
	at := bytes.IndexByte(text, '.')
	if at < 0 {
		return bytes.IndexByte(text, ',') >= 0
	}
	n := 0
	for _, c := range text[at+1:] {
		if c < '0' || c > '9' {
			break
		}
		n++
	}
	return n > 6
}
