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
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
	"github.com/headgate-data/headgate/planner/why"
)

// TestDownstream plans the change from the project under before/ to that under
// after/, both compiled with DuckDB, and compares what each step comes to. The
// archive's comment may hold lines "exclude ADDRESS", "target ADDRESS", "why
// ADDRESS" (explained in want-why) and "unrecorded": what was applied is then
// without lineage.
func TestDownstream(t *testing.T) {
	golden.Dir(t, "testdata/downstream/*.txtar", func(t *testing.T, a *golden.Archive) {
		old, now := compiled(t, a, "before"), compiled(t, a, "after")
		first, diags := planner.Build(old, nil, planner.Options{})
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		prior := apply(t, first, &state.Snapshot{})
		var opts planner.Options
		var asked []addr.Address
		for _, line := range strings.Split(a.Comment, "\n") {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch word {
			case "exclude":
				opts.Excludes = append(opts.Excludes, address(t, rest))
			case "target":
				opts.Targets = append(opts.Targets, address(t, rest))
			case "why":
				asked = append(asked, address(t, rest))
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
		if asked != nil {
			a.Compare(t, "want-why", []byte(explained(t, why.Input{Plan: p, Program: now, Prior: prior}, asked)))
		}
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

// explained writes the explanations of addresses, a line for each reason.
func explained(t *testing.T, in why.Input, asked []addr.Address) string {
	t.Helper()
	var out strings.Builder
	var links func(list []why.Link, indent string)
	links = func(list []why.Link, indent string) {
		for _, l := range list {
			fmt.Fprintf(&out, "%s%s: %s", indent, l.Code, l.Text)
			if !l.Of.IsZero() {
				fmt.Fprintf(&out, " (of %s: %s)", l.Of, l.Action)
			}
			if l.Above {
				out.WriteString(" as above")
			}
			if l.At != nil {
				fmt.Fprintf(&out, " at %s:%d", l.At.Filename, l.At.Start.Line)
			}
			out.WriteByte('\n')
			for _, c := range l.Changes {
				fmt.Fprintf(&out, "%s  %s", indent, c.Path)
				if c.At != nil {
					fmt.Fprintf(&out, " at %s:%d", c.At.Filename, c.At.Start.Line)
				}
				out.WriteByte('\n')
			}
			links(l.Because, indent+"  ")
		}
	}
	for _, given := range asked {
		a, ok := in.Find(given)
		if !ok {
			fmt.Fprintf(&out, "%s: unknown\n", given)
			continue
		}
		e := why.Explain(in, a)
		fmt.Fprintf(&out, "%s needs %v, needed by %v\n", a, e.Needs, e.NeededBy)
		for _, s := range e.Steps {
			fmt.Fprintf(&out, "  %s (%s)\n", s.Action, s.Does)
			links(s.Because, "    ")
		}
		for _, text := range e.Nothing {
			fmt.Fprintf(&out, "  %s\n", text)
		}
	}
	return out.String()
}
