package planner

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lineage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
)

// seed is a table that a step changes, with what of it.
type seed struct {
	table  addr.Address
	of     addr.Address // what it has the change from: a contract, a source; the table itself where that changed
	change lineage.Change
	added  []string // columns that come
	lost   []loss
	gone   bool // the table goes away
}

// loss is a column that a reader can no longer have as it had it.
type loss struct {
	column  string
	removed bool
	from    string // its type before
	to      string // and after
}

// planDownstream tells, at each step that changes a definition which was applied,
// what that comes to. A stream that changes only because its contract does is told
// of at the contract.
func (b *builder) planDownstream() {
	var d *downstream
	for _, id := range sortedKeys(b.steps) {
		s := b.steps[id]
		if s.Action != plan.Update && s.Action != plan.Replace && s.Action != plan.Destroy {
			continue
		}
		if d == nil {
			d = newDownstream(b)
		}
		if seeds := d.seeds(s); len(seeds) > 0 {
			s.Downstream, s.DownstreamMore = d.follow(s, seeds)
		}
	}
}

// downstream finds what reads what, in what was applied and in the program.
type downstream struct {
	b       *builder
	readers map[addr.Address][]addr.Address // of a table: models, and who references it
	holders map[addr.Address][]addr.Address // of a contract: streams, models and externals
	loads   map[addr.Address][]addr.Address // of a source: streams
}

func newDownstream(b *builder) *downstream {
	d := &downstream{b: b, readers: map[addr.Address][]addr.Address{}, holders: map[addr.Address][]addr.Address{}, loads: map[addr.Address][]addr.Address{}}
	note := func(m map[addr.Address][]addr.Address, key, a addr.Address) {
		if !key.IsZero() && b.was(a) != nil { // what is made by this plan was not there to be reached
			m[key] = append(m[key], a)
		}
	}
	look := func(n *program.Node, was bool) {
		held := n.HeldTo()
		note(d.holders, held, n.Address)
		if n.Stream != nil {
			note(d.loads, b.pipelineOf(n.Address, was).From, n.Address)
		}
		if n.Model != nil {
			for _, in := range lineage.Inputs(n.Model) {
				note(d.readers, in, n.Address)
			}
		}
		if n.External == nil {
			for _, ref := range b.references(held, was) {
				note(d.readers, ref.Target, n.Address)
			}
		}
	}
	for _, n := range b.program.Nodes {
		look(n, false)
	}
	for _, n := range b.applied() {
		look(n, true)
	}
	for _, m := range []map[addr.Address][]addr.Address{d.readers, d.holders, d.loads} {
		for key := range m {
			m[key] = sortedAddresses(m[key])
		}
	}
	return d
}

// references are the columns of other tables that a contract's columns refer to.
func (b *builder) references(c addr.Address, was bool) []*contract.Reference {
	n := b.node(c)
	if was {
		n = b.wasNode(c)
	}
	if n == nil || n.Contract == nil {
		return nil
	}
	var out []*contract.Reference
	for i := range n.Contract.Columns {
		if ref := n.Contract.Columns[i].References; ref != nil {
			out = append(out, ref)
		}
	}
	return out
}

// seeds are the tables that a step changes.
func (d *downstream) seeds(s *plan.Step) []seed {
	old, now := d.b.wasNode(s.Address), d.b.node(s.Address)
	if s.Action == plan.Destroy {
		now = nil
	}
	if old == nil {
		return nil
	}
	if now == nil {
		switch {
		case old.Stream != nil, old.Model != nil, old.External != nil:
			return []seed{{table: s.Address, of: s.Address, change: lineage.Change{Rows: true}, gone: true}}
		}
		return nil
	}
	switch {
	case now.Contract != nil:
		return d.contractSeeds(s.Address, old.Contract, now.Contract)
	case now.Source != nil && changesData(old, now):
		return d.all(s.Address, d.loads[s.Address])
	case now.Pipeline != nil && (old.Pipeline.From != now.Pipeline.From || old.Pipeline.To != now.Pipeline.To):
		return d.all(s.Address, d.loads[now.Pipeline.From])
	case now.Stream != nil:
		return d.streamSeeds(s, old, now)
	case now.Model != nil:
		return modelSeeds(s.Address, old, now)
	case now.External != nil:
		return d.all(s.Address, []addr.Address{s.Address})
	}
	return nil
}

// all are tables whose rows may be any others.
func (d *downstream) all(of addr.Address, tables []addr.Address) []seed {
	var out []seed
	for _, t := range tables {
		if of.Kind != addr.Pipeline || t.Base() == of {
			out = append(out, seed{table: t, of: of, change: lineage.Change{Rows: true}})
		}
	}
	return out
}

// contractSeeds are the tables that are held to a contract.
func (d *downstream) contractSeeds(at addr.Address, old, now *contract.Contract) []seed {
	made := columnChange(old.Columns, now.Columns)
	made.change.Rows = acceptsOthers(old, now)
	if program.SetFingerprint(old) == program.SetFingerprint(now) && made.nothing() {
		return nil
	}
	var out []seed
	for _, t := range d.holders[at] {
		next := made
		next.table, next.of = t, at
		out = append(out, next)
	}
	return out
}

// nothing reports whether no reader can tell the difference.
func (s *seed) nothing() bool {
	return !s.change.Rows && !s.change.Shape && len(s.change.Columns) == 0
}

