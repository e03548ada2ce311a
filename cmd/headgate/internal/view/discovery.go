package view

import (
	"io"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
)

// DiscoveredSource is what one source was found to hold.
type DiscoveredSource struct {
	Node    *program.Node
	Streams []connector.StreamSchema
}

// Discovery is what `source discover` prints.
type Discovery struct {
	FormatVersion string             `json:"format_version"`
	Streams       []DiscoveredStream `json:"streams"`
}

// DiscoveredStream is one stream of a source.
type DiscoveredStream struct {
	Source      string             `json:"source"`
	Stream      string             `json:"stream"`
	Key         []string           `json:"key"`
	Replication string             `json:"replication,omitempty"`
	Cursor      string             `json:"cursor,omitempty"`
	Columns     []DiscoveredColumn `json:"columns"`
}

// DiscoveredColumn is a column of a stream.
type DiscoveredColumn struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Nullable bool   `json:"nullable"`
}

// NewDiscovery makes the view of what sources hold.
func NewDiscovery(sources []DiscoveredSource) Discovery {
	out := Discovery{FormatVersion: FormatVersion, Streams: []DiscoveredStream{}}
	for _, s := range sources {
		for _, stream := range s.Streams {
			d := DiscoveredStream{
				Source: s.Node.Address.String(), Stream: stream.Stream, Key: draw.OrEmpty(stream.Key),
				Replication: stream.Replication, Cursor: stream.Cursor, Columns: []DiscoveredColumn{},
			}
			for _, c := range stream.Columns {
				d.Columns = append(d.Columns, DiscoveredColumn{Name: c.Name, Type: c.Type.String(), Nullable: c.Nullable})
			}
			out.Streams = append(out.Streams, d)
		}
	}
	return out
}

// WriteDiscovery draws the streams and columns as text.
func WriteDiscovery(w io.Writer, v Discovery, style Style) error {
	p := newPainter(w, style)
	for _, s := range v.Streams {
		p.Line("%s stream %s", style.Paint(draw.Bold, s.Source), s.Stream)
		width := 0
		for _, c := range s.Columns {
			width = max(width, len([]rune(c.Name)))
		}
		for _, c := range s.Columns {
			null := ""
			if !c.Nullable {
				null = " not null"
			}
			p.Line("    %s  %s%s", draw.Pad(c.Name, width), c.Type, null)
		}
	}
	return p.Err
}
