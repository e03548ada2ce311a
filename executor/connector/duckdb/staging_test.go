package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/checksum"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

func openStaging(t *testing.T, d *Destination, table connector.Table, definition string, resume bool) connector.Staging {
	t.Helper()
	ctx := context.Background()
	must(t, d.Claim(ctx, unit, []connector.Relation{table.Relation}))
	s, err := d.OpenStaging(ctx, connector.StagingSpec{Unit: unit, RunID: "r", Definition: definition, Resume: resume, Streams: map[string]connector.Table{stream: table}})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestResumeTakesUpWhatWasCommitted(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	table := orders("append", "b1", true)
	s := openStaging(t, d, table, "d1", true)
	if s.Resumed() != nil {
		t.Error("resumed from nothing")
	}
	kept := orderBatch(order{1, at(1), "kept"})
	must(t, s.Append(ctx, stream, kept, false))
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`{"n": 1}`), Progress: json.RawMessage(`{"read":1}`)}))
	must(t, s.Append(ctx, stream, orderBatch(order{2, at(1), "lost"}), false))
	must(t, s.Close())

	s = openStaging(t, d, table, "d1", true)
	if cp := s.Resumed(); cp == nil || string(cp.Bookmark) != `{"n": 1}` || string(cp.Progress) != `{"read":1}` {
		t.Fatalf("resumed %+v", cp)
	}
	got, err := s.Checksum(ctx, stream)
	must(t, err)
	if got != checksum.Batch(kept) {
		t.Errorf("staged %+v", got)
	}
	must(t, s.Close())
	if s = openStaging(t, d, table, "d2", true); s.Resumed() != nil {
		t.Error("another definition was taken up")
	}
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`2`)}))
	must(t, s.Discard(ctx))
	must(t, s.Close())
	if s = openStaging(t, d, table, "d2", true); s.Resumed() != nil {
		t.Error("a discarded staging area was taken up")
	}
}

func TestEvolve(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	table := orders("append", "b1", true)
	load(t, d, table, `1`, orderBatch(order{1, nil, "before"}))
	table.Fresh = false
	s := openStaging(t, d, table, "d", false)
	must(t, s.Append(ctx, stream, orderBatch(order{2, nil, "narrow"}), false))
	add := []connector.Column{{Name: "size", Type: types.Of(types.Int64), Nullable: true}}
	must(t, s.Evolve(ctx, stream, add))
	must(t, s.Evolve(ctx, stream, add))
	// The new column comes first here: columns are found by name.
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "size", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "id", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "at", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "note", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil))
	b.Field(0).(*array.Int64Builder).Append(42)
	b.Field(1).(*array.Int64Builder).Append(3)
	b.Field(2).AppendNull()
	b.Field(3).(*array.StringBuilder).Append("wide")
	must(t, s.Append(ctx, stream, b.NewRecordBatch(), false))
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`2`)}))
	table.Columns = append(table.Columns[:3:3], add...)
	res, err := s.Publish(ctx, connector.PublishRequest{Views: []connector.View{view(table)}})
	must(t, err)
	wantDiff(t, res, connector.TableDiff{Inserted: 2, Rows: 3})
	wantRows(t, d, "select id, note, size from raw.orders order by id",
		`{"id":1,"note":"before","size":null}`, `{"id":2,"note":"narrow","size":null}`, `{"id":3,"note":"wide","size":42}`)
}

// TestMergeKeepsHiddenColumns merges over rows that hold a column which the
// contract no longer has: updated rows keep its value.
func TestMergeKeepsHiddenColumns(t *testing.T) {
	d := openTest(t)
	table := orders("merge", "b1", true)
	load(t, d, table, `1`, orderBatch(order{1, at(1), "one"}, order{2, at(1), "two"}, order{3, at(1), "three"}))
	table.Fresh = false
	table.Columns = table.Columns[:2] // id, at
	s := openStaging(t, d, table, "d", false)
	ids := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "at", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}, nil))
	ids.Field(0).(*array.Int64Builder).AppendValues([]int64{1, 2, 4}, nil)
	ids.Field(1).(*array.Int64Builder).AppendValues([]int64{1, 7, 7}, nil)
	must(t, s.Append(context.Background(), stream, ids.NewRecordBatch(), false))
	must(t, s.Commit(context.Background(), connector.Checkpoint{Bookmark: json.RawMessage(`2`)}))
	res, err := s.Publish(context.Background(), connector.PublishRequest{})
	must(t, err)
	wantDiff(t, res, connector.TableDiff{Inserted: 1, Updated: 1, Unchanged: 1, Rows: 4})
	wantRows(t, d, "select id, \"at\", note from "+own(buildName(table.Relation))+" order by id",
		`{"id":1,"at":1,"note":"one"}`, `{"id":2,"at":7,"note":"two"}`, `{"id":3,"at":1,"note":"three"}`, `{"id":4,"at":7,"note":null}`)
}

