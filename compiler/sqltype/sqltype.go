// Package sqltype is what the compiler asks of the engine that types SQL. It is
// a leaf, so that the engine can be written without knowing the compiler.
package sqltype

import (
	"context"

	"github.com/headgate-data/headgate/compiler/types"
)

// Typer parses and binds SQL, in an engine that has access to nothing. cmd hands
// the compiler DuckDB's. Each method takes many texts, so that the engine can work
// on them side by side, and returns as many answers, in their order. An answer
// depends on its own text and tables alone: not on what stands beside it, and not
// on what was asked before.
type Typer interface {
	// Trees parses texts without executing anything.
	Trees(ctx context.Context, texts []string) []Tree
	// Describe binds queries, each to the tables that it brings. A text that is not
	// exactly one SELECT is a fault.
	Describe(ctx context.Context, queries []Query) []Shape
}

// Tree is a text's parse tree as the JSON of DuckDB's json_serialize_sql. Err is
// set instead where the text does not parse or is no SELECT: an *Error.
type Tree struct {
	JSON []byte
	Err  error
}

// Query is one SELECT with the empty tables that it is bound to.
type Query struct {
	SQL    string
	Tables []Table
}

// Shape is what a query yields. Err is set instead where it does not bind: an
// *Error, or what kept the engine from answering.
type Shape struct {
	Columns []Column
	Err     error
}

// TreeOf parses one text.
func TreeOf(ctx context.Context, t Typer, text string) ([]byte, error) {
	tree := t.Trees(ctx, []string{text})[0]
	return tree.JSON, tree.Err
}

// ShapeOf binds one query.
func ShapeOf(ctx context.Context, t Typer, q Query) ([]Column, error) {
	shape := t.Describe(ctx, []Query{q})[0]
	return shape.Columns, shape.Err
}

// Table is an empty table for binding. A zero schema is the default one.
type Table struct {
	Schema  string
	Name    string
	Columns []Column
}

// Column is a column of a table or of a query's result.
type Column struct {
	Name   string
	Type   types.Type // Invalid where the language has no such type
	Native string     // the engine's own name of the type
}

// Error is a fault in SQL. Offset is the byte in the text where it lies, -1
// where the engine does not say.
type Error struct {
	Message    string
	Offset     int
	Candidates []string // names the engine suggests
	NotSelect  bool     // the text parses, and holds a statement that is no SELECT
}

// Error returns the engine's message.
func (e *Error) Error() string { return e.Message }
