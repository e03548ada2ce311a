package view

import (
	"time"

	"github.com/headgate-data/headgate/executor/outcome"
)

// Event is a piece of progress as --events-into writes it, one JSON object a line.
type Event struct {
	FormatVersion string  `json:"format_version"`
	At            string  `json:"at"` // RFC 3339, UTC
	Kind          string  `json:"kind"`
	Step          string  `json:"step,omitempty"`
	Address       string  `json:"address,omitempty"`
	Read          int64   `json:"read"`
	Accepted      int64   `json:"accepted"`
	Rejected      int64   `json:"rejected"`
	Bytes         int64   `json:"bytes"`
	TotalBytes    int64   `json:"total_bytes"` // 0 where unknown
	Seconds       float64 `json:"seconds"`
	Status        string  `json:"status,omitempty"` // of a step's end
	Text          string  `json:"text,omitempty"`
}

// NewEvent makes the view of an event.
func NewEvent(e outcome.Event, at time.Time) Event {
	return Event{
		FormatVersion: FormatVersion, At: at.UTC().Format(time.RFC3339Nano), Kind: string(e.Kind), Step: e.Step, Address: e.Address,
		Read: e.Read, Accepted: e.Accepted, Rejected: e.Rejected, Bytes: e.Bytes, TotalBytes: e.Total, Seconds: e.Seconds,
		Status: string(e.Status), Text: e.Text,
	}
}
