package plan

// Volume is what a step that moves data is expected to do, worked out from the past
// runs that the state knows. It is nil where there were none.
type Volume struct {
	Runs    int     `json:"runs"`              // past runs that it is made from
	Rows    *Range  `json:"rows,omitempty"`    // read by a pipeline, in a model's table afterwards
	Bytes   *Range  `json:"bytes,omitempty"`   // of a pipeline's records, as text
	Seconds *Range  `json:"seconds,omitempty"` // of the whole step
	From    Measure `json:"from"`
}

// Range is an expected value between two others: four of five past runs lie between
// Low and High.
type Range struct {
	Expected float64 `json:"expected"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Measure is what a volume is worked out from.
type Measure string

// The measures.
const (
	FromFiles Measure = "files" // the bytes of the files that wait, and rows and seconds for each byte in the past
	FromRuns  Measure = "runs"  // what past runs did
)
