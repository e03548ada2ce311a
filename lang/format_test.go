package lang_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
)

// TestFormat formats the section "in" of each case of testdata/format.
func TestFormat(t *testing.T) {
	golden.Dir(t, "testdata/format/*.txtar", func(t *testing.T, a *golden.Archive) {
		got, ds := lang.Format(a.Bytes(t, "in"))
		if ds.HasErrors() {
			t.Fatal(ds.Err())
		}
		a.Compare(t, "want/out", got)
		checkFormatted(t, a.Bytes(t, "in"), got)
	})
}

// checkFormatted holds the promises of Format: idempotent, and nothing but white
// space and names of types changed.
func checkFormatted(t *testing.T, in, out []byte) {
	t.Helper()
	again, ds := lang.Format(out)
	if ds.HasErrors() || !bytes.Equal(again, out) {
		t.Errorf("formatting again changes:\n%q\n%q\n%v", out, again, ds)
	}
	if before, after := meaning(in), meaning(out); before != after {
		t.Errorf("formatting changed the tokens of %q:\n%s\n%s", in, before, after)
	}
}

// meaning lists the tokens of a text; types under their canonical names.
func meaning(src []byte) string {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	var b strings.Builder
	for _, tok := range tokens {
		text := string(tok.Bytes)
		switch tok.Type {
		case hclsyntax.TokenIdent:
			if typ, ok := types.Simple(text); ok {
				text = typ.String()
			} else if text == "numeric" {
				text = "decimal"
			}
		case hclsyntax.TokenNewline, hclsyntax.TokenEOF:
			continue // a final newline is added
		case hclsyntax.TokenComment:
			text = strings.TrimRight(text, " \t\r\n")
		}
		b.WriteString(string(rune(tok.Type)) + strings.TrimRight(text, "\r\n") + " ")
	}
	return b.String()
}

// TestCanonicalTypes holds the formatter's spelling against the types themselves.
func TestCanonicalTypes(t *testing.T) {
	for _, name := range types.Synonyms() {
		in, want := name, ""
		if name == "numeric" {
			in, want = "numeric(10, 2)", "decimal(10, 2)"
		} else if typ, ok := types.Simple(name); ok {
			want = typ.String()
		}
		got, ds := lang.Format([]byte("column \"x\" {\n  type = " + in + "\n}\n"))
		if !strings.Contains(string(got), "type = "+want+"\n") || want == "" || ds.HasErrors() {
			t.Errorf("%s: want %s, got %s", in, want, got)
		}
	}
	for _, name := range types.Names() {
		src := []byte("column \"x\" {\n  type = list(" + name + ")\n}\n")
		if got, _ := lang.Format(src); !bytes.Equal(got, src) {
			t.Errorf("the canonical %s became %s", name, got)
		}
	}
}

// TestFormatRandomWhitespace takes real files, changes their white space at
// random, and expects one result whatever the start.
func TestFormatRandomWhitespace(t *testing.T) {
	a := golden.Open(t, "testdata/load/whole.txtar")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for name, src := range a.Inputs() {
		if !strings.HasSuffix(name, ".hcl") || bytes.Contains(src, []byte("nonsense")) || bytes.Contains(src, []byte("<<")) {
			continue
		}
		want, ds := lang.Format(src)
		if ds.HasErrors() {
			t.Fatal(name, ds.Err())
		}
		for range 50 {
			lines := strings.Split(string(src), "\n")
			for i, line := range lines {
				line = strings.TrimLeft(line, " ")
				line = strings.Replace(line, " = ", strings.Repeat(" ", rng.IntN(3))+"="+strings.Repeat(" ", rng.IntN(3)), 1)
				lines[i] = strings.Repeat(" ", rng.IntN(5)) + line
			}
			got, ds := lang.Format([]byte(strings.Join(lines, "\n")))
			if ds.HasErrors() || !bytes.Equal(got, want) {
				t.Fatalf("%s: got\n%s\nwant\n%s\n%v", name, got, want, ds)
			}
		}
	}
}

func TestFormatBroken(t *testing.T) {
	for _, src := range []string{"a = ", "a = \xff", strings.Repeat("a = [", 1) + strings.Repeat("(", 5000)} {
		got, ds := lang.Format([]byte(src))
		if !ds.HasErrors() || string(got) != src {
			t.Errorf("%.20q: %.40q %v", src, got, ds)
		}
	}
	for _, src := range []string{"", "\xef\xbb\xbf"} {
		if got, ds := lang.Format([]byte(src)); len(got) > 0 || ds.HasErrors() {
			t.Errorf("%q: %q %v", src, got, ds)
		}
	}
}
