// Package compiler turns a Module into a Program: names resolved, config
// expressions evaluated, row expressions and SQL typed, every promise of the
// language checked offline. It is the last place that sees HCL and cty.
package compiler

import (
	"io/fs"

	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
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
	// OnQuery is called for each model version whose query was typed; nil for nobody.
	OnQuery func(Query)
}

// Query is what a model's query shows besides its columns.
type Query struct {
	Model addr.Address // with its version
	Facts []sqlcheck.Fact
	Place func(start, end int) diag.Range // where a stretch of the query is written
}

// The engine that types SQL, under the names that the compiler's callers use.
type (
	QueryTyper  = sqltype.Typer
	QueryTable  = sqltype.Table
	QueryColumn = sqltype.Column
	QueryError  = sqltype.Error
)
