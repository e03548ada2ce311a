package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/contract/usage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// planDefinitions makes the definition step of every selected node.
func (b *builder) planDefinitions() {
	for _, n := range b.program.Nodes {
		if !b.selection.has(n.Address) {
			continue
		}
		switch {
		case n.Stream != nil:
			b.planStream(n)
		case n.Model != nil:
			b.planModel(n)
		default:
			b.planPlain(n)
		}
	}
	b.noteContracts()
	b.notePromises()
}

// planPlain plans a node that has no table.
func (b *builder) planPlain(n *program.Node) {
	old := b.wasNode(n.Address)
	switch {
	case old == nil:
		b.judgeContract(b.add(b.created(n, &plan.Define{Node: n.Address}), ""), nil, n)
	case !b.same(old, n):
		s := b.add(b.updated(old, n, &plan.Define{Node: n.Address}), "")
		b.judgeContract(s, old, n)
		if n.Pipeline != nil && old.Pipeline != nil && n.Pipeline.From != old.Pipeline.From {
			s.Notes = append(s.Notes, "rows loaded from "+old.Pipeline.From.String()+" stay, and reading goes on from the same bookmark; --replace "+
				shellQuoted(n.Address.String())+" reads "+n.Pipeline.From.String()+" from its beginning")
		}
	}
}

// created makes the step of an address that the state does not know.
func (b *builder) created(n *program.Node, do plan.Op) *plan.Step {
	return &plan.Step{
		Address: n.Address, Action: plan.Create, Changes: b.diff(nil, n), Do: do,
		Reasons: []plan.Reason{because(plan.NotInState, "it is not in the state of "+b.program.Environment.Name, addr.Address{})},
	}
}

// updated makes the step of an address whose definition changed.
func (b *builder) updated(old, n *program.Node, do plan.Op) *plan.Step {
	s := &plan.Step{Address: n.Address, Action: plan.Update, Changes: b.diff(old, n), Do: do}
	text := "its definition changed"
	if len(s.Changes) == 0 {
		text = "it is compiled anew, because something that its expressions use changed"
	}
	s.Reasons = []plan.Reason{because(plan.DefinitionChanged, text, addr.Address{})}
	return s
}

// describing are the members that change no data and no table.
var describing = map[string]bool{
	"description": true, "owner": true, "tags": true, "prevent_destroy": true, "latest": true, "deprecated_after": true,
}

// replaced turns a step into one that makes the data anew. Every change but
// those that only describe is what forces it.
func (b *builder) replaced(s *plan.Step, n *program.Node, why ...plan.Reason) {
	s.Action = plan.Replace
	s.Reasons = why
	byChange := slices.ContainsFunc(why, func(r plan.Reason) bool { return r.Code != plan.RequestedReplace })
	for i := range s.Changes {
		s.Changes[i].Forces = byChange && !describing[s.Changes[i].Path]
	}
	b.protect(n, "replaced")
}

// protect refuses to take a protected table out of use.
func (b *builder) protect(n *program.Node, how string) {
	if (n.Stream == nil || !n.Stream.PreventDestroy) && (n.Model == nil || !n.Model.PreventDestroy) {
		return
	}
	b.diags.Add(diag.New(diag.PreventDestroy, "%s would be %s, and says prevent_destroy = true.", n.Address, how).At(n.Range).For(n.Address.String()))
}

// moved reports whether the tables that stood in the destination `was` are not
// to be found in the destination `now`. Both may be zero.
func (b *builder) moved(was, now addr.Address) bool {
	old, n := b.wasNode(was), b.node(now)
	if old == nil || n == nil || old.Destination == nil || n.Destination == nil {
		return was != now
	}
	return place(old.Destination) != place(n.Destination)
}

// place names where a destination's tables are.
func place(d *program.Destination) string {
	if d.DuckDB != nil {
		return d.Type + " " + d.DuckDB.Path.String()
	}
	return d.Type
}

