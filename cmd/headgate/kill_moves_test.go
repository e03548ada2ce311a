package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// killMoves is at how many moments a refactoring is killed.
const killMoves = 12

// refactored is the project of killProject with everything under another name, and
// a model that is renamed with it.
var refactored = strings.NewReplacer(
	`source "file" "in"`, `source "file" "lake"`, "source.in", "source.lake",
	`contract "events"`, `contract "facts"`, "contract.events.v1", "contract.facts.v1",
	`pipeline "events"`, `pipeline "shop"`, `stream "events"`, `stream "facts"`,
	`model "tally"`, `model "tallies"`,
)

const tally = `model "tally" {
  destination  = destination.warehouse
  schema       = "marts"
  materialized = "table"
  query        = "select count(*) as n, sum(id) as s from raw.events"
}
`

const refactorings = `moved {
  from = source.in
  to   = source.lake
}
moved {
  from = contract.events
  to   = contract.facts
}
moved {
  from = pipeline.events
  to   = pipeline.shop
}
moved {
  from = pipeline.shop.stream.events
  to   = pipeline.shop.stream.facts
}
moved {
  from = model.tally
  to   = model.tallies
}
`

// TestKilledMoves kills an apply that moves every address with SIGKILL at random
// moments, applies again, and wants the tables as they were, the new names alone,
// and a bookmark behind which nothing waits.
func TestKilledMoves(t *testing.T) {
	if testing.Short() {
		t.Skip("short: kills 12 applies")
	}
	applied := killProject(t, "file", "append")
	config := filepath.Join(applied, "project.gate.hcl")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	former := string(text) + tally
	put := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte("headgate {\n  name = \"moves\"\n}\n"+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(config, former)
	if out, err := headgate(applied, "apply", "--auto-approve").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := contentOf(t, applied, "file", "append")
	put(config, refactored.Replace(former)+refactorings)
	copied := func() string {
		dir := filepath.Join(t.TempDir(), "p")
		if err := os.CopyFS(dir, os.DirFS(applied)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	began := time.Now()
	if out, err := headgate(copied(), "apply", "--auto-approve").CombinedOutput(); err != nil {
		t.Fatalf("the move that nobody disturbs: %v\n%s", err, out)
	}
	whole := time.Since(began)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, a whole move takes %s", seed, whole)
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range killMoves {
		dir := copied()
		after := time.Duration(rng.Int64N(int64(whole)))
		_, killed := kill(t, dir, after)
		out, err := headgate(dir, "apply", "--auto-approve").CombinedOutput()
		if err != nil || strings.Contains(string(out), "read      ") {
			t.Fatalf("moment %d, after a kill at %s (%v): %v\n%s", i, after, killed, err, out)
		}
		if got := contentOf(t, dir, "file", "append"); got != want {
			t.Errorf("moment %d, killed at %s: got %s, want %s", i, after, got, want)
		}
		for _, args := range [][]string{{"plan", "--detailed-exitcode"}, {"run"}} {
			out, err := headgate(dir, args...).CombinedOutput()
			if err != nil || strings.Contains(string(out), "events.jsonl") || strings.Contains(string(out), " read = ") {
				t.Errorf("moment %d: %v afterwards: %v\n%s", i, args, err, out)
			}
		}
	}
}
