package jsonschema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestImportAndExport reads every testdata/import/*.txtar: schema.json becomes a
// contract, whose columns, residue and diagnostics are compared with the file
// columns, and which is written as a schema again, compared with export.json.
// HEADGATE_UPDATE=1 rewrites both.
func TestImportAndExport(t *testing.T) {
	for _, path := range txtars(t, "testdata/import") {
		t.Run(strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{}
			for _, f := range a.Files {
				files[f.Name] = f.Data
			}
			open := func(name string) ([]byte, error) {
				if b, ok := files[name]; ok {
					return b, nil
				}
				return nil, fmt.Errorf("%q does not exist in the project folder", name)
			}
			c, ds := ImportWith("schema.json", files["schema.json"], Options{Open: open})
			var b strings.Builder
			describe(&b, c)
			r := diag.NewRenderer(files, diag.RenderOptions{})
			for _, d := range ds {
				if err := r.Render(&b, d); err != nil {
					t.Fatal(err)
				}
			}
			golden(t, path, a, "columns", []byte(b.String()))
			if c == nil {
				return
			}
			c.Schema = nil // so that the columns speak
			out, ds := Export(c)
			var e bytes.Buffer
			e.Write(out)
			for _, d := range ds {
				fmt.Fprintf(&e, "%s: %s\n", d.Code, d.Detail)
			}
			golden(t, path, a, "export.json", e.Bytes())
			if s, ds := Compile("export.json", out, Options{}); s == nil {
				t.Errorf("the export is no schema: %v", ds)
			}
		})
	}
}

func txtars(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, dir+"/"+e.Name())
	}
	return out
}

// golden compares a file of an archive, or writes it.
func golden(t *testing.T, path string, a *txtar.Archive, name string, got []byte) {
	t.Helper()
	if len(got) > 0 && got[len(got)-1] != '\n' {
		got = append(got, '\n')
	}
	at := -1
	for i := range a.Files {
		if a.Files[i].Name == name {
			at = i
		}
	}
	if os.Getenv("HEADGATE_UPDATE") != "" {
		if at < 0 {
			a.Files = append(a.Files, txtar.File{Name: name})
			at = len(a.Files) - 1
		}
		a.Files[at].Data = got
		if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want := ""
	if at >= 0 {
		want = string(a.Files[at].Data)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// describe writes a contract a column a line.
func describe(b *strings.Builder, c *contract.Contract) {
	if c == nil {
		return
	}
	fmt.Fprintf(b, "%s unknown=%s draft=%s\n", c.Name, c.UnknownColumns, c.Schema.Draft)
	for _, col := range c.Columns {
		fmt.Fprintf(b, "%s %s", col.Name, col.Type)
		for word, on := range map[string]bool{" required": col.Required} {
			if on {
				b.WriteString(word)
			}
		}
		if col.Present {
			b.WriteString(" present")
		}
		if col.NoNull {
			b.WriteString(" no_null")
		}
		show := col
		show.Name, show.Property, show.Required, show.Present, show.NoNull, show.Rules, show.Range = "", "", false, false, false, nil, diag.Range{}
		checks := show.Checks
		show.Checks = nil
		j, _ := json.Marshal(show)
		var m map[string]any
		_ = json.Unmarshal(j, &m)
		delete(m, "name")
		delete(m, "type")
		delete(m, "range")
		for _, k := range checks {
			m["check "+k.Name] = k.Source
		}
		if len(m) > 0 {
			var line bytes.Buffer
			enc := json.NewEncoder(&line)
			enc.SetEscapeHTML(false)
			_ = enc.Encode(m)
			b.WriteString(" " + strings.TrimSpace(line.String()))
		}
		b.WriteString("\n")
	}
	for _, p := range c.Schema.Residue {
		fmt.Fprintf(b, "residue %q\n", p)
	}
}
