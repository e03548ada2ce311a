package typer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
)

func newTest(t testing.TB) *Typer {
	t.Helper()
	ty := New()
	t.Cleanup(ty.Close)
	if err := ty.Define(context.Background(), sqltype.Table{Schema: "raw", Name: "orders", Columns: []sqltype.Column{
		{Name: "id", Type: types.Of(types.Int64)}, {Name: "total", Type: types.DecimalOf(12, 2)},
		{Name: "tags", Type: types.ListOf(types.Of(types.String))}, {Name: "at", Type: types.Of(types.TimestampTZ)},
	}}); err != nil {
		t.Fatal(err)
	}
	return ty
}

func TestDescribe(t *testing.T) {
	ty := newTest(t)
	cols, err := ty.Describe(context.Background(), "select id, sum(total) as s, tags[1] as tag, interval 1 day as d from raw.orders group by all -- end")
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
		_, err := ty.Describe(context.Background(), sql)
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
	ctx := context.Background()
	out := filepath.Join(t.TempDir(), "out.csv")
	for _, sql := range []string{
		"drop table raw.orders", "drop table raw.orders; select 1", "select 1; drop table raw.orders",
		"select 1; select 2", "set threads = 4", "attach '" + out + "' as x", "copy raw.orders to '" + out + "'",
		"", "-- nothing", "install httpfs", "pragma version", "select 1\x00; drop table raw.orders",
		"create table x (a int)", "call pragma_version()x;", "explain analyze delete from raw.orders",
	} {
		if cols, err := ty.Describe(ctx, sql); err == nil {
			t.Errorf("%q was described: %v", sql, cols)
		}
	}
	if _, err := ty.Describe(ctx, "select id from raw.orders"); err != nil {
		t.Errorf("the table is gone: %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written")
	}
}

func TestDefineReplaces(t *testing.T) {
	ty := newTest(t)
	ctx := context.Background()
	for _, typ := range []types.Type{types.Of(types.String), types.StructOf(types.Field{Name: `a "b"`, Type: types.MapOf(types.Of(types.UUID))})} {
		if err := ty.Define(ctx, sqltype.Table{Name: "t", Columns: []sqltype.Column{{Name: "x", Type: typ}}}); err != nil {
			t.Fatal(err)
		}
		cols, err := ty.Describe(ctx, "from t")
		if err != nil || len(cols) != 1 || !cols[0].Type.Equal(typ) {
			t.Errorf("%v %v, want %s", cols, err, typ)
		}
	}
	if err := ty.Define(ctx, sqltype.Table{Name: "u", Columns: []sqltype.Column{{Name: "x"}}}); err == nil {
		t.Error("a column without a type was taken")
	}
}

func TestCloseBeforeUse(t *testing.T) {
	ty := New()
	ty.Close()
	if _, err := ty.Tree(context.Background(), "select 1"); err == nil {
		t.Error("a closed typer answered")
	}
}

func FuzzTyper(f *testing.F) {
	for _, s := range []string{"select 1", "select id from raw.orders where total > 'x'", "with a as (select 1) select * from a", "select ';", "values (1),(2)", "select \"", "/*"} {
		f.Add(s)
	}
	ty := newTest(f)
	f.Fuzz(func(t *testing.T, sql string) {
		_, _ = ty.Describe(context.Background(), sql)
		if cols, err := ty.Describe(context.Background(), "select id from raw.orders"); err != nil || len(cols) != 1 {
			t.Fatalf("after %q: %v %v", sql, cols, err)
		}
	})
}

// BenchmarkValidate is what a small project needs: open, four tables, four
// queries.
func BenchmarkValidate(b *testing.B) {
	for b.Loop() {
		ty := New()
		ctx := context.Background()
		for _, name := range []string{"a", "b", "c", "d"} {
			if err := ty.Define(ctx, sqltype.Table{Schema: "raw", Name: name, Columns: []sqltype.Column{{Name: "id", Type: types.Of(types.Int64)}}}); err != nil {
				b.Fatal(err)
			}
			if _, err := ty.Tree(ctx, "select id, count(*) as n from raw."+name+" group by id"); err != nil {
				b.Fatal(err)
			}
			if _, err := ty.Describe(ctx, "select id, count(*) as n from raw."+name+" group by id"); err != nil {
				b.Fatal(err)
			}
		}
		ty.Close()
	}
}
