package compat

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/lang/diag"
)

// work is one comparison.
type work struct {
	old, now *side
	changes  []Change
	samples  map[string][]string
}

func newWork(old, now *contract.Contract) *work {
	return &work{old: newSide(old), now: newSide(now), samples: map[string][]string{}}
}

// ends returns the side whose records or rows are looked at, and the one whose
// promises they are held to: backward the old version's records against the new
// version, forward the new version's rows against the old.
func (w *work) ends(backward bool) (src, dst *side) {
	if backward {
		return w.old, w.now
	}
	return w.now, w.old
}

// add lists a change whose verdicts are ok until they are set.
func (w *work) add(ch Change) *Change {
	ch.Backward, ch.Forward = Effect{Verdict: OK}, Effect{Verdict: OK}
	w.changes = append(w.changes, ch)
	return &w.changes[len(w.changes)-1]
}

// describes marks a change that no record and no row can show.
func (ch *Change) describes() *Change {
	ch.describing = true
	return ch
}

// set gives a change a verdict in one direction.
func (ch *Change) set(backward bool, v Verdict, p *Proof) {
	who := "reader"
	if backward {
		who = "writer"
	}
	if v == OK {
		who, p = "", nil
	}
	*ch.effect(backward) = Effect{Verdict: v, Who: who, Proof: p}
}

// both gives a change a verdict in both directions.
func (ch *Change) both(v Verdict, p *Proof) {
	ch.set(true, v, p)
	ch.set(false, v, p)
}

// ranges says where a rule of a column is written in both versions.
func ranges(old, now *contract.Column, rule string) (a, b *diag.Range) {
	at := func(c *contract.Column) *diag.Range {
		if c == nil {
			return nil
		}
		r, ok := c.Rules[rule]
		if !ok {
			r = c.Range
		}
		return shown(r)
	}
	return at(old), at(now)
}

// shown is the range where it is one.
func shown(r diag.Range) *diag.Range {
	if r.Filename == "" {
		return nil
	}
	return &r
}

// sameReading reports whether both versions read a value of a column that both
// accept as the same.
func (w *work) sameReading(name string) bool {
	a, okA := w.old.Column(name)
	b, okB := w.now.Column(name)
	return okA && okB && (a.Type.Equal(b.Type) || !w.old.reading.lenient() && !w.now.reading.lenient())
}

// readSame reports whether both versions have all of the columns.
func (w *work) readSame(names []string) bool {
	for _, name := range names {
		_, okA := w.old.Column(name)
		_, okB := w.now.Column(name)
		if !okA || !okB {
			return false
		}
	}
	return true
}