// TestAuditFailureLeavesTheStaging publishes rows that break a promise, in each
// write mode, onto a table that has rows already.
func TestAuditFailureLeavesTheStaging(t *testing.T) {
	audit := connector.Audit{Rule: "note.unique", Severity: "error", SQL: "select note, count(*) n from {this} where note in (select note from {new}) group by note having count(*) > 1"}
	for _, write := range []string{"append", "merge", "replace"} {
		t.Run(write, func(t *testing.T) {
			d := openTest(t)
			ctx := context.Background()
			table := orders(write, "b1", true)
			load(t, d, table, `1`, orderBatch(order{1, at(1), "a"}))
			if table.Fresh = write == "replace"; table.Fresh {
				table.Build, table.Previous = "b2", "b1"
			}
			s := openStaging(t, d, table, "d", false)
			must(t, s.Append(ctx, stream, orderBatch(order{2, at(1), "a"}, order{3, at(1), "a"}, order{3, at(2), "a"}), false))
			must(t, s.Reject(ctx, []connector.Reject{{Stream: stream}}))
			must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`2`)}))
			res, err := s.Publish(ctx, connector.PublishRequest{Audits: map[string][]connector.Audit{stream: {audit}}, Views: []connector.View{view(table)}})
			must(t, err)
			if found := res.Audits[stream]; res.Published || len(found) != 1 || found[0].Rows != 1 {
				t.Errorf("%+v", res)
			}
			wantRows(t, d, "select * from raw.orders", `{"id":1,"at":1,"note":"a"}`)
			wantRows(t, d, "select count(*) n from headgate_quarantine", `{"n":0}`)
			bookmark, err := d.Bookmark(ctx, unit)
			must(t, err)
			if string(bookmark) != "1" {
				t.Errorf("bookmark %s", bookmark)
			}
			sum, err := s.Checksum(ctx, stream)
			must(t, err)
			if sum.Rows != 3 {
				t.Errorf("%d rows are left in staging, want 3", sum.Rows)
			}
			// The executor marks what was refused, and the staging can still be written.
			must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`2`), Progress: json.RawMessage(`"refused"`)}))
			must(t, s.Discard(ctx))
		})
	}
}

func TestQuarantine(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	s := openStaging(t, d, orders("append", "b1", true), "d", false)
	reason := []connector.RejectReason{{Column: "id", Rule: "id.required", Value: "null", Message: "it's"}}
	rejects := []connector.Reject{
		{Stream: stream, Origin: "a.jsonl", Line: 7, Raw: []byte(`{"id": null}`), Reasons: reason},
		{Stream: stream, Origin: "a.jsonl", Line: 8, Raw: []byte("\xff\x00 no text"), Reasons: reason},
		{Stream: stream, Origin: "b\xff.jsonl", Line: 9, Annotated: true},
	}
	must(t, s.Reject(ctx, rejects[:1]))
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`1`)}))
	must(t, s.Reject(ctx, rejects[1:]))
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`1`)}))
	_, err := s.Publish(ctx, connector.PublishRequest{})
	must(t, err)
	got, err := d.Quarantined(ctx, connector.QuarantineQuery{Project: "shop", Environment: "dev", Stream: stream, RunID: "r"})
	must(t, err)
	if len(got) != 3 || got[0].ID != 3 || got[2].ID != 1 {
		t.Fatalf("%+v", got)
	}
	if r := got[2]; r.Raw != `{"id": null}` || r.Line != 7 || r.Origin != "a.jsonl" || len(r.Reasons) != 1 || r.Reasons[0] != reason[0] || r.At == "" {
		t.Errorf("%+v", r)
	}
	if got[1].Raw != "\xff\x00 no text" || !got[0].Annotated || got[0].Raw != "" || got[0].Origin != "b\uFFFD.jsonl" {
		t.Errorf("%+v", got)
	}
	for _, q := range []connector.QuarantineQuery{{ID: 2}, {Limit: 1}, {Stream: "x"}} {
		got, err := d.Quarantined(ctx, q)
		must(t, err)
		if want := map[bool]int{true: 0, false: 1}[q.Stream == "x"]; len(got) != want {
			t.Errorf("%+v yields %d rows", q, len(got))
		}
	}
}

