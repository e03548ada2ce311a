// Package storetest is what every state store must pass. A backend's test calls
// Run with a function that opens an empty store.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

const env = "dev"

// Run checks a backend. open returns a new, empty store each time and closes it
// when the test ends.
func Run(t *testing.T, open func(t *testing.T) statestore.Store) {
	for name, check := range map[string]func(*testing.T, statestore.Store){
		"empty":                 empty,
		"put and read":          putAndRead,
		"serials":               serials,
		"data keeps definition": dataKeepsDefinition,
		"data never goes back":  dataNeverGoesBack,
		"removed meanwhile":     removedMeanwhile,
		"retired":               retired,
		"leases exclude":        leasesExclude,
		"leases wait":           leasesWait,
		"tokens grow":           tokensGrow,
		"released lease":        releasedLease,
		"one at a time":         oneAtATime,
		"history":               history,
		"moves":                 moves,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

// Node makes a node of the state for a source of that path.
func Node(name, path string) *state.Node {
	return &state.Node{
		Definition: &program.Node{Address: addr.Of(addr.Source, name), Source: &program.Source{Type: "file", File: &program.FileSource{Path: path, Format: "jsonl"}}},
		AppliedAt:  "2026-01-02T03:04:05Z", RunID: "run-1",
	}
}

// Holder makes a holder of leases.
func Holder(run string) statestore.Holder {
	return statestore.Holder{RunID: run, Who: "ann@host", PID: 1, Command: "headgate apply"}
}

func acquire(t *testing.T, s statestore.Store, key string) statestore.Lease {
	t.Helper()
	l, err := s.Acquire(t.Context(), env, key, Holder("run-1"), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Release(context.Background()) })
	return l
}

func put(t *testing.T, s statestore.Store, l statestore.Lease, w statestore.Write) {
	t.Helper()
	w.Environment, w.Project = env, "shop"
	if err := s.Put(t.Context(), l, w); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s statestore.Store) *state.Snapshot {
	t.Helper()
	snap, err := s.Read(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func wantCode(t *testing.T, err error, code diag.Code) *diag.Diagnostic {
	t.Helper()
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code {
		t.Fatalf("got the error %v, want %s", err, code)
	}
	return d
}

func empty(t *testing.T, s statestore.Store) {
	snap := read(t, s)
	if len(snap.Nodes) != 0 || snap.DefinitionSerial != 0 || snap.Environment != env || snap.Nodes == nil {
		t.Errorf("an empty store gave %+v", snap)
	}
	runs, err := s.Runs(t.Context(), env, 10)
	envs, err2 := s.Environments(t.Context())
	if err := errors.Join(err, err2); err != nil || len(runs)+len(envs) > 0 {
		t.Errorf("an empty store has the runs %v and environments %v (%v)", runs, envs, err)
	}
}

func putAndRead(t *testing.T, s statestore.Store) {
	l := acquire(t, s, "definitions")
	want := Node("a", "x.jsonl")
	want.Data = &state.Data{Version: 9007199254740993, Rows: 2, Inputs: map[string]int64{"b": 1}, Bookmark: []byte(`{"a":[1]}`)}
	put(t, s, l, statestore.Write{Address: "source.a", Node: want, Definition: true})
	snap := read(t, s)
	want.Serial = 1
	if d := cmp.Diff(map[string]*state.Node{"source.a": want}, snap.Nodes); d != "" {
		t.Errorf("read differs from what was put (-want +got):\n%s", d)
	}
	if snap.Project != "shop" || snap.Lineage == "" {
		t.Errorf("project %q, lineage %q", snap.Project, snap.Lineage)
	}
	if other, err := s.Read(t.Context(), "prod"); err != nil || len(other.Nodes) > 0 || other.Lineage != snap.Lineage {
		t.Errorf("another environment reads as %+v (%v)", other, err)
	}
	put(t, s, l, statestore.Write{Address: "source.a", Definition: true})
	if snap := read(t, s); len(snap.Nodes) != 0 || snap.DefinitionSerial != 2 {
		t.Errorf("after taking it out: %+v", snap)
	}
	if envs, err := s.Environments(t.Context()); err != nil || !cmp.Equal(envs, []string{env}) {
		t.Errorf("environments: %v (%v)", envs, err)
	}
}

func serials(t *testing.T, s statestore.Store) {
	l := acquire(t, s, "definitions")
	for range 3 {
		put(t, s, l, statestore.Write{Address: "source.a", Node: Node("a", "x"), Definition: true})
	}
	put(t, s, l, statestore.Write{Address: "source.a", Node: Node("a", "x")})
	if snap := read(t, s); snap.DefinitionSerial != 3 || snap.DataSerial != 1 || snap.Nodes["source.a"].Serial != 3 {
		t.Errorf("serials %d and %d, of the node %d; want 3, 1, 3", snap.DefinitionSerial, snap.DataSerial, snap.Nodes["source.a"].Serial)
	}
}

func dataKeepsDefinition(t *testing.T, s statestore.Store) {
	l := acquire(t, s, "definitions")
	put(t, s, l, statestore.Write{Address: "source.a", Node: Node("a", "new"), Definition: true})
	late := Node("a", "old")
	late.Data, late.Build = &state.Data{Version: 1}, "b1"
	put(t, s, l, statestore.Write{Address: "source.a", Node: late})
	n := read(t, s).Nodes["source.a"]
	if n.Definition.Source.File.Path != "new" || n.Data == nil || n.Build != "b1" {
		t.Errorf("a run's write left %+v of the definition, data %+v, build %q", n.Definition.Source.File, n.Data, n.Build)
	}
}

func dataNeverGoesBack(t *testing.T, s statestore.Store) {
	l := acquire(t, s, "definitions")
	n := Node("a", "x")
	n.Data = &state.Data{Version: 5, Rows: 50}
	put(t, s, l, statestore.Write{Address: "source.a", Node: n, Definition: true})
	old := Node("a", "y")
	old.Data = &state.Data{Version: 4, Rows: 40}
	put(t, s, l, statestore.Write{Address: "source.a", Node: old, Definition: true})
	if got := read(t, s).Nodes["source.a"]; got.Data.Version != 5 || got.Definition.Source.File.Path != "y" {
		t.Errorf("version %d, path %s; want 5 and y", got.Data.Version, got.Definition.Source.File.Path)
	}
	put(t, s, l, statestore.Write{Address: "source.a", Node: Node("a", "z"), Definition: true})
	if got := read(t, s).Nodes["source.a"]; got.Data != nil {
		t.Errorf("a definition that starts anew kept %+v", got.Data)
	}
}

func removedMeanwhile(t *testing.T, s statestore.Store) {
	l := acquire(t, s, "definitions")
	err := s.Put(t.Context(), l, statestore.Write{Environment: env, Project: "shop", Address: "source.a", Node: Node("a", "x")})
	wantCode(t, err, diag.StateConflict)
	if snap := read(t, s); snap.DataSerial != 0 || len(snap.Nodes) != 0 {
		t.Errorf("a refused write left %+v", snap)
	}
}

func retired(t *testing.T, s statestore.Store) {
	l := acquire(t, s, "definitions")
	out := []state.Retired{{Address: addr.Of(addr.Model, "m").WithVersion(1), Destination: addr.Of(addr.Destination, "d"), Schema: "s", Name: "m_v1", Build: "b1", RetiredAt: "x", DropAfter: "y"}}
	put(t, s, l, statestore.Write{Address: "model.m.v1", Definition: true, Retire: out})
	put(t, s, l, statestore.Write{Address: "model.m.v1", Definition: true, Retire: out})
	if d := cmp.Diff(out, read(t, s).Retired); d != "" {
		t.Errorf("retired (-want +got):\n%s", d)
	}
	put(t, s, l, statestore.Write{Address: "model.m.v1", Definition: true, Dropped: []string{"b1"}})
	if got := read(t, s).Retired; len(got) != 0 {
		t.Errorf("dropped builds are still listed: %v", got)
	}
}

func leasesExclude(t *testing.T, s statestore.Store) {
	acquire(t, s, "definitions")
	acquire(t, s, "pipeline.a") // another key
	_, err := s.Acquire(t.Context(), env, "definitions", Holder("run-2"), 50*time.Millisecond)
	if d := wantCode(t, err, diag.LeaseHeld); d.Address != "definitions" {
		t.Errorf("address %q", d.Address)
	}
	other, err := s.Acquire(t.Context(), "prod", "definitions", Holder("run-2"), 0)
	if err != nil {
		t.Fatalf("the same key in another environment: %v", err)
	}
	if err := other.Release(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Acquire(ctx, env, "definitions", Holder("run-2"), time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting under a cancelled context gave %v", err)
	}
}

func leasesWait(t *testing.T, s statestore.Store) {
	first := acquire(t, s, "k")
	go func() {
		time.Sleep(100 * time.Millisecond)
		_ = first.Release(context.Background())
	}()
	second, err := s.Acquire(t.Context(), env, "k", Holder("run-2"), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Release(t.Context()); err != nil {
		t.Error(err)
	}
}

func tokensGrow(t *testing.T, s statestore.Store) {
	last := int64(0)
	for range 20 {
		l, err := s.Acquire(t.Context(), env, "k", Holder("r"), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if l.Token() <= last {
			t.Fatalf("token %d after %d", l.Token(), last)
		}
		last = l.Token()
		if err := l.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func releasedLease(t *testing.T, s statestore.Store) {
	l := acquire(t, s, "k")
	if err := errors.Join(l.Release(t.Context()), l.Release(t.Context())); err != nil {
		t.Fatal(err)
	}
	w := statestore.Write{Environment: env, Project: "shop", Address: "source.a", Node: Node("a", "x"), Definition: true}
	wantCode(t, s.Put(t.Context(), l, w), diag.LeaseGone)
	next := acquire(t, s, "k")
	wantCode(t, s.Put(t.Context(), l, w), diag.LeaseGone)
	if err := s.Put(t.Context(), next, w); err != nil {
		t.Error(err)
	}
	w.Environment = "prod"
	wantCode(t, s.Put(t.Context(), next, w), diag.Internal)
}

// oneAtATime lets many goroutines count under one lease: a lost update would
// show in the serial and in the counter.
func oneAtATime(t *testing.T, s statestore.Store) {
	const workers, rounds = 4, 5
	inside := 0
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for range rounds {
				l, err := s.Acquire(t.Context(), env, "k", Holder(fmt.Sprint("run-", w)), time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				inside++
				if inside != 1 {
					t.Errorf("%d hold the lease at once", inside)
				}
				err = s.Put(t.Context(), l, statestore.Write{Environment: env, Project: "shop", Address: "source.a", Node: Node("a", "x"), Definition: true})
				inside--
				if err := errors.Join(err, l.Release(t.Context())); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := read(t, s).DefinitionSerial; got != workers*rounds {
		t.Errorf("the serial is %d after %d writes", got, workers*rounds)
	}
}

func history(t *testing.T, s statestore.Store) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	var want []statestore.Run
	for i := range 3 {
		r := statestore.Run{ID: fmt.Sprint("r", i), Environment: env, Command: "apply", Status: "running", StartedAt: at.Add(time.Duration(i) * time.Second)}
		if err := s.BeginRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			r.Status, r.EndedAt, r.Report = "success", at.Add(time.Hour), []byte(`{"a":1}`)
			if err := s.EndRun(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		want = append([]statestore.Run{r}, want...)
	}
	for limit, n := range map[int]int{0: 3, 2: 2, 10: 3} {
		got, err := s.Runs(t.Context(), env, limit)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want[:n], got); d != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, d)
		}
	}
	wantCode(t, s.EndRun(t.Context(), statestore.Run{ID: "never"}), diag.Internal)
}

// moves: addresses have other names, everywhere, once.
func moves(t *testing.T, s statestore.Store) {
	l := acquire(t, s, "definitions")
	a, b, c := addr.Of(addr.Source, "a"), addr.Of(addr.Source, "b"), addr.Of(addr.Source, "c")
	put(t, s, l, statestore.Write{Address: "source.a", Node: Node("a", "x"), Definition: true})
	pipe := &state.Node{Definition: &program.Node{Address: addr.Of(addr.Pipeline, "p"), DependsOn: []addr.Address{a}, Pipeline: &program.Pipeline{From: a}}}
	pipe.Data = &state.Data{Version: 1, Inputs: map[string]int64{"source.a": 3, "source.z": 4}}
	put(t, s, l, statestore.Write{Address: "pipeline.p", Node: pipe, Definition: true, Retire: []state.Retired{{Address: a, Name: "t", Build: "b1"}}})
	move := func(moved ...state.Moved) error {
		return s.Move(t.Context(), l, statestore.Moves{Environment: env, Project: "shop", Renaming: state.NewRenaming(moved, nil)})
	}
	for range 2 { // the second time there is nothing to do
		if err := move(state.Moved{From: a, To: b}); err != nil {
			t.Fatal(err)
		}
		snap := read(t, s)
		n, p := snap.Nodes["source.b"], snap.Nodes["pipeline.p"]
		if n == nil || snap.Nodes["source.a"] != nil || fmt.Sprint(n.Former) != "[source.a]" || n.Definition.Address != b || snap.DefinitionSerial != 3 || n.Serial != 3 {
			t.Fatalf("moved: %+v at %d", n, snap.DefinitionSerial)
		}
		if p.Definition.Pipeline.From != b || p.Definition.DependsOn[0] != b || fmt.Sprint(p.Data.Inputs) != "map[source.b:3 source.z:4]" || snap.Retired[0].Address != b || len(p.Former) > 0 {
			t.Fatalf("what speaks of it: %+v %+v", p.Definition.Pipeline, p.Data)
		}
	}
	put(t, s, l, statestore.Write{Address: "source.b", Node: Node("b", "y"), Definition: true})
	if n := read(t, s).Nodes["source.b"]; fmt.Sprint(n.Former) != "[source.a]" {
		t.Errorf("a definition lost the former address: %v", n.Former)
	}
	put(t, s, l, statestore.Write{Address: "source.c", Node: Node("c", "z"), Definition: true})
	wantCode(t, move(state.Moved{From: b, To: c}), diag.StateConflict)
	if snap := read(t, s); snap.Nodes["source.b"] == nil || snap.Nodes["source.c"].Definition.Source.File.Path != "z" {
		t.Error("a move that was refused changed something")
	}
	if err := l.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCode(t, move(state.Moved{From: b, To: addr.Of(addr.Source, "d")}), diag.LeaseGone)
}
