package planner

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
)

// planModel plans the definition of a model version.
func (b *builder) planModel(n *program.Node) {
	was := b.was(n.Address)
	if was == nil {
		s := b.add(b.created(n, &plan.BuildModel{Node: n.Address}), "")
		b.effect[s.ID] = willChange
		return
	}
	old := was.Definition
	own := !same(old, n)
	why, causes := b.whyRebuild(old, n, own)
	if !own && len(why) == 0 {
		return
	}
	s := b.updated(old, n, &plan.BuildModel{Node: n.Address, Prior: was})
	switch {
	case len(why) > 0 && (n.Model.Materialized != "view" || old.Model.Materialized != "view"):
		b.replaced(s, n, why...)
		b.effect[n.Address.String()] = willChange
	case len(why) > 0:
		s.Reasons = why
		b.effect[n.Address.String()] = willChange
	case n.Model.Latest && !old.Model.Latest:
		s.Notes = append(s.Notes, fmt.Sprintf("%s.%s shows this version from now on; it is built anew so that it is up to date", n.Model.Schema, n.Model.Table))
		b.effect[n.Address.String()] = willChange
	default:
		s.Do = &plan.Define{Node: n.Address}
	}
	b.add(s, "")
	for _, a := range causes {
		b.derive(a, s.ID)
	}
}

// whyRebuild finds the reasons to build the model anew, and whose change they are.
func (b *builder) whyRebuild(old, n *program.Node, own bool) (why []plan.Reason, causes []addr.Address) {
	if b.reload[n.Address.String()] {
		why = append(why, because(plan.RequestedReplace, "--replace asks for it", addr.Address{}))
	}
	if b.moved(old.Model.Destination, n.Model.Destination) {
		why = append(why, because(plan.DestinationMoved,
			fmt.Sprintf("%s is another place; what is in the old one stays there", n.Model.Destination), n.Model.Destination))
		causes = append(causes, n.Model.Destination)
	}
	o, m := old.Model, n.Model
	switch {
	case !own:
	case o.Materialized != m.Materialized || o.Schema != m.Schema || o.Table != m.Table:
		why = append(why, because(plan.DataChanged, "it is published in another form or under another name", addr.Address{}))
	case b.changesRows(old, n):
		why = append(why, because(plan.DataChanged, "what its rows are computed by changed", addr.Address{}))
	}
	if b.suffixWas() != b.program.Environment.SchemaSuffix {
		env := addr.Of(addr.Environment, b.program.Environment.Name)
		why = append(why, because(plan.DataChanged, "the schemas of the environment have another ending", env))
		causes = append(causes, env)
	}
	return why, causes
}
