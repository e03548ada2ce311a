package exectest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/executor"
	checked "github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/executor/sample"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/planner"
)

// sampled samples the streams that would run now.
func (w *world) sampled(n int64, examples string) []checked.Sample {
	w.t.Helper()
	ctx := context.Background()
	store, err := statestore.Open(w.path(".headgate/state.db"), statestore.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close() // read only: nothing can be lost
	env := w.env()
	env.Store = store
	prior, err := store.Read(ctx, w.environment)
	if err != nil {
		w.t.Fatal(err)
	}
	prog := w.compile()
	prior, diags := executor.Refresh(ctx, prior, planner.Questions(prog, prior, planner.Options{}), env)
	p, more := planner.Build(prog, prior, planner.Options{})
	if err := append(diags, more...).Err(); err != nil {
		w.t.Fatal(err)
	}
	out, more := sample.Run(ctx, sample.Spec{Program: prog, Prior: prior, Plan: p, Records: n, Examples: examples, Env: env})
	if err := more.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// countsOf are a sample's counts as counts has those of a run.
func countsOf(s checked.Sample) string {
	return fmt.Sprint(s.Read, s.Accepted, s.Quarantined, s.Dropped, s.Filtered, s.Annotated, s.Warned)
}

// rulesOf are the broken rules, "rule count outcome" each.
func rulesOf(list []checked.RuleReport) string {
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprint(r.Rule, " ", r.Count, " ", r.Outcome))
	}
	return strings.Join(out, "; ")
}

// TestSampleIsARun samples everything that waits, runs, and compares: the counts,
// the rules, and whether the run fails.
func TestSampleIsARun(t *testing.T) {
	data := `{"id":1,"n":1}
{"id":2,"n":-1}
{"id":3,"n":"x"}
{"n":4}
not json
{"id":6,"n":6,"out":true}
{"id":7,"n":7,"more":1}
`
	for _, mode := range []string{"quarantine", "drop", "null_value", "warn", "fail"} {
		for _, rest := range []string{"", "tolerance = \"10%\"", "tolerance = \"90%\"", "unknown_columns = \"quarantine\"", "unknown_columns = \"evolve\"", "unknown_columns = \"fail\""} {
			t.Run(mode+" "+rest, func(t *testing.T) {
				w := newWorld(t, shopWith(columns+`on_violation = "`+mode+`"`+"\n"+rest, appends+`
    map {
      filter = row.out == null
    }`, ""))
				w.write("data/a.jsonl", data)
				got := w.sampled(100, "full")
				if len(got) != 1 {
					t.Fatalf("%d samples", len(got))
				}
				o := w.apply()
				fails := o.report.Status == executor.Failed
				expect(t, "broken", got[0].Verdict == checked.Broken, fails)
				if fails && o.stream("events").Read < 7 { // it stopped at the first fault
					return
				}
				expect(t, "counts", countsOf(got[0]), counts(o.stream("events")))
				expect(t, "rules", rulesOf(got[0].Rules), rulesOf(o.stream("events").Rules))
				expect(t, "evolved", fmt.Sprint(got[0].Evolved), fmt.Sprint(o.stream("events").Evolved))
				expect(t, "whole", got[0].Whole, true)
				if !fails {
					w.settled()
				}
			})
		}
	}
}

// TestSampleStops reads no more than it is asked for, of every format.
func TestSampleStops(t *testing.T) {
	w := newWorld(t, shopWith(columns, appends, ""))
	text := ""
	for i := range 50 {
		text += fmt.Sprintf("{\"id\":%d,\"n\":1}\n", i)
	}
	w.write("data/a.jsonl", text)
	for n, want := range map[int64]string{1: "1 1", 49: "49 49", 50: "50 50", 51: "50 50"} {
		s := w.sampled(n, "keys")[0]
		expect(t, "read and accepted", fmt.Sprint(s.Read, s.Accepted), want)
		expect(t, "whole", s.Whole, n >= 50)
	}
}

// TestSampleOfATap reads two streams in one session, from the STATE of the last
// run, and moves nothing.
func TestSampleOfATap(t *testing.T) {
	w := newWorld(t, tapped(t, "append"))
	lines := []string{schemaOf("a"), schemaOf("b"), recordOf("a", 1), recordOf("b", 1), "state"}
	w.script(lines...)
	w.apply().ok()
	lines = append(lines, recordOf("a", 2), recordOf("a", -3), recordOf("b", 2), "state", recordOf("a", 4), recordOf("a", 5), "state")
	w.script(lines...)
	for range 2 { // the second finds what the first found
		got := w.sampled(3, "keys")
		expect(t, "a", countsOf(got[0]), "3 2 1 0 0 0 0")
		expect(t, "b", countsOf(got[1]), "1 1 0 0 0 0 0")
		expect(t, "whole", fmt.Sprint(got[0].Whole, got[1].Whole), "false true")
		expect(t, "from", string(got[0].From), string(got[1].From))
		expect(t, "rules", rulesOf(got[0].Rules), "n.min 1 quarantined")
		x := got[0].Rules[0].Examples[0]
		expect(t, "a place and no value", fmt.Sprintf("%v %q", x.Line > 0, x.Value), `true ""`)
	}
	o := w.apply().ok()
	expect(t, "a", counts(o.stream("a")), "4 3 1 0 0 0 0")
	expect(t, "b", counts(o.stream("b")), "1 1 0 0 0 0 0")

	// A stream whose turn does not come is given up.
	lines = []string{schemaOf("a"), schemaOf("b")}
	for i := range 500 {
		lines = append(lines, recordOf("a", i))
	}
	w.script(append(lines, recordOf("b", 9), "state")...)
	w.edit(`contract = contract.c
    table    = "raw.a"`, `contract = contract.c
    table    = "raw.a2"`)
	w.forget()
	got := w.sampled(2, "none")
	expect(t, "a", got[0].Read, int64(2))
	expect(t, "b", fmt.Sprint(got[1].Read, got[1].Whole), "0 false")
	expect(t, "nothing was made", w.queryIn("w.duckdb", "select count(*) from duckdb_views() where view_name = 'a2'"), "0")
}
