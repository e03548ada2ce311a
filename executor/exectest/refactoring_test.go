package exectest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// later is the same project with everything under another name.
func later() string {
	return strings.NewReplacer(
		`source "file" "files"`, `source "file" "lake"`, "source.files", "source.lake",
		`"duckdb" "w"`, `"duckdb" "house"`, "destination.w\n", "destination.house\n",
		`contract "event"`, `contract "events"`, "contract.event\n", "contract.events\n",
		`pipeline "old"`, `pipeline "new"`, `stream "merged"`, `stream "latest"`, `table    = "raw.merged"`, `table    = "raw.latest"`,
		`model "fact_event"`, `model "fact_events"`, "marts.fact_event ", "marts.fact_events ", "from fact_event\"", "from fact_events\"",
	).Replace(former) + movedBlocks
}

const movedBlocks = `
moved {
  from = source.files
  to   = source.lake
}
moved {
  from = destination.w
  to   = destination.house
}
moved {
  from = contract.event
  to   = contract.events
}
moved {
  from = pipeline.old
  to   = pipeline.new
}
moved {
  from = pipeline.new.stream.merged
  to   = pipeline.new.stream.latest
}
moved {
  from = model.fact_event
  to   = model.fact_events
}
`

func events(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"id":%d,"n":%d,"text":"t%d"}`+"\n", i, i%5-1, i)
	}
	return b.String()
}

// refactored is the project, loaded under its former names and then rewritten.
func refactored(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, former)
	w.write("data/a.jsonl", events(0, 100))
	w.apply().ok()
	w.want("select count(*) from raw.events", "80")
	w.write("main.gate.hcl", "headgate {\n  name = \"test\"\n}\n"+later())
	return w
}

// TestMovedEverything: everything has another name, and no row is loaded anew.
func TestMovedEverything(t *testing.T) {
	w := refactored(t)
	built := w.query("select table_name from duckdb_tables() where schema_name = 'headgate' order by 1")
	o := w.apply().ok()
	for _, s := range o.plan.Steps {
		if op := plan.OpKind(s.Do); op != "move" && op != "define" && op != "prepare_stream" && s.ID != "model.recent.v1" {
			t.Errorf("%s: %s\n%s", s.ID, op, plan.Dump(o.plan))
		}
	}
	w.movedWell()
	// The tables behind are the same ones, some under another name.
	now := w.query("select table_name from duckdb_tables() where schema_name = 'headgate' order by 1")
	expect(t, "builds", now, strings.NewReplacer("fact_event_v1", "fact_events_v1", "raw.merged", "raw.latest").Replace(built))
	w.want("select distinct address from headgate_runs order by 1", "model.fact_events.v1; model.recent.v1; model.sums.v1; pipeline.new")
	w.want("select distinct pipeline, stream from headgate_quarantine order by 2", "pipeline.new pipeline.new.stream.events; pipeline.new pipeline.new.stream.latest")
	w.want("select pipeline from headgate_bookmarks", "pipeline.new")
	w.want("select name, address from headgate_meta where kind = 'moved' and name like 'pipeline.old%' order by 1",
		"pipeline.old pipeline.new; pipeline.old.stream.events pipeline.new.stream.events; pipeline.old.stream.merged pipeline.new.stream.latest")
	w.want("select count(*) from headgate_meta where kind = 'name' and (address like '%old%' or address like '%fact_event.%' or address = 'model.fact_event')", "0")
	for key, n := range w.snapshot().Nodes {
		want := map[string]string{"pipeline.new.stream.latest": "[pipeline.old.stream.merged]", "model.fact_events.v1": "[model.fact_event.v1]", "source.lake": "[source.files]"}[key]
		if want != "" && fmt.Sprint(n.Former) != want {
			t.Errorf("%s was %v", key, n.Former)
		}
	}

	// The next run goes on from the bookmark.
	w.write("data/b.jsonl", events(100, 150))
	o = w.apply().ok()
	expect(t, "read", counts(o.stream("events")), "50 40 10 0 0 0 0")
	expect(t, "read", counts(o.stream("latest")), "50 40 10 0 0 0 0")
	w.want("select count(*), count(distinct id) from raw.events", "120 120")
	w.want("select count(*), count(distinct id) from raw.latest", "120 120")
	w.want("select c from marts.sums", "120")
	w.settled()

	// And so does one that knows the state alone.
	w.write("data/c.jsonl", events(150, 160))
	w.run = true
	o = w.apply().ok()
	expect(t, "read", counts(o.stream("events")), "10 8 2 0 0 0 0")
	w.want("select count(*), count(distinct id) from raw.events", "128 128")
	for key, n := range w.snapshot().Nodes {
		if key == "pipeline.new.stream.latest" && len(n.Former) != 1 {
			t.Errorf("a run forgot what %s was called", key)
		}
	}
}

// movedWell checks what every apply of the refactored project must end with.
func (w *world) movedWell() {
	w.t.Helper()
	w.want("select count(*), count(distinct id) from raw.events", "80 80")
	w.want("select count(*) from raw.latest", "80")
	w.want("select count(*) from marts.fact_events", "80")
	w.want("select count(*) from marts.fact_events_v1", "80")
	w.want("select count(*) from marts.recent", "79")
	w.want("select schema_name, view_name from duckdb_views() where not internal and view_name in ('fact_event', 'fact_event_v1', 'merged')", "")
	w.settled()
}

// failing is a destination, or a store, that ends a move at one of its moments.
type failing struct {
	connector.Destination
	before, after func() error
}

func (f failing) Move(ctx context.Context, req connector.MoveRequest) error {
	if err := f.before(); err != nil {
		return err
	}
	if err := f.Destination.(connector.Mover).Move(ctx, req); err != nil {
		return err
	}
	return f.after()
}

type failingStore struct {
	statestore.Store
	before, after func() error
}

func (f failingStore) Move(ctx context.Context, l statestore.Lease, m statestore.Moves) error {
	if err := f.before(); err != nil {
		return err
	}
	if err := f.Store.Move(ctx, l, m); err != nil {
		return err
	}
	return f.after()
}

// TestMoveStopped: a move that ends at any moment, and is applied again, ends as one
// that was not stopped. What ends there is what a kill at that moment leaves: each
// side has all of its transaction or nothing.
func TestMoveStopped(t *testing.T) {
	// Of 14: a model in the destination, then in the state; a pipeline in the
	// destination, then in the state.
	for _, moment := range []int{5, 7, 9, 11} {
		t.Run(fmt.Sprint(moment), func(t *testing.T) {
			w := refactored(t)
			w.parallel = 1
			calls := 0
			stop := func() error {
				if calls++; calls-1 == moment {
					return errors.New("killed")
				}
				return nil
			}
			w.wrap = func(d connector.Destination) connector.Destination { return failing{d, stop, stop} }
			w.store = func(s statestore.Store) statestore.Store { return failingStore{s, stop, stop} }
			o := w.apply()
			if o.report.Status != executor.Failed {
				t.Fatalf("%d moments, and the move went through", calls)
			}
			// What runs in between must not load a thing twice.
			w.run = true
			if o := w.apply(); o.diags.HasErrors() {
				t.Logf("in between: %v", o.diags.Err())
			}
			w.apply().ok()
			w.movedWell()
			w.write("data/b.jsonl", events(100, 150))
			w.apply().ok()
			w.want("select count(*), count(distinct id) from raw.events", "120 120")
			w.want("select count(*), count(distinct id) from raw.latest", "120 120")
		})
	}
}

// TestMoveGivesUpStaging: what a stopped run has staged is read again after a move.
func TestMoveGivesUpStaging(t *testing.T) {
	w := newWorld(t, shopWith(keyed, `write = "append"`, ""))
	w.write("data/a.jsonl", many(0, 20000))
	w.stopped()
	w.edit(`pipeline "p"`, `pipeline "q"`)
	w.add("main.gate.hcl", "moved {\n  from = pipeline.p\n  to = pipeline.q\n}\n")
	r := w.apply().ok().stream("events")
	expect(t, "resumed", r.Resumed, false)
	expect(t, "counts", counts(r), "20000 17142 2858 0 0 0 0")
	w.want("select count(*), count(distinct id) from raw.events", "17142 17142")
	w.want("select count(*) from headgate.staging", "0")
	w.settled()
}

// TestMovedColumn: a column of a table has another name, and its values stay.
func TestMovedColumn(t *testing.T) {
	for _, write := range []string{"append", "merge", "replace"} {
		t.Run(write, func(t *testing.T) {
			w := newWorld(t, former)
			w.edit(`write    = "append"`, `write    = "`+write+`"`)
			w.write("data/a.jsonl", events(0, 10))
			w.apply().ok()
			w.edit("  column \"text\" {\n    type = string\n  }", "  compatibility = \"none\"\n  column \"label\" {\n    type = string\n  }")
			w.add("main.gate.hcl", "moved {\n  from = contract.event.column.text\n  to = contract.event.column.label\n}\n")
			o := w.apply().ok()
			for _, s := range o.report.Steps {
				if len(s.Streams) > 0 {
					t.Errorf("%s ran:\n%s", s.ID, plan.Dump(o.plan))
				}
			}
			w.want("select id, label from raw.events order by 1 limit 2", "1 t1; 2 t2")
			w.want("select column_name from (describe raw.events) order by 1", "id; label; n")
			w.settled()
			w.write("data/b.jsonl", `{"id":20,"n":1,"label":"x"}`+"\n")
			w.apply().ok()
			w.want("select label from raw.events where id = 20", "x")
		})
	}
}

// TestMovedColumnTaken: the table behind keeps a column that a contract had.
func TestMovedColumnTaken(t *testing.T) {
	w := newWorld(t, former)
	w.write("data/a.jsonl", events(0, 10))
	w.apply().ok()
	w.edit("  column \"text\" {\n    type = string\n  }", "  compatibility = \"none\"\n  column \"label\" {\n    type = string\n  }")
	w.apply().ok()
	w.edit("column \"label\"", "column \"text\"")
	w.add("main.gate.hcl", "moved {\n  from = contract.event.column.label\n  to = contract.event.column.text\n}\n")
	w.apply().fails(diag.ColumnTaken, diag.ColumnTaken)
	w.want("select id, label from raw.events order by 1 limit 1", "1 null")
}

// TestMovedOntoAFormerName: a stream takes the name of one that is gone, and not its
// place in the files.
func TestMovedOntoAFormerName(t *testing.T) {
	w := newWorld(t, former)
	w.write("data/a.jsonl", events(0, 10))
	w.apply().ok()
	text := "headgate {\n  name = \"test\"\n}\n" + without(t, former, "  stream \"merged\"")
	w.write("main.gate.hcl", text)
	w.apply().ok()
	w.write("data/b.jsonl", events(10, 20))
	w.apply().ok()
	w.write("main.gate.hcl", strings.Replace(text, `stream "events"`, `stream "merged"`, 1)+"moved {\n  from = pipeline.old.stream.events\n  to   = pipeline.old.stream.merged\n}\n")
	w.apply().ok()
	w.want("select count(*), count(distinct id) from raw.events", "16 16")
	w.settled()
	w.write("data/c.jsonl", events(20, 30))
	expect(t, "read", counts(w.apply().ok().stream("merged")), "10 8 2 0 0 0 0")
	w.want("select count(*), count(distinct id) from raw.events", "24 24")
}

// TestMovedStream: one stream of a pipeline has another name; the bookmark that all of
// them share has it, too, and the state mirrors it.
func TestMovedStream(t *testing.T) {
	w := newWorld(t, former)
	w.write("data/a.jsonl", events(0, 10))
	w.apply().ok()
	w.edit(`stream "merged"`, `stream "latest"`)
	w.add("main.gate.hcl", "moved {\n  from = pipeline.old.stream.merged\n  to   = pipeline.old.stream.latest\n}\n")
	w.apply().ok()
	w.settled()
	truth := w.query("select bookmark from headgate_bookmarks")
	if !strings.Contains(truth, `"latest"`) || strings.Contains(truth, `"merged"`) {
		t.Errorf("bookmark %s", truth)
	}
	for _, key := range []string{"pipeline.old.stream.events", "pipeline.old.stream.latest"} {
		if got := string(w.snapshot().Nodes[key].Data.Bookmark); got != truth {
			t.Errorf("%s mirrors %s, the destination has %s", key, got, truth)
		}
	}
}

// TestRemovedKeepsData: the table stays, and nobody owns it.
func TestRemovedKeepsData(t *testing.T) {
	w := newWorld(t, former)
	w.write("data/a.jsonl", events(0, 10))
	w.apply().ok()
	text := former
	for _, name := range []string{"fact_event", "recent", "sums"} {
		text = without(t, text, `model "`+name+`"`)
	}
	text = without(t, text, "  stream \"merged\"")
	w.write("main.gate.hcl", "headgate {\n  name = \"test\"\n}\n"+text+`
