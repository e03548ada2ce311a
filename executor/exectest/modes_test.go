package exectest

import (
	"strings"
	"testing"

	"github.com/headgate-data/headgate/lang/diag"
)

// shop is a project with one stream; $contract, $stream and $rest are filled in.
const shop = `
source "file" "events" {
  path = "data/*.jsonl"
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "events" {
  $contract
}
pipeline "p" {
  from = source.events
  to   = destination.w
  stream "events" {
    contract = contract.events
    table    = "raw.events"
    $stream
  }
}
$rest
`

func shopWith(contract, stream, rest string) string {
	return strings.NewReplacer("$contract", contract, "$stream", stream, "$rest", rest).Replace(shop)
}

const columns = `
  column "id" {
    type     = int64
    required = true
  }
  column "n" {
    type = int32
    min  = 0
  }
`

const appends = `write = "append"`

// TestOnViolation puts each kind of fault before each mode.
func TestOnViolation(t *testing.T) {
	data := `{"id":1,"n":1}
{"id":2,"n":-1}
{"id":3,"n":"x"}
{"n":4}
not json
{"id":6,"n":6,"out":true}
`
	for mode, want := range map[string]struct {
		counts, rows, quarantine, annotated string
		code                                diag.Code
	}{
		"quarantine": {"6 1 4 0 1 0 0", "1 1", "2; 3; 4; 5", "", ""},
		"drop":       {"6 1 0 4 1 0 0", "1 1", "", "", ""},
		"null_value": {"6 3 2 0 1 2 0", "1 1; 2 null; 3 null", "2; 3; 4; 5", "2; 3", ""},
		"warn":       {"6 2 3 0 1 0 1", "1 1; 2 -1", "3; 4; 5", "", ""},
		"fail":       {"", "", "", "", diag.RecordBroke},
	} {
		t.Run(mode, func(t *testing.T) {
			w := newWorld(t, shopWith(columns+`on_violation = "`+mode+`"`, appends+`
    map {
      filter = row.out == null
    }`, ""))
			w.write("data/a.jsonl", data)
			o := w.apply()
			if want.code != "" {
				o.fails(want.code)
				expect(t, "broke", o.report.Broke, true)
				w.want("select count(*) from raw.events", "0")
				w.want("select count(*) from headgate_quarantine", "0")
				w.want("select status from headgate_runs", "failure")
				return
			}
			o.ok()
			expect(t, "counts", counts(o.stream("events")), want.counts)
			expect(t, "broke", o.report.Broke, false)
			w.want("select id, n from raw.events order by id", want.rows)
			w.want("select line from headgate_quarantine order by line", want.quarantine)
			w.want("select line from headgate_quarantine where annotated order by line", want.annotated)
			w.want("select status from headgate_runs", "warning")
			w.settled()
		})
	}
}

func TestUnknownColumns(t *testing.T) {
	data := `{"id":1,"n":1}
{"id":2,"n":2,"more":7}
{"id":3,"n":3,"more":8,"other":"x"}
`
	for mode, want := range map[string]struct {
		counts, rows string
		code         diag.Code
	}{
		"drop":       {"3 3 0 0 0 0 0", "1 1; 2 2; 3 3", ""},
		"quarantine": {"3 1 2 0 0 0 0", "1 1", ""},
		"keep_json":  {"3 3 0 0 0 0 0", `1 1 null; 2 2 {"more":7}; 3 3 {"more":8,"other":"x"}`, ""},
		"evolve":     {"3 3 0 0 0 0 0", "1 1 null null; 2 2 7 null; 3 3 8 x", ""},
		"fail":       {"", "", diag.RecordBroke},
	} {
		t.Run(mode, func(t *testing.T) {
			w := newWorld(t, shopWith(columns+`unknown_columns = "`+mode+`"`, appends, ""))
			w.write("data/a.jsonl", data)
			o := w.apply()
			if want.code != "" {
				o.fails(want.code)
				expect(t, "broke", o.report.Broke, true)
				w.want("select count(*) from raw.events", "0")
				return
			}
			o.ok()
			expect(t, "counts", counts(o.stream("events")), want.counts)
			w.want("select * from raw.events order by id", want.rows)
			w.settled()
		})
	}
}

// TestTolerance is judged before anything is published.
func TestTolerance(t *testing.T) {
	bad, good := `{"id":null}`+"\n", `{"id":1}`+"\n"
	for name, c := range map[string]struct {
		tolerance string
		data      string
		code      diag.Code
	}{
		"none set":         {"", strings.Repeat(bad, 9) + good, ""},
		"none accepted":    {"", bad, diag.NothingAccepted},
		"count at limit":   {`tolerance = "2"`, bad + bad + good, ""},
		"count beyond":     {`tolerance = "2"`, bad + bad + bad + strings.Repeat(good, 50), diag.OverTolerance},
		"percent at limit": {`tolerance = "0.57%"`, strings.Repeat(bad, 57) + strings.Repeat(good, 9943), ""},
		"percent beyond":   {`tolerance = "0.57%"`, strings.Repeat(bad, 58) + strings.Repeat(good, 9942), diag.OverTolerance},
		"nothing":          {`tolerance = "0"`, bad + good, diag.OverTolerance},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, shopWith(columns+c.tolerance, appends, ""))
			w.write("data/a.jsonl", good)
			w.apply().ok()
			w.write("data/b.jsonl", c.data)
			o := w.apply()
			if c.code == "" {
				o.ok()
				expect(t, "broke", o.report.Broke, false)
				return
			}
			o.fails(c.code)
			expect(t, "broke", o.report.Broke, true)
			w.want("select count(*) from raw.events", "1")
			w.want("select count(*) from headgate_quarantine", "0")
			// The bookmark has not moved: once mended, the file is read again.
			w.write("data/b.jsonl", strings.ReplaceAll(c.data, bad, good))
			w.apply().ok()
			w.want("select count(*) from raw.events", w.lines("data/b.jsonl", 1))
			w.settled()
		})
	}
}
