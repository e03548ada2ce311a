package planview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/schemas/schematest"
)

// validate checks v's JSON against a schema of schemas/.
func validate(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	if err := draw.WriteJSON(&b, v); err != nil {
		t.Fatal(err)
	}
	schematest.Validate(t, name, b.Bytes())
}

// drawn compares a drawing with its golden.
func drawn(t *testing.T, name string, write func(*bytes.Buffer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	golden.File(t, filepath.Join("testdata", name), b.Bytes())
}

func address(t *testing.T, s string) addr.Address {
	t.Helper()
	a, err := addr.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func ptr(s string) *string { return &s }

// samplePlan has every action and every kind of line.
func samplePlan(t *testing.T) *plan.Plan {
	t.Helper()
	stream := address(t, "pipeline.shop.stream.orders")
	warehouse := &program.Node{Address: address(t, "destination.warehouse"), Destination: &program.Destination{
		Type: "duckdb", DuckDB: &program.DuckDBDestination{Path: program.Lit("warehouse.duckdb")},
	}}
	nodes := append(promising(t, stream), warehouse)
	slices.SortFunc(nodes, func(a, b *program.Node) int { return addr.Compare(a.Address, b.Address) })
	p := &plan.Plan{
		FormatVersion: plan.FormatVersion, ToolVersion: "0.1.0", Project: "shop", Environment: "dev", DefinitionSerial: 4,
		Program: &program.Program{Nodes: nodes},
		Steps: []*plan.Step{
			{ID: "contract.orders.v2", Address: address(t, "contract.orders.v2"), Action: plan.Create, Do: &plan.Define{},
				Reasons: []plan.Reason{{Code: plan.NotInState, Text: "not applied yet"}},
				Changes: []plan.Change{
					{Path: `column "total".type`, Action: plan.Create, New: ptr("decimal(12, 2)")},
					{Path: "key", Action: plan.Create, New: ptr(`["id"]`)},
				}},
			{ID: stream.String(), Address: stream, Action: plan.Update, Do: &plan.PrepareStream{},
				Notes: []string{"This applies to records that are loaded from now on; --replace pipeline.shop.stream.orders loads all of them anew."},
				Changes: []plan.Change{
					{Path: `column "total".type`, Action: plan.Update, Old: ptr("int32"), New: ptr("int64")},
					{Path: `column "note"`, Action: plan.Destroy, Old: ptr("string")},
				}},
			{ID: "model.sales.v1", Address: address(t, "model.sales.v1"), Action: plan.Replace, Do: &plan.BuildModel{},
				Reasons: []plan.Reason{{Code: plan.DataChanged, Text: "what its rows are made by changed"}},
				Changes: []plan.Change{{Path: "query", Action: plan.Update, Forces: true,
					Old: ptr("select a\nfrom t\nwhere b\ngroup by 1\norder by 1\nlimit 1\n"), New: ptr("select a, c\nfrom t\nwhere b\ngroup by 1\norder by 1\nlimit 1\n")}}},
			{ID: "model.old.v1", Address: address(t, "model.old.v1"), Action: plan.Destroy, Do: &plan.Retire{},
				Reasons: []plan.Reason{{Code: plan.NotInConfig, Text: "no longer in the configuration"}}},
			{ID: "model.sales/move", Address: address(t, "model.sales"), Action: plan.Update,
				Do:      &plan.Move{From: address(t, "model.sale"), To: address(t, "model.sales")},
				Reasons: []plan.Reason{{Code: plan.AddressMoved, Text: "a moved block says so: tables and history follow", Of: address(t, "model.sale")}},
				Notes:   []string{"the move builds nothing anew"}},
			{ID: "model.kept.v1", Address: address(t, "model.kept.v1"), Action: plan.Forgets, Do: &plan.Release{},
				Reasons: []plan.Reason{{Code: plan.RemovedBlock, Text: "a removed block says so, with keep_data = true"}}},
			{ID: "pipeline.legacy.stream.orders", Address: address(t, "pipeline.legacy.stream.orders"), Action: plan.Create, Do: &plan.Adopt{},
				Reasons: []plan.Reason{{Code: plan.Imported, Text: "it takes over the table raw.orders"}},
				Notes:   []string{"12 rows are taken over"}},
			{ID: "pipeline.shop/run", Address: address(t, "pipeline.shop"), Action: plan.Run,
				Do: &plan.RunPipeline{Pipeline: address(t, "pipeline.shop"), Streams: []addr.Address{stream}},
				Waits: []plan.Wait{{Stream: stream, Count: 12, Bytes: 1_200_512, Files: []plan.WaitingFile{
					{Path: "data/b.jsonl", Bytes: 1_200_000, How: "new"}, {Path: "data/a.jsonl", Bytes: 512, How: "grown"}}}}},
			{ID: "pipeline.api/run", Address: address(t, "pipeline.api"), Action: plan.Poll,
				Do:      &plan.RunPipeline{Pipeline: address(t, "pipeline.api"), Streams: []addr.Address{address(t, "pipeline.api.stream.users")}},
				Waits:   []plan.Wait{{Stream: address(t, "pipeline.api.stream.users"), Bookmark: json.RawMessage(`{"users":"2026-01-01"}`)}},
				Reasons: []plan.Reason{{Code: plan.AlwaysPolled, Text: "nobody can know whether the tap has new records"}}},
		},
	}
	return p
}

// promising are a contract with every kind of promise, a stream that merges by it
// and a model that is a view.
func promising(t *testing.T, stream addr.Address) []*program.Node {
	t.Helper()
	promise := address(t, "contract.orders.v2")
	one := int64(1)
	bound := "0"
	c := &contract.Contract{Name: "orders", Version: 2, Key: []string{"id"}, SetViolations: contract.SetQuarantine,
		Columns: []contract.Column{
			{Name: "id", Type: types.Of(types.Int64), Required: true},
			{Name: "total", Type: types.Of(types.Int64), Min: &bound, Max: &bound, Checks: []contract.Check{{Name: "even", Severity: contract.SeverityError}}},
			{Name: "customer", Type: types.Of(types.Int64), References: &contract.Reference{Target: address(t, "pipeline.shop.stream.customers"), Column: "id"}},
			{Name: "email", Type: types.Of(types.String), Unique: true, Format: "email"},
			{Name: "at", Type: types.Of(types.Date)},
		},
		Checks:    []contract.Check{{Name: "adds_up", Severity: contract.SeverityWarning}},
		Expects:   []contract.Expect{{Name: "one_row_per_day", Message: "one a day", Severity: contract.SeverityError}},
		Rows:      &contract.Rows{Min: &one, Max: &one, Severity: contract.SeverityError},
		Freshness: &contract.Freshness{Column: "at", MaxAge: "24h", Severity: contract.SeverityWarning},
	}
	return []*program.Node{
		{Address: promise, Contract: c}, {Address: stream, Stream: &program.Stream{Contract: promise, Write: "merge"}},
		{Address: address(t, "model.sales.v1"), Model: &program.Model{Contract: promise, Materialized: "view"}},
	}
}

// TestPromisesStayShort: however many there are, they take four lines at most, and
// the JSON holds all of them.
func TestPromisesStayShort(t *testing.T) {
	p := samplePlan(t)
	n, _ := p.Program.Lookup(address(t, "contract.orders.v2"))
	for i := range 100 {
		n.Contract.Expects = append(n.Contract.Expects, contract.Expect{Name: fmt.Sprintf("expectation_number_%d", i), Severity: contract.SeverityError})
	}
	v := New(p, nil)
	validate(t, "planview.schema.json", v)
	for _, a := range v.Actions[1:3] {
		if len(a.Promises) < 100 {
			t.Errorf("%s: %d promises", a.Address, len(a.Promises))
		}
		var b bytes.Buffer
		newPainter(&b, draw.Style{}).promises(a)
		if got := strings.Count(b.String(), "\n"); got != maxPromiseLines {
			t.Errorf("%d lines:\n%s", got, b.String())
		}
	}
	if len(v.Actions[0].Promises)+len(v.Actions[3].Promises) > 0 {
		t.Error("a contract, or what goes away, has promises")
	}
}

func TestPlan(t *testing.T) {
	v := New(samplePlan(t), nil)
	validate(t, "planview.schema.json", v)
	drawn(t, "plan.txt", func(b *bytes.Buffer) error { return WriteText(b, v, draw.Style{}) })
	drawn(t, "plan.md", func(b *bytes.Buffer) error { return WriteMarkdown(b, v) })
	empty := New(&plan.Plan{Project: "shop", Environment: "dev"}, nil)
	validate(t, "planview.schema.json", empty)
	drawn(t, "plan_empty.txt", func(b *bytes.Buffer) error { return WriteText(b, empty, draw.Style{}) })
}

// TestNewVersionIsShort: what a version that is new would break is told on a line for
// each change, and of a published one that changes with the proof.
func TestNewVersionIsShort(t *testing.T) {
	ch := compat.Change{Rule: "MIN_ADDED", Path: "total", Text: "min added", New: "1", Broken: true, WayOut: "publish it as the next version",
		Backward: compat.Effect{Verdict: compat.Breaks, Who: "writer", Proof: &compat.Proof{Records: []string{`{"total": 0}`}, Text: "refused"}}}
	a := Action{Address: "contract.orders.v2", Action: plan.Create, Compat: &compat.Report{
		Old: "contract.orders.v1", New: "contract.orders.v2", Mode: compat.Full, Word: compat.Major, Changes: []compat.Change{ch}}}
	write := func(a Action) string {
		var b bytes.Buffer
		newPainter(&b, draw.Style{}).action(a)
		return b.String()
	}
	got := write(a)
	if !strings.Contains(got, "against contract.orders.v1") || !strings.Contains(got, "! MIN_ADDED  total: min added (1)\n") ||
		!strings.Contains(got, "headgate contract diff contract.orders.v1 contract.orders.v2") {
		t.Error(got)
	}
	if strings.Contains(got, `{"total": 0}`) || strings.Contains(got, "publish it") {
		t.Errorf("a new version tells the proof:\n%s", got)
	}
	marked := func(a Action) bool {
		var b bytes.Buffer
		if err := WriteMarkdown(&b, Plan{Actions: []Action{a}}); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(b.String(), "❌")
	}
	if marked(a) {
		t.Error("a new version is marked as broken")
	}
	a.Action = plan.Update
	if !marked(a) {
		t.Error("a published version that changes is not marked as broken")
	}
	if got := write(a); !strings.Contains(got, `{"total": 0}`) || !strings.Contains(got, "way out: publish it") {
		t.Errorf("a published version that changes lacks the proof:\n%s", got)
	}
}

// TestMarkdownIsBounded: however large a plan is, its markdown fits into a comment, says
// how much it leaves out, and closes every part that it opens.
func TestMarkdownIsBounded(t *testing.T) {
	p := samplePlan(t)
	long := strings.Repeat("a|b ` @everyone <b> ", 40)
	for i := range 3000 {
		at := address(t, fmt.Sprintf("pipeline.p%d.stream.s", i))
		p.Steps = append(p.Steps, &plan.Step{ID: at.String(), Address: at, Action: plan.Replace, Do: &plan.PrepareStream{Node: at},
			Reasons: []plan.Reason{{Code: plan.DataChanged, Text: long}}, Notes: []string{long},
			Changes: []plan.Change{{Path: "query", Action: plan.Update, Old: ptr("a\n" + long), New: ptr("b\n" + long)}, {Path: "x", Action: plan.Update, Old: ptr(long), New: ptr("```")}}})
		run := &plan.Step{ID: at.String() + "/run", Address: at.Base(), Action: plan.Run, Do: &plan.RunPipeline{Pipeline: at.Base()}}
		run.Waits = []plan.Wait{{Stream: at, Count: 1, Bytes: 1}}
		p.Steps = append(p.Steps, run)
	}
	var diags diag.Diagnostics
	for i := range 200 {
		diags.Add(diag.New(diag.PreventDestroy, "%d %s", i, long))
	}
	v := New(p, diags)
	validate(t, "planview.schema.json", v)
	var b bytes.Buffer
	if err := WriteMarkdown(&b, v); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if b.Len() > MaxMarkdown || b.Len() < 10_000 {
		t.Errorf("%d bytes", b.Len())
	}
	for _, want := range []string{"200 errors", "and 185 more", "3,002 tables", "more actions"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in it", want)
		}
	}
	if open, closed := strings.Count(got, "<details>"), strings.Count(got, "</details>"); open != closed {
		t.Errorf("%d details are opened, %d closed", open, closed)
	}
	outside := ""
	for i, part := range regexp.MustCompile("(?m)^`{3,}").Split(got, -1) {
		if i%2 == 0 { // what stands in a block of code calls nobody
			outside += part
		}
	}
	if strings.Contains(outside, "@everyone") || !strings.Contains(outside, "everyone") {
		t.Error("somebody is called")
	}
}

// TestDrift: what was changed outside comes first, and what only mends it is no
// action beside the others.
func TestDrift(t *testing.T) {
	p := samplePlan(t)
	drift := &plan.Drift{Reasons: []plan.Reason{{Code: plan.ColumnDropped, Text: `the column "note" is gone from its table`}},
		Changes: []plan.Change{{Path: `column "note"`, Action: plan.Create, New: ptr("string")}}, Mends: []string{`apply adds "note" again`}}
	replaced := &plan.Drift{Reasons: []plan.Reason{{Code: plan.ViewReplaced, Text: "raw.users is not the view that headgate made"}},
		Changes: []plan.Change{{Path: `view "raw.users"`, Action: plan.Update, Old: ptr("SELECT 1"), New: ptr("SELECT id FROM t")}}, Mends: []string{"apply puts headgate's view in its place"}}
	users := address(t, "pipeline.api.stream.users")
	p.Steps[1].Drift = drift // it changes as well
	p.Steps = append(p.Steps, &plan.Step{ID: users.String(), Address: users, Action: plan.Drifted, Drift: replaced, Do: &plan.PrepareStream{Node: users}})
	p.Unseen = []plan.Unseen{{Address: "destination.other", Why: "held by duckdb (process 7)"}}
	v := New(p, nil)
	validate(t, "planview.schema.json", v)
	last := v.Actions[len(v.Actions)-1]
	if last.Action != plan.Drifted || last.Reasons[0].Code != plan.ViewReplaced || len(last.Changes) != 1 || last.Actions[0] != plan.Update || v.Summary.Drift != 2 {
		t.Errorf("%+v", last)
	}
	drawn(t, "drift.txt", func(b *bytes.Buffer) error { return WriteText(b, v, draw.Style{}) })
	drawn(t, "drift.md", func(b *bytes.Buffer) error { return WriteMarkdown(b, v) })
}
