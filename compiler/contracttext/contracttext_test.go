package contracttext_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
)

// compile compiles a text that holds contracts alone.
func compile(text string) (*program.Program, error) {
	fsys := fstest.MapFS{"main.gate.hcl": {Data: []byte(text)}}
	m, diags := lang.Load(fsys, ".")
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{FS: fsys, FolderName: "t", Today: "2026-06-01"})
	return p, append(diags, more...).Err()
}

// definition is a contract without places in files, compiled conditions and the
// white space of conditions.
func definition(c *contract.Contract) string {
	d := *c
	d.Columns, d.Checks = slices.Clone(c.Columns), uncompiled(c.Checks)
	for i := range d.Columns {
		d.Columns[i].Checks = uncompiled(d.Columns[i].Checks)
	}
	n := &program.Node{Address: addr.Of(addr.Contract, c.Name).WithVersion(c.Version), Contract: &d}
	return string(program.Canonical(n))
}

func uncompiled(checks []contract.Check) []contract.Check {
	checks = slices.Clone(checks)
	for i := range checks {
		checks[i].Condition = nil
		checks[i].Source = strings.Join(strings.Fields(checks[i].Source), " ")
	}
	return checks
}

// TestWrite writes the contracts of "in" again.
func TestWrite(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		p, err := compile(string(a.Bytes(t, "in")))
		if err != nil {
			t.Fatal(err)
		}
		var plain, bare, explicit bytes.Buffer
		for _, n := range p.Nodes {
			if n.Contract == nil {
				continue
			}
			plain.Write(contracttext.Write(n.Contract, contracttext.Options{}))
			bare.Write(contracttext.Write(n.Contract, contracttext.Options{Bare: true, Header: []string{"What was seen."},
				Columns: map[string][]string{n.Contract.Columns[0].Name: {"first line", "", "a\nb"}}}))
			explicit.Write(contracttext.Write(n.Contract, contracttext.Options{Explicit: true}))
		}
		a.Compare(t, "want/plain.hcl", plain.Bytes())
		a.Compare(t, "want/bare.hcl", bare.Bytes())
		a.Compare(t, "want/explicit.hcl", explicit.Bytes())
	})
}

// TestRoundTrip writes random contracts, compiles the text and finds them again;
// the formatter leaves the text alone.
func TestRoundTrip(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := &random{rand.New(rand.NewPCG(seed, 1))}
	for i := range 150 {
		c := r.contract()
		r.promises(c)
		o := contracttext.Options{Bare: i%3 == 1 && c.Version == 1, Explicit: i%3 == 2, Header: []string{r.text()},
			Columns: map[string][]string{c.Columns[0].Name: {r.text(), r.text()}}}
		text := contracttext.Write(c, o)
		if out, ds := lang.Format(text); ds.HasErrors() || !bytes.Equal(out, text) {
			t.Fatalf("the formatter changes the text: %v\n%s\n%s", ds.Err(), text, out)
		}
		p, err := compile(string(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		n, ok := p.Lookup(addr.Of(addr.Contract, c.Name).WithVersion(c.Version))
		if !ok {
			t.Fatalf("the contract is not there:\n%s", text)
		}
		if got, want := definition(n.Contract), definition(c); got != want {
			t.Fatalf("another contract came back:\n%s\n%s\n%s", got, want, text)
		}
	}
}

// TestConditionsOfJSON writes a contract of a JSON file, whose conditions are
// strings there.
func TestConditionsOfJSON(t *testing.T) {
	fsys := fstest.MapFS{"a.gate.json": {Data: []byte(`{"contract": {"a": {"column": {"b": {"type": "int64", "check": {"c": {"condition": "value >\n1"}, "d": {"condition": "value != 3"}}}}}}}`)}}
	m, diags := lang.Load(fsys, ".")
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{FS: fsys, FolderName: "t", Today: "2026-06-01"})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	at := addr.Of(addr.Contract, "a").WithVersion(1)
	n, _ := p.Lookup(at)
	text := string(contracttext.Write(n.Contract, contracttext.Options{Bare: true}))
	q, err := compile(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	again, _ := q.Lookup(at)
	opt := rowexpr.SQLOptions{Dialect: "duckdb", Ref: func(*rowexpr.Expr) string { return "x" }}
	for i, k := range again.Contract.Columns[0].Checks {
		got, err1 := rowexpr.SQL(k.Condition, opt)
		want, err2 := rowexpr.SQL(n.Contract.Columns[0].Checks[i].Condition, opt)
		if got != want || err1 != nil || err2 != nil {
			t.Errorf("%s: the condition is %s, want %s (%v, %v)", k.Name, got, want, err1, err2)
		}
	}
}

// TestEveryField checks that no field of a contract is left out of the text: one
// that is set changes it.
func TestEveryField(t *testing.T) {
	write := func(c contract.Contract) string { return string(contracttext.Write(&c, contracttext.Options{})) }
	base := contract.Contract{Name: "a", Version: 1, Columns: []contract.Column{{Name: "b", Type: types.Of(types.JSON)}}}
	elsewhere := []string{"Latest", "Range", "Rules", // latest_version speaks of several versions
		"Schema", "NoNull", "Present", "Property", "Inner"} // they come with a schema_file
	check := func(typ reflect.Type, of func(*contract.Contract) reflect.Value) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if slices.Contains(elsewhere, f.Name) {
				continue
			}
			c := base
			c.Columns = slices.Clone(base.Columns)
			c.Columns[0].Type = types.Of(types.String)
			before := write(c)
			fill(of(&c).Field(i))
			if write(c) == before {
				t.Errorf("%s.%s is not written: it needs a line in tables.go", typ.Name(), f.Name)
			}
		}
	}
	check(reflect.TypeFor[contract.Contract](), func(c *contract.Contract) reflect.Value { return reflect.ValueOf(c).Elem() })
	check(reflect.TypeFor[contract.Column](), func(c *contract.Contract) reflect.Value { return reflect.ValueOf(&c.Columns[0]).Elem() })
	check(reflect.TypeFor[contract.Check](), func(c *contract.Contract) reflect.Value {
		c.Checks = []contract.Check{{Name: "k", Source: "row.b == 1"}}
		return reflect.ValueOf(&c.Checks[0]).Elem()
	})
}

