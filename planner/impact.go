package planner

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// askRefused asks, for every table that stands and whose contract this plan changes
// so that it can refuse rows which are there, how many it would refuse. The
// questions are sorted by table.
func (b *builder) askRefused() []plan.Question {
	var out []plan.Question
	for _, n := range b.program.Nodes {
		if q := b.refusable(n); q != nil {
			out = append(out, q)
		}
	}
	return out
}

// refusable is the question of one table, nil where there is nothing to ask.
func (b *builder) refusable(n *program.Node) *plan.AskRefused {
	now := b.node(n.HeldTo())
	if now == nil || now.Contract == nil || !b.selection.has(n.Address) {
		return nil
	}
	was := b.was(n.Address)
	if was == nil && n.External == nil {
		return nil
	}
	var old *contract.Contract
	var evolved []contract.Column
	held := n
	if was != nil {
		held, evolved = was.Definition, was.Evolved
		if c := b.wasNode(held.HeldTo()); c != nil {
			old = c.Contract
		}
	}
	q := &plan.AskRefused{Table: n.Address, Contract: now.Address, Promises: now.Contract, Rules: tighter(old, now.Contract, evolved)}
	if n.Model != nil { // its audit lets nulls into the key
		q.Rules = slices.DeleteFunc(q.Rules, func(r plan.AskedRule) bool { return r.Kind == plan.RequiredRule && r.Column == "" })
	}
	if n.External == nil && old == nil { // its types are checked where it is compiled
		q.Rules = slices.DeleteFunc(q.Rules, func(r plan.AskedRule) bool { return r.Kind == plan.TypeRule })
	}
	if len(q.Rules) == 0 {
		return nil
	}
	q.Destination, q.Schema, q.Name = b.stands(held)
	if q.Destination == nil {
		return nil
	}
	q.Personal = personal(n, now.Contract, old)
	for i := range now.Contract.Columns {
		if ref := now.Contract.Columns[i].References; ref != nil && slices.ContainsFunc(q.Rules, func(r plan.AskedRule) bool { return r.Kind == plan.ReferencesRule }) {
			q.Others = append(q.Others, b.otherTable(ref.Target))
		}
	}
	slices.SortFunc(q.Others, func(x, y plan.OtherTable) int { return addr.Compare(x.Address, y.Address) })
	q.Others = slices.Compact(q.Others)
	return q
}

// stands tells where a table of the state, or an external one, is to be found.
func (b *builder) stands(held *program.Node) (dest *program.Node, schema, name string) {
	if held.External != nil {
		return b.node(held.External.Destination), held.External.Schema, held.External.Table
	}
	first := publishedNames(held, b.suffixWas())[0]
	return b.destinationWas(held), first.Schema, first.Name
}

// otherTable is where the target of a reference is published.
func (b *builder) otherTable(target addr.Address) plan.OtherTable {
	out := plan.OtherTable{Address: target}
	held := b.wasNode(target)
	if n := b.node(target); held == nil && n != nil && n.External != nil {
		held = n
	}
	if held != nil {
		_, out.Schema, out.Name = b.stands(held)
	}
	return out
}

