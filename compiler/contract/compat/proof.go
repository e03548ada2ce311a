package compat

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/contract"
)

// tries bounds how many rows are made up for one proof.
const tries = 4000

// plainRecord is a record that the side accepts, as short as can be; false where
// none was found.
func (w *work) plainRecord(s *side) (record, bool) {
	if s.tried {
		if s.plain == nil {
			return record{}, false
		}
		return *s.plain, true
	}
	s.tried = true
	r := w.needed(s, "")
	out, ok := w.mend(s, r, "")
	if ok {
		s.plain = &out
	}
	return out, ok
}

// needed is a record with values in the columns that cannot do without, all but
// one.
func (w *work) needed(s *side, but string) record {
	r := newRecord()
	for i := range s.Columns {
		c := &s.Columns[i]
		if _, _, ok := s.take(c, ""); ok == yes || c.Name == but {
			continue
		}
		for _, raw := range w.samplesOf(c.Name) {
			if _, _, ok := s.take(c, raw); ok == yes {
				r = r.with(c.Name, raw)
				break
			}
		}
	}
	return r
}

// mend changes the columns that the row's checks read, all but one, until the
// side accepts the record.
func (w *work) mend(s *side, r record, but string) (record, bool) {
	if _, _, ok := s.accept(r); ok == yes {
		return r, true
	}
	var names []string
	seen := map[string]bool{but: true}
	for _, f := range s.conjuncts() {
		for _, name := range f.reads {
			if f.value == "" && !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 || len(names) > 6 {
		return r, false
	}
	found, ok := r, false
	w.product(s, names, r, func(try record) bool {
		if _, _, t := s.accept(try); t == yes {
			found, ok = try, true
		}
		return ok
	})
	return found, ok
}

// product tries all combinations of the columns' samples that the side takes,
// absence too, until stop says so or the tries are used up.
func (w *work) product(s *side, names []string, r record, stop func(record) bool) {
	lists := make([][]string, len(names))
	for i, name := range names {
		c, ok := s.Column(name)
		if !ok {
			lists[i] = []string{""}
			if !refusesUnknown(s.UnknownColumns) { // a member that nobody looks at
				lists[i] = append(lists[i], w.samplesOf(name)...)
			}
			continue
		}
		for _, raw := range append([]string{r.values[name]}, w.samplesOf(name)...) {
			if _, _, t := s.take(c, raw); t != no {
				lists[i] = append(lists[i], raw)
			}
		}
		if _, _, t := s.take(c, ""); t != no {
			lists[i] = append(lists[i], "")
		}
		if len(lists[i]) == 0 {
			return
		}
	}
	budget := max(tries/max(1, len(s.Columns)/20), 200)
	at := make([]int, len(names))
	for n := 0; n < budget; n++ {
		try := r
		for i, name := range names {
			try = try.with(name, lists[i][at[i]])
		}
		if stop(try) {
			return
		}
		i := 0
		for ; i < len(at); i++ {
			if at[i]++; at[i] < len(lists[i]) {
				break
			}
			at[i] = 0
		}
		if i == len(at) {
			return
		}
	}
}

// embed makes a record with a member that the side accepts as a whole. raw "" is a
// record without it.
func (w *work) embed(s *side, name, raw string) (record, bool) {
	r, ok := w.plainRecord(s)
	if !ok {
		r = w.needed(s, name)
	}
	if c, there := s.Column(name); ok && there && !s.inRow(name) {
		_, _, t := s.take(c, raw)
		return r.with(name, raw), t == yes
	}
	return w.mend(s, r.with(name, raw), name)
}

// refusal holds one member to the other side: backward the text of the record,
// forward the value that was read from it.
func (w *work) refusal(backward bool, src, dst *contract.Column, raw string) (rule string, refused bool) {
	s, d := w.ends(backward)
	v, _, ok := s.take(src, raw)
	if ok != yes {
		return "", false
	}
	var t tri
	if backward {
		_, rule, t = d.take(dst, raw)
		return rule, t == no
	}
	fits := yes
	if !src.Type.Equal(dst.Type) {
		v, fits = reread(v, dst.Type)
	}
	if fits == yes {
		rule, t = d.keeps(dst, v)
		return rule, t == no
	}
	return contract.ColumnRule(dst.Name, contract.RuleType), fits == no
}

// search looks for a record that the source of a direction accepts and whose
// member of a column the other side refuses, by one of the rules where some are
// named. extra are samples to try first.
func (w *work) search(backward bool, name string, extra []string, rules ...string) *Proof {
	s, d := w.ends(backward)
	src, okA := s.Column(name)
	dst, okB := d.Column(name)
	if !okA || !okB {
		return nil
	}
	embeds := 0
	for _, raw := range append(append(extra, w.samplesOf(name)...), "") {
		rule, refused := w.refusal(backward, src, dst, raw)
		if !refused || len(rules) > 0 && !oneOf(rules, rule) {
			continue
		}
		if r, ok := w.embed(s, name, raw); ok {
			return w.shows(backward, rule, r)
		}
		if embeds++; embeds > 20 {
			return nil
		}
	}
	return nil
}

func oneOf(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// shows makes the proof of a record that one side accepts and the other refuses.
func (w *work) shows(backward bool, rule string, r record) *Proof {
	p := &Proof{Records: []string{r.String()}, Rule: rule}
	if backward {
		p.Text = fmt.Sprintf("the old version accepts this record, and the new one refuses it by %s", rule)
	} else {
		p.Text = fmt.Sprintf("the new version accepts this record, and its row is one that %s of the old version ruled out", rule)
	}
	return p
}

// none is the proof that there is none.
func none(format string, args ...any) *Proof { return &Proof{Text: fmt.Sprintf(format, args...)} }

// notFound says that the rules call it a break and that no record was found.
func notFound() *Proof {
	return none("no record was found that shows it, and none that rules it out")
}

// orNone is the proof, or the word that there is none.
func orNone(p *Proof) *Proof {
	if p == nil {
		return notFound()
	}
	return p
}

// quoted is a name as SQL quotes it where it must.
func quoted(name string) string {
	for i, r := range name {
		if !(r == '_' || r >= 'a' && r <= 'z' || i > 0 && r >= '0' && r <= '9') {
			return `"` + name + `"`
		}
	}
	return name
}

// selecting is the proof of a column that readers lose or get as another type.
func (w *work) selecting(expr, what string) *Proof {
	return &Proof{Query: fmt.Sprintf("select %s from %s", expr, quoted(w.old.Name)), Text: what}
}