// suffixWas is what the environment put behind published schemas when it was
// last applied; today's where nothing was.
func (b *builder) suffixWas() string {
	if n := b.wasNode(addr.Of(addr.Environment, b.program.Environment.Name)); n != nil && n.Environment != nil {
		return n.Environment.SchemaSuffix
	}
	return b.program.Environment.SchemaSuffix
}

// planRemovals plans every selected address of the state that the program has
// no more.
func (b *builder) planRemovals() {
	for _, key := range sortedKeys(b.prior.Nodes) {
		was := b.prior.Nodes[key]
		if was.Definition == nil || b.nodes[key] != nil || !b.selection.has(was.Definition.Address) {
			continue
		}
		old := was.Definition
		s := &plan.Step{
			Address: old.Address, Action: plan.Destroy, Do: &plan.Forget{},
			Reasons: []plan.Reason{because(plan.NotInConfig, "it is no longer in the configuration", addr.Address{})},
		}
		to := b.destinationWas(old)
		if b.releases(s, was, to) {
			b.add(s, "")
			continue
		}
		if to != nil {
			s.Do = &plan.Retire{Prior: was, To: to}
			s.Notes = append(s.Notes, b.goesAway(old))
			b.protect(old, "destroyed")
		}
		b.add(s, "")
	}
}

// goesAway tells what readers lose with a stream or model.
func (b *builder) goesAway(old *program.Node) string {
	kept := "; the table behind is kept for 7 days"
	var names []string
	for _, p := range publishedNames(old, b.suffixWas()) {
		names = append(names, p.Schema+"."+p.Name)
	}
	if old.Model != nil && old.Model.Materialized == "view" {
		kept = ""
	}
	verb := "goes"
	if len(names) > 1 {
		verb = "go"
	}
	return fmt.Sprintf("%s %s away at once for whoever reads it%s", strings.Join(names, " and "), verb, kept)
}

// destinationWas is the destination in which a stream or model of the state
// published, nil for everything else.
func (b *builder) destinationWas(old *program.Node) *program.Node {
	switch {
	case old.Model != nil:
		return b.wasNode(old.Model.Destination)
	case old.Stream != nil:
		if p := b.wasNode(old.Address.Base()); p != nil && p.Pipeline != nil {
			return b.wasNode(p.Pipeline.To)
		}
	}
	return nil
}

// noteContracts tells, at each contract version that changes in place, which
// streams keep rows that were accepted under the former text.
func (b *builder) noteContracts() {
	users := map[string][]*program.Node{}
	for _, n := range b.program.Nodes {
		if n.Stream != nil {
			key := n.Stream.Contract.String()
			users[key] = append(users[key], n)
		}
	}
	for _, key := range sortedKeys(users) {
		s, old := b.steps[key], b.prior.Nodes[key]
		if s == nil || s.Action != plan.Update || old == nil || !changesData(old.Definition, b.nodes[key]) {
			continue
		}
		for _, n := range users[key] {
			if b.was(n.Address) == nil || n.Stream.Write == "replace" {
				continue
			}
			if st := b.steps[n.Address.String()]; st != nil && (st.Action == plan.Replace || slices.Contains(st.Notes, onlyFromNowOn(n.Address))) {
				continue // its own step says it
			}
			s.Notes = append(s.Notes, fromNowOn(n.Address))
		}
	}
}

// notePromises tells, at each contract version whose promises over the whole table
// change, when the tables that have it are audited against them: the rows that
// stand there are not looked at before.
func (b *builder) notePromises() {
	for _, n := range b.program.Nodes {
		if n.External != nil {
			continue // something else fills it, and nothing audits it
		}
		promise := n.HeldTo()
		s, old, now := b.steps[promise.String()], b.wasNode(promise), b.node(promise)
		if s == nil || s.Action != plan.Update || old == nil || old.Contract == nil || b.was(n.Address) == nil || b.effect[n.Address.String()] == willChange {
			continue
		}
		if !changesData(old, now) && program.SetFingerprint(old.Contract) != program.SetFingerprint(now.Contract) {
			s.Notes = append(s.Notes, n.Address.String()+": its table is audited against the changed promises when it next publishes")
		}
	}
}

