package compiler

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// blockKinds are the kinds whose blocks others can refer to.
var blockKinds = []addr.Kind{addr.Source, addr.Destination, addr.Contract, addr.Pipeline, addr.Model, addr.External}

// entry is a block with an address, and what is known of it before its body is
// compiled.
type entry struct {
	kind     addr.Kind
	name     string
	block    *lang.Block
	instance []instance // sorted by key; one without a key where there is no for_each
	keyed    bool
	expanded bool
	busy     bool  // for_each is being worked out
	versions []int // of contracts and models, sorted; nil where the label is broken
	streams  []string
	value    cty.Value // what a reference to the whole block gives, once made
}

// instance is a block, or one element of it under for_each.
type instance struct {
	addr addr.Address
	each *config.Each
}

// instanceOf returns the instance with an address' key.
func (e *entry) instanceOf(a addr.Address) (instance, bool) {
	i, ok := slices.BinarySearchFunc(e.instance, a.Key, func(in instance, key string) int {
		switch {
		case in.addr.Key < key:
			return -1
		case in.addr.Key > key:
			return 1
		}
		return 0
	})
	if !ok || e.instance[i].addr.HasKey != a.HasKey {
		return instance{}, false
	}
	return e.instance[i], true
}

// keys returns the for_each keys, sorted.
func (e *entry) keys() []string {
	var out []string
	for _, in := range e.instance {
		out = append(out, in.addr.Key)
	}
	return out
}

// indexBlocks finds every block by kind and name, once. The sources and
// destinations of the environment stand in place of those of the same name.
func (c *compiler) indexBlocks() {
	for _, b := range c.mod.Blocks {
		switch b.Type {
		case "locals":
			c.indexLocals(b)
		case "variable":
			c.indexVariable(b)
		case "headgate":
			c.index(addr.Project, "", b)
		default:
			if kind := addr.Kind(b.Type); slices.Contains(blockKinds, kind) && len(b.Labels) > 0 {
				c.index(kind, b.Labels[len(b.Labels)-1], b)
			}
		}
	}
	for _, b := range c.mod.LeftOut {
		if kind := addr.Kind(b.Type); slices.Contains(blockKinds, kind) && len(b.Labels) > 0 {
			c.leftOut[addr.Of(kind, b.Labels[len(b.Labels)-1])] = true
		}
	}
	for _, b := range c.env.overrides() {
		c.index(addr.Kind(b.Type), b.Labels[len(b.Labels)-1], b)
	}
	c.indexLock()
}

// index keeps a block under its name, in place of one that is there. Blocks that
// stand twice were reported and left out by lang.
func (c *compiler) index(kind addr.Kind, name string, b *lang.Block) {
	byName := c.entries[kind]
	if byName == nil {
		byName = map[string]*entry{}
		c.entries[kind] = byName
	}
	e := &entry{kind: kind, name: name, block: b}
	if kind == addr.Contract || kind == addr.Model {
		e.versions = versionLabels(b)
	}
	for _, s := range b.Nested("stream") {
		if kind == addr.Pipeline && len(s.Labels) == 1 {
			e.streams = append(e.streams, s.Labels[0])
		}
	}
	byName[name] = e
}

// versionLabels returns the versions of a contract or model, sorted. A block
// without version blocks has version 1. Labels that are no numbers were reported
// by lang.
func versionLabels(b *lang.Block) []int {
	blocks := b.Nested("version")
	if len(blocks) == 0 {
		return []int{1}
	}
	var out []int
	for _, v := range blocks {
		if n, ok := versionNumber(v); ok {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

func labelRange(b *lang.Block) diag.Range {
	if len(b.LabelRanges) > 0 {
		return b.LabelRanges[len(b.LabelRanges)-1]
	}
	return b.Range
}

// versionNumber reads a version block's label.
func versionNumber(b *lang.Block) (int, bool) {
	if len(b.Labels) != 1 {
		return 0, false
	}
	n, err := strconv.Atoi(b.Labels[0])
	return n, err == nil && n > 0 && n < 1_000_000 && strconv.Itoa(n) == b.Labels[0]
}

// expand works out the instances of a block.
func (c *compiler) expand(e *entry) {
	if e.expanded || e.busy {
		return
	}
	e.busy = true
	defer func() { e.busy, e.expanded = false, true }()
	base := addr.Of(e.kind, e.name)
	attr := e.block.Attr("for_each")
	if attr == nil {
		e.instance = []instance{{addr: base}}
		return
	}
	e.keyed = true
	v, diags := c.eval.Eval(attr.Expr, nil)
	c.diags = append(c.diags, diags...)
	if diags.HasErrors() {
		return
	}
	elements, d := forEachElements(v, attr.ExprRange)
	c.add(d)
	for _, key := range config.SortedKeys(elements) {
		e.instance = append(e.instance, instance{addr: base.WithKey(key), each: &config.Each{Key: key, Value: elements[key]}})
	}
}

// forEachElements returns the elements by key.
func forEachElements(v cty.Value, at diag.Range) (map[string]cty.Value, *diag.Diagnostic) {
	plain, marks := v.Unmark()
	ty := plain.Type()
	switch {
	case len(marks) > 0 || (ty.IsSetType() && config.HasSecret(plain)):
		return nil, diag.New(diag.SecretMisplaced, "A secret reaches for_each, whose keys are addresses.").At(at)
	case plain.IsNull():
		return nil, diag.New(diag.BadForEach, "The value is null; write {} for none.").At(at)
	case ty.IsMapType() || ty.IsObjectType():
	case ty.IsSetType() && (ty.ElementType() == cty.String || plain.LengthInt() == 0):
	case ty.IsTupleType() || ty.IsListType() || ty.IsSetType():
		return nil, diag.New(diag.BadForEach, "The value is a list or a set of other things than strings. Write toset([...]) around a list of strings.").At(at)
	default:
		return nil, diag.New(diag.BadForEach, "The value is a %s.", ty.FriendlyName()).At(at)
	}
	out := map[string]cty.Value{}
	for it := plain.ElementIterator(); it.Next(); {
		k, x := it.Element()
		if k.IsNull() || k.AsString() == "" {
			return nil, diag.New(diag.BadForEach, "A key is null or empty; keys are parts of addresses.").At(at)
		}
		out[k.AsString()] = x
	}
	return out, nil
}

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
