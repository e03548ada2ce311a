package golden

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/lang/diag"
)

func at(file string, line int, code diag.Code) *diag.Diagnostic {
	d := diag.Errorf(code, "s", "detail %s %d", file, line)
	if file != "" {
		d.At(diag.Range{Filename: file, Start: diag.Pos{Line: line, Column: 1}})
	}
	return d
}

func TestDir(t *testing.T) {
	Dir(t, "testdata/*.txtar", func(t *testing.T, a *Archive) {
		a.Compare(t, "want/upper", []byte("SHOUT"))
		twice := at("a.gate.hcl", 2, "HG1001")
		twice.Detail = "another"
		a.Diagnostics(t, diag.Diagnostics{
			at("", 0, "HG0001"), at("b.gate.json", 3, "HG1002"), at("sub/q.sql", 2, "HG4002"), at("sub/q.sql", 2, "HG4001"),
			at("a.gate.hcl", 2, "HG1001"), twice, at("a.gate.hcl", 1, "HG1016"),
		})
		if _, err := a.FS().Open("want/upper"); err == nil {
			t.Error("a golden is among the inputs")
		}
	})
}

// TestMismatch shows that a missing and an unexpected diagnostic are both found.
func TestMismatch(t *testing.T) {
	want := Wants(map[string][]byte{"f": []byte("x # want HG0001\n")})
	if !slices.Equal(want, []string{"f:1 HG0001"}) {
		t.Fatal(want)
	}
	for name, got := range map[string]diag.Diagnostics{
		"missing":    nil,
		"other line": {at("f", 2, "HG0001")},
		"other code": {at("f", 1, "HG0002")},
		"unexpected": {at("f", 1, "HG0001"), at("f", 1, "HG0002")},
	} {
		if mismatch(want, Places(got)) == "" {
			t.Errorf("%s: passes", name)
		}
	}
	if d := mismatch(want, Places(diag.Diagnostics{at("f", 1, "HG0001")})); d != "" {
		t.Errorf("the right one fails: %s", d)
	}
}

// TestUpdate rewrites a section, adds one, and removes one that nobody looks at.
func TestUpdate(t *testing.T) {
	t.Setenv("HEADGATE_UPDATE", "1")
	path := filepath.Join(t.TempDir(), "case.txtar")
	if err := os.WriteFile(path, []byte("doc\n-- in --\nx\n-- want/a --\nold\n-- want/stale --\nold\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	Dir(t, path, func(t *testing.T, a *Archive) {
		a.Compare(t, "want/a", []byte("new\n"))
		a.Compare(t, "want/b", []byte("added"))
	})
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "doc\n-- in --\nx\n-- want/a --\nnew\n-- want/b --\nadded\n"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	plain := filepath.Join(t.TempDir(), "sub", "plain.md")
	File(t, plain, []byte("text"))
	if got, err := os.ReadFile(plain); err != nil || !strings.HasPrefix(string(got), "text") {
		t.Errorf("%q %v", got, err)
	}
}
