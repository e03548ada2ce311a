package typer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
)

// bound is a typer for one query at a time over raw.orders.
type bound struct {
	*Typer
	tables []sqltype.Table
}

func (b bound) describe(sql string) ([]sqltype.Column, error) {
	return sqltype.ShapeOf(context.Background(), b.Typer, sqltype.Query{SQL: sql, Tables: b.tables})
}

func newTest(t testing.TB) bound {
	t.Helper()
	ty := New()
	t.Cleanup(ty.Close)
	return bound{ty, []sqltype.Table{{Schema: "raw", Name: "orders", Columns: []sqltype.Column{
		{Name: "id", Type: types.Of(types.Int64)}, {Name: "total", Type: types.DecimalOf(12, 2)},
		{Name: "tags", Type: types.ListOf(types.Of(types.String))}, {Name: "at", Type: types.Of(types.TimestampTZ)},
	}}}}
}

func TestDescribe(t *testing.T) {
	ty := newTest(t)
	cols, err := ty.describe("select id, sum(total) as s, tags[1] as tag, interval 1 day as d from raw.orders group by all -- end")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"id int64", "s decimal(38, 2)", "tag string", "d invalid"}
	for i, c := range cols {
		if got := c.Name + " " + c.Type.String(); got != want[i] {
			t.Errorf("column %d is %s, want %s", i, got, want[i])
		}
	}
	if len(cols) != len(want) || cols[3].Native != "INTERVAL" {
		t.Errorf("columns %+v", cols)
	}
}

// TestFaults marks the place of each fault with ^ in the text.
func TestFaults(t *testing.T) {
	ty := newTest(t)
	for _, c := range []struct{ sql, message, candidate string }{
		{"select ^idd from raw.orders", `"idd" not found`, "id"},
		{"select 'é€😀', ^idd from raw.orders", `"idd" not found`, "id"},
		{"select\n  id,\n  ^lowerr('x')\nfrom raw.orders", "lowerr does not exist", "lower"},
		{"select id + ^from raw.orders", "syntax error", ""},
		{"select id from ^raw.order", "order does not exist", "orders"},
		{"select id from ^read_csv('/etc/passwd')", "disabled by configuration", ""},
		{"^", "", ""},
	} {
		at := strings.IndexByte(c.sql, '^')
		sql := strings.Replace(c.sql, "^", "", 1)
		_, err := ty.describe(sql)
		var e *sqltype.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		if sql != "" && e.Offset != at {
			t.Errorf("%q: fault at %d, want %d (%s)", sql, e.Offset, at, e.Message)
		}
		if !strings.Contains(e.Message, c.message) {
			t.Errorf("%q: message %q, want %q", sql, e.Message, c.message)
		}
		if c.candidate != "" && (len(e.Candidates) == 0 || e.Candidates[0] != c.candidate) {
			t.Errorf("%q: candidates %q, want %q", sql, e.Candidates, c.candidate)
		}
	}
}

// TestNothingButOneSelectRuns tries texts that would do something if they ran.
func TestNothingButOneSelectRuns(t *testing.T) {
	ty := newTest(t)
	out := filepath.Join(t.TempDir(), "out.csv")
	for _, sql := range []string{
		"drop table raw.orders", "drop table raw.orders; select 1", "select 1; drop table raw.orders",
		"select 1; select 2", "set threads = 4", "attach '" + out + "' as x", "copy raw.orders to '" + out + "'",
		"", "-- nothing", "install httpfs", "pragma version", "select 1\x00; drop table raw.orders",
		"create table x (a int)", "call pragma_version()x;", "explain analyze delete from raw.orders",
	} {
		if cols, err := ty.describe(sql); err == nil {
			t.Errorf("%q was described: %v", sql, cols)
		}
	}
	if _, err := ty.describe("select id from raw.orders"); err != nil {
		t.Errorf("the table is gone: %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written")
	}
}

// TestTablesAreTheQuerysOwn asks about one name with one shape after another, in
// several spellings.
func TestTablesAreTheQuerysOwn(t *testing.T) {
	ty := newTest(t)
	for i, typ := range []types.Type{types.Of(types.String), types.StructOf(types.Field{Name: `a "b"`, Type: types.MapOf(types.Of(types.UUID))}), types.Of(types.String)} {
		ty.tables = []sqltype.Table{{Name: []string{"t", "T", "t"}[i], Columns: []sqltype.Column{{Name: "x", Type: typ}}}}
		cols, err := ty.describe("from t")
		if err != nil || len(cols) != 1 || !cols[0].Type.Equal(typ) {
			t.Errorf("%v %v, want %s", cols, err, typ)
		}
	}
	ty.tables = []sqltype.Table{{Name: "u", Columns: []sqltype.Column{{Name: "x"}}}}
	if _, err := ty.describe("from u"); err == nil {
		t.Error("a column without a type was taken")
	}
}

