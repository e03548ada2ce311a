package ruleset_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/lint/ruleset"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
)

// TestEveryProject runs the rules over every project that the compiler is tested
// with, those that do not compile included, whole and as a piece of a document:
// no rule panics, and every finding has a rule, words, and a place in a file that
// was read.
func TestEveryProject(t *testing.T) {
	engine := typer.New()
	defer engine.Close()
	paths, err := filepath.Glob("../../testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no projects: %v", err)
	}
	for _, path := range paths {
		a := golden.Open(t, path)
		m, _ := lang.Load(a.FS(), ".")
		envs, _ := compiler.Environments(m)
		for _, env := range envs {
			in := lint.Input{Module: m, Today: "2026-06-01", Rules: ruleset.All()}
			in.Program, _ = compiler.Compile(context.Background(), m, compiler.Inputs{Environment: env, Today: in.Today, FS: a.FS(), FolderName: "shop", Typer: engine,
				OnQuery: func(q compiler.Query) { in.Queries = append(in.Queries, q) }})
			for _, in.Document = range []bool{false, true} {
				r := lint.Run(in)
				for _, f := range append(r.Findings, r.Ignored...) {
					src, read := m.Files[f.Range.Filename]
					if f.Rule == "" || f.Summary == "" || f.Severity == lint.Off || !f.Range.IsZero() && (!read || f.Range.End.Byte > len(src)) {
						t.Errorf("%s: %+v", path, f)
					}
				}
				lint.Fix(m.Files, r.Findings)
			}
		}
	}
}

// FuzzDocuments lints any text as a document, and applies the fixes.
func FuzzDocuments(f *testing.F) {
	f.Add([]byte("```headgate\nlocals {\n a=1\n}\n```\n"))
	f.Add([]byte("~~~~hcl headgate\n# headgate:ignore\ncontract \"a\" {\n  # headgate:ignore money_as_float until=x\n}\n~~~\n"))
	f.Add([]byte("  ```headgate\nmodel \"m\" {\n  query = <<-SQL\n    -- headgate:ignore x y\n  SQL\n}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		d := lint.Documents{Today: "2026-06-01", Rules: ruleset.All()}
		r := d.Lint(context.Background(), "a.md", src)
		for _, found := range r.Findings {
			if found.Range.End.Byte > len(src) || found.Range.Start.Byte > found.Range.End.Byte {
				t.Errorf("a place outside of the text: %+v", found)
			}
		}
		lint.Fix(map[string][]byte{"a.md": src}, r.Findings)
	})
}
