package lang

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// held reports whether plainly keeps its word: what it lets pass has no fault that
// checkTokens would find.
func held(t *testing.T, src string) (plain bool) {
	t.Helper()
	if !plainly([]byte(src)) {
		return false
	}
	tokens, _ := hclsyntax.LexConfig([]byte(src), "x", hcl.Pos{Line: 1, Column: 1})
	if fault := checkTokens(tokens); fault != nil {
		t.Errorf("plainly lets pass %.200q: %v", src, fault)
	}
	return true
}

func TestPlainlyIsSure(t *testing.T) {
	deep := maxNesting + 10
	for name, src := range map[string]string{
		"brackets":          "x = " + strings.Repeat("(", deep) + "1" + strings.Repeat(")", deep),
		"lists":             "x = " + strings.Repeat("[", deep/2+10) + strings.Repeat("]", deep/2+10),
		"operators":         "x = " + strings.Repeat("-", deep) + "1",
		"blocks":            strings.Repeat("a {\n", deep) + strings.Repeat("}\n", deep),
		"in a template":     `x = "${` + strings.Repeat("(", deep) + `1` + strings.Repeat(")", deep) + `}"`,
		"in a heredoc":      "x = <<E\n${" + strings.Repeat("(", deep) + "1" + strings.Repeat(")", deep) + "}\nE\n",
		"behind a quote":    `x = "` + "\n" + strings.Repeat("a {\n", deep),
		"behind an escape":  `x = "\""` + "\n" + strings.Repeat("a {\n", deep) + `y = "`,
		"odd end of marker": "x = <<E\n\vE\n" + strings.Repeat("a {\n", deep) + "E\n",
		"long number":       "x = " + strings.Repeat("1", maxExponent+1),
		"great exponent":    "x = 1e9999",
		"stars":             "/* \" */ x = \"" + strings.Repeat("(", deep) + "\"",
	} {
		if held(t, src) {
			t.Errorf("%s: it counts as plain", name)
		}
	}
}

// TestPlainlyOnSoup throws pieces of the language together.
func TestPlainlyOnSoup(t *testing.T) {
	pieces := []string{"{", "}", "(", ")", "[", "]", "\"", "\"", "\n", "\n", " ", "a", "x1", "<<E\n", "<<-E\n", "E\n", "  E\n", "# c", "// d", "/*", "*/", "-", "==", "&&",
		"${", "%{", "${a.b}", "$", "%", "\\", "\r", "é", "\v", "1", "2.5", "1e3", "=", "~}", "'", ".", "...", "?", ":", strings.Repeat("(", 400), strings.Repeat(")", 400), strings.Repeat("-", 600), strings.Repeat("a{\n", 500), strings.Repeat("}\n", 500)}
	plain := 0
	for seed := range uint64(6000) {
		r := rand.New(rand.NewPCG(seed, 1))
		var b strings.Builder
		for range 1 + r.IntN(14) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		if held(t, b.String()) {
			plain++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if plain < 100 {
		t.Errorf("only %d texts were plain: the soup tells nothing", plain)
	}
}

// TestPlainlyTakesWhatIsWritten wants the examples to be plain, so that the glance
// is worth its while.
func TestPlainlyTakesWhatIsWritten(t *testing.T) {
	files, err := filepath.Glob("../examples/*/*.gate.hcl")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no examples")
	}
	plain := 0
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if held(t, string(src)) {
			plain++
		} else {
			t.Log("not plain:", f)
		}
	}
	if plain*2 < len(files) {
		t.Errorf("%d of %d files are plain", plain, len(files))
	}
}

// TestManyCommentedLines holds that a comment ends an expression's line as the line
// break by itself does.
func TestManyCommentedLines(t *testing.T) {
	var b strings.Builder
	for i := range 2 * maxNesting {
		fmt.Fprintf(&b, "x%d = 1 + 1 # note\n", i)
	}
	tokens, _ := hclsyntax.LexConfig([]byte(b.String()), "x", hcl.Pos{Line: 1, Column: 1})
	if fault := checkTokens(tokens); fault != nil {
		t.Error(fault)
	}
	held(t, b.String())
}
