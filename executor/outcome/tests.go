package outcome

import "github.com/headgate-data/headgate/lang/diag"

// Tests is what running tests gave.
type Tests struct {
	Passed   int            `json:"passed"`
	Failed   int            `json:"failed"`
	Tests    []TestResult   `json:"tests"` // by name
	Coverage []TestCoverage `json:"coverage"`
	// Percent is how much of the rules of all contracts some test made fail; 100
	// where there is no rule.
	Percent float64 `json:"coverage_percent"`
}

// TestResult is what became of one test.
type TestResult struct {
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Contract    string       `json:"contract"` // its address, with the version
	Passed      bool         `json:"passed"`
	Cases       []CaseResult `json:"cases"`
	Range       diag.Range   `json:"range"`
}

// CaseResult is what became of one accept or reject block.
type CaseResult struct {
	Want   string       `json:"want"` // accept or reject
	Passed bool         `json:"passed"`
	Rows   []string     `json:"rows"` // raw texts
	Range  diag.Range   `json:"range"`
	Kept   []string     `json:"kept,omitempty"`   // rules that were to be broken, and were not
	Broken []BrokenRule `json:"broken,omitempty"` // rules that were broken, in the contract's order
}

// BrokenRule is a rule that a record of a case broke.
type BrokenRule struct {
	Rule     string      `json:"rule"`
	Expected bool        `json:"expected"` // the case names it, or takes any
	Warning  bool        `json:"warning,omitempty"`
	Row      int         `json:"row"` // of the case, from 1; 0 where it is a rule over the table
	Value    string      `json:"value,omitempty"`
	Message  string      `json:"message,omitempty"`
	Range    *diag.Range `json:"range,omitempty"` // where the rule is written
}

// TestCoverage says which rules that a contract asks for some test made fail.
type TestCoverage struct {
	Contract string   `json:"contract"`
	Rules    int      `json:"rules"`
	Broken   int      `json:"broken"`
	Missing  []string `json:"missing"` // in the contract's order
	// NotJudged names the promises that no test can decide, in the contract's order.
	// They are not among Rules.
	NotJudged []string `json:"not_judged,omitempty"`
}
