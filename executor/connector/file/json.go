package file

import (
	"bytes"
	"fmt"
)

// jsonPlace is where in its file a jsonCutter is.
type jsonPlace uint8

const (
	beforeValue jsonPlace = iota // nothing but white space was seen
	afterOpen                    // behind the array's '['
	afterComma
	afterElement
	behindValue // only white space may follow
	resumed     // a reader begins here: afterComma or afterElement
)

// jsonCutter cuts a file that holds one array of records or one object. It only
// follows brackets and strings: whether a record is valid JSON is judged where
// it is decoded, so one broken record does not end the file. Lines are counted
// in records.
type jsonCutter struct {
	n  int64
	at jsonPlace
}

func (c *jsonCutter) line() int64 { return c.n }
func (c *jsonCutter) whole() bool { return c.at == beforeValue || c.n > 0 && c.at != behindValue }

func (c *jsonCutter) cut(out *output, text []byte, last bool) (int, error) {
	pos := 0
	for !out.full() {
		pos += len(text[pos:]) - len(bytes.TrimLeft(text[pos:], " \t\r\n"))
		if pos == len(text) {
			if last && c.at != behindValue {
				return pos, &broken{c.missing()}
			}
			return pos, nil
		}
		n, err := c.step(out, text, pos, last)
		if err != nil || n == 0 {
			return pos, err
		}
		pos += n
	}
	return pos, nil
}

func (c *jsonCutter) missing() string {
	if c.at == beforeValue {
		return "it is empty, where a JSON array or object is expected"
	}
	return fmt.Sprintf("its array is not closed: it ends after record %d", c.n)
}

// step takes one bracket, comma or record at text[pos], which is no white
// space, and returns its length; 0 asks for more text.
func (c *jsonCutter) step(out *output, text []byte, pos int, last bool) (int, error) {
	switch b := text[pos]; {
	case c.at == beforeValue && b == '[':
		c.at = afterOpen
		return 1, nil
	case c.at == beforeValue && b != '{':
		return 0, &broken{fmt.Sprintf("it begins with %q, where a JSON array or object is expected", b)}
	case c.at == behindValue && b == '{':
		return 0, &broken{"more than one value stands in it: if it holds one record a line, its format is \"jsonl\""}
	case c.at == behindValue:
		return 0, &broken{fmt.Sprintf("%q follows where its JSON value has ended", b)}
	case b == ']' && (c.at == afterOpen || c.at == afterElement || c.at == resumed):
		c.at = behindValue
		return 1, nil
	case (c.at == afterElement || c.at == resumed) && b == ',':
		c.at = afterComma
		return 1, nil
	case c.at == afterElement:
		return 0, &broken{fmt.Sprintf("%q follows record %d, where ',' or ']' is expected", b, c.n)}
	case b == ',' || b == ']' || b == '}' || b == ':':
		return 0, &broken{fmt.Sprintf("%q stands where record %d is expected", b, c.n+1)}
	}
	return c.record(out, text, pos, last)
}

// record takes the value at text[pos].
func (c *jsonCutter) record(out *output, text []byte, pos int, last bool) (int, error) {
	n := valueLength(text[pos:], last)
	if n > out.maxText || n == 0 && len(text)-pos > out.maxText {
		return 0, &broken{fmt.Sprintf("record %d: %s", c.n+1, tooLong(out.maxText))}
	}
	if n == 0 {
		if last {
			return 0, &broken{fmt.Sprintf("it ends inside record %d", c.n+1)}
		}
		return 0, nil
	}
	c.n++
	out.add(pos, pos+n, c.n)
	if c.at == beforeValue {
		c.at = behindValue
	} else {
		c.at = afterElement
	}
	return n, nil
}

// valueLength is the length of the JSON value at the front of text, judged by
// brackets and quotes alone; 0 where text ends inside it.
func valueLength(text []byte, last bool) int {
	switch text[0] {
	case '{', '[':
		return nestedLength(text)
	case '"':
		return stringLength(text)
	}
	for i, b := range text {
		switch b {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return i
		}
	}
	if last {
		return len(text)
	}
	return 0
}

func nestedLength(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			n := stringLength(text[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		}
	}
	return 0
}

// stringLength is the length of the string at the front of text, quotes
// included; 0 where it is not closed.
func stringLength(text []byte) int {
	for from := 1; ; {
		i := bytes.IndexByte(text[from:], '"')
		if i < 0 {
			return 0
		}
		end := from + i
		slashes := 0
		for text[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return end + 1
		}
		from = end + 1
	}
}
