package schemadiff

import (
	"maps"
	"slices"
	"strings"
)

func (d *diff) objects(older, newer *node) {
	d.required(older, newer)
	d.properties(older, newer)
	d.dependencies(older, newer)
	d.rest(older, newer, "ADDITIONAL_PROPERTIES", "/additionalProperties")
	d.unevaluated(older, newer, "UNEVALUATED_PROPERTIES", "/unevaluatedProperties")
	d.limits(older, newer, "maxProperties", "minProperties")
	if newer.names != nil && (older.names == nil || !d.passes(d.compare(older.names, newer.names))) {
		d.add(beyondPropertyNames, "/propertyNames")
	}
	d.patternProperties(older, newer)
}

// escape writes a name as a part of a JSON pointer.
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// union returns the keys of both maps, sorted.
func union[V any](a, b map[string]V) []string {
	names := slices.Collect(maps.Keys(a))
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (d *diff) required(older, newer *node) {
	for _, name := range union(older.properties, newer.properties) {
		was, is := older.properties[name], newer.properties[name]
		if was == nil || is == nil {
			continue
		}
		switch path := "/required/" + escape(name); {
		case older.required[name] && !newer.required[name]:
			d.add(requiredRemoved, path)
		case older.required[name] || !newer.required[name]:
		case is.fallback != nil:
			d.add(requiredAddedWithDefault, path)
		default:
			d.add(requiredAdded, path)
		}
	}
	for _, name := range union(older.required, newer.required) {
		if newer.properties[name] == nil && newer.required[name] && !older.required[name] {
			d.add(beyondRequired, "/required/"+escape(name))
		}
	}
}

func (d *diff) properties(older, newer *node) {
	for _, name := range union(older.properties, newer.properties) {
		was, is := older.properties[name], newer.properties[name]
		path := "/properties/" + escape(name)
		switch {
		case is == nil:
			d.propertyRemoved(newer, name, was, path)
		case was == nil:
			d.propertyAdded(older, newer, name, is, path)
		default:
			d.join(d.compare(was, is), path)
		}
	}
}

// propertyRemoved: the new schema's content model decides.
func (d *diff) propertyRemoved(newer *node, name string, was *node, path string) {
	if newer.open() {
		d.add(propertyRemovedFromOpen, path)
		return
	}
	if is := newer.covers(name); is != nil {
		changes := d.compare(was, is)
		d.join(changes, path)
		d.add(pick(d.passes(changes), propertyRemovedCovered, propertyRemovedNotCovered), path)
		return
	}
	d.add(pick(was.kind == nothing, falsePropertyRemoved, propertyRemovedFromClosed), path)
}

// propertyAdded: the old schema's content model decides.
func (d *diff) propertyAdded(older, newer *node, name string, is *node, path string) {
	if older.open() {
		switch {
		case is.kind == anything:
			d.add(emptyPropertyAddedToOpen, path)
		case newer.required[name]:
			d.add(pick(is.fallback != nil, defaultedPropertyAddedToOpen, requiredPropertyAddedToOpen), path)
		default:
			d.add(optionalPropertyAddedToOpen, path)
		}
		return
	}
	if was := older.covers(name); was != nil {
		changes := d.compare(was, is)
		d.join(changes, path)
		d.add(pick(d.passes(changes), propertyAddedCovered, propertyAddedNotCovered), path)
	}
	switch {
	case !newer.required[name]:
		d.add(optionalPropertyAddedToClosed, path)
	case is.fallback != nil:
		d.add(defaultedPropertyAddedClosed, path)
	default:
		d.add(requiredPropertyAddedToClosed, path)
	}
}

func pick(yes bool, a, b Rule) Rule {
	if yes {
		return a
	}
	return b
}

func (d *diff) dependencies(older, newer *node) {
	for _, name := range union(older.needs, newer.needs) {
		a, b := older.needs[name], newer.needs[name]
		path := "/dependencies/" + escape(name)
		switch more, fewer := missing(b, a), missing(a, b); {
		case b == nil:
			d.add(dependencyArrayRemoved, path)
		case a == nil:
			d.add(dependencyArrayAdded, path)
		case more && fewer:
			d.add(dependencyArrayChanged, path)
		case more:
			d.add(dependencyArrayExtended, path)
		case fewer:
			d.add(dependencyArrayNarrowed, path)
		}
	}
	for _, name := range union(older.needsSchema, newer.needsSchema) {
		a, b := older.needsSchema[name], newer.needsSchema[name]
		path := "/dependencies/" + escape(name)
		switch {
		case b == nil:
			d.add(dependencySchemaRemoved, path)
		case a == nil:
			d.add(dependencySchemaAdded, path)
		default:
			d.join(d.compare(a, b), path)
		}
	}
}

// missing reports whether a name of a is not in b.
func missing(a, b map[string]bool) bool {
	for name := range a {
		if !b[name] {
			return true
		}
	}
	return false
}

// rest compares what else an object or array may hold.
func (d *diff) rest(older, newer *node, rule, path string) {
	switch {
	case older.closed && !newer.closed:
		d.add(Rule(rule+restAdded), path)
	case !older.closed && newer.closed:
		d.add(Rule(rule+restRemoved), path)
	case older.rest == nil && newer.rest != nil:
		d.add(Rule(rule+restNarrowed), path)
	case older.rest != nil && newer.rest == nil:
		d.add(Rule(rule+restExtended), path)
	default:
		d.join(d.compare(older.rest, newer.rest), path)
	}
}

// unevaluated compares unevaluatedProperties and unevaluatedItems.
func (d *diff) unevaluated(older, newer *node, rule, path string) {
	a, b := older.unevaluated.resolve(), newer.unevaluated.resolve()
	is := func(n *node, k kind) bool { return n != nil && n.kind == k }
	switch {
	case a == nil && b == nil:
	case is(a, nothing) && is(b, nothing):
	case is(b, nothing):
		d.add(Rule(rule+restRemoved), path)
	case is(a, nothing):
		d.add(Rule(rule+restAdded), path)
	case a == nil || is(a, anything) && !is(b, anything):
		d.add(Rule(rule+restNarrowed), path)
	case b == nil || is(b, anything) && !is(a, anything):
		d.add(Rule(rule+restExtended), path)
	default:
		d.join(d.compare(a, b), path)
	}
}

// patternProperties tells of patterns whose schema is new or narrower: names that
// fit one were free, or freer, before.
func (d *diff) patternProperties(older, newer *node) {
	was := map[string]*node{}
	for _, p := range older.patterns {
		was[p.text] = p.of
	}
	for _, p := range newer.patterns {
		before := was[p.text]
		switch {
		case before != nil && d.passes(d.compare(before, p.of)):
		case before == nil && older.closed && len(older.patterns) == 0:
		default:
			d.add(beyondPattern, "/patternProperties/"+escape(p.text))
		}
	}
}
