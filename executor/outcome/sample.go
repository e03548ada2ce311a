package outcome

import (
	"encoding/json"

	"github.com/headgate-data/headgate/lang/diag"
)

// Sample is what plan --sample found of one stream: some records were read, held to
// the contract as a run would, and loaded nowhere. Read = Accepted + Quarantined +
// Dropped + Filtered always holds.
type Sample struct {
	Stream   string          `json:"stream"`
	Contract string          `json:"contract"`
	Asked    int64           `json:"asked"`          // records, at most
	From     json.RawMessage `json:"from,omitempty"` // the bookmark; absent: from the beginning
	Whole    bool            `json:"whole"`          // the source held no more records than were read
	Error    string          `json:"error,omitempty"`

	Read        int64 `json:"read"`
	Accepted    int64 `json:"accepted"`
	Quarantined int64 `json:"quarantined"` // what a run would put aside, or fail for
	Dropped     int64 `json:"dropped"`
	Filtered    int64 `json:"filtered"`
	Annotated   int64 `json:"annotated"` // accepted with a null in place of a value
	Warned      int64 `json:"warned"`

	// Verdict is Broken where a run over records like these would fail, or publish
	// nothing. Why says by what, "" where the contract holds.
	Verdict   Verdict      `json:"verdict"`
	Why       string       `json:"why,omitempty"`
	Tolerance string       `json:"tolerance,omitempty"` // as written in the contract
	Rules     []RuleReport `json:"rules"`               // sorted by count, then rule
	// NotJudged names the promises over the whole table: a run judges them before it
	// publishes.
	NotJudged []string           `json:"not_judged,omitempty"`
	Unknown   []UnknownReport    `json:"unknown_columns,omitempty"`
	Evolved   []string           `json:"evolved,omitempty"` // "name type" of columns that a run would add
	Schema    []SchemaDifference `json:"schema"`            // sorted by column
	Range     *diag.Range        `json:"range,omitempty"`   // where the contract is written
}

// The kinds of SchemaDifference.
const (
	ColumnUnknown = "unknown" // the source announces it, and nothing takes it
	ColumnMissing = "missing" // the contract or the map reads it, and the source does not announce it
	ColumnType    = "type"    // announced with a type that the contract's does not fit
)

// SchemaDifference is how one column of the source differs from what the map and
// the contract read. Source and Expected are types, "" where there is none.
type SchemaDifference struct {
	Column   string `json:"column"`
	Kind     string `json:"kind"`
	Source   string `json:"source,omitempty"`
	Expected string `json:"expected,omitempty"`
	Then     string `json:"then"` // what a run does
}
