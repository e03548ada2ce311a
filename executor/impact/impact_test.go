package impact_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/impact"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

var now = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)

// compile compiles a project around the body of one contract version.
func compile(body string) (*program.Program, error) {
	text := `
headgate {
  name = "t"
}
source "file" "s" {
  path = "x.jsonl"
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "c" {
` + body + `
}
pipeline "p" {
  from = source.s
  to   = destination.w
  stream "t" {
    contract = contract.c
    table    = "raw.t"
    write    = "append"
  }
}`
	fsys := fstest.MapFS{"main.gate.hcl": {Data: []byte(text)}}
	m, diags := lang.Load(fsys, ".")
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{FS: fsys, FolderName: "t", Today: "2026-05-04"})
	return p, append(diags, more...).Err()
}

func contractOf(t *testing.T, p *program.Program) *contract.Contract {
	t.Helper()
	for _, n := range p.Nodes {
		if n.Contract != nil {
			return n.Contract
		}
	}
	t.Fatal("there is no contract")
	return nil
}

// question is what the planner asks about the stream when now follows old.
func question(old, now *program.Program) *plan.AskRefused {
	prior := &state.Snapshot{Project: "t", Environment: "default", Nodes: map[string]*state.Node{}}
	for _, n := range old.Nodes {
		prior.Nodes[n.Address.String()] = &state.Node{Definition: n, Data: &state.Data{Version: 1}}
	}
	for _, q := range planner.Questions(now, prior, planner.Options{}) {
		if q, ok := q.(*plan.AskRefused); ok {
			return q
		}
	}
	return nil
}

// warehouse is a database file with one table, and what the counter was asked.
type warehouse struct {
	connector.Counter
	path          string
	counted, read int
}

func (w *warehouse) Count(ctx context.Context, req connector.CountRequest) (connector.CountResult, error) {
	w.counted++
	return w.Counter.Count(ctx, req)
}

func (w *warehouse) Rows(ctx context.Context, req connector.RowsRequest, yield func(*connector.Records) error) (int64, int64, error) {
	w.read++
	return w.Counter.Rows(ctx, req, yield)
}

