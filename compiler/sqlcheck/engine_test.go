package sqlcheck_test

import (
	"context"
	"slices"
	"testing"

	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
)

// engine is a typer that brings the same tables to every query.
type engine struct {
	typer  *typer.Typer
	tables []sqltype.Table
}

// newEngine opens a typer with tables for its queries.
func newEngine(t testing.TB, tables []sqltype.Table) *engine {
	t.Helper()
	e := &engine{typer: typer.New(), tables: slices.Clone(tables)}
	t.Cleanup(e.typer.Close)
	return e
}

// define puts a table in the place of one of the same name.
func (e *engine) define(table sqltype.Table) {
	e.tables = slices.DeleteFunc(e.tables, func(t sqltype.Table) bool { return t.Schema == table.Schema && t.Name == table.Name })
	e.tables = append(e.tables, table)
}

// Tree parses a text.
func (e *engine) Tree(ctx context.Context, sql string) ([]byte, error) {
	return sqltype.TreeOf(ctx, e.typer, sql)
}

// Describe binds a query.
func (e *engine) Describe(ctx context.Context, sql string) ([]sqltype.Column, error) {
	return sqltype.ShapeOf(ctx, e.typer, sqltype.Query{SQL: sql, Tables: e.tables})
}
