package sqlcheck_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/internal/golden"
)

// tables are what the queries of the cases read: a "?" behind a type makes the
// column nullable.
var tables = map[string]string{
	"raw.t":  "id int64, amount decimal(10,2)?, day date?, name string, ok bool?",
	"main.u": "id int64, city string, at timestamptz",
}

// TestQueries checks each query of testdata, parted by blank lines, in the real
// engine: the tables it reads, its columns, and what is wrong with it.
func TestQueries(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		ctx := context.Background()
		engine := typer.New()
		defer engine.Close()
		known := map[string][]sqlcheck.Column{}
		var defs []sqltype.Table
		for name, columns := range tables {
			schema, table, _ := strings.Cut(name, ".")
			known[name] = parseColumns(t, columns)
			def := sqltype.Table{Schema: schema, Name: table}
			for _, c := range known[name] {
				def.Columns = append(def.Columns, sqltype.Column{Name: c.Name, Type: c.Type})
			}
			defs = append(defs, def)
		}
		lookup := func(schema, name string) ([]sqlcheck.Column, bool) {
			if schema == "" {
				schema = "main"
			}
			cols, ok := known[schema+"."+name]
			return append([]sqlcheck.Column{}, cols...), ok
		}
		var out strings.Builder
		for _, sql := range strings.Split(strings.TrimSpace(string(a.Bytes(t, "queries.sql"))), "\n\n") {
			out.WriteString(sql + "\n" + describe(ctx, engine, sqltype.Query{SQL: sql, Tables: defs}, lookup) + "\n")
		}
		a.Compare(t, "want", []byte(out.String()))
	})
}

func parseColumns(t *testing.T, text string) []sqlcheck.Column {
	t.Helper()
	var out []sqlcheck.Column
	for _, field := range strings.Split(text, ", ") {
		name, kind, _ := strings.Cut(field, " ")
		kind, nullable := strings.CutSuffix(kind, "?")
		typ, err := types.Parse(kind)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, sqlcheck.Column{Name: name, Type: typ, Nullable: nullable})
	}
	return out
}

// describe says everything that is found out about a query, a line each.
func describe(ctx context.Context, engine *typer.Typer, q sqltype.Query, lookup sqlcheck.Lookup) string {
	sql := q.SQL
	var out strings.Builder
	problems := func(list []sqlcheck.Problem) {
		for _, p := range list {
			fmt.Fprintf(&out, "  ! %s at %q: %s\n", p.Code, sql[p.Start:p.End], p.Detail)
		}
	}
	tree, err := sqltype.TreeOf(ctx, engine, sql)
	if err != nil {
		return fmt.Sprintf("  does not parse: %v\n", err)
	}
	p, found := sqlcheck.Parse(sql, tree)
	problems(found)
	if p == nil {
		return out.String()
	}
	for _, tb := range p.Tables() {
		fmt.Fprintf(&out, "  reads %q as %s.%s\n", sql[tb.Start:tb.End], tb.Schema, tb.Name)
	}
	if len(found) > 0 {
		return out.String()
	}
	described, err := sqltype.ShapeOf(ctx, engine, q)
	if err != nil {
		return out.String() + fmt.Sprintf("  does not bind: %v\n", err)
	}
	var in []sqlcheck.Column
	for _, c := range described {
		in = append(in, sqlcheck.Column{Name: c.Name, Type: c.Type})
	}
	columns, found := p.Columns(in, lookup)
	for _, c := range columns {
		null := "not null"
		if c.Nullable {
			null = "nullable"
		}
		fmt.Fprintf(&out, "  column %s: %s, %s\n", c.Name, c.Type, null)
	}
	problems(found)
	return out.String()
}
