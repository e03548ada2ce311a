// Package compiler turns a Module into a Program: names resolved, config
// expressions evaluated, row expressions and SQL typed, every promise of the
// language checked offline. It is the last place that sees HCL and cty.
package compiler

import (
	"io/fs"

	"github.com/headgate-data/headgate/compiler/sqltype"
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

// The engine that types SQL, under the names that the compiler's callers use.
type (
	QueryTyper  = sqltype.Typer
	QueryTable  = sqltype.Table
	QueryColumn = sqltype.Column
	QueryError  = sqltype.Error
)