// columnChange compares the columns of two versions of a table.
func columnChange(old, now []contract.Column) seed {
	out := seed{change: lineage.Change{Columns: map[string]bool{}}}
	after, before := map[string]contract.Column{}, map[string]bool{}
	for _, c := range now {
		after[strings.ToLower(c.Name)] = c
	}
	for _, c := range old {
		low := strings.ToLower(c.Name)
		before[low] = true
		next, kept := after[low]
		switch {
		case !kept:
			out.lost = append(out.lost, loss{column: c.Name, removed: true})
			out.change.Shape = true
		case !next.Type.Equal(c.Type):
			out.lost = append(out.lost, loss{column: c.Name, from: c.Type.String(), to: next.Type.String()})
		case next.Required == c.Required:
			continue
		}
		out.change.Columns[low] = true
	}
	for _, c := range now {
		if !before[strings.ToLower(c.Name)] {
			out.added = append(out.added, c.Name)
			out.change.Shape = true
		}
	}
	return out
}

// acceptsOthers reports whether two versions of a contract differ in which records
// they take, or in what they make of them, apart from columns that only one of
// them has or that have another type.
func acceptsOthers(old, now *contract.Contract) bool {
	common := func(c, other *contract.Contract) *program.Node {
		out := *c
		out.Name, out.Version = "", 0
		out.Columns = slices.DeleteFunc(slices.Clone(c.Columns), func(col contract.Column) bool {
			o, there := other.Column(col.Name)
			return !there || !o.Type.Equal(col.Type)
		})
		if out.Schema != nil && len(out.Schema.Residue) == 0 {
			out.Schema = nil
		}
		for i := range out.Columns {
			out.Columns[i].Required = false // told by the column
		}
		return &program.Node{Contract: &out}
	}
	return changesData(common(old, now), common(now, old))
}

// streamSeeds is the table of a stream whose own definition changed.
func (d *downstream) streamSeeds(s *plan.Step, old, now *program.Node) []seed {
	if same(old, now) && s.Action != plan.Replace {
		return nil
	}
	out := seed{table: s.Address, of: s.Address, change: lineage.Change{Columns: map[string]bool{}}}
	oldC, nowC := d.b.wasNode(old.Stream.Contract), d.b.node(now.Stream.Contract)
	if old.Stream.Contract != now.Stream.Contract && oldC != nil && nowC != nil && oldC.Contract != nil && nowC.Contract != nil {
		out = columnChange(oldC.Contract.Columns, nowC.Contract.Columns)
		out.table, out.of, out.change.Rows = s.Address, s.Address, acceptsOthers(oldC.Contract, nowC.Contract)
	}
	out.change.Rows = out.change.Rows || s.Action == plan.Replace || changesData(withoutMap(old, now), withoutMap(now, now))
	if nowC != nil && nowC.Contract != nil {
		values, rows := mapChange(old.Stream.Map, now.Stream.Map, nowC.Contract.Columns)
		out.change.Add(lineage.Change{Columns: values, Rows: rows})
	}
	if out.nothing() {
		return nil
	}
	return []seed{out}
}

// withoutMap is a stream without its map and contract, which are compared by
// themselves, under the name that it has now.
func withoutMap(n, now *program.Node) *program.Node {
	out, s := *n, *n.Stream
	s.Map, s.Contract, s.Schema, s.Table = nil, addr.Address{}, now.Stream.Schema, now.Stream.Table
	out.Stream = &s
	return &out
}

// mapChange compares two maps: the columns whose values are made in another way,
// and whether other records pass.
func mapChange(old, now *program.Map, columns []contract.Column) (values map[string]bool, rows bool) {
	values = map[string]bool{}
	for i := range columns {
		name := columns[i].Name
		if mapped(old, name) != mapped(now, name) {
			values[strings.ToLower(name)] = true
		}
	}
	return values, filterOf(old) != filterOf(now)
}

// mapped writes how a map makes a column: by an expression, from the record's
// member of that name, or not at all.
func mapped(m *program.Map, column string) string {
	if m == nil {
		return "as it comes"
	}
	for i := range m.Columns {
		if m.Columns[i].Name == column {
			return exprText(m.Columns[i].Value)
		}
	}
	if m.Only || slices.Contains(m.Drop, column) {
		return "null"
	}
	return "as it comes"
}

func filterOf(m *program.Map) string {
	if m == nil || m.Filter == nil {
		return ""
	}
	return exprText(m.Filter)
}

// exprText writes a row expression so that two that mean the same are equal.
func exprText(v any) string {
	var b strings.Builder
	writeExpr(&b, program.Plain(v))
	return b.String()
}

// modelSeeds is the table of a model whose own definition changed. What its query
// computes is not compared column by column: all of it may be other.
func modelSeeds(at addr.Address, old, now *program.Node) []seed {
	if same(old, now) || !changesData(old, now) {
		return nil
	}
	out := columnChange(old.Model.Columns, now.Model.Columns)
	out.table, out.of, out.change.Rows = at, at, changesData(withoutColumns(old), withoutColumns(now))
	if out.nothing() {
		return nil
	}
	return []seed{out}
}

// withoutColumns is a model without what its inputs give its columns.
func withoutColumns(n *program.Node) *program.Node {
	out, m := *n, *n.Model
	m.Columns = nil
	out.Model = &m
	return &out
}
