package compiler_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang"
)

// oneColumn is a typer that takes every text for "select x from orders".
type oneColumn struct{}

func (oneColumn) Trees(_ context.Context, texts []string) []sqltype.Tree {
	out := make([]sqltype.Tree, len(texts))
	for i, sql := range texts {
		if strings.Contains(sql, ";") {
			out[i].Err = &compiler.QueryError{Message: "no", Offset: len(sql)}
			continue
		}
		out[i].JSON = []byte(`{"statements":[{"node":{"type":"SELECT_NODE","select_list":[],"from_table":{"type":"BASE_TABLE","schema_name":"","table_name":"orders","query_location":0}}}]}`)
	}
	return out
}

func (oneColumn) Describe(_ context.Context, queries []sqltype.Query) []sqltype.Shape {
	out := make([]sqltype.Shape, len(queries))
	for i := range out {
		out[i].Columns = []compiler.QueryColumn{{Name: "x", Type: types.Of(types.Int64)}}
	}
	return out
}

// FuzzCompile compiles any text as a project in every environment: nothing may
// panic, and a program without errors has fingerprints.
func FuzzCompile(f *testing.F) {
	cases, _ := filepath.Glob("testdata/*.txtar")
	models, _ := filepath.Glob("modeltest/testdata/*.txtar")
	for _, path := range append(cases, models...) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			if strings.HasSuffix(file.Name, ".gate.hcl") {
				f.Add(string(file.Data))
				for _, block := range strings.Split(string(file.Data), "\n}\n") {
					f.Add(block + "\n}\n")
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		fsys := fstest.MapFS{"main.gate.hcl": {Data: []byte(src)}, "a.sql": {Data: []byte("select 1")}}
		m, _ := lang.Load(fsys, ".")
		envs, _ := compiler.Environments(m)
		for _, env := range envs {
			p, diags := compiler.Compile(context.Background(), m, compiler.Inputs{Environment: env, Today: "2026-06-01", FS: fsys,
				FolderName: "fuzz", Typer: oneColumn{}, LookupEnv: func(string) (string, bool) { return "x", true }})
			for _, d := range diags {
				if d.Code == "HG0001" {
					t.Fatalf("an impossible state: %v", d)
				}
				if d.Summary == "" || d.Detail == "" {
					t.Fatalf("a diagnostic without words: %+v", d)
				}
			}
			for _, n := range p.Nodes {
				if len(program.Fingerprint(n)) != 64 || len(program.DataFingerprint(n)) != 64 {
					t.Fatal("no fingerprint")
				}
			}
		}
	})
}
