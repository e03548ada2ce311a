package planner

import (
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/internal/parallel"
	"github.com/headgate-data/headgate/planner/plan"
)

// comparison is how a node's definition stands to the one that was last applied.
type comparison struct {
	old     *program.Node // nil: it is new
	same    bool
	changes []plan.Change // nil where same
}

// compareAll compares every selected node with what the state has, on every core:
// that is most of the work of a plan, and no node's comparison needs another's.
func (b *builder) compareAll() {
	nodes := b.program.Nodes
	found := make([]*comparison, len(nodes))
	parallel.Each(len(nodes), func(i int) {
		n := nodes[i]
		if !b.selection.has(n.Address) {
			return
		}
		c := &comparison{old: b.wasNode(n.Address)}
		if c.same = c.old != nil && same(c.old, n); !c.same {
			c.changes = diff(c.old, n)
		}
		found[i] = c
	})
	b.compared = make(map[*program.Node]*comparison, len(nodes))
	for i, c := range found {
		if c != nil {
			b.compared[nodes[i]] = c
		}
	}
}

// same reports whether n is as old was, see the function same.
func (b *builder) same(old, n *program.Node) bool {
	if c := b.compared[n]; c != nil && c.old == old {
		return c.same
	}
	return same(old, n)
}

// diff lists what differs between old, nil for none, and n. Where only the effects
// of a plan are asked for, nobody reads it, and it is nil.
func (b *builder) diff(old, n *program.Node) []plan.Change {
	if b.effectsOnly {
		return nil
	}
	if c := b.compared[n]; c != nil && c.old == old && !c.same {
		return c.changes
	}
	return diff(old, n)
}
