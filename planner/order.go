package planner

import (
	"container/heap"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// sortedKeys lists a map's keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func sortedAddresses(list []addr.Address) []addr.Address {
	slices.SortFunc(list, addr.Compare)
	return slices.Compact(list)
}

// shellQuoted writes an address so that a shell takes it as one word.
func shellQuoted(s string) string {
	if strings.ContainsAny(s, "\"[ '$`\\") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// need makes step id wait for step on; either may be missing from the plan.
func (b *builder) need(id, on string) {
	if id == on || b.steps[id] == nil || b.steps[on] == nil {
		return
	}
	if b.needs[id] == nil {
		b.needs[id] = map[string]bool{}
	}
	b.needs[id][on] = true
}

// connect works out what each step waits for.
//
// A definition waits for those of what it depends on. A changed definition that
// made other steps necessary (a contract whose column makes a stream's table
// change) waits for them instead: it is recorded once everything that must
// change with it has, so that a failure in between shows in the next plan.
// Building a table, publishing a view that is audited as a whole, and running a
// pipeline wait for the data they read, removals for whatever uses what they
// remove.
func (b *builder) connect() {
	for key, ids := range b.behind {
		for _, id := range ids {
			b.need(key, id)
		}
	}
	for _, n := range b.program.Nodes {
		key := n.Address.String()
		if b.steps[key] != nil && len(b.behind[key]) == 0 {
			b.needDefinitions(key, n, map[string]bool{})
		}
		if n.Model != nil {
			id := key
			if b.steps[key+runSuffix] != nil {
				id = key + runSuffix
				b.need(id, key)
				b.needDefinitions(id, n, map[string]bool{})
			}
			if st := b.steps[id]; st != nil && (n.Model.Materialized != "view" || b.audited(n)) {
				if _, builds := st.Do.(*plan.BuildModel); builds {
					b.needData(id, n, map[string]bool{})
				}
			}
		}
		if n.Pipeline != nil {
			b.connectRun(n)
		}
	}
	b.connectRemovals()
	b.connectMoves()
	for id, on := range b.needs {
		b.steps[id].Needs = slices.Sorted(maps.Keys(on))
	}
}

// audited reports whether a model's contract promises something of the table as a
// whole: then a view, too, is published once what it reads is there.
func (b *builder) audited(n *program.Node) bool {
	c := b.node(n.Model.Contract)
	return c != nil && c.Contract != nil && c.Contract.PromisesSets()
}

// depends lists what a node depends on, a stream's pipeline included.
func depends(n *program.Node) []addr.Address {
	if n.Stream == nil {
		return n.DependsOn
	}
	return append(slices.Clone(n.DependsOn), n.Address.Base(), n.Stream.Contract)
}

// needDefinitions makes step id wait for the definitions that n depends on; one
// without a step, or that comes later itself, hands on to its own.
func (b *builder) needDefinitions(id string, n *program.Node, seen map[string]bool) {
	for _, d := range depends(n) {
		key := d.String()
		if seen[key] {
			continue
		}
		seen[key] = true
		in := b.nodes[key]
		switch {
		case in == nil || (n.Pipeline != nil && d.Base() == n.Address):
		case b.steps[key] != nil && len(b.behind[key]) == 0:
			b.need(id, key)
		default:
			b.needDefinitions(id, in, seen)
		}
	}
}

// needData makes step id wait for the steps that bring what model n reads.
func (b *builder) needData(id string, n *program.Node, seen map[string]bool) {
	var inputs []addr.Address
	for _, t := range n.Model.Tables {
		inputs = append(inputs, t.Target)
	}
	for _, d := range append(inputs, n.DependsOn...) {
		key := d.String()
		if seen[key] {
			continue
		}
		seen[key] = true
		in := b.nodes[key]
		switch {
		case in == nil:
		case in.Model != nil && in.Model.Materialized == "view":
			b.needData(id, in, seen)
		case in.Model != nil:
			b.need(id, key+runSuffix)
		case in.Stream != nil || in.Pipeline != nil:
			b.need(id, d.Base().String()+runSuffix)
		}
	}
}

// connectRun makes a pipeline's run wait for what it uses.
func (b *builder) connectRun(n *program.Node) {
	id := n.Address.String() + runSuffix
	s := b.steps[id]
	if s == nil {
		return
	}
	on := func(key string, n *program.Node) {
		if len(b.behind[key]) == 0 {
			b.need(id, key)
		}
		b.needDefinitions(id, n, map[string]bool{})
	}
	on(n.Address.String(), n)
	for _, a := range s.Do.(*plan.RunPipeline).Streams {
		on(a.String(), b.node(a))
	}
	for _, d := range n.DependsOn { // depends_on: the data of other pipelines and models
		switch in := b.node(d); {
		case in == nil || d.Base() == n.Address:
		case in.Pipeline != nil || in.Stream != nil:
			b.need(id, d.Base().String()+runSuffix)
		case in.Model != nil:
			b.need(id, d.String()+runSuffix)
			b.needData(id, in, map[string]bool{})
		}
	}
}

// connectRemovals makes a removal wait for everything that uses what it takes
// away, and a new owner of a published name wait for the old one to let go.
func (b *builder) connectRemovals() {
	released := map[string]string{} // published name -> id of the step that lets go of it
	for _, key := range sortedKeys(b.prior.Nodes) {
		s, n := b.steps[key], b.prior.Nodes[key].Definition
		if s == nil || n == nil {
			continue
		}
		for _, name := range b.namesOf(n, true) {
			if takesOut(s) || !slices.Contains(b.namesOf(b.nodes[key], false), name) {
				released[name] = key
			}
		}
	}
	handedOver := map[string]bool{}
	for _, n := range b.program.Nodes {
		key := n.Address.String()
		for _, name := range b.namesOf(n, false) {
			if from, ok := released[name]; ok && from != key && b.steps[key] != nil && !sameModel(from, n) {
				b.need(key, from)
				handedOver[from] = true
			}
		}
	}
	for _, key := range sortedKeys(b.prior.Nodes) {
		n := b.prior.Nodes[key].Definition
		if b.steps[key] == nil || n == nil {
			continue
		}
		for _, d := range depends(n) {
			removed := b.steps[d.String()]
			if removed == nil || !takesOut(removed) {
				continue
			}
			if takesOut(b.steps[key]) || !handedOver[d.String()] {
				b.need(d.String(), key)
			}
		}
	}
	b.connectVersions()
}

// takesOut reports whether a step takes an address out of the state.
func takesOut(s *plan.Step) bool { return s.Action == plan.Destroy || s.Action == plan.Forgets }

// connectVersions makes the removal of a model version wait for the steps of its
// other versions, one of which takes over the bare name.
func (b *builder) connectVersions() {
	removed := map[addr.Address][]string{}
	for id, s := range b.steps {
		if takesOut(s) && s.Address.Kind == addr.Model {
			removed[s.Address.Base()] = append(removed[s.Address.Base()], id)
		}
	}
	for _, n := range b.program.Nodes {
		for _, id := range removed[n.Address.Base()] {
			if n.Model != nil {
				b.need(id, n.Address.String())
			}
		}
	}
}

// sameModel reports whether id is the address of another version of the model n:
// versions hand the bare name to each other without letting go of it.
func sameModel(id string, n *program.Node) bool {
	a, err := addr.Parse(id)
	return err == nil && n.Model != nil && a.Kind == addr.Model && a.Base() == n.Address.Base()
}

// namesOf lists the names that a node publishes, with the destination's address
// and the environment's suffix; nil for nodes that publish nothing.
func (b *builder) namesOf(n *program.Node, was bool) []string {
	if n == nil {
		return nil
	}
	suffix := b.program.Environment.SchemaSuffix
	if was {
		suffix = b.suffixWas()
	}
	switch {
	case n.Stream != nil:
		to := b.pipelineOf(n.Address, was).To
		return []string{to.String() + "/" + n.Stream.Schema + suffix + "." + n.Stream.Table}
	case n.Model != nil:
		bare := n.Model.Destination.String() + "/" + n.Model.Schema + suffix + "." + n.Model.Table
		out := []string{bare + "_v" + strconv.Itoa(n.Model.Version)}
		if n.Model.Latest {
			out = append(out, bare)
		}
		return out
	default:
		return nil
	}
}

// ordered returns the steps so that each comes after those it needs; among those
// that could come next, definitions before runs, then by address.
func (b *builder) ordered() []*plan.Step {
	waits := map[string]int{}
	needed := map[string][]string{}
	ready := &stepHeap{}
	for id, s := range b.steps {
		waits[id] = len(s.Needs)
		for _, on := range s.Needs {
			needed[on] = append(needed[on], id)
		}
		if len(s.Needs) == 0 {
			ready.list = append(ready.list, s)
		}
	}
	heap.Init(ready)
	out := make([]*plan.Step, 0, len(b.steps))
	for ready.Len() > 0 {
		s := heap.Pop(ready).(*plan.Step)
		out = append(out, s)
		for _, id := range needed[s.ID] {
			if waits[id]--; waits[id] == 0 {
				heap.Push(ready, b.steps[id])
			}
		}
	}
	if len(out) < len(b.steps) {
		var stuck []string
		for _, id := range sortedKeys(b.steps) {
			if waits[id] > 0 {
				stuck = append(stuck, id)
			}
		}
		b.diags.Add(diag.New(diag.PlanCycle, "These wait for each other: %s.", strings.Join(stuck, ", ")))
	}
	return out
}

// stepHeap orders the steps that could come next.
type stepHeap struct{ list []*plan.Step }

func (h *stepHeap) Len() int      { return len(h.list) }
func (h *stepHeap) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *stepHeap) Push(x any)    { h.list = append(h.list, x.(*plan.Step)) }
func (h *stepHeap) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}
func (h *stepHeap) Less(i, j int) bool {
	x, y := h.list[i], h.list[j]
	if a, b := strings.HasSuffix(x.ID, runSuffix), strings.HasSuffix(y.ID, runSuffix); a != b {
		return b
	}
	if a, b := strings.HasSuffix(x.ID, moveSuffix), strings.HasSuffix(y.ID, moveSuffix); a != b {
		return a
	}
	return addr.Compare(x.Address, y.Address) < 0
}
