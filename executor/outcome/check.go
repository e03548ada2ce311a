package outcome

import "github.com/headgate-data/headgate/lang/diag"

// Verdict is what checking data against a contract came to.
type Verdict string

// The verdicts. Broken is exit code 3.
const (
	Holds     Verdict = "holds"     // no record breaks the contract
	Tolerated Verdict = "tolerated" // some do, within the contract's tolerance
	Broken    Verdict = "broken"
)

// Check is what `contract check` found. Read = Accepted + Quarantined + Dropped
// always holds.
type Check struct {
	Contract  string       `json:"contract"` // canonical address, with its version
	Range     diag.Range   `json:"range"`    // where the contract is written
	Verdict   Verdict      `json:"verdict"`
	Tolerance string       `json:"tolerance,omitempty"` // as written in the contract
	Inputs    []CheckInput `json:"inputs"`

	Read        int64 `json:"read"`
	Accepted    int64 `json:"accepted"`
	Quarantined int64 `json:"quarantined"` // what a load would put aside, or fail for
	Dropped     int64 `json:"dropped"`
	Annotated   int64 `json:"annotated"`  // accepted with a null in place of a value
	Warned      int64 `json:"warned"`     // accepted although a rule under warn, or of severity warning, was broken
	Duplicates  int64 `json:"duplicates"` // accepted, and the key or a unique value stood in a record before; those that set_violations takes out are quarantined or dropped

	Rules []RuleReport `json:"rules"` // sorted by count, then rule
	// NotJudged names the promises that were not judged, in the contract's order: a
	// load judges them before it publishes.
	NotJudged []string        `json:"not_judged,omitempty"`
	Unknown   []UnknownReport `json:"unknown_columns,omitempty"`
	Evolved   []string        `json:"evolved,omitempty"` // "name type" of columns that a load would add

	Bytes            int64   `json:"bytes"` // of records, decompressed
	Seconds          float64 `json:"seconds"`
	RecordsPerSecond float64 `json:"records_per_second"`
}

// CheckInput is one of the files (or a pipe) that were checked.
type CheckInput struct {
	Name    string `json:"name"`
	Records int64  `json:"records"`
}

// AtFault is how many records the contract's tolerance counts.
func (c *Check) AtFault() int64 { return c.Quarantined + c.Dropped + c.Annotated }
