package duckdb

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

func run(t *testing.T, d *Destination, sql string) {
	t.Helper()
	must(t, d.read(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error { return c.Exec(ctx, sql) }))
}

func wantCode(t *testing.T, err error, want diag.Code) {
	t.Helper()
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestClaim(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	rel := func(address, schema, name string) []connector.Relation {
		return []connector.Relation{{Address: address, Schema: schema, Name: name}}
	}
	must(t, d.Claim(ctx, unit, rel("pipeline.a.stream.x", "raw", "orders")))
	must(t, d.Claim(ctx, unit, rel("pipeline.a.stream.x", "raw", "orders")))
	other := unit
	other.Project = "crm"
	prod := unit
	prod.Environment = "prod"
	run(t, d, "create schema mine; create table mine.t (a int); create view mine.v as select 1 as one")
	for _, c := range []struct {
		unit connector.Unit
		rel  []connector.Relation
		want diag.Code
	}{
		{unit, rel("pipeline.b.stream.x", "raw", "orders"), diag.DuckDBOwned},
		{unit, rel("pipeline.b.stream.x", "RAW", "Orders"), diag.DuckDBOwned},
		{other, rel("pipeline.a.stream.x", "raw", "orders"), diag.DuckDBOwned},
		{prod, rel("pipeline.a.stream.x", "raw", "orders"), diag.DuckDBOwned},
		{unit, rel("pipeline.a.stream.x", "mine", "T"), diag.DuckDBTaken},
		{unit, rel("pipeline.a.stream.x", "mine", "v"), diag.DuckDBTaken},
		{unit, rel("pipeline.a.stream.x", "headgate", "t"), diag.DuckDBReserved},
		{unit, rel("pipeline.a.stream.x", "", "headgate_runs"), diag.DuckDBReserved},
	} {
		wantCode(t, d.Claim(ctx, c.unit, c.rel), c.want)
	}
	wantRows(t, d, "select count(*) n from headgate_meta where kind = 'name'", `{"n":1}`)
}

func TestSecondInstanceIsShared(t *testing.T) {
	var o Opener
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "new", "folder", "w.duckdb")
	a, err := o.Open(ctx, Spec{Path: path})
	must(t, err)
	b, err := o.Open(ctx, Spec{Path: filepath.Dir(path) + "/../folder/w.duckdb"})
	must(t, err)
	if a.inst != b.inst {
		t.Error("two instances of one file")
	}
	must(t, a.Close())
	must(t, a.Close())
	wantRows(t, b, "select 1 as one", `{"one":1}`)
	must(t, b.Close())
	if len(o.open) != 0 {
		t.Error("the instance is still open")
	}
	if _, err := o.Open(ctx, Spec{Path: t.TempDir()}); err == nil {
		t.Error("a folder was opened")
	} else {
		wantCode(t, err, diag.DuckDBOpen)
	}
}

func TestPrepareAltersInPlace(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	table := orders("append", "b1", true)
	prepare := func(req connector.PrepareRequest) error {
		must(t, d.Claim(ctx, unit, []connector.Relation{req.Table.Relation}))
		req.Unit, req.Views = unit, []connector.View{view(req.Table)}
		return d.Prepare(ctx, req)
	}
	must(t, prepare(connector.PrepareRequest{Table: table}))
	st, err := d.Standing(ctx, unit, table.Relation)
	must(t, err)
	if !st.Found || st.Build != "b1" || st.Loaded || len(st.Columns) != 3 {
		t.Errorf("after Prepare %+v", st)
	}
	load(t, d, table, `1`, orderBatch(order{1, at(1), "12"}))
	table.Fresh = false
	table.Columns = []connector.Column{table.Columns[0], {Name: "note", Type: types.DecimalOf(10, 2)}, {Name: "more", Type: types.Of(types.JSON)}}
	alters := []connector.Alter{{Kind: "add", Column: table.Columns[2]}, {Kind: "type", Column: table.Columns[1]}, {Kind: "nullable", Column: table.Columns[0]}}
	for range 2 { // a step may run again
		must(t, prepare(connector.PrepareRequest{Table: table, Alters: alters}))
	}
	wantRows(t, d, "select * from raw.orders", `{"id":1,"note":12.00,"more":null}`)
	st, err = d.Standing(ctx, unit, table.Relation)
	must(t, err)
	if !st.Loaded || len(st.Columns) != 4 || st.Columns[2].Type.String() != "decimal(10, 2)" {
		t.Errorf("after the alterations %+v", st)
	}

	old := table.Relation
	table.Schema, table.Name = "sales", "orders_all"
	for range 2 {
		must(t, prepare(connector.PrepareRequest{Table: table, RenamedFrom: old}))
	}
	wantRows(t, d, "select id from sales.orders_all", `{"id":1}`)
	wantRows(t, d, "select schema_name s, view_name v from duckdb_views() where not internal", `{"s":"sales","v":"orders_all"}`)

	run(t, d, `insert into headgate."sales.orders_all__b1" (id, more) values (2, '{}')`)
	wantCode(t, prepare(connector.PrepareRequest{Table: table, Alters: []connector.Alter{{Kind: "type", Column: connector.Column{Name: "more", Type: types.Of(types.Int64)}}}}), diag.DuckDBNotConvert)
	table.Build = "gone"
	wantCode(t, prepare(connector.PrepareRequest{Table: table}), diag.DuckDBMissing)
}

