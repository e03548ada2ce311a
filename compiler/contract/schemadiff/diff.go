package schemadiff

import (
	"math/big"
	"slices"
)

// pair is what is compared with what.
type pair struct{ older, newer *node }

// change is a difference with its path relative to the pair at work.
type change struct {
	rule Rule
	path string
}

// run is one pass of a comparison. memo holds the changes of the pairs that are
// done; busy the pairs at work; seed what an earlier pass found of pairs that
// break.
type run struct {
	mode    Mode
	memo    map[pair][]change
	busy    map[pair]bool
	seed    map[pair][]change
	assumed bool // a pair inside itself was taken to be compatible
}

// compare returns the changes from the old schema to the new one.
func (r *run) compare(older, newer *node) []change {
	switch {
	case older == nil && newer == nil:
		return nil
	case older == nil:
		return []change{{schemaAdded, ""}}
	case newer == nil:
		return []change{{schemaRemoved, ""}}
	}
	p := pair{older.resolve(), newer.resolve()}
	if done, ok := r.memo[p]; ok {
		return done
	}
	if r.busy[p] {
		if known, ok := r.seed[p]; ok {
			return known
		}
		r.assumed = true
		return nil
	}
	r.busy[p] = true
	d := &diff{run: r}
	d.types(p.older, p.newer)
	delete(r.busy, p)
	r.memo[p] = d.changes
	return d.changes
}

// passes reports whether none of the changes breaks.
func (r *run) passes(changes []change) bool {
	return !slices.ContainsFunc(changes, func(c change) bool { return c.rule.verdict(r.mode) == Breaks })
}

// incompatible returns the pairs that were found to break.
func (r *run) incompatible() map[pair][]change {
	out := map[pair][]change{}
	for p, changes := range r.memo {
		if !r.passes(changes) {
			out[p] = changes
		}
	}
	return out
}

// diff collects the changes of one pair.
type diff struct {
	*run
	changes []change
}

// maxChanges bounds what is told of one pair: references let a short schema
// repeat a change any number of times. A change that breaks is never left out
// where no other one does.
const maxChanges = 1000

func (d *diff) add(rule Rule, path string) {
	if len(d.changes) < maxChanges || rule.verdict(d.mode) == Breaks && d.passes(d.changes) {
		d.changes = append(d.changes, change{rule, path})
	}
}

// join adds changes found of a part that stands at path.
func (d *diff) join(changes []change, path string) {
	for _, c := range changes {
		d.add(c.rule, path+c.path)
	}
}

// types compares kinds first: where they differ there may still be a part of a
// combined schema that fits.
func (d *diff) types(older, newer *node) {
	if d.oneOfMany(older, newer) {
		return
	}
	if older.kind != newer.kind {
		if older.kind != nothing && newer.kind != anything && !(older.bytes && newer.bytes) {
			d.add(typeChanged, "")
		}
		return
	}
	d.described(older, newer)
	switch older.kind {
	case text:
		d.limits(older, newer, "maxLength", "minLength")
		d.patterns(older, newer)
	case number:
		d.numbers(older, newer)
	case enumeration:
		d.values(older, newer)
	case constant:
		if older.values[0] != newer.values[0] {
			d.add(enumChanged, "/const")
		}
	case combined:
		d.combined(older, newer)
	case negation:
		if d.passes(d.compare(newer.inner, older.inner)) {
			if older.inner.resolve().body != newer.inner.resolve().body {
				d.add(notTypeNarrowed, "/not")
			}
		} else {
			d.add(notTypeExtended, "/not")
		}
	case object:
		d.objects(older, newer)
	case array:
		d.arrays(older, newer)
	case conditional:
		if older.body != newer.body {
			d.add(beyondCondition, "")
		}
	}
	if !older.typed && newer.typed {
		d.add(beyondType, "")
	}
}

