package enforce

import (
	"bytes"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// code says what came of reading a value as a type.
type code uint8

const (
	fine      code = iota
	isNull         // null, or absent
	wrongKind      // of a JSON type that the coercion mode does not take
	malformed      // a text that does not read as the type
	outOfRange
	inexact
	hasNUL
	strangeMember // a struct's member that its type does not name
	twiceMember   // a member that stands twice in a struct or map
	badInside     // an element or member that does not read as its type
)

// faultCode is the code of a scalar's fault.
func faultCode(f scalar.Fault) code {
	switch f {
	case scalar.OK:
		return fine
	case scalar.Range:
		return outOfRange
	case scalar.Inexact:
		return inexact
	default:
		return malformed
	}
}

// decoder reads the values of one type.
type decoder struct {
	typ     types.Type
	texts   bool // a string is read as the type where it is its text
	whole   bool // a number with a fraction of zero is an integer
	lenient bool
	untyped bool // the record is of a format whose every scalar is text
	strict  bool // a struct may have no member that its type does not name
	mode    contract.Coerce
	loc     *time.Location
	scratch []byte
	elem    *decoder
	fields  []*decoder
	names   map[string]int  // of fields
	found   []span          // of a struct's fields, scratch
	keys    map[string]bool // of a map with many keys
}

func newDecoder(t types.Type, c *contract.Contract, loc *time.Location) *decoder {
	d := &decoder{typ: t, mode: c.Coerce, loc: loc}
	d.strict = c.UnknownColumns == contract.UnknownFail || c.UnknownColumns == contract.UnknownQuarantine
	d.setUntyped(false)
	if t.Elem != nil {
		d.elem = newDecoder(*t.Elem, c, loc)
	}
	if t.Kind == types.Struct {
		d.names = make(map[string]int, len(t.Fields))
		d.found = make([]span, len(t.Fields))
		for i, f := range t.Fields {
			d.fields = append(d.fields, newDecoder(f.Type, c, loc))
			d.names[f.Name] = i
		}
	}
	return d
}

// setUntyped says whether the records to come are of a format without types.
func (d *decoder) setUntyped(untyped bool) {
	d.untyped = untyped
	d.lenient = d.mode == contract.CoerceLenient
	d.texts = untyped || d.mode != contract.CoerceNone
	d.whole = d.texts
}

// cellFault is a value that could not be read.
type cellFault struct {
	row  int32
	code code
}

// column reads a column of n values into out, which becomes a column of the
// decoder's type. A value that cannot be read becomes null and is listed.
func (d *decoder) column(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	out.Reset(d.typ)
	switch d.typ.Kind {
	case types.Int64:
		return d.int64s(data, spans, out, faults)
	case types.Float64:
		return d.float64s(data, spans, out, faults)
	case types.Decimal:
		return d.decimals(data, spans, out, faults)
	case types.String:
		return d.strings(data, spans, out, faults)
	case types.TimestampTZ, types.Timestamp:
		return d.stamps(data, spans, out, faults)
	case types.Date:
		return d.dates(data, spans, out, faults)
	case types.Bool:
		return d.bools(data, spans, out, faults)
	case types.UUID:
		return d.uuids(data, spans, out, faults)
	default:
		return d.values(data, spans, out, faults)
	}
}

// missed makes row i null and lists it where it is not null by itself.
func missed(out *vec.Vec, i int, c code, faults []cellFault) []cellFault {
	out.SetNull(i)
	if c != isNull {
		faults = append(faults, cellFault{int32(i), c})
	}
	return faults
}

func (d *decoder) int64s(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	out.Resize(len(spans))
	for i, s := range spans {
		if s.kind == scan.Int {
			if v, f := scalar.Int64(s.text(data)); f == scalar.OK {
				out.I64[i] = v
				continue
			}
		}
		v, c := d.integer(data, s)
		out.I64[i] = v
		if c != fine {
			faults = missed(out, i, c, faults)
		}
	}
	return faults
}

func (d *decoder) float64s(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	out.Resize(len(spans))
	for i, s := range spans {
		v, c := d.float(data, s)
		out.F64[i] = v
		if c != fine {
			faults = missed(out, i, c, faults)
		}
	}
	return faults
}

func (d *decoder) decimals(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	out.Resize(len(spans))
	for i, s := range spans {
		v, c := d.decimal(data, s)
		out.Dec[i] = v
		if c != fine {
			faults = missed(out, i, c, faults)
		}
	}
	return faults
}

func (d *decoder) strings(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	for i, s := range spans {
		if s.kind == scan.String {
			out.Data = append(out.Data, s.inner(data)...)
			out.EndBytes()
			continue
		}
		if c := d.text(data, s, out); c != fine {
			out.Undo()
			out.AppendNull()
			if c != isNull {
				faults = append(faults, cellFault{int32(i), c})
			}
			continue
		}
		out.EndBytes()
	}
	return faults
}

func (d *decoder) stamps(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	out.Resize(len(spans))
	for i, s := range spans {
		v, c := d.stamp(data, s)
		out.I64[i] = v
		if c != fine {
			faults = missed(out, i, c, faults)
		}
	}
	return faults
}

func (d *decoder) dates(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	out.Resize(len(spans))
	for i, s := range spans {
		v, c := d.date(data, s)
		out.I32[i] = v
		if c != fine {
			faults = missed(out, i, c, faults)
		}
	}
	return faults
}

func (d *decoder) bools(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	out.Resize(len(spans))
	for i, s := range spans {
		if s.kind == scan.True || s.kind == scan.False {
			out.Bool.Put(i, s.kind == scan.True)
			continue
		}
		v, c := d.boolean(data, s)
		out.Bool.Put(i, v)
		if c != fine {
			faults = missed(out, i, c, faults)
		}
	}
	return faults
}

func (d *decoder) uuids(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	out.Resize(len(spans))
	for i, s := range spans {
		if c := d.uuid(data, s, (*[16]byte)(out.Data[16*i:])); c != fine {
			faults = missed(out, i, c, faults)
		}
	}
	return faults
}

// values is the way of the other types: value by value.
func (d *decoder) values(data []byte, spans []span, out *vec.Vec, faults []cellFault) []cellFault {
	for i, s := range spans {
		if c := d.add(data, s, out); c != fine && c != isNull {
			out.AppendNull()
			faults = append(faults, cellFault{int32(i), c})
		}
	}
	return faults
}

// add appends one value, or null with isNull. With another code nothing is
// appended.
func (d *decoder) add(data []byte, s span, out *vec.Vec) code {
	if s.kind == scan.None || s.kind == scan.Null {
		out.AppendNull()
		return isNull
	}
	c := d.addScalar(data, s, out)
	if c != fine {
		out.Undo()
	}
	return c
}

func (d *decoder) addScalar(data []byte, s span, out *vec.Vec) code {
	switch d.typ.Kind {
	case types.Bool:
		v, c := d.boolean(data, s)
		return put(c, v, out.AppendBool)
	case types.Int32:
		v, c := d.integer(data, s)
		return put(c, int32(v), out.AppendI32)
	case types.Int64:
		v, c := d.integer(data, s)
		return put(c, v, out.AppendI64)
	case types.Float64:
		v, c := d.float(data, s)
		return put(c, v, out.AppendF64)
	case types.Decimal:
		v, c := d.decimal(data, s)
		return put(c, v, out.AppendDec)
	case types.Date:
		v, c := d.date(data, s)
		return put(c, v, out.AppendI32)
	case types.Time:
		v, c := d.clock(data, s)
		return put(c, v, out.AppendI64)
	case types.Timestamp, types.TimestampTZ:
		v, c := d.stamp(data, s)
		return put(c, v, out.AppendI64)
	case types.UUID:
		var u [16]byte
		c := d.uuid(data, s, &u)
		return put(c, u[:], out.AppendBytes)
	case types.List, types.Map, types.Struct:
		return d.nested(data, s, out)
	}
	c := fine
	switch d.typ.Kind {
	case types.Bytes:
		c = d.binary(data, s, out)
	case types.JSON:
		if c = d.json(data, s, out); c == isNull { // the text of a null
			out.AppendNull()
			return fine
		}
	default:
		c = d.text(data, s, out)
	}
	if c == fine {
		out.EndBytes()
	}
	return c
}

func put[T any](c code, v T, add func(T)) code {
	if c == fine {
		add(v)
	}
	return c
}

// string returns what a string stands for, in memory that the next call of the
// same decoder uses again. Under lenient the white space around it is cut off.
func (d *decoder) string(data []byte, s span) []byte {
	text := s.inner(data)
	if s.kind == scan.Escaped {
		d.scratch = scan.Unquote(d.scratch[:0], text)
		text = d.scratch
	}
	if d.lenient {
		text = bytes.TrimSpace(text)
	}
	return text
}
