package outcome

// Event is a piece of progress.
type Event struct {
	Kind     EventKind
	Step     string // id of the step
	Address  string // of the stream or model
	Read     int64  // so far
	Accepted int64
	Rejected int64
	Bytes    int64
	Total    int64 // bytes expected, 0 where unknown
	Seconds  float64
	Status   Status // of StepEnd
	Text     string
}

// EventKind is what an event tells.
type EventKind string

// The kinds of events.
const (
	StepStart EventKind = "step_start"
	Progress  EventKind = "progress" // at most a few a second for each stream
	StepEnd   EventKind = "step_end"
	Note      EventKind = "note"
)
