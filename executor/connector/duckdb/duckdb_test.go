package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

var unit = connector.Unit{Project: "shop", Environment: "dev", Pipeline: "pipeline.orders"}

const stream = "pipeline.orders.stream.orders"

// orderColumns are the columns of the tables in these tests.
var orderColumns = []connector.Column{
	{Name: "id", Type: types.Of(types.Int64)},
	{Name: "at", Type: types.Of(types.Int64), Nullable: true},
	{Name: "note", Type: types.Of(types.String), Nullable: true},
}

// order is a row of orderColumns; a nil field is null.
type order struct {
	id   int64
	at   *int64
	note string
}

func at(n int64) *int64 { return &n }

func orderBatch(rows ...order) arrow.RecordBatch {
	fields := make([]arrow.Field, len(orderColumns))
	for i, c := range orderColumns {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	for _, r := range rows {
		b.Field(0).(*array.Int64Builder).Append(r.id)
		if r.at == nil {
			b.Field(1).AppendNull()
		} else {
			b.Field(1).(*array.Int64Builder).Append(*r.at)
		}
		b.Field(2).(*array.StringBuilder).Append(r.note)
	}
	return b.NewRecordBatch()
}

// orders is a stream's table in the state that the test wants.
func orders(write, build string, fresh bool) connector.Table {
	t := connector.Table{
		Relation: connector.Relation{Address: stream, Schema: "raw", Name: "orders", Build: build},
		Columns:  orderColumns, Write: write, Fresh: fresh, Comment: "One row per order.",
	}
	if write == "merge" {
		t.Key, t.Cursor = []string{"id"}, "at"
	}
	return t
}

func view(t connector.Table) connector.View {
	return connector.View{Relation: t.Relation, Columns: columnNames(t.Columns), Comment: t.Comment}
}

func openTest(t *testing.T) *Destination {
	t.Helper()
	d, err := new(Opener).Open(context.Background(), Spec{Address: "destination.warehouse", Path: filepath.Join(t.TempDir(), "w.duckdb")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// load runs one session: prepares nothing, stages the batches and publishes.
func load(t *testing.T, d *Destination, table connector.Table, bookmark string, batches ...arrow.RecordBatch) connector.PublishResult {
	t.Helper()
	ctx := context.Background()
	must(t, d.Claim(ctx, unit, []connector.Relation{table.Relation}))
	s, err := d.OpenStaging(ctx, connector.StagingSpec{Unit: unit, RunID: "run", Definition: "d", Streams: map[string]connector.Table{stream: table}})
	must(t, err)
	defer s.Close()
	for _, b := range batches {
		must(t, s.Append(ctx, stream, b, false))
	}
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(bookmark), Progress: json.RawMessage(`{}`)}))
	res, err := s.Publish(ctx, connector.PublishRequest{Views: []connector.View{view(table)}, Run: connector.RunRecord{RunID: "run", Status: "success", StartedAt: "2026-01-02T03:04:05Z"}})
	must(t, err)
	return res
}

// rows reads a query's rows as JSON texts.
func rows(t *testing.T, d *Destination, sql string) []string {
	t.Helper()
	var out []string
	must(t, d.read(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error {
		var err error
		out, err = jsonRows(ctx, c, sql, false)
		return err
	}))
	return out
}

func wantRows(t *testing.T, d *Destination, sql string, want ...string) {
	t.Helper()
	got := rows(t, d, sql)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s\n got %v\nwant %v", sql, got, want)
	}
}

func wantDiff(t *testing.T, res connector.PublishResult, want connector.TableDiff) {
	t.Helper()
	if !res.Published {
		t.Errorf("not published: %+v", res)
	}
	if got := res.Tables[stream]; got != want {
		t.Errorf("diff %+v, want %+v", got, want)
	}
}

