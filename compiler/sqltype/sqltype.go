// Package sqltype is what the compiler asks of the engine that types SQL. It is
// a leaf, so that the engine can be written without knowing the compiler.
package sqltype

import (
	"context"

	"github.com/headgate-data/headgate/compiler/types"
)

// Typer parses and binds SQL, in an engine that has access to nothing. cmd hands
// the compiler DuckDB's.
type Typer interface {
	// Tree returns the parse tree of a text as the JSON of DuckDB's
	// json_serialize_sql, without executing anything. A text that does not parse,
	// or is no SELECT, is an *Error.
	Tree(ctx context.Context, sql string) ([]byte, error)
	// Define makes an empty table that later Describe calls can read. Defining the
	// same name again replaces it. A zero schema is the default one.
	Define(ctx context.Context, t Table) error
	// Describe binds one SELECT and returns its columns. It must be called only
	// with a text that Tree took and that is exactly one statement. Fault: *Error.
	Describe(ctx context.Context, sql string) ([]Column, error)
}

// Table is an empty table for binding.
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
