package enforce

import (
	"github.com/headgate-data/headgate/executor/enforce/scan"
)

// repeated is the fault of an object that names a member twice. It stands beside
// the scanner's own, which does not look for it.
const repeated scan.Fault = 255

// notObject is the fault of a record that is JSON, but no object.
const notObject scan.Fault = 254

// extra is a member that neither the contract nor the map speaks of.
type extra struct {
	row    int32
	member int32 // in the root node, or noMember
	name   span  // with its quotes
	value  span
}

// reader scans records into spans.
type reader struct {
	root    *node
	spans   [][]span // by slot, then row
	extras  []extra
	collect bool // whether members nobody speaks of are listed
	seq     uint64
	scratch []byte
}

// record scans data[start:end] as row. With a fault it returns the fault's place.
func (r *reader) record(data []byte, start, end int, row int) (int, scan.Fault) {
	b := data[:end]
	p := scan.Space(b, start)
	if p >= end || b[p] != '{' {
		return r.notObject(b, p)
	}
	r.seq++
	p, f := r.object(b, p+1, row, r.root, 1)
	if f != scan.OK {
		return p, f
	}
	if p < end {
		if p = scan.Space(b, p); p < end {
			return p, scan.Trailing
		}
	}
	return p, scan.OK
}

func (r *reader) notObject(b []byte, p int) (int, scan.Fault) {
	end, _, f := scan.Value(b, p, 0)
	if f != scan.OK {
		return end, f
	}
	if end = scan.Space(b, end); end < len(b) {
		return end, scan.Trailing
	}
	return p, notObject
}

// object scans the members of an object whose brace stands before p. It is the
// innermost loop of the product, and longer than other functions for that reason.
func (r *reader) object(b []byte, p, row int, n *node, depth int) (int, scan.Fault) {
	if depth > scan.MaxDepth {
		return p - 1, scan.TooDeep
	}
	if p < len(b) && b[p] <= ' ' {
		p = scan.Space(b, p)
	}
	if p < len(b) && b[p] == '}' {
		return p + 1, scan.OK
	}
	guess, last := n.first, int32(noMember)
	for {
		at, name, value, f := r.name(b, p, n, guess)
		if f != scan.OK {
			return value, f
		}
		var m *member
		if at >= 0 {
			m = &n.members[at]
			if m.seen == r.seq {
				return p, repeated
			}
			m.seen = r.seq
			if at != guess {
				n.follow(last, at)
			}
			guess, last = m.guess, at
		}
		end, kind, f := r.value(b, value, row, m, depth)
		if f != scan.OK {
			return end, f
		}
		if m != nil && m.slot >= 0 {
			r.spans[m.slot][row] = span{uint32(value), uint32(end), kind}
		} else if r.collect && n == r.root && (m == nil || !m.known) {
			r.extras = append(r.extras, extra{int32(row), at, span{uint32(p), uint32(name), scan.String}, span{uint32(value), uint32(end), kind}})
		}
		p = end
		if p+1 < len(b) && b[p] == ',' && b[p+1] > ' ' {
			p++
			continue
		}
		var more bool
		if p, more, f = scan.Next(b, p, '}'); f != scan.OK || !more {
			return p, f
		}
	}
}

// follow remembers that member at stood behind member last.
func (n *node) follow(last, at int32) {
	if last < 0 {
		n.first = at
	} else {
		n.members[last].guess = at
	}
}

// name scans a name and its colon. It returns which member it is, where the
// name ends and where the value starts.
func (r *reader) name(b []byte, p int, n *node, guess int32) (at int32, end, value int, f scan.Fault) {
	if uint(guess) < uint(len(n.members)) {
		m := &n.members[guess]
		end := p + 2 + len(m.name)
		if m.plain && end+1 < len(b) && b[end] == ':' && b[p] == '"' && b[end+1] > ' ' && m.stands(b, p+1, end) {
			return guess, end, end + 1, scan.OK
		}
	}
	end, kind, value, f := scan.Name(b, p)
	if f != scan.OK {
		return noMember, end, value, f
	}
	text := b[p+1 : end-1]
	if kind == scan.Escaped {
		r.scratch = scan.Unquote(r.scratch[:0], text)
		text = r.scratch
	}
	return n.learn(text), end, value, scan.OK
}

// value scans a member's value, and looks into it where a path leads through it.
func (r *reader) value(b []byte, p, row int, m *member, depth int) (int, scan.Kind, scan.Fault) {
	if p >= len(b) {
		return len(b), scan.None, scan.Truncated
	}
	switch c := b[p]; {
	case c == '"':
		return scan.Text(b, p+1)
	case m != nil && c == '{' && m.child != nil:
		end, f := r.object(b, p+1, row, m.child, depth+1)
		return end, scan.Object, f
	case m != nil && c == '[' && m.items != nil:
		end, f := r.array(b, p+1, row, m.items, depth+1)
		return end, scan.Array, f
	default:
		return scan.Value(b, p, depth)
	}
}

// array scans the elements of an array whose bracket stands before p and picks
// out the items.
func (r *reader) array(b []byte, p, row int, items []item, depth int) (int, scan.Fault) {
	if depth > scan.MaxDepth {
		return p - 1, scan.TooDeep
	}
	p = scan.Space(b, p)
	if p < len(b) && b[p] == ']' {
		return p + 1, scan.OK
	}
	for i := 0; ; i++ {
		var m member
		m.slot = -1
		for k := range items {
			if it := &items[k]; it.index == i {
				m.slot, m.child, m.items = it.slot, it.child, it.items
			}
		}
		end, kind, f := r.value(b, p, row, &m, depth)
		if f != scan.OK {
			return end, f
		}
		if m.slot >= 0 {
			r.spans[m.slot][row] = span{uint32(p), uint32(end), kind}
		}
		var more bool
		if p, more, f = scan.Next(b, end, ']'); f != scan.OK || !more {
			return p, f
		}
	}
}

// clear forgets the spans of the last chunk and makes room for n rows.
func (r *reader) clear(n int) {
	for i := range r.spans {
		if cap(r.spans[i]) < n {
			r.spans[i] = make([]span, n)
		}
		r.spans[i] = r.spans[i][:n]
		clear(r.spans[i])
	}
}

// forget forgets what was found of a row.
func (r *reader) forget(row int) {
	for i := range r.spans {
		r.spans[i][row] = span{}
	}
}

// resize makes spans for count slots, keeping those there are.
func (r *reader) resize(count, n int) {
	for len(r.spans) < count {
		r.spans = append(r.spans, make([]span, n))
	}
}
