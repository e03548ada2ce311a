package executor

import "github.com/headgate-data/headgate/executor/outcome"

// What a run tells, under the names that stand in this package's signatures.
type (
	Status         = outcome.Status
	Report         = outcome.Report
	StepReport     = outcome.StepReport
	StreamReport   = outcome.StreamReport
	ChecksumReport = outcome.ChecksumReport
	RuleReport     = outcome.RuleReport
	ExampleReport  = outcome.ExampleReport
	UnknownReport  = outcome.UnknownReport
	ModelReport    = outcome.ModelReport
	Event          = outcome.Event
	EventKind      = outcome.EventKind
)

// ReportFormatVersion is the version of the report's JSON.
const ReportFormatVersion = outcome.FormatVersion

// The statuses and the kinds of events.
const (
	Done        = outcome.Done
	Warned      = outcome.Warned
	Failed      = outcome.Failed
	Skipped     = outcome.Skipped
	Unchanged   = outcome.Unchanged
	Interrupted = outcome.Interrupted
	StepStart   = outcome.StepStart
	Progress    = outcome.Progress
	StepEnd     = outcome.StepEnd
	Note        = outcome.Note
)
