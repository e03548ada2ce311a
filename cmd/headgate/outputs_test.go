package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/schemas/schematest"
)

// outputs is a row of commands, carried out in order in one copy of editProject:
// the exit code of each, and the schema of its JSON ("" where it has none).
var outputs = []struct {
	args   string
	code   int
	schema string
	before func(t *testing.T, dir string)
}{
	{args: "version"},
	{args: "explain HG4001"},
	{args: "explain HG9999", code: 1, schema: "diagnostics"},
	{args: "validate", schema: "diagnostics"},
	{args: "fmt --check", code: 0},
	{args: "lint", code: 3, schema: "lint"},
	{args: "lint --rule schedule_without_timezone=off --fail-on error", schema: "lint"},
	{args: "lint --diff --min-severity error", code: 3, schema: "lint"},
	{args: "lint --list", schema: "lintrules"},
	{args: "lint --explain money_as_float", schema: "lintrules"},
	{args: "explain money_as_float", schema: "lintrules"},
	{args: "lint --rule money=error", code: 1, schema: "diagnostics"},
	{args: "lint none.gate.hcl", code: 1, schema: "diagnostics"},
	{args: "plan", schema: "planview"},
	{args: "plan --detailed-exitcode --out p.json", code: 2, schema: "planview"},
	{args: "show p.json", schema: "planview"},
	{args: "why contract.orders", schema: "why"},
	{args: "why pipeline.orders.stream.orders --plan p.json", schema: "why"},
	{args: "why model.none", code: 1, schema: "diagnostics"},
	{args: "why none", code: 1, schema: "diagnostics"},
	{args: "lineage pipeline.orders.stream.orders", schema: "lineage"},
	{args: "lineage pipeline.orders.stream.orders.column.id", schema: "lineage"},
	{args: "lineage pipeline.orders.stream.orders.column.none", code: 1, schema: "diagnostics"},
	{args: "state list"},
	{args: "run", code: 1, schema: "diagnostics"},
	{args: "apply", code: 1, schema: "diagnostics"},
	{args: "apply p.json", schema: "report"},
	{args: "apply p.json", code: 1, schema: "report"},
	{args: "plan --detailed-exitcode", schema: "planview"},
	{args: "apply --auto-approve", schema: "report"},
	{args: "run", schema: "report"},
	{args: "why pipeline.orders.stream.orders", schema: "why"},
	{args: "run pipeline.none", code: 1, schema: "diagnostics"},
	{args: "show"},
	{args: "state list"},
	{args: "state show pipeline.orders.stream.orders"},
	{args: "state show pipeline.none", code: 1, schema: "diagnostics"},
	{args: "quarantine list"},
	{args: "quarantine show 77", code: 1, schema: "diagnostics"},
	{args: "graph"},
	{args: "contract infer data/orders.csv", schema: "inferred"},
	{args: "contract infer data/none.csv", code: 1, schema: "diagnostics"},
	{args: "contract update contract.orders data/orders.csv --dry-run", code: 3, schema: "contractedit"},
	{args: "contract bump contract.orders --dry-run", code: 3, schema: "contractedit"},
	{args: "test", schema: "tests"},
	{args: "test --coverage-min 1", code: 3, schema: "tests"},
	{args: "test --run nothing", code: 1, schema: "diagnostics"},
	{args: "plan --env none", code: 1, schema: "diagnostics"},
	{args: "plan --frobnicate", code: 1, schema: "diagnostics"},
	{args: "frobnicate", code: 1, schema: "diagnostics"},
	// More broken records than the tolerance of 50% allows.
	{args: "run", code: 3, schema: "report", before: func(t *testing.T, dir string) {
		write(t, dir, "data/bad.csv", "id,total,state\n5,-1,open\n6,-1,open\n7,1,open\n")
	}},
	{args: "contract check data/bad.csv --contract contract.orders.v1", code: 3, schema: "check"},
	{args: "contract check data/none.csv --contract contract.orders", code: 1, schema: "diagnostics"},
	{args: "contract check docs.jsonl --schema docs.schema.json", code: 3, schema: "schemacheck", before: func(t *testing.T, dir string) {
		write(t, dir, "docs.jsonl", "{\"a\": 1}\n{\"a\": \"x\"}\nnot\n")
		write(t, dir, "docs.schema.json", `{"properties": {"a": {"type": "integer"}}}`)
	}},
	{args: "contract check docs.jsonl --schema none.json", code: 1, schema: "diagnostics"},
	{args: "contract diff contract.orders.v1 contract.orders.v1", schema: "compat"},
	{args: "contract diff .old/old.gate.hcl contract.orders.v1 --exit-code", code: 3, schema: "compat", before: func(t *testing.T, dir string) {
		write(t, dir, ".old/old.gate.hcl", "contract \"orders\" {\n  column \"gone\" {\n    type = int64\n  }\n}\n")
	}},
	{args: "contract check --against .old --mode full", code: 3, schema: "compat"},
	{args: "contract check --against no-such-thing", code: 1, schema: "diagnostics"},
	{args: "contract check .old/new.json --against .old/old.json --mode full", code: 3, schema: "schemadiff", before: func(t *testing.T, dir string) {
		write(t, dir, ".old/old.json", `{"properties": {"a": {"type": "integer", "maximum": 9}}}`)
		write(t, dir, ".old/new.json", `{"properties": {"a": {"type": "integer", "maximum": 8}}}`)
	}},
	{args: "fmt --check", code: 3, before: func(t *testing.T, dir string) {
		write(t, dir, "ugly.gate.hcl", "locals {\nx=1\n}\n")
	}},
	{args: "validate", code: 1, schema: "diagnostics", before: func(t *testing.T, dir string) {
		write(t, dir, "bad.gate.hcl", "locals {\n  y = local.z\n}\n")
	}},
	{args: "plan", code: 1, schema: "diagnostics"},
	{args: "apply --auto-approve", code: 1, schema: "diagnostics"},
	{args: "graph", code: 1, schema: "diagnostics"},
}

