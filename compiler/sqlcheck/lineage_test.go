package sqlcheck_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/internal/golden"
)

// lineageTables are what the queries of the lineage's cases read.
func lineageTables(t testing.TB) []sqltype.Table {
	t.Helper()
	table := func(schema, name string, columns ...string) sqltype.Table {
		out := sqltype.Table{Schema: schema, Name: name}
		for _, c := range columns {
			n, kind, _ := strings.Cut(c, " ")
			typ, err := types.Parse(kind)
			if err != nil {
				t.Fatal(err)
			}
			out.Columns = append(out.Columns, sqltype.Column{Name: n, Type: typ})
		}
		return out
	}
	return []sqltype.Table{
		table("raw", "orders", "id int64", "customer_id int64", "net decimal(10, 2)", "tax decimal(10, 2)", "day date", "status string", "note string",
			"tags list(string)", "who struct({name = string, city = string})", "lines list(struct({sku = string, qty = int64}))", "doc json"),
		table("", "customers", "id int64", "name string", "city string", "since date"),
		table("", "rates", "day date", "rate float64", "currency string"),
		table("", "edges", "parent int64", "child int64"),
	}
}

// lookupIn finds the columns of tables as a query names them.
func lookupIn(tables []sqltype.Table) sqlcheck.Lookup {
	return func(schema, name string) ([]sqlcheck.Column, bool) {
		for _, t := range tables {
			if strings.EqualFold(t.Name, name) && (strings.EqualFold(t.Schema, schema) || t.Schema == "" && strings.EqualFold(schema, "main")) {
				var out []sqlcheck.Column
				for _, c := range t.Columns {
					out = append(out, sqlcheck.Column{Name: c.Name, Type: c.Type})
				}
				return out, true
			}
		}
		return nil, false
	}
}

// trace parses and binds a query and works out its lineage.
func trace(t testing.TB, engine *engine, tables []sqltype.Table, sql string) (*sqlcheck.Lineage, []sqltype.Column) {
	t.Helper()
	ctx := context.Background()
	tree, err := engine.Tree(ctx, sql)
	if err != nil {
		t.Fatalf("%s\ndoes not parse: %v", sql, err)
	}
	p, problems := sqlcheck.Parse(sql, tree)
	if len(problems) > 0 {
		t.Fatalf("%s\n%v", sql, problems)
	}
	described, err := engine.Describe(ctx, sql)
	if err != nil {
		t.Fatalf("%s\ndoes not bind: %v", sql, err)
	}
	var cols []sqlcheck.Column
	for _, c := range described {
		cols = append(cols, sqlcheck.Column{Name: c.Name, Type: c.Type})
	}
	return p.Lineage(cols, lookupIn(tables)), described
}

// lineageQueries are the queries of one archive, parted by blank lines.
func lineageQueries(t *testing.T, a *golden.Archive) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(string(a.Bytes(t, "queries.sql"))), "\n\n")
}

// allLineageQueries are those of all archives of testdata/lineage.
func allLineageQueries(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/lineage/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range paths {
		out = append(out, lineageQueries(t, golden.Open(t, p))...)
	}
	return out
}

func TestLineage(t *testing.T) {
	tables := lineageTables(t)
	engine := newEngine(t, tables)
	golden.Dir(t, "testdata/lineage/*.txtar", func(t *testing.T, a *golden.Archive) {
		var out strings.Builder
		for _, sql := range lineageQueries(t, a) {
			l, _ := trace(t, engine, tables, sql)
			out.WriteString(sql + "\n" + dumpLineage(l) + "\n")
		}
		a.Compare(t, "want", []byte(out.String()))
	})
}

func dumpLineage(l *sqlcheck.Lineage) string {
	var out strings.Builder
	name := func(o sqlcheck.Origin) string {
		s := l.Relations[o.Relation].Name + "." + o.Column
		if o.How != sqlcheck.Direct && o.How != sqlcheck.ByName {
			s += " (" + string(o.How) + ")"
		}
		return s
	}
	line := func(head string, from []sqlcheck.Origin) {
		parts := make([]string, len(from))
		for i, o := range from {
			parts[i] = name(o)
		}
		fmt.Fprintf(&out, "  %s: %s\n", head, strings.Join(parts, ", "))
	}
	for _, c := range l.Columns {
		line(c.Name, c.From)
	}
	if len(l.Rows) > 0 {
		line("rows", l.Rows)
	}
	if len(l.Named) > 0 {
		line("besides", l.Named)
	}
	for _, o := range l.Opaque {
		fmt.Fprintf(&out, "  opaque %s: %s\n", l.Relations[o.Relation].Name, o.Why)
	}
	return strings.ReplaceAll(out.String(), ": \n", ": nothing\n")
}

// uses reports whether a result's column, or the rows, depend on a column of a
// relation.
func uses(l *sqlcheck.Lineage, output int, relation int, column string) bool {
	hit := func(o sqlcheck.Origin) bool {
		return o.Relation == relation && (o.Column == sqlcheck.AnyColumn || strings.EqualFold(o.Column, column))
	}
	return slices.ContainsFunc(l.Columns[output].From, hit) || slices.ContainsFunc(l.Rows, hit)
}
