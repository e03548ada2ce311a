package schemadiff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestCases compares the pairs of each archive, "old -> new" a line, and prints
// what differs, what each mode says, and a document that proves a break.
func TestCases(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		head := strings.TrimSpace(string(a.Bytes(t, "head")))
		var out bytes.Buffer
		for _, line := range strings.Split(strings.TrimSpace(string(a.Bytes(t, "pairs"))), "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				fmt.Fprintln(&out, line)
				continue
			}
			older, newer, ok := strings.Cut(line, " -> ")
			if !ok {
				t.Fatalf("no arrow in %q", line)
			}
			oldText, newText := withHead(older, head), withHead(newer, head)
			strict, ds := Compare("old.json", oldText, "new.json", newText, Strict)
			if ds.HasErrors() {
				fmt.Fprintf(&out, "%s\n    %s\n", line, strings.ReplaceAll(ds.Err().Error(), "\n", "\n    "))
				continue
			}
			lenient, _ := Compare("old.json", oldText, "new.json", newText, Lenient)
			fmt.Fprintf(&out, "%s\n    strict %s, lenient %s\n", line, Worst(strict), Worst(lenient))
			for _, d := range strict {
				fmt.Fprintf(&out, "    %-6s %s %s\n", d.Verdict, d.Rule, d.Path)
			}
			if doc, found, _ := Proof("old.json", oldText, "new.json", newText, both(t, oldText, newText)); found {
				fmt.Fprintf(&out, "    proof: %s\n", doc)
			} else if Worst(strict) == Breaks {
				fmt.Fprintf(&out, "    no proof found\n")
			}
		}
		a.Compare(t, "want", out.Bytes())
	})
}

// withHead puts $schema in front of a schema that is an object.
func withHead(schema, head string) []byte {
	schema = strings.TrimSpace(schema)
	if head == "" || !strings.HasPrefix(schema, "{") {
		return []byte(schema)
	}
	if strings.TrimSpace(schema[1:]) == "}" {
		return []byte(`{"$schema":"` + head + `"}`)
	}
	return []byte(`{"$schema":"` + head + `",` + schema[1:])
}

// both returns what jsonschema makes of a document under either schema.
func both(t *testing.T, oldText, newText []byte) func(doc []byte) (bool, bool) {
	t.Helper()
	compile := func(text []byte) *jsonschema.Schema {
		c := jsonschema.NewCompiler()
		c.Draft, c.AssertFormat = jsonschema.Draft7, true
		if err := c.AddResource("mem:///schema.json", bytes.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		s, err := c.Compile("mem:///schema.json")
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return s
	}
	older, newer := compile(oldText), compile(newText)
	return func(doc []byte) (bool, bool) {
		dec := json.NewDecoder(bytes.NewReader(doc))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("sample %q is no JSON: %v", doc, err)
		}
		return older.Validate(v) == nil, newer.Validate(v) == nil
	}
}