// fromNowOn says that a change leaves the rows of a stream that are there alone.
func fromNowOn(a addr.Address) string { return a.String() + ": " + onlyFromNowOn(a) }

// onlyFromNowOn says the same at the stream itself.
func onlyFromNowOn(a addr.Address) string {
	return "applies to records loaded from now on; --replace " + shellQuoted(a.String()) + " loads it anew"
}

// changesData reports whether the difference between two nodes can change rows.
func changesData(old, now *program.Node) bool {
	return program.DataFingerprint(old) != program.DataFingerprint(now)
}

// judgeContract puts the verdict on a contract's change into its step: on the
// published version's, and on a new version's against the one before it. A
// published version that would break somebody is an error.
func (b *builder) judgeContract(s *plan.Step, old, n *program.Node) {
	if n.Contract == nil || b.effectsOnly {
		return
	}
	if b.holders == nil {
		x := usage.Of(b.program.Nodes, b.applied())
		b.holders = &x
	}
	if old == nil {
		b.judgeVersion(s, n)
		return
	}
	mode := b.holders.Mode(n.Contract, n.Address)
	r := compat.NewReport(old.Contract, n.Contract, n.Address.String()+" as published", n.Address.String(), mode)
	if len(r.Changes) == 0 {
		return
	}
	s.Compat = r
	for _, ch := range r.Broken() {
		at := n.Contract.Range
		if ch.NewRange != nil {
			at = *ch.NewRange
		}
		out := fmt.Sprintf("leave the published version as it is and %s; compatibility = \"none\" lets the change through.", compat.PublishAs(b.nextVersion(n)))
		b.diags.Add(diag.New(diag.PublishedBreaks, "%s: %s", n.Address, ch.Explain(mode, out)).At(at).For(n.Address.String()))
	}
}

// judgeVersion compares a version that is new with the one before it, where there
// is one.
func (b *builder) judgeVersion(s *plan.Step, n *program.Node) {
	for v := n.Address.Version - 1; v > 0; v-- {
		at := n.Address.WithVersion(v)
		old := b.node(at)
		if old == nil {
			old = b.wasNode(at)
		}
		if old == nil || old.Contract == nil {
			continue
		}
		mode := b.holders.Mode(n.Contract, n.Address.Base())
		if r := compat.NewReport(old.Contract, n.Contract, at.String(), n.Address.String(), mode); len(r.Changes) > 0 {
			s.Compat = r
		}
		return
	}
}

// applied are the nodes as they were last applied, in the order of their addresses' texts.
func (b *builder) applied() []*program.Node {
	if b.wasApplied == nil {
		b.wasApplied = []*program.Node{}
		for _, key := range sortedKeys(b.prior.Nodes) {
			if n := b.prior.Nodes[key]; n.Definition != nil {
				b.wasApplied = append(b.wasApplied, n.Definition)
			}
		}
	}
	return b.wasApplied
}

// latestWas is the version of a model that was last applied as its latest, nil where
// there was none.
func (b *builder) latestWas(model addr.Address) *program.Node {
	if b.wasLatest == nil {
		b.wasLatest = map[addr.Address]*program.Node{}
		for _, n := range b.applied() {
			if n.Model != nil && n.Model.Latest {
				b.wasLatest[n.Address.Base()] = n
			}
		}
	}
	return b.wasLatest[model]
}

// nextVersion is the first free version behind a contract's.
func (b *builder) nextVersion(n *program.Node) int {
	highest := 0
	for _, list := range [][]*program.Node{b.program.Nodes, b.applied()} {
		for _, other := range list {
			if other.Contract != nil && other.Address.Kind == addr.Contract && other.Address.Base() == n.Address.Base() {
				highest = max(highest, other.Address.Version)
			}
		}
	}
	return highest + 1
}
