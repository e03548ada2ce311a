package planner

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/contract/usage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

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

// applied are the nodes as they were last applied.
func (b *builder) applied() []*program.Node {
	var out []*program.Node
	for _, key := range sortedKeys(b.prior.Nodes) {
		if n := b.prior.Nodes[key]; n.Definition != nil {
			out = append(out, n.Definition)
		}
	}
	return out
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
