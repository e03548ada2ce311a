package jsonschema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestImportAndExport makes a contract of each archive's schema.json, and compares
// its columns, residue and diagnostics, and the schema that its columns are
// written as again.
func TestImportAndExport(t *testing.T) {
	golden.Dir(t, "testdata/import/*.txtar", func(t *testing.T, a *golden.Archive) {
		files := a.Inputs()
		open := func(name string) ([]byte, error) {
			if b, ok := files[name]; ok {
				return b, nil
			}
			return nil, fmt.Errorf("%q does not exist in the project folder", name)
		}
		c, ds := ImportWith("schema.json", a.Bytes(t, "schema.json"), Options{Open: open})
		var b strings.Builder
		describe(&b, c)
		r := diag.NewRenderer(files, diag.RenderOptions{})
		for _, d := range ds {
			if err := r.Render(&b, d); err != nil {
				t.Fatal(err)
			}
		}
		a.Compare(t, "want/columns.txt", []byte(b.String()))
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
		a.Compare(t, "want/export.json", e.Bytes())
		if s, ds := Compile("export.json", out, Options{}); s == nil {
			t.Errorf("the export is no schema: %v", ds)
		}
	})
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
