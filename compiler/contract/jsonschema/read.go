package jsonschema

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/headgate-data/headgate/lang/diag"
)

// Kind is what a JSON value is.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Node is a value of a JSON text with its place.
type Node struct {
	Kind    Kind
	Range   diag.Range
	Text    string // of a string: decoded; of a number, true, false and null: as written
	Members []Member
	Elems   []*Node
}

// Member is a member of an object, in written order.
type Member struct {
	Name      string
	NameRange diag.Range // quotes included
	Value     *Node
}

// Get returns the member's value, nil where there is none or n is no object.
func (n *Node) Get(name string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Members {
		if n.Members[i].Name == name {
			return n.Members[i].Value
		}
	}
	return nil
}

// Value returns what the node stands for, as encoding/json decodes into any, with
// numbers as json.Number.
func (n *Node) Value() any {
	switch n.Kind {
	case Bool:
		return n.Text == "true"
	case Number:
		return json.Number(n.Text)
	case String:
		return n.Text
	case Array:
		out := make([]any, len(n.Elems))
		for i, e := range n.Elems {
			out[i] = e.Value()
		}
		return out
	case Object:
		out := make(map[string]any, len(n.Members))
		for _, m := range n.Members {
			out[m.Name] = m.Value.Value()
		}
		return out
	default:
		return nil
	}
}

// At returns the value that a JSON pointer leads to, nil where it leads nowhere.
func (n *Node) At(pointer string) *Node {
	if pointer == "" {
		return n
	}
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if n == nil {
			return nil
		}
		step = unescape(step)
		if n.Kind != Array {
			n = n.Get(step)
			continue
		}
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(n.Elems) {
			return nil
		}
		n = n.Elems[i]
	}
	return n
}

// Unescape returns the name that a step of a JSON pointer stands for.
func Unescape(step string) string { return unescape(step) }

func unescape(step string) string {
	return strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
}

func escape(step string) string {
	return strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1")
}

// maxDepth bounds nesting, so that a hostile text cannot exhaust the stack.
const maxDepth = 256

// maxExponent bounds the exponent of a number: beyond it exact arithmetic would
// need memory without bound.
const maxExponent = 9999

// Read reads a JSON text, as RFC 8259 has it, with the place of every value. The
// first fault is returned: text that is not JSON, a member that stands twice, or
// a number that cannot be computed with.
func Read(file string, src []byte) (*Node, *diag.Diagnostic) {
	r := &reader{file: file, src: src, pos: diag.Pos{Line: 1, Column: 1}}
	if strings.HasPrefix(string(src[:min(3, len(src))]), "\xef\xbb\xbf") {
		r.pos.Byte = 3
	}
	r.space()
	n := r.value()
	r.space()
	if r.fault == nil && r.pos.Byte < len(src) {
		r.fail(diag.SchemaNotJSON, "Something is left over after the end of the JSON value.")
	}
	if r.fault != nil {
		return nil, r.fault
	}
	return n, nil
}

// reader reads JSON from the left and counts lines and columns as it goes.
// fault is the first error; after it nothing is read.
type reader struct {
	file  string
	src   []byte
	pos   diag.Pos
	fault *diag.Diagnostic
	depth int
}

func (r *reader) fail(code diag.Code, format string, args ...any) {
	end := r.pos
	if r.pos.Byte < len(r.src) {
		end.Byte, end.Column = end.Byte+1, end.Column+1
	}
	r.failAt(diag.Range{Filename: r.file, Start: r.pos, End: end}, code, format, args...)
}

func (r *reader) failAt(at diag.Range, code diag.Code, format string, args ...any) {
	if r.fault == nil {
		r.fault = diag.New(code, format, args...).At(at)
	}
}

// peek returns the next byte, 0 at the end and after a fault.
func (r *reader) peek() byte {
	if r.fault != nil || r.pos.Byte >= len(r.src) {
		return 0
	}
	return r.src[r.pos.Byte]
}

// skip steps over n bytes of one line.
func (r *reader) skip(n int) {
	r.pos.Column += utf8.RuneCount(r.src[r.pos.Byte : r.pos.Byte+n])
	r.pos.Byte += n
}

func (r *reader) space() {
	for {
		switch r.peek() {
		case '\n':
			r.pos = diag.Pos{Line: r.pos.Line + 1, Column: 1, Byte: r.pos.Byte + 1}
		case ' ', '\t', '\r':
			r.skip(1)
		default:
			return
		}
	}
}

func (r *reader) take(c byte) bool {
	r.space()
	if r.peek() != c {
		return false
	}
	r.skip(1)
	return true
}

func (r *reader) value() *Node {
	n := &Node{Range: diag.Range{Filename: r.file, Start: r.pos}}
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxDepth {
		r.fail(diag.SchemaNotJSON, "Arrays and objects nest deeper than %d.", maxDepth)
		return n
	}
	switch c := r.peek(); {
	case c == '{':
		n.Kind = Object
		r.object(n)
	case c == '[':
		n.Kind = Array
		r.array(n)
	case c == '"':
		n.Kind, n.Text = String, r.text()
	case c == '-' || c >= '0' && c <= '9':
		n.Kind = Number
		n.Text = r.number()
	default:
		r.word(n)
	}
	n.Range.End = r.pos
	return n
}

func (r *reader) word(n *Node) {
	for _, w := range []struct {
		text string
		kind Kind
	}{{"true", Bool}, {"false", Bool}, {"null", Null}} {
		if strings.HasPrefix(string(r.src[r.pos.Byte:min(len(r.src), r.pos.Byte+len(w.text))]), w.text) {
			n.Kind, n.Text = w.kind, w.text
			r.skip(len(w.text))
			return
		}
	}
	if r.pos.Byte >= len(r.src) {
		r.fail(diag.SchemaNotJSON, "The text ends where a value is expected.")
		return
	}
	r.fail(diag.SchemaNotJSON, "A value is expected here: an object, an array, a string in double quotes, a number, true, false or null.")
}

