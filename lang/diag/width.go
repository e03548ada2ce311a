package diag

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tabWidth is how many columns a tab takes in a drawn line.
const tabWidth = 4

// cell is a character of a source line as it is drawn.
type cell struct {
	text    string
	columns int
	marked  bool // lies in the range
}

// window lays out a line in at most width columns, with a line of carets under
// line[from:to]; at least one caret. A line that is too long is cut where
// it reaches farther from the range, and "…" stands there instead.
func window(line []byte, from, to, width int) (text, carets string) {
	cells, first, last := layout(line, from, to)
	lo, hi := 0, len(cells)
	used := 0
	for _, c := range cells {
		used += c.columns
	}
	if used > width {
		width -= 2 // for the "…" on both sides
	}
	for used > width && hi > lo+1 {
		if left := first - lo; left > 0 && left >= hi-1-last {
			used -= cells[lo].columns
			lo++
		} else {
			hi--
			used -= cells[hi].columns
		}
	}
	var t, c strings.Builder
	if lo > 0 {
		t.WriteString("…")
		c.WriteByte(' ')
	}
	for _, x := range cells[lo:hi] {
		t.WriteString(x.text)
		mark := " "
		if x.marked {
			mark = "^"
		}
		c.WriteString(strings.Repeat(mark, x.columns))
	}
	if hi < len(cells) && strings.TrimSpace(rest(cells[hi:])) != "" {
		t.WriteString("…")
	}
	return strings.TrimRight(t.String(), " "), strings.TrimRight(c.String(), " ")
}

func rest(cells []cell) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(c.text)
	}
	return b.String()
}

// layout turns a line into cells and returns the first and last marked one. An
// empty range marks the cell it stands before; one at the line's end a blank
// behind it.
func layout(line []byte, from, to int) (cells []cell, first, last int) {
	from = min(max(from, 0), len(line))
	to = max(to, from+1)
	column := 0
	first = -1
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		c := cell{text: drawn(r), columns: runeColumns(r)}
		if r == '\t' {
			c.columns = tabWidth - column%tabWidth
			c.text = strings.Repeat(" ", c.columns)
		}
		c.marked = i+n > from && i < to
		if c.marked {
			if first < 0 {
				first = len(cells)
			}
			last = len(cells)
		}
		column += c.columns
		cells = append(cells, c)
		i += n
	}
	if first < 0 {
		first, last = len(cells), len(cells)
		cells = append(cells, cell{text: " ", columns: 1, marked: true})
	}
	return cells, first, last
}

// drawn returns a character as it is printed: control characters, which could
// steer the terminal, and broken bytes as U+FFFD.
func drawn(r rune) string {
	if unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Cf, r) {
		return "\uFFFD"
	}
	return string(r)
}

// clean makes a text safe to print on one line.
func clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return drawn(r) == "\uFFFD" }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r == '\t' || r == '\n' {
			b.WriteByte(' ')
			continue
		}
		b.WriteString(drawn(r))
	}
	return b.String()
}

// columns returns how many columns of a terminal a text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

// wide holds the ranges of characters that take two columns, in ascending order:
// the East Asian wide and full-width ones, and pictures.
var wide = [][2]rune{
	{0x1100, 0x115F}, {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x2614, 0x2615}, {0x26A1, 0x26A1}, {0x2705, 0x2705}, {0x274C, 0x274C},
	{0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3},
	{0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
	{0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
}

// runeColumns returns how many columns a character takes: none for a mark that
// combines with the one before, two for a wide one.
func runeColumns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	i := sort.Search(len(wide), func(i int) bool { return wide[i][1] >= r })
	if i < len(wide) && r >= wide[i][0] {
		return 2
	}
	return 1
}
