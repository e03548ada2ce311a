package compat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// columns compares the columns, in the new version's order, removed ones behind.
func (w *work) columns() {
	for i := range w.now.Columns {
		now := &w.now.Columns[i]
		if old, ok := w.old.Column(now.Name); ok {
			w.column(old, now)
		} else {
			w.columnAdded(now)
		}
	}
	for i := range w.old.Columns {
		if old := &w.old.Columns[i]; !w.has(w.now, old.Name) {
			w.columnRemoved(old)
		}
	}
	w.moved()
}

func (w *work) has(s *side, name string) bool {
	_, ok := s.Column(name)
	return ok
}

// moved notes that the columns that both have stand in another order.
func (w *work) moved() {
	names := func(a, b *side) (out []string) {
		for i := range a.Columns {
			if w.has(b, a.Columns[i].Name) {
				out = append(out, a.Columns[i].Name)
			}
		}
		return out
	}
	old, now := names(w.old, w.now), names(w.now, w.old)
	if !slices.Equal(old, now) {
		w.add(Change{Rule: ColumnMoved, Text: "the columns stand in another order", Old: strings.Join(old, ", "), New: strings.Join(now, ", ")}).describes()
	}
}

func (w *work) columnAdded(now *contract.Column) {
	free := !w.now.required(now) || now.Default != nil
	ch := Change{Path: now.Name, Rule: ColumnAdded, New: describe(now), Text: "column added", NewRange: shown(now.Range)}
	if !free {
		ch.Rule, ch.Text = ColumnAddedRequired, "required column without a default added"
	}
	at := w.add(ch)
	s := w.old
	switch {
	case !free:
		p := notFound()
		if r, ok := w.plainRecord(s); ok {
			rule, _ := w.now.keeps(now, value{})
			p = w.shows(true, rule, r)
		}
		at.set(true, Breaks, p)
	case !refusesUnknown(s.UnknownColumns):
		if p := w.strayMember(now); p != nil {
			at.set(true, Warns, p)
		}
	}
}

// strayMember finds a record that carried the new column's name with a value that
// the new column refuses.
func (w *work) strayMember(now *contract.Column) *Proof {
	r, found := w.plainRecord(w.old)
	for _, raw := range append([]string{`"x"`, `{"a": 1}`}, w.samplesOf(now.Name)...) {
		_, rule, t := w.now.take(now, raw)
		if t != no {
			continue
		}
		if !found {
			return notFound()
		}
		r := r.with(now.Name, raw)
		if _, _, ok := w.old.accept(r); ok == yes {
			p := w.shows(true, rule, r)
			p.Text = fmt.Sprintf("the old version takes a member of that name with any value; the new one refuses this record by %s", rule)
			return p
		}
	}
	return nil
}

func (w *work) columnRemoved(old *contract.Column) {
	ch := w.add(Change{Path: old.Name, Rule: ColumnRemoved, Text: "column removed", Old: describe(old), OldRange: shown(old.Range)})
	ch.set(false, Breaks, w.selecting(quoted(old.Name), "the query finds no such column"))
	verdict := Warns
	if refusesUnknown(w.now.UnknownColumns) {
		verdict = Breaks
	} else if w.now.UnknownColumns != contract.UnknownEvolve {
		return
	}
	for _, raw := range w.samplesOf(old.Name) {
		rule := w.now.stranger(old.Name, raw)
		if _, _, t := w.old.take(old, raw); t != yes || rule == "" {
			continue
		}
		if r, ok := w.embed(w.old, old.Name, raw); ok {
			ch.set(true, verdict, w.shows(true, rule, r))
			return
		}
	}
	if verdict == Breaks {
		ch.set(true, Breaks, notFound())
	}
}

// describe writes a column on one line.
func describe(c *contract.Column) string {
	out := c.Type.String()
	if c.Required {
		out += ", required"
	}
	if c.Default != nil {
		out += ", default " + *c.Default
	}
	return out
}

// column compares a column that both versions have.
func (w *work) column(old, now *contract.Column) {
	first := len(w.changes)
	alike := old.Type.Equal(now.Type)
	if !alike {
		w.types(old, now)
	}
	w.requires(old, now)
	if alike || alikeEnough(old.Type, now.Type) {
		w.limits(old, now)
		w.columnChecks(old, now)
	}
	w.defaults(old, now)
	w.uniques(old, now)
	w.words(old, now)
	w.contradicted(old.Name, first)
}

// alikeEnough reports whether limits of one type mean something for the other.
func alikeEnough(a, b types.Type) bool {
	return a.IsNumeric() && b.IsNumeric() || types.Widens(a, b) || types.Widens(b, a) || a.Kind == b.Kind
}

// requires compares whether null is a violation. A column of the key is required,
// written or not.
func (w *work) requires(old, now *contract.Column) {
	was, is := w.old.required(old), w.now.required(now)
	if was == is {
		return
	}
	rule := contract.RuleRequired
	ch := Change{Path: now.Name, Old: strconv.FormatBool(was), New: strconv.FormatBool(is)}
	ch.OldRange, ch.NewRange = ranges(old, now, rule)
	rules := []string{contract.ColumnRule(now.Name, rule), contract.RecordKey}
	if is {
		ch.Rule, ch.Text = RequiredAdded, "optional became required"
		at := w.add(ch)
		if !w.old.nullable(old) {
			return
		}
		extra := []string{"", "null"}
		if now.Default != nil {
			extra = []string{"null"}
		}
		at.set(true, Breaks, orNone(w.search(true, now.Name, extra, rules...)))
		return
	}
	ch.Rule, ch.Text = RequiredRemoved, "required became optional"
	at := w.add(ch)
	if w.now.nullable(now) {
		at.set(false, Breaks, orNone(w.search(false, now.Name, []string{"null"}, rules...)))
	}
}

