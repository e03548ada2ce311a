package jsonschema

import (
	"math/big"
	"net/url"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
)

// shape is what a column can say of a schema.
type shape struct {
	col     contract.Column // Type and limits
	null    bool            // null is taken
	limited bool            // col has limits, which a list's element or a struct's field cannot have
	rest    []string        // pointers to what the column does not say
}

// anything is the shape of a schema that a column cannot say: a json column, and
// the schema is checked on the value.
func anything(pointer string) shape {
	return shape{col: contract.Column{Type: types.Of(types.JSON)}, null: true, rest: []string{pointer}}
}

func (s *shape) leave(pointer string) { s.rest = append(s.rest, pointer) }

// mapper makes columns of a schema.
type mapper struct {
	schema  *Schema
	strict  bool // a struct takes no member that it does not name
	old     bool // a draft up to 7: $ref stands alone
	foreign bool // a metaschema of one's own: keywords may mean anything
	trail   []*Node
}

func newMapper(s *Schema) *mapper {
	m := &mapper{schema: s, old: s.Draft == "4" || s.Draft == "6" || s.Draft == "7"}
	if n := s.Root().Get("$schema"); n != nil && n.Kind == String {
		uri := strings.TrimSuffix(strings.Replace(n.Text, "http://", "https://", 1), "#")
		m.foreign = !slices.ContainsFunc(Drafts(), func(d string) bool { return draftOf(d).URL() == uri })
	}
	return m
}

// keyword returns a keyword's value where the draft at hand knows the keyword.
func (m *mapper) keyword(n *Node, name string) *Node {
	if name == "const" && m.schema.Draft == "4" || name == "contentEncoding" && (m.schema.Draft == "4" || m.schema.Draft == "6") {
		return nil
	}
	return n.Get(name)
}

// moves reports whether a schema has an identifier of its own, by which the
// references below it are resolved.
func (m *mapper) moves(n *Node) bool {
	id := n.Get("$id")
	if m.schema.Draft == "4" {
		id = n.Get("id")
	}
	return id != nil && id.Kind == String
}

// maxRefs is how many references are followed for one column.
const maxRefs = 32

// shape works out what a column says of the schema n, which stands in document d.
func (m *mapper) shape(d *document, n *Node, pointer string) shape {
	if n.Kind == Bool && n.Text == "true" {
		return shape{col: contract.Column{Type: types.Of(types.JSON)}, null: true}
	}
	if n.Kind != Object || m.foreign || len(m.trail) > maxRefs || slices.Contains(m.trail, n) || n != d.root && m.moves(n) {
		return anything(pointer)
	}
	m.trail = append(m.trail, n)
	defer func() { m.trail = m.trail[:len(m.trail)-1] }()
	if ref := n.Get("$ref"); ref != nil {
		return m.reference(d, n, ref, pointer)
	}
	if s, ok := m.nullable(d, n, pointer); ok {
		return s
	}
	kinds, null, ok := m.kinds(n)
	if !ok {
		if !m.asserts(n) {
			return shape{col: contract.Column{Type: types.Of(types.JSON)}, null: true}
		}
		return anything(pointer)
	}
	s := shape{null: null}
	w := work{m: m, d: d, n: n, pointer: pointer, out: &s, done: map[string]bool{"type": true}}
	w.as(kinds)
	w.leaveRest()
	return s
}

// asserts reports whether a schema has a keyword that a value can break.
func (m *mapper) asserts(n *Node) bool {
	return slices.ContainsFunc(n.Members, func(k Member) bool {
		return asserting[k.Name] && k.Name != "contentEncoding" && (k.Name != "format" || known(k.Value.Text)) && m.keyword(n, k.Name) != nil
	})
}

// reference follows a $ref. What stands beside it counts from 2019-09 on, and is
// left to the schema.
func (m *mapper) reference(d *document, n, ref *Node, pointer string) shape {
	target, in := m.resolve(d, ref)
	if target == nil {
		return anything(pointer)
	}
	s := m.shape(in, target, pointer+"/$ref")
	if !m.old && slices.ContainsFunc(n.Members, func(k Member) bool { return k.Name != "$ref" && asserting[k.Name] }) {
		s.leave(pointer)
	}
	return s
}