// TestBrokenTransactionIsNotBelieved appends a batch that does not fit and then
// tries to commit.
func TestBrokenTransactionIsNotBelieved(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	table := orders("append", "b1", true)
	s := openStaging(t, d, table, "d", true)
	must(t, s.Append(ctx, stream, orderBatch(order{1, nil, "x"}), false))
	st := s.(*staging)
	wantCode(t, wrap("", "test", st.conn.Exec(ctx, "select * from nothing")), diag.DuckDBFailed)
	wantCode(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`1`)}), diag.DuckDBFailed)
	must(t, s.Close())
	if s = openStaging(t, d, table, "d", true); s.Resumed() != nil {
		t.Error("the commit left a checkpoint")
	}
}

func TestCancelledAppendStops(t *testing.T) {
	d := openTest(t)
	s := openStaging(t, d, orders("append", "b1", true), "d", false)
	ctx, cancel := context.WithCancel(context.Background())
	must(t, s.Append(ctx, stream, orderBatch(order{1, nil, "x"}), false))
	cancel()
	if err := s.Append(ctx, stream, orderBatch(order{2, nil, "x"}), false); err != context.Canceled {
		t.Errorf("append after cancel: %v", err)
	}
	if err := s.Commit(context.Background(), connector.Checkpoint{}); err == nil {
		t.Error("a cancelled transaction was committed")
	}
}

// TestDeleteRows takes rows out of a large table on both sides of the threshold
// beyond which it is written anew.
func TestDeleteRows(t *testing.T) {
	d := openTest(t)
	for _, groups := range []int{5, maxTouched + 5} {
		must(t, d.change(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error {
			must(t, c.Exec(ctx, fmt.Sprintf("create or replace table headgate.t as select i, i %% 7 as x from range(%d) r(i)", groups*2048)))
			must(t, deleteRows(ctx, c, "t", "select rowid from headgate.t where i % 2048 in (0, 1)"))
			got, err := c.Ints(ctx, "select count(*), count(*) filter (i % 2048 < 2), sum(x)::bigint from headgate.t")
			must(t, err)
			sum, err := c.Int(ctx, fmt.Sprintf("select sum(i %% 7)::bigint from range(%d) r(i) where i %% 2048 > 1", groups*2048))
			must(t, err)
			if want := []int64{int64(groups) * 2046, 0, sum}; !slices.Equal(got, want) {
				t.Errorf("%d groups: %v, want %v", groups, got, want)
			}
			return nil
		}))
	}
}