// personal are the columns that hold personal data, by the contract that is, the
// one that was, or the map.
func personal(n *program.Node, list ...*contract.Contract) []string {
	var out []string
	for _, c := range list {
		for i := 0; c != nil && i < len(c.Columns); i++ {
			if c.Columns[i].HasTag("pii") {
				out = append(out, c.Columns[i].Name)
			}
		}
	}
	if n.Stream != nil && n.Stream.Map != nil {
		for _, m := range n.Stream.Map.Columns {
			if m.PII {
				out = append(out, m.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// noteImpact puts the answers into the steps: into the table's own, else into that
// of the contract, which is what changed.
func (b *builder) noteImpact() {
	if b.prior.Live == nil || len(b.prior.Live.Refused) == 0 {
		return
	}
	for _, n := range b.program.Nodes {
		answer, ok := b.prior.Live.Refused[n.Address.String()]
		if !ok {
			continue
		}
		q := b.refusable(n)
		if q == nil {
			continue
		}
		s := b.steps[n.Address.String()]
		if s == nil {
			s = b.steps[q.Contract.String()]
		}
		if s == nil {
			continue
		}
		i := plan.NewImpact(q, answer)
		i.Fate, i.Then = b.fate(n, s, answer)
		s.Impact = append(s.Impact, i)
	}
}

// fate says what apply does with the rows of a table that its contract refuses.
func (b *builder) fate(n *program.Node, s *plan.Step, answer state.Refused) (plan.RowFate, string) {
	c := b.node(n.HeldTo()).Contract
	switch {
	case n.External != nil:
		return plan.FateOutside, "something else fills the table, and nothing here changes it: whoever reads it meets these rows"
	case n.Model != nil:
		return plan.FateRebuilt, "the model is built anew and audited before it is published: " + modelFate(n, c)
	case b.effect[n.Address.String()] == willChange && n.Stream.Write == "replace", s.Action == plan.Replace:
		return plan.FateReloaded, "the stream is read from its beginning and every record is held to the contract: " + recordFate(c)
	}
	then := "these rows stay as they are, and the contract applies to records that come from now on" + promisesFate(c, answer)
	if p, ok := s.Do.(*plan.PrepareStream); ok && slices.ContainsFunc(p.Alters, func(a plan.ColumnAlter) bool { return a.Kind == "type" }) {
		return plan.FateConverted, "columns change their type in place: a value that does not convert stops the apply with nothing changed, and one that converts with a loss is rounded or cut; else " + then
	}
	return plan.FateKept, then
}

// promisesFate says what the broken promises over a stream's table do to the runs
// to come. Their audits look at the whole table for expect, rows and freshness, and
// for the others at what the new rows touch.
func promisesFate(c *contract.Contract, a state.Refused) string {
	whole, near := false, false
	for _, r := range a.Rules {
		if r.Rows == 0 || r.Warning {
			continue
		}
		switch plan.RuleKind(r.Kind) {
		case plan.ExpectRule, plan.RowsRule, plan.FreshnessRule:
			whole = true
		case plan.KeyRule, plan.UniqueRule, plan.ReferencesRule:
			near = true
		}
	}
	out := ""
	if whole {
		out += "; each run audits the whole table, and fails for as long as the promise over it is broken"
	}
	switch {
	case near && c.SetViolations == "":
		out += "; a run whose rows touch a value at fault is refused"
	case near:
		out += "; of the rows to come, those that touch a value at fault are taken out"
	}
	return out
}

// recordFate says what becomes of a record that breaks the contract.
func recordFate(c *contract.Contract) string {
	switch c.OnViolation {
	case contract.Fail:
		return "the first one at fault fails the run, and nothing is published"
	case contract.Drop:
		return "those at fault are left out" + beyond(c)
	case contract.NullValue:
		return "a value at fault becomes null where it may, else the record goes to quarantine" + beyond(c)
	case contract.Warn:
		return "those at fault are loaded where their type allows, and counted" + beyond(c)
	default:
		return "those at fault go to quarantine" + beyond(c)
	}
}

func beyond(c *contract.Contract) string {
	if c.Tolerance == "" {
		return ""
	}
	return "; more than " + c.Tolerance + " of them fail the run, and nothing is published"
}

// modelFate says what the audit of a model does with rows at fault.
func modelFate(n *program.Node, c *contract.Contract) string {
	switch {
	case c.OnViolation == contract.Fail:
		return "one row at fault fails it, and readers keep what they have"
	case c.OnViolation == contract.Warn, n.Model.Materialized == "view":
		return "rows at fault are published and counted"
	case c.OnViolation == contract.Drop:
		return "rows at fault are left out"
	default:
		return "rows at fault go to quarantine"
	}
}
