package enforce

import (
	"bytes"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// nested appends a list, map or struct. With a code other than fine out holds
// half a row, which the caller takes back.
func (d *decoder) nested(data []byte, s span, out *vec.Vec) code {
	if s.kind.IsString() && (d.untyped || d.lenient) {
		text := bytes.Clone(d.string(data, s)) // names are unquoted into the same scratch
		start, end, kind, f := scan.Document(text)
		if f != scan.OK {
			return malformed
		}
		if kind == scan.Null {
			out.AppendNull()
			return fine
		}
		data, s = text, span{uint32(start), uint32(end), kind}
	}
	switch {
	case d.typ.Kind == types.List && s.kind == scan.Array:
		return d.list(data, s, out)
	case d.typ.Kind == types.Map && s.kind == scan.Object:
		return d.dictionary(data, s, out)
	case d.typ.Kind == types.Struct && s.kind == scan.Object:
		return d.structure(data, s, out)
	default:
		return wrongKind
	}
}

// list appends a list whose text the scanner has found to be good.
func (d *decoder) list(data []byte, s span, out *vec.Vec) code {
	b := data[:s.end]
	p := scan.Space(b, int(s.start)+1)
	for more := b[p] != ']'; more; {
		end, kind, _ := scan.Value(b, p, 0)
		if c := d.elem.add(data, span{uint32(p), uint32(end), kind}, out.Elem); c > isNull || c == isNull && d.elem.noNull {
			return inside(c)
		}
		p, more, _ = scan.Next(b, end, ']')
	}
	out.EndList()
	return fine
}

// dictionary appends a map. A key that stands twice is a fault.
func (d *decoder) dictionary(data []byte, s span, out *vec.Vec) code {
	b := data[:s.end]
	p := scan.Space(b, int(s.start)+1)
	first := out.Keys.N
	for more := b[p] != '}'; more; {
		key, value := d.member(b, p)
		if d.repeats(out.Keys, first, key) {
			return twiceMember
		}
		if bytes.IndexByte(key, 0) >= 0 {
			return hasNUL
		}
		out.Keys.AppendBytes(key)
		if c := d.elem.add(data, value, out.Elem); c > isNull || c == isNull && d.elem.noNull {
			return inside(c)
		}
		p, more, _ = scan.Next(b, int(value.end), '}')
	}
	out.EndList()
	return fine
}

// member returns the name and the value of the member at p.
func (d *decoder) member(b []byte, p int) (name []byte, value span) {
	end, quoted, start, _ := scan.Name(b, p)
	name = b[p+1 : end-1]
	if quoted == scan.Escaped {
		d.scratch = scan.Unquote(d.scratch[:0], name)
		name = d.scratch
	}
	end, kind, _ := scan.Value(b, start, 0)
	return name, span{uint32(start), uint32(end), kind}
}

// fewKeys is up to how many keys a search one by one is the fastest.
const fewKeys = 16

// repeats reports whether key stands among the keys from first on.
func (d *decoder) repeats(keys *vec.Vec, first int, key []byte) bool {
	switch n := keys.N - first; {
	case n < fewKeys:
		for i := first; i < keys.N; i++ {
			if bytes.Equal(keys.Bytes(i), key) {
				return true
			}
		}
		return false
	case n == fewKeys:
		d.keys = make(map[string]bool)
		for i := first; i < keys.N; i++ {
			d.keys[string(keys.Bytes(i))] = true
		}
	}
	seen := d.keys[string(key)]
	d.keys[string(key)] = true
	return seen
}

// structure appends a struct. A field that the object lacks is null.
func (d *decoder) structure(data []byte, s span, out *vec.Vec) code {
	clear(d.found)
	b := data[:s.end]
	p := scan.Space(b, int(s.start)+1)
	for more := b[p] != '}'; more; {
		name, value := d.member(b, p)
		i, ok := d.names[string(name)]
		switch {
		case !ok && d.strict:
			return strangeMember
		case ok && d.found[i].kind != scan.None:
			return twiceMember
		case ok:
			d.found[i] = value
		}
		p, more, _ = scan.Next(b, int(value.end), '}')
	}
	for i, f := range d.fields {
		c := f.add(data, d.found[i], out.Fields[i])
		switch {
		case c == isNull && f.present && d.found[i].kind == scan.None:
			return lacksMember
		case c > isNull, c == isNull && f.noNull && d.found[i].kind != scan.None:
			return inside(c)
		}
	}
	out.EndStruct()
	return fine
}

// inside is the code of a value in which a value has code c.
func inside(c code) code {
	if c == strangeMember || c == twiceMember || c == lacksMember || c == hasNUL {
		return c
	}
	return badInside
}
