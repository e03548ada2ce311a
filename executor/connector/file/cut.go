package file

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
)

// cutter finds the records in the text of one file. It keeps its place between
// calls, so any division of the text into calls yields the same records.
type cutter interface {
	// cut looks at text, which begins where the last call stopped, and adds what
	// it finds to out until text is used up or out is full. It returns how many
	// bytes it is done with: none asks for more text. last says that nothing
	// follows text. The error is a *broken.
	cut(out *output, text []byte, last bool) (int, error)
	// line is how many lines or records the bytes that are done hold.
	line() int64
	// whole reports whether a reader that begins here finds the same records.
	whole() bool
}

// broken says that a file's frame is not of its format.
type broken struct{ why string }

func (b *broken) Error() string { return b.why }

// output is what one call of cut yields: a batch, and what is no record.
type output struct {
	*connector.Records
	faults  []connector.Fault
	rows    int // at most so many records
	maxText int // a record's text may be so long
	// own says that Data is made by the cutter; else it is the text itself.
	own bool
	// bare is set when the last record ended with the text and no line break.
	bare bool
}

func (o *output) full() bool { return o.Len()+len(o.faults) >= o.rows }

// add takes text[start:end] as a record.
func (o *output) add(start, end int, line int64) {
	o.Start = append(o.Start, start)
	o.End = append(o.End, end)
	o.Line = append(o.Line, line)
}

// rawOfFault is how much of a faulty piece of input is kept for a look.
const rawOfFault = 4 << 10

// refuse takes raw as a piece of input that is no record.
func (o *output) refuse(line int64, raw []byte, why string) {
	o.faults = append(o.faults, connector.Fault{
		Line: line, Rule: contract.RecordJSON, Text: why, Raw: bytes.Clone(raw[:min(len(raw), rawOfFault)]),
	})
}

// linesCutter cuts JSON Lines: a record a line, blank lines skipped.
type linesCutter struct {
	n        int64
	grows    bool // the file may still be written: an unfinished last line is left
	skipping bool // inside a line that is too long
}

func (c *linesCutter) line() int64 { return c.n }
func (c *linesCutter) whole() bool { return !c.skipping }

func (c *linesCutter) cut(out *output, text []byte, last bool) (int, error) {
	pos := 0
	for !out.full() && pos < len(text) {
		length := bytes.IndexByte(text[pos:], '\n')
		if length < 0 {
			return c.tail(out, text, pos, last), nil
		}
		end := pos + length
		c.record(out, text, pos, end)
		pos = end + 1
	}
	return pos, nil
}

// record takes the line text[start:end], which has no line break in it.
func (c *linesCutter) record(out *output, text []byte, start, end int) {
	if c.skipping { // the rest of a line that was counted and refused already
		c.skipping = false
		return
	}
	c.n++
	if end > start && text[end-1] == '\r' {
		end--
	}
	if end-start > out.maxText {
		out.refuse(c.n, text[start:end], tooLong(out.maxText))
		return
	}
	for start < end && (text[start] == ' ' || text[start] == '\t') {
		start++
	}
	if start < end {
		out.add(start, end, c.n)
	}
}

// tail takes text[pos:], which has no line break, and returns how much is done.
func (c *linesCutter) tail(out *output, text []byte, pos int, last bool) int {
	rest := text[pos:]
	switch {
	case c.skipping:
		return len(text)
	case len(rest) > out.maxText+1: // one more, for a carriage return
		c.n++
		c.skipping = true
		out.refuse(c.n, rest, tooLong(out.maxText))
		return len(text)
	case !last:
		return pos
	case c.grows && !complete(rest):
		return pos
	}
	c.record(out, text, pos, len(text))
	out.bare = true
	return len(text)
}

// complete reports whether an unfinished line is blank or a whole JSON object,
// to which nothing can be added.
func complete(line []byte) bool {
	t := bytes.TrimSpace(line)
	return len(t) == 0 || (t[len(t)-1] == '}' && jsontext.Value(t).IsValid(jsontext.AllowDuplicateNames(true)))
}

// tooLong says that a record passes the limit of n bytes.
func tooLong(n int) string { return fmt.Sprintf("it is longer than %d bytes", n) }

// skipLine finds the end of a line: how many bytes it takes, its break
// included, or all of text where it has none.
func skipLine(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}
