package planner_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// refused answers a question about the rows that stand in a table.
func (c *planCase) refused(table, text string) {
	c.t.Helper()
	var r state.Refused
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		c.t.Fatal(err)
	}
	if c.prior.Live.Refused == nil {
		c.prior.Live.Refused = map[string]state.Refused{}
	}
	c.prior.Live.Refused[table] = r
}

// asked are the rules that the planner asks about when one contract follows another
// on the table of a stream, "rule kind" each.
func asked(t *testing.T, old, now *contract.Contract) string {
	t.Helper()
	p := shop(t)
	for _, c := range []*contract.Contract{old, now} {
		if c != nil {
			c.Name, c.Version, c.UnknownColumns, c.Coerce = "orders", 1, "drop", "lossless"
		}
	}
	set := func(p *program.Program, c *contract.Contract) {
		for _, n := range p.Nodes {
			if n.Address.String() == "contract.orders.v1" {
				n.Contract = c
			}
		}
	}
	set(p, old)
	first, _ := planner.Build(p, nil, planner.Options{})
	prior := apply(t, first, &state.Snapshot{})
	next := shop(t)
	set(next, now)
	for _, q := range planner.Questions(next, prior, planner.Options{}) {
		if q, ok := q.(*plan.AskRefused); ok && q.Table.String() == "pipeline.orders.stream.orders" {
			var out []string
			for _, r := range q.Rules {
				w := r.Rule + " " + string(r.Kind)
				if r.Warning {
					w += " (warning)"
				}
				out = append(out, w)
			}
			return strings.Join(out, ", ")
		}
	}
	return ""
}

