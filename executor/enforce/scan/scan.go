// Package scan walks over JSON text without building anything. It is strict: it
// takes exactly what RFC 8259 allows, as UTF-8 without lone surrogates, to a
// depth of MaxDepth. It does not look for names that repeat inside an object,
// which is the caller's part where it matters.
//
// Every function takes the text and the position to start from, and returns the
// position behind what it read. A position inside the text always is at most
// len(b). With a Fault other than OK the position is that of the fault.
package scan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 128

// Kind is what a JSON value is.
type Kind uint8

// The kinds of values. None is the zero value and stands for no value at all.
const (
	None    Kind = iota
	Null         // null
	False        // false
	True         // true
	Int          // a number without fraction and exponent
	Number       // any other number
	String       // a string without escapes
	Escaped      // a string with at least one escape
	Object       // {...}
	Array        // [...]
)

// String returns the kind as messages name it.
func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a boolean", "a number", "a number", "a string", "a string", "an object", "an array"}[k]
}

// IsString reports whether the value is a string, with escapes or not.
func (k Kind) IsString() bool { return k == String || k == Escaped }

// Fault says why a text is not JSON.
type Fault uint8

// The faults.
const (
	OK Fault = iota
	Truncated
	Unexpected
	BadNumber
	BadEscape
	Surrogate
	Control
	BadUTF8
	TooDeep
	Trailing
)

// String returns the fault as messages put it.
func (f Fault) String() string {
	return [...]string{
		OK: "", Truncated: "the text ends early", Unexpected: "a character that cannot stand here", BadNumber: "a malformed number",
		BadEscape: "an unknown escape in a string", Surrogate: "half a surrogate pair in a string", Control: "a control character in a string",
		BadUTF8: "text that is not UTF-8", TooDeep: "values nested more than 128 deep", Trailing: "more text behind the value",
	}[f]
}

// Space returns the position of the first byte from p on that is not white space.
func Space(b []byte, p int) int {
	for p < len(b) && b[p] <= ' ' && (b[p] == ' ' || b[p] == '\n' || b[p] == '\r' || b[p] == '\t') {
		p++
	}
	return p
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// Text scans a string whose opening quote stands before p. It returns the
// position behind the closing quote and String or Escaped.
func Text(b []byte, p int) (int, Kind, Fault) {
	kind := String
	for {
		p = plain(b, p)
		if p >= len(b) {
			return len(b), kind, Truncated
		}
		switch c := b[p]; {
		case c == '"':
			return p + 1, kind, OK
		case c == '\\':
			end, f := escape(b, p)
			if f != OK {
				return end, kind, f
			}
			p, kind = end, Escaped
		case c < 0x20:
			return p, kind, Control
		default:
			r, size := utf8.DecodeRune(b[p:])
			if r == utf8.RuneError && size <= 1 {
				return p, kind, BadUTF8
			}
			p += size
		}
	}
}

// plain returns the position of the first quote, backslash, control character
// or byte outside of ASCII from p on, eight bytes at a time. A subtraction sets the
// highest bit of a byte that is looked for. It sets that of others only behind
// such a byte, from which they borrow: the first one is right.
func plain(b []byte, p int) int {
	for ; p+8 <= len(b); p += 8 {
		w := binary.LittleEndian.Uint64(b[p:])
		if m := ((w ^ (ones * '"') - ones) | (w ^ (ones * '\\') - ones) | (w - ones*0x20) | w) & highs; m != 0 {
			return p + bits.TrailingZeros64(m)>>3
		}
	}
	for p < len(b) && b[p] != '"' && b[p] != '\\' && b[p] >= 0x20 && b[p] < utf8.RuneSelf {
		p++
	}
	return p
}

// escape scans the escape whose backslash stands at p.
func escape(b []byte, p int) (int, Fault) {
	if p+1 >= len(b) {
		return len(b), Truncated
	}
	switch b[p+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return p + 2, OK
	case 'u':
	default:
		return p, BadEscape
	}
	u, ok := hex4(b, p+2)
	switch {
	case !ok && p+6 > len(b):
		return len(b), Truncated
	case !ok:
		return p, BadEscape
	case u >= 0xDC00 && u < 0xE000:
		return p, Surrogate
	case u < 0xD800 || u >= 0xE000:
		return p + 6, OK
	}
	if p+8 > len(b) || b[p+6] != '\\' || b[p+7] != 'u' {
		return p, Surrogate
	}
	if low, ok := hex4(b, p+8); !ok || low < 0xDC00 || low >= 0xE000 {
		return p, Surrogate
	}
	return p + 12, OK
}

// hex4 reads four hexadecimal digits at p.
func hex4(b []byte, p int) (rune, bool) {
	if p+4 > len(b) {
		return 0, false
	}
	var u rune
	for _, c := range b[p : p+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		u = u<<4 | rune(c)
	}
	return u, true
}

// Digits scans a number that starts at p: a minus or a digit. It returns Int or
// Number.
func Digits(b []byte, p int) (int, Kind, Fault) {
	if p < len(b) && b[p] == '-' {
		p++
	}
	start := p
	p = digits(b, p)
	if p == start || (b[start] == '0' && p > start+1) {
		return badNumber(b, p, start)
	}
	if p >= len(b) || (b[p] != '.' && b[p]|0x20 != 'e') {
		return p, Int, OK
	}
	if b[p] == '.' {
		start = p + 1
		if p = digits(b, start); p == start {
			return badNumber(b, p, start)
		}
	}
	if p < len(b) && b[p]|0x20 == 'e' {
		p++
		if p < len(b) && (b[p] == '+' || b[p] == '-') {
			p++
		}
		start = p
		if p = digits(b, start); p == start {
			return badNumber(b, p, start)
		}
	}
	return p, Number, OK
}

func badNumber(b []byte, p, start int) (int, Kind, Fault) {
	if p == start && p >= len(b) {
		return len(b), Number, Truncated
	}
	return start, Number, BadNumber
}

func digits(b []byte, p int) int {
	for p < len(b) && b[p]-'0' <= 9 {
		p++
	}
	return p
}

// Value scans the value that starts at p, which must not be white space. depth
// is how many arrays and objects p stands in.
func Value(b []byte, p, depth int) (int, Kind, Fault) {
	if p >= len(b) {
		return len(b), None, Truncated
	}
	switch c := b[p]; {
	case c == '"':
		return Text(b, p+1)
	case c-'0' <= 9 || c == '-':
		return Digits(b, p)
	case c == '{':
		end, f := object(b, p+1, depth+1)
		return end, Object, f
	case c == '[':
		end, f := array(b, p+1, depth+1)
		return end, Array, f
	case c == 't':
		return word(b, p, "true", True)
	case c == 'f':
		return word(b, p, "false", False)
	case c == 'n':
		return word(b, p, "null", Null)
	default:
		return p, None, Unexpected
	}
}

func word(b []byte, p int, w string, k Kind) (int, Kind, Fault) {
	if len(b)-p >= len(w) {
		if string(b[p:p+len(w)]) == w {
			return p + len(w), k, OK
		}
		return p, None, Unexpected
	}
	if string(b[p:]) == w[:len(b)-p] {
		return len(b), None, Truncated
	}
	return p, None, Unexpected
}

// Document scans a text that is one value with white space around it. It
// returns where the value starts and ends.
func Document(b []byte) (start, end int, k Kind, f Fault) {
	start = Space(b, 0)
	end, k, f = Value(b, start, 0)
	if f == OK {
		if p := Space(b, end); p < len(b) {
			return start, p, k, Trailing
		}
	}
	return start, end, k, f
}
