package odcs_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/condition"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/odcs"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

type random struct{ *rand.Rand }

func (r *random) yes() bool { return r.IntN(3) == 0 }

func pick[T any](r *random, of ...T) T { return of[r.IntN(len(of))] }

// word makes a text that is not empty; texts of two lines, and what YAML could
// misread, among them.
func (r *random) word() string {
	return pick(r, "yes", "a b", "null", "12", "é: x", "two\nlines", "- a", "#", "'\"", "2024-01-01", "pii", "{x}", " lead")
}

func (r *random) maybe() string {
	if r.yes() {
		return r.word()
	}
	return ""
}

// samples are canonical constants in rising order.
var samples = map[types.Kind][]string{
	types.Bool: {"false", "true"}, types.Int32: {"-5", "7"}, types.Int64: {"-9223372036854775808", "9007199254740993"}, types.Float64: {"-1.5", "1e+21"},
	types.String: {"yes", "é'\"\n"}, types.Bytes: {"AAE=", "/w=="}, types.Date: {"2024-01-31", "2024-02-01"}, types.Time: {"08:00:00", "09:30:00.000001"},
	types.Timestamp: {"2024-01-31T08:00:00", "2024-01-31T08:00:00.5"}, types.TimestampTZ: {"2024-01-31T08:00:00Z", "2024-01-31T08:00:00.5Z"},
	types.UUID: {"123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174001"}, types.JSON: {`{"a":[1,null]}`, `"x"`},
	types.List: {`[]`, `[null]`}, types.Struct: {`{}`, `{}`}, types.Map: {`{}`, `{}`},
}

func (r *random) typ(depth int) types.Type {
	k := types.Kind(int(types.Bool) + r.IntN(int(types.Map)-int(types.Bool)+1))
	if depth > 2 && k >= types.List {
		k = types.JSON
	}
	switch k {
	case types.Decimal:
		p := 1 + r.IntN(38)
		return types.DecimalOf(p, r.IntN(p))
	case types.List:
		return types.ListOf(r.typ(depth + 1))
	case types.Map:
		return types.MapOf(r.typ(depth + 1))
	case types.Struct:
		return types.StructOf(types.Field{Name: "a " + r.word(), Type: r.typ(depth + 1)}, types.Field{Name: "b", Type: r.typ(depth + 1)})
	}
	return types.Of(k)
}

func (r *random) check(name, over string) contract.Check {
	return contract.Check{Name: name + r.maybe(), Source: over + pick(r, " != null", " == null  || true", " == null && (1 < 2)"), Message: r.maybe(),
		Severity: pick(r, contract.SeverityError, contract.SeverityWarning)}
}

func (r *random) column(name string) contract.Column {
	c := contract.Column{Name: name, Type: r.typ(0), Required: r.yes(), Description: r.maybe()}
	t := c.Type
	texts := slices.Clone(samples[t.Kind])
	if t.Kind == types.Decimal {
		for _, s := range []string{"0", "0"} {
			text, err := rowexpr.Canonical(t, s)
			if err != nil {
				panic(err)
			}
			texts = append(texts, text)
		}
	}
	keyable := !t.IsNested() && t.Kind != types.JSON && t.Kind != types.Float64
	c.Unique = keyable && r.yes()
	if (t.IsNumeric() || t.IsTemporal()) && r.yes() {
		c.Min = &texts[0]
	}
	if (t.IsNumeric() || t.IsTemporal()) && r.yes() {
		c.Max = &texts[1]
	}
	if t.Kind == types.String || t.Kind == types.Bytes || t.Kind == types.List {
		n := r.IntN(5)
		if r.yes() {
			c.MinLength = &n
		}
		if r.yes() {
			c.MaxLength = &n
		}
	}
	if t.Kind == types.String {
		c.Format = pick(r, "", "", "email", "uuid", "date-time", "ipv4")
		c.Pattern = pick(r, "", "", `^\d+: #$`, `[\x00-\x1f]`)
	}
	if !t.IsNested() && t.Kind != types.JSON && r.yes() {
		c.Enum = slices.Compact(slices.Clone(texts))
	}
	if r.yes() {
		c.Default = &texts[1]
	}
	for range r.IntN(3) {
		if r.yes() {
			c.Tags = append(c.Tags, r.word())
		}
	}
	if (t.IsNumeric() || t.IsTemporal() || t.Kind == types.String) && r.yes() {
		c.Checks = append(c.Checks, exclusiveCheck(r, &c, texts)...)
	}
	if r.yes() {
		c.Checks = append(c.Checks, r.check("k", "value"))
	}
	for i := range c.Checks {
		if c.Checks[i].Condition = condition.Compile(c.Checks[i].Source, condition.OfColumn(&c)); c.Checks[i].Condition == nil {
			panic(c.Checks[i].Source)
		}
	}
	if r.yes() {
		c.Extensions = json.RawMessage(pick(r, `{"odcs":{"businessName":"x"}}`, `{"odcs":{"id":"i"}}`, `{"dbt":{"meta":{"a":null}}}`, `{"dbt":[1],"odcs":{"id":"i"}}`))
	}
	return c
}

