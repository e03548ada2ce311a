package compat

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
)

// boundAt is a bound on the line of numbers and moments.
func boundAt(c *contract.Column, text string) (*big.Rat, bool) {
	v, ok := constant(c.Type, text)
	if !ok {
		return nil, false
	}
	return scalar(v)
}

// table compares what is said of records and rows as a whole.
func (w *work) table() {
	w.keys()
	w.coerces()
	w.unknowns()
	w.promises()
	say := func(rule Rule, what, a, b string) {
		if a != b {
			w.add(Change{Rule: rule, Text: what + " changed", Old: a, New: b}).describes()
		}
	}
	old, now := w.old.Contract, w.now.Contract
	say(HandlingChanged, "on_violation", string(old.OnViolation), string(now.OnViolation))
	say(HandlingChanged, "tolerance", old.Tolerance, now.Tolerance)
	say(HandlingChanged, "set_violations", string(old.SetViolations), string(now.SetViolations))
	say(HandlingChanged, "quarantine_raw", old.QuarantineRaw, now.QuarantineRaw)
	say(DescriptionChanged, "description", old.Description, now.Description)
	say(DescriptionChanged, "owner", old.Owner, now.Owner)
	say(DescriptionChanged, "deprecated_after", old.DeprecatedAfter, now.DeprecatedAfter)
	say(DescriptionChanged, "compatibility", old.Compatibility, now.Compatibility)
	say(DescriptionChanged, "reserved", strings.Join(old.Reserved, ", "), strings.Join(now.Reserved, ", "))
}

// keys compares the keys, whose order says nothing.
func (w *work) keys() {
	sorted := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	if slices.Equal(sorted(w.old.Contract.Key), sorted(w.now.Contract.Key)) {
		return
	}
	ch := Change{Rule: KeyChanged, Text: "key changed", Old: strings.Join(w.old.Contract.Key, ", "), New: strings.Join(w.now.Contract.Key, ", ")}
	ch.OldRange, ch.NewRange = shown(w.old.Range), shown(w.now.Range)
	back, forth := w.keyProof(true), w.keyProof(false)
	at := w.add(ch)
	at.set(true, Breaks, back)
	at.set(false, Breaks, forth)
}

// keyProof finds two records that are two rows under one key and one row under
// the other.
func (w *work) keyProof(backward bool) *Proof {
	s, d := w.ends(backward)
	base, ok := w.plainRecord(s)
	if !ok {
		return notFound()
	}
	from, to := s.Contract.Key, d.Contract.Key
	if len(from) == 0 && !w.missing(to, s) {
		if r, ok := w.complete(s, base, to); ok {
			return pair(backward, contract.RecordKey, r, r)
		}
	}
	if p := w.apart(backward, s, base, from, to); p != nil {
		return p
	}
	if len(from) == 0 {
		return notFound()
	}
	for _, name := range to { // the other side tells more rows apart
		if slices.Contains(from, name) || !w.has(s, name) {
			continue
		}
		if a, b, ok := w.differing(s, base, name); ok {
			p := pair(backward, contract.RecordKey, a, b)
			p.Text = "the records are one row under one key, and two under the other"
			return p
		}
	}
	return notFound()
}

// apart finds records that from tells apart and to does not.
func (w *work) apart(backward bool, s *side, base record, from, to []string) *Proof {
	for _, name := range from {
		if slices.Contains(to, name) {
			continue
		}
		base, ok := w.complete(s, base, to)
		if !ok {
			return nil
		}
		if a, b, ok := w.differing(s, base, name); ok {
			if len(to) == 0 {
				p := pair(backward, contract.RecordKey, a, a)
				p.Text = "the record twice is one row under one key, and two rows without a key"
				return p
			}
			return pair(backward, contract.RecordKey, a, b)
		}
	}
	return nil
}

func (w *work) missing(names []string, s *side) bool {
	return slices.ContainsFunc(names, func(n string) bool { return !w.has(s, n) })
}