// stock makes a database by statements and opens it for counting.
func stock(t *testing.T, statements ...string) *warehouse {
	t.Helper()
	w := &warehouse{path: filepath.Join(t.TempDir(), "w.duckdb")}
	db, err := duck.Open(w.path, map[string]string{"threads": "2"})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if err := conn.Exec(context.Background(), s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
	conn.Close()
	db.Close()
	c, err := duckdb.OpenCounter(context.Background(), duckdb.Spec{Address: "destination.w", Path: w.path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Counter = c
	return w
}

func noAudits(*plan.AskRefused) ([]connector.Audit, error) { return nil, nil }

func answer(t *testing.T, q *plan.AskRefused, c connector.Counter, o impact.Options) state.Refused {
	t.Helper()
	a, err := impact.Answer(context.Background(), q, c, noAudits, now, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// column is a column of the differential test: what it was, what it may become, and
// values of it as canonical text.
type column struct {
	was    string
	then   []string
	values []string
	limits []string // of any of its types; those that do not compile are left out
}

func columns() []column {
	texts := []string{"", "a", "A", "zz", "é", "12", "-3", "1.50", "a@b.example", "not an address", "2024-02-03", "true", "x\ny", "1e3", "日本語"}
	return []column{
		{"int64", []string{"int64", "int32", "decimal(6, 2)", "decimal(20, 0)", "string", "float64"}, []string{"0", "7", "-7", "2147483648", "-2147483649", "9007199254740993", "99999", "12"},
			[]string{"min = 0", "max = 10", "enum = [0, 7, 12]"}},
		{"int32", []string{"int32", "int64", "decimal(12, 2)"}, []string{"0", "5", "-5", "2147483647"}, []string{"min = 1", "max = 4", "min = -5"}},
		{"decimal(18, 4)", []string{"decimal(18, 4)", "decimal(10, 2)", "decimal(20, 4)", "int64"}, []string{"0.0000", "1.5000", "1.2345", "-1.0100", "12345678901234.0001", "99999999.9900", "100000000.0000", "2.0050"},
			[]string{"min = 0", "max = 1.5", "enum = [1.5, 0]"}},
		{"float64", []string{"float64", "int64"}, []string{"0", "1.5", "-2", "1e+30", "3"}, []string{"min = 0", "max = 2", "max = 1.5"}},
		{"string", []string{"string", "int64", "date", "bool", "decimal(6, 2)"}, texts,
			[]string{"min_length = 1", "max_length = 2", `pattern = "^[a-z]+$"`, `pattern = "a|z.*"`, `enum = ["a", "12", "é"]`, `format = "email"`, `min = "a"`, `max = "b"`, "min_length = 3", `pattern = "x.y"`}},
		{"bool", []string{"bool"}, []string{"true", "false"}, []string{"enum = [true]"}},
		{"date", []string{"date", "timestamp"}, []string{"2024-02-29", "1999-12-31", "2026-01-01"}, []string{`min = "2000-01-01"`, `max = "2025-01-01"`, `enum = ["2024-02-29"]`}},
		{"timestamp", []string{"timestamp", "date"}, []string{"2024-02-29T00:00:00", "2024-02-29T12:30:00.000001", "1999-01-01T00:00:00"}, []string{`min = "2000-01-01T00:00:00"`}},
		{"timestamptz", []string{"timestamptz", "string"}, []string{"2024-02-29T00:00:00Z", "2030-01-01T01:02:03.5Z"}, []string{`max = "2025-01-01T00:00:00Z"`}},
		{"time", []string{"time"}, []string{"00:00:00", "23:59:59.999999"}, []string{`max = "12:00:00"`}},
		{"uuid", []string{"uuid", "string"}, []string{"00000000-0000-0000-0000-000000000001", "ffffffff-ffff-4fff-bfff-ffffffffffff"}, []string{`enum = ["00000000-0000-0000-0000-000000000001"]`}},
		{"bytes", []string{"bytes"}, []string{"", "AAE=", "AAECAw=="}, []string{"min_length = 1", "max_length = 2"}},
		{"list(int64)", []string{"list(int64)", "list(int32)"}, []string{"[]", "[1, 2]", "[1, null, 9000000000]"}, []string{"min_length = 1", "max_length = 2"}},
		{"json", []string{"json", "string"}, []string{`{"a": 1}`, `"text"`, `[1, 2]`}, nil},
	}
}

// checks are conditions over the columns a (int64), c (decimal), e (string) and d
// (float64), some of which cannot be computed for some rows.
func checks() []string {
	return []string{"row.a + row.a < 100", "row.a * row.a >= 0", `row.e != "a" || row.a > 0`, "row.c - 1 > 0", "length(row.e) < 3", `regex_match("^[a-z]", row.e)`,
		"row.a / (row.a - 7) >= 0", "row.d * 1e300 < 1e308", "cast(row.e, int64) > 0", "lower(row.e) == row.e", "row.a != null", "row.c <= row.d"}
}

// body writes the contract of one column each, all of them optional.
func body(r *rand.Rand, cols []column, tight bool) string {
	var b strings.Builder
	for i, c := range cols {
		name, typ := string(rune('a'+i)), c.was
		var limits []string
		if tight {
			if r.IntN(4) == 0 {
				typ = c.then[r.IntN(len(c.then))]
			}
			for _, l := range c.limits {
				if r.IntN(4) == 0 && !slices.ContainsFunc(limits, func(o string) bool { return strings.Fields(o)[0] == strings.Fields(l)[0] }) {
					limits = append(limits, l)
				}
			}
			if r.IntN(8) == 0 {
				limits = append(limits, "required = true")
			}
		}
		fmt.Fprintf(&b, "  column %q {\n    type = %s\n    %s\n  }\n", name, typ, strings.Join(limits, "\n    "))
	}
	if tight {
		for i, k := range checks() {
			if r.IntN(8) == 0 {
				severity := []string{"error", "warning"}[min(r.IntN(4), 1)^1]
				fmt.Fprintf(&b, "  check \"k%d\" {\n    condition = %s\n    severity = %q\n  }\n", i, k, severity)
			}
		}
		if r.IntN(6) == 0 {
			b.WriteString("  column \"new\" {\n    type = string\n    required = true\n  }\n")
		}
	}
	return b.String()
}

// row is a record and the same as a row of VALUES.
func row(r *rand.Rand, cols []column, old *contract.Contract) (record, values string) {
	var members, cells []string
	for i, c := range cols {
		typ := old.Columns[i].Type
		name := old.Columns[i].Name
		if r.IntN(5) == 0 {
			members, cells = append(members, fmt.Sprintf("%q: null", name)), append(cells, "NULL")
			continue
		}
		text := c.values[r.IntN(len(c.values))]
		cell, value := rowexpr.LiteralSQL(typ, text, "duckdb"), text
		switch typ.Kind {
		case types.Int32, types.Int64, types.Decimal, types.Float64, types.Bool, types.JSON:
		case types.List:
			cell = "CAST(" + strings.ReplaceAll(text, "null", "NULL") + " AS BIGINT[])"
		default:
			quoted, _ := json.Marshal(text)
			value = string(quoted)
		}
		members, cells = append(members, fmt.Sprintf("%q: %s", name, value)), append(cells, cell)
	}
	return "{" + strings.Join(members, ", ") + "}", "(" + strings.Join(cells, ", ") + ")"
}

// refusedBy is what the enforcer of a contract refuses of records: how many, and by
// rule.
func refusedBy(t *testing.T, c *contract.Contract, records []string) (int64, map[string]int64) {
	t.Helper()
	held := *c
	held.OnViolation = contract.Quarantine
	e, diags := enforce.New(enforce.Spec{Address: "contract.c.v1", Contract: &held, Now: now, Inspect: true})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	in := &connector.Records{}
	for i, r := range records {
		in.Start = append(in.Start, len(in.Data))
		in.Data = append(in.Data, r...)
		in.End, in.Line = append(in.End, len(in.Data)), append(in.Line, int64(i+1))
	}
	b, err := e.Enforce(in)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	rules := map[string]int64{}
	for _, x := range b.Rejects {
		seen := map[string]bool{}
		for _, reason := range x.Reasons {
			if !seen[reason.Rule] {
				rules[reason.Rule]++
			}
			seen[reason.Rule] = true
		}
	}
	return b.Counts.Quarantined, rules
}

// TestAgreesWithTheEnforcer loads random rows that an old contract takes, asks what
// a random tighter one would refuse of the table, and compares with what the
// enforcer of the tighter one refuses of the same records. Both ways must agree
// with it: by SQL, and by reading.
func TestAgreesWithTheEnforcer(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	cols := columns()
	oldProgram, err := compile(body(r, cols, false))
	if err != nil {
		t.Fatal(err)
	}
	old := contractOf(t, oldProgram)
	var records, values, ddl []string
	for range 150 {
		record, cells := row(r, cols, old)
		records, values = append(records, record), append(values, cells)
	}
	if n, rules := refusedBy(t, old, records); n > 0 {
		t.Fatalf("the old contract refuses %d: %v", n, rules)
	}
	for _, c := range old.Columns {
		ddl = append(ddl, `"`+c.Name+`" `+c.Type.DuckDB())
	}
	w := stock(t, "create schema raw", "create table raw.t ("+strings.Join(ddl, ", ")+")", "insert into raw.t values "+strings.Join(values, ", "))
	bySQL, byReading := 0, 0
	for tries := 0; tries < 400 && (bySQL < 40 || byReading < 40); tries++ {
		subset := slices.Clone(cols)
		if bySQL < 40 { // few rules, so that now and then SQL can say all of them
			keep := r.IntN(len(cols))
			for i := range subset {
				if i != keep {
					subset[i].then, subset[i].limits = []string{subset[i].was}, nil
				}
			}
		}
		text := body(r, subset, true)
		next, err := compile(text)
		if err != nil { // a limit that its type does not have
			continue
		}
		q := question(oldProgram, next)
		want, rules := refusedBy(t, contractOf(t, next), records)
		if q == nil {
			if want > 0 {
				t.Fatalf("nothing was asked, and %d are refused by %v:\n%s", want, rules, text)
			}
			continue
		}
		w.counted, w.read = 0, 0
		got := answer(t, q, w, impact.Options{Examples: impact.ExamplesFull})
		bySQL, byReading = bySQL+w.counted-w.read*w.counted, byReading+w.read
		if got.Refused != want || len(got.NotCounted) > 0 {
			t.Errorf("refused %d, the enforcer %d (%v); read %d\n%+v\n%s", got.Refused, want, rules, w.read, got, text)
		}
		for _, rule := range got.Rules {
			if !rule.Warning && rule.Rows != rules[rule.Rule] {
				t.Errorf("%s: %d, the enforcer %d; read %d\n%s", rule.Rule, rule.Rows, rules[rule.Rule], w.read, text)
			}
		}
		if len(got.Examples) != int(min(want, impact.Examples)) {
			t.Errorf("%d examples of %d", len(got.Examples), want)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d by SQL, %d by reading", bySQL, byReading)
	if bySQL < 20 || byReading < 20 {
		t.Errorf("%d by SQL and %d by reading: too few to mean anything", bySQL, byReading)
	}
}

// ask is the question when one contract's body follows another.
func ask(t *testing.T, old, next string) *plan.AskRefused {
	t.Helper()
	var list []*program.Program
	for _, text := range []string{old, next} {
		p, err := compile(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	q := question(list[0], list[1])
	if q == nil {
		t.Fatal("nothing is asked")
	}
	return q
}

// rules are the asked rules, "rule kind" each.
func rules(q *plan.AskRefused) string {
	var out []string
	for _, r := range q.Rules {
		out = append(out, r.Rule+" "+string(r.Kind))
	}
	return strings.Join(out, ", ")
}

func countOf(q *plan.AskRefused, sql string) connector.CountRequest {
	return connector.CountRequest{Relation: connector.Relation{Schema: q.Schema, Name: q.Name}, Conditions: []connector.Condition{{Name: "x", SQL: sql}}}
}
