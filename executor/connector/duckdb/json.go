package duckdb

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// mask stands in the place of values that must not be shown.
const mask = `"***"`

// jsonRows runs a query and returns each row as a JSON object. With masked, the
// values do not show.
func jsonRows(ctx context.Context, c *duck.Conn, sql string, masked bool) ([]string, error) {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		w := newRowWriter(rows, masked)
		for i := range rows.Len() {
			out = append(out, string(w.row(nil, i)))
		}
	}
	return out, rows.Err()
}

// rowWriter writes the rows of one chunk as JSON objects: integers and decimals
// with every digit, times as RFC 3339 (and ISO 8601 for those without a zone),
// bytes in base64, floats that JSON does not have (NaN, infinity) as null.
type rowWriter struct {
	names  [][]byte // each with quotes and colon
	values []func(dst []byte, i int) []byte
}

func newRowWriter(rows *duck.Rows, masked bool) *rowWriter {
	w := &rowWriter{}
	for i, name := range rows.Names() {
		w.names = append(w.names, append(appendText(nil, []byte(name)), ':'))
		value := printer(rows.Column(i))
		if masked {
			value = func(dst []byte, _ int) []byte { return append(dst, mask...) }
		}
		w.values = append(w.values, value)
	}
	return w
}

// row appends row i to dst.
func (w *rowWriter) row(dst []byte, i int) []byte {
	dst = append(dst, '{')
	for j, value := range w.values {
		if j > 0 {
			dst = append(dst, ',')
		}
		dst = value(append(dst, w.names[j]...), i)
	}
	return append(dst, '}')
}

// printer returns the function that prints one value of a vector.
func printer(v *duck.Vector) func(dst []byte, i int) []byte {
	value := valuePrinter(v)
	return func(dst []byte, i int) []byte {
		if v.Null(i) {
			return append(dst, "null"...)
		}
		return value(dst, i)
	}
}

func integers[T int8 | int16 | int32 | int64](v *duck.Vector) func(dst []byte, i int) []byte {
	vals := duck.Values[T](v)
	return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, int64(vals[i]), 10) }
}

func naturals[T uint8 | uint16 | uint32 | uint64](v *duck.Vector) func(dst []byte, i int) []byte {
	vals := duck.Values[T](v)
	return func(dst []byte, i int) []byte { return strconv.AppendUint(dst, uint64(vals[i]), 10) }
}

func valuePrinter(v *duck.Vector) func(dst []byte, i int) []byte {
	switch v.Type.Kind {
	case duck.Bool:
		vals := duck.Values[bool](v)
		return func(dst []byte, i int) []byte { return strconv.AppendBool(dst, vals[i]) }
	case duck.Int8:
		return integers[int8](v)
	case duck.Int16:
		return integers[int16](v)
	case duck.Int32:
		return integers[int32](v)
	case duck.Int64:
		return integers[int64](v)
	case duck.Uint8:
		return naturals[uint8](v)
	case duck.Uint16:
		return naturals[uint16](v)
	case duck.Uint32:
		return naturals[uint32](v)
	case duck.Uint64:
		return naturals[uint64](v)
	case duck.Int128, duck.Uint128:
		vals, signed := duck.Values[[2]uint64](v), v.Type.Kind == duck.Int128
		return func(dst []byte, i int) []byte { return wide(vals[i], signed).Append(dst, 10) }
	case duck.Float32:
		vals := duck.Values[float32](v)
		return func(dst []byte, i int) []byte { return appendFloat(dst, float64(vals[i]), 32) }
	case duck.Float64:
		vals := duck.Values[float64](v)
		return func(dst []byte, i int) []byte { return appendFloat(dst, vals[i], 64) }
	case duck.Decimal:
		return decimals(v)
	case duck.Text:
		return texts(v)
	case duck.Blob:
		vals := duck.Values[duck.String](v)
		return func(dst []byte, i int) []byte {
			return append(base64.StdEncoding.AppendEncode(append(dst, '"'), vals[i].Bytes()), '"')
		}
	case duck.UUID:
		vals := duck.Values[[2]uint64](v)
		return func(dst []byte, i int) []byte { return appendUUID(dst, uuidBytes(vals[i])) }
	case duck.Enum:
		return enums(v)
	case duck.List, duck.Map, duck.Struct:
		return nested(v)
	default:
		return temporal(v)
	}
}

// wide makes a number of two words, the low one first.
func wide(words [2]uint64, signed bool) *big.Int {
	n := new(big.Int).SetUint64(words[1])
	if signed {
		n.SetInt64(int64(words[1]))
	}
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(words[0]))
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// texts prints texts as JSON strings, and JSON columns as they are.
func texts(v *duck.Vector) func(dst []byte, i int) []byte {
	vals := duck.Values[duck.String](v)
	if v.Type.JSON {
		return func(dst []byte, i int) []byte { return append(dst, vals[i].Bytes()...) }
	}
	return func(dst []byte, i int) []byte { return appendText(dst, vals[i].Bytes()) }
}