// resolve returns the schema that a reference leads to and its document; nil
// where that takes more than a pointer or an anchor in a file.
func (m *mapper) resolve(d *document, ref *Node) (*Node, *document) {
	if ref.Kind != String {
		return nil, nil
	}
	file, fragment, _ := strings.Cut(ref.Text, "#")
	if file != "" {
		d = m.document(d, file)
	}
	if d == nil {
		return nil, nil
	}
	fragment, err := url.PathUnescape(fragment)
	if err != nil {
		return nil, nil
	}
	if fragment == "" || fragment[0] == '/' {
		n := d.root
		for _, step := range strings.Split(strings.TrimPrefix(fragment, "/"), "/") {
			if step == "" {
				continue
			}
			if n = n.At("/" + step); n == nil || m.moves(n) {
				return nil, nil
			}
		}
		return n, d
	}
	return nil, nil
}

// document returns the document that stands at a reference's file.
func (m *mapper) document(from *document, file string) *document {
	base, err := url.Parse(from.URL)
	if id := from.root.Get("$id"); id != nil && id.Kind == String && err == nil {
		if u, bad := url.Parse(id.Text); bad == nil {
			base = base.ResolveReference(u)
		}
	}
	ref, bad := url.Parse(file)
	if err != nil || bad != nil {
		return nil
	}
	target := base.ResolveReference(ref).String()
	for _, d := range m.schema.docs {
		if d.URL == target {
			return d
		}
	}
	return nil
}

// nullable recognises anyOf and oneOf over null and one other schema.
func (m *mapper) nullable(d *document, n *Node, pointer string) (shape, bool) {
	for _, name := range []string{"anyOf", "oneOf"} {
		alternatives := n.Get(name)
		if alternatives == nil || len(alternatives.Elems) != 2 ||
			slices.ContainsFunc(n.Members, func(k Member) bool { return k.Name != name && asserting[k.Name] }) {
			continue
		}
		for i, e := range alternatives.Elems {
			if t := e.Get("type"); t == nil || t.Text != "null" || t.Kind != String || m.assertsBeside(e, "type") {
				continue
			}
			s := m.shape(d, alternatives.Elems[1-i], pointer+"/"+name+"/"+itoa(1-i))
			if s.null && name == "oneOf" {
				return anything(pointer), true
			}
			s.null = true
			if len(s.rest) > 0 {
				s.rest = []string{pointer + "/" + name}
			}
			return s, true
		}
	}
	return shape{}, false
}

func (m *mapper) assertsBeside(n *Node, name string) bool {
	return slices.ContainsFunc(n.Members, func(k Member) bool { return k.Name != name && asserting[k.Name] })
}

// kinds returns the one JSON type besides null that a schema takes, "" where it
// takes several: from type, or else from the values of enum or const.
func (m *mapper) kinds(n *Node) (kind string, null, ok bool) {
	var list []string
	t := n.Get("type")
	switch {
	case t == nil:
		return m.kindOfValues(n)
	case t.Kind == String:
		list = []string{t.Text}
	default:
		for _, e := range t.Elems {
			list = append(list, e.Text)
		}
	}
	null = slices.Contains(list, "null")
	list = slices.DeleteFunc(list, func(s string) bool { return s == "null" })
	if slices.Contains(list, "number") {
		list = slices.DeleteFunc(list, func(s string) bool { return s == "integer" })
	}
	if len(list) != 1 {
		return "", false, false
	}
	return list[0], null, true
}

// kindOfValues finds the one type of all values that enum or const lists.
func (m *mapper) kindOfValues(n *Node) (kind string, null, ok bool) {
	for _, v := range m.values(n) {
		k := ""
		switch v.Kind {
		case Null:
			null = true
			continue
		case String:
			k = "string"
		case Bool:
			k = "boolean"
		case Number:
			k = "number"
			if r, ok := new(big.Rat).SetString(v.Text); ok && r.IsInt() && r.Num().IsInt64() {
				k = "integer"
			}
		default:
			return "", false, false
		}
		switch {
		case kind == "" || kind == k || kind == "integer" && k == "number":
			kind = k
		case kind == "number" && k == "integer":
		default:
			return "", false, false
		}
	}
	return kind, null, kind != ""
}

// values returns the values that enum lists, or const's.
func (m *mapper) values(n *Node) []*Node {
	if e := n.Get("enum"); e != nil && e.Kind == Array {
		return e.Elems
	}
	if c := m.keyword(n, "const"); c != nil {
		return []*Node{c}
	}
	return nil
}
