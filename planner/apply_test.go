package planner_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// apply returns the snapshot that carrying out every step of p leaves, as the
// executor would write it. Steps whose id is in fail fail, and so does what needs
// them.
func apply(t *testing.T, p *plan.Plan, prior *state.Snapshot, fail ...string) *state.Snapshot {
	t.Helper()
	p = recode(t, p)
	next := &state.Snapshot{
		FormatVersion: state.FormatVersion, Lineage: "L", Project: p.Project, Environment: p.Environment,
		DefinitionSerial: prior.DefinitionSerial, DataSerial: prior.DataSerial + 1, Nodes: map[string]*state.Node{},
	}
	for k, n := range prior.Nodes {
		copied := *n
		next.Nodes[k] = &copied
	}
	failed := map[string]bool{}
	for _, id := range fail {
		failed[id] = true
	}
	for _, s := range p.Steps {
		for _, need := range s.Needs {
			failed[s.ID] = failed[s.ID] || failed[need]
		}
		if !failed[s.ID] {
			carryOut(t, p, s, next)
		}
	}
	return next
}

func carryOut(t *testing.T, p *plan.Plan, s *plan.Step, next *state.Snapshot) {
	t.Helper()
	if s.Action.ChangesDefinition() {
		next.DefinitionSerial++
	}
	key := s.Address.String()
	define := func() *state.Node {
		n, ok := p.Program.Lookup(s.Address)
		if !ok {
			t.Fatalf("the plan's program lacks %s", s.Address)
		}
		out := &state.Node{Definition: n, Serial: next.DefinitionSerial}
		if old := next.Nodes[key]; old != nil {
			out.Build, out.Data = old.Build, old.Data
		}
		next.Nodes[key] = out
		return out
	}
	switch op := s.Do.(type) {
	case *plan.Define:
		define()
	case *plan.Forget, *plan.Retire, *plan.Release:
		delete(next.Nodes, key)
	case *plan.Move:
		r, nodes := state.NewRenaming(op.Moved, op.Names), map[string]*state.Node{}
		for key, n := range next.Nodes {
			if moved, changed := r.Node(n); changed {
				n, key = moved, moved.Definition.Address.String()
			}
			nodes[key] = n
		}
		next.Nodes = nodes
	case *plan.Adopt:
		define().Build = "adopted"
	case *plan.PrepareStream:
		if n := define(); op.Fresh {
			n.Build, n.Data = "new", nil
		}
	case *plan.RunPipeline:
		for _, a := range op.Streams {
			n := next.Nodes[a.String()]
			if n == nil {
				t.Fatalf("%s runs before it is prepared", a)
			}
			n.Data = published(n.Data)
			n.Data.Bookmark = json.RawMessage(`{"files":1}`)
		}
	case *plan.BuildModel:
		n := define()
		n.Data = published(n.Data)
		n.Data.Inputs = map[string]int64{}
		readVersions(n.Definition.Model, next, n.Data.Inputs)
	default:
		t.Fatalf("unknown operation %T", op)
	}
}

func published(old *state.Data) *state.Data {
	if old == nil {
		return &state.Data{Version: 1}
	}
	next := *old
	next.Version++
	return &next
}

// readVersions collects the versions of what a model reads, through views.
func readVersions(m *program.Model, s *state.Snapshot, into map[string]int64) {
	for _, t := range m.Tables {
		n := s.Nodes[t.Target.String()]
		switch {
		case n == nil:
		case n.Definition.Model != nil && n.Definition.Model.Materialized == "view":
			readVersions(n.Definition.Model, s, into)
		case n.Data != nil:
			into[t.Target.String()] = n.Data.Version
		}
	}
}

// recode encodes and decodes a plan.
func recode(t *testing.T, p *plan.Plan) *plan.Plan {
	t.Helper()
	var b bytes.Buffer
	if err := plan.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	got, err := plan.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func address(t testing.TB, s string) addr.Address {
	t.Helper()
	a, err := addr.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
