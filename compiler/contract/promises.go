package contract

import (
	"strings"

	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// SetViolations says what becomes of rows that break a promise over the whole
// table which names the rows at fault: key, unique, references. "" is the
// default: the run fails and publishes nothing.
type SetViolations string

// The modes beside failing.
const (
	SetQuarantine SetViolations = "quarantine"
	SetDrop       SetViolations = "drop"
)

// Reference promises that every value of a column that is not null stands in a
// column of another table, or of the same one.
type Reference struct {
	Target addr.Address `json:"target"` // a stream, a model version or an external
	Column string       `json:"column"`
}

// String returns the reference as it is written.
func (r *Reference) String() string { return r.Target.String() + ".column." + r.Column }

// Expect is a query over the whole table that yields the rows at fault.
type Expect struct {
	Name     string     `json:"name"`
	Query    string     `json:"query"` // one SELECT over `this`, without a semicolon at its end
	Message  string     `json:"message,omitempty"`
	Severity Severity   `json:"severity"`
	Range    diag.Range `json:"range"`
}

// Rows bounds the number of rows of the table; nil is no bound.
type Rows struct {
	Min      *int64     `json:"min,omitempty"`
	Max      *int64     `json:"max,omitempty"`
	Severity Severity   `json:"severity"`
	Range    diag.Range `json:"range"`
}

// Freshness bounds the age of the greatest value of a column.
type Freshness struct {
	Column   string     `json:"column"`
	MaxAge   string     `json:"max_age"` // as time.ParseDuration takes it
	Severity Severity   `json:"severity"`
	Range    diag.Range `json:"range"`
}

// Age is the greatest age as a person writes it: "168h", "1h30m".
func (f *Freshness) Age() string {
	out := f.MaxAge
	for _, zero := range []struct{ tail, unit string }{{"m0s", "m"}, {"h0m", "h"}} {
		if short, ok := strings.CutSuffix(out, zero.tail); ok {
			out = short + zero.unit
		}
	}
	return out
}

// HasReferences reports whether any column has a reference.
func (c *Contract) HasReferences() bool {
	for i := range c.Columns {
		if c.Columns[i].References != nil {
			return true
		}
	}
	return false
}

// NamesOffenders reports whether a promise over the whole table tells which rows
// are at fault: key, unique, references.
func (c *Contract) NamesOffenders() bool {
	for i := range c.Columns {
		if c.Columns[i].Unique {
			return true
		}
	}
	return len(c.Key) > 0 || c.HasReferences()
}

// PromisesSets reports whether the contract promises something of the table as a
// whole.
func (c *Contract) PromisesSets() bool {
	return c.NamesOffenders() || len(c.Expects) > 0 || c.Rows != nil || c.Freshness != nil
}

// BeyondRecords names the promises that records alone do not decide, in order:
// references, which need another table, and expect queries, which need a database.
func (c *Contract) BeyondRecords() []string {
	var out []string
	for i := range c.Columns {
		if c.Columns[i].References != nil {
			out = append(out, ColumnRule(c.Columns[i].Name, RuleReferences))
		}
	}
	for _, e := range c.Expects {
		out = append(out, e.Name)
	}
	return out
}

// BeyondTests names the promises that the few records of a test do not decide, in
// order: those beyond records, and the number of rows and their age.
func (c *Contract) BeyondTests() []string {
	out := c.BeyondRecords()
	if c.Rows != nil {
		out = append(out, TableRows)
	}
	if c.Freshness != nil {
		out = append(out, TableFreshness)
	}
	return out
}
