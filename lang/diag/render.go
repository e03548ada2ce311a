package diag

import (
	"fmt"
	"io"
	"strings"
)

// RenderOptions say how diagnostics are drawn as text.
type RenderOptions struct {
	Color bool // ANSI colours
	Width int  // columns of the terminal; 0 means 100, less than 40 is taken as 40
}

// Renderer draws diagnostics with the source lines they speak of. It indexes the
// lines of each file once. It is not safe for concurrent use.
type Renderer struct {
	files map[string][]byte
	lines map[string][]int // where each line of a file begins
	opts  RenderOptions
}

// NewRenderer makes a Renderer. Files holds the bytes of source files by the name
// that ranges use; a range of another file is drawn without its line.
func NewRenderer(files map[string][]byte, opts RenderOptions) *Renderer {
	if opts.Width == 0 {
		opts.Width = 100
	}
	opts.Width = max(opts.Width, 40)
	return &Renderer{files: files, lines: map[string][]int{}, opts: opts}
}

// Render draws one diagnostic: severity, code and summary, the place with its
// lines and carets, the detail, and the related places. It returns the writer's
// error alone. To draw many, make one Renderer.
func Render(w io.Writer, d *Diagnostic, files map[string][]byte, opts RenderOptions) error {
	return NewRenderer(files, opts).Render(w, d)
}

// Render draws one diagnostic, as the function Render does.
func (r *Renderer) Render(w io.Writer, d *Diagnostic) error {
	var b strings.Builder
	tint := red
	switch d.Severity {
	case Warning:
		tint = yellow
	case Remark:
		tint = blue
	}
	head := d.Severity.String()
	if d.Code != "" {
		head += " " + string(d.Code)
	}
	b.WriteString(r.paint(tint, head) + r.paint(bold, ": "+clean(d.Summary)) + "\n")
	if d.Subject != nil {
		r.place(&b, *d.Subject, tint, "")
	} else if d.Address != "" {
		b.WriteString("  " + r.paint(blue, "for ") + clean(d.Address) + "\n")
	}
	if d.Detail != "" {
		b.WriteString("\n" + wrap(d.Detail, r.opts.Width, "  "))
	}
	for _, related := range d.Related {
		b.WriteString("\n")
		r.place(&b, related.Range, blue, related.Message)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// The colours, as ANSI has them.
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "34"
)

func (r *Renderer) paint(color, text string) string {
	if !r.opts.Color || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// place draws a range: file, line and column, then the lines with carets under
// what lies in the range.
func (r *Renderer) place(b *strings.Builder, at Range, tint, message string) {
	line := fmt.Sprintf("%s:%d:%d", clean(at.Filename), at.Start.Line, at.Start.Column)
	if message != "" {
		line += ": " + clean(message)
	}
	src, ok := r.files[at.Filename]
	starts := r.index(at.Filename, src)
	if !ok || at.Start.Line < 1 || at.Start.Line > len(starts) {
		b.WriteString("  " + r.paint(blue, "at ") + line + "\n")
		return
	}
	last := min(max(at.End.Line, at.Start.Line), len(starts))
	if last > at.Start.Line && at.End.Column <= 1 {
		last-- // nothing of the last line lies in the range
	}
	shown := shownLines(at.Start.Line, last)
	gutter := len(fmt.Sprint(shown[len(shown)-1]))
	b.WriteString("  " + r.paint(blue, "at ") + line + "\n")
	bar := strings.Repeat(" ", gutter+2) + r.paint(blue, " |")
	b.WriteString(bar + "\n")
	previous := 0
	for _, n := range shown {
		if previous > 0 && n > previous+1 {
			b.WriteString(strings.Repeat(" ", gutter+2) + r.paint(blue, " ⋮") + "\n")
		}
		previous = n
		text := lineText(src, starts, n)
		from, to := 0, len(text)
		if n == at.Start.Line {
			from = offset(text, at.Start, starts[n-1])
		} else {
			from = len(text) - len(strings.TrimLeft(string(text), " \t"))
		}
		if n == at.End.Line {
			to = offset(text, at.End, starts[n-1])
		}
		shownText, carets := window(text, from, to, r.opts.Width-gutter-6)
		b.WriteString("  " + r.paint(blue, fmt.Sprintf("%*d |", gutter, n)) + pad(shownText) + "\n")
		b.WriteString(bar + pad(strings.TrimRight(carets[:leading(carets)]+r.paint(tint, carets[leading(carets):]), " ")) + "\n")
	}
}

// pad puts a space in front of a text that is not empty.
func pad(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// leading counts the spaces a text begins with.
func leading(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

// shownLines returns the lines of a range that are drawn: all of a short one, the
// first two and the last of a long one.
func shownLines(first, last int) []int {
	if last-first > 3 {
		return []int{first, first + 1, last}
	}
	out := []int{}
	for n := first; n <= last; n++ {
		out = append(out, n)
	}
	return out
}

// index returns where each line of a file begins, in bytes.
func (r *Renderer) index(name string, src []byte) []int {
	if starts, ok := r.lines[name]; ok {
		return starts
	}
	starts := []int{0}
	for i, c := range src {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	r.lines[name] = starts
	return starts
}

// lineText returns line n, counted from 1, without its line break.
func lineText(src []byte, starts []int, n int) []byte {
	end := len(src)
	if n < len(starts) {
		end = starts[n] - 1
	}
	line := src[starts[n-1]:end]
	if len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	return line
}

// offset returns where in its line a place lies, in bytes: by its byte where that
// lies in the line, else by its column.
func offset(line []byte, p Pos, start int) int {
	if at := p.Byte - start; p.Byte > 0 && at >= 0 && at <= len(line) {
		return at
	}
	column := 1
	for i := range string(line) {
		if column >= p.Column {
			return i
		}
		column++
	}
	return len(line)
}

// wrap breaks a text into lines of at most width columns, each behind indent.
// Lines of the text itself stay lines; those that are indented are not broken.
func wrap(text string, width int, indent string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		line = clean(line)
		if strings.HasPrefix(line, " ") || columns(line) <= width-len(indent) {
			b.WriteString(strings.TrimRight(indent+line, " ") + "\n")
			continue
		}
		used := 0
		for i, word := range strings.Fields(line) {
			n := columns(word)
			switch {
			case i == 0:
				b.WriteString(indent)
			case used+1+n > width-len(indent):
				b.WriteString("\n" + indent)
				used = 0
			default:
				b.WriteByte(' ')
				used++
			}
			b.WriteString(word)
			used += n
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Text draws all diagnostics of a list, sorted, each with a blank line after it.
func (r *Renderer) Text(ds Diagnostics) string {
	var b strings.Builder
	for _, d := range ds.Sorted() {
		_ = r.Render(&b, d) // a strings.Builder takes everything
	}
	return b.String()
}
