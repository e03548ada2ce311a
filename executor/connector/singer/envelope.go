package singer

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// kind is a message's type.
type kind uint8

const (
	kindOther kind = iota
	kindRecord
	kindSchema
	kindState
	kindActivateVersion
	kindBatch
)

func kindOf(name []byte) kind {
	switch string(name) {
	case "RECORD":
		return kindRecord
	case "SCHEMA":
		return kindSchema
	case "STATE":
		return kindState
	case "ACTIVATE_VERSION":
		return kindActivateVersion
	case "BATCH":
		return kindBatch
	}
	return kindOther
}

// envelope is a message taken apart one level deep. The slices point into the
// line, or into memory of their own; nil is an absent member.
type envelope struct {
	kind     kind
	name     []byte // of the type
	stream   []byte
	record   []byte
	value    []byte
	schema   []byte
	keys     []byte
	cursor   []byte // bookmark_properties
	escaped  bool   // record has a member whose name is written with escapes
	members  [][2]int
	memberOf []byte
}

// parse takes a line apart. The fast way follows brackets and strings and
// accepts nothing that it is not sure of; where it gives up the strict one
// decides. An error means that the line is not a JSON object with a type.
//
// The record itself is only followed, not judged: its decoder does that.
func (e *envelope) parse(line []byte) error {
	if e.fast(line) {
		return nil
	}
	return e.strict(line)
}

func (e *envelope) reset() { *e = envelope{members: e.members[:0]} }

// set keeps a member's raw value.
func (e *envelope) set(name, value []byte) {
	switch string(name) {
	case "record":
		e.record = value
	case "value":
		e.value = value
	case "schema":
		e.schema = value
	case "key_properties":
		e.keys = value
	case "bookmark_properties":
		e.cursor = value
	}
}

// fast takes apart a RECORD message; false where it is another message, or
// anything about it is unusual.
func (e *envelope) fast(line []byte) bool {
	e.reset()
	s := scanner{text: line}
	if !s.take('{') {
		return false
	}
	for {
		name, ok := s.plainString()
		if !ok || !s.take(':') {
			return false
		}
		switch string(name) {
		case "type", "stream":
			text, ok := s.plainString()
			if !ok || name[0] == 't' && e.name != nil || name[0] == 's' && e.stream != nil {
				return false
			}
			if name[0] == 't' {
				e.name, e.kind = text, kindOf(text)
			} else {
				e.stream = text
			}
		case "record":
			s.space()
			start := s.pos
			if e.record != nil || !s.object(e) {
				return false
			}
			e.record = line[start:s.pos]
		default: // time_extracted, version: text or a number, looked at no further
			if !s.scalar() {
				return false
			}
		}
		if s.take(',') {
			continue
		}
		return s.take('}') && s.end() && e.kind == kindRecord && len(e.stream) > 0 && e.record != nil
	}
}

var (
	errNoObject = errors.New("the line is not a JSON object")
	errNoType   = errors.New("the message has no type")
)

// strict takes apart any message with a strict JSON decoder.
func (e *envelope) strict(line []byte) error {
	e.reset()
	d := jsontext.NewDecoder(bytes.NewBuffer(line))
	if d.PeekKind() != '{' {
		if _, err := d.ReadValue(); err != nil {
			return err
		}
		return errNoObject
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		value = value.Clone()
		if name == "type" || name == "stream" {
			text, err := unquote(value)
			if err != nil {
				return errors.New("the message's " + name + " is not text")
			}
			if name == "type" {
				e.name, e.kind = text, kindOf(text)
			} else {
				e.stream = text
			}
			continue
		}
		e.set([]byte(name), value)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); err == nil {
		return errors.New("more follows behind the message")
	}
	if e.name == nil {
		return errNoType
	}
	if e.record != nil {
		s := scanner{text: e.record}
		s.object(e)
	}
	return nil
}

func unquote(v jsontext.Value) ([]byte, error) {
	if v.Kind() != '"' {
		return nil, errNoObject
	}
	text, err := jsontext.AppendUnquote([]byte{}, v)
	return text, err
}

// has reports whether the record has a member of that name.
func (e *envelope) has(name string) bool {
	for _, m := range e.members {
		if string(e.memberOf[m[0]:m[1]]) == name {
			return true
		}
	}
	if !e.escaped {
		return false
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(e.record), jsontext.AllowDuplicateNames(true))
	if _, err := d.ReadToken(); err != nil {
		return false
	}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return false
		}
		if token.String() == name {
			return true
		}
		if d.SkipValue() != nil {
			return false
		}
	}
	return false
}

// scanner follows JSON text without building values.
type scanner struct {
	text []byte
	pos  int
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// take skips white space and then c, if it is next.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) end() bool {
	s.space()
	return s.pos == len(s.text)
}

// plainString reads a string of printable ASCII without escapes.
func (s *scanner) plainString() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	start := s.pos
	for ; s.pos < len(s.text); s.pos++ {
		switch b := s.text[s.pos]; {
		case b == '"':
			s.pos++
			return s.text[start : s.pos-1], true
		case b < ' ' || b >= 0x7f || b == '\\':
			return nil, false
		}
	}
	return nil, false
}

// scalar skips a plain string, a whole number, true, false or null.
func (s *scanner) scalar() bool {
	s.space()
	if s.pos == len(s.text) {
		return false
	}
	for _, word := range []string{"null", "true", "false"} {
		if bytes.HasPrefix(s.text[s.pos:], []byte(word)) {
			s.pos += len(word)
			return true
		}
	}
	start := s.pos
	switch b := s.text[start]; {
	case b == '"':
		_, ok := s.plainString()
		return ok
	case b < '1' || b > '9':
		return false
	}
	for s.pos < len(s.text) && s.text[s.pos] >= '0' && s.text[s.pos] <= '9' {
		s.pos++
	}
	return true
}

// skipString skips a string of any content; pos is on its opening quote.
// escaped says that it holds a backslash.
func (s *scanner) skipString() (escaped, ok bool) {
	s.pos++
	for {
		i := bytes.IndexByte(s.text[s.pos:], '"')
		if i < 0 {
			return escaped, false
		}
		end := s.pos + i
		j := bytes.IndexByte(s.text[s.pos:end], '\\')
		if j < 0 {
			s.pos = end + 1
			return escaped, true
		}
		escaped = true
		if s.pos += j + 2; s.pos > len(s.text) {
			return escaped, false
		}
	}
}

// object skips an object and notes where the names of its own members are.
func (s *scanner) object(e *envelope) bool {
	if !s.take('{') {
		return false
	}
	e.memberOf = s.text
	depth, name := 1, true // name: a string here is a member's name of the object itself
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '"':
			start := s.pos + 1
			escaped, ok := s.skipString()
			if !ok {
				return false
			}
			if depth == 1 && name {
				e.members = append(e.members, [2]int{start, s.pos - 1})
				e.escaped = e.escaped || escaped
				name = false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.pos++
				return s.text[s.pos-1] == '}'
			}
		case ',':
			name = name || depth == 1
		}
		s.pos++
	}
	return false
}