// nullable reports whether a column of an accepted row can be null.
func (s *side) nullable(c *contract.Column) bool {
	s.conjuncts()
	_, checked := s.facts[string(rowexpr.OpNotNull)+"(row."+rowexpr.PathString([]rowexpr.Step{{Name: c.Name}})+")"]
	return !s.required(c) && !checked
}

// defaults compares what stands in for an absent member.
func (w *work) defaults(old, now *contract.Column) {
	if old.Default == nil && now.Default == nil || old.Default != nil && now.Default != nil && *old.Default == *now.Default {
		return
	}
	ch := Change{Path: now.Name, Rule: DefaultChanged, Text: "default changed", Old: deref(old.Default), New: deref(now.Default)}
	ch.OldRange, ch.NewRange = ranges(old, now, "default")
	switch {
	case old.Default == nil:
		ch.Rule, ch.Text = DefaultAdded, "default added"
	case now.Default == nil:
		ch.Rule, ch.Text = DefaultRemoved, "default removed"
	}
	at := w.add(ch)
	if now.Default == nil && w.now.required(now) {
		at.set(true, Breaks, orNone(w.absent(now)))
		return
	}
	if p := w.absent(now); p != nil {
		at.set(true, Warns, p)
		return
	}
	for _, f := range w.now.conjuncts() {
		if slices.Contains(f.reads, now.Name) && (f.value == "" || now.Default != nil) && !w.trivially(now, f) {
			at.set(true, Warns, none("the check %q reads the column, and whether it holds for every record without it cannot be proved", f.check.Name))
			return
		}
	}
}

// trivially reports whether a conjunct over one column holds for what an absent
// member becomes.
func (w *work) trivially(now *contract.Column, f conjunct) bool {
	if f.column != now.Name {
		return false
	}
	v, _, t := w.now.take(now, "")
	return t != no && w.test(f, v) == yes
}

// absent finds a record without the member that only the old version accepts.
func (w *work) absent(now *contract.Column) *Proof {
	r, ok := w.embed(w.old, now.Name, "")
	if !ok {
		return nil
	}
	if _, rule, t := w.now.take(now, ""); t == no {
		return w.shows(true, rule, r)
	}
	reads := []string{}
	for _, f := range w.now.conjuncts() {
		if f.value == "" && slices.Contains(f.reads, now.Name) {
			for _, name := range f.reads {
				if name != now.Name && !slices.Contains(reads, name) {
					reads = append(reads, name)
				}
			}
		}
	}
	return w.recordSearch(true, reads, r)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (w *work) uniques(old, now *contract.Column) {
	if old.Unique == now.Unique {
		return
	}
	ch := Change{Path: now.Name, Rule: UniqueAdded, Text: "unique added", Old: strconv.FormatBool(old.Unique), New: strconv.FormatBool(now.Unique)}
	ch.OldRange, ch.NewRange = ranges(old, now, contract.RuleUnique)
	backward := now.Unique
	if !backward {
		ch.Rule, ch.Text = UniqueRemoved, "unique removed"
	}
	at := w.add(ch)
	s, _ := w.ends(backward)
	at.set(backward, Breaks, w.twice(s, now.Name, contract.ColumnRule(now.Name, contract.RuleUnique), backward))
}

// twice proves by two records with the same value.
func (w *work) twice(s *side, name, rule string, backward bool) *Proof {
	c, _ := s.Column(name)
	for _, raw := range w.samplesOf(name) {
		if v, _, t := s.take(c, raw); t != yes || v.null() {
			continue
		}
		if r, ok := w.embed(s, name, raw); ok {
			return pair(backward, rule, r, r)
		}
	}
	return notFound()
}

func pair(backward bool, rule string, a, b record) *Proof {
	p := &Proof{Records: []string{a.String(), b.String()}, Rule: rule}
	p.Text = fmt.Sprintf("the old version takes both records, and the new one refuses them together by %s", rule)
	if !backward {
		p.Text = fmt.Sprintf("the new version takes both records, and %s of the old version ruled that out", rule)
	}
	return p
}

// words compares what describes a column.
func (w *work) words(old, now *contract.Column) {
	say := func(what, a, b string) {
		if a != b {
			ch := Change{Path: now.Name, Rule: DescriptionChanged, Text: what + " changed", Old: a, New: b}
			ch.OldRange, ch.NewRange = ranges(old, now, what)
			w.add(ch).describes()
		}
	}
	say("description", old.Description, now.Description)
	say("tags", strings.Join(old.Tags, ", "), strings.Join(now.Tags, ", "))
}

// contradicted looks for a record that shows what the rules call harmless, and
// turns that verdict into a warning.
func (w *work) contradicted(name string, first int) {
	for _, backward := range []bool{true, false} {
		var at *Change
		harmless := true
		for i := first; i < len(w.changes); i++ {
			ch := &w.changes[i]
			harmless = harmless && ch.effect(backward).Verdict == OK
			if !ch.describing && at == nil {
				at = ch
			}
		}
		if at == nil || !harmless {
			continue
		}
		if p := w.search(backward, name, nil); p != nil {
			at.set(backward, Warns, p)
		}
	}
}
