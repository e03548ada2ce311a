package file

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// csvCutter cuts CSV by RFC 4180 and writes each record as a JSON object of
// strings and nulls. Quotes are strict: one opens a field only at its first
// byte, and only a delimiter or a line break may follow the closing one. A
// record that breaks this is refused by its first line, and reading goes on with
// the next, so that one stray quote does not swallow the rest of the file.
// Blank lines are skipped; a line break inside quotes is kept as it is.
type csvCutter struct {
	delimiter byte
	nulls     [][]byte
	names     [][]byte // as `"name":`; nil until the header is read
	columns   []string
	n         int64
	skipping  bool
	scratch   []byte
	fields    []csvField
}

// csvField is a field of the record in hand: text[start:end], or the same of
// scratch where quotes had to be taken out.
type csvField struct {
	start, end int
	unquoted   bool // in scratch
}

// status is how reading a CSV record ended.
type status uint8

const (
	recordRead status = iota
	recordOpen        // the text ends inside it
	recordBad
)

func (c *csvCutter) line() int64 { return c.n }
func (c *csvCutter) whole() bool { return !c.skipping && c.columns != nil }

// setColumns names the columns, from the header or the source's setting.
func (c *csvCutter) setColumns(columns []string) error {
	seen := map[string]bool{}
	c.columns, c.names = make([]string, len(columns)), make([][]byte, len(columns))
	for i, name := range columns {
		if name == "" {
			name = fmt.Sprintf("column_%d", i+1)
		}
		if seen[name] {
			return &broken{fmt.Sprintf("two columns of its header are named %q", name)}
		}
		seen[name] = true
		quoted, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return &broken{fmt.Sprintf("the name of column %d is not UTF-8 text", i+1)}
		}
		c.columns[i], c.names[i] = name, append(quoted, ':')
	}
	return nil
}

func (c *csvCutter) cut(out *output, text []byte, last bool) (int, error) {
	out.own, out.Untyped, out.Tabular = true, true, true
	pos := 0
	for !out.full() && len(out.Data) < len(text) && pos < len(text) || pos == 0 && len(text) > 0 {
		n, err := c.next(out, text[pos:], last)
		if err != nil {
			return pos, err
		}
		if n == 0 {
			break
		}
		pos += n
	}
	return pos, nil
}

// next takes one record or blank line from the front of text and returns how
// many bytes it takes; none asks for more text.
func (c *csvCutter) next(out *output, text []byte, last bool) (int, error) {
	if c.skipping {
		n := skipLine(text)
		c.skipping = text[n-1] != '\n'
		return n, nil
	}
	if text[0] == '\n' {
		c.n++
		return 1, nil
	}
	if text[0] == '\r' && (len(text) > 1 && text[1] == '\n' || len(text) == 1) {
		if len(text) == 1 && !last {
			return 0, nil
		}
		c.n++
		return min(2, len(text)), nil
	}
	n, st, why := c.record(text, last)
	switch {
	case st == recordOpen && len(text) <= out.maxText && !last:
		return 0, nil
	case st == recordOpen && !last:
		why = tooLong(out.maxText)
	case st == recordRead && n-1 > out.maxText:
		why = tooLong(out.maxText)
	case st == recordRead:
		return n, c.emit(out, text, n)
	}
	if c.columns == nil {
		return 0, &broken{"its header cannot be read: " + why}
	}
	n = skipLine(text)
	c.n++
	out.refuse(c.n, bytes.TrimRight(text[:n], "\r\n"), why)
	c.skipping = text[n-1] != '\n'
	return n, nil
}

// record finds the fields of the record at the front of text and its length,
// line break included.
func (c *csvCutter) record(text []byte, last bool) (int, status, string) {
	c.fields, c.scratch = c.fields[:0], c.scratch[:0]
	pos := 0
	for {
		var f csvField
		var st status
		var why string
		if pos < len(text) && text[pos] == '"' {
			f, pos, st, why = c.quoted(text, pos, last)
		} else {
			f, pos, st, why = c.plain(text, pos, last)
		}
		if st != recordRead {
			return 0, st, why
		}
		c.fields = append(c.fields, f)
		if pos < len(text) && text[pos] == c.delimiter {
			pos++
			continue
		}
		return pos + breakAt(text[pos:]), recordRead, ""
	}
}

