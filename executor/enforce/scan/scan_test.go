package scan

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestDocument(t *testing.T) {
	for in, want := range map[string]Fault{
		`{}`: OK, ` [1, -0, 2.5e-7, "a\u00e9\ud83d\ude00", {"a":[null,true,false]}] `: OK, `"é"`: OK, `0`: OK, `-0.0`: OK, `1E+9`: OK,
		``: Truncated, `{`: Truncated, `{"a"`: Truncated, `{"a":`: Truncated, `[1,`: Truncated, `"a`: Truncated, `tru`: Truncated, `-`: Truncated, `1.`: Truncated, `"\u12`: Truncated,
		`01`: BadNumber, `-x`: BadNumber, `1.e5`: BadNumber, `1ex`: BadNumber, `+1`: Unexpected, `.5`: Unexpected, `trux`: Unexpected, `nul]`: Unexpected,
		`{"a" 1}`: Unexpected, `{a:1}`: Unexpected, `{"a":1,}`: Unexpected, `[1,]`: Unexpected, `[1 2]`: Unexpected, `{"a":1]`: Unexpected, "\u00a01": Unexpected,
		`"\x"`: BadEscape, `"\u12g4"`: BadEscape, `"\ud800"`: Surrogate, `"\udc00"`: Surrogate, `"\ud800\u0041"`: Surrogate, `"\ud800x"`: Surrogate,
		"\"a\nb\"": Control, "\"\x00\"": Control, "\"\xff\"": BadUTF8, "\"abcdefgh\xc3\"": BadUTF8, "\"\xed\xa0\x80\"": BadUTF8, `1 2`: Trailing, `{}}`: Trailing,
		strings.Repeat("[", 128) + strings.Repeat("]", 128): OK, strings.Repeat("[", 129) + strings.Repeat("]", 129): TooDeep,
		strings.Repeat(`{"a":`, 1_000_000): TooDeep,
	} {
		if _, _, _, f := Document([]byte(in)); f != want {
			t.Errorf("%.60q: %v, want %v", in, f, want)
		}
	}
}

func TestUnquoteAndQuote(t *testing.T) {
	for in, want := range map[string]string{
		`a\"\\\/\b\f\n\r\tz`: "a\"\\/\b\f\n\r\tz", `\u00e9\ud83d\ude00\u0000`: "é😀\x00", `plain`: "plain", ``: "",
	} {
		got := Unquote(nil, []byte(in))
		if string(got) != want {
			t.Errorf("Unquote(%q) = %q, want %q", in, got, want)
		}
		quoted := Quote(nil, got)
		if end, _, f := Text(quoted, 1); f != OK || end != len(quoted) || string(Unquote(nil, quoted[1:end-1])) != want {
			t.Errorf("Quote(%q) = %s", got, quoted)
		}
	}
}

// FuzzAgainstJSONText holds the scanner to an independent strict parser. Depth
// is the one thing in which the two differ.
func FuzzAgainstJSONText(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"x\ud83d\ude00",null]}`, `"\ud800"`, "\"\xff\"", `01`, `[1,]`, ` true `, `{"a":1,"a":2}`, `1 2`, `-`, "\"\x7f\u2028\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		start, end, kind, fault := Document(b)
		want := jsontext.Value(bytes.Clone(b)).IsValid(jsontext.AllowDuplicateNames(true))
		if fault == TooDeep {
			return
		}
		if (fault == OK) != want {
			t.Fatalf("%q: %v at %d, jsontext says valid=%v", b, fault, end, want)
		}
		if fault != OK {
			if end < 0 || end > len(b) {
				t.Fatalf("%q: fault at %d", b, end)
			}
			return
		}
		if kind.IsString() {
			wantText, err := jsontext.AppendUnquote(nil, b[start:end])
			var syntax *jsontext.SyntacticError
			if err != nil && !errors.As(err, &syntax) {
				t.Fatal(err)
			}
			if got := Unquote(nil, b[start+1:end-1]); !bytes.Equal(got, wantText) {
				t.Fatalf("%s unquotes to %q, want %q", b, got, wantText)
			}
		}
	})
}

// Bytes around those that end a plain stretch stand at every place of a word.
func TestPlain(t *testing.T) {
	const seed = 26
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	tricky := []byte{0, 1, 0x1F, 0x20, 0x21, '"', '#', '[', '\\', ']', 0x7E, 0x7F, 0x80, 0x81, 0xA2, 0xDC, 0xFF, 'a'}
	for range 200_000 {
		b := bytes.Repeat([]byte("x"), rng.IntN(40))
		for n := rng.IntN(4); n > 0 && len(b) > 0; n-- {
			b[rng.IntN(len(b))] = tricky[rng.IntN(len(tricky))]
		}
		from := rng.IntN(len(b) + 1)
		want := from
		for want < len(b) && b[want] != '"' && b[want] != '\\' && b[want] >= 0x20 && b[want] < 0x80 {
			want++
		}
		if got := plain(b, from); got != want {
			t.Fatalf("plain(%q, %d) is %d, want %d", b, from, got, want)
		}
	}
}
