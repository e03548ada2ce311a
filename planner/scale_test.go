package planner_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// large makes a project of about n nodes: pipelines of one stream, each with a
// contract, a source and two models in a chain, and one model that reads all.
func large(t testing.TB, n int) *program.Program {
	t.Helper()
	base := map[string]*program.Node{}
	for _, node := range shop(t).Nodes {
		base[node.Address.String()] = node
	}
	p := &program.Program{Project: "large", Environment: program.Environment{Name: "dev"}, Nodes: []*program.Node{base["destination.warehouse"]}}
	var all []program.TableRef
	for i := range n / 6 {
		name := fmt.Sprint("n", i)
		add := func(from string, a addr.Address, change func(n *program.Node)) addr.Address {
			copied := *base[from]
			copied.Address, copied.DependsOn = a, nil
			change(&copied)
			p.Nodes = append(p.Nodes, &copied)
			return a
		}
		src := add("source.files", addr.Of(addr.Source, name), func(*program.Node) {})
		con := add("contract.orders.v1", addr.Of(addr.Contract, name).WithVersion(1), func(*program.Node) {})
		pipe := add("pipeline.orders", addr.Of(addr.Pipeline, name), func(n *program.Node) {
			moved := *n.Pipeline
			moved.From, moved.Streams = src, []string{"s"}
			n.Pipeline, n.DependsOn = &moved, []addr.Address{base["destination.warehouse"].Address, src}
		})
		st := add("pipeline.orders.stream.orders", pipe.WithStream("s"), func(n *program.Node) {
			s := *n.Stream
			s.Contract, s.Table = con, name
			n.Stream, n.DependsOn = &s, []addr.Address{con, pipe}
		})
		view := add("model.recent.v1", addr.Of(addr.Model, name).WithVersion(1), readsFrom(st))
		table := add("model.summary.v1", addr.Of(addr.Model, name+"t").WithVersion(1), readsFrom(view))
		all = append(all, program.TableRef{Target: table})
	}
	last := *base["model.summary.v1"]
	last.Address = addr.Of(addr.Model, "all").WithVersion(1)
	last.DependsOn = nil
	m := *last.Model
	m.Tables, m.Table = all, "all"
	last.Model = &m
	for _, r := range all {
		last.DependsOn = append(last.DependsOn, r.Target)
	}
	p.Nodes = append(p.Nodes, &last)
	sortProgram(p)
	return p
}

func readsFrom(target addr.Address) func(n *program.Node) {
	return func(n *program.Node) {
		m := *n.Model
		m.Table = n.Address.Name
		m.Tables = []program.TableRef{{Target: target, Managed: true}}
		n.Model, n.DependsOn = &m, []addr.Address{target}
	}
}

// TestScale plans a project of 5,000 nodes from nothing and after an apply. The
// bounds are wide: they catch work that grows with the square of the size.
func TestScale(t *testing.T) {
	p := large(t, 5000)
	began := time.Now()
	first, diags := planner.Build(p, nil, planner.Options{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d nodes, %d steps from nothing in %v", len(p.Nodes), len(first.Steps), time.Since(began))
	prior := apply(t, first, &state.Snapshot{})
	began = time.Now()
	next, _ := planner.Build(p, prior, planner.Options{})
	t.Logf("nothing changed: %v", time.Since(began))
	if next.ChangesDefinition() {
		t.Error("after apply the plan is not empty")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("planning took %v", took)
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{500, 1000, 2000, 5000} {
		p := large(b, n)
		first, _ := planner.Build(p, nil, planner.Options{})
		prior := &state.Snapshot{Nodes: map[string]*state.Node{}}
		for _, node := range p.Nodes {
			prior.Nodes[node.Address.String()] = &state.Node{Definition: node, Data: &state.Data{Version: 1}}
		}
		b.Run(fmt.Sprint("first/", n), func(b *testing.B) {
			for b.Loop() {
				planner.Build(p, nil, planner.Options{})
			}
		})
		b.Run(fmt.Sprint("again/", n), func(b *testing.B) {
			for b.Loop() {
				planner.Build(p, prior, planner.Options{})
			}
		})
		b.Run(fmt.Sprint("codec/", n), func(b *testing.B) {
			for b.Loop() {
				var text bytes.Buffer
				if err := plan.Encode(&text, first); err != nil {
					b.Fatal(err)
				}
				if _, err := plan.Decode(&text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