func TestFenceAndResetBookmark(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	table := orders("append", "b1", true)
	load(t, d, table, `1`, orderBatch(order{1, nil, ""}))
	prepare := func(token int64) error {
		return d.Prepare(ctx, connector.PrepareRequest{Unit: unit, Table: table, Fence: connector.Fence{Key: "k", Token: token}, ResetBookmark: true})
	}
	must(t, prepare(5))
	must(t, prepare(5))
	must(t, prepare(10))
	wantCode(t, prepare(9), diag.DuckDBFenced)
	got, err := d.Bookmark(ctx, unit)
	must(t, err)
	if got != nil {
		t.Errorf("bookmark %s after a reset", got)
	}
}

func TestUnmanagedReaders(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	table := orders("append", "b1", true)
	load(t, d, table, `1`, orderBatch(order{1, nil, ""}))
	run(t, d, `create schema "my ""as"" x"; create table other (orders int);
		create view reader as with c as (select * from raw.orders) select count(*) as n from c;
		create view "my ""as"" x"."v (a) as" as select id as "as" from "raw"."orders";
		create view not_a_reader as select orders from other;
		create view other_schema as select 1 as orders;`)
	got, err := d.Unmanaged(ctx, []connector.Relation{table.Relation})
	must(t, err)
	if fmt.Sprintf("%q", got) != `["main.reader" "my \"as\" x.v (a) as"]` {
		t.Errorf("readers %q", got)
	}
	must(t, d.Unpublish(ctx, unit, []connector.Relation{table.Relation}))
	st, err := d.Standing(ctx, unit, table.Relation)
	must(t, err)
	if st.Found {
		t.Error("still published")
	}
	table.Name = "renamed_since"
	must(t, d.DropBuilds(ctx, []connector.Relation{table.Relation, {Schema: "raw", Name: "orders"}}))
	wantRows(t, d, "select table_name t from duckdb_tables() where schema_name = 'headgate'", `{"t":"staging"}`)
}

// TestDropBuildsSparesWhatIsPublished retires a build that a name still shows.
func TestDropBuildsSparesWhatIsPublished(t *testing.T) {
	d := openTest(t)
	table := orders("append", "b1", true)
	load(t, d, table, `1`, orderBatch(order{1, nil, "x"}))
	must(t, d.DropBuilds(context.Background(), []connector.Relation{table.Relation}))
	wantRows(t, d, "select note from raw.orders", `{"note":"x"}`)
}

func TestReservedColumn(t *testing.T) {
	d := openTest(t)
	table := orders("append", "b1", true)
	table.Columns = []connector.Column{{Name: "RowID", Type: types.Of(types.Int64)}}
	err := d.Prepare(context.Background(), connector.PrepareRequest{Unit: unit, Table: table})
	wantCode(t, err, diag.DuckDBReserved)
	if err != nil && !strings.Contains(err.Error(), "RowID") {
		t.Error(err)
	}
}
