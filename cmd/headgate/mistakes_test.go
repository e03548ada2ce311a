package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/schemas/schematest"
)

// mistakeClasses names each class of mistakes that the compiler finds, with a
// code that stands for it. testdata/mistakes.txtar has at least one of each.
var mistakeClasses = []struct {
	class string
	codes []diag.Code
}{
	{"text that is not HCL", []diag.Code{diag.Syntax}},
	{"unknown block", []diag.Code{diag.UnknownBlock}},
	{"unknown attribute", []diag.Code{diag.UnknownAttribute}},
	{"missing attribute", []diag.Code{diag.MissingRequired}},
	{"unknown function", []diag.Code{diag.UnknownFunction, diag.RowUnknownFunction}},
	{"unknown reference", []diag.Code{diag.UnknownReference, diag.UnknownName}},
	{"wrong type of a value", []diag.Code{diag.WrongValue, diag.NotAllowedValue, diag.BadExpression, diag.BadType}},
	{"dependency cycle", []diag.Code{diag.DependencyCycle, diag.ValueCycle}},
	{"duplicate address", []diag.Code{diag.RepeatedBlock}},
	{"two writers of one table", []diag.Code{diag.TwoWriters}},
	{"a map column that the contract has not", []diag.Code{diag.MapUnknownColumn}},
	{"a map column, or a filter, of another type", []diag.Code{diag.RowResult}},
	{"merge without a key", []diag.Code{diag.MergeWithoutKey}},
	{"a cursor that cannot be ordered", []diag.Code{diag.CursorColumn}},
	{"a row expression that mixes types", []diag.Code{diag.RowTypes}},
	{"a row expression that names no column", []diag.Code{diag.RowUnknownColumn}},
	{"SQL that does not parse", []diag.Code{diag.SQLSyntax}},
	{"SQL: unknown table", []diag.Code{diag.UnknownTable}},
	{"SQL: unknown column", []diag.Code{diag.SQLBinding}},
	{"SQL: a number and a text that is none", []diag.Code{diag.LiteralMix}},
	{"SQL: more than a SELECT", []diag.Code{diag.NotOneSelect}},
	{"SQL: reaches outside", []diag.Code{diag.ReachesOutside}},
	{"SQL: names differ from the contract", []diag.Code{diag.ResultMissing, diag.ResultExtra}},
	{"SQL: types differ from the contract", []diag.Code{diag.ResultType}},
	{"SQL: null where the contract requires a value", []diag.Code{diag.ResultNullable}},
	{"a latest version that is not there", []diag.Code{diag.UnknownVersion}},
	{"a version past its date, and before it", []diag.Code{diag.DeprecatedUse, diag.DeprecatedSoon}},
	{"bad cron", []diag.Code{diag.BadSchedule}},
	{"bad duration", []diag.Code{diag.BadDuration}},
	{"bad percentage", []diag.Code{diag.BadTolerance}},
	{"bad pattern", []diag.Code{diag.BadPattern}},
	{"bad time zone", []diag.Code{diag.BadTimezone}},
	{"a file outside of the project", []diag.Code{diag.ProjectFile}},
	{"a secret where none can be", []diag.Code{diag.SecretMisplaced}},
	{"variables: unknown, and invalid", []diag.Code{diag.UnknownVariable, diag.VariableInvalid}},
	{"a removed column that was never there", []diag.Code{diag.RemoveUnknown}},
	{"a block of a later version", []diag.Code{diag.NotBuiltYet}},
}

// TestMistakes validates a project that has every class of mistake, and wants
// each at its line and column in one run, and none besides.
func TestMistakes(t *testing.T) {
	golden.Dir(t, "testdata/mistakes.txtar", func(t *testing.T, a *golden.Archive) {
		dir := t.TempDir()
		for name, data := range a.Inputs() {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		a.Compare(t, "want/text", failing(t, dir, "validate"))
		doc := failing(t, dir, "validate", "--format", "json")
		schematest.Validate(t, "diagnostics.schema.json", doc)
		got := diagnosticsOf(t, doc)
		a.Diagnostics(t, got)
		for _, c := range mistakeClasses {
			for _, code := range c.codes {
				if !slices.ContainsFunc(got, func(d *diag.Diagnostic) bool { return d.Code == code }) {
					t.Errorf("%s: the project has no %s", c.class, code)
				}
			}
		}
	})
}

// failing runs headgate, which must exit with 1 and write to one of its two
// outputs alone, and returns that output.
func failing(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := headgate(dir, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("headgate %s: %v, want exit status 1", strings.Join(args, " "), err)
	}
	if stdout.Len() > 0 && stderr.Len() > 0 {
		t.Errorf("headgate %s writes to both:\n%s\n%s", strings.Join(args, " "), stdout.Bytes(), stderr.Bytes())
	}
	return append(stdout.Bytes(), stderr.Bytes()...)
}

// diagnosticsOf reads codes and places of the JSON form of diagnostics.
func diagnosticsOf(t *testing.T, doc []byte) diag.Diagnostics {
	t.Helper()
	var v struct {
		Diagnostics []struct {
			Code  diag.Code   `json:"code"`
			Range *diag.Range `json:"range"`
		} `json:"diagnostics"`
	}
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	var out diag.Diagnostics
	for _, d := range v.Diagnostics {
		out = append(out, &diag.Diagnostic{Code: d.Code, Subject: d.Range})
	}
	return out
}