// TestManyAtOnce asks for enough that several databases answer: every answer must
// be the one that the question gets by itself.
func TestManyAtOnce(t *testing.T) {
	ctx := context.Background()
	var texts []string
	var queries []sqltype.Query
	for i := range 3*worthwhile + 7 {
		sql := fmt.Sprintf("select x + %d as y from raw.t%d", i, i%50)
		switch {
		case i%40 == 7:
			sql = "select ' from"
		case i%40 == 8:
			sql = fmt.Sprintf("select z from raw.t%d", i%50)
		case i%40 == 9:
			sql = "select 1\x00"
		case i%40 == 10:
			sql = "from db.raw.t1"
		case i%40 == 11:
			sql = "select 1; select 2"
		case i%40 == 12:
			sql = "drop table raw.t1"
		}
		typ := []types.Type{types.Of(types.Int32), types.DecimalOf(9, 2), types.Of(types.Int64)}[i%3]
		texts = append(texts, sql)
		queries = append(queries, sqltype.Query{SQL: sql, Tables: []sqltype.Table{{Schema: "raw", Name: fmt.Sprint("t", i%50), Columns: []sqltype.Column{{Name: "x", Type: typ}}}}})
	}
	ty := New()
	defer ty.Close()
	trees, shapes := ty.Trees(ctx, texts), ty.Describe(ctx, queries)
	alone := New()
	defer alone.Close()
	for i := len(texts) - 1; i >= 0; i-- {
		tree, err := sqltype.TreeOf(ctx, alone, texts[i])
		if string(tree) != string(trees[i].JSON) || fmt.Sprint(err) != fmt.Sprint(trees[i].Err) {
			t.Errorf("%q: tree %.40s %v, alone %.40s %v", texts[i], trees[i].JSON, trees[i].Err, tree, err)
		}
		cols, err := sqltype.ShapeOf(ctx, alone, queries[i])
		if !reflect.DeepEqual(cols, shapes[i].Columns) || !reflect.DeepEqual(err, shapes[i].Err) {
			t.Errorf("%q: columns %v %v, alone %v %v", texts[i], shapes[i].Columns, shapes[i].Err, cols, err)
		}
	}
}

func TestIdentity(t *testing.T) {
	for _, part := range []string{"duckdb v", "enable_external_access=false", "errors_as_json"} {
		if !strings.Contains(Identity(), part) {
			t.Errorf("%q is not in %q", part, Identity())
		}
	}
}

func TestCloseBeforeUse(t *testing.T) {
	ty := New()
	ty.Close()
	if _, err := sqltype.TreeOf(context.Background(), ty, "select 1"); err == nil {
		t.Error("a closed typer answered")
	}
}

func FuzzTyper(f *testing.F) {
	for _, s := range []string{"select 1", "select id from raw.orders where total > 'x'", "with a as (select 1) select * from a", "select ';", "values (1),(2)", "select \"", "/*"} {
		f.Add(s)
	}
	ty := newTest(f)
	f.Fuzz(func(t *testing.T, sql string) {
		_, _ = ty.describe(sql)
		if cols, err := ty.describe("select id from raw.orders"); err != nil || len(cols) != 1 {
			t.Fatalf("after %q: %v %v", sql, cols, err)
		}
	})
}

// BenchmarkValidate is what a small project needs: open, four tables, four
// queries.
func BenchmarkValidate(b *testing.B) {
	for b.Loop() {
		ty := New()
		for _, name := range []string{"a", "b", "c", "d"} {
			q := sqltype.Query{SQL: "select id, count(*) as n from raw." + name + " group by id",
				Tables: []sqltype.Table{{Schema: "raw", Name: name, Columns: []sqltype.Column{{Name: "id", Type: types.Of(types.Int64)}}}}}
			if _, err := sqltype.ShapeOf(context.Background(), ty, q); err != nil {
				b.Fatal(err)
			}
		}
		ty.Close()
	}
}
