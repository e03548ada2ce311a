// Package modeltest holds the compiler's tests of queries: they bind SQL in the
// real engine, which the compiler itself does not know.
package modeltest

import (
	"context"
	"encoding/json"
	"os"
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
	})
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
