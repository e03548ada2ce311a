package state

// Refused answers plan.AskRefused: what the rows that stand in a table are to the
// rules that were asked about.
type Refused struct {
	Rows       int64            `json:"rows,string"`              // in the table
	Sampled    int64            `json:"sampled,string,omitempty"` // rows that were looked at, where not all were: the counts are over these
	Refused    int64            `json:"refused,string"`           // rows that break at least one rule, warnings aside
	Rules      []RefusedRule    `json:"rules,omitempty"`          // every rule that was counted, in the order asked
	Examples   []RefusedExample `json:"examples,omitempty"`       // at most five
	NotCounted []NotCounted     `json:"not_counted,omitempty"`
	Error      string           `json:"error,omitempty"` // why the table could not be looked at; nothing else is set then
}

// RefusedRule is how many rows break one rule. Of a key or a unique column, Rows
// counts the values that stand more than once; of rows and freshness it is 1 where
// the promise is broken.
type RefusedRule struct {
	Rule     string           `json:"rule"`
	Kind     string           `json:"kind"` // as in plan.AskedRule
	Warning  bool             `json:"warning,omitempty"`
	Rows     int64            `json:"rows,string"`
	Examples []RefusedExample `json:"examples,omitempty"` // of promises over the whole table
}

// RefusedExample is a row that would be refused: the JSON text of an object of the
// columns that may be shown, "" where none may, and the rules that it breaks.
type RefusedExample struct {
	Row   string   `json:"row,omitempty"`
	Rules []string `json:"rules,omitempty"`
}

// NotCounted is a rule that was asked about and not counted.
type NotCounted struct {
	Rule string `json:"rule"`
	Why  string `json:"why"`
}
