// Package compat compares two versions of a contract and says what the change
// does to those who hold to the old one: the writers of records (backward) and
// the readers of the table (forward). Each verdict other than ok carries the
// record, the row or the query that proves it, as far as one can be found.
//
// The package is pure. It has its own model of what a contract accepts (accept.go),
// whose answer may be "unsure"; nothing is proved or found harmless by an unsure
// answer.
package compat

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/lang/diag"
)

// Verdict is what a change does in one direction.
type Verdict string

// The verdicts. Warns is for a change that the rules allow although some record
// shows it: a member that nobody should have sent.
const (
	OK     Verdict = "ok"
	Warns  Verdict = "warns"
	Breaks Verdict = "breaks"
)

// Mode says who is protected.
type Mode string

// The modes.
const (
	None     Mode = "none"
	Backward Mode = "backward" // writers: every record that the old version accepts, the new one accepts
	Forward  Mode = "forward"  // readers: what held of the table under the old version holds under the new one
	Full     Mode = "full"
)

// ParseMode reads a contract's compatibility. explicit is false for auto, whose
// mode is found out from the contract's users; transitive versions are held to
// every earlier one.
func ParseMode(s string) (mode Mode, transitive, explicit bool) {
	base, transitive := strings.CutSuffix(s, "_transitive")
	switch m := Mode(base); m {
	case None, Backward, Forward, Full:
		return m, transitive, true
	default:
		return Full, transitive, false
	}
}

// Protects reports whether the mode protects writers (backward) or readers.
func (m Mode) Protects(backward bool) bool {
	return m == Full || backward && m == Backward || !backward && m == Forward
}

// Join is the mode that protects whom a or b protects.
func Join(a, b Mode) Mode {
	writers, readers := a.Protects(true) || b.Protects(true), a.Protects(false) || b.Protects(false)
	switch {
	case writers && readers:
		return Full
	case writers:
		return Backward
	case readers:
		return Forward
	default:
		return None
	}
}

// Word is the verdict over all changes.
type Word string

// The words. Patch is also for no change at all.
const (
	Patch Word = "patch" // nothing that a record or a row could show
	Minor Word = "minor" // something changed, and nobody who is protected breaks
	Major Word = "major" // somebody who is protected breaks
)

// Proof shows that a verdict is not made up.
type Proof struct {
	// Records holds the JSON text of one record; of two where the promise is over
	// the whole table (a key, unique).
	Records []string `json:"records,omitempty"`
	// Rule is what refuses the record, as a violation cites it: "order_total.min".
	Rule string `json:"rule,omitempty"`
	// Query fails, or gives another type, under the new version.
	Query string `json:"query,omitempty"`
	// Text says what the records or the query show, or why there are none.
	Text string `json:"text"`
}

// Found reports whether there is a record or a query.
func (p *Proof) Found() bool { return p != nil && (len(p.Records) > 0 || p.Query != "") }

// Effect is a change seen from one direction.
type Effect struct {
	Verdict Verdict `json:"verdict"`
	Who     string  `json:"who,omitempty"` // writer or reader; "" with ok
	Proof   *Proof  `json:"proof,omitempty"`
}

// Change is one difference between two versions.
type Change struct {
	Path     string      `json:"path"` // "email", "user.name", "tags[]", "attrs[*]"; "" for the contract itself
	Rule     Rule        `json:"rule"`
	Text     string      `json:"text"` // one line
	Old      string      `json:"old,omitempty"`
	New      string      `json:"new,omitempty"`
	Backward Effect      `json:"backward"`
	Forward  Effect      `json:"forward"`
	Broken   bool        `json:"broken"` // breaks somebody whom the mode protects
	WayOut   string      `json:"way_out,omitempty"`
	OldRange *diag.Range `json:"old_range,omitempty"`
	NewRange *diag.Range `json:"new_range,omitempty"`

	describing bool // no record and no row can show it
}

// Compare lists what differs between two versions, in the order of the new
// version's columns, those removed and what is said of the whole table behind
// them. Neither contract is changed.
func Compare(old, now *contract.Contract, mode Mode) []Change {
	c := newWork(old, now)
	c.columns()
	c.table()
	c.rowChecks()
	c.others()
	for i := range c.changes {
		ch := &c.changes[i]
		for _, back := range []bool{true, false} {
			ch.Broken = ch.Broken || mode.Protects(back) && ch.effect(back).Verdict == Breaks
		}
		if ch.Backward.Verdict == Breaks || ch.Forward.Verdict == Breaks {
			ch.WayOut = ch.Rule.wayOut()
		}
	}
	return c.changes
}

func (ch *Change) effect(backward bool) *Effect {
	if backward {
		return &ch.Backward
	}
	return &ch.Forward
}

// WordOf is the verdict over all changes under a mode. Under none everybody
// counts: nothing is refused, but nothing is called harmless either.
func WordOf(changes []Change, mode Mode) Word {
	word := Patch
	for i := range changes {
		ch := &changes[i]
		if ch.Broken || mode == None && (ch.Backward.Verdict == Breaks || ch.Forward.Verdict == Breaks) {
			return Major
		}
		if !ch.describing {
			word = Minor
		}
	}
	return word
}

// Broken returns the changes that break somebody whom the mode protects.
func Broken(changes []Change) []Change {
	return slices.DeleteFunc(slices.Clone(changes), func(ch Change) bool { return !ch.Broken })
}
