package schemadiff

import "strconv"

func (d *diff) arrays(older, newer *node) {
	d.join(d.compare(older.items, newer.items), "/items")
	d.tuples(older, newer)
	d.rest(older, newer, "ADDITIONAL_ITEMS", "/additionalItems")
	d.unevaluated(older, newer, "UNEVALUATED_ITEMS", "/unevaluatedItems")
	d.limits(older, newer, "maxItems", "minItems", "maxContains", "minContains")
	switch {
	case older.unique && !newer.unique:
		d.add(uniqueItemsRemoved, "/uniqueItems")
	case !older.unique && newer.unique:
		d.add(uniqueItemsAdded, "/uniqueItems")
	}
	if newer.contains != nil && (older.contains == nil || !d.passes(d.compare(older.contains, newer.contains))) {
		d.add(beyondContains, "/contains")
	}
}

// tuples compares elements by place. Where one side has more, the content model
// of the other decides.
func (d *diff) tuples(older, newer *node) {
	both := min(len(older.tuple), len(newer.tuple))
	for i := range max(len(older.tuple), len(newer.tuple)) {
		path := "/items/" + strconv.Itoa(i)
		switch {
		case i < both:
			d.join(d.compare(older.tuple[i], newer.tuple[i]), path)
		case i < len(older.tuple):
			d.itemRemoved(newer, older.tuple[i], path)
		default:
			d.itemAdded(older, newer.tuple[i], path)
		}
	}
}

func (d *diff) itemRemoved(newer, was *node, path string) {
	if newer.open() {
		d.add(itemRemovedFromOpen, path)
		return
	}
	if is := newer.covers(""); is != nil {
		changes := d.compare(was, is)
		d.join(changes, path)
		d.add(pick(d.passes(changes), itemRemovedCovered, itemRemovedNotCovered), path)
		return
	}
	d.add(pick(was.kind == nothing, falseItemRemoved, itemRemovedFromClosed), path)
}

func (d *diff) itemAdded(older, is *node, path string) {
	if older.open() {
		d.add(pick(is.kind == anything, emptyItemAddedToOpen, itemAddedToOpen), path)
		return
	}
	was := older.covers("")
	if was == nil {
		d.add(itemAddedToClosed, path)
		return
	}
	changes := d.compare(was, is)
	d.join(changes, path)
	d.add(pick(d.passes(changes), itemAddedCovered, itemAddedNotCovered), path)
}
