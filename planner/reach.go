package planner

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/lineage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
)

// touched is what is known of one address that a change comes to.
type touched struct {
	distance int
	change   lineage.Change
	reads    map[addr.Address]map[string]bool
	columns  map[string]bool
	opaque   map[string]bool
	rows     bool
	verdict  compat.Verdict
	why      []string
}

// walk follows the changes of one step.
type walk struct {
	d     *downstream
	step  *plan.Step
	seeds map[addr.Address]*seed
	found map[addr.Address]*touched
	queue []addr.Address
}

// follow lists everything that the seeds come to.
func (d *downstream) follow(s *plan.Step, seeds []seed) (list []plan.Reach, more int) {
	w := &walk{d: d, step: s, seeds: map[addr.Address]*seed{}, found: map[addr.Address]*touched{}}
	for i := range seeds {
		sd := &seeds[i]
		w.seeds[sd.table] = sd
		t := w.at(sd.table, 0)
		t.change.Add(sd.change)
		if sd.of != sd.table {
			w.holds(t, sd)
		}
		w.queue = append(w.queue, sd.table)
	}
	for len(w.queue) > 0 {
		table := w.queue[0]
		w.queue = w.queue[1:]
		for _, reader := range d.readers[table] {
			w.visit(table, reader)
		}
	}
	for a := range w.found {
		if d.fate(a) == plan.FateDestroyed {
			delete(w.found, a) // it is not there any more to be reached
		}
	}
	for _, sd := range seeds {
		if external := d.b.node(sd.table); sd.of == sd.table || external != nil && external.External != nil {
			delete(w.found, sd.table) // the step's own, or nothing of ours
		}
	}
	return w.list()
}

func (w *walk) at(a addr.Address, distance int) *touched {
	t := w.found[a]
	if t == nil {
		t = &touched{distance: distance, reads: map[addr.Address]map[string]bool{}, columns: map[string]bool{}, opaque: map[string]bool{}, verdict: compat.OK}
		w.found[a] = t
	}
	return t
}

// holds notes that a table is held to a contract, or loaded from a source, that
// changes.
func (w *walk) holds(t *touched, sd *seed) {
	t.note(sd.of)
	for name := range sd.change.Columns {
		t.reads[sd.of][w.spelled(sd, name)] = true
	}
	for _, name := range sd.added {
		t.reads[sd.of][name] = true
	}
	t.rows = sd.change.Rows
}

// spelled is a column as the contract writes it.
func (w *walk) spelled(sd *seed, low string) string {
	for _, n := range []*program.Node{w.d.b.node(sd.of), w.d.b.wasNode(sd.of)} {
		if n == nil || n.Contract == nil {
			continue
		}
		for i := range n.Contract.Columns {
			if strings.EqualFold(n.Contract.Columns[i].Name, low) {
				return n.Contract.Columns[i].Name
			}
		}
	}
	return low
}

func (t *touched) note(of addr.Address) {
	if t.reads[of] == nil {
		t.reads[of] = map[string]bool{}
	}
}

// visit works out what a reader has to do with the change of a table.
func (w *walk) visit(table, reader addr.Address) {
	change := w.found[table].change
	distance := w.found[table].distance + 1
	var next lineage.Change
	for _, m := range w.d.models(reader) {
		u := lineage.UseOf(m, table, change)
		if !u.Reached() {
			continue
		}
		t := w.at(reader, distance)
		t.note(table)
		for _, c := range u.Reads {
			t.reads[table][c] = true
		}
		for _, c := range u.Columns {
			t.columns[c] = true
		}
		for _, why := range u.Opaque {
			t.opaque[why] = true
		}
		t.rows = t.rows || u.Rows
		next.Add(u.Change())
	}
	w.references(table, reader, change, distance)
	if sd := w.seeds[table]; sd != nil && w.found[reader] != nil {
		w.judge(sd, reader)
	}
	if t := w.found[reader]; t != nil && t.change.Add(next) && reader != table {
		w.queue = append(w.queue, reader)
	}
}

// references notes that a table's audit looks columns up in one that changes.
func (w *walk) references(table, reader addr.Address, change lineage.Change, distance int) {
	for _, was := range []bool{true, false} {
		n := w.d.b.node(reader)
		if was {
			n = w.d.b.wasNode(reader)
		}
		if n == nil {
			continue
		}
		for _, ref := range w.d.b.references(n.HeldTo(), was) {
			if ref.Target == table && (change.Rows || change.Columns[strings.ToLower(ref.Column)]) {
				t := w.at(reader, distance)
				t.note(table)
				t.reads[table][ref.Column] = true
			}
		}
	}
}

// models are the definitions of a reader that count: as it was applied and as it
// is in the program. Where what it read before was not recorded, the program
// speaks for both.
func (d *downstream) models(a addr.Address) []*program.Model {
	now, was := d.b.node(a), d.b.wasNode(a)
	switch {
	case was == nil || was.Model == nil:
		return nil
	case now == nil || now.Model == nil:
		return []*program.Model{was.Model}
	case now.Model.Lineage != nil && was.Model.Lineage == nil:
		return []*program.Model{now.Model}
	default:
		return []*program.Model{was.Model, now.Model}
	}
}

