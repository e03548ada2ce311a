package lang

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/headgate-data/headgate/lang/diag"
)

// checkJSON holds the scanner against encoding/json: both take the same texts,
// and read the same strings.
func checkJSON(t *testing.T, src []byte) {
	if !utf8.Valid(src) {
		return
	}
	body, ds := parseJSON("f", src)
	if len(ds) > 0 && (ds[0].Code == diag.TooDeep || ds[0].Code == diag.NumberRange) {
		return
	}
	if valid := json.Valid(src); valid != (body != nil) {
		t.Fatalf("%q: encoding/json says %v, the scanner %v", src, valid, ds)
	}
	if body == nil {
		return
	}
	var want string
	n := body.(jsonBody).node
	if n.kind == jsonString && json.Unmarshal(src, &want) == nil && n.text != want {
		t.Fatalf("%q: encoding/json reads %q, the scanner %q", src, want, n.text)
	}
}

var jsonTexts = []string{
	`{}`, `[]`, `""`, `0`, `-0.5e+10`, `true`, `null`, ` { "a" : [ 1 , {"b":null} ] } `, "\n\t{}\r\n", `{"a":1,"a":2}`,
	``, `{`, `[1,]`, `{"a"}`, `{"a":}`, `{a:1}`, `01`, `-`, `1.`, `1e`, `.5`, `+1`, `tru`, `nul`, `"`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", `{} {}`, `[1 2]`, `'a'`,
	`"\u00e4\n\"\\\/\b\f\r\t"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\ude00\ud83d"`, `"日本"`, `"\ud83d\n"`, `"\ud83d\q"`,
}

func TestJSONScanner(t *testing.T) {
	for _, text := range jsonTexts {
		checkJSON(t, []byte(text))
	}
}

func FuzzJSONScanner(f *testing.F) {
	for _, text := range jsonTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(checkJSON)
}

// TestJSONPlaces reads where each character of a string with escapes stands.
func TestJSONPlaces(t *testing.T) {
	src := "{\n  \"ä\": \"a\\u0062\\n日\\ud83d\\ude00z\"}"
	body, ds := parseJSON("f", []byte(src))
	if len(ds) > 0 {
		t.Fatal(ds.Err())
	}
	n := body.(jsonBody).node.members[0].value
	places := (&jsonExpr{src: []byte(src)}).trace(n)
	if len(places) != len(n.text)+1 {
		t.Fatalf("%d places for %d bytes", len(places), len(n.text))
	}
	for i, want := range map[int]string{0: "a", 1: `\u0062`, 2: `\n`, 3: "日", 6: `\ud83d`, 10: "z", 11: `"}`} {
		if p := places[i]; !strings.HasPrefix(src[p.Byte:], want) || p.Line != 2 {
			t.Errorf("byte %d: at %+v stands %q, want %q", i, p, src[p.Byte:], want)
		}
	}
	if places[3].Column != 18 || places[11].Column != 32 {
		t.Errorf("columns %d and %d", places[3].Column, places[11].Column)
	}
}
