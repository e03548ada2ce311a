// Package contractsql writes contracts as SQL: a CREATE TABLE statement with all
// that the database can keep, and the conditions of checks.
package contractsql

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/lang/diag"
)

// The dialects that can be written.
const (
	DuckDB   = "duckdb"
	Postgres = "postgres"
)

// Ident quotes a name.
func Ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// Holds writes a check's condition: a row keeps it where it is true or null.
// column is what `value` reads, in a column's own check. What the dialect cannot
// say is an error.
func Holds(e *rowexpr.Expr, dialect, column string) (string, error) {
	return write(rowexpr.SQL, e, dialect, column)
}

// Broken writes the condition under which a row breaks a check; it is never null.
func Broken(e *rowexpr.Expr, dialect, column string) (string, error) {
	return write(rowexpr.ViolatesSQL, e, dialect, column)
}

func write(to func(*rowexpr.Expr, rowexpr.SQLOptions) (string, error), e *rowexpr.Expr, dialect, column string) (string, error) {
	if e == nil {
		return "", diag.New(diag.RowNotInSQL, "The condition is not compiled.")
	}
	var fault error
	text, err := to(e, rowexpr.SQLOptions{Dialect: dialect, Ref: func(ref *rowexpr.Expr) string {
		if len(ref.Path) > 1 && dialect != DuckDB {
			fault = diag.New(diag.RowNotInSQL, "A nested value is JSON in %s.", dialect)
		}
		return rowexpr.PathSQL(ref, column, Ident)
	}})
	if err == nil {
		err = fault
	}
	return text, err
}
