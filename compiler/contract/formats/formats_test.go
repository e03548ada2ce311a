package formats_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/formats"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// compile returns the latest versions of the contracts of a text.
func compile(t testing.TB, text []byte) []*contract.Contract {
	t.Helper()
	fsys := fstest.MapFS{"main.gate.hcl": {Data: text}}
	m, diags := lang.Load(fsys, ".")
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{FS: fsys, FolderName: "t", Today: "2026-06-01"})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var out []*contract.Contract
	for _, n := range p.Nodes {
		if n.Contract != nil && n.Contract.Latest {
			out = append(out, n.Contract)
		}
	}
	return out
}

func told(diags diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		at := ""
		if d.Subject != nil {
			at = fmt.Sprintf("%d:%d ", d.Subject.Start.Line, d.Subject.Start.Column)
		}
		fmt.Fprintf(&b, "%s %s%s %s\n", d.Severity, at, d.Code, d.Detail)
	}
	return b.String()
}

// TestExport writes contracts in every format, twice.
func TestExport(t *testing.T) {
	golden.Dir(t, "testdata/export/*.txtar", func(t *testing.T, a *golden.Archive) {
		cs := compile(t, a.Bytes(t, "in.gate.hcl"))
		for _, c := range []struct{ format, dialect, file string }{
			{formats.ODCS, "duckdb", "want/odcs.yaml"}, {formats.Avro, "duckdb", "want/avro.json"}, {formats.SQL, "duckdb", "want/duckdb.sql"},
			{formats.SQL, "postgres", "want/postgres.sql"}, {formats.Markdown, "duckdb", "want/page.md"},
		} {
			text, diags := formats.Export(c.format, c.dialect, cs)
			again, _ := formats.Export(c.format, c.dialect, cs)
			if len(diags) > 0 || !bytes.Equal(text, again) {
				t.Errorf("%s: %s", c.file, told(diags))
			}
			a.Compare(t, c.file, text)
		}
	})
}

// TestImport reads documents; what comes out compiles, and the formatter leaves
// it alone.
func TestImport(t *testing.T) {
	golden.Dir(t, "testdata/import/*.txtar", func(t *testing.T, a *golden.Archive) {
		for name, src := range a.Inputs() {
			text, diags := formats.Import("", name, src)
			a.Compare(t, "want/"+name+".txt", []byte(told(diags)))
			if diags.HasErrors() {
				continue
			}
			a.Compare(t, "want/"+name+".hcl", text)
			compile(t, text)
			if formatted, ds := lang.Format(text); ds.HasErrors() || !bytes.Equal(formatted, text) {
				t.Errorf("the formatter changes the text of %s: %v", name, ds.Err())
			}
		}
	})
}

// TestThroughHCL: what an import keeps survives the text of a project.
func TestThroughHCL(t *testing.T) {
	src, err := os.ReadFile("../odcs/testdata/documents/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, diags := formats.Import("", "full.yaml", src)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	out, diags := formats.Export(formats.ODCS, "duckdb", compile(t, text))
	if len(diags) > 0 {
		t.Error(told(diags))
	}
	want, _ := document.Parse("full.yaml", src)
	if got, _ := document.Parse("out.yaml", out); !document.Equal(got, want) {
		t.Errorf("another document came back:\n%s", out)
	}
}

func TestUsage(t *testing.T) {
	c := &contract.Contract{Name: "a"}
	for _, try := range []func() diag.Diagnostics{
		func() diag.Diagnostics { _, ds := formats.Export("xml", "duckdb", []*contract.Contract{c}); return ds },
		func() diag.Diagnostics { _, ds := formats.Export("sql", "oracle", []*contract.Contract{c}); return ds },
		func() diag.Diagnostics {
			_, ds := formats.Export("jsonschema", "duckdb", []*contract.Contract{c, c})
			return ds
		},
		func() diag.Diagnostics { _, ds := formats.Import("xml", "x", nil); return ds },
	} {
		if ds := try(); !ds.HasErrors() || ds[0].Code != diag.Usage {
			t.Errorf("got %v", ds)
		}
	}
	for src, want := range map[string]diag.Code{"": diag.FormatUnknown, "a: 1": diag.FormatUnknown, "[]": diag.FormatUnknown, "a: [": diag.DocumentSyntax, "kind: DataContract\napiVersion: v2.2.2\n": diag.FormatVersion,
		"kind: DataContract\n": diag.ImportNothing, "models: []": diag.ImportNothing, "models: [{columns: [{name: a}]}]": diag.ImportInvalid,
		"kind: DataContract\nschema: [{name: a, properties: [{name: b, logicalType: nope}]}]": diag.ImportInvalid,
		"kind: DataContract\nschema: [{name: a, properties: [{name: b}, {name: B}]}]":         diag.ImportInvalid} {
		_, ds := formats.Import("", "x.yaml", []byte(src))
		if !ds.HasErrors() || !contains(ds, want) {
			t.Errorf("%q gives %s, want %s", src, told(ds), want)
		}
	}
}

func contains(ds diag.Diagnostics, code diag.Code) bool {
	for _, d := range ds {
		if d.Code == code && d.Severity == diag.Error {
			return true
		}
	}
	return false
}

func FuzzImport(f *testing.F) {
	f.Add([]byte("models: [{name: a, columns: [{name: b, data_type: int, tests: [not_null, {accepted_values: {values: [1]}}]}]}]"))
	f.Add([]byte(`{"type": "object", "properties": {"a": {"type": "integer"}}}`))
	f.Add([]byte("kind: DataContract\nschema: [{name: a, properties: [{name: b, logicalType: string}]}]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, from := range []string{"", formats.DBT, formats.ODCS} {
			text, diags := formats.Import(from, "x.yaml", src)
			if !diags.HasErrors() && len(text) == 0 {
				t.Fatalf("%q gives neither a text nor an error", src)
			}
		}
	})
}
