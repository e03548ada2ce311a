package planner

import (
	"fmt"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// streamChange gathers what changed around one stream.
type streamChange struct {
	n       *program.Node
	was     *state.Node
	old     *program.Node
	step    *plan.Step
	alters  []plan.ColumnAlter
	renamed []plan.ColumnAlter // of alters, those that rename
	why     []plan.Reason      // to load anew; none: the rows stay
	causes  []addr.Address
}

// planStream plans the definition of a stream: its table.
func (b *builder) planStream(n *program.Node) {
	was := b.was(n.Address)
	if was == nil && b.adopts(n) {
		return
	}
	if was == nil {
		s := b.add(b.created(n, &plan.PrepareStream{Node: n.Address, Fresh: true}), "")
		b.effect[s.ID] = willChange
		return
	}
	c := &streamChange{n: n, was: was, old: was.Definition}
	c.step = b.updated(c.old, n, nil)
	own := !b.same(c.old, n)
	if !own {
		c.step.Changes, c.step.Reasons = nil, nil
	}
	b.contractOf(c)
	b.whyReload(c, own)
	renamed := b.renamedFrom(c)
	if !own && len(c.alters) == 0 && len(c.why) == 0 && renamed == "" {
		return
	}
	prepare := &plan.PrepareStream{Node: n.Address, Alters: c.alters, RenamedFrom: renamed, Prior: was}
	switch {
	case len(c.why) > 0:
		prepare.Fresh, prepare.Alters = true, nil
		b.replaced(c.step, n, c.why...)
		c.step.Do = prepare
		b.effect[n.Address.String()] = willChange
	case len(c.alters) > 0 || renamed != "":
		c.step.Do = prepare
	default:
		c.step.Do = &plan.Define{Node: n.Address}
	}
	b.noteStream(c)
	b.add(c.step, "")
	for _, a := range c.causes {
		b.derive(a, c.step.ID)
	}
}

// contractOf compares the columns of the contract that the stream had with those
// of the one it has, adds what differs to the step and works out the alters.
func (b *builder) contractOf(c *streamChange) {
	old, now := b.wasNode(c.old.Stream.Contract), b.node(c.n.Stream.Contract)
	if old == nil || now == nil || old.Contract == nil || now.Contract == nil {
		return
	}
	before, after := tableColumns(old.Contract), tableColumns(now.Contract)
	renamed := b.renamedColumns(c.n)
	before, c.renamed = renameColumns(before, after, renamed)
	c.alters = append(slices.Clone(c.renamed), alters(before, after)...)
	if len(c.alters) == 0 {
		return
	}
	for _, a := range c.renamed {
		c.step.Changes = append(c.step.Changes, plan.Change{Path: fmt.Sprintf("column %q", a.Column), Action: plan.Update, Old: &a.From, New: &a.Column})
		c.step.Reasons = append(c.step.Reasons, because(plan.ColumnMoved, fmt.Sprintf("column %q has moved: it was %q; its values stay", a.Column, a.From), addr.Address{}))
	}
	c.step.Changes = append(c.step.Changes, diffColumns(columnTree(before), columnTree(after))...)
	c.step.Reasons = append(c.step.Reasons, because(plan.DefinitionChanged, fmt.Sprintf("the columns of %s changed", now.Address), now.Address))
	c.causes = append(c.causes, now.Address)
}

// tableColumns are the columns that a stream's table publishes under a contract.
func tableColumns(c *contract.Contract) []contract.Column {
	var out []contract.Column
	required := map[string]bool{}
	for _, k := range c.Key {
		required[k] = true
	}
	for _, col := range c.Columns {
		out = append(out, contract.Column{Name: col.Name, Type: col.Type, Required: col.Required || required[col.Name]})
	}
	if c.UnknownColumns == contract.UnknownKeepJSON {
		out = append(out, contract.Column{Name: contract.ExtraColumn, Type: types.Of(types.JSON)})
	}
	return out
}

// columnTree makes the part of a tree that shows a table's columns.
func columnTree(cols []contract.Column) keyed {
	k := keyed{label: "column", items: map[string]any{}}
	for _, c := range cols {
		k.order = append(k.order, c.Name)
		item := map[string]any{"type": leaf{text: c.Type.String()}}
		if c.Required {
			item["required"] = true
		}
		k.items[c.Name] = item
	}
	return k
}

// alters are the changes in place that turn a table of the columns `before` into
// one that publishes `after`.
func alters(before, after []contract.Column) []plan.ColumnAlter {
	had := map[string]contract.Column{}
	for _, c := range before {
		had[c.Name] = c
	}
	var out []plan.ColumnAlter
	for _, c := range after {
		old, ok := had[c.Name]
		delete(had, c.Name)
		switch {
		case !ok:
			out = append(out, plan.ColumnAlter{Kind: "add", Column: c.Name, Type: c.Type.String()})
			continue
		case !old.Type.Equal(c.Type):
			out = append(out, plan.ColumnAlter{Kind: "type", Column: c.Name, Type: c.Type.String(), From: old.Type.String()})
		}
		if old.Required && !c.Required {
			out = append(out, plan.ColumnAlter{Kind: "nullable", Column: c.Name, Type: c.Type.String()})
		}
	}
	for _, c := range before {
		if _, gone := had[c.Name]; gone {
			out = append(out, plan.ColumnAlter{Kind: "hide", Column: c.Name, From: c.Type.String()})
		}
	}
	return out
}

// whyReload finds the reasons to load the stream anew.
func (b *builder) whyReload(c *streamChange, own bool) {
	a := c.n.Address
	if b.reload[a.String()] {
		c.why = append(c.why, because(plan.RequestedReplace, "--replace asks for it", addr.Address{}))
	}
	oldTo, to := b.pipelineOf(a, true).To, b.pipelineOf(a, false).To
	if b.moved(oldTo, to) {
		c.why = append(c.why, because(plan.DestinationMoved, fmt.Sprintf("%s is another place; what is in the old one stays there", to), to))
		c.causes = append(c.causes, to, a.Base())
	}
	if c.n.Stream.Write != "replace" {
		return
	}
	if own && changesData(named(c.old, c.n), c.n) {
		c.why = append(c.why, because(plan.DataChanged, "what its rows are made by changed, and a stream that replaces is loaded as a whole", addr.Address{}))
	}
	oldC, nowC := b.wasNode(c.old.Stream.Contract), b.node(c.n.Stream.Contract)
	if oldC != nil && nowC != nil && changesData(b.withColumns(oldC, c), nowC) {
		c.why = append(c.why, because(plan.DataChanged, fmt.Sprintf("%s changed", nowC.Address), nowC.Address))
		c.causes = append(c.causes, nowC.Address)
	}
	oldFrom, from := b.wasNode(b.pipelineOf(a, true).From), b.node(b.pipelineOf(a, false).From)
	if oldFrom != nil && from != nil && changesData(oldFrom, from) {
		c.why = append(c.why, because(plan.DataChanged, fmt.Sprintf("%s changed", from.Address), from.Address))
		c.causes = append(c.causes, from.Address, a.Base())
	}
}

// named returns the old node under the published name that the new one has.
func named(old, now *program.Node) *program.Node {
	out, st := *old, *old.Stream
	st.Schema, st.Table = now.Stream.Schema, now.Stream.Table
	out.Stream = &st
	return &out
}

// pipelineOf returns the pipeline of a stream as it was or is, an empty one
// where there is none.
func (b *builder) pipelineOf(stream addr.Address, was bool) program.Pipeline {
	n := b.node(stream.Base())
	if was {
		n = b.wasNode(stream.Base())
	}
	if n == nil || n.Pipeline == nil {
		return program.Pipeline{}
	}
	return *n.Pipeline
}

// renamedFrom returns the name under which the stream was published, "" where
// that is its name still or where its destination moved.
func (b *builder) renamedFrom(c *streamChange) string {
	old := c.old.Stream.Schema + b.suffixWas() + "." + c.old.Stream.Table
	now := c.n.Stream.Schema + b.program.Environment.SchemaSuffix + "." + c.n.Stream.Table
	if old == now || b.moved(b.pipelineOf(c.n.Address, true).To, b.pipelineOf(c.n.Address, false).To) {
		return ""
	}
	if b.suffixWas() != b.program.Environment.SchemaSuffix {
		env := addr.Of(addr.Environment, b.program.Environment.Name)
		c.causes = append(c.causes, env)
		if len(c.step.Reasons) == 0 {
			c.step.Reasons = append(c.step.Reasons, because(plan.DefinitionChanged, "the schemas of the environment have another ending", env))
		}
	}
	return old
}

// noteStream tells what the change means for the rows that are there.
func (b *builder) noteStream(c *streamChange) {
	s, st, old := c.step, c.n.Stream, c.old.Stream
	if s.Action == plan.Replace {
		moved := slices.ContainsFunc(c.why, func(r plan.Reason) bool { return r.Code == plan.DestinationMoved })
		if st.Write != "replace" && !moved {
			s.Notes = append(s.Notes, "the stream is read from its beginning; what its source no longer holds is then in the retired table only, which is kept for 7 days")
		}
		return
	}
	if st.Write != "replace" && (len(c.alters) > 0 || changesData(named(c.old, c.n), c.n)) {
		s.Notes = append(s.Notes, onlyFromNowOn(c.n.Address))
	}
	for _, a := range c.alters {
		switch a.Kind {
		case "hide":
			s.Notes = append(s.Notes, fmt.Sprintf("column %q is no longer published; its data is kept in the table behind", a.Column))
		case "type":
			s.Notes = append(s.Notes, fmt.Sprintf("column %q is converted from %s to %s; the apply stops, and changes nothing, if a value does not convert", a.Column, a.From, a.Type))
		}
	}
	if st.Write == "merge" && old.Write != "merge" {
		s.Notes = append(s.Notes, "rows already in the table are kept; if several of them have one key, the next run is refused")
	}
}
