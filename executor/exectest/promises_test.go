package exectest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// family is a project with parents and children, which reference them. The
// children are a stream, or a model over one.
const family = `
source "file" "parents" {
  path = "data/parents.jsonl"
}
source "file" "kids" {
  path = "data/kids-*.jsonl"
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "parents" {
  key = ["id"]
  column "id" {
    type = int64
  }
}
pipeline "parents" {
  from = source.parents
  to   = destination.w
  stream "parents" {
    contract = contract.parents
    table    = "raw.parents"
    write    = "replace"
  }
}
contract "plain" {
  column "id" {
    type     = int64
    required = true
  }
  column "code" {
    type = string
  }
  column "parent" {
    type = int64
  }
  column "at" {
    type = timestamptz
  }
}
contract "kids" {
  $mode
  $key
  column "id" {
    type = int64
  }
  column "code" {
    type = string
    $code
  }
  column "parent" {
    type = int64
    $parent
  }
  column "at" {
    type = timestamptz
  }
  $table
}
`

const kidsStream = `
pipeline "kids" {
  from = source.kids
  to   = destination.w
  stream "kids" {
    contract = contract.kids
    table    = "raw.kids"
    write    = "$write"
    $cursor
  }
}
`

const kidsModel = `
pipeline "src" {
  from = source.kids
  to   = destination.w
  stream "src" {
    contract = contract.plain
    table    = "raw.src"
    write    = "replace"
  }
}
model "kids" {
  destination  = destination.w
  schema       = "raw"
  materialized = "$write"
  query        = "select * from raw.src"
  contract     = contract.kids
}
`

// promise is one kind of promise, with rows that keep and that break it.
type promise struct {
	name                     string
	key, code, parent, table string
	cursor                   string
	good, bad, mended        string    // children: loaded first, then, then in the place of bad
	fault                    diag.Code // where it fails
	rule                     string
	left                     string // ids of the children under quarantine, "" where the promise names no rows
	kind                     string
}

func promises() []promise {
	return []promise{
		{name: "key", key: `key = ["id"]`, good: kid(1, "a", 1), bad: kid(2, "b", 1) + kid(1, "c", 1) + kid(2, "d", 1), mended: kid(2, "b", 1),
			fault: diag.AuditFailed, rule: "key", left: "1 a; 2 b", kind: connector.AuditUnique},
		{name: "unique", code: "unique = true", good: kid(1, "a", 1), bad: kid(2, "a", 1) + kid(3, "c", 1) + kid(4, "c", 1), mended: kid(2, "b", 1),
			fault: diag.AuditFailed, rule: "code.unique", left: "1 a; 3 c", kind: connector.AuditUnique},
		{name: "references", parent: "references = pipeline.parents.stream.parents.column.id", good: kid(1, "a", 1), bad: kid(2, "b", 9) + kid(3, "c", 2) + `{"id":4,"code":"d"}` + "\n",
			mended: kid(2, "b", 2), fault: diag.RowsWithoutPartner, rule: "parent.references", left: "1 a; 3 c; 4 d", kind: connector.AuditReferences},
		{name: "expect", table: "expect \"codes\" {\n query = \"select id from this where code = 'bad' -- {this}\"\n message = \"no bad codes\"\n }", good: kid(1, "a", 1), bad: kid(2, "bad", 1),
			mended: kid(2, "b", 1), fault: diag.ExpectBroken, rule: "codes", kind: connector.AuditExpect},
		{name: "rows", table: "rows {\n min = 1\n max = 2\n }", good: kid(1, "a", 1), bad: kid(2, "b", 1) + kid(3, "c", 1), mended: kid(2, "b", 1),
			fault: diag.RowCountBroken, rule: "rows", kind: connector.AuditRows},
	}
}

func kid(id int, code string, parent int) string {
	return fmt.Sprintf(`{"id":%d,"code":%q,"parent":%d,"at":"2024-01-01T00:00:00Z"}`+"\n", id, code, parent)
}

func familyWith(write, mode string, p promise) string {
	rest := kidsStream
	if write == "table" || write == "view" {
		rest = kidsModel
	}
	if write == "merge" {
		p.key = `key = ["id"]`
	}
	if mode != "" {
		mode = fmt.Sprintf("set_violations = %q", mode)
	}
	return strings.NewReplacer("$mode", mode, "$key", p.key, "$code", p.code, "$parent", p.parent, "$table", p.table, "$cursor", p.cursor, "$write", write).Replace(family + rest)
}

