package schemadiff

import "strconv"

// combined compares two allOf, anyOf or oneOf: the criterion, how many parts
// there are, and whether each part of the smaller side has a partner of its own
// on the other side that it is compatible with.
func (d *diff) combined(older, newer *node) {
	if older.criterion != newer.criterion {
		if !d.criterionExtends(older, newer) {
			d.add(combinedChanged, "")
			return
		}
		d.add(combinedExtended, "")
	}
	a, b := distinct(older.parts), distinct(newer.parts)
	switch {
	case len(a) < len(b) && newer.criterion == "allOf":
		d.add(productTypeExtended, "")
	case len(a) < len(b):
		d.add(sumTypeExtended, "")
	case len(a) > len(b) && older.criterion == "allOf":
		d.add(productTypeNarrowed, "")
	case len(a) > len(b):
		d.add(sumTypeNarrowed, "")
	}
	fits := make([][]int, len(a)) // by old part: the new parts that it is compatible with
	for i := range a {
		for k := range b {
			if d.passes(d.compare(a[i], b[k])) {
				fits[i] = append(fits[i], k)
			}
		}
	}
	partner := match(fits, len(b))
	matched := 0
	for k, i := range partner {
		if i < 0 {
			continue
		}
		matched++
		d.join(d.compare(a[i], b[k]), "/"+older.criterion+"/"+strconv.Itoa(i))
	}
	if matched < min(len(a), len(b)) {
		d.add(subschemasChanged, "")
	}
}

// criterionExtends reports whether the new criterion takes what the old one took,
// part for part.
func (d *diff) criterionExtends(older, newer *node) bool {
	one, other := len(older.parts) == 1, len(newer.parts) == 1
	return newer.criterion == "anyOf" || one && other || one && newer.criterion == "oneOf" || other && older.criterion == "allOf"
}

// distinct drops parts that say the same as an earlier one.
func distinct(parts []*node) []*node {
	type key struct {
		kind kind
		body string
	}
	seen := map[key]bool{}
	var out []*node
	for _, p := range parts {
		k := key{p.kind, p.body}
		if !seen[k] {
			seen[k] = true
			out = append(out, p)
		}
	}
	return out
}

// match pairs as many old parts with new ones as can be, each at most once, by
// augmenting paths. It returns the old part's index by new part, -1 for none.
func match(fits [][]int, count int) []int {
	partner := make([]int, count)
	for k := range partner {
		partner[k] = -1
	}
	for i := range fits {
		tried := make([]bool, count)
		augment(fits, partner, tried, i)
	}
	return partner
}

func augment(fits [][]int, partner []int, tried []bool, i int) bool {
	for _, k := range fits[i] {
		if tried[k] {
			continue
		}
		tried[k] = true
		if partner[k] < 0 || augment(fits, partner, tried, partner[k]) {
			partner[k] = i
			return true
		}
	}
	return false
}