// exclusiveCheck makes checks of the name and form that bounds have which are not
// allowed themselves, and some that only look like it.
func exclusiveCheck(r *random, c *contract.Column, texts []string) []contract.Check {
	lit := func(s string) string {
		if c.Type.IsNumeric() {
			return s
		}
		b, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	low := contract.Check{Name: "exclusive_min", Source: "value > " + lit(texts[0]), Severity: contract.SeverityError}
	high := contract.Check{Name: "exclusive_max", Source: "value < " + lit(texts[1]), Severity: contract.SeverityError}
	switch r.IntN(5) {
	case 0:
		return []contract.Check{low}
	case 1:
		return []contract.Check{low, high}
	case 2:
		return []contract.Check{high, low}
	case 3:
		low.Message = "words"
		return []contract.Check{high, low}
	}
	high.Severity = contract.SeverityWarning
	return []contract.Check{high}
}

func (r *random) contract(name string) *contract.Contract {
	c := &contract.Contract{Name: name, Version: 1 + r.IntN(3), Latest: true, Description: r.maybe(), Owner: r.maybe(),
		Compatibility: pick(r, "auto", "none", "full_transitive"), OnViolation: pick(r, contract.Quarantine, contract.Fail, contract.Warn),
		UnknownColumns: pick(r, contract.UnknownDrop, contract.UnknownEvolve), Coerce: pick(r, contract.CoerceLossless, contract.CoerceNone),
		Tolerance: pick(r, "", "1%", "100"), DeprecatedAfter: pick(r, "", "", "2027-01-31")}
	for i := range 1 + r.IntN(6) {
		c.Columns = append(c.Columns, r.column(fmt.Sprint(r.maybe(), i)))
		col := &c.Columns[i]
		if k := col.Type; !k.IsNested() && k.Kind != types.JSON && k.Kind != types.Float64 && r.yes() {
			c.Key = append(c.Key, col.Name)
			col.Required = true
		}
	}
	r.Shuffle(len(c.Key), func(i, j int) { c.Key[i], c.Key[j] = c.Key[j], c.Key[i] })
	if r.yes() {
		k := r.check("row", fmt.Sprintf("row[%q]", c.Columns[0].Name))
		if k.Condition = condition.Compile(k.Source, condition.OfRow(c.Columns)); k.Condition != nil {
			c.Checks = []contract.Check{k}
		}
	}
	if r.yes() {
		c.Reserved = []string{r.word()}
	}
	if r.yes() {
		c.Extensions = json.RawMessage(pick(r, `{"dbt":{"a":[1,null]}}`, `{"odcs":{"domain":"d","team":{"description":"t"}}}`, `{"odcs":{}}`, `{"odcs_schema":{"businessName":"b"}}`))
	}
	return c
}

// TestContracts writes random contracts and reads them again: the same words, and
// from then on the same document.
func TestContracts(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := &random{rand.New(rand.NewPCG(seed, 2))}
	for range 150 {
		var cs []*contract.Contract
		for i := range 1 + r.IntN(2) {
			cs = append(cs, r.contract(fmt.Sprint("c", i)))
			if i > 0 { // a document has one place for each of the document's own words
				cs[i].Extensions = nil
			}
		}
		plain := !strings.Contains(words(cs, true), `"odcs`)
		text, diags := odcs.Export(cs)
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		again, diags := odcs.Import("x.yaml", text)
		if diags.HasErrors() {
			t.Fatalf("%v\n%s", diags.Err(), text)
		}
		if diff := cmp.Diff(words(cs, plain), words(again, plain)); diff != "" {
			t.Fatalf("another contract came back (-was +is):\n%s\n%s", diff, text)
		}
		second, diags := odcs.Export(again)
		want, _ := document.Parse("x.yaml", text)
		if got, _ := document.Parse("x.yaml", second); diags.HasErrors() || !document.Equal(got, want) || plain && string(second) != string(text) {
			t.Fatalf("the second document differs: %v\n%s", diags.Err(), cmp.Diff(string(text), string(second)))
		}
	}
}

// TestChangedWords changes what was imported: the words win over what was kept of
// them, and the rest stays.
func TestChangedWords(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := &random{rand.New(rand.NewPCG(seed, 3))}
	for name, src := range corpus(t) {
		for range 20 {
			cs, diags := odcs.Import(name, src)
			if diags.HasErrors() {
				break
			}
			for _, c := range cs {
				for i := range c.Columns {
					if r.yes() {
						other := r.column(c.Columns[i].Name)
						other.Extensions = c.Columns[i].Extensions
						other.Required = other.Required || slices.Contains(c.Key, other.Name)
						c.Columns[i] = other
					}
				}
				c.Key = slices.DeleteFunc(slices.Clone(c.Key), func(name string) bool {
					col, _ := c.Column(name)
					return col.Type.IsNested() || col.Type.Kind == types.JSON || col.Type.Kind == types.Float64 || r.yes()
				})
				c.Checks = nil
			}
			cs[0].Owner, cs[0].Version, cs[0].DeprecatedAfter = "somebody else", 1+r.IntN(9), pick(r, "", "2030-01-01")
			for _, c := range cs[1:] {
				c.Owner, c.Version, c.DeprecatedAfter = cs[0].Owner, cs[0].Version, cs[0].DeprecatedAfter
			}
			text, _ := odcs.Export(cs)
			again, diags := odcs.Import(name, text)
			if diags.HasErrors() {
				t.Fatalf("%v\n%s", diags.Err(), text)
			}
			if diff := cmp.Diff(words(cs, false), words(again, false)); diff != "" {
				t.Fatalf("%s: the changed contract came back as another (-was +is):\n%s\n%s", name, diff, text)
			}
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, src := range corpus(f) {
		if len(src) < 2000 { // long ones are slow to vary
			f.Add(src)
		}
	}
	f.Add([]byte("kind: DataContract\nschema: [{name: a, properties: [{name: b, logicalType: array, items: {logicalType: object, properties: [{name: c}]}}]}]"))
	f.Add([]byte("kind: DataContract\nteam: {name: x}\nschema: [{name: a, quality: [{metric: rowCount}], properties: [{name: b, primaryKey: true, quality: [{metric: nullValues, mustBe: 0}]}]}]"))
	f.Fuzz(func(t *testing.T, src []byte) { given(t, "x.yaml", src) })
}
