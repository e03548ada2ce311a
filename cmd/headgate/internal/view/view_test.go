package view

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/diag"
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

// drawn compares a drawing with its golden.
func drawn(t *testing.T, name string, write func(*bytes.Buffer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	golden.File(t, filepath.Join("testdata", name), b.Bytes())
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
	drawn(t, "report.txt", func(b *bytes.Buffer) error { return WriteReport(b, v, Style{}) })
	drawn(t, "report.md", func(b *bytes.Buffer) error { return WriteReportMarkdown(b, v) })
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
	drawn(t, "check.txt", func(b *bytes.Buffer) error { return WriteCheck(b, v, Style{}) })
	drawn(t, "check.md", func(b *bytes.Buffer) error { return WriteCheckMarkdown(b, v) })
	for _, verdict := range []outcome.Verdict{outcome.Holds, outcome.Tolerated} {
		quiet := NewCheck(&outcome.Check{Contract: "contract.orders.v2", Verdict: verdict, Tolerance: "50%", Read: 4, Accepted: 3, Quarantined: 1, Inputs: []outcome.CheckInput{}, Rules: []outcome.RuleReport{}, Range: *at}, nil)
		validate(t, "check.schema.json", quiet)
		drawn(t, "check_"+string(verdict)+".txt", func(b *bytes.Buffer) error { return WriteCheck(b, quiet, Style{}) })
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
	drawn(t, "progress_plain.txt", func(b *bytes.Buffer) error { feed(NewProgress(b, Style{}, false)); return nil })
	drawn(t, "progress_terminal.txt", func(b *bytes.Buffer) error { feed(NewProgress(b, Style{Width: 70}, true)); return nil })
}

// TestFailedRunKeepsItsBookmark: where nothing was published, the report does not say
// that the bookmark is gone.
func TestFailedRunKeepsItsBookmark(t *testing.T) {
	var b bytes.Buffer
	newPainter(&b, Style{}).stream(&outcome.StreamReport{Status: outcome.Failed, Read: 3, BookmarkBefore: json.RawMessage(`{"orders":7}`)})
	if got := b.String(); !strings.Contains(got, `{"orders":7}, as before`) || strings.Contains(got, "none\n") {
		t.Error(got)
	}
}
