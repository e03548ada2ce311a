package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/outcome"
)

// Progress draws events while a run goes on: bars that are drawn over on a
// terminal, plain lines elsewhere. Its methods may be called from several
// goroutines.
type Progress struct {
	w        io.Writer
	style    Style
	terminal bool
	every    time.Duration // between plain lines of one stream

	mu    sync.Mutex
	open  []*bar // running streams, by first event
	drawn int    // lines of bars on the screen
	err   error
}

// bar is the last that is known of one running step or stream.
type bar struct {
	event Event
	shown time.Time // when it last had a plain line
}

// NewProgress makes a Progress. On a terminal the bars take the lines below the
// cursor and are gone after Close.
func NewProgress(w io.Writer, style Style, terminal bool) *Progress {
	return &Progress{w: w, style: style, terminal: terminal, every: 5 * time.Second}
}

// Event draws one event that happened at the given time.
func (p *Progress) Event(e Event, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch outcome.EventKind(e.Kind) {
	case outcome.StepStart:
		if movesData(e.Step) {
			p.say(e.Step + ": started")
		}
	case outcome.StepEnd:
		p.open = slices.DeleteFunc(p.open, func(b *bar) bool { return b.event.Step == e.Step })
		if !movesData(e.Step) && e.Status == string(outcome.Done) && e.Seconds < 1 {
			break // a definition that was recorded is worth no line
		}
		p.say(strings.TrimRight(fmt.Sprintf("%s: %s in %s %s", e.Step, e.Status, draw.Seconds(e.Seconds), e.Text), " "))
	case outcome.Progress:
		p.progress(e, at)
	default:
		p.say(strings.TrimLeft(e.Address+": "+e.Text, ": "))
	}
	p.draw()
}

// movesData reports whether a step runs a pipeline or builds a model.
func movesData(step string) bool {
	return strings.HasSuffix(step, "/run") || strings.HasPrefix(step, "model.")
}

func (p *Progress) progress(e Event, at time.Time) {
	i := slices.IndexFunc(p.open, func(b *bar) bool { return b.event.Step == e.Step && b.event.Address == e.Address })
	if i < 0 {
		p.open = append(p.open, &bar{event: e, shown: at})
		return
	}
	b := p.open[i]
	b.event = e
	if !p.terminal && at.Sub(b.shown) >= p.every {
		b.shown = at
		p.say(p.text(e))
	}
}

// Close takes the bars off the screen and returns the first error of writing.
func (p *Progress) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = nil
	p.erase()
	return p.err
}

// say prints a line that stays.
func (p *Progress) say(line string) {
	p.erase()
	p.print(line + "\n")
}

func (p *Progress) print(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text)
	}
}

// erase takes the bars off the screen: up to their first line, and clear.
func (p *Progress) erase() {
	if p.drawn > 0 {
		p.print(fmt.Sprintf("\x1b[%dA\r\x1b[J", p.drawn))
		p.drawn = 0
	}
}

func (p *Progress) draw() {
	if !p.terminal {
		return
	}
	p.erase()
	for _, b := range p.open {
		line := p.text(b.event)
		if p.style.Width > 0 {
			line = draw.Cut(line, p.style.Width-1)
		}
		p.print(line + "\n")
		p.drawn++
	}
}

// text is one bar, or one plain line, of a stream that is running.
func (p *Progress) text(e Event) string {
	out := e.Address
	if p.terminal && e.TotalBytes > 0 {
		const width = 24
		full := int(min(e.Bytes, e.TotalBytes) * width / e.TotalBytes)
		out += " [" + strings.Repeat("=", full) + strings.Repeat(" ", width-full) + "]"
	}
	if e.TotalBytes > 0 {
		out += fmt.Sprintf(" %3d%%", min(e.Bytes, e.TotalBytes)*100/e.TotalBytes)
	}
	out += " " + draw.Count(e.Read) + " read"
	if e.Rejected > 0 {
		out += ", " + draw.Count(e.Rejected) + " rejected"
	}
	if e.Seconds > 0 {
		out += ", " + draw.Count(int64(float64(e.Read)/e.Seconds)) + "/s"
		if e.TotalBytes > e.Bytes && e.Bytes > 0 {
			out += ", " + draw.Seconds(e.Seconds*float64(e.TotalBytes-e.Bytes)/float64(e.Bytes)) + " to go"
		}
	}
	return out
}

// Write prints a log's text above the bars. It satisfies io.Writer.
func (p *Progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.print(string(text))
	p.draw()
	return len(text), p.err
}

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