// breakAt is the length of the line break at the front of text: 0 at its end.
func breakAt(text []byte) int {
	switch {
	case len(text) > 0 && text[0] == '\n':
		return 1
	case len(text) > 1 && text[0] == '\r' && text[1] == '\n':
		return 2
	case len(text) == 1 && text[0] == '\r':
		return 1
	}
	return 0
}

// plain reads a field without quotes. It ends at a delimiter or a line break.
func (c *csvCutter) plain(text []byte, pos int, last bool) (csvField, int, status, string) {
	end := pos
	for end < len(text) && text[end] != c.delimiter && text[end] != '\n' {
		if text[end] == '"' {
			return csvField{}, 0, recordBad, "a quote stands inside a field that does not begin with one"
		}
		end++
	}
	if end == len(text) && !last {
		return csvField{}, 0, recordOpen, ""
	}
	if (end == len(text) || text[end] == '\n') && end > pos && text[end-1] == '\r' {
		end--
	}
	return csvField{start: pos, end: end}, end, recordRead, ""
}

// quoted reads a field that begins with a quote.
func (c *csvCutter) quoted(text []byte, pos int, last bool) (csvField, int, status, string) {
	start, copied := pos+1, -1
	from := start
	for {
		i := bytes.IndexByte(text[from:], '"')
		if i < 0 {
			return csvField{}, 0, recordOpen, "a quote is opened and never closed"
		}
		at := from + i
		if at+1 == len(text) && !last {
			return csvField{}, 0, recordOpen, ""
		}
		if at+1 < len(text) && text[at+1] == '"' {
			if copied < 0 {
				copied = len(c.scratch)
				c.scratch = append(c.scratch, text[start:at+1]...)
			} else {
				c.scratch = append(c.scratch, text[from:at+1]...)
			}
			from = at + 2
			continue
		}
		after := at + 1
		if after+1 == len(text) && text[after] == '\r' && !last {
			return csvField{}, 0, recordOpen, ""
		}
		if after < len(text) && text[after] != c.delimiter && breakAt(text[after:]) == 0 {
			return csvField{}, 0, recordBad, "a closing quote is followed by more text"
		}
		if copied < 0 {
			return csvField{start: start, end: at}, after, recordRead, ""
		}
		c.scratch = append(c.scratch, text[from:at]...)
		return csvField{start: copied, end: len(c.scratch), unquoted: true}, after, recordRead, ""
	}
}

// emit writes the record in hand, n bytes of text, as JSON, or refuses it.
func (c *csvCutter) emit(out *output, text []byte, n int) error {
	line := c.n + 1
	c.n += int64(bytes.Count(text[:n], []byte{'\n'}))
	if text[n-1] != '\n' {
		c.n++
	}
	out.bare = text[n-1] != '\n'
	if c.columns == nil {
		columns := make([]string, len(c.fields))
		for i, f := range c.fields {
			columns[i] = string(c.field(f, text))
		}
		return c.setColumns(columns)
	}
	raw := bytes.TrimRight(text[:n], "\r\n")
	if len(c.fields) != len(c.columns) {
		out.refuse(line, raw, fmt.Sprintf("it has %d fields where the file has %d columns", len(c.fields), len(c.columns)))
		return nil
	}
	start := len(out.Data)
	for i, f := range c.fields {
		out.Data = append(out.Data, "{,"[min(i, 1)])
		out.Data = append(out.Data, c.names[i]...)
		value, ok := c.appendValue(out.Data, c.field(f, text))
		if !ok {
			out.Data = out.Data[:start]
			out.refuse(line, raw, fmt.Sprintf("the value of column %q is not UTF-8 text", c.columns[i]))
			return nil
		}
		out.Data = value
	}
	out.Data = append(out.Data, '}')
	out.add(start, len(out.Data), line)
	return nil
}

func (c *csvCutter) field(f csvField, text []byte) []byte {
	if f.unquoted {
		return c.scratch[f.start:f.end]
	}
	return text[f.start:f.end]
}

// appendValue writes a field as a JSON string or null; false where it is not UTF-8.
func (c *csvCutter) appendValue(dst, value []byte) ([]byte, bool) {
	for _, null := range c.nulls {
		if bytes.Equal(value, null) {
			return append(dst, "null"...), true
		}
	}
	for _, b := range value {
		if b < ' ' || b >= utf8.RuneSelf || b == '"' || b == '\\' {
			quoted, err := jsontext.AppendQuote(dst, value)
			return quoted, err == nil
		}
	}
	dst = append(dst, '"')
	dst = append(dst, value...)
	return append(dst, '"'), true
}
