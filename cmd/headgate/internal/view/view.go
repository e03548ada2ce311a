// Package view draws what headgate found and did. Everything that is shown is
// first a plain struct with a JSON form (Diagnostics, Report, Event, StateList,
// Quarantine; planview has the plan); text and markdown are drawn from those
// structs alone, so that the three cannot differ.
package view

import (
	"io"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
)

// FormatVersion is the version of every JSON form of the views:
// "MAJOR.MINOR". A minor version only adds members.
const FormatVersion = draw.FormatVersion

// Style says how text is drawn.
type Style = draw.Style

// Format is what the user asked for.
type Format string

// The formats. Markdown is for plans and reports.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
)

// painter draws the views of this package.
type painter struct{ draw.Painter }

func newPainter(w io.Writer, style draw.Style) *painter {
	return &painter{draw.Painter{W: w, Style: style}}
}

// WriteJSON writes v indented, with a newline behind it.
func WriteJSON(w io.Writer, v any) error { return draw.WriteJSON(w, v) }
