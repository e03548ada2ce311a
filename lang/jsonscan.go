package lang

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/headgate-data/headgate/lang/diag"
)

// jsonNode is a value of a JSON text with its place.
type jsonNode struct {
	kind    jsonKind
	rng     hcl.Range
	text    string // of a string: decoded; of a number, true, false, null: as written
	members []jsonMember
	elems   []*jsonNode
}

type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

// jsonMember is a member of an object, in written order; names may repeat.
type jsonMember struct {
	name      string
	nameRange hcl.Range // quotes included
	value     *jsonNode
}

// jsonScanner reads JSON from the left, as RFC 8259 has it, and counts lines and
// columns as it goes. fault is the first error; after it nothing is read.
type jsonScanner struct {
	file  string
	src   []byte
	pos   hcl.Pos
	fault *diag.Diagnostic
	depth int
	// trace, where it is not nil, gets the place of each byte that string decodes.
	trace *[]hcl.Pos
}

// maxJSONDepth bounds nesting, so that a hostile text cannot exhaust the stack.
const maxJSONDepth = 200

// document reads a whole text; nil with fault set where it is not JSON.
func (s *jsonScanner) document() *jsonNode {
	s.space()
	n := s.value()
	s.space()
	if s.fault == nil && s.pos.Byte < len(s.src) {
		s.fail(diag.BadJSON, "Something is left over after the end of the JSON value.")
	}
	if s.fault != nil {
		return nil
	}
	return n
}

func (s *jsonScanner) fail(code diag.Code, format string, args ...any) {
	if s.fault != nil {
		return
	}
	end := s.pos
	if s.pos.Byte < len(s.src) {
		end.Byte, end.Column = end.Byte+1, end.Column+1
	}
	s.fault = diag.New(code, format, args...).At(Range(hcl.Range{Filename: s.file, Start: s.pos, End: end}))
}

// peek returns the next byte, 0 at the end and after a fault.
func (s *jsonScanner) peek() byte {
	if s.fault != nil || s.pos.Byte >= len(s.src) {
		return 0
	}
	return s.src[s.pos.Byte]
}

// skip steps over n bytes of one line.
func (s *jsonScanner) skip(n int) {
	s.pos.Column += utf8.RuneCount(s.src[s.pos.Byte : s.pos.Byte+n])
	s.pos.Byte += n
}

func (s *jsonScanner) space() {
	for {
		switch s.peek() {
		case '\n':
			s.pos = hcl.Pos{Line: s.pos.Line + 1, Column: 1, Byte: s.pos.Byte + 1}
		case ' ', '\t', '\r':
			s.skip(1)
		default:
			return
		}
	}
}

func (s *jsonScanner) take(c byte) bool {
	s.space()
	if s.peek() != c {
		return false
	}
	s.skip(1)
	return true
}

func (s *jsonScanner) value() *jsonNode {
	n := &jsonNode{rng: hcl.Range{Filename: s.file, Start: s.pos}}
	s.depth++
	if s.depth > maxJSONDepth {
		s.fail(diag.TooDeep, "JSON may be nested %d deep here.", maxJSONDepth)
	}
	switch c := s.peek(); {
	case c == '{':
		n.kind = jsonObject
		s.object(n)
	case c == '[':
		n.kind = jsonArray
		s.array(n)
	case c == '"':
		n.kind, n.text = jsonString, s.string()
	case c == '-' || (c >= '0' && c <= '9'):
		n.kind, n.text = jsonNumber, s.number()
	default:
		s.word(n)
	}
	s.depth--
	n.rng.End = s.pos
	return n
}

func (s *jsonScanner) object(n *jsonNode) {
	s.skip(1)
	if s.take('}') {
		return
	}
	for s.fault == nil {
		s.space()
		m := jsonMember{nameRange: hcl.Range{Filename: s.file, Start: s.pos}}
		if s.peek() != '"' {
			s.fail(diag.BadJSON, "A member's name in double quotes is missing here.")
			return
		}
		m.name = s.string()
		m.nameRange.End = s.pos
		if !s.take(':') {
			s.fail(diag.BadJSON, "A colon must stand between a member's name and its value.")
			return
		}
		s.space()
		m.value = s.value()
		n.members = append(n.members, m)
		if s.take('}') {
			return
		}
		if !s.take(',') {
			s.fail(diag.BadJSON, "A comma or a closing brace is missing here.")
		}
	}
}

