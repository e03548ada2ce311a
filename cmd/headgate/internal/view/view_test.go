package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
	"github.com/headgate-data/headgate/schemas/schematest"
)

// validate checks v's JSON against a schema of schemas/.
func validate(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, v); err != nil {
		t.Fatal(err)
	}
	schematest.Validate(t, name, b.Bytes())
}

// draw compares a drawing with its golden.
func draw(t *testing.T, name string, write func(*bytes.Buffer) error) {
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
func samplePlan(t *testing.T) (*plan.Plan, *state.Snapshot) {
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
			{ID: "pipeline.shop/run", Address: address(t, "pipeline.shop"), Action: plan.Run,
				Do: &plan.RunPipeline{Pipeline: address(t, "pipeline.shop"), Streams: []addr.Address{stream}}},
			{ID: "pipeline.api/run", Address: address(t, "pipeline.api"), Action: plan.Poll,
				Do:      &plan.RunPipeline{Pipeline: address(t, "pipeline.api"), Streams: []addr.Address{address(t, "pipeline.api.stream.users")}},
				Reasons: []plan.Reason{{Code: plan.AlwaysPolled, Text: "nobody can know whether the tap has new records"}}},
		},
	}
	prior := &state.Snapshot{
		Nodes: map[string]*state.Node{"pipeline.api.stream.users": {Data: &state.Data{Bookmark: json.RawMessage(`{"users":"2026-01-01"}`)}}},
		Live: &state.Live{Files: map[string]state.FilesWaiting{stream.String(): {
			New: []state.FileInfo{{Path: "data/b.jsonl", Bytes: 1_200_000}}, Grown: []state.FileInfo{{Path: "data/a.jsonl", Bytes: 512}},
		}}},
	}
	return p, prior
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
	p, _ := samplePlan(t)
	n, _ := p.Program.Lookup(address(t, "contract.orders.v2"))
	for i := range 100 {
		n.Contract.Expects = append(n.Contract.Expects, contract.Expect{Name: fmt.Sprintf("expectation_number_%d", i), Severity: contract.SeverityError})
	}
	v := NewPlan(p, nil)
	validate(t, "planview.schema.json", v)
	for _, a := range v.Actions[1:3] {
		if len(a.Promises) < 100 {
			t.Errorf("%s: %d promises", a.Address, len(a.Promises))
		}
		var b bytes.Buffer
		(&painter{w: &b}).promises(a)
		if got := strings.Count(b.String(), "\n"); got != maxPromiseLines {
			t.Errorf("%d lines:\n%s", got, b.String())
		}
	}
	if len(v.Actions[0].Promises)+len(v.Actions[3].Promises) > 0 {
		t.Error("a contract, or what goes away, has promises")
	}
}

func TestPlan(t *testing.T) {
	v := NewPlan(samplePlan(t))
	validate(t, "planview.schema.json", v)
	draw(t, "plan.txt", func(b *bytes.Buffer) error { return WritePlan(b, v, Style{}) })
	draw(t, "plan.md", func(b *bytes.Buffer) error { return WritePlanMarkdown(b, v) })
	empty := NewPlan(&plan.Plan{Project: "shop", Environment: "dev"}, nil)
	validate(t, "planview.schema.json", empty)
	draw(t, "plan_empty.txt", func(b *bytes.Buffer) error { return WritePlan(b, empty, Style{}) })
}