// TestOutputs holds every command to its exit code, its JSON to the schemas, and
// what goes into a pipe to plain text.
func TestOutputs(t *testing.T) {
	dir := t.TempDir()
	for name, text := range editProject {
		write(t, dir, name, text)
	}
	for _, o := range outputs {
		if o.before != nil {
			o.before(t, dir)
		}
		cmd := headgate(dir, append(strings.Fields(o.args), "--format", "json")...)
		cmd.Args = cmd.Args[:len(cmd.Args)-1] // without --no-color: a pipe is no terminal
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		code := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != o.code {
			t.Errorf("headgate %s: exit code %d, want %d\n%s%s", o.args, code, o.code, stdout.Bytes(), stderr.Bytes())
		}
		if !json.Valid(stdout.Bytes()) {
			t.Errorf("headgate %s: this is not one JSON document: %q; stderr: %s", o.args, stdout.Bytes(), stderr.Bytes())
		} else if o.schema != "" {
			if err := schematest.Check(t, o.schema+".schema.json", stdout.Bytes()); err != nil {
				t.Errorf("headgate %s: %v\n%s", o.args, err, stdout.Bytes())
			}
		}
		if !bytes.Contains(stdout.Bytes(), []byte(`"format_version"`)) {
			t.Errorf("headgate %s: no format_version: %s", o.args, stdout.Bytes())
		}
		if bytes.ContainsRune(stdout.Bytes(), '\x1b') || bytes.ContainsRune(stderr.Bytes(), '\x1b') {
			t.Errorf("headgate %s writes escape sequences into a pipe", o.args)
		}
	}
}

// TestHeldDestination wants the holder of a DuckDB file named.
func TestHeldDestination(t *testing.T) {
	dir := t.TempDir()
	for name, text := range editProject {
		write(t, dir, name, text)
	}
	db, err := duck.Open(filepath.Join(dir, "warehouse.duckdb"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := string(failing(t, dir, "apply", "--auto-approve", "--format", "json"))
	for _, want := range []string{"HG7501", "warehouse.duckdb is held by", filepath.Base(os.Args[0])} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}