// TestOutOfMemoryIsTriedAgain runs out of memory at the first try.
func TestOutOfMemoryIsTriedAgain(t *testing.T) {
	d := openTest(t)
	const settings = "select current_setting('threads')::varchar || ' ' || current_setting('memory_limit')"
	look := func(ctx context.Context, c *duck.Conn) string {
		rows, err := c.Texts(ctx, settings)
		must(t, err)
		return *rows[0][0]
	}
	d.inst.threads = 2
	must(t, d.read(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error { return d.inst.resize(ctx, c, 2, d.inst.limit) }))
	var tries []string
	must(t, d.change(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error {
		if tries = append(tries, look(ctx, c)); len(tries) == 1 {
			return &duck.Error{Type: "Out of Memory"}
		}
		return nil
	}))
	first := tries[0]
	if len(tries) != 2 || !strings.HasPrefix(first, "2 ") || !strings.HasPrefix(tries[1], "1 ") || tries[1][2:] == first[2:] {
		t.Errorf("tried with %q, want 2 threads, then 1 and another limit", tries)
	}
	must(t, d.read(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error {
		if now := look(ctx, c); now != first {
			t.Errorf("afterwards %s", now)
		}
		return nil
	}))
	tries = nil
	out := func(kind, text string) error {
		return d.change(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error {
			tries = append(tries, look(ctx, c))
			return &duck.Error{Type: kind, Message: text}
		})
	}
	wantCode(t, out("Out of Memory", ""), diag.DuckDBOutOfMemory)
	if want, err := lastTry(t, d); err != nil || len(tries) != 3 || tries[2] != want {
		t.Errorf("tried with %q, want the last with %q", tries, want)
	}
	tries = nil
	err := out("FATAL", "Failed to create checkpoint because of error: failed to pin block of size 980.0 KiB (182.4 MiB/183.1 MiB used)\n\nPossible solutions:\n* SET it")
	wantCode(t, err, diag.DuckDBOutOfMemory)
	if len(tries) != 1 || strings.Contains(err.Error(), "Possible") || !strings.Contains(err.Error(), "memory_limit") {
		t.Errorf("%d tries: %v", len(tries), err)
	}
	tries, d.inst.threads, d.inst.limit = nil, 1, "100MB"
	wantCode(t, out("Out of Memory", ""), diag.DuckDBOutOfMemory)
	if len(tries) != 1 {
		t.Errorf("a limit that was set was tried with %q", tries)
	}
}

// lastTry is what DuckDB says of one thread and lastLimit.
func lastTry(t *testing.T, d *Destination) (out string, err error) {
	t.Helper()
	err = d.read(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error {
		if err := d.inst.resize(ctx, c, 1, lastLimit); err != nil {
			return err
		}
		rows, err := c.Texts(ctx, "select current_setting('threads')::varchar || ' ' || current_setting('memory_limit')")
		if err != nil {
			return err
		}
		out = *rows[0][0]
		return d.inst.resize(ctx, c, d.inst.threads, d.inst.limit)
	})
	return out, err
}

// TestHeavyRecords stages and publishes records of a megabyte under the default
// memory limit.
func TestHeavyRecords(t *testing.T) {
	d := openTest(t)
	s := openStaging(t, d, orders("merge", "b1", true), "d", false)
	for i := range 8 {
		var batch []order
		for k := range 16 {
			batch = append(batch, order{int64(i*16 + k), at(1), strings.Repeat(string(rune('a'+k)), 1<<20)})
		}
		must(t, s.Append(context.Background(), stream, orderBatch(batch...), false))
		must(t, s.Commit(context.Background(), connector.Checkpoint{Bookmark: json.RawMessage(`1`)}))
	}
	if d.inst.limit != lastLimit {
		t.Errorf("the limit is %s", d.inst.limit)
	}
	res, err := s.Publish(context.Background(), connector.PublishRequest{})
	must(t, err)
	if res.Tables[stream].Rows != 128 {
		t.Errorf("published %+v", res)
	}
}

// TestGreatLogIsReplayed opens a database whose log is greater than the memory limit,
// as a run of a wide table leaves it when it is killed.
func TestGreatLogIsReplayed(t *testing.T) {
	o := &Opener{}
	spec := Spec{Address: "destination.w", Path: filepath.Join(t.TempDir(), "w.duckdb"), MemoryLimit: "2GB", Threads: 2}
	d, err := o.Open(context.Background(), spec)
	must(t, err)
	defer d.Close()
	var names, values []string
	for i := range 2000 {
		names, values = append(names, fmt.Sprintf("c%d bigint", i)), append(values, fmt.Sprintf("r + %d", i))
	}
	for _, sql := range []string{"set wal_autocheckpoint = '1GB'", "create table wide (" + strings.Join(names, ", ") + ")",
		"insert into wide select " + strings.Join(values, ", ") + " from range(2100) t(r)"} {
		must(t, d.read(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error { return c.Exec(ctx, sql) }))
	}
	d.spec.MemoryLimit = DefaultMemoryLimit
	if _, err := killedSpec(t, d); err == nil {
		t.Fatal("the log is too small to try anything")
	} else {
		wantCode(t, err, diag.DuckDBOutOfMemory)
	}
	d.spec.MemoryLimit = ""
	left, err := killedSpec(t, d)
	must(t, err)
	wantRows(t, left, "select count(*) n from wide", `{"n":2100}`)
	if limit := rows(t, left, "select current_setting('memory_limit') m"); fmt.Sprint(limit) != `[{"m":"183.1 MiB"}]` {
		t.Errorf("afterwards the limit is %s", limit)
	}
}

