package enforce

import (
	"strconv"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/lang/diag"
)

// action is what a broken rule asks for. A record gets the greatest of what its
// violations ask for.
type action uint8

const (
	actNone action = iota
	actWarn
	actNull
	actDrop
	actQuarantine
	actFail
)

// outcome is the action as reports name it.
func (a action) outcome() string {
	return [...]string{"", "warned", "nulled", "dropped", "quarantined", "failed"}[a]
}

// class groups rules by what can be done about a violation.
type class uint8

const (
	ofRecord class = iota // there is no row without it: no JSON, a null in the key, a failed filter
	ofType                // the value cannot be loaded, but a null in its place can
	ofValue               // the value can be loaded
	ofRow                 // the row can be loaded; no one value is at fault
)

// actionFor returns what a violation of a rule leads to. optional says that the
// column may be null.
func actionFor(mode contract.OnViolation, c class, optional bool) action {
	switch mode {
	case contract.Fail:
		return actFail
	case contract.Drop:
		return actDrop
	case contract.NullValue:
		if optional && (c == ofType || c == ofValue) {
			return actNull
		}
	case contract.Warn:
		if c == ofValue || c == ofRow {
			return actWarn
		}
	}
	return actQuarantine
}

// rule is one rule of the stream and what it has caught.
type rule struct {
	name     string
	column   string
	at       int // index of the column, -1 for none
	action   action
	severity contract.Severity
	message  string // "" where the fault itself says it
	where    diag.Range
	spot     string // where as file:line, once it was asked for
	mask     bool
	count    int64
	examples []Example
	told     int // how many of examples a fork has told of
}

// written returns where the rule is written, as file:line; "" where it is not.
func (r *rule) written() string {
	if r.spot == "" && !r.where.IsZero() {
		r.spot = r.where.Filename + ":" + strconv.Itoa(r.where.Start.Line)
	}
	return r.spot
}

// violation is one value or row that broke a rule.
type violation struct {
	row  int32
	rule int32
	code code
	slot int32 // where the value at fault is: a slot of the reader, or one of these
	note int32 // index in the chunk's notes, with fromNote
}

const (
	fromColumn int32 = -1 // the column holds the value
	fromNone   int32 = -2 // there is no value to show
	fromNote   int32 = -3 // a note tells message and value
)

// note is what a violation tells that its rule does not know beforehand.
type note struct {
	column  string
	message string
	value   span // kind None: no value
}

// addRule adds a rule and returns its index.
func (e *Enforcer) addRule(r rule) int32 {
	if r.severity == "" {
		r.severity = contract.SeverityError
	}
	if r.severity == contract.SeverityWarning {
		r.action = actWarn
	}
	e.rules = append(e.rules, r)
	return int32(len(e.rules) - 1)
}

// hit notes a violation, unless the row is out already.
func (e *Enforcer) hit(row, rule int32, c code, slot int32) {
	if e.out.Get(int(row)) {
		return
	}
	e.violations = append(e.violations, violation{row: row, rule: rule, code: c, slot: slot})
}
