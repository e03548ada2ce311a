package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// writeParquet writes a query's rows to a new file whose name holds what DuckDB
// takes for a pattern.
func writeParquet(t testing.TB, query string) string {
	t.Helper()
	db, err := duck.Open(":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	path := filepath.Join(t.TempDir(), "a=1,it's[x]*.parquet")
	if err := c.Exec(context.Background(), "copy ("+query+") to "+duck.QuoteLiteral(path)+" (format parquet, row_group_size 5000)"); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParquet(t *testing.T) {
	path := writeParquet(t, `select i::bigint id, 12.30::decimal(38,2) d, timestamptz '2024-01-01 00:00:00+00' "at", [i] l, 'x'::blob b, interval 1 day v, 9::uhugeint h from range(12000) r(i)`)
	ctx := context.Background()
	cols, err := Parquet{}.Columns(ctx, path)
	must(t, err)
	if got := fmt.Sprint(cols); got != "[{id int64 true} {d decimal(38, 2) true} {at timestamptz true} {l list(int64) true} {b bytes true} {v string true} {h float64 true}]" {
		t.Errorf("columns %s", got)
	}
	for _, from := range []int64{0, 1, 4999, 11999, 12000, 20000} {
		next, batches := from, 0
		must(t, Parquet{}.Read(ctx, path, from, 3000, func(r *connector.Records) error {
			batches++
			for i := range r.Len() {
				want := fmt.Sprintf(`{"id":%d,"d":12.30,"at":"2024-01-01T00:00:00Z","l":[%d],"b":"eA==","v":"1 day","h":9}`, next, next)
				if got := string(r.Data[r.Start[i]:r.End[i]]); got != want || r.Line[i] != next+1 {
					return fmt.Errorf("row %d at line %d is %s, want %s", next, r.Line[i], got, want)
				}
				next++
			}
			return nil
		}))
		if next != max(from, 12000) {
			t.Errorf("from row %d: read up to %d", from, next)
		}
		if from == 0 && batches != 3 {
			t.Errorf("%d batches", batches)
		}
	}
	stop := errors.New("enough")
	if err := (Parquet{}).Read(ctx, path, 0, 10, func(*connector.Records) error { return stop }); err != stop {
		t.Errorf("yield's error came back as %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := (Parquet{}).Read(cancelled, path, 0, 10, func(*connector.Records) error { return nil }); err != context.Canceled {
		t.Errorf("a cancelled read returns %v", err)
	}
}

// FuzzParquet reads files that are no parquet, or not quite.
func FuzzParquet(f *testing.F) {
	whole, err := os.ReadFile(writeParquet(f, "select i, 'text ' || i as s, {'a': [i]} n from range(20) r(i)"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("PAR1"))
	f.Add([]byte{})
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, fmt.Sprintf("%d.parquet", os.Getpid()))
		must(t, os.WriteFile(path, data, 0o600))
		// A broken file may claim any number of rows: it is read for a while only.
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		_ = Parquet{}.Read(ctx, path, 0, 100, func(*connector.Records) error { return nil })
		_, _ = Parquet{}.Columns(ctx, path)
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("the reader stopped %s after it was told to", took)
		}
	})
}
