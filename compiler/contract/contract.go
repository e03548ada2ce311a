// Package contract holds data contracts as plain data: what a version of a
// contract promises of each record and of the table as a whole, with every
// inheritance resolved. It also names the rules that a violation can cite.
package contract

import (
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// OnViolation says what becomes of a record that breaks its contract.
type OnViolation string

// The modes of SEMANTICS section 6.
const (
	Fail       OnViolation = "fail"
	Quarantine OnViolation = "quarantine"
	Drop       OnViolation = "drop"
	NullValue  OnViolation = "null_value"
	Warn       OnViolation = "warn"
)

// UnknownColumns says what becomes of a member that the contract does not name.
type UnknownColumns string

// The modes for members that no column names.
const (
	UnknownFail       UnknownColumns = "fail"
	UnknownQuarantine UnknownColumns = "quarantine"
	UnknownDrop       UnknownColumns = "drop"
	UnknownEvolve     UnknownColumns = "evolve"
	UnknownKeepJSON   UnknownColumns = "keep_json"
)

// ExtraColumn is where keep_json collects unknown members, as one JSON object.
const ExtraColumn = "_extra"

// Coerce says which values are taken for a column of another JSON type.
type Coerce string

// The coercion modes of SEMANTICS section 6.
const (
	CoerceNone     Coerce = "none"
	CoerceLossless Coerce = "lossless"
	CoerceLenient  Coerce = "lenient"
)

// What quarantine keeps of a record, beside the reasons.
const (
	RawFull   = "full"
	RawMasked = "masked" // all but the values of personal data
	RawNone   = "none"
)

// Severity of a check: an error is a violation, a warning is counted only.
type Severity string

// The severities of a check.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Contract is one version of a contract. Columns stand in declared order (those
// inherited first), names are unique.
type Contract struct {
	Name            string         `json:"name"`
	Version         int            `json:"version"`
	Latest          bool           `json:"latest,omitempty"` // this version is what the bare name means
	Description     string         `json:"description,omitempty"`
	Owner           string         `json:"owner,omitempty"`
	Compatibility   string         `json:"compatibility,omitempty"`    // auto, none, backward, forward, full, and *_transitive
	DeprecatedAfter string         `json:"deprecated_after,omitempty"` // YYYY-MM-DD
	Columns         []Column       `json:"columns"`
	Key             []string       `json:"key,omitempty"`
	Checks          []Check        `json:"checks,omitempty"`
	Expects         []Expect       `json:"expects,omitempty"`
	Rows            *Rows          `json:"rows,omitempty"`
	Freshness       *Freshness     `json:"freshness,omitempty"`
	SetViolations   SetViolations  `json:"set_violations,omitempty"`
	OnViolation     OnViolation    `json:"on_violation"`
	UnknownColumns  UnknownColumns `json:"unknown_columns"`
	Coerce          Coerce         `json:"coerce"`
	Tolerance       string         `json:"tolerance,omitempty"`      // as written ("1%" or "100"), "" where none is set
	QuarantineRaw   string         `json:"quarantine_raw,omitempty"` // one of the Raw constants, "" where none is set
	Reserved        []string       `json:"reserved,omitempty"`
	Range           diag.Range     `json:"range"`
}

// Column is a column with its limits. A limit that is not set is nil or empty.
// Bounds and defaults are canonical text of the column's type (as in
// rowexpr.Literal), so that no number passes through a float.
type Column struct {
	Name        string     `json:"name"`
	Type        types.Type `json:"type"`
	Required    bool       `json:"required,omitempty"` // null and absent are violations, unless Default is set and the member is absent
	Description string     `json:"description,omitempty"`
	Min         *string    `json:"min,omitempty"`
	Max         *string    `json:"max,omitempty"`
	MinLength   *int       `json:"min_length,omitempty"` // in Unicode code points; of bytes in bytes; of a list in elements
	MaxLength   *int       `json:"max_length,omitempty"`
	Pattern     string     `json:"pattern,omitempty"` // RE2, found anywhere in the text
	Enum        []string   `json:"enum,omitempty"`
	Format      string     `json:"format,omitempty"` // email, uri, uuid, ipv4, ipv6, date, date-time, hostname
	Unique      bool       `json:"unique,omitempty"`
	References  *Reference `json:"references,omitempty"` // nil: none
	Default     *string    `json:"default,omitempty"`    // stands in for an absent member, not for null
	Tags        []string   `json:"tags,omitempty"`
	Checks      []Check    `json:"checks,omitempty"` // over `value`
	Range       diag.Range `json:"range"`
	Rules       RuleRanges `json:"rules,omitempty"`
}

// RuleRanges maps a limit's name ("min", "pattern", "type") to where it is written.
type RuleRanges map[string]diag.Range

// Check is a condition over a row, or over `value` inside a column.
type Check struct {
	Name      string        `json:"name"`
	Condition *rowexpr.Expr `json:"condition"`
	Source    string        `json:"source"` // the condition as written
	Message   string        `json:"message,omitempty"`
	Severity  Severity      `json:"severity"`
	Range     diag.Range    `json:"range"`
}

// Column returns the column of that name.
func (c *Contract) Column(name string) (*Column, bool) {
	for i := range c.Columns {
		if c.Columns[i].Name == name {
			return &c.Columns[i], true
		}
	}
	return nil, false
}

// HasTag reports whether the column carries the tag.
func (c *Column) HasTag(tag string) bool {
	for _, t := range c.Tags {
		if t == tag {
			return true
		}
	}
	return false
}

// KeepsRaw returns what quarantine keeps of a record: what the contract sets,
// else all of it unless it is personal.
func (c *Contract) KeepsRaw() string {
	switch {
	case c.QuarantineRaw != "":
		return c.QuarantineRaw
	case c.HasPII():
		return RawMasked
	default:
		return RawFull
	}
}

// HasPII reports whether any column is tagged as personal data.
func (c *Contract) HasPII() bool {
	for i := range c.Columns {
		if c.Columns[i].HasTag("pii") {
			return true
		}
	}
	return false
}