// audits returns what the audits of the children found.
func (o *outcome) audits() []connector.AuditResult {
	for _, s := range o.report.Steps {
		for _, r := range s.Streams {
			if r.Address == "pipeline.kids.stream.kids" {
				return r.Audits
			}
		}
		if s.Address == "model.kids.v1" && s.Model != nil {
			return s.Model.Audits
		}
	}
	o.t.Fatal("the children were not published")
	return nil
}

// audit returns what the audit of a rule found.
func (o *outcome) audit(rule string) connector.AuditResult {
	o.t.Helper()
	for _, a := range o.audits() {
		if a.Rule == rule {
			return a
		}
	}
	o.t.Fatalf("no audit %s: %+v", rule, o.audits())
	return connector.AuditResult{}
}

// TestPromisesHoldAndBreak loads children that keep each promise, then some that
// break it: nothing is published and the bookmark stays. Then they are mended.
func TestPromisesHoldAndBreak(t *testing.T) {
	inFullOnly(t)
	for _, p := range promises() {
		for _, write := range []string{"append", "merge", "replace", "table"} {
			if p.name == "key" && write == "merge" {
				continue // kept by the merge itself
			}
			t.Run(p.name+"/"+write, func(t *testing.T) {
				w := newWorld(t, familyWith(write, "", p))
				w.write("data/parents.jsonl", `{"id":1}`+"\n"+`{"id":2}`+"\n")
				w.write("data/kids-1.jsonl", p.good)
				o := w.apply().ok()
				if a := o.audit(p.rule); a.Rows != 0 || a.Kind != p.kind || o.report.Status != executor.Done {
					t.Errorf("first load: %s with %+v", o.report.Status, a)
				}
				bookmark := "select bookmark from main.headgate_bookmarks where pipeline = 'pipeline.kids'"
				before := w.query(bookmark)
				w.write("data/kids-2.jsonl", p.bad)
				o = w.apply().fails(p.fault)
				o.brokeAudit(p)
				w.want("select id from raw.kids order by 1", "1")
				w.want(bookmark, before)
				w.want("select count(*) from main.headgate_quarantine", "0")
				w.write("data/kids-2.jsonl", p.mended)
				w.apply().ok()
				w.want("select id from raw.kids order by 1", "1; 2")
				w.settled()
			})
		}
	}
}

// brokeAudit checks how an audit that failed is told.
func (o *outcome) brokeAudit(p promise) {
	o.t.Helper()
	expect(o.t, "broke", o.report.Broke, true)
	a := o.audit(p.rule)
	if a.Rows == 0 || a.Removed || len(a.Examples) == 0 || a.Severity != "error" {
		o.t.Errorf("found %+v", a)
	}
	for _, d := range o.diags {
		if d.Code == p.fault && (d.Subject == nil || d.Subject.Filename != "main.gate.hcl") {
			o.t.Errorf("%s stands nowhere: %s", d.Code, d.Detail)
		}
	}
}

// TestPromisesOfAFirstLoad: the same where the table is empty, and of views, which
// are audited when they are published.
func TestPromisesOfAFirstLoad(t *testing.T) {
	inFullOnly(t)
	for _, p := range promises() {
		for _, write := range []string{"append", "merge", "replace", "table", "view"} {
			if p.name == "key" && write == "merge" {
				continue
			}
			t.Run(p.name+"/"+write, func(t *testing.T) {
				w := newWorld(t, familyWith(write, "", p))
				w.write("data/parents.jsonl", `{"id":1}`+"\n"+`{"id":2}`+"\n")
				w.write("data/kids-1.jsonl", p.good+p.bad)
				w.apply().fails(p.fault).brokeAudit(p)
				if got := w.query("select * from raw.kids"); got != "" && !strings.HasPrefix(got, "error") {
					t.Errorf("published %s", got)
				}
				w.write("data/kids-1.jsonl", p.good+p.mended)
				o := w.apply().ok()
				expect(t, "rows", o.audit(p.rule).Rows, 0)
				w.want("select id from raw.kids order by 1", "1; 2")
				w.settled()
			})
		}
	}
}

// TestRowsAtFaultAreTakenOut loads the same under set_violations, onto rows that
// stand there and into an empty table.
func TestRowsAtFaultAreTakenOut(t *testing.T) {
	inFullOnly(t)
	for _, p := range promises() {
		for _, write := range []string{"append", "merge", "replace", "table"} {
			for _, mode := range []string{"quarantine", "drop"} {
				for _, onto := range []string{"rows", "nothing"} {
					if p.left == "" || p.name == "key" && write == "merge" || mode == "drop" && onto == "nothing" {
						continue
					}
					t.Run(p.name+"/"+write+"/"+mode+" onto "+onto, func(t *testing.T) { takenOut(t, p, write, mode, onto == "rows") })
				}
			}
		}
	}
}