func (s *jsonScanner) array(n *jsonNode) {
	s.skip(1)
	if s.take(']') {
		return
	}
	for s.fault == nil {
		s.space()
		n.elems = append(n.elems, s.value())
		if s.take(']') {
			return
		}
		if !s.take(',') {
			s.fail(diag.BadJSON, "A comma or a closing bracket is missing here.")
		}
	}
}

func (s *jsonScanner) word(n *jsonNode) {
	word := ""
	switch s.peek() {
	case 't':
		word, n.kind = "true", jsonBool
	case 'f':
		word, n.kind = "false", jsonBool
	case 'n':
		word, n.kind = "null", jsonNull
	}
	if word == "" || !bytes.HasPrefix(s.src[s.pos.Byte:], []byte(word)) {
		s.fail(diag.BadJSON, "A JSON value is missing here: an object, array, string, number, true, false or null.")
		return
	}
	n.text = word
	s.skip(len(word))
}

// digits steps over digits and reports how many there were.
func (s *jsonScanner) digits() int {
	n := 0
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		s.skip(1)
		n++
	}
	return n
}

func (s *jsonScanner) number() string {
	start := s.pos.Byte
	if s.peek() == '-' {
		s.skip(1)
	}
	leadingZero := s.peek() == '0'
	if n := s.digits(); n == 0 || (leadingZero && n > 1) {
		s.fail(diag.BadJSON, "This is not a JSON number: a digit is missing, or a zero leads.")
	}
	if s.peek() == '.' {
		s.skip(1)
		if s.digits() == 0 {
			s.fail(diag.BadJSON, "This is not a JSON number: a digit must follow the point.")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.skip(1)
		if c := s.peek(); c == '+' || c == '-' {
			s.skip(1)
		}
		if s.digits() == 0 {
			s.fail(diag.BadJSON, "This is not a JSON number: a digit must follow the exponent.")
		}
	}
	text := s.src[start:s.pos.Byte]
	if numberTooGreat(text) {
		s.fail(diag.NumberRange, "This number has more than %d characters or an exponent beyond %d.", maxExponent, maxExponent)
	}
	return string(text)
}

// string reads a string from its opening to its closing quote.
func (s *jsonScanner) string() string {
	s.skip(1)
	var out []byte
	for {
		at := s.pos
		c := s.peek()
		switch {
		case c == '"':
			s.skip(1)
			return string(out)
		case c < ' ':
			s.fail(diag.BadJSON, "The string is not closed, or holds a control character that must be written as \\u%04x.", c)
			return ""
		case c == '\\':
			out = utf8.AppendRune(out, s.escape())
			if s.fault != nil {
				return ""
			}
		default:
			_, n := utf8.DecodeRune(s.src[at.Byte:])
			out = append(out, s.src[at.Byte:at.Byte+n]...)
			s.skip(n)
		}
		if s.trace != nil {
			for len(*s.trace) < len(out) {
				*s.trace = append(*s.trace, at)
			}
		}
	}
}

// escapes are JSON's short escapes.
var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads one escape, or a pair of \u that make one character. Half a pair
// gives U+FFFD.
func (s *jsonScanner) escape() rune {
	s.skip(1)
	c := s.peek()
	if r, ok := escapes[c]; ok {
		s.skip(1)
		return r
	}
	if c != 'u' {
		s.fail(diag.BadJSON, "There is no such escape in JSON. A backslash itself is written twice.")
		return 0
	}
	r := s.hex()
	if !utf16.IsSurrogate(r) {
		return r
	}
	back := s.pos
	if s.peek() == '\\' {
		s.skip(1)
		if s.peek() == 'u' {
			if pair := utf16.DecodeRune(r, s.hex()); pair != utf8.RuneError {
				return pair
			}
		}
	}
	if s.fault == nil {
		s.pos = back
	}
	return utf8.RuneError
}

// hex reads uXXXX.
func (s *jsonScanner) hex() rune {
	if s.pos.Byte+5 <= len(s.src) {
		if v, err := strconv.ParseUint(string(s.src[s.pos.Byte+1:s.pos.Byte+5]), 16, 32); err == nil {
			s.skip(5)
			return rune(v)
		}
	}
	s.fail(diag.BadJSON, "Four hexadecimal digits must follow \\u.")
	return 0
}
