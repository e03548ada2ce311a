package planview

import (
	"bytes"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
	"github.com/headgate-data/headgate/schemas/schematest"
)

// impacted is a plan whose actions have every kind of impact, and samples.
func impacted(t *testing.T) Plan {
	t.Helper()
	limit := func(rule string) plan.AskedRule { return plan.AskedRule{Rule: rule, Kind: plan.LimitRule} }
	ask := func(table string, rules ...plan.AskedRule) *plan.AskRefused {
		return &plan.AskRefused{Table: address(t, table), Contract: address(t, "contract.orders.v2"), Schema: "raw", Name: "orders", Rules: rules}
	}
	stream := "pipeline.shop.stream.orders"
	key := plan.AskedRule{Rule: "key", Kind: plan.KeyRule}
	warn := plan.AskedRule{Rule: "sane", Kind: plan.CheckRule, Warning: true}
	list := []*plan.Impact{
		plan.NewImpact(ask(stream, limit("total.min"), limit("total.max"), limit("email.pattern"), warn, key), state.Refused{Rows: 10_000, Refused: 812,
			Rules: []state.RefusedRule{{Rule: "total.min", Kind: "limit", Rows: 800}, {Rule: "email.pattern", Kind: "limit", Rows: 12}, {Rule: "total.max", Kind: "limit"},
				{Rule: "sane", Kind: "check", Warning: true, Rows: 5}, {Rule: "key", Kind: "key", Rows: 1, Examples: []state.RefusedExample{{Row: `{"id":9,"rows":2}`}}}},
			Examples: []state.RefusedExample{{Row: `{"id":17}`, Rules: []string{"total.min"}}, {Row: `{"id":18,"email":"***"}`, Rules: []string{"total.min", "email.pattern"}}}}),
		plan.NewImpact(ask(stream, limit("total.min")), state.Refused{Rows: 10_000_000, Sampled: 100_000, Refused: 1200, Rules: []state.RefusedRule{{Rule: "total.min", Kind: "limit", Rows: 1200}},
			Examples: []state.RefusedExample{{Rules: []string{"total.min"}}, {Rules: []string{"total.min"}}}}),
		plan.NewImpact(ask(stream, limit("total.min"), key), state.Refused{Rows: 10_000_000, Sampled: 100_000, Rules: []state.RefusedRule{{Rule: "total.min", Kind: "limit"}},
			NotCounted: []state.NotCounted{{Rule: "key", Why: "a promise over the whole table is not sampled"}}}),
		plan.NewImpact(ask(stream, limit("total.min"), key), state.Refused{Rows: 5}),
		plan.NewImpact(ask(stream, limit("total.min")), state.Refused{}),
		plan.NewImpact(ask(stream, limit("total.min")), state.Refused{Error: "w.duckdb is held by python3 (process 7)."}),
	}
	for _, i := range list {
		i.Fate, i.Then = plan.FateKept, "these rows stay as they are"
	}
	p := samplePlan(t)
	p.Steps = p.Steps[:1]
	p.Steps[0].Impact = list
	v := New(p, nil)
	v.Samples = []outcome.Sample{
		{Stream: stream, Contract: "contract.orders.v2", Asked: 100, Read: 100, Accepted: 90, Quarantined: 6, Dropped: 1, Filtered: 3, Annotated: 2, Warned: 1, Verdict: outcome.Broken,
			Why: "9 of 100 records are at fault, and the contract tolerates 1%: nothing is published", Tolerance: "1%",
			Rules: []outcome.RuleReport{{Rule: "total.min", Column: "total", Count: 7, Severity: "error", Outcome: "quarantined", Message: "is less than 0",
				Examples: []outcome.ExampleReport{{Origin: "data/a.jsonl", Line: 3, Value: "-5"}}}},
			NotJudged: []string{"key"}, Unknown: []outcome.UnknownReport{{Name: "x", Count: 4, How: "dropped"}}, Evolved: []string{"y int64"},
			Schema: []outcome.SchemaDifference{{Column: "a", Kind: outcome.ColumnUnknown, Source: "int64", Then: "it is left out"},
				{Column: "b", Kind: outcome.ColumnMissing, Expected: "date", Then: "it is null in every row"},
				{Column: "c", Kind: outcome.ColumnType, Source: "bool", Expected: "date", Then: "its record breaks c.type"}}},
		{Stream: "pipeline.shop.stream.none", Contract: "contract.orders.v2", Asked: 100, Whole: true, Verdict: outcome.Holds, Rules: []outcome.RuleReport{}, Schema: []outcome.SchemaDifference{}},
		{Stream: "pipeline.shop.stream.gone", Contract: "contract.orders.v2", Asked: 100, Error: "no such tap.", Verdict: outcome.Holds, Rules: []outcome.RuleReport{}, Schema: []outcome.SchemaDifference{}},
	}
	return v
}

func TestImpact(t *testing.T) {
	v := impacted(t)
	validate(t, "planview.schema.json", v)
	drawn(t, "impact.txt", func(b *bytes.Buffer) error { return WriteText(b, v, draw.Style{}) })
	var md bytes.Buffer
	if err := WriteMarkdown(&md, v); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/impact.md", md.Bytes())
	for _, row := range []string{`{"id"`, "a.jsonl"} {
		if strings.Contains(md.String(), row) {
			t.Errorf("markdown holds %s", row)
		}
	}
	v.ShowRows = true
	md.Reset()
	if err := WriteMarkdown(&md, v); err != nil || !strings.Contains(md.String(), `{"id":17}`) || !strings.Contains(md.String(), "a.jsonl:3") {
		t.Errorf("%v: rows were asked for:\n%s", err, md.String())
	}
	var bare bytes.Buffer
	if err := WriteText(&bare, v.WithoutRows(), draw.Style{}); err != nil || strings.Contains(bare.String(), `{"id"`) {
		t.Errorf("%v: WithoutRows has rows:\n%s", err, bare.String())
	}
	if len(v.Actions[0].Impact[0].Examples) != 2 {
		t.Error("WithoutRows took the rows of the plan")
	}
	if !Broken(v.Samples) || Broken(v.Samples[1:]) {
		t.Error("Broken")
	}
}

// TestImpactIsSaved: a plan with impacts is a plan of the released format.
func TestImpactIsSaved(t *testing.T) {
	p := samplePlan(t)
	p.ProgramDigest = strings.Repeat("0", 64)
	p.Program.State.Kind = "local"
	p.Steps = p.Steps[:1]
	p.Steps[0].Do = &plan.Define{Node: p.Steps[0].Address}
	for _, a := range impacted(t).Actions {
		p.Steps[0].Impact = a.Impact
	}
	var b bytes.Buffer
	if err := plan.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	back, err := plan.Decode(bytes.NewReader(b.Bytes()))
	if err != nil || plan.Dump(back) != plan.Dump(p) {
		t.Errorf("%v", err)
	}
	schematest.Validate(t, "plan.schema.json", b.Bytes())
}
