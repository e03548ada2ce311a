package planner_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// TestDownstream plans the change from the project under before/ to that under
// after/, both compiled with DuckDB, and compares what each step comes to. The
// archive's comment may hold lines "exclude ADDRESS", "target ADDRESS" and
// "unrecorded": what was applied is then without lineage.
func TestDownstream(t *testing.T) {
	golden.Dir(t, "testdata/downstream/*.txtar", func(t *testing.T, a *golden.Archive) {
		old, now := compiled(t, a, "before"), compiled(t, a, "after")
		first, diags := planner.Build(old, nil, planner.Options{})
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		prior := apply(t, first, &state.Snapshot{})
		var opts planner.Options
		for _, line := range strings.Split(a.Comment, "\n") {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch word {
			case "exclude":
				opts.Excludes = append(opts.Excludes, address(t, rest))
			case "target":
				opts.Targets = append(opts.Targets, address(t, rest))
			case "unrecorded":
				for _, n := range prior.Nodes {
					if n.Definition.Model != nil {
						n.Definition.Model.Lineage = nil
					}
				}
			}
		}
		p, diags := planner.Build(now, prior, opts)
		a.Compare(t, "want", []byte(dumpReaches(p)+dumpDiags(diags)))
		if same, _ := planner.Build(old, prior, planner.Options{}); same.ChangesDefinition() {
			t.Errorf("what was applied is planned again:\n%s", plan.Dump(same))
		}
	})
}

// dumpReaches writes the steps that change definitions, each with what it comes to.
func dumpReaches(p *plan.Plan) string {
	var out strings.Builder
	for _, line := range strings.Split(plan.Dump(p), "\n") {
		if strings.HasPrefix(line, "    reaches ") || line != "" && line[0] != ' ' && !strings.Contains(line, "/run: ") {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// compiled compiles the project under a folder of the archive.
func compiled(t *testing.T, a *golden.Archive, folder string) *program.Program {
	t.Helper()
	files := fstest.MapFS{}
	for name, data := range a.Inputs() {
		if rest, ok := strings.CutPrefix(name, folder+"/"); ok {
			files[rest] = &fstest.MapFile{Data: data}
		} else if rest, ok := strings.CutPrefix(name, "both/"); ok {
			files[rest] = &fstest.MapFile{Data: data}
		}
	}
	return compileFiles(t, files)
}

func compileFiles(t testing.TB, files fs.FS) *program.Program {
	t.Helper()
	m, diags := lang.Load(files, ".")
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	engine := typer.New()
	t.Cleanup(engine.Close)
	p, diags := compiler.Compile(context.Background(), m, compiler.Inputs{Today: "2026-06-01", FS: files, FolderName: "shop", Typer: engine})
	if diags.HasErrors() {
		for _, d := range diags {
			t.Error(fmt.Sprint(d.Subject), d)
		}
		t.FailNow()
	}
	return p
}
