package enforce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	engine "github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
)

// schemaEnforcer makes the enforcer of a schema under coerce = "none"; nil where
// the schema makes no contract.
func schemaEnforcer(t testing.TB, schema []byte) (*enforce.Enforcer, *contract.Contract) {
	t.Helper()
	c, _ := jsonschema.Import("s.json", schema)
	if c == nil {
		return nil, nil
	}
	c.Coerce = contract.CoerceNone
	e, ds := enforce.New(enforce.Spec{Address: "s", Contract: c})
	if ds.HasErrors() {
		t.Fatalf("%s\nmakes a contract that cannot be enforced: %v", schema, ds[0])
	}
	return e, c
}

// takes reports whether the enforcer takes a record, and why not.
func takes(t testing.TB, e *enforce.Enforcer, doc string) (bool, string) {
	t.Helper()
	recs := &connector.Records{Origin: "s", Data: []byte(doc), Start: []int{0}, End: []int{len(doc)}, Line: []int64{1}}
	b, err := e.Enforce(recs)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	why := ""
	for _, r := range b.Rejects {
		for _, reason := range r.Reasons {
			why += reason.Rule + ": " + reason.Message + "; "
		}
	}
	return b.Counts.Accepted == 1, why
}

// reference compiles a schema with the library itself; nil where it is none.
func reference(schema []byte) (s *engine.Schema) {
	defer func() {
		if recover() != nil { // what the library takes for granted
			s = nil
		}
	}()
	c := engine.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource("file:///s.json", bytes.NewReader(schema)); err != nil {
		return nil
	}
	s, err := c.Compile("file:///s.json")
	if err != nil {
		return nil
	}
	return s
}

func value(t testing.TB, doc string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	return v
}

