package planner

import (
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// askTables asks what stands under every name that was applied, and under those
// that the program would publish in addition. The questions are sorted by address.
func (b *builder) askTables() []plan.Question {
	byKey := map[string]*program.Node{}
	for _, n := range b.applied() {
		byKey[n.Address.String()] = n
	}
	for _, n := range b.program.Nodes {
		byKey[n.Address.String()] = n
	}
	var out []plan.Question
	for _, key := range sortedKeys(byKey) {
		n := byKey[key]
		had := b.standing(n.Address)
		if len(had) > 0 {
			out = append(out, &plan.AskTable{Address: n.Address, Destination: b.destinationWas(b.wasNode(n.Address)), Names: had})
		}
		if wanted := b.wanted(n.Address, had); len(wanted) > 0 {
			out = append(out, &plan.AskTable{Address: n.Address, Destination: b.destinationNow(n), Wanted: true, Names: wanted})
		}
	}
	return out
}

// destinationNow is the destination in which a stream or model of the program
// publishes, nil for everything else.
func (b *builder) destinationNow(n *program.Node) *program.Node {
	switch {
	case n.Model != nil:
		return b.node(n.Model.Destination)
	case n.Stream != nil:
		return b.node(b.pipelineOf(n.Address, false).To)
	}
	return nil
}

// standing are the names under which a stream or model was last published, in a
// destination that still is where it was; none for everything else.
func (b *builder) standing(a addr.Address) []plan.PublishedName {
	old := b.wasNode(a)
	if old == nil || b.destinationWas(old) == nil {
		return nil
	}
	if n := b.node(a); n != nil {
		if to := b.destinationNow(n); to == nil || b.moved(b.destinationWas(old).Address, to.Address) {
			return nil
		}
	}
	if b.follow != nil && b.follow.before[a] != nil {
		old = b.follow.before[a] // what it was called when it was applied
	}
	return publishedNames(old, b.suffixWas())
}

// wanted are the names that the program publishes an address under, without those
// that it has.
func (b *builder) wanted(a addr.Address, had []plan.PublishedName) []plan.PublishedName {
	n := b.node(a)
	if n == nil || b.destinationNow(n) == nil {
		return nil
	}
	names := publishedNames(n, b.program.Environment.SchemaSuffix)
	return slices.DeleteFunc(names, func(p plan.PublishedName) bool {
		return slices.ContainsFunc(had, func(h plan.PublishedName) bool { return h.Schema == p.Schema && h.Name == p.Name })
	})
}

// publishedNames are the names of a stream or model version: name_vN first, then
// the bare name of the latest version.
func publishedNames(n *program.Node, suffix string) []plan.PublishedName {
	switch {
	case n.Stream != nil:
		return []plan.PublishedName{{Owner: n.Address, Schema: n.Stream.Schema + suffix, Name: n.Stream.Table}}
	case n.Model != nil:
		m := n.Model
		out := []plan.PublishedName{{Owner: n.Address, Schema: m.Schema + suffix, Name: m.Table + "_v" + strconv.Itoa(m.Version)}}
		if m.Latest {
			out = append(out, plan.PublishedName{Owner: n.Address.Base(), Schema: m.Schema + suffix, Name: m.Table})
		}
		return out
	}
	return nil
}

// planOutside compares what was applied with what stands in the destinations, as
// far as they were looked at: drift, names that are taken, readers that headgate
// does not manage. It comes after every definition and removal is planned.
func (b *builder) planOutside() {
	leaving := b.leaving()
	for _, n := range b.program.Nodes {
		if !b.selection.has(n.Address) || (n.Stream == nil && n.Model == nil) {
			continue
		}
		if live, ok := b.live(n.Address); ok {
			b.planDrift(n, live)
		}
		b.judgeNames(n, leaving)
		b.expect(n)
	}
	for _, key := range sortedKeys(b.steps) {
		b.judgeReaders(b.steps[key], leaving)
	}
}

// live is what stands under the names that an address was applied with; ok is
// false where that was not looked at.
func (b *builder) live(a addr.Address) (state.LiveTable, bool) {
	if b.prior.Live == nil {
		return state.LiveTable{}, false
	}
	t, ok := b.prior.Live.Tables[a.String()]
	return t, ok && t.Error == "" && (t.Missing || len(t.Names) > 0)
}

// leaving are the names that steps of this plan let go of and that nothing of the
// program publishes, as namesOf writes them, with the address that had them.
func (b *builder) leaving() map[string]addr.Address {
	kept := map[string]bool{}
	for _, n := range b.program.Nodes {
		for _, name := range b.namesOf(n, false) {
			kept[name] = true
		}
	}
	out := map[string]addr.Address{}
	for _, n := range b.applied() {
		if b.steps[n.Address.String()] == nil {
			continue
		}
		for _, name := range b.namesOf(n, true) {
			if !kept[name] {
				out[name] = n.Address
			}
		}
	}
	return out
}

// judgeNames reports the names that an address would newly publish and that stand
// in the destination already.
func (b *builder) judgeNames(n *program.Node, leaving map[string]addr.Address) {
	s := b.steps[n.Address.String()]
	if b.prior.Live == nil || s == nil {
		return
	}
	live := b.prior.Live.Wanted[n.Address.String()]
	to := b.destinationNow(n)
	for i, name := range live.Names {
		shown := name.Schema + "." + name.Name
		owner := n.Address.String()
		if i > 0 {
			owner = n.Address.Base().String()
		}
		ours := name.Project == b.program.Project && name.Environment == b.program.Environment.Name
		switch {
		case name.Owner == "" && (name.Kind == "" || b.imports(n.Address, shown)):
		case name.Owner == "":
			b.diags.Add(diag.New(diag.StandsAlready, "%s would publish %s, but %s of that name stands in %s already, and headgate did not make it. Publish under another name, or rename or drop what is there.",
				n.Address, shown, describeKind(name), to.Address).At(n.Range).For(n.Address.String()))
		case ours && (name.Owner == owner || b.letsGo(name.Owner, shown)):
			if i == 0 && name.Owner == owner && name.Table {
				s.Notes = append(s.Notes, shown+" stands in "+to.Address.String()+" already"+aboutRows(name.Rows)+"; it is taken over with its rows and its bookmark")
			}
		default:
			b.diags.Add(diag.New(diag.StandsAlready, "%s would publish %s, which belongs to %s of the project %q, environment %q, in %s. Publish under another name or schema, or destroy that one first.",
				n.Address, shown, name.Owner, name.Project, name.Environment, to.Address).At(n.Range).For(n.Address.String()))
		}
	}
}

// imports reports whether an import block gives a stream the table of that name.
func (b *builder) imports(a addr.Address, shown string) bool {
	return slices.ContainsFunc(b.program.Imports, func(i program.Import) bool { return i.To == a && i.Schema+"."+i.Table == shown })
}

// letsGo reports whether a step of this plan takes the published name away from
// its owner of this project.
func (b *builder) letsGo(owner, shown string) bool {
	for _, old := range b.applied() {
		s := b.steps[old.Address.String()]
		if s == nil || (old.Address.String() != owner && old.Address.Base().String() != owner) {
			continue
		}
		for _, p := range publishedNames(old, b.suffixWas()) {
			now := b.node(old.Address)
			if p.Schema+"."+p.Name == shown && (s.Action == plan.Destroy || now == nil || !slices.Contains(publishedNames(now, b.program.Environment.SchemaSuffix), p)) {
				return true
			}
		}
	}
	return false
}

func describeKind(n state.LiveName) string {
	if n.Kind == state.LiveView {
		return "a view"
	}
	return "a table" + aboutRows(n.Rows)
}

func aboutRows(n int64) string {
	if n < 0 {
		return ""
	}
	return " with about " + strconv.FormatInt(n, 10) + " " + plural(int(n), "row")
}

// judgeReaders tells who reads what a step takes away or changes and is not
// headgate's. A name that goes away under a reader is refused: the reader would
// fail from then on.
func (b *builder) judgeReaders(s *plan.Step, leaving map[string]addr.Address) {
	live, ok := b.live(s.Address)
	old := b.wasNode(s.Address)
	if !ok || old == nil || !s.Action.ChangesDefinition() {
		return
	}
	var lost, touched, gone []string
	names := b.namesOf(old, true)
	for i, name := range live.Names {
		switch {
		case i >= len(names):
		case leaving[names[i]] == s.Address:
			lost = append(lost, name.Readers...)
			if len(name.Readers) > 0 {
				gone = append(gone, name.Schema+"."+name.Name)
			}
		case changesColumns(s):
			touched = append(touched, name.Readers...)
		}
	}
	slices.Sort(lost)
	if lost = slices.Compact(lost); len(lost) > 0 {
		d := diag.New(diag.ReadersInTheWay, "%s goes away, and headgate does not manage what reads it: %s. Drop or move those first, or keep the name.",
			strings.Join(gone, " and "), strings.Join(lost, ", "))
		b.diags.Add(d.At(old.Range).For(s.Address.String()))
		s.Notes = append(s.Notes, "read by "+strings.Join(lost, ", ")+", which headgate does not manage")
	}
	slices.Sort(touched)
	if touched = slices.Compact(touched); len(touched) > 0 {
		s.Notes = append(s.Notes, "read by "+strings.Join(touched, ", ")+", which headgate does not manage: see that it does not need what changes")
	}
}

// changesColumns reports whether a step may change what readers see of a table.
func changesColumns(s *plan.Step) bool {
	op, prepares := s.Do.(*plan.PrepareStream)
	return s.Action == plan.Replace || prepares && slices.ContainsFunc(op.Alters, func(a plan.ColumnAlter) bool { return a.Kind == "hide" || a.Kind == "type" }) ||
		slices.ContainsFunc(s.Changes, func(c plan.Change) bool { return strings.HasPrefix(c.Path, "column ") && c.Action != plan.Create })
}

// expect puts into a step that changes a table in place the schema that it relies
// on: as it was seen, else as it was applied.
func (b *builder) expect(n *program.Node) {
	s := b.steps[n.Address.String()]
	if s == nil {
		return
	}
	op, ok := s.Do.(*plan.PrepareStream)
	if !ok || op.Prior == nil || op.Fresh {
		return
	}
	old := b.wasNode(op.Prior.Definition.Stream.Contract)
	if old == nil || old.Contract == nil {
		return
	}
	live, seen := b.live(n.Address)
	if seen && len(live.Names) > 0 && live.Names[0].Table {
		columns := []plan.ExpectedColumn{}
		for _, c := range live.Names[0].Columns {
			columns = append(columns, plan.ExpectedColumn{Name: c.Name, Type: c.Type})
		}
		s.Expects = plan.Expect(columns, old.Contract.UnknownColumns == contract.UnknownEvolve)
		return
	}
	columns := []plan.ExpectedColumn{}
	for _, c := range appliedColumns(old.Contract, op.Prior.Evolved) {
		columns = append(columns, plan.ExpectedColumn{Name: c.Name, Type: c.Type.String()})
	}
	s.Expects = plan.Expect(columns, true)
}

// unseen lists the destinations that hold what was applied and were not looked at.
func (b *builder) unseen() []plan.Unseen {
	found := map[string]string{}
	for _, n := range b.applied() {
		to := b.destinationWas(n)
		if to == nil || !b.selection.has(n.Address) || len(b.standing(n.Address)) == 0 {
			continue
		}
		if b.prior.Live == nil {
			found[to.Address.String()] = "the plan was made without looking outside (--refresh=false)"
		} else if t := b.prior.Live.Tables[n.Address.String()]; t.Error != "" {
			found[to.Address.String()] = t.Error
		}
	}
	var out []plan.Unseen
	for _, a := range sortedKeys(found) {
		out = append(out, plan.Unseen{Address: a, Why: found[a]})
	}
	return out
}
