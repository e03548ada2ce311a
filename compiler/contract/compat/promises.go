package compat

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/lang/diag"
)

// promise is one promise over the whole table.
type promise struct {
	path    string // the column, "" for the table
	what    string // what it is called in a message, and what tells it from others
	text    string // what it says
	rule    string // as an audit cites it
	warning bool   // what breaks it is reported, and published
	at      diag.Range
	bound   *tableBound // what it says where that can be compared, nil where not
}

// tableBound is what a promise allows: a number of rows, or an age.
type tableBound struct {
	of       string // the column whose age it is, "" for rows
	min, max *int64 // an age in nanoseconds
}

// within reports whether everything that b allows, outer allows.
func (b *tableBound) within(outer *tableBound) bool {
	low := outer.min == nil || b.min != nil && *b.min >= *outer.min
	high := outer.max == nil || b.max != nil && *b.max <= *outer.max
	return b.of == outer.of && low && high
}

// promisesOf lists the promises over the table, columns first.
func promisesOf(c *contract.Contract) []promise {
	var out []promise
	for i := range c.Columns {
		col := &c.Columns[i]
		if col.References != nil {
			at, ok := col.Rules[contract.RuleReferences]
			if !ok {
				at = col.Range
			}
			out = append(out, promise{path: col.Name, what: "references", text: col.References.String(), rule: contract.ColumnRule(col.Name, contract.RuleReferences), at: at})
		}
	}
	for _, e := range c.Expects {
		out = append(out, promise{what: "expect " + strconv.Quote(e.Name), text: oneLine(e.Query), rule: e.Name,
			warning: e.Severity == contract.SeverityWarning, at: e.Range})
	}
	if r := c.Rows; r != nil {
		text := ""
		if r.Min != nil {
			text += fmt.Sprintf("min %d ", *r.Min)
		}
		if r.Max != nil {
			text += fmt.Sprintf("max %d", *r.Max)
		}
		out = append(out, promise{what: "rows", text: strings.TrimSpace(text), rule: contract.TableRows, warning: r.Severity == contract.SeverityWarning,
			at: r.Range, bound: &tableBound{min: r.Min, max: r.Max}})
	}
	if f := c.Freshness; f != nil {
		p := promise{what: "freshness", text: f.Column + " at most " + f.Age() + " old", rule: contract.TableFreshness, warning: f.Severity == contract.SeverityWarning, at: f.Range}
		if age, err := time.ParseDuration(f.MaxAge); err == nil {
			n := int64(age)
			p.bound = &tableBound{of: f.Column, max: &n}
		}
		out = append(out, p)
	}
	return out
}

// oneLine writes a query without needless white space, where no quotes make it
// hard to say what that is.
func oneLine(query string) string {
	if strings.ContainsAny(query, "'\"$-/") {
		return strings.TrimSpace(query)
	}
	return strings.Join(strings.Fields(query), " ")
}

// promises compares what is promised of the table as a whole. A promise more
// binds the writers, one less leaves the readers without.
func (w *work) promises() {
	old, now := promisesOf(w.old.Contract), promisesOf(w.now.Contract)
	find := func(list []promise, p promise) *promise {
		for i := range list {
			if list[i].path == p.path && list[i].what == p.what {
				return &list[i]
			}
		}
		return nil
	}
	for i := range now {
		w.promiseChanged(find(old, now[i]), &now[i])
	}
	for i := range old {
		if find(now, old[i]) == nil {
			w.promiseChanged(&old[i], nil)
		}
	}
}

// promiseChanged lists a promise that came, went or changed; nil is none.
func (w *work) promiseChanged(old, now *promise) {
	ch := Change{}
	switch {
	case old == nil:
		ch = Change{Path: now.path, Rule: PromiseAdded, Text: now.what + " added", New: now.text, NewRange: shown(now.at)}
	case now == nil:
		ch = Change{Path: old.path, Rule: PromiseRemoved, Text: old.what + " removed", Old: old.text, OldRange: shown(old.at)}
	case old.text == now.text && old.warning == now.warning:
		return
	default:
		ch = Change{Path: now.path, Rule: PromiseChanged, Text: now.what + " changed", Old: old.text, New: now.text, OldRange: shown(old.at), NewRange: shown(now.at)}
	}
	at := w.add(ch)
	if binds(now) && !kept(old, now) {
		at.set(true, Breaks, none("a load whose table %s refuses is no longer published; which records do that depends on what stands in the table", now.rule))
	}
	if binds(old) && !kept(now, old) {
		at.set(false, Breaks, none("readers could rely on %s; a table that breaks it can be published now", old.rule))
	}
}

// binds reports whether a promise stops what breaks it.
func binds(p *promise) bool { return p != nil && !p.warning }

// kept reports whether a table that keeps p keeps q as well.
func kept(p, q *promise) bool {
	switch {
	case !binds(p):
		return false
	case p.text == q.text:
		return true
	case p.bound == nil || q.bound == nil:
		return false
	default:
		return p.bound.within(q.bound)
	}
}
