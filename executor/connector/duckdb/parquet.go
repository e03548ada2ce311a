package duckdb

import (
	"context"
	"fmt"
	"strconv"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// Parquet reads parquet files in a throwaway database in memory. The zero value
// is ready; its methods may be called from several goroutines.
type Parquet struct{}

// parquetMemory bounds what a reader of one file may take.
const parquetMemory = "128MB"

// open runs f on a new database in memory.
func (Parquet) open(path string, f func(c *duck.Conn) error) error {
	db, err := duck.Open(":memory:", map[string]string{
		"threads": "1", "memory_limit": parquetMemory, "preserve_insertion_order": "true",
		"autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
	})
	if err != nil {
		return err
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		return err
	}
	defer c.Close()
	return wrap("", "reading "+path, f(c))
}

// file is the table function over exactly the file at path.
func file(path string, rowNumber bool) string {
	return "read_parquet([" + duck.QuoteLiteral(globSafe(path)) + "], file_row_number = " + strconv.FormatBool(rowNumber) + ", hive_partitioning = false)"
}

// globSafe makes a path match itself alone, although it holds what DuckDB takes
// for a pattern.
func globSafe(path string) string {
	var out []byte
	for i := range len(path) {
		switch ch := path[i]; ch {
		case '*', '?', '[':
			out = append(out, '[', ch, ']')
		default:
			out = append(out, ch)
		}
	}
	return string(out)
}

// Columns returns the file's columns; every column may be null. Columns of a
// type that the language lacks are of the type string: Read hands over their
// text.
func (p Parquet) Columns(ctx context.Context, path string) ([]connector.SourceColumn, error) {
	var out []connector.SourceColumn
	err := p.open(path, func(c *duck.Conn) error {
		columns, _, err := parquetColumns(ctx, c, path)
		out = columns
		return err
	})
	return out, err
}

// parquetColumns describes the file, and returns the list of expressions that
// reads it: columns of types that headgate does not know are cast to text.
func parquetColumns(ctx context.Context, c *duck.Conn, path string) ([]connector.SourceColumn, string, error) {
	rows, err := c.Texts(ctx, "select column_name, column_type from (describe select * from "+file(path, false)+")")
	if err != nil {
		return nil, "", err
	}
	var out []connector.SourceColumn
	list := ""
	for i, row := range rows {
		col := connector.SourceColumn{Name: text(row[0]), Type: columnType(text(row[1])), Nullable: true}
		expr := duck.QuoteIdent(col.Name)
		if col.Type.IsZero() {
			col.Type = columnType("VARCHAR")
			expr += "::varchar as " + expr
		}
		if i > 0 {
			list += ", "
		}
		list += expr
		out = append(out, col)
	}
	return out, list, nil
}

// Read hands over the file's rows from fromRow (counted from 0) on, in batches of
// about batchRows JSON objects (a chunk of 2,048 rows is never split). It stops
// with yield's error.
func (p Parquet) Read(ctx context.Context, path string, fromRow int64, batchRows int, yield func(*connector.Records) error) error {
	var stop error
	err := p.open(path, func(c *duck.Conn) error {
		_, list, err := parquetColumns(ctx, c, path)
		if err != nil {
			return err
		}
		rows, err := c.Query(ctx, fmt.Sprintf("select %s from %s where file_row_number >= %d", list, file(path, true), fromRow))
		if err != nil {
			return err
		}
		defer rows.Close()
		if stop = yieldRows(rows, path, fromRow, batchRows, yield); stop != nil {
			return nil
		}
		return rows.Err()
	})
	if stop != nil {
		return stop
	}
	return err
}

// yieldRows turns chunks into batches.
func yieldRows(rows *duck.Rows, path string, fromRow int64, batchRows int, yield func(*connector.Records) error) error {
	if batchRows <= 0 {
		batchRows = 8192
	}
	batch := &connector.Records{Origin: path, Tabular: true}
	next := fromRow
	for rows.Next() {
		w := newRowWriter(rows, false)
		for i := range rows.Len() {
			batch.Start = append(batch.Start, len(batch.Data))
			batch.Data = w.row(batch.Data, i)
			batch.End = append(batch.End, len(batch.Data))
			next++
			batch.Line = append(batch.Line, next)
		}
		if batch.Len() >= batchRows {
			if err := yield(batch); err != nil {
				return err
			}
			batch = &connector.Records{Origin: path, Tabular: true, Data: make([]byte, 0, len(batch.Data)+len(batch.Data)/8)}
		}
	}
	if batch.Len() == 0 || rows.Err() != nil {
		return nil
	}
	return yield(batch)
}
