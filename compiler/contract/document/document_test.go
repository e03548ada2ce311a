package document_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/lang/diag"
)

// nasty are texts that YAML could take for something else.
var nasty = []string{"", " ", "yes", "No", "on", "y", "null", "~", "true", "0123", "1_000", "0x1F", "1e3", ".5", "12:30:45", "2024-01-01", "2001-12-14t21:59:43.10-05:00",
	"- a", "a: b", "a #b", "#a", "@a", "`a", "%a", "&a", "*a", "!a", "|", ">", "[a]", "{a}", "a\nb", "a\n\nb\n", "\na", " a\nb", "a \nb", "a\n", "a\n\n", "\ta", "a\tb", "a\r\nb",
	"'", "\"", "''", `\`, "é", "日本語", "🙂", "\u2028", "\u0085", "\ufeff", "\u200b", "\x01", "\x7f", "---", "...", "--- a", "<<", "=", "? a", ": a", "a:", "-", "a, b", "-1", "+1", "Infinity", ".inf", ".nan",
	"# a\nb", "a\n  b\n c", "a\n\tb", strings.Repeat("long words ", 40), "\u00a0", "a\u00a0b\nc"}

func randomValue(r *rand.Rand, depth int) *document.Value {
	switch n := r.IntN(9); {
	case n < 2 && depth < 4:
		out := document.ListOf()
		for range r.IntN(4) {
			out.Items = append(out.Items, randomValue(r, depth+1))
		}
		return out
	case n < 5 && depth < 4:
		out := document.NewMap()
		for range r.IntN(4) {
			out.Set(nasty[r.IntN(len(nasty))], randomValue(r, depth+1))
		}
		return out
	case n == 5:
		return document.OfNumber([]string{"0", "-1", "1.50", "12345678901234567890123", "1e3", "-0.001", "18446744073709551616", "1e-40", "9223372036854775808"}[r.IntN(9)])
	case n == 6:
		return document.OfBool(r.IntN(2) == 0)
	case n == 7 && r.IntN(3) == 0:
		return &document.Value{}
	default:
		return document.Of(nasty[r.IntN(len(nasty))])
	}
}

// TestWritten reads back what was written, of every text and of random trees.
func TestWritten(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	var cases []*document.Value
	for _, s := range nasty {
		cases = append(cases, document.Of(s), document.NewMap().With(s, document.Of(s)), document.NewMap().With(s, document.ListOf(document.Of(s), document.NewMap().With("k", document.Of(s)))))
	}
	for range 3000 {
		cases = append(cases, document.NewMap().With("top", randomValue(r, 0)))
	}
	for _, v := range cases {
		text, err := document.YAML(v, "")
		if err != nil {
			t.Fatalf("seed %d: %v: %s", seed, err, document.Compact(v))
		}
		back, diags := document.Parse("x.yaml", text)
		if diags.HasErrors() || !document.Equal(back, v) {
			t.Errorf("seed %d: %s was written as\n%s\nand read as %s\n%v", seed, document.Compact(v), text, document.Compact(back), diags.Err())
		}
		for _, src := range [][]byte{document.JSON(v), document.Canonical(v)} {
			if v.Kind != document.Map {
				continue // a YAML parser reads it
			}
			if !document.Equal(document.FromJSON(src), v) {
				t.Errorf("seed %d: %s read as JSON is %s", seed, src, document.Compact(document.FromJSON(src)))
			}
			if back, diags := document.Parse("x.json", src); diags.HasErrors() || !document.Equal(back, v) {
				t.Errorf("seed %d: %s read as YAML is %s\n%v", seed, src, document.Compact(back), diags.Err())
			}
		}
	}
}

// TestParse: what is read, and what is refused at which place.
func TestParse(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for i, prev := 0, "a"; i < 8; i++ {
		name := string(rune('b' + i))
		bomb += fmt.Sprintf("%s: &%s [%s]\n", name, name, strings.TrimSuffix(strings.Repeat("*"+prev+", ", 10), ", "))
		prev = name
	}
	for _, c := range []struct {
		src, want string // JSON, or a code and its place
	}{
		{"a: 1\nb: [x, 2.50, null, ~, true, 'y']\n", `{"a":1,"b":["x",2.50,null,null,true,"y"]}`},
		{"a: 2024-01-01\nb: yes\nc: 0x1F\nd: +12\ne: .5\nf: 1_000\n", `{"a":"2024-01-01","b":"yes","c":31,"d":12,"e":0.5,"f":1000}`},
		{"1: a\ntrue: b\n", `{"1":"a","true":"b"}`},
		{"x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n", `{"x":{"a":1,"b":2},"y":{"b":3,"a":1}}`},
		{"{\n\t\"a\":\t1}", `{"a":1}`},
		{"t: |\n  a\n  \ttab\n", `{"t":"a\n\ttab\n"}`},
		{"big: 123456789012345678901234567890\nf: 1.123456789012345678901234567890\n", `{"big":123456789012345678901234567890,"f":1.123456789012345678901234567890}`},
		{"", "null"},
		{"# nothing\n", "null"},
		{"a: 1\na: 2\n", "HG3503 2:1"},
		{"x:\n  - é: 1\n    é: 2\n", "HG3503 3:5"},
		{"a:\n\tb: 1\n", "HG3501 2:1"},
		{"a: [1\nb: 2\n", "HG3501 1:1"},
		{"a: 1\nb: \x01\n", "HG3501 2:1"},
		{"a: b: c\n", "HG3501 1:1"},
		{"a: 1\n---\nb: 2\n", "HG3501 2:1"},
		{"a: .inf\n", "HG3504 1:4"},
		{"a: !thing b\n", "HG3504 1:4"},
		{"? [a]\n: 1\n", "HG3504 1:3"},
		{"~: 1\n", "HG3504 1:1"},
		{"a: &a [*a]\n", "HG3504 1:8"},
		{"a: 1e999999\n", `{"a":"1e999999"}`},
		{"{\"a\": 1e9999}", "HG3504 1:7"},
		{"{\"a\": 1,\n \"a\": 2}", "HG3503 2:2"},
		{"a: " + strings.Repeat("9", 151) + "\n", "HG3504 1:4"},
		{"a: \xff\n", "HG3501 0:0"},
		{bomb, "HG3502 2:9"},
		{strings.Repeat("[", 200) + strings.Repeat("]", 200), "HG3502 1:102"},
		{"a: " + strings.Repeat("x", 17<<20), "HG3502 0:0"},
	} {
		v, diags := document.Parse("x.yaml", []byte(c.src))
		got := document.Compact(v)
		if len(diags) > 0 {
			d := diags[0]
			at := diag.Range{}
			if d.Subject != nil {
				at = *d.Subject
			}
			got = fmt.Sprintf("%s %d:%d", d.Code, at.Start.Line, at.Start.Column)
			if v != nil {
				t.Errorf("%.60q gives a value beside errors", c.src)
			}
		}
		if got != c.want && !(strings.HasPrefix(c.want, "HG3502") && strings.HasPrefix(got, "HG3502")) {
			t.Errorf("%.60q gives %s, want %s: %v", c.src, got, c.want, diags.Err())
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range nasty {
		f.Add([]byte(s))
		f.Add([]byte("a: " + s + "\n"))
	}
	f.Add([]byte("a: &a {b: [1, *a]}\n<<: *a\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		v, diags := document.Parse("x.yaml", src)
		if diags.HasErrors() || v == nil {
			return
		}
		text, err := document.YAML(v, "")
		if err != nil {
			t.Fatalf("%q: %v", src, err)
		}
		if back, ds := document.Parse("x.yaml", text); ds.HasErrors() || !document.Equal(back, v) {
			t.Fatalf("%q is %s, written as\n%s\nand read as %s: %v", src, document.Compact(v), text, document.Compact(back), ds.Err())
		}
		if !document.Equal(document.FromJSON(document.Canonical(v)), v) {
			t.Fatalf("%q: its JSON is another value", src)
		}
	})
}