// TestNothingOverlooked makes random pairs and wants no document to contradict a
// strict "ok": the rules that are the registry's own stay within what it claims.
func TestNothingOverlooked(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	ok, breaks, proved := 0, 0, 0
	for range 3000 {
		older := randomSchema(r, 0)
		newer := mutate(r, older)
		oldText, newText := encode(t, older), encode(t, newer)
		list, ds := Compare("old", oldText, "new", newText, Strict)
		if ds.HasErrors() {
			t.Fatalf("%s -> %s: %v", oldText, newText, ds.Err())
		}
		doc, found, _ := Proof("old", oldText, "new", newText, both(t, oldText, newText))
		switch Worst(list) {
		case OK:
			if ok++; found {
				t.Errorf("ok, but %s proves otherwise:\n  old %s\n  new %s\n  %v", doc, oldText, newText, list)
			}
		case Breaks:
			if breaks++; found {
				proved++
			}
		}
	}
	t.Logf("%d ok, %d breaks, %d of them proved", ok, breaks, proved)
	if ok < 300 || breaks < 300 || proved*10 < breaks*7 {
		t.Errorf("%d ok, %d breaks and %d proofs: the pairs do not try the rules", ok, breaks, proved)
	}
	same := randomSchema(r, 0)
	if list, _ := Compare("a", encode(t, same), "b", encode(t, same), Strict); len(list) > 0 {
		t.Errorf("a schema differs from itself: %v", list)
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// randomSchema makes a schema of one type or, seldom, a choice of several.
func randomSchema(r *rand.Rand, depth int) map[string]any {
	s := map[string]any{}
	maybe := func(key string, v any) {
		if r.IntN(2) == 0 {
			s[key] = v
		}
	}
	kinds := 4
	if depth < 2 {
		kinds = 7
	}
	switch r.IntN(kinds) {
	case 0:
		s["type"] = "string"
		maybe("minLength", r.IntN(3))
		maybe("maxLength", 3+r.IntN(3))
		maybe("pattern", []string{"^x", "x$", "^[a-z]*$"}[r.IntN(3)])
	case 1:
		s["type"] = []string{"integer", "number"}[r.IntN(2)]
		maybe("minimum", r.IntN(4))
		maybe("maximum", 6+r.IntN(4))
		maybe("multipleOf", 1+r.IntN(3))
	case 2:
		s["type"] = []string{"boolean", "null"}[r.IntN(2)]
	case 3:
		s["enum"] = []any{"red", r.IntN(3), nil}[:1+r.IntN(3)]
	case 4:
		s["type"] = "array"
		maybe("items", randomSchema(r, depth+1))
		maybe("minItems", r.IntN(2))
		maybe("maxItems", 2+r.IntN(2))
		maybe("uniqueItems", true)
	case 5:
		s["type"] = "object"
		props := map[string]any{}
		for _, name := range []string{"a", "b", "c"}[:r.IntN(4)] {
			props[name] = randomSchema(r, depth+1)
			if r.IntN(3) == 0 {
				list, _ := s["required"].([]any)
				s["required"] = append(list, name)
			}
		}
		s["properties"] = props
		maybe("additionalProperties", []any{true, false, map[string]any{"type": "string"}}[r.IntN(3)])
	default:
		s["anyOf"] = []any{randomSchema(r, depth+1), randomSchema(r, depth+1)}
	}
	return s
}

// mutate returns a copy with one or two keywords changed, dropped or added.
func mutate(r *rand.Rand, s map[string]any) map[string]any {
	text, _ := json.Marshal(s)
	var c map[string]any
	_ = json.Unmarshal(text, &c)
	for range 1 + r.IntN(2) {
		mutateOnce(r, c)
	}
	return c
}

func mutateOnce(r *rand.Rand, c map[string]any) {
	keys := sortedKeys(c)
	key := keys[r.IntN(len(keys))]
	switch v := c[key].(type) {
	case float64:
		c[key] = max(v+float64(r.IntN(3)-1), 0)
		if key == "multipleOf" {
			c[key] = 1.0 + float64(r.IntN(4))
		}
	case map[string]any:
		switch names := sortedKeys(v); {
		case key != "properties":
			mutateOnce(r, v)
		case len(names) == 0 || r.IntN(3) == 0:
			v[[]string{"a", "b", "c", "d"}[r.IntN(4)]] = randomSchema(r, 2)
		case r.IntN(2) == 0:
			delete(v, names[r.IntN(len(names))])
		default:
			mutateOnce(r, v[names[r.IntN(len(names))]].(map[string]any))
		}
	case []any:
		if sub, ok := v[0].(map[string]any); ok && r.IntN(2) == 0 {
			mutateOnce(r, sub)
		} else if key == "enum" || len(v) > 1 {
			c[key] = v[1:]
			if key == "anyOf" {
				c[key] = append(v[1:len(v):len(v)], randomSchema(r, 2))
			} else if key == "enum" {
				c[key] = append(v[1:len(v):len(v)], fmt.Sprint("blue", r.IntN(1e6)))
			}
		}
	default:
		if key != "type" {
			delete(c, key)
		} else if v == "integer" {
			c[key] = "number"
		}
	}
}

// FuzzCompare reads anything as two schemas.
func FuzzCompare(f *testing.F) {
	for _, s := range []string{`{}`, `true`, `{"type":["string","null"],"maxLength":1e3}`, `{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#"}}}`,
		`{"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{"n":{"$anchor":"n","properties":{"next":{"$ref":"#n"}}}},"$ref":"#n"}`,
		`{"properties":{"a":{"oneOf":[{"type":"integer"},{"not":{}}]}},"required":["a"],"patternProperties":{"^x":false}}`, `{"minimum":1e99999999}`, `[`} {
		f.Add([]byte(s), []byte(s))
		f.Add([]byte(s), []byte(`{"type":"object","additionalProperties":false}`))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, mode := range []Mode{Strict, Lenient} {
			_, ds := Compare("a", a, "b", b, mode)
			for _, d := range ds {
				if d.Code != diag.SchemaDiffBroken {
					t.Errorf("unexpected %s", d.Error())
				}
			}
		}
		if same, ds := Compare("a", a, "b", a, Strict); !ds.HasErrors() && len(same) > 0 {
			t.Errorf("%s differs from itself: %v", a, same)
		}
		_, _, _ = Proof("a", a, "b", b, func([]byte) (bool, bool) { return true, true })
	})
}