// judge says whether a direct reader loses what it read. What the program still
// has was bound against the new columns when it was compiled.
func (w *walk) judge(sd *seed, reader addr.Address) {
	t := w.found[reader]
	then := w.d.fate(reader)
	moves := then != plan.FateUntouched && then != plan.FateExcluded && w.d.b.steps[reader.String()] != nil
	compiled := w.d.b.node(reader) != nil && then != plan.FateExcluded
	if sd.gone {
		if moves {
			t.say(compat.OK, "read %s until now", sd.table)
		} else {
			t.say(compat.Breaks, "reads %s, which goes away", sd.table)
		}
		return
	}
	for _, l := range sd.lost {
		reads, certain := w.readsColumn(t, sd.table, l.column)
		rule := w.rule(l.column)
		switch {
		case !reads:
		case l.removed && moves:
			t.say(compat.OK, "read %s until now, which is removed%s", l.column, rule)
		case l.removed && !certain && compiled:
			t.say(compat.Warns, "may read %s, which is removed%s", l.column, rule)
		case l.removed:
			t.say(compat.Breaks, "reads %s, which is removed%s", l.column, rule)
		case !certain:
			t.say(compat.Warns, "may read %s, whose type changes from %s to %s%s", l.column, l.from, l.to, rule)
		case compiled:
			t.say(compat.Warns, "reads %s, whose type changes from %s to %s%s; it was checked with the new type", l.column, l.from, l.to, rule)
		default:
			t.say(compat.Breaks, "reads %s, whose type changes from %s to %s%s", l.column, l.from, l.to, rule)
		}
	}
}

// readsColumn reports whether a reader was found to read a column, and whether
// that is certain.
func (w *walk) readsColumn(t *touched, table addr.Address, column string) (reads, certain bool) {
	for c := range t.reads[table] {
		if strings.EqualFold(c, column) {
			return true, true
		}
		reads = reads || c == program.AnyColumn
	}
	return reads, false
}

// rule names the rule of compatibility by which a column of the step's contract
// breaks its readers.
func (w *walk) rule(column string) string {
	if w.step.Compat == nil {
		return ""
	}
	for _, c := range w.step.Compat.Changes {
		if strings.EqualFold(c.Path, column) && c.Forward.Verdict != compat.OK {
			return fmt.Sprintf(" (%s)", c.Rule)
		}
	}
	return ""
}

func (t *touched) say(v compat.Verdict, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if slices.Contains(t.why, text) {
		return
	}
	t.why = append(t.why, text)
	if weight(v) < weight(t.verdict) {
		t.verdict = v
	}
}

// weight sorts verdicts, the gravest first.
func weight(v compat.Verdict) int {
	return slices.Index([]compat.Verdict{compat.Breaks, compat.Warns, compat.OK}, v)
}

// fate is what the plan does with an address.
func (d *downstream) fate(a addr.Address) plan.Fate {
	b := d.b
	if s := b.steps[a.String()]; s != nil {
		switch {
		case s.Action == plan.Destroy:
			return plan.FateDestroyed
		case s.Action == plan.Replace || s.Action == plan.Create:
			return plan.FateReplaced
		case b.steps[a.String()+runSuffix] == nil:
			return plan.FateUpdated
		}
	}
	if !b.selection.has(a) {
		return plan.FateExcluded
	}
	id := a
	if a.Stream != "" {
		id = a.Base()
	}
	run := b.steps[id.String()+runSuffix]
	if run != nil && a.Stream != "" {
		if op, ok := run.Do.(*plan.RunPipeline); ok && !slices.Contains(op.Streams, a) {
			run = nil
		}
	}
	switch n := b.node(a); {
	case run != nil && (run.Action == plan.Poll || a.Stream != "" && b.effect[a.String()] == mayChange):
		return plan.FatePolled
	case run != nil:
		return plan.FateRun
	case b.steps[a.String()] != nil:
		return plan.FateUpdated
	case n != nil && n.Model != nil && n.Model.Materialized == "view":
		return plan.FateShown
	default:
		return plan.FateUntouched
	}
}

// list puts the result in order: what breaks first, then by distance and address.
func (w *walk) list() (out []plan.Reach, more int) {
	keys := slices.SortedFunc(maps.Keys(w.found), func(x, y addr.Address) int {
		a, b := w.found[x], w.found[y]
		return cmp.Or(cmp.Compare(weight(a.verdict), weight(b.verdict)), cmp.Compare(a.distance, b.distance), addr.Compare(x, y))
	})
	if len(keys) > plan.ReachLimit {
		keys, more = keys[:plan.ReachLimit], len(keys)-plan.ReachLimit
	}
	for _, a := range keys {
		t := w.found[a]
		r := plan.Reach{Address: a, Columns: w.d.inOrder(a, t.columns), Rows: t.rows, Opaque: sortedKeys(t.opaque),
			Verdict: t.verdict, Why: t.why, Then: w.d.fate(a)}
		for _, of := range slices.SortedFunc(maps.Keys(t.reads), addr.Compare) {
			r.Reads = append(r.Reads, plan.Read{Of: of, Columns: sortedKeys(t.reads[of])})
		}
		out = append(out, r)
	}
	return out, more
}

// inOrder lists columns in the order of the table.
func (d *downstream) inOrder(a addr.Address, columns map[string]bool) []string {
	var out []string
	for _, m := range d.models(a) {
		for _, c := range m.Columns {
			if columns[c.Name] && !slices.Contains(out, c.Name) {
				out = append(out, c.Name)
			}
		}
	}
	return out
}
