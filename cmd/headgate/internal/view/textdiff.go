package view

import "io"

// WriteTextDiff draws how a file's text changes, line by line.
func WriteTextDiff(w io.Writer, name, before, after string, style Style) error {
	p := newPainter(w, style)
	p.Line("--- %s", name)
	p.Line("+++ %s", name)
	p.Difference(before, after)
	return p.Err
}