// TestSchemaAgrees makes random schemas and random records, and wants the
// enforcer (columns, then the rest) to take what the library takes of the whole.
func TestSchemaAgrees(t *testing.T) {
	seed := rand.Uint64()
	if s := os.Getenv("HEADGATE_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("HEADGATE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	rounds := 600
	if testing.Short() {
		rounds = 200
	}
	taken, refused, columnsAlone := 0, 0, 0
	for range rounds {
		g := &schemaGen{r: r}
		schema := g.document()
		g.root, _ = jsonschema.Read("s.json", schema)
		want := reference(schema)
		e, c := schemaEnforcer(t, schema)
		if want == nil || e == nil {
			t.Fatalf("the generator made a schema that is none: %s", schema)
		}
		if len(c.Schema.Residue) == 0 {
			columnsAlone++
		}
		for range 40 {
			doc := g.record()
			ok := want.Validate(value(t, doc)) == nil
			got, why := takes(t, e, doc)
			if got != ok {
				t.Fatalf("HEADGATE_SEED=%d\nschema %s\nrecord %s\nthe library says %v, the enforcer %v: %s\nresidue %q", seed, schema, doc, ok, got, why, c.Schema.Residue)
			}
			if ok {
				taken++
			} else {
				refused++
			}
		}
	}
	t.Logf("%d taken, %d refused; %d of %d schemas had no rest", taken, refused, columnsAlone, rounds)
	if taken < rounds || refused < rounds || columnsAlone < rounds/20 || columnsAlone > rounds*9/10 {
		t.Errorf("the generator is lopsided: %d taken, %d refused, %d of %d schemas without a rest", taken, refused, columnsAlone, rounds)
	}
}

// schemaGen makes schemas over a handful of properties and records that come
// near them.
type schemaGen struct {
	r     *rand.Rand
	depth int
	seen  []string // constants of the schema, which records use again
	plain bool     // every property is a scalar that a column says in full
	root  *jsonschema.Node
}

func (g *schemaGen) pick(list ...string) string { return list[g.r.IntN(len(list))] }
func (g *schemaGen) maybe(n int) bool           { return g.r.IntN(n) == 0 }

var genNames = []string{"a", "b", "c", "d"}

func (g *schemaGen) document() []byte {
	var parts []string
	g.plain = g.maybe(3)
	for _, n := range genNames {
		if !g.maybe(4) {
			parts = append(parts, fmt.Sprintf("%q:%s", n, g.schema()))
		}
	}
	if len(parts) == 0 {
		parts = []string{`"a":` + g.schema()}
	}
	out := `{"$defs":{"r":{"type":"object","properties":{"x":{"$ref":"#/$defs/r"},"y":{"type":"integer"}}},"p":{"type":"string","minLength":2}},"properties":{` + strings.Join(parts, ",") + `}`
	if g.maybe(2) {
		out += `,"required":["` + g.pick(genNames...) + `","` + g.pick("a", "b", "e") + `"]`
		out = strings.Replace(strings.Replace(out, `["a","a"]`, `["a"]`, 1), `["b","b"]`, `["b"]`, 1)
	}
	if g.maybe(2) {
		out += `,"type":` + g.pick(`"object"`, `["object","null"]`)
	}
	switch g.r.IntN(6) {
	case 0, 1:
		out += `,"additionalProperties":false`
	case 2:
		if !g.plain {
			out += `,"additionalProperties":` + g.schema()
		}
	}
	if !g.plain && g.maybe(4) {
		out += "," + g.whole()
	}
	return []byte(out + "}")
}

// whole makes a keyword about the record as a whole.
func (g *schemaGen) whole() string {
	n := g.pick(genNames...)
	switch g.r.IntN(9) {
	case 0:
		return `"minProperties":2`
	case 1:
		return `"dependentRequired":{"` + n + `":["` + g.pick(genNames...) + `"]}`
	case 2:
		return `"if":{"properties":{"` + n + `":` + g.schema() + `}},"then":{"required":["b"]},"else":{"not":{"required":["c"]}}`
	case 3:
		return `"anyOf":[{"required":["a"]},{"properties":{"b":` + g.schema() + `}}]`
	case 4:
		return `"propertyNames":{"maxLength":1}`
	case 5:
		return `"patternProperties":{"^[ab]$":` + g.schema() + `}`
	case 6:
		return `"allOf":[{"properties":{"` + g.pick("d", "e") + `":` + g.schema() + `}}]`
	case 7:
		return `"unevaluatedProperties":false`
	default:
		return `"oneOf":[{"required":["a"]},{"required":["b"]}]`
	}
}

func (g *schemaGen) note(s string) string {
	g.seen = append(g.seen, s)
	return s
}

func (g *schemaGen) schema() string {
	g.depth++
	defer func() { g.depth-- }()
	n := 16
	if g.depth > 3 {
		n = 8
	}
	if g.plain {
		if g.depth > 1 && !g.maybe(3) {
			return `{"type":` + g.types(g.pick("integer", "number", "string", "boolean")) + `}`
		}
		if n = 7; g.depth < 3 && g.maybe(3) {
			return g.nested()
		}
	}
	switch g.r.IntN(n) {
	case 0, 1:
		return g.integer()
	case 2, 3:
		return g.number()
	case 4, 5:
		return g.text()
	case 6:
		return g.pick(`{"type":"boolean"}`, `{"type":["boolean","null"]}`, `{"const":true}`, `{"type":"boolean","enum":[false,null]}`)
	case 7:
		return g.pick("true", "{}", "false", `{"type":"null"}`, `{"title":"t","default":1}`, `{"$ref":"#/$defs/p"}`, `{"minimum":3}`, `{"type":["string","integer"],"maxLength":1,"maximum":3}`)
	case 8, 9:
		items := `,"items":` + g.schema()
		if g.maybe(4) {
			items = ""
		}
		return `{"type":` + g.types("array") + items + g.some(`"minItems":1`, `"maxItems":2`, `"uniqueItems":true`, `"prefixItems":[{"type":"integer"}]`, `"contains":{"type":"string"}`) + `}`
	case 10, 11:
		return `{"type":` + g.types("object") + `,"properties":{"x":` + g.schema() + `,"y":` + g.schema() + `}` + g.some(`"required":["x"]`, `"additionalProperties":false`, `"minProperties":1`) + `}`
	case 12:
		return `{"type":"object","additionalProperties":` + g.schema() + `}`
	case 13:
		return `{"` + g.pick("anyOf", "oneOf") + `":[` + g.schema() + `,{"type":"null"}]}`
	case 14:
		return `{"` + g.pick("anyOf", "oneOf", "allOf") + `":[` + g.schema() + `,` + g.schema() + `]}`
	default:
		return g.pick(`{"$ref":"#/$defs/r"}`, `{"not":`+g.schema()+`}`, `{"enum":["x",1,null,[1]]}`, `{"enum":["x","yy"]}`, `{"enum":[1,2.5,null]}`, `{"const":null}`)
	}
}

// nested makes a list, map or struct of which columns may say all.
func (g *schemaGen) nested() string {
	switch g.r.IntN(4) {
	case 0:
		return `{"type":` + g.types("array") + `,"items":` + g.schema() + g.some(`"minItems":1`, `"maxItems":1`) + `}`
	case 1:
		return `{"type":` + g.types("object") + `,"additionalProperties":` + g.schema() + `}`
	default:
		return `{"type":` + g.types("object") + `,"properties":{"x":` + g.schema() + `,"y":` + g.schema() + `}` + g.some(`"required":["x"]`, `"required":["x","y"]`, `"additionalProperties":false`) + `}`
	}
}

func (g *schemaGen) types(name string) string {
	return g.pick(`"`+name+`"`, `"`+name+`"`, `["`+name+`","null"]`, `["null","`+name+`"]`)
}

// some takes each keyword one time in four.
func (g *schemaGen) some(keywords ...string) string {
	out := ""
	for _, k := range keywords {
		if g.maybe(4) && !strings.Contains(out, k[:4]) {
			out += "," + k
		}
	}
	return out
}

func (g *schemaGen) integer() string {
	n := func() string {
		return g.note(g.pick("0", "1", "-3", "7", "2.5", "-0.5", "1e2", "9223372036854775807", "10000000000000000000"))
	}
	return `{"type":` + g.types("integer") + g.some(`"minimum":`+n(), `"maximum":`+n(), `"exclusiveMinimum":`+n(), `"exclusiveMaximum":`+n(), `"multipleOf":`+g.pick("1", "2", "0.5"), `"enum":[1,2,"x",null,7.0]`, `"const":7`, `"pattern":"x"`) + `}`
}

func (g *schemaGen) number() string {
	n := func() string { return g.note(g.pick("0", "1.5", "-3", "0.1", "-0.25", "1e2", "99.99")) }
	return `{"type":` + g.types("number") + g.some(`"minimum":`+n(), `"maximum":`+n(), `"exclusiveMinimum":`+n(), `"exclusiveMaximum":`+n(), `"multipleOf":`+g.pick("1", "0.01", "0.1", "0.25"), `"enum":[1,2.5,0.1,"x"]`, `"minLength":3`) + `}`
}

func (g *schemaGen) text() string {
	return `{"type":` + g.types("string") + g.some(`"minLength":`+g.pick("1", "2", "3.0"), `"maxLength":`+g.pick("0", "2", "5"), `"pattern":"`+g.pick("^a", "b+$", "^\\\\d{2}$", "é")+`"`, `"enum":["","a","ab","é",null,1]`, `"const":"ab"`,
		`"format":"`+g.pick("date", "date-time", "uuid", "ipv4", "unheard-of")+`"`, `"maximum":1`) + `}`
}

func (g *schemaGen) record() string {
	var parts []string
	for _, n := range []string{"a", "b", "c", "d", "e", "long"} {
		if g.maybe(4) || (n == "e" || n == "long") && !g.maybe(6) {
			continue
		}
		v := g.value(0)
		if near := g.near(g.root.Get("properties").Get(n), 0); near != "" && !g.maybe(5) {
			v = near
		}
		parts = append(parts, fmt.Sprintf("%q:%s", n, v))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// near makes a value that the schema n may well take; "" where it cannot tell.
func (g *schemaGen) near(n *jsonschema.Node, depth int) string {
	if n == nil || n.Kind != jsonschema.Object || depth > 4 {
		return ""
	}
	for _, list := range []string{"enum", "anyOf", "oneOf", "allOf"} {
		if l := n.Get(list); l != nil && len(l.Elems) > 0 {
			e := l.Elems[g.r.IntN(len(l.Elems))]
			if list != "enum" {
				return g.near(e, depth+1)
			}
			b, _ := json.Marshal(e.Value())
			return string(b)
		}
	}
	if ref := n.Get("$ref"); ref != nil {
		return g.near(g.root.At(ref.Text[1:]), depth+1)
	}
	t := n.Get("type")
	if t == nil {
		return ""
	}
	name := t.Text
	if len(t.Elems) > 0 {
		name = t.Elems[g.r.IntN(len(t.Elems))].Text
	}
	or := func(s string) string {
		switch {
		case g.maybe(8):
			return "null"
		case s == "":
			return g.value(depth + 1)
		}
		return s
	}
	switch name {
	case "integer":
		return g.pick("0", "1", "2", "7", "100", "-4", "7.0")
	case "number":
		return g.pick("0", "1.5", "0.5", "0.1", "7", "99.99", "1e2", "-0.25")
	case "boolean":
		return g.pick("true", "false")
	case "string":
		if f := n.Get("format"); f != nil && !g.maybe(3) {
			return map[string]string{"date": `"2024-02-29"`, "date-time": `"2024-01-01T10:00:00.5Z"`, "uuid": `"00112233-4455-6677-8899-AABBCCDDEEFF"`, "ipv4": `"10.0.0.1"`}[f.Text]
		}
		return g.pick(`"ab"`, `"a"`, `"abb"`, `""`, `"12"`, `"é"`)
	case "array":
		var parts []string
		for range g.r.IntN(3) {
			parts = append(parts, or(g.near(n.Get("items"), depth+1)))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case "object":
		var parts []string
		for _, m := range []string{"x", "y", "z"} {
			sub := n.Get("properties").Get(m)
			if sub == nil && n.Get("additionalProperties") != nil {
				sub = n.Get("additionalProperties")
			}
			if (sub != nil || g.maybe(4)) && !g.maybe(4) {
				parts = append(parts, fmt.Sprintf("%q:%s", m, or(g.near(sub, depth+1))))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return "null"
}

func (g *schemaGen) value(depth int) string {
	n := 14
	if depth > 2 {
		n = 10
	}
	switch g.r.IntN(n) {
	case 0, 1:
		return g.pick("0", "1", "2", "7", "-3", "100", "-4", "1.0", "7.00")
	case 2:
		if len(g.seen) > 0 && !g.maybe(3) {
			if s := g.seen[g.r.IntN(len(g.seen))]; len(s) < 15 {
				return s
			}
		}
		return g.pick("0.1", "2.5", "1e1", "-0.25", "99.99", "99.995", "0.011")
	case 3, 4:
		return g.pick(`""`, `"a"`, `"ab"`, `"é"`, `"abb"`, `"12"`, `"x"`, `"yy"`, `"\u0061b"`)
	case 5:
		return g.pick(`"2024-02-29"`, `"2023-02-29"`, `"2024-01-01T10:00:00Z"`, `"2024-01-01T10:00:00+02:00"`, `"2024-01-01 10:00"`, `"00112233-4455-6677-8899-aabbccddeeff"`, `"0011"`, `"10.0.0.1"`, `"10.0.0.256"`)
	case 6, 7:
		return g.pick("true", "false")
	case 8, 9:
		return "null"
	case 10, 11:
		var parts []string
		for range g.r.IntN(4) {
			parts = append(parts, g.value(depth+1))
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		var parts []string
		for _, n := range []string{"x", "y", "z"} {
			if g.maybe(2) {
				parts = append(parts, fmt.Sprintf("%q:%s", n, g.value(depth+1)))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
}

// FuzzSchemaAgrees throws schemas and records at both, and passes over what the
// two are known to differ in.
func FuzzSchemaAgrees(f *testing.F) {
	for _, s := range [][2]string{
		{`{"properties":{"a":{"type":"integer","minimum":1}},"required":["a"]}`, `{"a":1}`},
		{`{"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{"type":"number","maximum":1,"exclusiveMaximum":true}}}`, `{"a":1}`},
		{`{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}},"if":{"required":["a"]},"then":{"minProperties":2}}`, `{"a":null,"b":[]}`},
		{`{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#/definitions/x","minLength":3}},"definitions":{"x":{"enum":["a",1]}}}`, `{"a":"a"}`},
		{`{"$schema":"https://json-schema.org/draft/2019-09/schema","properties":{"a":{"items":[{"type":"integer"}],"additionalItems":false}},"unevaluatedProperties":false}`, `{"a":[1]}`},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, schema, doc string) {
		if strings.Contains(schema, `"format"`) || strings.Contains(schema, "contentEncoding") || strings.Contains(schema, "contentMediaType") || strings.Contains(schema, "attern") || len(schema) > 4000 {
			return
		}
		root, d := jsonschema.Read("doc", []byte(doc))
		if d != nil || root.Kind != jsonschema.Object || differs(root) {
			return
		}
		e, c := schemaEnforcer(t, []byte(schema))
		want := reference([]byte(schema))
		if e == nil || want == nil || strings.Contains(schema, `"enum":[]`) {
			return
		}
		ok := want.Validate(root.Value()) == nil
		if got, why := takes(t, e, doc); got != ok {
			t.Fatalf("the library says %v, the enforcer %v: %s\nresidue %q", ok, got, why, c.Schema.Residue)
		}
	})
}

// differs reports whether a document holds what columns do not: an integer
// beyond 64 bits, more digits than a float64 has, NUL.
func differs(n *jsonschema.Node) bool {
	switch n.Kind {
	case jsonschema.Number:
		r, ok := new(big.Rat).SetString(n.Text)
		if !ok || len(n.Text) > 15 && strings.ContainsAny(n.Text, ".eE") {
			return true
		}
		f, _ := r.Float64()
		return r.IsInt() && !r.Num().IsInt64() || !r.IsInt() && (len(n.Text) > 15 || f > 1e15 || f < -1e15) || strings.Contains(n.Text, "e-") || strings.Contains(n.Text, "E-")
	case jsonschema.String:
		return strings.ContainsRune(n.Text, 0)
	}
	for _, m := range n.Members {
		if strings.ContainsRune(m.Name, 0) || differs(m.Value) {
			return true
		}
	}
	for _, e := range n.Elems {
		if differs(e) {
			return true
		}
	}
	return false
}
