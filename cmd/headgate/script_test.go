package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/headgate-data/headgate/cmd/headgate/internal/cli"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/internal/golden"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"headgate": func() { os.Exit(run()) }, "test-tap": testTap})
}

// TestScript runs every command line of testdata/script. $EXAMPLES names the
// folder of examples, $ACTION that of the GitHub action's scripts.
func TestScript(t *testing.T) {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       golden.Updating(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", examples)
			env.Setenv("ACTION", filepath.Join(filepath.Dir(examples), ".ci", "action"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exit": exitCode, "copydir": copyDir, "sed": substitute, "cut": cutShort, "latin1": writeLatin1, "sql": runSQL, "hold": holdFile,
		},
	})
}

// exitCode runs `exit CODE headgate ARGS...` and wants exactly that exit code.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE PROGRAM [ARGS...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// copyDir runs `copydir FROM TO`; TO must not exist.
func copyDir(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copydir FROM TO")
	}
	to := ts.MkAbs(args[1])
	ts.Check(os.CopyFS(to, os.DirFS(ts.MkAbs(args[0]))))
	// Whoever has tried the example out has left a state and a database there.
	for _, pattern := range []string{".headgate", "*.duckdb", "*.duckdb.*"} {
		left, err := filepath.Glob(filepath.Join(to, pattern))
		ts.Check(err)
		for _, f := range left {
			ts.Check(os.RemoveAll(f))
		}
	}
}

// substitute runs `sed FROM TO OLD NEW`: it replaces every OLD, of which there
// must be one.
func substitute(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: sed FROM TO OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[2]) {
		ts.Fatalf("%s does not hold %q", args[0], args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.ReplaceAll(text, args[2], args[3])), 0o644))
}

// cutShort runs `cut FROM TO`: TO becomes the first half of FROM.
func cutShort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FROM TO")
	}
	text := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text[:len(text)/2]), 0o644))
}

// writeLatin1 runs `latin1 FILE`: it writes a record whose text is not UTF-8.
func writeLatin1(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: latin1 FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte("{\"id\": 3, \"name\": \"M\xfcller\"}\n"), 0o644))
}

// runSQL runs `sql FILE STATEMENT...` in a DuckDB database, as somebody else would,
// and prints the rows that it yields, the cells of each between bars. The statements may name the table behind a
// published name as {schema.name}.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: sql FILE STATEMENT...")
	}
	lines, err := outside(ts.MkAbs(args[0]), args[1:]...)
	ts.Check(err)
	for _, line := range lines {
		_, err := fmt.Fprintln(ts.Stdout(), line)
		ts.Check(err)
	}
}

// outside runs statements in a DuckDB database, as another program would, and returns
// the rows that they yield, the cells of each between bars. {schema.name} in a statement
// is the table behind a published name.
func outside(path string, statements ...string) (lines []string, err error) {
	db, err := duck.Open(path, map[string]string{"threads": "1"})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	for _, statement := range statements {
		for before, after, ok := strings.Cut(statement, "{"); ok; before, after, ok = strings.Cut(statement, "{") {
			name, rest, _ := strings.Cut(after, "}")
			schema, name, _ := strings.Cut(name, ".")
			rows, err := c.Texts(context.Background(), "select value from headgate_meta where kind = 'name' and schema_name = '"+schema+"' and name = '"+name+"'")
			if err != nil || len(rows) != 1 {
				return nil, fmt.Errorf("the table behind %s.%s: %d found, %w", schema, name, len(rows), err)
			}
			statement = before + "headgate." + duck.QuoteIdent(*rows[0][0]) + rest
		}
		rows, err := c.Texts(context.Background(), statement)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", statement, err)
		}
		for _, row := range rows {
			cells := make([]string, len(row))
			for i, cell := range row {
				if cell != nil {
					cells[i] = *cell
				}
			}
			lines = append(lines, strings.Join(cells, "|"))
		}
	}
	return lines, nil
}

// holdFile runs `hold FILE CODE PROGRAM [ARGS...]`: the program while another process
// has the database open, and wants that exit code.
func holdFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: hold FILE CODE PROGRAM [ARGS...]")
	}
	db, err := duck.Open(ts.MkAbs(args[0]), map[string]string{"threads": "1"})
	ts.Check(err)
	defer db.Close()
	exitCode(ts, false, args[1:])
}

// TestReference keeps docs/reference/cli.md like the commands themselves.
func TestReference(t *testing.T) {
	golden.File(t, "../../docs/reference/cli.md", []byte(cli.Reference()))
}
