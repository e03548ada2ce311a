package enforce

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/executor/enforce/scan"
)

// span is where a member's value stands in the batch's data. Kind None: the
// record has no such member.
type span struct {
	start, end uint32
	kind       scan.Kind
}

// text returns the value as it stands in the record.
func (s span) text(data []byte) []byte { return data[s.start:s.end] }

// inner returns a string's text between the quotes.
func (s span) inner(data []byte) []byte { return data[s.start+1 : s.end-1] }

const (
	maxNames      = 4096 // how many names a node learns that the contract does not know
	maxNameLength = 256  // a longer one is not learnt
	noMember      = -1
)

// node is an object whose members are looked at: the record itself, and those
// that a path of the map leads through. It learns every name that it meets, and
// in which order they come.
type node struct {
	members []member
	index   map[string]int32
	first   int32 // the member that stood first in the last record
	learnt  int
	base    int // members that a fork knows at the beginning of every batch
}

// member is a name in a node and what becomes of its value.
type member struct {
	name  string
	plain bool // the name stands in JSON as it is, without escapes
	// The name and its closing quote as words: the first eight bytes of them, of
	// which mask tells those that count, and the last eight of a name of 8 to 15 bytes.
	head, mask, tail uint64
	guess            int32  // the member that stood behind this one the last time
	seen             uint64 // number of the last record that had it
	slot             int32  // where the value's span goes, -1 for nowhere
	known            bool   // the contract or the map speaks of it
	child            *node  // for paths through an object
	items            []item // for paths through an array, by index
}

// item is an element of an array that a path leads to.
type item struct {
	index int
	slot  int32
	child *node
	items []item
}

func newNode() *node { return &node{index: map[string]int32{}, first: noMember} }

// add returns the member of that name, made where it did not exist.
func (n *node) add(name string) *member {
	if i, ok := n.index[name]; ok {
		return &n.members[i]
	}
	i := int32(len(n.members))
	m := member{name: name, plain: isPlain(name), guess: i + 1, slot: -1}
	m.spell()
	n.members = append(n.members, m)
	n.index[name] = i
	return &n.members[i]
}

// longSpelled is how long a name may be that is compared by words.
const longSpelled = 15

// spell sets the words of the name.
func (m *member) spell() {
	text := make([]byte, max(8, len(m.name)+1))
	copy(text, m.name)
	text[len(m.name)] = '"'
	m.head = binary.LittleEndian.Uint64(text)
	m.mask = ^uint64(0) >> (8 * max(7-len(m.name), 0))
	m.tail = binary.LittleEndian.Uint64(text[len(text)-8:])
}

// stands reports whether the name and its closing quote, which is at b[end-1], stand
// at b[p].
func (m *member) stands(b []byte, p, end int) bool {
	if len(m.name) > longSpelled || p+8 > len(b) {
		return b[end-1] == '"' && string(b[p:end-1]) == m.name
	}
	if binary.LittleEndian.Uint64(b[p:])&m.mask != m.head {
		return false
	}
	return len(m.name) < 8 || binary.LittleEndian.Uint64(b[end-8:]) == m.tail
}

// isPlain reports whether a name needs no escapes in JSON.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' || s[i] < 0x20 {
			return false
		}
	}
	return utf8.ValidString(s)
}

// learn returns the index of a member that the scanner met, or noMember when
// the node has met too many names.
func (n *node) learn(name []byte) int32 {
	if i, ok := n.index[string(name)]; ok {
		return i
	}
	if n.learnt >= maxNames || len(name) > maxNameLength {
		return noMember
	}
	n.learnt++
	n.add(string(name))
	return int32(len(n.members) - 1)
}

// each calls f with the node and every node that a path leads to from it.
func (n *node) each(f func(*node)) {
	f(n)
	for i := range n.members {
		m := &n.members[i]
		if m.child != nil {
			m.child.each(f)
		}
		eachItem(m.items, f)
	}
}

func eachItem(items []item, f func(*node)) {
	for i := range items {
		if items[i].child != nil {
			items[i].child.each(f)
		}
		eachItem(items[i].items, f)
	}
}

// forget forgets the names that were learnt since base.
func (n *node) forget() {
	if n.learnt == 0 {
		return
	}
	for _, m := range n.members[n.base:] {
		delete(n.index, m.name)
	}
	clear(n.members[n.base:])
	n.members, n.learnt = n.members[:n.base], 0
}

// slots hands out the slots of the paths that are read.
type slots struct {
	root  *node
	count int
	paths map[string]int32
}

// at returns the slot of a path into the record, which must not be empty.
func (s *slots) at(path []rowexpr.Step) int32 {
	key := rowexpr.PathString(path)
	if slot, ok := s.paths[key]; ok {
		return slot
	}
	slot := int32(s.count)
	s.count++
	s.paths[key] = slot
	m := s.root.add(path[0].Name)
	m.known = true
	if len(path) == 1 {
		m.slot = slot
		return slot
	}
	if path[1].IsIdx {
		m.items = placeItem(m.items, path[1:], slot)
		return slot
	}
	if m.child == nil {
		m.child = newNode()
	}
	m.child.place(path[1:], slot)
	return slot
}

func (n *node) place(path []rowexpr.Step, slot int32) {
	m := n.add(path[0].Name)
	m.known = true
	switch {
	case len(path) == 1:
		m.slot = slot
	case path[1].IsIdx:
		m.items = placeItem(m.items, path[1:], slot)
	default:
		if m.child == nil {
			m.child = newNode()
		}
		m.child.place(path[1:], slot)
	}
}

func placeItem(items []item, path []rowexpr.Step, slot int32) []item {
	at := -1
	for i := range items {
		if items[i].index == path[0].Index {
			at = i
		}
	}
	if at < 0 {
		at = len(items)
		items = append(items, item{index: path[0].Index, slot: -1})
	}
	it := &items[at]
	switch {
	case len(path) == 1:
		it.slot = slot
	case path[1].IsIdx:
		it.items = placeItem(it.items, path[1:], slot)
	default:
		if it.child == nil {
			it.child = newNode()
		}
		it.child.place(path[1:], slot)
	}
	return items
}