func sampleReport() (*outcome.Report, diag.Diagnostics) {
	fault := diag.New(diag.Usage, "the model's fault").For("model.sales.v1").At(diag.Range{
		Filename: "m.sql", Start: diag.Pos{Line: 1, Column: 2, Byte: 1}, End: diag.Pos{Line: 1, Column: 4, Byte: 3},
	})
	stream := &outcome.StreamReport{
		Address: "pipeline.shop.stream.orders", Status: outcome.Warned, Write: "merge", Contract: "contract.orders.v2", Table: "raw.orders",
		Read: 10000, Accepted: 7131, Quarantined: 2851, Dropped: 8, Filtered: 10, Annotated: 2,
		Rules: []outcome.RuleReport{
			{Rule: "speed.required", Column: "speed", Count: 2836, Severity: "error", Outcome: "quarantined", Examples: []outcome.ExampleReport{
				{Origin: "data/a.csv", Line: 21}, {Origin: "data/a.csv", Line: 38}, {Origin: "data/b.csv", Line: 3, Value: `"x"`}, {Origin: "data/b.csv", Line: 4},
			}},
			{Rule: "damage.enum", Column: "damage", Count: 15, Severity: "error", Outcome: "quarantined"},
		},
		Audits: []connector.AuditResult{
			{Rule: "unique", Column: "id", Severity: "warning", Rows: 2, Examples: []string{`{"id":1}`}},
			{Rule: "key", Kind: connector.AuditUnique, Severity: "error", Rows: 0, Seconds: 0.5},
			{Rule: "customer.references", Kind: connector.AuditReferences, Severity: "error", Rows: 1, Removed: true, Quarantined: true, Examples: []string{`{"customer":9}`}, Seconds: 0.25},
			{Rule: "email.unique", Kind: connector.AuditUnique, Severity: "error", Rows: 3, Removed: true},
		},
		Unknown:  []outcome.UnknownReport{{Name: "note", Count: 3, How: "dropped"}},
		Diff:     connector.TableDiff{Inserted: 7000, Updated: 100, Unchanged: 31, Rows: 7131},
		Checksum: outcome.ChecksumReport{Accepted: connector.Checksum{Rows: 7131, Sum: 1 << 63, Mix: 5}, Staged: connector.Checksum{Rows: 7131, Sum: 1 << 63, Mix: 5}, Equal: true},

		BookmarkAfter: json.RawMessage(`{"files":["data/a.csv"]}`), Resumed: true, ResumedRead: 500, Seconds: 0.41, RowsPerSecond: 24390.2,
	}
	r := &outcome.Report{
		FormatVersion: outcome.FormatVersion, ToolVersion: "0.1.0", RunID: "20260102T030405Z-abcdef", Command: "apply", Project: "shop",
		Environment: "dev", Status: outcome.Failed, StartedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 75.5,
		Steps: []*outcome.StepReport{
			{ID: "contract.orders.v2", Address: "contract.orders.v2", Action: "create", Status: outcome.Done},
			{ID: "pipeline.shop/run", Address: "pipeline.shop", Action: "run", Status: outcome.Warned, Seconds: 0.5, Streams: []*outcome.StreamReport{stream}},
			{ID: "model.sales.v2", Address: "model.sales.v2", Action: "create", Status: outcome.Done, Seconds: 12.3,
				Model: &outcome.ModelReport{Table: "marts.sales", Materialized: "table", Inputs: []string{"pipeline.shop.stream.orders"}, Diff: connector.TableDiff{Inserted: 3, Rows: 3}}},
			{ID: "model.sales.v1", Address: "model.sales.v1", Action: "create", Status: outcome.Failed, Error: fault},
			{ID: "model.top.v1", Address: "model.top.v1", Action: "create", Status: outcome.Skipped, Why: "model.sales.v1 failed"},
		},
	}
	return r, diag.Diagnostics{fault}
}

func TestReport(t *testing.T) {
	v := NewReport(sampleReport())
	validate(t, "report.schema.json", v)
	if v.Totals.Read != v.Totals.Accepted+v.Totals.Quarantined+v.Totals.Dropped+v.Totals.Filtered {
		t.Errorf("the totals do not add up: %+v", v.Totals)
	}
	draw(t, "report.txt", func(b *bytes.Buffer) error { return WriteReport(b, v, Style{}) })
	draw(t, "report.md", func(b *bytes.Buffer) error { return WriteReportMarkdown(b, v) })
	validate(t, "diagnostics.schema.json", NewDiagnostics(diag.Diagnostics{v.Diagnostics[0].diag(), diag.Warnf(diag.Usage, "s", "d")}))
}

func TestCheck(t *testing.T) {
	at := &diag.Range{Filename: "orders.gate.hcl", Start: diag.Pos{Line: 16, Column: 7, Byte: 90}, End: diag.Pos{Line: 16, Column: 15, Byte: 98}}
	c := &outcome.Check{
		Contract: "contract.orders.v2", Range: *at, Verdict: outcome.Broken, Tolerance: "0.1%", Inputs: []outcome.CheckInput{{Name: "a.jsonl", Records: 600}, {Name: "stdin", Records: 400}},
		Read: 1000, Accepted: 990, Quarantined: 8, Dropped: 2, Annotated: 3, Warned: 1, Duplicates: 1, Bytes: 123_456, Seconds: 0.25, RecordsPerSecond: 4000,
		Rules: []outcome.RuleReport{
			{Rule: "total.min", Column: "total", Count: 8, Severity: "error", Outcome: "quarantined", Message: "is less than 0.00", Range: at,
				Examples: []outcome.ExampleReport{{Origin: "a.jsonl", Line: 9, Value: "-1"}, {Origin: "a.jsonl", Line: 10, Value: "-12.50"}, {Origin: "stdin", Line: 3, Value: "-2"}}},
			{Rule: "id.type", Column: "id", Count: 2, Severity: "error", Outcome: "dropped", Range: at,
				Examples: []outcome.ExampleReport{{Origin: "a.jsonl", Line: 77, Value: `"x"`, Message: "does not read as int64"}, {Origin: "a.jsonl", Line: 100, Value: "1e400", Message: "is outside of what int64 holds"}}},
			{Rule: "key", Count: 1, Severity: "error", Outcome: "failed", Message: "stands in more than one record", Range: at,
				Examples: []outcome.ExampleReport{{Origin: "stdin", Line: 400, Value: `{"id":1,"part":"a"}`, Message: "stands first at a.jsonl:1"}}},
		},
		Unknown: []outcome.UnknownReport{{Name: "esc\x1b[31m", Count: 2, How: "dropped"}}, Evolved: []string{"more int64"},
	}
	v := NewCheck(c, diag.Diagnostics{diag.Warnf(diag.Usage, "s", "d")})
	validate(t, "check.schema.json", v)
	draw(t, "check.txt", func(b *bytes.Buffer) error { return WriteCheck(b, v, Style{}) })
	draw(t, "check.md", func(b *bytes.Buffer) error { return WriteCheckMarkdown(b, v) })
	for _, verdict := range []outcome.Verdict{outcome.Holds, outcome.Tolerated} {
		quiet := NewCheck(&outcome.Check{Contract: "contract.orders.v2", Verdict: verdict, Tolerance: "50%", Read: 4, Accepted: 3, Quarantined: 1, Inputs: []outcome.CheckInput{}, Rules: []outcome.RuleReport{}, Range: *at}, nil)
		validate(t, "check.schema.json", quiet)
		draw(t, "check_"+string(verdict)+".txt", func(b *bytes.Buffer) error { return WriteCheck(b, quiet, Style{}) })
	}
}

