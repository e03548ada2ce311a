package compat

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
)

// Report is a comparison with its verdict in one word.
type Report struct {
	Old     string   `json:"old"` // what was compared: "contract.orders.v1", with " as published" behind it where that is meant
	New     string   `json:"new"`
	Mode    Mode     `json:"mode"` // whom the comparison protects
	Word    Word     `json:"word"`
	Changes []Change `json:"changes"`
}

// NewReport compares two versions, named as messages name them.
func NewReport(old, now *contract.Contract, oldName, newName string, mode Mode) *Report {
	changes := Compare(old, now, mode)
	if changes == nil {
		changes = []Change{}
	}
	return &Report{Old: oldName, New: newName, Mode: mode, Word: WordOf(changes, mode), Changes: changes}
}

// Broken returns the changes that break somebody whom the mode protects.
func (r *Report) Broken() []Change { return Broken(r.Changes) }

// Sentence says what a change is: `total: min raised (0 -> 5)`.
func (ch *Change) Sentence() string {
	out := ch.Text
	if ch.Path != "" {
		out = ch.Path + ": " + out
	}
	switch {
	case ch.Old != "" && ch.New != "":
		out += fmt.Sprintf(" (%s -> %s)", ch.Old, ch.New)
	case ch.New != "":
		out += fmt.Sprintf(" (%s)", ch.New)
	case ch.Old != "":
		out += fmt.Sprintf(" (it was %s)", ch.Old)
	}
	return out
}

// Sentence says what a proof shows, with its records or query in it.
func (p *Proof) Sentence() string {
	if p == nil {
		return ""
	}
	switch {
	case p.Query != "":
		return p.Query + ": " + p.Text
	case len(p.Records) > 0:
		shown := make([]string, len(p.Records))
		for i, r := range p.Records {
			shown[i] = short(r)
		}
		return strings.Join(shown, " and ") + ": " + p.Text
	default:
		return p.Text
	}
}

// short cuts a record in a message; a report has all of it.
func short(record string) string {
	const most = 300
	if r := []rune(record); len(r) > most {
		return string(r[:most]) + "…"
	}
	return record
}

// Explain tells of a broken change on a few lines: whom it breaks, by which rule,
// the proof and the way out.
func (ch *Change) Explain(mode Mode, wayOut string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s.", ch.Rule, ch.Sentence())
	for _, back := range []bool{true, false} {
		e := ch.effect(back)
		if e.Verdict == Breaks && mode.Protects(back) {
			direction := map[bool]string{true: "backward", false: "forward"}[back]
			fmt.Fprintf(&b, "\nIt breaks the %s (%s): %s.", e.Who, direction, e.Proof.Sentence())
		}
	}
	fmt.Fprintf(&b, "\nThe way out: %s", wayOut)
	return b.String()
}
