package budget

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestModule(t *testing.T) {
	found, err := Check("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

// TestFinds checks the checker: each breach in a small tree is found, and
// nothing else.
func TestFinds(t *testing.T) {
	long := "func Long() {\n" + strings.Repeat("\t_ = 0\n", 60) + "}\n"
	files := map[string]string{
		"planner/a.go": "package planner\n\nimport \"time\"\n\nvar table = map[string]int{}\n\nvar count int\n\n" +
			"//go:embed a.go\nvar text string\n\nfunc init() { table[\"x\"] = 1 }\n\nfunc now() time.Time { return time.Now() }\n\n" +
			"func local() { table := map[string]int{}; table[\"y\"] = 2 }\n",
		"planner/b.go":                   "package planner\n\n" + long + "\n// Reason says why. Long: a table.\n" + strings.Replace(long, "Long", "Reason", 1),
		"planner/c.go":                   "package planner\n\nfunc change() { clear(table); p := &text; _ = p }\n",
		"planner/d_test.go":              "package planner\n\nvar inTest int\n" + strings.Repeat("\n", MaxFileLines),
		"one/two/internal/three/four.go": "package three\n",
		"1/2/3/4/5/x.go":                 "package x\n",
	}
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := Check(root)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range found {
		if j := strings.Index(f, ": "); j > 0 {
			words := strings.Fields(f[j+2:])
			found[i] = f[:j] + " " + strings.Join(words[:2], " ")
		}
	}
	want := []string{
		"1/2/3/4/5:1 5 folders", "planner/a.go:12 func init:", "planner/a.go:12 var table", "planner/a.go:14 time.Now: take",
		"planner/a.go:7 var count", "planner/b.go:3 func Long", "planner/c.go:3 var table", "planner/c.go:3 var text", "planner/d_test.go:1 503 lines,",
	}
	if !slices.Equal(found, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}