// TestMarkdownIsSafe: text that came from a project or its data cannot become
// markup of the page it is shown on.
func TestMarkdownIsSafe(t *testing.T) {
	got := cell("a|b\n<img src=x> `c` [d](e) @team *f*")
	for _, bad := range []string{"a|b", "\n", "<img", " `", "[d]", "@", " *"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q is left in %q", bad, got)
		}
	}
}

func TestProgress(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	feed := func(p *Progress) {
		at := start
		send := func(e outcome.Event) {
			v := NewEvent(e, at)
			validate(t, "events.schema.json", v)
			p.Event(v, at)
			at = at.Add(3 * time.Second)
		}
		send(outcome.Event{Kind: outcome.StepStart, Step: "pipeline.shop/run", Address: "pipeline.shop"})
		for i := range int64(4) {
			send(outcome.Event{Kind: outcome.Progress, Step: "pipeline.shop/run", Address: "pipeline.shop.stream.orders", Read: i * 1000, Rejected: i, Bytes: i * 250, Total: 1000, Seconds: float64(3 * i)})
		}
		send(outcome.Event{Kind: outcome.Note, Address: "source.shop", Text: "one file is gone"})
		send(outcome.Event{Kind: outcome.StepEnd, Step: "pipeline.shop/run", Status: outcome.Done, Seconds: 15})
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	draw(t, "progress_plain.txt", func(b *bytes.Buffer) error { feed(NewProgress(b, Style{}, false)); return nil })
	draw(t, "progress_terminal.txt", func(b *bytes.Buffer) error { feed(NewProgress(b, Style{Width: 70}, true)); return nil })
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", -999: "-999"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 5_300_000_000: "5.3 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
	for s, want := range map[float64]string{0.421: "0.42 s", 12.34: "12.3 s", 185.9: "3 m 05 s"} {
		if got := Seconds(s); got != want {
			t.Errorf("Seconds(%v) = %q, want %q", s, got, want)
		}
	}
}

// TestDiff: the lines that are kept and removed make the old text, those kept
// and added the new one.
func TestDiff(t *testing.T) {
	before := strings.Split("a b c d e f g h i j", " ")
	after := strings.Split("a b x d e f g h j k", " ")
	var text []string
	for _, l := range diffLines(before, after) {
		text = append(text, l.sign+l.text)
	}
	if got, want := strings.Join(text, " "), " a  b -c +x  d  e ...  g  h -i  j +k"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := diffLines(nil, nil); len(got) != 0 {
		t.Errorf("two empty texts differ: %v", got)
	}
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
		(&painter{w: &b}).action(a)
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
		if err := WritePlanMarkdown(&b, Plan{Actions: []Action{a}}); err != nil {
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

// TestFailedRunKeepsItsBookmark: where nothing was published, the report does not say
// that the bookmark is gone.
func TestFailedRunKeepsItsBookmark(t *testing.T) {
	var b bytes.Buffer
	(&painter{w: &b}).stream(&outcome.StreamReport{Status: outcome.Failed, Read: 3, BookmarkBefore: json.RawMessage(`{"orders":7}`)})
	if got := b.String(); !strings.Contains(got, `{"orders":7}, as before`) || strings.Contains(got, "none\n") {
		t.Error(got)
	}
}
