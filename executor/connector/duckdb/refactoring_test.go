package duckdb

import (
	"context"
	"errors"
	"testing"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

func moveOrders() connector.MoveRequest {
	const to = "pipeline.shop.stream.purchases"
	table := orders("append", "b1", false)
	table.Relation = connector.Relation{Address: to, Schema: "raw", Name: "purchases", Build: "b1"}
	return connector.MoveRequest{
		Project: "shop", Environment: "dev", Fences: []connector.Fence{{Key: "k", Token: 7}},
		Units:     []connector.Renamed{{From: unit.Pipeline, To: "pipeline.shop"}},
		Addresses: []connector.Renamed{{From: unit.Pipeline, To: "pipeline.shop"}, {From: stream, To: to}},
		Names:     []connector.RenamedName{{From: connector.Relation{Address: to, Schema: "raw", Name: "orders"}, To: table.Relation}},
		Views:     []connector.View{view(table)},
	}
}

// TestMove: what was moved is there after a kill, moving again changes nothing, and
// what another project has stays its own.
func TestMove(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	load(t, d, orders("append", "b1", true), `{"n":1}`, orderBatch(order{1, at(1), "a"}, order{2, at(1), "b"}))
	must(t, d.RecordRun(ctx, connector.RunRecord{RunID: "x", Project: "shop", Environment: "dev", Address: unit.Pipeline, Status: "success"}))
	must(t, d.RecordRun(ctx, connector.RunRecord{RunID: "y", Project: "other", Environment: "dev", Address: unit.Pipeline, Status: "success"}))
	for _, to := range []string{"pipeline.shop", "pipeline.elsewhere"} { // one of the new address stood there long ago
		u := unit
		u.Pipeline = to
		must(t, d.change(ctx, "test", func(ctx context.Context, c *duck.Conn) error { return writeBookmark(ctx, c, u, "", []byte(`{"n":0}`)) }))
	}
	for range 2 {
		must(t, d.Move(ctx, moveOrders()))
		left := killed(t, d)
		wantRows(t, left, "select id, note from raw.purchases order by id", `{"id":1,"note":"a"}`, `{"id":2,"note":"b"}`)
		wantRows(t, left, "select pipeline, bookmark b from headgate_bookmarks order by 1", `{"pipeline":"pipeline.elsewhere","b":"{\"n\":0}"}`, `{"pipeline":"pipeline.shop","b":"{\"n\":1}"}`)
		wantRows(t, left, "select project, address from headgate_runs where run_id in ('x', 'y') order by run_id", `{"project":"shop","address":"pipeline.shop"}`, `{"project":"other","address":"pipeline.orders"}`)
		wantRows(t, left, "select count(*) n from headgate_meta where kind = 'moved'", `{"n":2}`)
		wantRows(t, left, "select count(*) n from duckdb_views() where view_name = 'orders'", `{"n":0}`)
		s, err := left.Standing(ctx, unit, connector.Relation{Schema: "raw", Name: "purchases"})
		must(t, err)
		if s.Build != "b1" || !s.Loaded {
			t.Errorf("standing %+v", s)
		}
	}
	stale := moveOrders()
	stale.Fences[0].Token = 6
	wantDiag(t, d.Move(ctx, stale), diag.DuckDBFenced)
}

func wantDiag(t *testing.T, err error, code diag.Code) {
	t.Helper()
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// TestRenameColumn: a column that was renamed is there after a kill.
func TestRenameColumn(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	table := orders("append", "b1", true)
	load(t, d, table, `1`, orderBatch(order{1, at(1), "a"}))
	table.Fresh = false
	table.Columns = append(table.Columns[:2:2], connector.Column{Name: "label", Type: types.Of(types.String), Nullable: true})
	rename := connector.Alter{Kind: "rename", Column: table.Columns[2], From: "note"}
	req := connector.PrepareRequest{Unit: unit, Table: table, Alters: []connector.Alter{rename}, Views: []connector.View{view(table)}}
	for range 2 {
		must(t, d.Prepare(ctx, req))
		wantRows(t, killed(t, d), "select id, label from raw.orders", `{"id":1,"label":"a"}`)
	}
	req.Alters[0].From, req.Alters[0].Column.Name = "label", "at"
	wantDiag(t, d.Prepare(ctx, req), diag.ColumnTaken)
}

// TestAdopt: a table that was taken over is there after a kill, and a first load
// goes into it.
func TestAdopt(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	must(t, d.change(ctx, "test", func(ctx context.Context, c *duck.Conn) error {
		return c.Exec(ctx, "create schema raw; create table raw.orders (id integer primary key, Note varchar, odd bit); insert into raw.orders values (1, 'old', null), (2, 'old', null)")
	}))
	found, err := d.Examine(ctx, "raw", "orders", true)
	must(t, err)
	if !found.Found || found.View || found.Owner != "" || found.Rows != 2 || len(found.Key) != 1 || len(found.Facts) != 3 || found.Facts[2].Nulls != 2 || found.Facts[0].Distinct != 2 || !found.Columns[2].Type.IsZero() {
		t.Errorf("examined %+v", found)
	}
	table := orders("merge", "b1", false)
	req := connector.AdoptRequest{Unit: unit, Schema: "raw", Name: "orders", Table: table, View: view(table), Seen: []string{"id INTEGER", "Note VARCHAR"}}
	wantDiag(t, d.Adopt(ctx, req), diag.ImportChanged)
	req.Seen = append(req.Seen, "odd BIT")
	must(t, d.Adopt(ctx, req))
	left := killed(t, d)
	wantRows(t, left, "select * from raw.orders order by id", `{"id":1,"at":null,"note":"old"}`, `{"id":2,"at":null,"note":"old"}`)
	load(t, left, table, `1`, orderBatch(order{2, at(1), "new"}, order{3, at(1), "new"}))
	wantRows(t, left, "select id, note from raw.orders order by id", `{"id":1,"note":"old"}`, `{"id":2,"note":"new"}`, `{"id":3,"note":"new"}`)
	if found, err = left.Examine(ctx, "raw", "orders", false); err != nil || !found.View || found.Owner == "" {
		t.Errorf("examined %+v %v", found, err)
	}
	wantDiag(t, d.Adopt(ctx, req), diag.ImportChanged)
}

// TestReadOnly: looking at a database makes nothing in it.
func TestReadOnly(t *testing.T) {
	path := t.TempDir() + "/w.duckdb"
	ctx := context.Background()
	if _, err := new(Opener).Open(ctx, Spec{Address: "destination.w", Path: path, ReadOnly: true}); err == nil {
		t.Error("a file that is not there was opened")
	}
	db, err := duck.Open(path, nil)
	must(t, err)
	c, err := db.Connect()
	must(t, err)
	must(t, c.Exec(ctx, "create table t (x integer)"))
	c.Close()
	db.Close()
	d, err := new(Opener).Open(ctx, Spec{Address: "destination.w", Path: path, ReadOnly: true})
	must(t, err)
	defer d.Close()
	found, err := d.Examine(ctx, "main", "t", false)
	must(t, err)
	standing, err := d.Standing(ctx, unit, connector.Relation{Schema: "main", Name: "t"})
	must(t, err)
	if !found.Found || standing.Found {
		t.Errorf("found %+v, standing %+v", found, standing)
	}
	wantRows(t, d, "select table_name t from duckdb_tables()", `{"t":"t"}`)
}

// TestRelease: names are given up by their owner alone, and stay.
func TestRelease(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	table := orders("append", "b1", true)
	load(t, d, table, `1`, orderBatch(order{1, at(1), "a"}))
	other := unit
	other.Project = "other"
	must(t, d.Release(ctx, other, []connector.Relation{table.Relation}))
	wantRows(t, d, "select count(*) n from headgate_meta where kind = 'name'", `{"n":1}`)
	must(t, d.Release(ctx, unit, []connector.Relation{table.Relation}))
	wantRows(t, killed(t, d), "select count(*) n from headgate_meta where kind = 'name'", `{"n":0}`)
	must(t, d.DropBuilds(ctx, []connector.Relation{{Schema: "raw", Name: "orders", Build: "other"}}))
	wantRows(t, d, "select id from raw.orders", `{"id":1}`)
}
