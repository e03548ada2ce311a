package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// load measures JSON Lines into a DuckDB file on one core: headgate with every
// check, audit and checksum, and beside it DuckDB's own INSERT ... SELECT FROM
// read_json with the same columns, which checks types alone.
func (b *bench) load(rows int) error {
	bin, err := b.build()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	first, second := filepath.Join(b.out, "first.jsonl"), filepath.Join(b.out, "second.jsonl")
	for i, path := range []string{first, second} {
		if _, err := writeOrders(path, uint64(i+1), 1+int64(i*rows/2), rows, 0); err != nil {
			return err
		}
	}
	st, err := os.Stat(first)
	if err != nil {
		return err
	}
	fmt.Printf("%d records of ten columns, %.0f bytes each, one core, median of %d\n", rows, float64(st.Size())/float64(rows), b.runs)
	for _, write := range []string{"append", "merge"} {
		if err := b.loadHeadgate(bin, write, first, second, rows); err != nil {
			return err
		}
	}
	db := filepath.Join(b.out, "read_json.duckdb")
	f, err := b.median(true, func() error { return removeDatabases(b.out) }, self, "read-json", db, first)
	if err != nil {
		return err
	}
	row("duckdb insert from read_json", rows, f)
	return nil
}

// loadHeadgate loads the first file into an empty table, then the second one,
// half of whose keys stand there under merge; append gets keys that do not.
func (b *bench) loadHeadgate(bin, write, first, second string, rows int) error {
	dir := filepath.Join(b.out, "load-"+write)
	in := filepath.Join(dir, "in")
	if err := os.MkdirAll(in, 0o755); err != nil {
		return err
	}
	if err := loadProject(dir, "in/*.jsonl", write); err != nil {
		return err
	}
	if write == "append" {
		second = filepath.Join(b.out, "third.jsonl")
		if _, err := writeOrders(second, 3, 1+int64(rows), rows, 0); err != nil {
			return err
		}
	}
	link := func(path, name string) error {
		abs, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		return os.Link(abs, filepath.Join(in, name))
	}
	fresh := func() error {
		if err := removeDatabases(dir); err != nil {
			return err
		}
		if err := os.RemoveAll(in); err != nil {
			return err
		}
		if err := os.MkdirAll(in, 0o755); err != nil {
			return err
		}
		return link(first, "a.jsonl")
	}
	apply := []string{bin, "apply", "-C", dir, "--auto-approve"}
	f, err := b.median(true, fresh, apply...)
	if err != nil {
		return err
	}
	row("headgate "+write+", empty table", rows, f)
	more := func() error {
		if err := fresh(); err != nil {
			return err
		}
		if _, err := measure(true, apply...); err != nil {
			return err
		}
		return link(second, "b.jsonl")
	}
	if f, err = b.median(true, more, apply...); err != nil {
		return err
	}
	row(fmt.Sprintf("headgate %s, onto %d rows", write, rows), rows, f)
	return nil
}

// readJSON is DuckDB alone, in a process of its own: database file, then input.
func readJSON(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("read-json takes a database, an input and the number of threads")
	}
	ctx := context.Background()
	db, err := duck.Open(args[0], map[string]string{"threads": args[2]})
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, sql := range []string{
		"CREATE TABLE orders(id BIGINT, email VARCHAR, status VARCHAR, total DECIMAL(12,2), created_at TIMESTAMPTZ, ship_date DATE, quantity INTEGER, score DOUBLE, paid BOOLEAN, note VARCHAR)",
		"INSERT INTO orders SELECT * FROM read_json(" + duck.QuoteLiteral(args[1]) + ", format = 'newline_delimited', columns = " + readColumns + ")",
		"CHECKPOINT",
	} {
		if err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