// TestAskedRules: only what is new or tighter is asked about.
//
// Long: it is one table.
func TestAskedRules(t *testing.T) {
	col := func(change func(*contract.Column)) *contract.Contract {
		c := contract.Column{Name: "a", Type: types.Of(types.Int64)}
		change(&c)
		return &contract.Contract{OnViolation: "quarantine", Columns: []contract.Column{c, {Name: "b", Type: types.Of(types.String)}}}
	}
	whole := func(change func(*contract.Contract)) *contract.Contract {
		c := col(func(*contract.Column) {})
		change(c)
		return c
	}
	plain := func() *contract.Contract { return col(func(*contract.Column) {}) }
	check := func(line int, limit string, severity contract.Severity) contract.Check {
		at := rowexpr.Expr{}.Range
		at.Start.Line = line
		return contract.Check{Name: "k", Severity: severity, Condition: &rowexpr.Expr{Op: rowexpr.OpLt, Type: types.Of(types.Bool), Range: at, Args: []*rowexpr.Expr{
			{Op: rowexpr.OpRef, Type: types.Of(types.Int64), Path: []rowexpr.Step{{Name: "a"}}, Range: at}, {Op: rowexpr.OpLit, Type: types.Of(types.Int64), Lit: &rowexpr.Literal{Text: limit}}}}}
	}
	for _, c := range []struct {
		name     string
		old, now *contract.Contract
		want     string
	}{
		{"nothing", plain(), plain(), ""},
		{"min added", plain(), col(func(c *contract.Column) { c.Min = ptr("5") }), "a.min limit"},
		{"min raised", col(func(c *contract.Column) { c.Min = ptr("9") }), col(func(c *contract.Column) { c.Min = ptr("10") }), "a.min limit"},
		{"min lowered", col(func(c *contract.Column) { c.Min = ptr("10") }), col(func(c *contract.Column) { c.Min = ptr("9") }), ""},
		{"max lowered", col(func(c *contract.Column) { c.Max = ptr("10") }), col(func(c *contract.Column) { c.Max = ptr("9") }), "a.max limit"},
		{"max raised", col(func(c *contract.Column) { c.Max = ptr("9") }), col(func(c *contract.Column) { c.Max = ptr("10") }), ""},
		{"limits dropped", col(func(c *contract.Column) { c.Max, c.Required = ptr("9"), true }), plain(), ""},
		{"required", plain(), col(func(c *contract.Column) { c.Required = true }), "a.required required"},
		{"narrowed", plain(), col(func(c *contract.Column) { c.Type = types.Of(types.Int32) }), "a.type type"},
		{"widened", col(func(c *contract.Column) { c.Type = types.Of(types.Int32) }), plain(), ""},
		{"narrowed with the same limit", col(func(c *contract.Column) { c.Max = ptr("9") }), col(func(c *contract.Column) { c.Type, c.Max = types.Of(types.String), ptr("9") }), "a.type type, a.max limit"},
		{"enum widened", col(func(c *contract.Column) { c.Enum = []string{"1"} }), col(func(c *contract.Column) { c.Enum = []string{"2", "1"} }), ""},
		{"enum narrowed", col(func(c *contract.Column) { c.Enum = []string{"1", "2"} }), col(func(c *contract.Column) { c.Enum = []string{"2", "3"} }), "a.enum limit"},
		{"column added", plain(), whole(func(c *contract.Contract) {
			c.Columns = append(c.Columns, contract.Column{Name: "new", Type: types.Of(types.Int64), Required: true, Min: ptr("1")})
		}), "new.required required"},
		{"column added with a default", plain(), whole(func(c *contract.Contract) {
			c.Columns = append(c.Columns, contract.Column{Name: "new", Type: types.Of(types.Int64), Required: true, Default: ptr("1")})
		}), ""},
		{"key added", plain(), whole(func(c *contract.Contract) { c.Key = []string{"a"} }), "key required, key key"},
		{"key added over a required column", col(func(c *contract.Column) { c.Required = true }), whole(func(c *contract.Contract) { c.Key = []string{"a"} }), "key key"},
		{"key widened", whole(func(c *contract.Contract) { c.Key = []string{"a"} }), whole(func(c *contract.Contract) { c.Key = []string{"b", "a"} }), "key required"},
		{"check moved", whole(func(c *contract.Contract) { c.Checks = []contract.Check{check(1, "5", "error")} }), whole(func(c *contract.Contract) { c.Checks = []contract.Check{check(9, "5", "error")} }), ""},
		{"check changed", whole(func(c *contract.Contract) { c.Checks = []contract.Check{check(1, "5", "error")} }), whole(func(c *contract.Contract) { c.Checks = []contract.Check{check(1, "4", "error")} }), "k check"},
		{"check refuses now", whole(func(c *contract.Contract) { c.Checks = []contract.Check{check(1, "5", "warning")} }), whole(func(c *contract.Contract) { c.Checks = []contract.Check{check(1, "5", "error")} }), "k check"},
		{"check warns", plain(), whole(func(c *contract.Contract) { c.Checks = []contract.Check{check(1, "5", "warning")} }), "k check (warning)"},
		{"unique, references", plain(), col(func(c *contract.Column) {
			c.Unique, c.References = true, &contract.Reference{Target: address(t, "pipeline.orders.stream.kept"), Column: "order_id"}
		}), "a.unique unique, a.references references"},
		{"rows and freshness", plain(), whole(func(c *contract.Contract) {
			n := int64(3)
			c.Rows, c.Freshness = &contract.Rows{Min: &n, Severity: "error"}, &contract.Freshness{Column: "a", MaxAge: "1h0m0s", Severity: "warning"}
		}), "rows rows, freshness freshness (warning)"},
		{"rows loosened", whole(func(c *contract.Contract) { n := int64(3); c.Rows = &contract.Rows{Min: &n, Severity: "error"} }),
			whole(func(c *contract.Contract) { n := int64(2); c.Rows = &contract.Rows{Min: &n, Severity: "error"} }), ""},
		{"rows capped", whole(func(c *contract.Contract) { n := int64(3); c.Rows = &contract.Rows{Max: &n, Severity: "error"} }),
			whole(func(c *contract.Contract) { n := int64(2); c.Rows = &contract.Rows{Max: &n, Severity: "error"} }), "rows rows"},
		{"warned so far", whole(func(c *contract.Contract) {
			c.OnViolation, c.Columns[0].Min, c.Columns[0].Required = "warn", ptr("1"), true
		}),
			col(func(c *contract.Column) { c.Min, c.Required = ptr("1"), true }), "a.required required, a.min limit"},
		{"a JSON Schema", plain(), whole(func(c *contract.Contract) {
			c.Schema = &contract.Schema{File: "s.json", Text: "{}", Residue: []string{"/allOf"}}
			c.Columns[0].Inner = &contract.Inner{Closed: true}
		}), "a.schema shape, schema shape"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := asked(t, c.old, c.now); got != c.want {
				t.Errorf("asked %q, want %q", got, c.want)
			}
		})
	}
}