func TestAppendPublishes(t *testing.T) {
	d := openTest(t)
	table := orders("append", "b1", true)
	wantDiff(t, load(t, d, table, `{"n":1}`, orderBatch(order{1, at(1), "a"}, order{2, nil, "b"})), connector.TableDiff{Inserted: 2, Rows: 2})
	table.Fresh = false
	wantDiff(t, load(t, d, table, `{"n":2}`, orderBatch(order{1, at(1), "a"})), connector.TableDiff{Inserted: 1, Rows: 3})
	wantRows(t, d, "select * from raw.orders order by id, note",
		`{"id":1,"at":1,"note":"a"}`, `{"id":1,"at":1,"note":"a"}`, `{"id":2,"at":null,"note":"b"}`)
	got, err := d.Bookmark(context.Background(), unit)
	must(t, err)
	if string(got) != `{"n":2}` {
		t.Errorf("bookmark %s", got)
	}
	wantRows(t, d, "select comment from duckdb_views() where view_name = 'orders'", `{"comment":"One row per order."}`)
	wantRows(t, d, "select count(*) n, min(started_at) as \"at\" from headgate_runs", `{"n":2,"at":"2026-01-02T03:04:05Z"}`)
	wantRows(t, d, "select table_name from duckdb_tables() where table_name like 'staging!_!_%' escape '!'")
}

func TestMergeKeepsTheGreatestCursorAndPosition(t *testing.T) {
	d := openTest(t)
	table := orders("merge", "b1", true)
	res := load(t, d, table, `1`,
		orderBatch(order{1, at(5), "new"}, order{2, at(1), "first"}, order{3, nil, "null first"}),
		orderBatch(order{1, at(4), "old"}, order{2, at(1), "second"}, order{3, at(1), "then a value"}))
	wantDiff(t, res, connector.TableDiff{Inserted: 3, Rows: 3})
	wantRows(t, d, "select * from raw.orders order by id",
		`{"id":1,"at":5,"note":"new"}`, `{"id":2,"at":1,"note":"second"}`, `{"id":3,"at":1,"note":"then a value"}`)
	table.Fresh = false
	res = load(t, d, table, `2`, orderBatch(
		order{1, at(4), "older: kept out"}, order{2, at(1), "third, same cursor"}, order{3, at(1), "then a value"},
		order{4, at(9), "x"}, order{4, at(8), "y"}))
	wantDiff(t, res, connector.TableDiff{Inserted: 1, Updated: 1, Unchanged: 2, Rows: 4})
	wantRows(t, d, "select * from raw.orders order by id",
		`{"id":1,"at":5,"note":"new"}`, `{"id":2,"at":1,"note":"third, same cursor"}`, `{"id":3,"at":1,"note":"then a value"}`, `{"id":4,"at":9,"note":"x"}`)
}

func TestReplaceCountsTheDifference(t *testing.T) {
	for _, key := range [][]string{nil, {"id"}} {
		t.Run(fmt.Sprint(key), func(t *testing.T) {
			d := openTest(t)
			table := orders("replace", "b1", true)
			table.Key = key
			load(t, d, table, `1`, orderBatch(order{1, at(1), "same"}, order{2, at(1), "old"}, order{3, at(1), "gone"}))
			table.Build, table.Previous = "b2", "b1"
			res := load(t, d, table, `2`, orderBatch(order{1, at(1), "same"}, order{2, at(1), "new"}, order{4, at(1), "more"}, order{5, at(1), "more"}))
			want := connector.TableDiff{Inserted: 2, Updated: 1, Unchanged: 1, Deleted: 1, Rows: 4}
			if key == nil {
				want = connector.TableDiff{Inserted: 3, Unchanged: 1, Deleted: 2, Rows: 4}
			}
			wantDiff(t, res, want)
			wantRows(t, d, "select id from raw.orders order by id", `{"id":1}`, `{"id":2}`, `{"id":4}`, `{"id":5}`)
			wantRows(t, d, "select table_name t from duckdb_tables() where schema_name = 'headgate' and table_name like '%orders%'", `{"t":"raw.orders__b2"}`)
		})
	}
}