func takenOut(t *testing.T, p promise, write, mode string, ontoRows bool) {
	w := newWorld(t, familyWith(write, mode, p))
	w.write("data/parents.jsonl", `{"id":1}`+"\n"+`{"id":2}`+"\n")
	read, accepted := 4, strings.Count(p.left, ";")+1
	if ontoRows {
		w.write("data/kids-1.jsonl", p.good)
		w.apply().ok()
		w.write("data/kids-2.jsonl", p.bad)
		if write == "append" || write == "merge" {
			read, accepted = read-1, accepted-1
		}
	} else {
		w.write("data/kids-1.jsonl", p.good+p.bad)
	}
	o := w.apply().ok()
	expect(t, "status", o.report.Status, executor.Warned)
	w.want("select id, code from raw.kids order by 1", p.left)
	a := o.audit(p.rule)
	if a.Rows != int64(read-accepted) || !a.Removed || a.Quarantined != (mode == "quarantine") || len(a.Examples) != int(a.Rows) {
		t.Errorf("audit %+v of %d read and %d accepted", a, read, accepted)
	}
	quarantined, dropped := read-accepted, 0
	if mode == "drop" {
		quarantined, dropped = 0, quarantined
	}
	if write != "table" {
		expect(t, "counts", counts(o.stream("kids")), fmt.Sprint(read, accepted, quarantined, dropped, 0, 0, 0))
		w.want("select records_loaded, records_quarantined, status from main.headgate_runs where address = 'pipeline.kids' order by started_at desc limit 1",
			fmt.Sprint(accepted, quarantined, " warning"))
	}
	w.want("select count(*) from main.headgate_quarantine where reasons::varchar like '%"+p.rule+"%' and raw like '{%'", fmt.Sprint(quarantined))
	w.settled()
}

// TestFreshness: the newest value counts, a day lasts until its end, and a table
// without a value is not fresh.
func TestFreshness(t *testing.T) {
	now := time.Now().UTC()
	for _, c := range []struct {
		name, typ, value, age string
		fresh                 bool
	}{
		{"just now", "timestamptz", now.Format(time.RFC3339), "1h", true},
		{"with a zone", "timestamptz", now.Add(-30 * time.Minute).In(time.FixedZone("", 7200)).Format(time.RFC3339), "1h", true},
		{"too old", "timestamptz", now.Add(-2 * time.Hour).Format(time.RFC3339), "1h", false},
		{"without a zone", "timestamp", now.Add(-30 * time.Minute).Format("2006-01-02T15:04:05"), "1h", true},
		{"without a zone, too old", "timestamp", now.Add(-2 * time.Hour).Format("2006-01-02T15:04:05"), "1h", false},
		{"today", "date", now.Format(time.DateOnly), "1s", true},
		{"some days ago", "date", now.AddDate(0, 0, -3).Format(time.DateOnly), "24h", false},
		{"null", "date", "", "24h", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			block := fmt.Sprintf("\ncolumn \"at\" {\n type = %s\n}\nfreshness {\n column = \"at\"\n max_age = %q\n severity = \"$severity\"\n}\n", c.typ, c.age)
			for _, severity := range []string{"error", "warning"} {
				w := newWorld(t, shopWith(columns+strings.Replace(block, "$severity", severity, 1), appends, ""))
				value := `"` + c.value + `"`
				if c.value == "" {
					value = "null"
				}
				w.write("data/a.jsonl", `{"id":1,"at":`+value+"}\n"+`{"id":2,"at":null}`+"\n")
				o := w.apply()
				switch {
				case c.fresh:
					expect(t, "status", o.ok().report.Status, executor.Done)
				case severity == "error":
					o.fails(diag.TableStale)
					w.want("select count(*) from raw.events", "0")
				default:
					expect(t, "status", o.ok().report.Status, executor.Warned)
					expect(t, "found", o.stream("events").Audits[0].Rows, 1)
					w.want("select count(*) from raw.events", "2")
				}
			}
		})
	}
}

// TestWarningsArePublished: expect and rows of severity warning are told.
func TestWarningsArePublished(t *testing.T) {
	w := newWorld(t, shopWith(columns+`
expect "positive" {
  query    = "select id, n from this where n = 0"
  severity = "warning"
}
rows {
  max      = 6
  severity = "warning"
}`, appends, ""))
	w.write("data/a.jsonl", strings.Repeat(`{"id":1,"n":0}`+"\n", 7))
	o := w.apply().ok()
	expect(t, "status", o.report.Status, executor.Warned)
	a := o.stream("events").Audits
	if len(a) != 2 || a[0].Rows != 7 || len(a[0].Examples) != 5 || a[0].Examples[0] != `{"id":1,"n":0}` || a[1].Examples[0] != `{"rows":7}` {
		t.Errorf("%+v", a)
	}
	w.want("select count(*) from raw.events", "7")
	w.want("select status from main.headgate_runs", "warning")
}