// TestWideTable stages and publishes two thousand columns under the default memory
// limit.
func TestWideTable(t *testing.T) {
	o := &Opener{}
	ctx := context.Background()
	d, err := o.Open(ctx, Spec{Address: "destination.w", Path: filepath.Join(t.TempDir(), "w.duckdb"), Threads: 2})
	must(t, err)
	defer d.Close()
	const width, height = 2000, 3000
	table := connector.Table{Relation: connector.Relation{Address: stream, Schema: "raw", Name: "wide", Build: "b1"}, Write: "append", Fresh: true}
	var fields []arrow.Field
	var arrays []arrow.Array
	for i := range width {
		c := connector.Column{Name: fmt.Sprintf("c%d", i), Type: types.Of(types.Int64)}
		b := array.NewInt64Builder(memory.DefaultAllocator)
		for k := range height {
			b.Append(int64(k*i) * 7919 % 1000003)
		}
		table.Columns = append(table.Columns, c)
		fields, arrays = append(fields, arrow.Field{Name: c.Name, Type: c.Type.Arrow()}), append(arrays, b.NewArray())
	}
	batch := array.NewRecordBatch(arrow.NewSchema(fields, nil), arrays, height)
	must(t, d.Claim(ctx, unit, []connector.Relation{table.Relation}))
	s, err := d.OpenStaging(ctx, connector.StagingSpec{Unit: unit, Streams: map[string]connector.Table{stream: table}})
	must(t, err)
	defer s.Close()
	for range 3 {
		must(t, s.Append(ctx, stream, batch, false))
	}
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: []byte(`1`)}))
	sum, err := s.Checksum(ctx, stream)
	must(t, err)
	one := checksum.Batch(batch)
	if want := (connector.Checksum{Rows: 3 * one.Rows, Sum: 3 * one.Sum, Mix: 3 * one.Mix}); sum != want {
		t.Errorf("staged %+v, want %+v", sum, want)
	}
	res, err := s.Publish(ctx, connector.PublishRequest{})
	must(t, err)
	if res.Tables[stream].Rows != 3*height {
		t.Errorf("published %+v", res)
	}
}

// TestOrderOfAMerge: rows whose keys are told to be distinct are inserted by several
// threads; of those that come afterwards the last one of a key wins, also over one
// that was there before.
func TestOrderOfAMerge(t *testing.T) {
	d := openTest(t)
	d.inst.threads = 3
	must(t, d.read(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error {
		return d.inst.resize(ctx, c, 3, "1GB")
	}))
	ctx := context.Background()
	s := openStaging(t, d, orders("merge", "b1", true), "d", false)
	defer s.Close()
	const keys, rounds = 5000, 80
	batch := func(first, round int) arrow.RecordBatch {
		var rows []order
		for i := range keys {
			rows = append(rows, order{int64(first + i), at(1), fmt.Sprint("round ", round)})
		}
		return orderBatch(rows...)
	}
	for round := range 3 {
		must(t, s.Append(ctx, stream, batch(round*keys, 0), true))
	}
	if threads := s.(*staging).tables[stream].threads; threads != 3 {
		t.Errorf("%d threads insert", threads)
	}
	for round := range rounds {
		must(t, s.Append(ctx, stream, batch(keys, round+1), false))
	}
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`1`)}))
	table := orders("merge", "b1", true)
	_, err := s.Publish(ctx, connector.PublishRequest{Views: []connector.View{view(table)}})
	must(t, err)
	wantRows(t, d, "select note, count(*) n, min(id) low, max(id) high from raw.orders group by all order by note",
		`{"note":"round 0","n":10000,"low":0,"high":14999}`, fmt.Sprintf(`{"note":"round %d","n":5000,"low":5000,"high":9999}`, rounds))
}
