package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// seed adds the inputs of all cases whose name ends in suffix.
func seed(f *testing.F, suffix string) {
	paths, _ := filepath.Glob("testdata/*/*.txtar")
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			if strings.HasSuffix(file.Name, suffix) || file.Name == "in" && suffix == ".hcl" {
				f.Add(file.Data)
			}
		}
	}
}

// checkLoaded loads a project of one file and holds what must be true of any:
// it ends, every place lies in the file, every diagnostic carries its code's
// summary and a way out, and a second reading says the same.
func checkLoaded(t *testing.T, name string, src []byte) {
	fsys := fstest.MapFS{name: {Data: src}}
	m, ds := lang.Load(fsys, ".")
	text := m.Files[name]
	for _, d := range ds {
		info, _ := diag.Lookup(d.Code)
		if d.Detail == "" || d.Summary != info.Summary || d.Code == diag.Internal {
			t.Fatalf("a poor diagnostic: %+v", d)
		}
		if d.Subject != nil {
			checkRange(t, *d.Subject, name, text)
		}
	}
	var walk func(b *lang.Block)
	walk = func(b *lang.Block) {
		checkRange(t, b.Range, name, text)
		checkRange(t, b.Body, name, text)
		if b.Spec == nil || b.Type == "" || len(b.Labels) != len(b.Spec.Labels) || len(b.Labels) != len(b.LabelRanges) {
			t.Fatalf("a block of no shape: %+v", b)
		}
		for _, a := range b.Attrs {
			checkRange(t, a.Range, name, text)
			checkRange(t, a.NameRange, name, text)
			checkRange(t, a.ExprRange, name, text)
			for _, tr := range a.Expr.Variables() {
				checkRange(t, lang.Range(tr.SourceRange()), name, text)
			}
		}
		for _, nested := range b.Blocks {
			walk(nested)
		}
	}
	for _, b := range m.Blocks {
		walk(b)
	}
	again, ds2 := lang.Load(fsys, ".")
	if dump(m) != dump(again) || messages(ds) != messages(ds2) {
		t.Fatal("a second reading says something else")
	}
}

func checkRange(t *testing.T, r diag.Range, name string, text []byte) {
	if r.Filename != name || r.Start.Line < 1 || r.Start.Column < 1 || r.Start.Byte < 0 || r.Start.Byte > r.End.Byte || r.End.Byte > len(text) {
		t.Fatalf("the place %+v is not in the file of %d bytes", r, len(text))
	}
}

func FuzzLoad(f *testing.F) {
	seed(f, ".hcl")
	f.Add([]byte("a = \"${\"${<<X\n%{if a}%{endif}\nX\n}\"}\"\nsource \"file\" \"x\" \"y\" {"))
	f.Fuzz(func(t *testing.T, src []byte) { checkLoaded(t, "x.gate.hcl", src) })
}

func FuzzLoadJSON(f *testing.F) {
	seed(f, ".json")
	f.Add([]byte(`{"pipeline":{"p":{"from":"a.b[\"c\u00e4\"] + ${","depends_on":["f(\n\t1)","${x}",{"a":1}]}}}`))
	f.Fuzz(func(t *testing.T, src []byte) { checkLoaded(t, "x.gate.json", src) })
}

func FuzzFormat(f *testing.F) {
	seed(f, ".hcl")
	f.Fuzz(func(t *testing.T, src []byte) {
		out, ds := lang.Format(src)
		if ds.HasErrors() {
			if string(out) != string(src) {
				t.Fatal("a broken text was changed")
			}
			return
		}
		checkFormatted(t, src, out)
	})
}
