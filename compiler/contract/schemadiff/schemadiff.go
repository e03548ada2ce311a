// Package schemadiff compares two JSON Schemas the way Confluent's Schema
// Registry does: it names every difference by the registry's own rule and says
// whether data that the old schema accepts is still accepted by the new one, in
// the registry's strict and in its lenient mode. Changes that the registry does
// not look at, and that can break data all the same, are told as warnings.
package schemadiff

import (
	"cmp"
	"slices"

	"github.com/headgate-data/headgate/lang/diag"
)

// Mode says which rules count as compatible.
type Mode string

// The registry's two compatibility policies.
const (
	// Strict is exact about open content models: an object that may have any other
	// property may have had the new one, with another type.
	Strict Mode = "strict"
	// Lenient lets optional properties come and go whatever the content model is.
	Lenient Mode = "lenient"
)

// Verdict is what a difference means for data that the old schema accepts.
type Verdict string

// The verdicts, from the best to the worst.
const (
	OK     Verdict = "ok"
	Warns  Verdict = "warns" // the registry does not look at it, and it can break data
	Breaks Verdict = "breaks"
)

// Difference is one change. Path is a JSON pointer into the schema, "#/" for its
// root.
type Difference struct {
	Rule    Rule    `json:"rule"`
	Path    string  `json:"path"`
	Verdict Verdict `json:"verdict"`
}

// Compare returns how the new schema differs from the old one, sorted by path.
// The names stand in diagnostics about schemas that cannot be read; with an error
// among them there are no differences.
func Compare(oldName string, oldText []byte, newName string, newText []byte, mode Mode) ([]Difference, diag.Diagnostics) {
	older, ds := load(oldName, oldText)
	newer, more := load(newName, newText)
	if ds = append(ds, more...); ds.HasErrors() {
		return nil, ds
	}
	return compareNodes(older, newer, mode), ds
}

// Worst returns the worst verdict among differences, OK for none.
func Worst(list []Difference) Verdict {
	worst := OK
	for _, d := range list {
		switch {
		case d.Verdict == Breaks:
			return Breaks
		case d.Verdict == Warns:
			worst = Warns
		}
	}
	return worst
}

// compareNodes runs the comparison until what it assumed of recursive schemas
// holds: a pair met again inside itself is first taken to be compatible, and a
// pass in which that proves wrong is followed by one that knows it.
func compareNodes(older, newer *node, mode Mode) []Difference {
	seed := map[pair][]change{}
	for {
		r := &run{mode: mode, memo: map[pair][]change{}, busy: map[pair]bool{}, seed: seed}
		changes := r.compare(older, newer)
		next := r.incompatible()
		if !r.assumed || len(next) == len(seed) {
			return r.differences(changes)
		}
		seed = next
	}
}

// differences sorts changes and drops repeated ones.
func (r *run) differences(changes []change) []Difference {
	out := make([]Difference, 0, len(changes))
	for _, c := range changes {
		path := "#" + c.path
		if c.path == "" {
			path = "#/"
		}
		out = append(out, Difference{Rule: c.rule, Path: path, Verdict: c.rule.verdict(r.mode)})
	}
	slices.SortFunc(out, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule))
	})
	return slices.Compact(out)
}
