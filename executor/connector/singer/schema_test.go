package singer

import (
	"fmt"
	"strings"
	"testing"
)

func TestColumns(t *testing.T) {
	cases := map[string]string{
		`{"type":"integer"}`:                                                            "int64",
		`{"type":["null","integer"]}`:                                                   "int64 null",
		`{"type":"number"}`:                                                             "float64",
		`{"type":["number","null"],"multipleOf":0.01}`:                                  "decimal(38, 2) null",
		`{"type":"number","multipleOf":1e-09}`:                                          "decimal(38, 9)",
		`{"type":"number","multipleOf":0.05}`:                                           "float64",
		`{"type":["integer","number"]}`:                                                 "float64",
		`{"type":"string","format":"date-time"}`:                                        "timestamptz",
		`{"anyOf":[{"type":"string","format":"date-time"},{"type":"null"}]}`:            "timestamptz null",
		`{"anyOf":[{"type":"string","format":"date-time"},{"type":["string","null"]}]}`: "string null",
		`{"type":"string","format":"date"}`:                                             "date",
		`{"type":"string","format":"uuid"}`:                                             "uuid",
		`{"type":"string","format":"time"}`:                                             "time",
		`{"type":"string","format":"email"}`:                                            "string",
		`{"type":"boolean"}`:                                                            "bool",
		`{"type":["string","integer"]}`:                                                 "json",
		`{"type":"null"}`:                                                               "any null",
		`{}`:                                                                            "json null",
		`true`:                                                                          "json null",
		`{"type":"array","items":{"type":"integer"}}`:                                   "list(int64)",
		`{"type":"array"}`:                                                              "json",
		`{"type":"object","properties":{"b":{"type":"string"},"a":{"type":["null","integer"]}}}`: "struct({b = string, a = int64})",
		`{"type":"object"}`:       "json",
		`{"properties":{"a":{}}}`: "struct({a = json})",
	}
	for schema, want := range cases {
		columns, err := columnsOf([]byte(`{"properties":{"x":` + schema + `}}`))
		if err != nil || len(columns) != 1 {
			t.Errorf("%s: %v", schema, err)
			continue
		}
		got := columns[0].Type.String()
		if columns[0].Nullable {
			got += " null"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", schema, got, want)
		}
	}
	deep := strings.Repeat(`{"type":"array","items":`, 5000) + `{}` + strings.Repeat("}", 5000)
	if _, err := columnsOf([]byte(`{"properties":{"x":` + deep + `}}`)); err != nil {
		t.Error(err)
	}
}

func TestSelected(t *testing.T) {
	for _, c := range []struct {
		patterns string
		want     bool
	}{
		{"", true}, {"orders.*", true}, {"orders.id", false}, {"orders.x", true}, {"!orders.x", false}, {"orders.* !orders.x*", false},
		{"other.*", true}, {"!other.*", true}, {"*.*", true}, {"orders", true}, {"!orders.y", true}, {"orders.y !orders.z", false},
	} {
		if got := selected(strings.Fields(c.patterns), "orders", "x"); got != c.want {
			t.Errorf("%q: %v", c.patterns, got)
		}
	}
}

// FuzzSingerLine checks that no line makes the parser panic, and that the fast
// way sees what the strict one sees wherever both take the line.
func FuzzSingerLine(f *testing.F) {
	for _, line := range []string{
		schemaLine, `{"type":"RECORD","stream":"a","record":{"id":1,"x":"\"}"},"version":12}`, `{"type": "RECORD", "record": {"a":{"id":[1,{"b":"c"}]}}, "stream": "a"}`,
		`{"type":"STATE","value":{"a":null}}`, `{"type":"RECORD","stream":"a","record":{"\u0069d":1}}`, `{"type":"RECORD","type":"STATE"}`, `{`, `[]`, ``, `{"type":1}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var e, fast, strict envelope
		_ = e.parse(line)
		e.has("id")
		_, _ = columnsOf(e.schema)
		_, _ = parseBookmark(line)
		if c, err := parseCatalog(line); err == nil {
			for _, s := range c.streams {
				_ = s.choose(&stream{}, []string{"a.*"})
			}
		}
		if !fast.fast(line) || strict.strict(line) != nil {
			return
		}
		show := func(e *envelope) string {
			return fmt.Sprintf("%d %q %q %q %v", e.kind, e.name, e.stream, e.record, e.has("id"))
		}
		if show(&fast) != show(&strict) {
			t.Fatalf("fast   %s\nstrict %s", show(&fast), show(&strict))
		}
	})
}

func BenchmarkEnvelope(b *testing.B) {
	line := []byte(`{"type": "RECORD", "stream": "orders", "record": {"id": 12345, "email": "someone@example.com", "total": 123.45, "tags": ["a","b"], "note": "a longer text that says not much, but says it in many words", "user": {"name":"x","age":41}, "created_at": "2024-01-01T00:00:00Z"}, "time_extracted": "2024-01-01T00:00:00Z"}`)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	var e envelope
	for b.Loop() {
		if e.parse(line) != nil || !e.has("id") {
			b.Fatal("broken")
		}
	}
}
