package enforce

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// rounded turns an inexact value into a fine one under lenient.
func (d *decoder) rounded(f scalar.Fault) code {
	if f == scalar.Inexact && d.lenient {
		return fine
	}
	return faultCode(f)
}

// nothing returns isNull for a null, and else wrongKind.
func nothing(s span) code {
	if s.kind == scan.None || s.kind == scan.Null {
		return isNull
	}
	return wrongKind
}

// integer reads an int32 or int64.
func (d *decoder) integer(data []byte, s span) (int64, code) {
	var v int64
	var f scalar.Fault
	switch {
	case s.kind == scan.Int:
		v, f = scalar.Int64(s.text(data))
	case s.kind == scan.Number && d.whole:
		v, f = scalar.Integer(s.text(data))
	case s.kind.IsString() && d.texts:
		text := d.string(data, s)
		if v, f = scalar.Int64(text); f == scalar.Malformed {
			v, f = scalar.Integer(text)
		}
	case d.lenient && (s.kind == scan.True || s.kind == scan.False):
		if s.kind == scan.True {
			v = 1
		}
	default:
		return 0, nothing(s)
	}
	if d.typ.Kind == types.Int32 && v != int64(int32(v)) {
		return 0, outOfRange
	}
	return v, d.rounded(f)
}

func (d *decoder) float(data []byte, s span) (float64, code) {
	var v float64
	var f scalar.Fault
	switch {
	case s.kind == scan.Int || s.kind == scan.Number:
		v, f = scalar.Float64(s.text(data))
	case s.kind.IsString() && d.texts:
		v, f = scalar.Float64(d.string(data, s))
	default:
		return 0, nothing(s)
	}
	return v, d.rounded(f)
}

func (d *decoder) decimal(data []byte, s span) (decimal128.Num, code) {
	var v decimal128.Num
	var f scalar.Fault
	switch {
	case s.kind == scan.Int || s.kind == scan.Number:
		v, f = scalar.Decimal(s.text(data), d.typ.Precision, d.typ.Scale)
	case s.kind.IsString() && d.texts:
		v, f = scalar.Decimal(d.string(data, s), d.typ.Precision, d.typ.Scale)
	default:
		return v, nothing(s)
	}
	return v, d.rounded(f)
}

func (d *decoder) boolean(data []byte, s span) (bool, code) {
	switch {
	case s.kind == scan.True || s.kind == scan.False:
		return s.kind == scan.True, fine
	case s.kind.IsString() && d.lenient:
		v, f := scalar.LooseBool(d.string(data, s))
		return v, faultCode(f)
	case s.kind.IsString() && d.texts:
		v, f := scalar.Bool(d.string(data, s))
		return v, faultCode(f)
	case s.kind == scan.Int && d.lenient:
		v, f := scalar.Int64(s.text(data))
		if f != scalar.OK || v < 0 || v > 1 {
			return false, outOfRange
		}
		return v == 1, fine
	default:
		return false, nothing(s)
	}
}

func (d *decoder) date(data []byte, s span) (int32, code) {
	if !s.kind.IsString() || !d.texts {
		return 0, nothing(s)
	}
	text := d.string(data, s)
	v, f := scalar.Date(text)
	if f != scalar.Malformed {
		return v, faultCode(f)
	}
	c, f := scalar.Timestamp(text)
	if f != scalar.OK {
		return 0, faultCode(f)
	}
	day, micros := scalar.DayOf(c.Wall)
	if (micros != 0 || c.Finer || c.Offset != 0) && !d.lenient {
		return 0, inexact
	}
	return day, fine
}

func (d *decoder) clock(data []byte, s span) (int64, code) {
	if !s.kind.IsString() || !d.texts {
		return 0, nothing(s)
	}
	v, short, f := scalar.Time(d.string(data, s))
	if short && !d.lenient {
		return 0, malformed
	}
	return v, d.rounded(f)
}

// stamp reads a timestamp or timestamptz.
func (d *decoder) stamp(data []byte, s span) (int64, code) {
	if !s.kind.IsString() || !d.texts {
		return 0, nothing(s)
	}
	c, f := scalar.Timestamp(d.string(data, s))
	switch {
	case f != scalar.OK:
		return 0, faultCode(f)
	case c.Short && !d.lenient:
		return 0, malformed
	case c.Finer && !d.lenient:
		return 0, inexact
	case d.typ.Kind == types.TimestampTZ:
		return c.Instant(d.loc), fine
	case c.Offset != 0 && !d.lenient:
		return 0, inexact
	default:
		return c.Wall - c.Offset, fine
	}
}

func (d *decoder) uuid(data []byte, s span, out *[16]byte) code {
	if !s.kind.IsString() || !d.texts {
		return nothing(s)
	}
	if d.lenient {
		return faultCode(scalar.LooseUUID(d.string(data, s), out))
	}
	return faultCode(scalar.UUID(d.string(data, s), out))
}

// binary appends the bytes that base64 stands for to out.Data.
func (d *decoder) binary(data []byte, s span, out *vec.Vec) code {
	if !s.kind.IsString() || !d.texts {
		return nothing(s)
	}
	read := scalar.Base64
	if d.lenient {
		read = scalar.LooseBase64
	}
	var f scalar.Fault
	out.Data, f = read(out.Data, d.string(data, s))
	return faultCode(f)
}

// json appends the value's own text to out.Data.
func (d *decoder) json(data []byte, s span, out *vec.Vec) code {
	text := s.text(data)
	if s.kind == scan.None || s.kind == scan.Null {
		return isNull
	}
	if d.untyped && s.kind.IsString() {
		text = d.string(data, s)
		start, end, kind, f := scan.Document(text)
		if f != scan.OK {
			return malformed
		}
		text = text[start:end]
		if kind == scan.Null {
			return isNull
		}
	}
	out.Data = append(out.Data, text...)
	return fine
}

// text appends a string's text to out.Data; other scalars under lossless, and
// every value under lenient, as they stand in the record.
func (d *decoder) text(data []byte, s span, out *vec.Vec) code {
	switch s.kind {
	case scan.None, scan.Null:
		return isNull
	case scan.String:
		out.Data = append(out.Data, s.inner(data)...)
		return fine
	case scan.Escaped:
		at := len(out.Data)
		out.Data = scan.Unquote(out.Data, s.inner(data))
		if bytes.IndexByte(out.Data[at:], 0) >= 0 {
			return hasNUL
		}
		return fine
	}
	if d.mode == contract.CoerceNone || (!d.lenient && (s.kind == scan.Object || s.kind == scan.Array)) {
		return wrongKind
	}
	out.Data = append(out.Data, s.text(data)...)
	return fine
}
