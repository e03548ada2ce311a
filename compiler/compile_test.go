package compiler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestCompile compiles the archives of testdata. The comment of an archive may
// hold inputs: "env NAME" compiles one environment in place of all, "var NAME=VALUE",
// "varfile NAME=EXPRESSION", "today DATE", "allow deprecated".
func TestCompile(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		m, diags := lang.Load(a.FS(), ".")
		if diags.HasErrors() {
			t.Fatalf("the case does not load: %v", diags.Err())
		}
		in, envs := inputs(t, a)
		if len(envs) == 0 {
			envs, _ = compiler.Environments(m)
		}
		var last *program.Program
		for _, env := range envs {
			in.Environment = env
			p, more := compiler.Compile(context.Background(), m, in)
			diags = append(diags, more...)
			last = p
		}
		a.Diagnostics(t, diags)
		if a.Has("want/program.json") {
			a.Compare(t, "want/program.json", dump(t, last))
		}
		if a.Has("want/details.txt") {
			a.Compare(t, "want/details.txt", details(diags))
		}
	})
}

func inputs(t *testing.T, a *golden.Archive) (compiler.Inputs, []string) {
	in := compiler.Inputs{Today: "2026-06-01", FS: a.FS(), FolderName: "shop", Vars: map[string]string{}, VarFile: map[string]string{},
		LookupEnv: func(name string) (string, bool) {
			v, ok := map[string]string{"REGION": "eu", "HEADGATE_VAR_from_env": "env"}[name]
			return v, ok
		}}
	var envs []string
	for _, line := range strings.Split(a.Comment, "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, value, _ := strings.Cut(rest, "=")
		switch word {
		case "env":
			envs = append(envs, rest)
		case "var":
			in.Vars[name] = value
		case "varfile":
			in.VarFile[name] = value
		case "today":
			in.Today = rest
		case "allow":
			in.AllowDeprecated = true
		}
	}
	return in, envs
}

// dump writes a program as JSON without places in files.
func dump(t *testing.T, p *program.Program) []byte {
	t.Helper()
	nodes := []json.RawMessage{}
	for _, n := range p.Nodes {
		nodes = append(nodes, program.Canonical(n))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	all := map[string]any{"project": p.Project, "environment": p.Environment, "nodes": nodes}
	if len(p.Tests) > 0 {
		all["tests"] = p.Tests
	}
	if len(p.Budgets) > 0 {
		all["budgets"] = p.Budgets
	}
	if len(p.Moves)+len(p.Removals)+len(p.Imports) > 0 {
		all["moves"], all["removals"], all["imports"] = p.Moves, p.Removals, p.Imports
	}
	if err := enc.Encode(all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func details(ds diag.Diagnostics) []byte {
	var b strings.Builder
	for _, d := range ds.Sorted() {
		place := "-"
		if d.Subject != nil {
			place = d.Subject.String()
		}
		b.WriteString(d.Severity.String() + " " + string(d.Code) + " " + place + "\n    " + strings.ReplaceAll(d.Detail, "\n", "\n    ") + "\n")
	}
	return []byte(b.String())
}