// oneOfMany compares a plain schema with the parts of a combined one. It reports
// whether a part was found that fits.
func (d *diff) oneOfMany(older, newer *node) bool {
	var c *node
	var against func(part *node) []change
	rule, any := Rule(""), false
	switch {
	case older.kind != combined && newer.kind == combined:
		c, rule, any = newer, sumTypeExtended, newer.criterion != "allOf"
		against = func(part *node) []change { return d.compare(older, part) }
	case older.kind == combined && newer.kind != combined:
		c, rule, any = older, productTypeNarrowed, older.criterion == "allOf"
		against = func(part *node) []change { return d.compare(part, newer) }
	default:
		return false
	}
	single := len(c.parts) == 1
	if !single && !any {
		return false
	}
	for _, part := range c.parts {
		if changes := against(part); d.passes(changes) {
			d.join(changes, "")
			if !single {
				d.add(rule, "")
			}
			return true
		}
	}
	return false
}

func (d *diff) described(older, newer *node) {
	if older.id != newer.id {
		d.add(idChanged, "")
	}
	if older.title != newer.title {
		d.add(titleChanged, "")
	}
	if older.description != newer.description {
		d.add(descriptionChanged, "")
	}
	if !sameText(older.fallback, newer.fallback) {
		d.add(defaultChanged, "")
	}
}

func sameText(a, b *string) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// limits compares numbers by keyword.
func (d *diff) limits(older, newer *node, keywords ...string) {
	for _, l := range limitNames {
		if !slices.Contains(keywords, l.keyword) {
			continue
		}
		a, b := older.limits[l.keyword], newer.limits[l.keyword]
		switch {
		case a == nil && b == nil:
		case a == nil:
			d.add(Rule(l.rule+"_ADDED"), "/"+l.keyword)
		case b == nil:
			d.add(Rule(l.rule+"_REMOVED"), "/"+l.keyword)
		case a.Cmp(b) < 0:
			d.add(Rule(l.rule+"_INCREASED"), "/"+l.keyword)
		case a.Cmp(b) > 0:
			d.add(Rule(l.rule+"_DECREASED"), "/"+l.keyword)
		}
	}
}

func (d *diff) patterns(older, newer *node) {
	switch a, b := older.pattern, newer.pattern; {
	case sameText(a, b):
	case a == nil:
		d.add(patternAdded, "/pattern")
	case b == nil:
		d.add(patternRemoved, "/pattern")
	default:
		d.add(patternChanged, "/pattern")
	}
	if newer.format != "" && older.format != newer.format {
		d.add(beyondFormat, "/format")
	}
}

func (d *diff) numbers(older, newer *node) {
	d.limits(older, newer, "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum")
	switch a, b := older.multiple, newer.multiple; {
	case a == nil && b == nil || a != nil && b != nil && a.Cmp(b) == 0:
	case a == nil:
		d.add(multipleOfAdded, "/multipleOf")
	case b == nil:
		d.add(multipleOfRemoved, "/multipleOf")
	case divides(a, b):
		d.add(multipleOfExpanded, "/multipleOf")
	case divides(b, a):
		d.add(multipleOfReduced, "/multipleOf")
	default:
		d.add(multipleOfChanged, "/multipleOf")
	}
	switch {
	case older.integer && !newer.integer:
		d.add(typeExtended, "")
	case !older.integer && newer.integer:
		d.add(typeNarrowed, "")
	}
	if older.exclusive != newer.exclusive && newer.exclusive != "" {
		d.add(beyondExclusive, "")
	}
}

// divides reports whether b is a whole multiple of a.
func divides(a, b *big.Rat) bool {
	return a.Sign() != 0 && new(big.Rat).Quo(b, a).IsInt()
}

func (d *diff) values(older, newer *node) {
	has := func(list []string) func(string) bool {
		return func(v string) bool { return slices.Contains(list, v) }
	}
	more, fewer := lacks(newer.values, has(older.values)), lacks(older.values, has(newer.values))
	switch {
	case more && fewer:
		d.add(enumChanged, "/enum")
	case more:
		d.add(enumExtended, "/enum")
	case fewer:
		d.add(enumNarrowed, "/enum")
	}
}

// lacks reports whether has is false for a value of the list.
func lacks(list []string, has func(string) bool) bool {
	return slices.ContainsFunc(list, func(v string) bool { return !has(v) })
}
