// Package outcome is the vocabulary of what a run tells: events while it goes
// on, and the report at its end. The executor fills it; views draw it.
package outcome

import (
	"encoding/json"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// FormatVersion is the version of the report's JSON.
const FormatVersion = "1.0"

// Status is how a run, a step or a stream ended.
type Status string

// The statuses.
const (
	Done        Status = "done"
	Warned      Status = "warning" // done, and something should be looked at
	Failed      Status = "failed"
	Skipped     Status = "skipped"     // a step that it needs failed, or the run was stopped before it
	Unchanged   Status = "unchanged"   // nothing waited
	Interrupted Status = "interrupted" // stopped by Ctrl-C after a checkpoint
)

// Report is what apply and run return, print and store.
type Report struct {
	FormatVersion string        `json:"format_version"`
	ToolVersion   string        `json:"tool_version"`
	RunID         string        `json:"run_id"`
	Command       string        `json:"command"` // apply or run
	Project       string        `json:"project"`
	Environment   string        `json:"environment"`
	Status        Status        `json:"status"`
	StartedAt     time.Time     `json:"started_at"`
	Seconds       float64       `json:"seconds"`
	Steps         []*StepReport `json:"steps"`
	// Broke says that data broke a contract beyond its tolerance: exit code 3.
	Broke bool `json:"broke_contract"`
}

// StepReport is one step of the plan, in the plan's order.
type StepReport struct {
	ID      string           `json:"id"`
	Address string           `json:"address"`
	Action  string           `json:"action"`
	Status  Status           `json:"status"`
	Seconds float64          `json:"seconds"`
	Error   *diag.Diagnostic `json:"-"`             // the first fault; the view renders it
	Why     string           `json:"why,omitempty"` // why it was skipped or found nothing to do
	Streams []*StreamReport  `json:"streams,omitempty"`
	Model   *ModelReport     `json:"model,omitempty"`
}

// StreamReport is what one stream's run did. Read = Accepted + Quarantined +
// Dropped + Filtered always holds in a report whose Status is Done or Warned.
type StreamReport struct {
	Address     string `json:"address"`
	Partition   string `json:"partition,omitempty"`
	Status      Status `json:"status"`
	Write       string `json:"write"`
	Contract    string `json:"contract"`
	Table       string `json:"table"`
	Read        int64  `json:"read"`
	Accepted    int64  `json:"accepted"`
	Quarantined int64  `json:"quarantined"`
	Dropped     int64  `json:"dropped"`
	Filtered    int64  `json:"filtered"`
	Annotated   int64  `json:"annotated"` // accepted with a null in place of a value that was kept aside
	Warned      int64  `json:"warned"`    // accepted although a rule under warn, or of severity warning, was broken

	Rules    []RuleReport            `json:"rules,omitempty"` // sorted by count, then rule
	Audits   []connector.AuditResult `json:"audits,omitempty"`
	Unknown  []UnknownReport         `json:"unknown_columns,omitempty"`
	Evolved  []string                `json:"evolved,omitempty"` // "name type" of columns added by evolve
	Diff     connector.TableDiff     `json:"diff"`
	Checksum ChecksumReport          `json:"checksum"`

	BookmarkBefore json.RawMessage `json:"bookmark_before,omitempty"`
	BookmarkAfter  json.RawMessage `json:"bookmark_after,omitempty"`
	Resumed        bool            `json:"resumed,omitempty"`      // took up what a killed run had staged
	ResumedRead    int64           `json:"resumed_read,omitempty"` // of Read, how many the killed run had staged
	Bytes          int64           `json:"bytes"`                  // of the records read, as text
	SourceBytes    int64           `json:"source_bytes,omitempty"` // of the files that waited, as they are stored
	Seconds        float64         `json:"seconds"`
	RowsPerSecond  float64         `json:"rows_per_second"`
	SchemaChanges  []string        `json:"schema_changes,omitempty"` // source against lock or contract
}

// ChecksumReport proves that what was accepted is what arrived.
type ChecksumReport struct {
	Accepted connector.Checksum `json:"accepted"`
	Staged   connector.Checksum `json:"staged"`
	Equal    bool               `json:"equal"`
}

// RuleReport counts the violations of one rule.
type RuleReport struct {
	Rule     string          `json:"rule"`
	Column   string          `json:"column,omitempty"`
	Count    int64           `json:"count"`
	Severity string          `json:"severity"` // error or warning
	Outcome  string          `json:"outcome"`  // quarantined, dropped, nulled, warned or failed
	Message  string          `json:"message,omitempty"`
	Range    *diag.Range     `json:"range,omitempty"`    // where the rule is written
	Examples []ExampleReport `json:"examples,omitempty"` // the first five
}

// ExampleReport is one violation. Value is JSON text, masked where personal.
// Message says what is wrong with it where the rule has no message for all.
type ExampleReport struct {
	Origin  string `json:"origin"`
	Line    int64  `json:"line"` // line of a text file, else ordinal of the record; from 1
	Value   string `json:"value,omitempty"`
	Message string `json:"message,omitempty"`
}

// UnknownReport counts a member that no column names.
type UnknownReport struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
	How   string `json:"how"` // dropped, kept in _extra, quarantined
}

// ModelReport is what building one model version did.
type ModelReport struct {
	Table        string                  `json:"table"`
	Materialized string                  `json:"materialized"`
	Diff         connector.TableDiff     `json:"diff"`
	Audits       []connector.AuditResult `json:"audits,omitempty"`
	Inputs       []string                `json:"inputs"`
}
