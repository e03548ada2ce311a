package duckdb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// inspected looks at the database at path from outside.
func inspected(t *testing.T, path string, names ...connector.Relation) connector.Inspection {
	t.Helper()
	out, err := Inspector{Spec: Spec{Address: "destination.w", Path: path}}.Inspect(context.Background(), names)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// changedBy runs statements in the database at path, as somebody else would.
func changedBy(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := duck.Open(path, map[string]string{"threads": "1"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, s := range statements {
		if err := c.Exec(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// publishedOrders makes a database with one published stream.
func publishedOrders(t *testing.T) (path string, table connector.Table) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "w.duckdb")
	var o Opener
	d, err := o.Open(context.Background(), Spec{Address: "destination.w", Path: path, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	table = orders("append", "b1", true)
	if err := d.Claim(context.Background(), unit, []connector.Relation{table.Relation}); err != nil {
		t.Fatal(err)
	}
	views := []connector.View{{Relation: table.Relation, Columns: []string{"id", "at", "note"}, Comment: "of the shop"}}
	if err := d.Prepare(context.Background(), connector.PrepareRequest{Unit: unit, Table: table, Views: views}); err != nil {
		t.Fatal(err)
	}
	return path, table
}

func TestInspect(t *testing.T) {
	path, table := publishedOrders(t)
	other := connector.Relation{Address: "x", Schema: "raw", Name: "other"}
	seen := inspected(t, path, table.Relation, other)
	got := seen.Names[0]
	want := []connector.InspectedColumn{{Name: "id", Type: "int64"}, {Name: "at", Type: "int64"}, {Name: "note", Type: "string"}}
	if got.Kind != connector.KindView || !got.Table || got.Build != "b1" || got.Changed || got.Comment != "of the shop" ||
		fmt.Sprint(got.Columns) != fmt.Sprint(want) || fmt.Sprint(got.Left) != fmt.Sprint(want) || got.Owner == nil || got.Owner.Address != stream {
		t.Errorf("%+v", got)
	}
	if len(seen.Database) != 32 || seen.Missing || seen.Names[1].Kind != "" || seen.Names[1].Owner != nil {
		t.Errorf("%+v", seen)
	}
	changedBy(t, path, `alter table headgate."raw.orders__b1" alter column "at" set data type interval using null`, `alter table headgate."raw.orders__b1" drop column note`,
		`alter table headgate."raw.orders__b1" alter column id set not null`, "create table raw.other as select 1 a, 2 b", "drop view raw.orders",
		`create view raw.orders as select id from headgate."raw.orders__b1"`, "create view main.broken as select * from raw.orders, raw.other")
	seen = inspected(t, path, table.Relation, other)
	got = seen.Names[0]
	if fmt.Sprint(got.Columns) != fmt.Sprint([]connector.InspectedColumn{{Name: "id", Type: "int64", NotNull: true}, {Name: "at", Type: "INTERVAL"}}) || fmt.Sprint(got.Left) != fmt.Sprint(want) {
		t.Errorf("columns %v, left %v", got.Columns, got.Left)
	}
	if !got.Changed || !strings.HasPrefix(got.Query, "SELECT id FROM") || !strings.Contains(got.Made, "note") || fmt.Sprint(got.Readers) != "[main.broken]" {
		t.Errorf("%+v", got)
	}
	if got = seen.Names[1]; got.Kind != connector.KindTable || len(got.Columns) != 2 || got.Owner != nil || fmt.Sprint(got.Readers) != "[main.broken]" {
		t.Errorf("%+v", got)
	}
	changedBy(t, path, `drop table headgate."raw.orders__b1"`)
	if got = inspected(t, path, table.Relation).Names[0]; got.Table || got.Columns != nil || got.Build != "b1" {
		t.Errorf("%+v", got)
	}
}

// TestInspectChangesNothing: neither a file that is there nor one that is not, nor a
// log beside it.
func TestInspectChangesNothing(t *testing.T) {
	path, table := publishedOrders(t)
	changedBy(t, path, "pragma disable_checkpoint_on_shutdown", "create table raw.more as select 1 a")
	sum := func() string {
		var out []string
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			b, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprintf("%s %x", e.Name(), sha256.Sum256(b)))
		}
		return strings.Join(out, "\n")
	}
	before := sum()
	if !strings.Contains(before, ".wal") {
		t.Fatalf("there is no log to be tried:\n%s", before)
	}
	more := connector.Relation{Schema: "raw", Name: "more"}
	if seen := inspected(t, path, table.Relation, more); seen.Names[1].Kind != connector.KindTable {
		t.Errorf("what stands in the log is not seen: %+v", seen.Names[1])
	}
	if after := sum(); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	gone := filepath.Join(t.TempDir(), "folder", "gone.duckdb")
	if seen := inspected(t, gone, more); !seen.Missing {
		t.Errorf("%+v", seen)
	}
	if _, err := os.Stat(filepath.Dir(gone)); err == nil {
		t.Error("the folder was made")
	}
	foreign := filepath.Join(t.TempDir(), "foreign.duckdb")
	changedBy(t, foreign, "create table t (a int)")
	if seen := inspected(t, foreign, connector.Relation{Name: "t"}); seen.Database != "" || seen.Names[0].Kind != connector.KindTable {
		t.Errorf("%+v", seen)
	}
}

func TestInspectFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	look := func() *diag.Diagnostic {
		_, err := Inspector{Spec: Spec{Address: "destination.w", Path: path}}.Inspect(context.Background(), nil)
		d, _ := err.(*diag.Diagnostic)
		return d
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database"), 2000), 0o644); err != nil {
		t.Fatal(err)
	}
	if d := look(); d == nil || d.Code != diag.DuckDBOpen || d.Severity != diag.Error {
		t.Errorf("%v", d)
	}
	if err := os.WriteFile(path+".wal", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if d := look(); d == nil || d.Code != diag.DuckDBOpen || d.Severity != diag.Warning {
		t.Errorf("%v", d)
	}
	path, _ = publishedOrders(t)
	changedBy(t, path, "update headgate_meta set build = '99' where kind = 'destination'")
	if d := look(); d == nil || d.Code != diag.DuckDBNewer {
		t.Errorf("%v", d)
	}
}

// TestViewsReadTheSame: a view that nobody touched is the one that was made, however
// DuckDB prints it once it comes from the file.
func TestViewsReadTheSame(t *testing.T) {
	path, table := publishedOrders(t)
	queries := []string{
		`select id::date::varchar d, cast(note as varchar(3)) c, try_cast(note as timestamp with time zone) z, note::enum('a', 'b') e from raw.orders`,
		`select [x * 2 for x in [1, 2] if x > 1] l, list_filter([id], lambda x: x > 1) f, {'a': 1, 'b': [1]} s, map {'k': 1} m from raw.orders`,
		`select * exclude ("at") replace (id + 1 as id), row_number() over (partition by note order by "at" desc nulls last) n from raw.orders qualify n = 1`,
		`with recursive r as (select 1 n union all select n + 1 from r where n < 5) select count(*), interval '3 days' i, extract(dow from date '2026-01-01') x from r`,
		`unpivot (select id, "at" from raw.orders) on id, "at" into name k value v`, `from raw.orders select note where note ilike 'A%' or note in (select 'b')`,
	}
	var names []connector.Relation
	var o Opener
	d, err := o.Open(context.Background(), Spec{Address: "destination.w", Path: path, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	var views []connector.View
	for i, q := range queries {
		r := connector.Relation{Address: fmt.Sprintf("model.m%d.v1", i), Schema: "marts", Name: fmt.Sprintf("m%d", i)}
		names = append(names, r)
		views = append(views, connector.View{Relation: r, SQL: q})
	}
	ctx := context.Background()
	if err := d.Claim(ctx, unit, names); err != nil {
		t.Fatal(err)
	}
	if err := d.Prepare(ctx, connector.PrepareRequest{Unit: unit, Table: table, Views: views}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	for i, seen := range inspected(t, path, names...).Names {
		if seen.Kind != connector.KindView || seen.Changed {
			t.Errorf("%s\nmade %s\nnow  %s", queries[i], seen.Made, seen.Query)
		}
	}
}

// TestInspectAsksOnce: three hundred tables take no more statements than one does.
func TestInspectAsksOnce(t *testing.T) {
	path, table := publishedOrders(t)
	var statements []string
	names := []connector.Relation{table.Relation}
	for i := range 300 {
		statements = append(statements, fmt.Sprintf("create table raw.t%d (a int, b varchar)", i))
		names = append(names, connector.Relation{Schema: "raw", Name: fmt.Sprintf("t%d", i)})
	}
	changedBy(t, path, append(statements, "create view main.reader as select * from raw.t7, raw.t8")...)
	db, err := Inspector{Spec: Spec{Path: path}}.open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := inspection{conn: c}
	seen, err := in.run(context.Background(), names)
	if err != nil {
		t.Fatal(err)
	}
	if in.asks > 6 {
		t.Errorf("%d statements", in.asks)
	}
	if n := seen.Names[8]; n.Kind != connector.KindTable || len(n.Columns) != 2 || fmt.Sprint(n.Readers) != "[main.reader]" {
		t.Errorf("%+v", n)
	}
}