// fill gives a field a value that is neither its zero value nor a default.
func fill(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *types.Type:
		*x = types.Of(types.Bool)
	case **rowexpr.Expr, **contract.Inner: // the text is in Source, and in the schema
	case *json.RawMessage:
		*x = json.RawMessage(`{"a":1}`)
	default:
		switch v.Kind() {
		case reflect.String:
			v.SetString("fail")
		case reflect.Int:
			v.SetInt(7)
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem())
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0))
		case reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		}
	}
}

// FuzzQuote holds Quote to HCL's own reading.
func FuzzQuote(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x300 }) {
			return // HCL composes characters
		}
		p, err := compile("contract \"a\" {\n description = " + lang.Quote(s+"x") + "\n column \"b\" {\n type = int64\n}\n}\n")
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		n, _ := p.Lookup(addr.Of(addr.Contract, "a").WithVersion(1))
		if got := n.Contract.Description; got != s+"x" {
			t.Fatalf("%q came back as %q", s+"x", got)
		}
	})
}

// hostile are texts that HCL could misread.
var hostile = []string{`"`, `\`, "${x}", "%{if}", "$${x}", "$$${", "%%%{", "$", "$$", "a\nb", "\r\n\t", "\x00\x1b\x7f", "é", "日本", "\U0001F600", "#", "//", "/*", "<<EOT\n", "{", "}", "\u2028", "null", "a b", `\u0041`, "%${", "$%{"}

type random struct{ *rand.Rand }

func (r *random) text() string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(hostile[r.IntN(len(hostile))])
	}
	return b.String()
}

func (r *random) yes() bool { return r.IntN(3) == 0 }

func (r *random) contract() *contract.Contract {
	c := &contract.Contract{Name: "c" + fmt.Sprint(r.IntN(10)), Version: 1 + r.IntN(3), Latest: true, Description: r.text(), Owner: r.text(),
		Compatibility: pick(r, "auto", "none", "full_transitive"), OnViolation: pick(r, contract.Quarantine, contract.Fail, contract.Warn),
		UnknownColumns: pick(r, contract.UnknownDrop, contract.UnknownEvolve), Coerce: pick(r, contract.CoerceLossless, contract.CoerceNone),
		Tolerance: pick(r, "", "1%", "100"), DeprecatedAfter: pick(r, "", "2027-01-31")}
	if r.yes() {
		c.Checks = []contract.Check{{Name: "row" + r.text(), Source: pick(r, "1 < 2", "\"a\" != upper(\n \"b\")"), Message: r.text(), Severity: contract.SeverityError}}
	}
	if r.yes() {
		c.Reserved = []string{"gone" + r.text()}
	}
	if r.yes() {
		c.Extensions = r.extensions()
	}
	for i := range 1 + r.IntN(6) {
		c.Columns = append(c.Columns, r.column(fmt.Sprint(i)))
	}
	for i := range c.Columns {
		if k := c.Columns[i].Type; !k.IsNested() && k.Kind != types.JSON && k.Kind != types.Float64 && r.yes() {
			c.Columns[i].Required = true
			c.Key = append(c.Key, c.Columns[i].Name)
		}
	}
	return c
}

// promises adds promises over the table.
func (r *random) promises(c *contract.Contract) {
	severity := func() contract.Severity { return pick(r, contract.SeverityError, contract.SeverityWarning) }
	if r.yes() {
		c.Expects = []contract.Expect{{Name: "expect" + r.text(), Query: "select * from this where '" + strings.ReplaceAll(r.text(), "'", "''") + "' = ''", Message: r.text(), Severity: severity()}}
	}
	if r.yes() {
		most := int64(r.IntN(1e9))
		c.Rows = &contract.Rows{Max: &most, Severity: severity()}
	}
	for i := range c.Columns {
		if k := c.Columns[i].Type.Kind; (k == types.Date || k == types.TimestampTZ) && c.Freshness == nil {
			c.Freshness = &contract.Freshness{Column: c.Columns[i].Name, MaxAge: pick(r, "24h", "1h30m"), Severity: severity()}
		}
	}
	c.SetViolations = pick(r, "", contract.SetQuarantine, contract.SetDrop)
	c.QuarantineRaw = pick(r, "", "none", "full")
}

func pick[T any](r *random, of ...T) T { return of[r.IntN(len(of))] }

func (r *random) typ(depth int) types.Type {
	if depth < 3 && r.yes() {
		switch r.IntN(3) {
		case 0:
			return types.ListOf(r.typ(depth + 1))
		case 1:
			return types.MapOf(r.typ(depth + 1))
		}
		fields := []types.Field{{Name: pick(r, "for", "null", "true", "in"), Type: r.typ(depth + 1)}}
		for i := range r.IntN(5) {
			fields = append(fields, types.Field{Name: pick(r, "f", "F_") + fmt.Sprint(i) + pick(r, "", r.text()), Type: r.typ(depth + 1)})
		}
		return types.StructOf(fields...)
	}
	if k := types.Bool + types.Kind(r.IntN(int(types.JSON-types.Bool)+1)); k != types.Decimal {
		return types.Of(k)
	}
	p := 1 + r.IntN(38)
	return types.DecimalOf(p, r.IntN(p+1))
}

// withoutNUL takes NUL out, which no text of a record holds.
func withoutNUL(texts []string) []string {
	out := slices.Clone(texts)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "\x00", "")
	}
	return out
}

// samples are canonical texts of values, in ascending order where there is one.
var samples = map[types.Kind][]string{
	types.Bool: {"false", "true"}, types.Int32: {"-2147483648", "0", "12"}, types.Int64: {"-9223372036854775808", "9007199254740993"},
	types.Float64: {"-1.5e+300", "-0.25", "1e-07", "3"}, types.String: withoutNUL(hostile), types.Bytes: {"", "AAE="},
	types.Date: {"0001-01-01", "2026-02-28"}, types.Time: {"00:00:00", "23:59:59.000001"}, types.Timestamp: {"2026-02-28T00:00:00", "2026-02-28T00:00:00.5"},
	types.TimestampTZ: {"2026-02-28T00:00:00Z"}, types.UUID: {"00000000-0000-0000-0000-00000000000a"},
	types.JSON: {`{"a b":[1,2.5,null,"${x}"],"for":{}}`, `[]`, `"s"`, "12345678901234567890"},
}

func (r *random) column(suffix string) contract.Column {
	c := contract.Column{Name: strings.ReplaceAll(r.text(), "\x00", "") + suffix, Type: r.typ(0), Required: r.yes(), Description: r.text()}
	if r.yes() {
		c.Tags = []string{"pii", r.text()}
	}
	value := func() *string { v := samples[c.Type.Kind][r.IntN(len(samples[c.Type.Kind]))]; return &v }
	switch k := c.Type.Kind; {
	case k == types.List || k == types.Bytes:
		n := r.IntN(9)
		c.MinLength = &n
	case c.Type.IsNested():
	case k == types.Decimal:
		v := "-" + strings.Repeat("9", c.Type.Precision-c.Type.Scale)
		if v == "-" {
			v = "-0"
		}
		if c.Type.Scale > 0 {
			v += "." + strings.Repeat("9", c.Type.Scale)
		}
		c.Min = &v
	case k == types.String && r.yes():
		n := r.IntN(4)
		c.MinLength, c.Pattern, c.Format = &n, pick(r, `^\$\{[a-z]+\}"?$`, `\d{2}`, ""), pick(r, "", "email")
	case k != types.JSON && r.yes():
		c.Enum = slices.Clone(samples[k])
		c.Unique = k != types.Float64
	case r.yes() && k != types.JSON && k != types.Bool && k != types.String && k != types.UUID:
		c.Min = &samples[k][0]
	case r.yes():
		c.Default = value()
	}
	if r.yes() {
		c.Checks = []contract.Check{r.check("value")}
	}
	if r.yes() {
		c.Extensions = r.extensions()
	}
	return c
}

// extensions makes an object in its canonical form.
func (r *random) extensions() json.RawMessage {
	v := map[string]any{r.text() + "a": map[string]any{r.text(): []any{r.text(), nil, true, json.Number("1.5"), map[string]any{}, []any{}}}, "for": strings.Repeat("long ", r.IntN(30)),
		"l": []any{strings.Repeat("x", 50), strings.Repeat("y", 50), map[string]any{"a": strings.Repeat("z", 90)}}}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return document.Canonical(document.FromJSON(b))
}

// check makes a check that compiles against any type.
func (r *random) check(over string) contract.Check {
	return contract.Check{Name: "k" + r.text(), Source: pick(r, over+" != null", "(\n    "+over+" == null ||\n    "+over+" != null\n  )"), Message: r.text(), Severity: pick(r, contract.SeverityError, contract.SeverityWarning)}
}
