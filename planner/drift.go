package planner

import (
	"fmt"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// drifting gathers how one stream or model version differs from what was applied.
type drifting struct {
	n      *program.Node
	was    *state.Node
	drift  plan.Drift
	alters []plan.ColumnAlter
	gone   bool // the rows are: the table has to be made anew
}

func (d *drifting) because(code plan.ReasonCode, format string, args ...any) {
	d.drift.Reasons = append(d.drift.Reasons, because(code, fmt.Sprintf(format, args...), addr.Address{}))
}

func (d *drifting) mends(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(d.drift.Mends, text) {
		d.drift.Mends = append(d.drift.Mends, text)
	}
}

func (d *drifting) changes(action plan.Action, path string, live, applied string) {
	c := plan.Change{Path: path, Action: action, New: &applied}
	if action != plan.Create {
		c.Old = &live
	}
	d.drift.Changes = append(d.drift.Changes, c)
}

// hasTable reports whether a table stands behind the published names.
func (d *drifting) hasTable() bool {
	return d.was.Definition.Stream != nil || d.was.Definition.Model.Materialized == "table"
}

// planDrift compares a stream or model version with what stands under its names,
// and makes the step that mends what differs.
func (b *builder) planDrift(n *program.Node, live state.LiveTable) {
	d := &drifting{n: n, was: b.was(n.Address)}
	if d.was == nil || (d.was.Data == nil && d.was.Build == "" && live.Missing) {
		return
	}
	if b.movedThere(n) {
		return
	}
	if s := b.steps[n.Address.String()]; s != nil && s.Action != plan.Update {
		return // its table is made anew, or given up, whatever stands there
	}
	switch {
	case live.Missing:
		d.because(plan.DatabaseMissing, "the database is not there")
		d.gone = true
	default:
		if d.was.Database != "" && live.Database != d.was.Database {
			d.because(plan.DatabaseReplaced, "another database stands in the place of the one that was applied to")
		}
		if !b.compareNames(d, live) {
			return
		}
	}
	if len(d.drift.Reasons) > 0 {
		b.mend(d)
	}
}

// movedThere reports whether the destination calls an address by its new name already,
// while the state has its old one: an apply was stopped in between, and moving again
// completes it.
func (b *builder) movedThere(n *program.Node) bool {
	if b.follow == nil || b.follow.before[n.Address] == nil {
		return false
	}
	key := n.Address.String()
	ours := func(name state.LiveName) bool {
		return name.Project == b.program.Project && name.Environment == b.program.Environment.Name && name.Owner == key
	}
	return slices.ContainsFunc(b.prior.Live.Tables[key].Names, ours) || slices.ContainsFunc(b.prior.Live.Wanted[key].Names, ours)
}

// compareNames compares each published name. It returns false where nothing can be
// planned, and a diagnostic tells why.
func (b *builder) compareNames(d *drifting, live state.LiveTable) bool {
	asked := b.standing(d.n.Address)
	for i, name := range live.Names[:min(len(live.Names), len(asked))] {
		shown := name.Schema + "." + name.Name
		owner := asked[i].Owner.String()
		ours := name.Project == b.program.Project && name.Environment == b.program.Environment.Name && name.Owner == owner
		lost := func(what, out string) bool {
			b.diags.Add(diag.New(diag.NameLost, "%s published %s. %s %s", d.n.Address, shown, what, out).At(d.n.Range).For(d.n.Address.String()))
			return false
		}
		switch {
		case ours && name.Kind == state.LiveRelation:
			return lost("A table that headgate did not make stands there now, in the place of the view.", "Rename or drop it, then plan again.")
		case name.Owner != "" && !ours:
			return lost(fmt.Sprintf("By the records in headgate_meta it belongs to %s of the project %q, environment %q.", name.Owner, name.Project, name.Environment),
				"Publish under another name or schema, or destroy that one first.")
		case name.Owner == "" && name.Kind != "":
			return lost("What headgate knew of it is gone from headgate_meta, and "+describeKind(name)+" of that name stands there.",
				"Restore the row of headgate_meta (or the database) from a backup. Or rename or drop what stands there: the next apply makes it anew and loads it from its source.")
		case i == 0 && d.hasTable() && !name.Table:
			d.gone = true
			d.because(plan.TableDropped, "the table behind %s is gone, and its rows with it", shown)
		case name.Kind == "":
			d.because(plan.ViewDropped, "%s is gone", shown)
			d.mends("apply publishes %s again", shown)
		case name.Changed:
			d.because(plan.ViewReplaced, "%s is not the view that headgate made", shown)
			d.changes(plan.Update, fmt.Sprintf("view %q", shown), name.Query, name.Made)
			d.mends("apply puts headgate's view in its place")
		}
		if i == 0 && name.Table {
			b.compareColumns(d, name)
		}
	}
	return true
}

// appliedColumns are the columns of a table under a contract that was applied,
// those that evolve added included.
func appliedColumns(c *contract.Contract, evolved []contract.Column) []contract.Column {
	out := tableColumns(c)
	for _, e := range evolved {
		if !slices.ContainsFunc(out, func(c contract.Column) bool { return c.Name == e.Name }) {
			out = append(out, contract.Column{Name: e.Name, Type: e.Type})
		}
	}
	return out
}

// columnsOf are the columns of a stream or model as a node says, nil where its
// contract is not known.
func columnsOf(n *program.Node, find func(addr.Address) *program.Node, evolved []contract.Column) []contract.Column {
	if n.Model != nil {
		return n.Model.Columns
	}
	if c := find(n.Stream.Contract); c != nil && c.Contract != nil {
		return appliedColumns(c.Contract, evolved)
	}
	return nil
}

// compareColumns compares the table behind with what was applied, and with the
// columns that headgate left it with. What the program wants by now is right too:
// an apply that was cut short may have got so far.
func (b *builder) compareColumns(d *drifting, name state.LiveName) {
	applied, wanted := columnsOf(d.was.Definition, b.wasNode, d.was.Evolved), columnsOf(d.n, b.node, d.was.Evolved)
	left := columnsByName(name.Left)
	live := columnsByName(name.Columns)
	known := map[string]bool{}
	for _, c := range applied {
		known[c.Name] = true
		at := slices.IndexFunc(wanted, func(w contract.Column) bool { return w.Name == c.Name })
		now, stands := live[c.Name]
		was, recorded := left[c.Name]
		switch {
		case !stands && at < 0:
			// Nothing publishes it any more.
		case !stands:
			d.because(plan.ColumnDropped, "the column %q is gone from its table", c.Name)
			d.changes(plan.Create, fmt.Sprintf("column %q", c.Name), "", c.Type.String())
			d.alters = append(d.alters, plan.ColumnAlter{Kind: "add", Column: c.Name, Type: c.Type.String()})
			d.mends("apply adds %q again; the values that stood in it are lost, and the rows that are there have none", c.Name)
			if other := addedOfType(name, left, applied, c.Type); other != "" {
				d.mends("if %q is %q under another name, rename it back in place of applying this: its values are kept then", other, c.Name)
			}
		case !isType(now.Type, c.Type) && (at < 0 || !isType(now.Type, wanted[at].Type)) && !(recorded && was.Type == now.Type):
			d.because(plan.ColumnRetyped, "the column %q is %s", c.Name, now.Type)
			d.changes(plan.Update, fmt.Sprintf("column %q.type", c.Name), now.Type, c.Type.String())
			d.alters = append(d.alters, plan.ColumnAlter{Kind: "type", Column: c.Name, Type: c.Type.String(), From: now.Type})
			d.mends("apply converts %q to %s; it stops, and changes nothing, if a value does not convert", c.Name, c.Type)
		}
		if stands && now.NotNull && !c.Required {
			d.because(plan.ColumnNotNull, "the column %q refuses nulls", c.Name)
			d.changes(plan.Update, fmt.Sprintf("column %q", c.Name), "not null", "nulls allowed")
			d.alters = append(d.alters, plan.ColumnAlter{Kind: "nullable", Column: c.Name, Type: c.Type.String()})
			d.mends("apply lets %q hold nulls again", c.Name)
		}
	}
	if name.Left == nil {
		return
	}
	d.compareRest(b, name, left, known)
}

// addedOfType is a column that somebody added, of a type that a column had which is
// gone: it may be that one under another name. "" where there is none, or nobody knows.
func addedOfType(name state.LiveName, left map[string]state.LiveColumn, applied []contract.Column, t types.Type) string {
	for _, c := range name.Columns {
		_, ours := left[c.Name]
		declared := slices.ContainsFunc(applied, func(a contract.Column) bool { return a.Name == c.Name })
		if name.Left != nil && !ours && !declared && isType(c.Type, t) {
			return c.Name
		}
	}
	return ""
}

// compareRest compares the columns that nothing publishes with those that headgate
// left there.
func (d *drifting) compareRest(b *builder, name state.LiveName, left map[string]state.LiveColumn, known map[string]bool) {
	evolves := false
	if st := d.n.Stream; st != nil {
		c := b.node(st.Contract)
		evolves = c != nil && c.Contract != nil && c.Contract.UnknownColumns == contract.UnknownEvolve
	}
	for _, c := range name.Columns {
		if _, ours := left[c.Name]; ours || known[c.Name] {
			continue
		}
		d.because(plan.ColumnAdded, "the column %q (%s) was added to its table", c.Name, c.Type)
		if evolves {
			d.mends("%q becomes a column of the stream, as unknown_columns = \"evolve\" takes them", c.Name)
		} else {
			d.mends("%q stays in the table, where nothing publishes it and nothing takes it away", c.Name)
		}
	}
	live := columnsByName(name.Columns)
	for _, c := range name.Left {
		if _, stands := live[c.Name]; !stands && !known[c.Name] {
			d.because(plan.ColumnDropped, "the column %q is gone from its table; nothing published it any more", c.Name)
			d.mends("apply takes note that %q is gone", c.Name)
		}
	}
}

func columnsByName(list []state.LiveColumn) map[string]state.LiveColumn {
	out := map[string]state.LiveColumn{}
	for _, c := range list {
		out[c.Name] = c
	}
	return out
}

// isType reports whether the text of a live type is t, as far as a destination can
// tell types apart.
func isType(live string, t types.Type) bool {
	if live == t.String() || live == t.DuckDB() {
		return true
	}
	kept, ok := types.FromDuckDB(t.DuckDB())
	return ok && live == kept.String()
}

// mend puts the drift into the step of its address, or into a step of its own, and
// makes it one that mends.
func (b *builder) mend(d *drifting) {
	key := d.n.Address.String()
	s := b.steps[key]
	if s == nil {
		s = b.add(&plan.Step{Address: d.n.Address, Action: plan.Drifted}, "")
	}
	s.Drift = &d.drift
	if d.n.Model != nil {
		d.drift.Mends = []string{"apply builds it anew from its inputs, and publishes it"}
		if d.was.Definition.Model.Materialized == "view" {
			d.drift.Mends = []string{"apply publishes its view again"}
		}
		if _, builds := s.Do.(*plan.BuildModel); !builds {
			s.Do = &plan.BuildModel{Node: d.n.Address, Prior: d.was}
		}
		if d.n.Model.Materialized != "view" {
			b.effect[key] = willChange
		}
		return
	}
	op, prepares := s.Do.(*plan.PrepareStream)
	if !prepares {
		op = &plan.PrepareStream{Node: d.n.Address, Prior: d.was}
		s.Do = op
	}
	if d.gone {
		op.Fresh, op.Alters = true, nil
		b.effect[key] = willChange
		d.drift.Changes = nil
		d.drift.Mends = []string{"apply makes the table anew and loads it from the beginning of its source; what the source no longer holds comes back only with a backup of the database"}
		return
	}
	for _, a := range d.alters {
		if !slices.ContainsFunc(op.Alters, func(x plan.ColumnAlter) bool { return x.Column == a.Column }) {
			op.Alters = append(op.Alters, a)
		}
	}
}