// TestPersonalDataIsMasked: in examples, and in the reasons of quarantined rows.
func TestPersonalDataIsMasked(t *testing.T) {
	w := newWorld(t, shopWith(`
set_violations = "quarantine"
column "mail" {
  type   = string
  unique = true
  tags   = ["pii"]
}
expect "at" {
  query    = "select mail from this where mail like '%secret%'"
  severity = "warning"
}`, appends, ""))
	w.write("data/a.jsonl", strings.Repeat(`{"mail":"secret@example.org"}`+"\n", 2))
	o := w.apply().ok()
	for _, a := range o.stream("events").Audits {
		if a.Rows != 1 || strings.Contains(fmt.Sprint(a.Examples), "secret") || !strings.Contains(fmt.Sprint(a.Examples), "***") {
			t.Errorf("%+v", a)
		}
	}
	w.want("select reasons::varchar like '%secret%' from main.headgate_quarantine", "false")
}

// TestToleranceCountsRowsTakenOut: what audits take out is judged with the rest,
// before anything is published.
func TestToleranceCountsRowsTakenOut(t *testing.T) {
	data := `{"id":1,"n":1}` + "\n" + `{"id":2,"n":-1}` + "\n" + `{"id":1,"n":2}` + "\n" + `{"id":4,"n":2}` + "\n"
	for tolerance, want := range map[string]diag.Code{"50%": "", "2": "", "1": diag.OverTolerance, "49%": diag.OverTolerance, "": ""} {
		t.Run(tolerance, func(t *testing.T) {
			set := `key = ["id"]` + "\nset_violations = \"quarantine\"\n"
			if tolerance != "" {
				set += fmt.Sprintf("tolerance = %q\n", tolerance)
			}
			w := newWorld(t, shopWith(set+columns, appends, ""))
			w.write("data/a.jsonl", data)
			o := w.apply()
			if want != "" {
				o.fails(want)
				expect(t, "broke", o.report.Broke, true)
				w.want("select count(*) from raw.events", "0")
				w.want("select count(*) from main.headgate_quarantine", "0")
				return
			}
			expect(t, "counts", counts(o.ok().stream("events")), "4 2 2 0 0 0 0")
			w.want("select id from raw.events order by id", "1; 4")
		})
	}
	w := newWorld(t, shopWith("set_violations = \"drop\"\n"+strings.Replace(columns, "min  = 0", "references = pipeline.p.stream.events.column.n", 1), appends, ""))
	w.edit("column.n", "column.n2")
	w.edit("column \"n\"", "column \"n2\" {\ntype = int32\n}\ncolumn \"n\"")
	w.write("data/a.jsonl", data)
	w.apply().fails(diag.NothingAccepted)
}

// TestWhatIsLeftKeepsEveryPromise loads random rows in several runs: whatever is
// taken out, the table keeps its promises and every record has one outcome.
func TestWhatIsLeftKeepsEveryPromise(t *testing.T) {
	inFullOnly(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	for _, write := range []string{"append", "merge", "replace"} {
		for range 4 {
			w := newWorld(t, familyWith(write, "quarantine", promise{
				key: `key = ["id"]`, code: "unique = true", parent: "references = pipeline.parents.stream.parents.column.id", table: `tolerance = "100%"`, cursor: `cursor = "at"`}))
			w.write("data/parents.jsonl", `{"id":0}`+"\n"+`{"id":1}`+"\n"+`{"id":2}`+"\n")
			for run := range 3 {
				var b strings.Builder
				for range 12 {
					fmt.Fprintf(&b, `{"id":%d,"code":"%d","parent":%d,"at":"2024-01-0%dT00:00:00Z"}`+"\n", rnd.IntN(9), rnd.IntN(9), rnd.IntN(4), 1+rnd.IntN(5))
				}
				w.write(fmt.Sprintf("data/kids-%d.jsonl", run), b.String())
				r := w.apply().ok().stream("kids")
				if r.Diff.Inserted+r.Diff.Updated > r.Accepted {
					t.Errorf("%+v of %d accepted", r.Diff, r.Accepted)
				}
				w.want("select count(*) - count(distinct id) + count(code) - count(distinct code) + count(*) filter (parent > 2) from raw.kids", "0")
			}
			w.want("select (select count(*) from main.headgate_quarantine) - (select sum(records_quarantined) from main.headgate_runs)", "0")
		}
	}
}
