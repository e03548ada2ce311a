// Package view draws what headgate found and did. Everything that is shown is
// first a plain struct with a JSON form (Diagnostics, Plan, Report, Event,
// StateList, Quarantine); text and markdown are drawn from those structs alone,
// so that the three cannot differ.
package view

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// FormatVersion is the version of every JSON form of this package:
// "MAJOR.MINOR". A minor version only adds members.
const FormatVersion = "1.0"

// Format is what the user asked for.
type Format string

// The formats. Markdown is for plans and reports.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
)

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
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	bold   = "1"
	dim    = "2"
)

// paint wraps s in a colour where colours are wanted.
func (s Style) paint(color, text string) string {
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

// plural prints "1 stream", "2 streams".
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// pad adds blanks up to a width, counted in characters.
func pad(s string, width int) string {
	if n := width - len([]rune(s)); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}

// padLeft is pad for numbers.
func padLeft(s string, width int) string {
	if n := width - len([]rune(s)); n > 0 {
		return strings.Repeat(" ", n) + s
	}
	return s
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// wrap breaks text into lines of at most width characters at blanks; a width of
// 0 does not break.
func wrap(text string, width int) []string {
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
