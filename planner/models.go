package planner

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
)

// planModel plans the definition of a model version.
func (b *builder) planModel(n *program.Node) {
	was := b.was(n.Address)
	if was == nil {
		s := b.add(b.created(n, &plan.BuildModel{Node: n.Address}), "")
		s.Notes = append(s.Notes, b.takesOver(n)...)
		b.effect[s.ID] = willChange
		return
	}
	old := was.Definition
	own := !b.same(old, n)
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
		s.Notes = append(s.Notes, "it is built anew so that it is up to date when it is shown")
		b.effect[n.Address.String()] = willChange
	default:
		s.Do = &plan.Define{Node: n.Address}
	}
	if n.Model.Latest && !old.Model.Latest {
		s.Notes = append(s.Notes, b.takesOver(n)...)
	}
	b.add(s, "")
	for _, a := range causes {
		b.derive(a, s.ID)
	}
}

// takesOver tells, of a version that becomes the latest, in whose place it is shown
// under the name without a version, and what the readers of that name will see.
func (b *builder) takesOver(n *program.Node) []string {
	before := b.latestWas(n.Address.Base())
	if !n.Model.Latest || before == nil || before.Address == n.Address {
		return nil
	}
	text := fmt.Sprintf("%s.%s shows this version in place of %s from now on", n.Model.Schema, n.Model.Table, before.Address)
	var differs []string
	had := map[string]contract.Column{}
	for _, c := range before.Model.Columns {
		had[c.Name] = c
	}
	for _, c := range n.Model.Columns {
		old, ok := had[c.Name]
		switch delete(had, c.Name); {
		case !ok:
			differs = append(differs, fmt.Sprintf("column %q is new", c.Name))
		case !old.Type.Equal(c.Type):
			differs = append(differs, fmt.Sprintf("%q turns from %s into %s", c.Name, old.Type, c.Type))
		}
	}
	for _, c := range before.Model.Columns {
		if _, gone := had[c.Name]; gone {
			differs = append(differs, fmt.Sprintf("column %q goes away", c.Name))
		}
	}
	if len(differs) > 0 {
		text += "; its readers see that " + strings.Join(differs, ", ")
	}
	return []string{text}
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
