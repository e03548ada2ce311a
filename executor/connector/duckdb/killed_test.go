package duckdb

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/headgate-data/headgate/executor/connector"
)

// killed opens what a process that is killed now would leave: a copy of the files of
// an open database, the log included.
func killed(t *testing.T, d *Destination) *Destination {
	t.Helper()
	left, err := killedSpec(t, d)
	if err != nil {
		t.Fatalf("a kill leaves a database that does not open: %v", err)
	}
	return left
}

// killedSpec does so with the memory limit of d's spec.
func killedSpec(t *testing.T, d *Destination) (*Destination, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(d.spec.Path))
	for _, ending := range []string{"", ".wal"} {
		data, err := os.ReadFile(d.spec.Path + ending)
		if os.IsNotExist(err) && ending != "" {
			continue
		}
		must(t, err)
		must(t, os.WriteFile(path+ending, data, 0o600))
	}
	left, err := new(Opener).Open(context.Background(), Spec{Address: d.spec.Address, Path: path, MemoryLimit: d.spec.MemoryLimit})
	if err == nil {
		t.Cleanup(func() { _ = left.Close() })
	}
	return left, err
}

// TestPublishedSurvivesAKill: what was published is there after a kill, whatever the
// publication took out of the staged rows.
func TestPublishedSurvivesAKill(t *testing.T) {
	const all = "select id, note from raw.orders order by id"
	doubled := func() []order { return []order{{1, at(1), "a"}, {2, at(1), "b"}, {1, at(2), "c"}} }
	t.Run("a first load with a key that comes again", func(t *testing.T) {
		d := openTest(t)
		load(t, d, orders("merge", "b1", true), `1`, orderBatch(doubled()...))
		wantRows(t, killed(t, d), all, `{"id":1,"note":"c"}`, `{"id":2,"note":"b"}`)
		load(t, d, orders("merge", "b1", false), `2`, orderBatch(order{2, at(2), "d"}, order{2, at(3), "e"}, order{3, at(1), "f"}))
		wantRows(t, killed(t, d), all, `{"id":1,"note":"c"}`, `{"id":2,"note":"e"}`, `{"id":3,"note":"f"}`)
	})
	t.Run("without one", func(t *testing.T) {
		d := openTest(t)
		load(t, d, orders("append", "b1", true), `1`, orderBatch(order{1, at(1), "a"}))
		load(t, d, orders("append", "b1", false), `2`, orderBatch(order{2, at(1), "b"}))
		wantRows(t, killed(t, d), all, `{"id":1,"note":"a"}`, `{"id":2,"note":"b"}`)
	})
	for _, write := range []string{"append", "replace"} {
		t.Run(write+" with rows put aside", func(t *testing.T) {
			d := openTest(t)
			ctx := context.Background()
			for n, fresh := range []bool{true, false} {
				table := orders(write, "b1", fresh)
				must(t, d.Claim(ctx, unit, []connector.Relation{table.Relation}))
				s, err := d.OpenStaging(ctx, connector.StagingSpec{Unit: unit, RunID: "run", Definition: "d", Streams: map[string]connector.Table{stream: table}})
				must(t, err)
				must(t, s.Append(ctx, stream, orderBatch(doubled()...), false))
				must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`1`)}))
				audit := connector.Audit{Rule: "key", Kind: connector.AuditUnique, Severity: "error", Remove: true, Quarantine: n == 0,
					Set: &connector.SetRule{Unique: []string{"id"}}}
				res, err := s.Publish(ctx, connector.PublishRequest{Views: []connector.View{view(table)},
					Audits: map[string][]connector.Audit{stream: {audit}}, Run: connector.RunRecord{RunID: "run", Status: "success", StartedAt: "2026-01-02T03:04:05Z"}})
				must(t, err)
				if !res.Published {
					t.Fatalf("%+v", res)
				}
				must(t, s.Close())
				wantRows(t, killed(t, d), all, `{"id":1,"note":"a"}`, `{"id":2,"note":"b"}`)
			}
		})
	}
}

// countdown is a context that is cancelled when it has been asked so many times.
type countdown struct {
	context.Context
	asked *atomic.Int64
	until int64
}

func (c countdown) Err() error {
	if c.asked.Add(1) > c.until {
		return context.Canceled
	}
	return nil
}

// TestCancelledPublishTellsTheTruth: a publication that is cancelled at any of its
// last steps fails where nothing was published, and there alone.
func TestCancelledPublishTellsTheTruth(t *testing.T) {
	ctx := context.Background()
	publish := func(until int64) (asked int64, published bool, err error) {
		d, table := openTest(t), orders("replace", "b1", true)
		s := openStaging(t, d, table, "d", false)
		must(t, s.Append(ctx, stream, orderBatch(order{1, at(1), "a"}), false))
		must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`1`)}))
		c := countdown{Context: ctx, asked: new(atomic.Int64), until: until}
		_, err = s.Publish(c, connector.PublishRequest{Views: []connector.View{view(table)}, Run: connector.RunRecord{RunID: "run", Status: "success", StartedAt: "2026-01-02T03:04:05Z"}})
		return c.asked.Load(), len(rows(t, d, "select run_id from headgate_runs")) > 0, err
	}
	all, published, err := publish(math.MaxInt64)
	must(t, err)
	if !published || all < 20 {
		t.Fatalf("published %t, asked %d times", published, all)
	}
	for until := all - 8; until < all; until++ {
		if _, published, err := publish(until); published != (err == nil) {
			t.Errorf("cancelled at %d of %d: published %t, error %v", until, all, published, err)
		}
	}
}