removed {
  from      = model.fact_event
  keep_data = true
}
removed {
  from      = model.recent
  keep_data = false
}
removed {
  from      = pipeline.old.stream.merged
  keep_data = true
}
removed {
  from      = model.never
  keep_data = true
}
`)
	w.apply().ok()
	w.want("select count(*) from raw.merged", "8")
	w.want("select count(*) from marts.fact_event", "8")
	w.want("select count(*) from duckdb_views() where view_name in ('recent', 'recent_v1', 'sums')", "0")
	w.want("select count(*) from headgate_meta where kind = 'name' and name in ('merged', 'fact_event', 'fact_event_v1')", "0")
	for _, r := range w.snapshot().Retired {
		if strings.Contains(r.Name, "merged") || strings.Contains(r.Name, "fact_event") {
			t.Errorf("%s waits to be dropped", r.Name)
		}
	}
	w.settled()
}

// without cuts a block out of a text.
func without(t *testing.T, text, header string) string {
	t.Helper()
	at := strings.Index(text, header)
	if at < 0 {
		t.Fatalf("no %s", header)
	}
	indent := header[:len(header)-len(strings.TrimLeft(header, " "))]
	end := strings.Index(text[at:], "\n"+indent+"}\n")
	return text[:at] + text[at+end+len(indent)+3:]
}

const legacy = `create schema raw; create table raw.events (id integer primary key, text varchar, extra double);
	insert into raw.events select i, 'old' || i, 1.5 from range(5) t(i)`

func importing(write, more string) string {
	text := strings.Replace(former, `write    = "append"`, `write    = "`+write+`"`, 1)
	return text + "import {\n  to    = pipeline.old.stream.events\n  table = \"raw.events\"\n" + more + "}\n"
}

// TestImport: a table that somebody else made becomes a stream's.
func TestImport(t *testing.T) {
	for write, rows := range map[string]string{"merge": "9 9", "append": "13 9", "replace": "8 8"} {
		t.Run(write, func(t *testing.T) {
			more := ""
			if write == "append" {
				more = "  load_again = true\n"
			}
			text := importing(write, more)
			if write == "append" { // else the promise of a key refuses what stands there twice
				text = strings.NewReplacer("  key = [\"id\"]\n", "", `write    = "merge"`, `write    = "append"`).Replace(text)
			}
			w := newWorld(t, text)
			w.exec(legacy)
			w.write("data/a.jsonl", events(1, 11))
			o := w.apply().ok()
			op, ok := o.plan.Steps[stepOf(t, o, "pipeline.old.stream.events")].Do.(*plan.Adopt)
			if !ok || len(op.Columns) != 3 {
				t.Fatal(plan.Dump(o.plan))
			}
			w.want("select count(*), count(distinct id) from raw.events", rows)
			if write != "replace" {
				w.want("select text, n from raw.events where id = 0", "old0 null")
				w.want("select column_type from (describe raw.events) where column_name = 'id'", "BIGINT")
				w.want("select count(*) from (describe headgate."+quoted(w.query("select value from headgate_meta where kind = 'name' and name = 'events'"))+")", "4")
			}
			w.settled()
		})
	}
}

func quoted(s string) string { return `"` + s + `"` }

func stepOf(t *testing.T, o *outcome, id string) int {
	t.Helper()
	for i, s := range o.plan.Steps {
		if s.ID == id {
			return i
		}
	}
	t.Fatalf("no step %s:\n%s", id, plan.Dump(o.plan))
	return 0
}

// adopting is a destination that ends an import at one of its moments.
type adopting struct {
	connector.Destination
	stop func() error
}

func (f adopting) Examine(ctx context.Context, schema, name string, facts bool) (connector.Examined, error) {
	return f.Destination.(connector.Adopter).Examine(ctx, schema, name, facts)
}

func (f adopting) Adopt(ctx context.Context, req connector.AdoptRequest) error {
	return errors.Join(f.Destination.(connector.Adopter).Adopt(ctx, req), f.stop())
}

// TestImportStopped: an import that was killed before the state knew of it.
func TestImportStopped(t *testing.T) {
	w := newWorld(t, importing("merge", ""))
	w.exec(legacy)
	w.write("data/a.jsonl", events(1, 11))
	w.wrap = func(d connector.Destination) connector.Destination {
		return adopting{d, func() error { return errors.New("killed") }}
	}
	if o := w.apply(); o.report.Status != executor.Failed {
		t.Fatal(o.report.Status)
	}
	w.want("select count(*) from raw.events", "5")
	w.apply().ok()
	w.want("select count(*), count(distinct id) from raw.events", "9 9")
	w.settled()
}

// TestImportOfAValue: a value that does not become one of the contract's type.
func TestImportOfAValue(t *testing.T) {
	w := newWorld(t, importing("merge", ""))
	w.exec("create schema raw; create table raw.events (id varchar, n varchar); insert into raw.events values ('1', 'many')")
	o := w.apply()
	if !strings.Contains(fmt.Sprint(o.diags), "does not fit") && !strings.Contains(fmt.Sprint(o.diags), string(diag.DuckDBNotConvert)) {
		t.Fatal(o.diags)
	}
	w.want("select id, n from raw.events", "1 many")
}
