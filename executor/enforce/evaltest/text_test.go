package evaltest

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// engines runs a test on each engine.
func engines(t *testing.T, test func(t *testing.T, on engine)) {
	t.Run("duckdb", func(t *testing.T) { test(t, openDuckDB(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, openPostgres(t)) })
}

// TestEveryLetter writes every code point in lower and upper case.
func TestEveryLetter(t *testing.T) {
	engines(t, func(t *testing.T, on engine) {
		b := newBench(t, rand.New(rand.NewPCG(1, 1)), on)
		for from := rune(1); from <= utf8.MaxRune; from += 1024 {
			var text strings.Builder
			cased := false
			for r := from; r < from+1024 && r <= utf8.MaxRune; r++ {
				if utf8.ValidRune(r) {
					text.WriteRune(r)
					cased = cased || unicode.ToLower(r) != r || unicode.ToUpper(r) != r
				}
			}
			if !cased && b.dialect == "postgres" { // which looks each letter up in a list
				continue
			}
			for _, name := range []string{"lower", "upper"} {
				e, d := rowexpr.Call(name, []*rowexpr.Expr{rowexpr.Text(text.String(), diag.Range{})}, diag.Range{}, diag.Range{})
				if d != nil {
					t.Fatal(d)
				}
				sql, err := rowexpr.SQL(e, b.options())
				if err != nil {
					t.Fatal(err)
				}
				theirs, err := b.query("SELECT " + sql)
				if err != nil {
					t.Fatal(err)
				}
				v, _ := b.program(t, e).Run(b.inputs(), 1)
				a, z := []rune(string(v.Bytes(0))), []rune(theirs[0])
				if len(a) != len(z) {
					t.Fatalf("%s from %U on: %d code points, and %d in %s", name, from, len(a), len(z), b.name)
				}
				was := []rune(text.String())
				for i := range a {
					if a[i] != z[i] {
						t.Errorf("%s of %U is %U, and %U in %s", name, was[i], a[i], z[i], b.name)
					}
				}
			}
		}
	})
}

// TestPatterns matches random patterns with random texts.
func TestPatterns(t *testing.T) {
	engines(t, func(t *testing.T, on engine) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 2))
		texts := []string{"", "a", "ab", "b\na", "\n", "Aab", "ß", "ſK", "aaa,b", "x-y", "]", "日本", "a.b"}
		for range 20 {
			text := ""
			for range r.IntN(8) {
				text += pick(r, []string{"a", "b", "A", "\n", "ß", "ſ", "k", "K", "-", "]", "^", "1", "日", " "})
			}
			texts = append(texts, text)
		}
		ref := rowexpr.Ref([]rowexpr.Step{{Name: "x"}}, types.Of(types.String), true, diag.Range{})
		values := make([]string, len(texts))
		for i, text := range texts {
			values[i] = "(" + rowexpr.LiteralSQL(ref.Type, text, on.dialect) + ")"
		}
		opt := rowexpr.SQLOptions{Dialect: on.dialect, Ref: func(*rowexpr.Expr) string { return "x" }}
		done, refused := 0, 0
		for done < 300 {
			pattern := randomPattern(r, 4)
			re, err := regexp.Compile(pattern)
			if err != nil {
				continue
			}
			e, d := rowexpr.Call("regex_match", []*rowexpr.Expr{ref, rowexpr.Text(pattern, diag.Range{})}, diag.Range{}, diag.Range{})
			if d != nil {
				t.Fatal(d)
			}
			sql, err := rowexpr.SQL(e, opt)
			if err != nil {
				refused++
				continue
			}
			got, err := on.query("SELECT CASE WHEN " + sql + " THEN 'yes' ELSE 'no' END FROM (VALUES " + strings.Join(values, ", ") + ") AS t(x)")
			if err != nil {
				t.Fatalf("%q: %s: %s", pattern, sql, err)
			}
			for i, text := range texts {
				if want := map[bool]string{true: "yes", false: "no"}[re.MatchString(text)]; got[i] != want {
					t.Fatalf("%q is found in %q: %s, and %s in %s\n%s", pattern, text, want, got[i], on.name, sql)
				}
			}
			done++
		}
		t.Logf("%d patterns, %d without a form", done, refused)
	})
}

