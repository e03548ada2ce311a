package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// load measures JSON Lines into a DuckDB file: headgate with every check, audit and
// checksum, and in turns with it DuckDB's own INSERT ... SELECT FROM read_json with
// the same columns, which checks types alone. Everything is done with one core and
// one thread, and then with two.
func (b *bench) load(rows int) error {
	bin, err := b.build()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	l := loader{bench: b, bin: bin, self: self, rows: rows}
	// Of the second file half the keys are in the first, of the third none.
	for i, first := range []int{1, 1 + rows/2, 1 + rows} {
		l.files[i] = filepath.Join(b.out, fmt.Sprintf("orders-%d.jsonl", i+1))
		if _, err := writeOrders(l.files[i], uint64(i+1), int64(first), rows, 0); err != nil {
			return err
		}
	}
	st, err := os.Stat(l.files[0])
	if err != nil {
		return err
	}
	fmt.Printf("%d records of ten columns, %.0f bytes each, median of %d\n", rows, float64(st.Size())/float64(rows), b.runs)
	for cores := 1; cores <= min(2, runtime.NumCPU()); cores++ {
		fmt.Printf("\ncores and threads: %d\n", cores)
		for _, write := range []string{"append", "merge"} {
			if err := l.beside(write, cores); err != nil {
				return err
			}
			if err := l.onto(write, cores); err != nil {
				return err
			}
		}
	}
	return nil
}

// loader is what the measurements of load share.
type loader struct {
	*bench
	bin, self string
	rows      int
	files     [3]string
}

// fresh makes the project of a write mode with the first file waiting and nothing
// loaded.
func (l *loader) fresh(dir, write string, cores int) error {
	in := filepath.Join(dir, "in")
	if err := os.RemoveAll(in); err != nil {
		return err
	}
	if err := os.MkdirAll(in, 0o755); err != nil {
		return err
	}
	if err := removeDatabases(dir); err != nil {
		return err
	}
	if err := loadProject(dir, "in/*.jsonl", write, cores); err != nil {
		return err
	}
	return link(l.files[0], filepath.Join(in, "a.jsonl"))
}

func (l *loader) apply(dir string) []string {
	return []string{l.bin, "apply", "-C", dir, "--auto-approve"}
}

// beside loads the first file into an empty table, in turns with DuckDB alone.
func (l *loader) beside(write string, cores int) error {
	dir := filepath.Join(l.out, "load-"+write)
	db := filepath.Join(l.out, "read_json.duckdb")
	f, err := l.medians(cores,
		contender{func() error { return l.fresh(dir, write, cores) }, l.apply(dir)},
		contender{func() error { return removeDatabases(l.out) }, []string{l.self, "read-json", db, l.files[0], fmt.Sprint(cores)}})
	if err != nil {
		return err
	}
	row("headgate "+write+", empty table", l.rows, f[0])
	row("duckdb insert from read_json", l.rows, f[1])
	fmt.Printf("%-34s %8.2f   wall  %7.2f   cpu\n", "  headgate : duckdb", f[0].wall.Seconds()/f[1].wall.Seconds(), f[0].cpu().Seconds()/f[1].cpu().Seconds())
	return nil
}

// onto loads the first file and measures another one after it: for a merge the one
// with half of the keys, for an append the one with none.
func (l *loader) onto(write string, cores int) error {
	dir := filepath.Join(l.out, "load-"+write)
	more := l.files[2]
	if write == "merge" {
		more = l.files[1]
	}
	f, err := l.median(cores, contender{func() error {
		if err := l.fresh(dir, write, cores); err != nil {
			return err
		}
		if _, err := measure(cores, l.apply(dir)...); err != nil {
			return err
		}
		return link(more, filepath.Join(dir, "in", "b.jsonl"))
	}, l.apply(dir)})
	if err != nil {
		return err
	}
	row(fmt.Sprintf("headgate %s, onto %d rows", write, l.rows), l.rows, f)
	return nil
}

func link(path, name string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	return os.Link(abs, name)
}

// readJSON is DuckDB alone, in a process of its own: database file, input, threads.
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
