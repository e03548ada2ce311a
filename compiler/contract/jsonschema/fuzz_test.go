package jsonschema

import (
	"encoding/json"
	"regexp"
	"testing"
	"unicode/utf8"
)

// FuzzCompile throws texts at the reader of schemas and, where one is taken, makes
// a contract of it, writes that as a schema, and judges a document. Nothing
// panics; every diagnostic has a place in the text; what is exported is a schema.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{`{"properties":{"a":{"type":"integer"}}}`, `{"$ref":"#"}`, `{"$schema":"http://json-schema.org/draft-04/schema#","id":"x","items":[{}]}`, `{"properties":{"a":{"$ref":"#/properties/a"}}}`,
		`{"pattern":"(?<a>\\p{L})"}`, `{"patternProperties":{"[^]":{"enum":[]}}}`, `{"$id":"urn:x","$dynamicRef":"#a"}`, `{"maximum":1e400,"multipleOf":1e-400}`, "{\"a\":\"\xff\"}", `{"$vocabulary":{"x":1}}`, `{"$anchor":"a","$defs":{"b":{"$anchor":"a"}}}`} {
		f.Add([]byte(s), []byte(`{"a":[1,"x",{"b":null}]}`))
	}
	f.Fuzz(func(t *testing.T, src, doc []byte) {
		for _, draft := range Drafts() {
			s, ds := Compile("s.json", src, Options{Draft: draft, AssertFormat: true})
			for _, d := range ds {
				if d.Subject == nil || d.Subject.Start.Byte > len(src) || d.Subject.End.Byte > len(src) || d.Subject.Start.Line < 1 {
					t.Fatalf("%v has no place in the text", d)
				}
			}
			if (s == nil) != ds.HasErrors() {
				t.Fatalf("a schema is there: %v, and errors are: %v", s != nil, ds)
			}
			if s == nil {
				continue
			}
			if root, d := Read("doc", doc); d == nil {
				s.Validate(root.Value())
			}
		}
		c, _ := Import("s.json", src)
		if c == nil {
			return
		}
		if out, ds := Export(c); ds.HasErrors() || len(out) == 0 {
			t.Fatalf("the export: %v", ds)
		}
		c.Schema = nil
		out, _ := Export(c)
		if s, ds := Compile("e.json", out, Options{}); s == nil {
			t.Fatalf("the export is no schema: %v\n%s", ds[0], out)
		}
	})
}

// FuzzRead holds the reader to encoding/json: it takes no text that the other
// refuses, and reads the same values.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,"\u00e9\ud83d\ude00\n",true,false,null]}`, `01`, `-`, `"\ud800"`, `[1,]`, ` {"a" : {} } `, `"\x"`, `1.`, `{"a":1,"a":2}`, `-0`, `1e5`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		n, d := Read("x", src)
		if d != nil {
			if d.Subject.End.Byte > len(src) {
				t.Fatalf("%v lies outside", d)
			}
			return
		}
		if len(src) > 3 && string(src[:3]) == "\xef\xbb\xbf" {
			src = src[3:]
		}
		if !json.Valid(src) || !utf8.Valid(src) {
			t.Fatalf("%q is taken", src)
		}
		a, _ := json.Marshal(n.Value())
		if !json.Valid(appendPlain(nil, n)) {
			t.Fatalf("%s is written", appendPlain(nil, n))
		}
		again, d := Read("x", appendPlain(nil, n))
		if d != nil {
			t.Fatal(d)
		}
		if b, _ := json.Marshal(again.Value()); string(a) != string(b) {
			t.Fatalf("%s became %s", a, b)
		}
	})
}

// FuzzPatterns translates patterns there and back. What comes out compiles, and
// RE2 written as ECMA-262 and read again matches the same.
func FuzzPatterns(f *testing.F) {
	for _, s := range []string{`^a+$`, `[\s\S]`, `(?i)straße`, `\p{Greek}+?`, `[^a-z\d]{2,3}|x`, `\bfoo\B`, `^\x{1F600}$`, `[[:alpha:]]`, `(a|b)*?c`, `.`} {
		f.Add(s, "a foo")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if re, err := RE2(pattern); err == nil {
			if _, err := regexp.Compile(re); err != nil {
				t.Fatalf("%q became %q: %v", pattern, re, err)
			}
		}
		re, err := regexp.Compile(pattern)
		if err != nil || !utf8.ValidString(text) || !utf8.ValidString(pattern) {
			return
		}
		e, err := ECMA(pattern)
		if err != nil {
			return
		}
		back, err := RE2(e)
		if err != nil {
			return // too large once classes are written out
		}
		if again := regexp.MustCompile(back); re.MatchString(text) != again.MatchString(text) {
			t.Fatalf("%q, as ECMA-262 %q, as RE2 again %q: they differ on %q", pattern, e, back, text)
		}
	})
}
