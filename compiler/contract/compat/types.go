package compat

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
)

// leaf is a place inside a column's type.
type leaf struct {
	column   string
	path     string // as a change has it: "user.tags[]"
	expr     string // as SQL has it
	wrap     func(raw string) string
	top      bool
	old, now *contract.Column
}

// types compares the types of a column, inside nested ones too.
func (w *work) types(old, now *contract.Column) {
	w.typesAt(leaf{column: now.Name, path: now.Name, expr: quoted(now.Name), wrap: func(raw string) string { return raw }, top: true, old: old, now: now}, old.Type, now.Type)
}

// inner is a leaf below l; wrap puts its value into one of l's.
func (l leaf) inner(path, expr string, wrap func(string) string) leaf {
	outer := l.wrap
	l.path, l.expr, l.top = l.path+path, l.expr+expr, false
	l.wrap = func(raw string) string { return outer(wrap(raw)) }
	return l
}

func (w *work) typesAt(l leaf, a, b types.Type) {
	switch {
	case a.Equal(b):
	case a.Kind == b.Kind && a.Kind == types.List:
		w.typesAt(l.inner("[]", "[1]", func(raw string) string { return "[" + raw + "]" }), *a.Elem, *b.Elem)
	case a.Kind == b.Kind && a.Kind == types.Map:
		w.typesAt(l.inner("[*]", "['k']", func(raw string) string { return `{"k": ` + raw + "}" }), *a.Elem, *b.Elem)
	case a.Kind == b.Kind && a.Kind == types.Struct:
		w.fields(l, a, b)
	default:
		w.typeChanged(l, a, b)
	}
}

// fields compares the fields of two structs.
func (w *work) fields(l leaf, a, b types.Type) {
	at := func(name string) leaf {
		return l.inner("."+name, "."+quoted(name), func(raw string) string { return "{" + quote(name) + ": " + raw + "}" })
	}
	var kept, stand []string
	for _, f := range b.Fields {
		if old, ok := fieldOf(a, f.Name); ok {
			w.typesAt(at(f.Name), old, f.Type)
			stand = append(stand, f.Name)
			continue
		}
		in := at(f.Name)
		ch := w.change(in, FieldAdded, "field added", "", f.Type.String())
		if !refusesUnknown(w.old.UnknownColumns) {
			if p := w.among(true, l.column, in.values(types.Type{}, f.Type), contract.ColumnRule(l.column, contract.RuleType)); p != nil {
				ch.set(true, Warns, p)
			}
		}
	}
	for _, f := range a.Fields {
		if _, ok := fieldOf(b, f.Name); ok {
			kept = append(kept, f.Name)
			continue
		}
		in := at(f.Name)
		ch := w.change(in, FieldRemoved, "field removed", f.Type.String(), "")
		ch.set(false, Breaks, w.selecting(in.expr, "the query finds no such field"))
		if refusesUnknown(w.now.UnknownColumns) {
			ch.set(true, Breaks, orNone(w.among(true, l.column, in.values(f.Type, types.Type{}), contract.ColumnRule(l.column, contract.RuleType))))
		}
	}
	if !slices.Equal(kept, stand) {
		w.change(l, FieldMoved, "the fields stand in another order", a.String(), b.String()).describes()
	}
}

func fieldOf(t types.Type, name string) (types.Type, bool) {
	for _, f := range t.Fields {
		if f.Name == name {
			return f.Type, true
		}
	}
	return types.Type{}, false
}

func (w *work) change(l leaf, rule Rule, text, old, now string) *Change {
	ch := Change{Path: l.path, Rule: rule, Text: text, Old: old, New: now}
	ch.OldRange, ch.NewRange = ranges(l.old, l.now, contract.RuleType)
	return w.add(ch)
}

// values are samples of two types at the leaf, nothing else in the column.
func (l leaf) values(a, b types.Type) []string {
	s := &samples{seen: map[string]bool{}}
	for _, t := range []types.Type{a, b} {
		s.add(plain(t, 0)...)
		s.add(odd(t)...)
	}
	s.add(`"x"`, "12", `"12"`, "1.5", "12.0", "true", "{}", "[]", `"\u0000"`)
	for i, raw := range s.list {
		s.list[i] = l.wrap(raw)
	}
	return s.list
}

// among is search over given samples alone.
func (w *work) among(backward bool, name string, raws []string, rules ...string) *Proof {
	s, d := w.ends(backward)
	src, okA := s.Column(name)
	dst, okB := d.Column(name)
	if !okA || !okB {
		return nil
	}
	for _, raw := range raws {
		rule, refused := w.refusal(backward, src, dst, raw)
		if !refused || len(rules) > 0 && !oneOf(rules, rule) {
			continue
		}
		if r, ok := w.embed(s, name, raw); ok {
			return w.shows(backward, rule, r)
		}
	}
	return nil
}

// typeChanged judges a type that became another: wider, narrower or neither.
func (w *work) typeChanged(l leaf, a, b types.Type) {
	rule := contract.ColumnRule(l.column, contract.RuleType)
	find := func(backward bool) *Proof {
		raws := l.values(a, b)
		if l.top {
			raws = append(raws, w.samplesOf(l.column)...)
		}
		return w.among(backward, l.column, raws, rule)
	}
	reads := func() *Proof {
		if p := find(false); p != nil {
			return p
		}
		return w.selecting(l.expr, "the query gives "+b.String()+", and "+a.String()+" was promised")
	}
	switch {
	case types.Widens(a, b):
		w.change(l, TypeWidened, "type widened", a.String(), b.String()).set(false, Breaks, reads())
	case types.Widens(b, a):
		ch := w.change(l, TypeNarrowed, "type narrowed", a.String(), b.String())
		if !l.top || !w.narrowFits(l.old, b) {
			ch.set(true, Breaks, orNone(find(true)))
		}
	default:
		ch := w.change(l, TypeChanged, "type changed", a.String(), b.String())
		p := find(true)
		if p == nil {
			p = none("every value that was tried is still read, but as another type, which is no widening")
		}
		ch.set(true, Breaks, p)
		ch.set(false, Breaks, reads())
	}
}

// narrowFits reports whether a column's own bounds keep all of its values within
// a narrower type that reads the same texts.
func (w *work) narrowFits(old *contract.Column, to types.Type) bool {
	sameForm := old.Type.IsInteger() && to.IsInteger() || old.Type.Kind == types.Decimal && to.Kind == types.Decimal && old.Type.Scale == to.Scale
	iv := w.old.interval(old)
	lo, hi := extremes(to)
	return sameForm && iv.lo != nil && iv.hi != nil && iv.lo.Cmp(lo) >= 0 && iv.hi.Cmp(hi) <= 0
}