func (r *reader) object(n *Node) {
	r.skip(1)
	if r.take('}') {
		return
	}
	seen := map[string]bool{}
	for r.fault == nil {
		r.space()
		m := Member{NameRange: diag.Range{Filename: r.file, Start: r.pos}}
		if r.peek() != '"' {
			r.fail(diag.SchemaNotJSON, "The name of a member is expected here, in double quotes.")
			return
		}
		m.Name = r.text()
		m.NameRange.End = r.pos
		if seen[m.Name] {
			r.failAt(m.NameRange, diag.SchemaTwice, "%q stands in this object already.", m.Name)
			return
		}
		seen[m.Name] = true
		if !r.take(':') {
			r.fail(diag.SchemaNotJSON, "A colon is expected behind the member's name.")
			return
		}
		r.space()
		m.Value = r.value()
		n.Members = append(n.Members, m)
		if r.take('}') {
			return
		}
		if !r.take(',') {
			r.fail(diag.SchemaNotJSON, "A comma or the end of the object is expected here.")
		}
	}
}

func (r *reader) array(n *Node) {
	r.skip(1)
	if r.take(']') {
		return
	}
	for r.fault == nil {
		r.space()
		n.Elems = append(n.Elems, r.value())
		if r.take(']') {
			return
		}
		if !r.take(',') {
			r.fail(diag.SchemaNotJSON, "A comma or the end of the array is expected here.")
		}
	}
}

// number reads a number as RFC 8259 has it and returns its text.
func (r *reader) number() string {
	start := r.pos
	digits := func() bool {
		ok := false
		for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
			r.skip(1)
			ok = true
		}
		return ok
	}
	if r.peek() == '-' {
		r.skip(1)
	}
	first := r.peek()
	ok := digits()
	if first == '0' && r.pos.Byte-start.Byte > 2 || first == '0' && r.pos.Byte-start.Byte == 2 && r.src[start.Byte] != '-' {
		ok = false
	}
	if ok && r.peek() == '.' {
		r.skip(1)
		ok = digits()
	}
	if c := r.peek(); ok && (c == 'e' || c == 'E') {
		r.skip(1)
		if c := r.peek(); c == '+' || c == '-' {
			r.skip(1)
		}
		ok = digits()
	}
	text := string(r.src[start.Byte:r.pos.Byte])
	at := diag.Range{Filename: r.file, Start: start, End: r.pos}
	switch {
	case !ok:
		r.failAt(at, diag.SchemaNotJSON, "This is not a number as JSON writes them.")
	case !Computable(text):
		r.failAt(at, diag.SchemaNumber, "%.40s has an exponent beyond %d.", text, maxExponent)
	}
	return text
}

// Computable reports whether a JSON number can be compared exactly: its exponent
// is at most 9999 either way.
func Computable(number string) bool {
	i := strings.IndexAny(number, "eE")
	if i < 0 {
		return true
	}
	n, err := strconv.Atoi(number[i+1:])
	return err == nil && n >= -maxExponent && n <= maxExponent
}

// text reads a string and returns what it stands for.
func (r *reader) text() string {
	r.skip(1)
	var out []byte
	for r.fault == nil {
		c := r.peek()
		switch {
		case r.pos.Byte >= len(r.src):
			r.fail(diag.SchemaNotJSON, "The text ends inside a string.")
		case c == '"':
			r.skip(1)
			return string(out)
		case c == '\\':
			out = r.escape(out)
		case c < ' ':
			r.fail(diag.SchemaNotJSON, "A control character inside a string has to be written with an escape such as \\n.")
		default:
			_, n := utf8.DecodeRune(r.src[r.pos.Byte:])
			if n == 1 && c >= utf8.RuneSelf {
				r.fail(diag.SchemaNotJSON, "This byte is not UTF-8.")
				break
			}
			out = append(out, r.src[r.pos.Byte:r.pos.Byte+n]...)
			r.pos.Byte += n
			r.pos.Column++
		}
	}
	return ""
}

// escape reads an escape and appends what it stands for.
func (r *reader) escape(out []byte) []byte {
	if r.pos.Byte+1 >= len(r.src) {
		r.fail(diag.SchemaNotJSON, "The text ends inside a string.")
		return out
	}
	c := r.src[r.pos.Byte+1]
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		r.skip(2)
		return append(out, "\"\\/\b\f\n\r\t"[i])
	}
	if c != 'u' {
		r.fail(diag.SchemaNotJSON, "JSON has no such escape.")
		return out
	}
	u, ok := r.hex()
	if ok && utf16.IsSurrogate(u) {
		low := rune(0)
		if strings.HasPrefix(string(r.src[r.pos.Byte:min(len(r.src), r.pos.Byte+2)]), `\u`) {
			low, ok = r.hex()
		}
		if u = utf16.DecodeRune(u, low); u == utf8.RuneError {
			ok = false
		}
	}
	if !ok {
		r.fail(diag.SchemaNotJSON, "This escape stands for no character.")
		return out
	}
	return utf8.AppendRune(out, u)
}

// hex reads \uXXXX.
func (r *reader) hex() (rune, bool) {
	if r.pos.Byte+6 > len(r.src) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(r.src[r.pos.Byte+2:r.pos.Byte+6]), 16, 32)
	if err != nil {
		return 0, false
	}
	r.skip(6)
	return rune(n), true
}
