package view

import (
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// Report is what an apply or run did, with its faults.
type Report struct {
	*outcome.Report
	Steps       []Step       `json:"steps"`
	Totals      Totals       `json:"totals"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// Step is one step of the report.
type Step struct {
	*outcome.StepReport
	Error *Diagnostic `json:"error,omitempty"`
}

// Totals sums the streams up. Read = Accepted + Quarantined + Dropped + Filtered.
type Totals struct {
	Streams     int   `json:"streams"`
	Models      int   `json:"models"`
	Read        int64 `json:"read"`
	Accepted    int64 `json:"accepted"`
	Quarantined int64 `json:"quarantined"`
	Dropped     int64 `json:"dropped"`
	Filtered    int64 `json:"filtered"`
}

// NewReport makes the view of a report.
func NewReport(r *outcome.Report, ds diag.Diagnostics) Report {
	out := Report{Report: r, Steps: []Step{}, Diagnostics: NewDiagnostics(ds).Diagnostics}
	for _, s := range r.Steps {
		step := Step{StepReport: s}
		if s.Error != nil {
			d := newDiagnostic(s.Error)
			step.Error = &d
		}
		if s.Model != nil {
			out.Totals.Models++
		}
		for _, stream := range s.Streams {
			out.Totals.Streams++
			out.Totals.Read += stream.Read
			out.Totals.Accepted += stream.Accepted
			out.Totals.Quarantined += stream.Quarantined
			out.Totals.Dropped += stream.Dropped
			out.Totals.Filtered += stream.Filtered
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}
