// Package contracttext writes contracts as HCL text, the way `headgate fmt`
// leaves it. Compiling the text gives the same contract again.
//
// What can be written of a column, a version and a contract stands in one table
// each (tables.go); whoever adds a field to package contract adds a line there.
package contracttext

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/lang"
)

// Options says how a contract is written. The zero value is a whole contract
// block with its version block.
type Options struct {
	Bare     bool // the contract's body is the version's own: no version block
	Explicit bool // attributes whose value is the default are written, too: on_violation, unknown_columns, coerce, required
	// Extends is the version that a version block starts from, 0 for none, and Remove
	// the columns and checks of it that the version does not have.
	Extends int
	Remove  []string
	// Header holds lines of comment for the top of the text, and Columns those for
	// above a column, by its name. A line holds neither the # nor a newline.
	Header  []string
	Columns map[string][]string
}

// Write returns the contract as a whole contract block.
func Write(c *contract.Contract, o Options) []byte {
	w := &writer{explicit: o.Explicit}
	w.comment(o.Header)
	w.open("contract", c.Name)
	group(w, contractAttrs, c)
	if o.Bare {
		w.gap = w.gap || w.written
		versionBody(w, c, o)
	} else {
		w.gap = w.written
		version(w, c, o)
	}
	w.close()
	return w.format()
}

// Version returns the version block of the contract alone.
func Version(c *contract.Contract, o Options) []byte {
	w := &writer{explicit: o.Explicit}
	w.comment(o.Header)
	version(w, c, o)
	return w.format()
}

// Column returns a column block, with lines of comment above it.
func Column(c *contract.Column, o Options) []byte {
	w := &writer{explicit: o.Explicit}
	column(w, c, o)
	return w.format()
}

// Check returns a check block.
func Check(k *contract.Check) []byte {
	w := &writer{}
	check(w, k)
	return w.format()
}

func version(w *writer, c *contract.Contract, o Options) {
	w.open("version", number(c.Version))
	if o.Extends > 0 {
		w.line("extends = " + lang.Quote(number(o.Extends)))
	}
	if len(o.Remove) > 0 {
		w.line("remove = " + texts(o.Remove))
	}
	versionBody(w, c, o)
	w.close()
}

func versionBody(w *writer, c *contract.Contract, o Options) {
	groupAfter(w, versionAttrs, c)
	for i := range c.Columns {
		w.gap = w.gap || w.written
		column(w, &c.Columns[i], o)
	}
	for i := range c.Checks {
		w.gap = w.gap || w.written
		check(w, &c.Checks[i])
	}
	for _, block := range versionBlocks {
		block(w, c)
	}
	group(w, versionTail, c)
}

func column(w *writer, c *contract.Column, o Options) {
	w.comment(o.Columns[c.Name])
	w.open("column", c.Name)
	group(w, columnAttrs, c)
	for i := range c.Checks {
		w.gap = w.gap || w.written
		check(w, &c.Checks[i])
	}
	w.close()
}

func check(w *writer, k *contract.Check) {
	w.open("check", k.Name)
	group(w, checkAttrs, k)
	w.close()
}

// writer collects lines. A gap is an empty line before the next thing that is
// written, unless a block was just opened.
type writer struct {
	b        strings.Builder
	explicit bool
	gap      bool
	written  bool // something stands in the block at work
}

func (w *writer) line(s string) {
	if w.gap {
		w.b.WriteByte('\n')
	}
	w.gap, w.written = false, true
	w.b.WriteString(s)
	w.b.WriteByte('\n')
}

func (w *writer) comment(lines []string) {
	for _, l := range lines {
		w.line(strings.TrimRight("# "+oneLine(l), " "))
	}
}

func (w *writer) open(typ string, labels ...string) {
	for _, l := range labels {
		typ += " " + lang.Quote(l)
	}
	w.line(typ + " {")
	w.written = false
}

func (w *writer) close() {
	w.gap = false
	w.line("}")
}

// group writes the attributes that are set, after an empty line where something
// stands above.
func group[T any](w *writer, table []attr[T], of *T) {
	w.gap = w.gap || (w.written && len(written(table, of, w.explicit)) > 0)
	groupAfter(w, table, of)
}

// groupAfter writes the attributes that are set, right behind what stands above.
func groupAfter[T any](w *writer, table []attr[T], of *T) {
	for _, a := range written(table, of, w.explicit) {
		w.line(a.Name + " = " + a.Text)
	}
}

// written returns the attributes to write.
func written[T any](table []attr[T], of *T, explicit bool) []Attr {
	if !explicit {
		return set(table, of)
	}
	var out []Attr
	for _, a := range table {
		text := a.text(of)
		if text == "" {
			text = a.otherwise
		}
		if text != "" {
			out = append(out, Attr{a.name, text})
		}
	}
	return out
}

// format lays the text out. What is written here parses; a text that does not,
// from a condition that was no HCL, comes back as it is.
func (w *writer) format() []byte {
	out, _ := lang.Format([]byte(w.b.String()))
	return out
}

// oneLine is s without line breaks, which would end a comment.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
