package enforce_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce"
)

// TestExportAgrees makes random contracts and records, and wants the library,
// given the exported schema, to take what the enforcer takes. Values stand in
// JSON's own types: what coercion takes beside them, a schema does not say.
func TestExportAgrees(t *testing.T) {
	seed := rand.Uint64()
	if s := os.Getenv("HEADGATE_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("HEADGATE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	taken, refused := 0, 0
	for range 400 {
		c := randomContract(r)
		out, ds := jsonschema.Export(c)
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		schema, ds := jsonschema.Compile("e.json", out, jsonschema.Options{AssertFormat: true})
		if schema == nil {
			t.Fatalf("%v\n%s", ds, out)
		}
		e, ds := enforce.New(enforce.Spec{Address: "c", Contract: c})
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		for range 40 {
			doc := randomRecord(r)
			want, why := takes(t, e, doc)
			if got := schema.Validate(value(t, doc)); (len(got) == 0) != want {
				t.Fatalf("HEADGATE_SEED=%d\nrecord %s\nthe enforcer says %v (%s), the library %v\n%s", seed, doc, want, why, got, out)
			}
			if want {
				taken++
			} else {
				refused++
			}
		}
	}
	t.Logf("%d taken, %d refused", taken, refused)
	if taken < 400 || refused < 400 {
		t.Errorf("the generator is lopsided: %d taken, %d refused", taken, refused)
	}
}

// randomContract makes a contract over the columns a to e.
func randomContract(r *rand.Rand) *contract.Contract {
	c := &contract.Contract{Name: "c", Version: 1, OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceNone}
	if r.IntN(4) == 0 {
		c.UnknownColumns = contract.UnknownQuarantine
	}
	kinds := []string{"bool", "int32", "int64", "float64", "decimal(6, 2)", "string", "json", "list(int64)", "list(string)", "map(float64)", "struct({x = int64, y = string})"}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if r.IntN(5) == 0 {
			continue
		}
		typ, err := types.Parse(kinds[r.IntN(len(kinds))])
		if err != nil {
			panic(err)
		}
		col := contract.Column{Name: name, Type: typ, Required: r.IntN(4) == 0}
		if !col.Required {
			col.NoNull = r.IntN(4) == 0
		}
		limits(r, &col)
		c.Columns = append(c.Columns, col)
	}
	return c
}

func limits(r *rand.Rand, col *contract.Column) {
	some := func() bool { return r.IntN(4) == 0 }
	text := func(list ...string) *string { return &list[r.IntN(len(list))] }
	count := func(n int) *int { return &n }
	switch k := col.Type.Kind; {
	case col.Type.IsNumeric():
		list := []string{"0", "1", "-4", "7"}
		if k == types.Decimal {
			list = []string{"0.00", "1.50", "-0.25", "7.00"}
		}
		if some() {
			col.Min = text(list...)
		}
		if some() {
			col.Max = text(list...)
		}
		if some() {
			col.Enum = list[:2]
		}
	case k == types.String:
		if some() {
			col.MinLength = count(r.IntN(3))
		}
		if some() {
			col.MaxLength = count(1 + r.IntN(3))
		}
		if some() {
			col.Pattern = *text("^a", "(?i)^AB+$", `^\d`, `[^\s]$`, "é|b", `\Aa.?\z`)
		}
		if some() {
			col.Enum = []string{"a", "ab", "é"}
		}
	case k == types.List:
		if some() {
			col.MinLength = count(1)
		}
		if some() {
			col.MaxLength = count(1)
		}
	case k == types.Bool && some():
		col.Enum = []string{"true"}
	}
}

// randomRecord makes a record over those columns and one more.
func randomRecord(r *rand.Rand) string {
	values := []string{"true", "false", "0", "1", "7", "-4", "100", "2147483648", "1.5", "-0.25", "0.125", "12345.5", `""`, `"a"`, `"ab"`, `"ABB"`, `"é"`, `"a "`, `"1"`, "null", "[]", "[1]", "[1,2]",
		`["a"]`, "[null]", "[1.5]", "{}", `{"x":1}`, `{"x":1,"y":"a"}`, `{"x":null}`, `{"z":2.5}`, `{"x":"a"}`}
	var parts []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		if r.IntN(2) == 0 && (name != "f" || r.IntN(4) == 0) {
			parts = append(parts, fmt.Sprintf("%q:%s", name, values[r.IntN(len(values))]))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}
