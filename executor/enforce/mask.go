package enforce

import (
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/executor/enforce/scan"
)

// maskNode says which members of an object are personal: those with a leaf, and
// what the paths below the others lead to.
type maskNode struct {
	members map[string]*maskNode // nil in a leaf: all of it is personal
}

// hide marks what a path leads to. From an index on all of the array is hidden.
func (m *maskNode) hide(path []rowexpr.Step) {
	at := m
	for _, s := range path {
		if s.IsIdx {
			break
		}
		if at.members == nil {
			return // all of it is hidden already
		}
		next, ok := at.members[s.Name]
		if !ok {
			next = &maskNode{members: map[string]*maskNode{}}
			at.members[s.Name] = next
		}
		at = next
	}
	at.members = nil
}

// apply returns a copy of an object's text with every personal value replaced.
// Nulls stay. A value that is no object where a path goes on is replaced whole.
func (m *maskNode) apply(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	start := scan.Space(raw, 0)
	out, _ = m.object(out, raw, start)
	return out
}

// object appends the object that starts at p and returns where it ends.
func (m *maskNode) object(out, b []byte, p int) ([]byte, int) {
	copied := p
	p = scan.Space(b, p+1)
	if b[p] == '}' {
		return append(out, b[copied:p+1]...), p + 1
	}
	for more := true; more; {
		end, quoted, value, _ := scan.Name(b, p)
		name := b[p+1 : end-1]
		if quoted == scan.Escaped {
			name = scan.Unquote(nil, name)
		}
		valueEnd, kind, _ := scan.Value(b, value, 0)
		if sub, ok := m.members[string(name)]; ok && kind != scan.Null {
			out = append(out, b[copied:value]...)
			if kind == scan.Object && sub.members != nil {
				out, _ = sub.object(out, b, value)
			} else {
				out = append(out, Masked...)
			}
			copied = valueEnd
		}
		p, more, _ = scan.Next(b, valueEnd, '}')
	}
	return append(out, b[copied:p]...), p
}

// covers reports whether a path leads to something personal, or to what holds it.
func (m *maskNode) covers(path []rowexpr.Step) bool {
	for _, s := range path {
		next, ok := m.members[s.Name]
		if !ok || s.IsIdx {
			return m.members == nil
		}
		m = next
	}
	return true
}
