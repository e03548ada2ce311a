package exectest

import (
	"fmt"
	"testing"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// driftProject is one stream that writes so, under a contract that takes unknown
// columns so, and two models over it.
func driftProject(write, unknown string) string {
	return fmt.Sprintf(`
source "file" "f" {
  path = "data/*.jsonl"
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "rows" {
  compatibility   = "none"
  unknown_columns = %q
  key             = ["id"]
  column "id" {
    type = int64
  }
  column "n" {
    type = int32
  }
  column "o" {
    type = struct({ x = int64, y = list(string) })
  }
}
pipeline "p" {
  from = source.f
  to   = destination.w
  stream "rows" {
    contract = contract.rows.v1
    table    = "raw.rows"
    write    = %q
  }
}
model "sums" {
  destination  = destination.w
  materialized = "table"
  query        = "select count(*) as c, sum(n) as s from raw.rows"
}
model "seen" {
  destination  = destination.w
  materialized = "view"
  query        = "select id, n::varchar as t from raw.rows"
}
`, unknown, write)
}

// drifts fails the test unless an apply finds the stream drifted for this reason and
// mends it.
func (w *world) drifts(reason plan.ReasonCode) {
	w.t.Helper()
	o := w.apply().ok()
	for _, s := range o.plan.Steps {
		if s.Action == plan.Drifted && s.Drift.Reasons[0].Code == reason {
			w.settled()
			return
		}
	}
	w.t.Errorf("no %s:\n%s", reason, plan.Dump(o.plan))
}

// behind is the table behind raw.rows, as SQL.
func (w *world) behind() string {
	w.t.Helper()
	return `headgate."` + w.query("select value from headgate_meta where kind = 'name' and name = 'rows'") + `"`
}

// TestDriftIsMended: what somebody changes is mended under every way of writing, and
// the plan after it is empty, as it is after the loads in between.
func TestDriftIsMended(t *testing.T) {
	for _, c := range []struct{ write, unknown string }{{"append", "keep_json"}, {"merge", "evolve"}, {"replace", "drop"}} {
		t.Run(c.write, func(t *testing.T) {
			w := newWorld(t, driftProject(c.write, c.unknown))
			w.write("data/a.jsonl", `{"id":1,"n":1,"o":{"x":1,"y":["a"]},"own":"x"}`+"\n"+`{"id":2,"n":2}`+"\n")
			w.apply().ok()
			w.settled()
			w.exec("drop view raw.rows")
			w.drifts(plan.ViewDropped)
			w.exec("alter table " + w.behind() + " alter column n set data type varchar")
			w.drifts(plan.ColumnRetyped)
			w.want("select sum(n) from raw.rows", "3")
			w.exec("alter table " + w.behind() + " drop column o")
			w.drifts(plan.ColumnDropped)
			w.want("select count(*), count(o) from raw.rows", "2 0")
			w.exec("alter table " + w.behind() + " add column added date")
			w.drifts(plan.ColumnAdded)
			published := w.query("select count(*) from duckdb_columns() where table_name = 'rows' and column_name = 'added'")
			expect(t, "the added column is published", published == "1", c.unknown == "evolve")
			w.write("data/b.jsonl", `{"id":3,"n":3,"added":"2026-01-01"}`+"\n")
			w.apply().ok()
			w.settled()
			w.want("select sum(n) from raw.rows", "6")
			w.exec("drop table " + w.behind())
			if c.write != "replace" {
				w.run = true
				w.write("data/c.jsonl", `{"id":4,"n":4}`+"\n")
				w.apply().fails(diag.TableDrifted)
			}
			w.drifts(plan.TableDropped)
			w.want("select count(*) >= 3 from raw.rows", "true")
			w.want("select c >= 3 from sums", "true")
		})
	}
}
