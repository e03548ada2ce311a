// Package compiler turns a Module into a Program: names resolved, config
// expressions evaluated, row expressions and SQL typed, every promise of the
// language checked offline. It is the last place that sees HCL and cty.
package compiler

import (
	"context"
	"io/fs"

	"github.com/headgate-data/headgate/compiler/types"
)

// Inputs is all that the compiler knows of the world.
type Inputs struct {
	Environment     string            // name; "" is the default environment
	Vars            map[string]string // --var and HEADGATE_VAR_x, resolved by strength: name -> text as given
	VarFile         map[string]string // --var-file: name -> HCL expression text
	Today           string            // YYYY-MM-DD
	LookupEnv       func(name string) (string, bool)
	FS              fs.FS  // the project folder
	FolderName      string // the project folder's base name, the default of headgate { name }
	Typer           QueryTyper
	AllowDeprecated bool // run and apply FILE: a deprecation does not stop them
}

// QueryTyper parses and binds SQL, in an engine that has access to nothing.
// cmd hands the compiler DuckDB's.
type QueryTyper interface {
	// Tree returns the parse tree of a text as the JSON of DuckDB's
	// json_serialize_sql, without executing anything. A text that does not parse,
	// or is no SELECT, is a *QueryError.
	Tree(ctx context.Context, sql string) ([]byte, error)
	// Define makes an empty table that later Describe calls can read. Defining the
	// same name again replaces it. A zero schema is the default one.
	Define(ctx context.Context, t QueryTable) error
	// Describe binds one SELECT and returns its columns. It must be called only
	// with a text that Tree took and that is exactly one statement. Fault: *QueryError.
	Describe(ctx context.Context, sql string) ([]QueryColumn, error)
}

// QueryTable is an empty table for binding.
type QueryTable struct {
	Schema  string
	Name    string
	Columns []QueryColumn
}

// QueryColumn is a column of a table or of a query's result.
type QueryColumn struct {
	Name   string
	Type   types.Type // Invalid where the language has no such type
	Native string     // the engine's own name of the type
}

// QueryError is a fault in SQL. Offset is the byte in the text where it lies, -1
// where the engine does not say.
type QueryError struct {
	Message    string
	Offset     int
	Candidates []string // names the engine suggests
}

// Error returns the engine's message.
func (e *QueryError) Error() string { return e.Message }
