// Package modeltest holds the compiler's tests of queries: they bind SQL in the
// real engine, which the compiler itself does not know.
package modeltest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// compile loads and compiles an archive with the real typer.
func compile(t *testing.T, a *golden.Archive) (*program.Program, diag.Diagnostics) {
	t.Helper()
	ty := typer.New()
	defer ty.Close()
	m, diags := lang.Load(a.FS(), ".")
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{Today: "2026-06-01", FS: a.FS(), FolderName: "shop", Typer: ty})
	return p, append(diags, more...)
}

func TestModels(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		p, diags := compile(t, a)
		a.Diagnostics(t, diags)
		if a.Has("want/models.json") || golden.Updating() && !diags.HasErrors() {
			a.Compare(t, "want/models.json", dump(t, p))
		}
		if a.Has("want/promises.txt") {
			a.Compare(t, "want/promises.txt", []byte(promises(p)))
		}
	})
}

// promises writes what each contract says of its table, and who waits for whom.
func promises(p *program.Program) string {
	var b strings.Builder
	for _, n := range p.Nodes {
		c := n.Contract
		switch {
		case c != nil && (c.HasReferences() || len(c.Expects) > 0):
			fmt.Fprintf(&b, "%s set_violations %q\n", n.Address, c.SetViolations)
			for _, col := range c.Columns {
				if col.References != nil {
					fmt.Fprintf(&b, "  %s -> %s\n", col.Name, col.References)
				}
			}
			for _, e := range c.Expects {
				fmt.Fprintf(&b, "  expect %s %s %q %q\n", e.Name, e.Severity, e.Message, e.Query)
			}
			if c.Rows != nil {
				fmt.Fprintf(&b, "  rows %s min %v max %v\n", c.Rows.Severity, c.Rows.Min != nil, c.Rows.Max != nil)
			}
			if c.Freshness != nil {
				fmt.Fprintf(&b, "  freshness %s %s %s\n", c.Freshness.Severity, c.Freshness.Column, c.Freshness.MaxAge)
			}
		case n.Stream != nil || n.Pipeline != nil || n.Model != nil:
			fmt.Fprintf(&b, "%s needs %v\n", n.Address, n.DependsOn)
		}
	}
	return b.String()
}

// dump writes the models of a program without places in files.
func dump(t *testing.T, p *program.Program) []byte {
	t.Helper()
	out := []json.RawMessage{}
	for _, n := range p.Nodes {
		if n.Model != nil {
			out = append(out, program.Canonical(n))
		}
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestQuickstart(t *testing.T) {
	const root = "../../examples/quickstart"
	ty := typer.New()
	defer ty.Close()
	m, diags := lang.Load(os.DirFS(root), ".")
	names, _ := compiler.Environments(m)
	for _, env := range names {
		_, more := compiler.Compile(context.Background(), m, compiler.Inputs{Environment: env, Today: "2026-06-01", FS: os.DirFS(root), FolderName: "quickstart", Typer: ty})
		diags = append(diags, more...)
	}
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error || d.Code != diag.UntypedRows {
			t.Error(d.Error())
		}
	}
}
