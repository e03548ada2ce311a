package compiler

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// order cleans every node's dependencies and reports circles.
func (c *compiler) order() {
	all := make([]*program.Node, 0, len(c.nodes))
	for _, n := range c.nodes {
		n.DependsOn = slices.DeleteFunc(n.DependsOn, func(a addr.Address) bool { return c.nodes[a] == nil })
		slices.SortFunc(n.DependsOn, addr.Compare)
		n.DependsOn = slices.Compact(n.DependsOn)
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *program.Node) int { return addr.Compare(a.Address, b.Address) })
	knotted := map[addr.Address]bool{}
	for _, circle := range circles(all, c.nodes) {
		if !slices.ContainsFunc(circle, func(a addr.Address) bool { return knotted[a] }) {
			c.reportCircle(circle)
		}
		for _, a := range circle {
			knotted[a] = true
			c.nodes[a].DependsOn = nil // a program holds no circle
		}
	}
}

// reportCircle explains a circle.
func (c *compiler) reportCircle(circle []addr.Address) {
	words := make([]string, 0, len(circle)+1)
	for _, a := range circle {
		words = append(words, a.String())
	}
	words = append(words, words[0])
	n := c.nodes[circle[0]]
	c.add(diag.New(diag.DependencyCycle, "%s.", strings.Join(words, " -> ")).At(n.Range).For(words[0]))
}

// circles finds one circle in each knot of nodes that depend on each other. Each
// begins with its first address in order, followed by what that depends on.
func circles(nodes []*program.Node, byAddress map[addr.Address]*program.Node) [][]addr.Address {
	var out [][]addr.Address
	const (
		unseen = iota
		open
		closed
	)
	seen := make(map[addr.Address]int, len(nodes))
	type frame struct {
		node *program.Node
		next int
	}
	for _, root := range nodes {
		if seen[root.Address] != unseen {
			continue
		}
		stack := []frame{{node: root}}
		seen[root.Address] = open
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(top.node.DependsOn) {
				seen[top.node.Address] = closed
				stack = stack[:len(stack)-1]
				continue
			}
			a := top.node.DependsOn[top.next]
			top.next++
			switch seen[a] {
			case unseen:
				seen[a] = open
				stack = append(stack, frame{node: byAddress[a]})
			case open:
				var circle []addr.Address
				for i := len(stack) - 1; i >= 0; i-- {
					circle = append(circle, stack[i].node.Address)
					if stack[i].node.Address == a {
						break
					}
				}
				slices.Reverse(circle)
				out = append(out, rotate(circle))
			}
		}
	}
	return out
}

// rotate makes a circle begin with its first address in order.
func rotate(circle []addr.Address) []addr.Address {
	least := 0
	for i := range circle {
		if addr.Compare(circle[i], circle[least]) < 0 {
			least = i
		}
	}
	return append(slices.Clone(circle[least:]), circle[:least]...)
}
