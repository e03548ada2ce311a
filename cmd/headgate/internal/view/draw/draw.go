// Package draw holds what all views are drawn with: a painter of lines, colours,
// numbers, sizes, and text that is safe in markdown.
package draw

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Painter writes lines and keeps the first error of doing so in Err.
type Painter struct {
	W     io.Writer
	Style Style
	Err   error
}

// Line writes one line.
func (p *Painter) Line(format string, args ...any) {
	if p.Err == nil {
		_, p.Err = fmt.Fprintf(p.W, format+"\n", args...)
	}
}

// FormatVersion is the version of every JSON form of the views:
// "MAJOR.MINOR". A minor version only adds members.
const FormatVersion = "1.0"

// Style says how text is drawn.
type Style struct {
	Color bool
	Width int // columns of the terminal; 0: no limit
}

// WriteJSON writes v indented, with a newline behind it.
func WriteJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// The colours of a terminal.
const (
	Red    = "31"
	Green  = "32"
	Yellow = "33"
	Cyan   = "36"
	Bold   = "1"
	Dim    = "2"
)

// Paint wraps s in a colour where colours are wanted.
func (s Style) Paint(color, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// Count prints a number with thousands separated: 10,000.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Bytes prints a size: 512 B, 1.2 MB.
func Bytes(n int64) string {
	const unit = 1000
	if n < unit {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, at := float64(n), -1
	for value >= unit && at < 4 {
		value /= unit
		at++
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + []string{"kB", "MB", "GB", "TB", "PB"}[at]
}

// Seconds prints a duration: 0.42 s, 12.3 s, 3 m 05 s.
func Seconds(s float64) string {
	switch {
	case s < 10:
		return strconv.FormatFloat(s, 'f', 2, 64) + " s"
	case s < 60:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	whole := int64(s)
	rest := strconv.FormatInt(whole%60, 10)
	if len(rest) == 1 {
		rest = "0" + rest
	}
	return Count(whole/60) + " m " + rest + " s"
}

// Plural prints "1 stream", "2 streams".
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// Pad adds blanks up to a width, counted in characters.
func Pad(s string, width int) string {
	if n := width - len([]rune(s)); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}

// PadLeft is pad for numbers.
func PadLeft(s string, width int) string {
	if n := width - len([]rune(s)); n > 0 {
		return strings.Repeat(" ", n) + s
	}
	return s
}

// Cut shortens s to n characters.
func Cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Wrap breaks text into lines of at most width characters at blanks; a width of
// 0 does not break.
func Wrap(text string, width int) []string {
	var out []string
	for _, paragraph := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && width > 0 && len([]rune(line))+1+len([]rune(word)) > width {
				out = append(out, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		out = append(out, line)
	}
	return out
}