// appendText appends a JSON string; bytes that are no UTF-8 become U+FFFD.
func appendText(dst, s []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

// decimals prints a decimal from its unscaled digits.
func decimals(v *duck.Vector) func(dst []byte, i int) []byte {
	var digits func(dst []byte, i int) []byte
	switch v.Type.Storage {
	case duck.Int16:
		digits = integers[int16](v)
	case duck.Int32:
		digits = integers[int32](v)
	case duck.Int64:
		digits = integers[int64](v)
	default:
		vals := duck.Values[[2]uint64](v)
		digits = func(dst []byte, i int) []byte { return wide(vals[i], true).Append(dst, 10) }
	}
	scale := v.Type.Scale
	return func(dst []byte, i int) []byte {
		var scratch [48]byte
		d := digits(scratch[:0], i)
		if d[0] == '-' {
			dst, d = append(dst, '-'), d[1:]
		}
		if scale == 0 {
			return append(dst, d...)
		}
		for len(d) <= scale {
			d = append([]byte{'0'}, d...)
		}
		dst = append(dst, d[:len(d)-scale]...)
		return append(append(dst, '.'), d[len(d)-scale:]...)
	}
}

func appendUUID(dst []byte, b [16]byte) []byte {
	dst = append(dst, '"')
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return append(dst, '"')
}

func enums(v *duck.Vector) func(dst []byte, i int) []byte {
	var index func(i int) int
	switch v.Type.Storage {
	case duck.Uint8:
		vals := duck.Values[uint8](v)
		index = func(i int) int { return int(vals[i]) }
	case duck.Uint16:
		vals := duck.Values[uint16](v)
		index = func(i int) int { return int(vals[i]) }
	default:
		vals := duck.Values[uint32](v)
		index = func(i int) int { return int(vals[i]) }
	}
	return func(dst []byte, i int) []byte { return appendText(dst, []byte(v.Type.Names[index(i)])) }
}

// nested prints lists as arrays, structs and maps as objects.
func nested(v *duck.Vector) func(dst []byte, i int) []byte {
	if v.Type.Kind == duck.Struct {
		w := &rowWriter{}
		for k, name := range v.Type.Names {
			w.names = append(w.names, append(appendText(nil, []byte(name)), ':'))
			w.values = append(w.values, printer(v.Child(k)))
		}
		return w.row
	}
	entries := duck.Values[duck.Entry](v)
	if v.Type.Kind == duck.List {
		elem := printer(v.Child(0))
		return func(dst []byte, i int) []byte {
			dst = append(dst, '[')
			for j := range entries[i].Length {
				if j > 0 {
					dst = append(dst, ',')
				}
				dst = elem(dst, int(entries[i].Offset+j))
			}
			return append(dst, ']')
		}
	}
	key, val := printer(v.Child(0).Child(0)), printer(v.Child(0).Child(1))
	return func(dst []byte, i int) []byte {
		dst = append(dst, '{')
		for j := range entries[i].Length {
			if j > 0 {
				dst = append(dst, ',')
			}
			at := int(entries[i].Offset + j)
			if k := key(nil, at); len(k) > 0 && k[0] == '"' {
				dst = append(dst, k...)
			} else {
				dst = appendText(dst, k)
			}
			dst = val(append(dst, ':'), at)
		}
		return append(dst, '}')
	}
}

// temporal prints dates and times; anything else is null.
func temporal(v *duck.Vector) func(dst []byte, i int) []byte {
	stamp := func(unit int64, zone string) func(dst []byte, i int) []byte {
		vals := duck.Values[int64](v)
		return func(dst []byte, i int) []byte {
			perSecond := int64(time.Second) / unit
			seconds, rest := vals[i]/perSecond, vals[i]%perSecond
			if vals[i] == math.MaxInt64 || vals[i] == -math.MaxInt64 {
				return append(dst, "null"...) // infinity
			}
			t := time.Unix(seconds, rest*unit).UTC()
			return append(t.AppendFormat(append(dst, '"'), "2006-01-02T15:04:05.999999999"+zone), '"')
		}
	}
	switch v.Type.Kind {
	case duck.Date:
		vals := duck.Values[int32](v)
		return func(dst []byte, i int) []byte {
			if vals[i] == math.MaxInt32 || vals[i] == -math.MaxInt32 {
				return append(dst, "null"...) // infinity
			}
			return append(time.Unix(int64(vals[i])*86400, 0).UTC().AppendFormat(append(dst, '"'), "2006-01-02"), '"')
		}
	case duck.Time:
		vals := duck.Values[int64](v)
		return func(dst []byte, i int) []byte {
			t := time.Unix(0, 0).UTC().Add(time.Duration(vals[i]) * time.Microsecond)
			return append(t.AppendFormat(append(dst, '"'), "15:04:05.999999"), '"')
		}
	case duck.Timestamp:
		return stamp(int64(time.Microsecond), "")
	case duck.TimestampTZ:
		return stamp(int64(time.Microsecond), "Z")
	case duck.TimestampS:
		return stamp(int64(time.Second), "")
	case duck.TimestampMS:
		return stamp(int64(time.Millisecond), "")
	case duck.TimestampNS:
		return stamp(1, "")
	default:
		return func(dst []byte, _ int) []byte { return append(dst, "null"...) }
	}
}