func randomPattern(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		return pick(r, []string{"a", "b", "ab", ".", "ß", "k", "[a-c]", "[^a]", "[^\\n]", "\\d", "\\w", "\\s", "\\]", "[\\]\\-^]", "日", "\\x41", "", "(?i:k)", "(?i:s)", "(?i:ß)", "(?s:.)", "[[:alpha:]]", "\\p{Lu}", "\\W"})
	}
	sub := func() string { return randomPattern(r, depth-1) }
	switch r.IntN(9) {
	case 0:
		return "(" + sub() + "|" + sub() + ")"
	case 1:
		return "(?:" + sub() + ")" + pick(r, []string{"*", "+", "?", "*?", "+?", "{2}", "{0,2}", "{1,}", "{0}"})
	case 2:
		return "^" + sub()
	case 3:
		return sub() + "$"
	case 4:
		return "(?m)^" + sub() + "$"
	case 5:
		return "(?i)" + sub()
	default:
		return sub() + sub()
	}
}

// TestTimes reads texts by formats, those that fit and those that do not.
func TestTimes(t *testing.T) {
	texts := []string{"", "NULL", "2024-02-29 10:05:06", "2024-02-29 10:05:06.5", "2024-02-29 10:05:06.123456", "2024-02-29 10:05:06.1234567", "2024-02-29 23:59:59.999999Z", "2024-2-9 1:2:3", "2024-02-30 00:00:00", "2023-02-29 10:05:06", "0000-01-01 00:00:00",
		"0001-01-01 00:00:00", "9999-12-31 23:59:59", "2024-02-29 24:00:00", "2024-02-29 10:60:00", "2024-02-29 10:05:60", "24-02-29", "69-1-1", "68-12-31", "00-2-29", "01-2-29", "2024-060", "2024-366", "2023-366", "2024-000", "2024-001", "0001-001", "9999-365", "2024-999",
		"Feb 29 2024 12:00 AM", "feb 29 2024 12:59 pm", "FEB 1 2024 0:30 AM", "Feb 1 2024 13:00 PM", "Feb 1 2024 1:00 XM", "Febr 1 2024 1:00 PM", "May 5 2024 11:30 Pm", "Sept 1 2024 1:00 AM", "September 1, 2024", "may 31, 1999", "Feb 30, 2024", "Januar 1, 2024",
		"2024-02-29T10:05:06+0130", "2024-02-29T10:05:06-01:30", "2024-02-29T10:05:06+01", "2024-02-29T10:05:06Z", "2024-02-29T10:05:06z", "2024-02-29T10:05:06+24", "2024-02-29T10:05:06+0160", "2024-02-29T10:05:06", "0001-01-01T00:00:00+0001", "9999-12-31T23:59:59-0001",
		"29/Feb/2024:10:05:06 +0000", "100% 2024-02-29", " 2024-02-29", "2024-02-29 ", "2024-02-29\n"}
	formats := []string{"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f%z", "%y-%m-%d", "%Y-%j", "%b %d %Y %I:%M %p", "%B %d, %Y", "%Y-%m-%dT%H:%M:%S%z", "%d/%b/%Y:%H:%M:%S %z", "100%% %Y-%m-%d", "%Y-%m-%d"}
	engines(t, func(t *testing.T, on engine) {
		b := newTable(t, on, []column{{"x", "string", nil}}, len(texts), func(_ column, row int) string { return texts[row] })
		for _, format := range formats {
			text := "parse_timestamp(row.x, \"" + format + "\")"
			if refused, _ := b.compare(t, text, parse(t, text, b.scope)); refused != "" {
				t.Errorf("%s: %s", text, refused)
			}
		}
	})
}