// complete gives a record values in some columns, for the keys they are.
func (w *work) complete(s *side, r record, names []string) (record, bool) {
	for _, name := range names {
		c, ok := s.Column(name)
		if !ok || r.values[name] != "" {
			continue
		}
		for _, raw := range w.samplesOf(name) {
			if v, _, t := s.take(c, raw); t == yes && !v.null() {
				if next := r.with(name, raw); w.accepted(s, next) {
					r = next
					break
				}
			}
		}
		if r.values[name] == "" {
			return r, false
		}
	}
	return r, true
}

func (w *work) accepted(s *side, r record) bool {
	_, _, t := s.accept(r)
	return t == yes
}

// differing makes two records that differ in one column alone.
func (w *work) differing(s *side, base record, name string) (a, b record, ok bool) {
	c, there := s.Column(name)
	if !there {
		return a, b, false
	}
	var first value
	found := false
	for _, raw := range w.samplesOf(name) {
		v, _, t := s.take(c, raw)
		next := base.with(name, raw)
		if t != yes || v.null() || !w.accepted(s, next) {
			continue
		}
		if !found {
			a, first, found = next, v, true
			continue
		}
		if n, ok := order(v, first); ok && n != 0 {
			return a, next, true
		}
	}
	return a, b, false
}

func rank(c contract.Coerce) int {
	return slices.Index([]contract.Coerce{contract.CoerceNone, contract.CoerceLossless, contract.CoerceLenient}, c)
}

func (w *work) coerces() {
	old, now := w.old.Coerce, w.now.Coerce
	if old == now {
		return
	}
	ch := Change{Rule: CoerceWidened, Text: fmt.Sprintf("coerce is %s now", now), Old: string(old), New: string(now)}
	if rank(now) > rank(old) {
		w.add(ch)
		return
	}
	ch.Rule = CoerceNarrowed
	touched := false
	var proof *Proof
	for i := range w.now.Columns {
		c := &w.now.Columns[i]
		was, ok := w.old.Column(c.Name)
		if !ok || was.Type.Kind == types.JSON || !was.Type.Equal(c.Type) {
			continue
		}
		touched = true
		if proof = w.search(true, c.Name, []string{`"12"`, "1.5", `" 12"`}, contract.ColumnRule(c.Name, contract.RuleType)); proof != nil {
			break
		}
	}
	at := w.add(ch)
	if touched {
		at.set(true, Breaks, orNone(proof))
	}
}

// stranger is a member that no contract has a column for.
const stranger = "not_a_column"

func (w *work) unknowns() {
	old, now := w.old.UnknownColumns, w.now.UnknownColumns
	if old == now {
		return
	}
	if old == contract.UnknownKeepJSON {
		w.add(Change{Path: contract.ExtraColumn, Rule: ExtraRemoved, Text: "unknown members are no longer kept in " + contract.ExtraColumn}).
			set(false, Breaks, w.selecting(contract.ExtraColumn, "the query finds no such column"))
	}
	ch := Change{Rule: UnknownChanged, Text: fmt.Sprintf("unknown_columns is %s now", now), Old: string(old), New: string(now)}
	switch {
	case refusesUnknown(now) && !refusesUnknown(old):
		ch.Rule = UnknownTightened
		p := notFound()
		if r, ok := w.plainRecord(w.old); ok {
			p = w.shows(true, contract.RecordUnknown, r.with(stranger, "1"))
		}
		w.add(ch).set(true, Breaks, p)
	case refusesUnknown(old) && !refusesUnknown(now):
		ch.Rule = UnknownLoosened
		w.add(ch)
	default:
		at := w.add(ch)
		if p := w.clash(); now == contract.UnknownEvolve && p != nil {
			at.set(true, Warns, p)
		}
	}
}

// clash finds a member that evolve cannot make a column of.
func (w *work) clash() *Proof {
	r, found := w.plainRecord(w.old)
	if !found {
		return notFound()
	}
	for i := range w.now.Columns {
		for _, name := range []string{strings.ToUpper(w.now.Columns[i].Name), strings.ToLower(w.now.Columns[i].Name)} {
			if name == w.now.Columns[i].Name || w.has(w.old, name) || w.has(w.now, name) {
				continue
			}
			if try := r.with(name, "1"); w.accepted(w.old, try) {
				return w.shows(true, contract.RecordUnknown, try)
			}
		}
	}
	return nil
}
