package exectest

import (
	"context"
	"fmt"
	"testing"

	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// exec changes the warehouse behind headgate's back.
func (w *world) exec(sql string) {
	w.t.Helper()
	d, err := duck.Open(w.path("w.duckdb"), map[string]string{"threads": "1"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer d.Close()
	c, err := d.Connect()
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec(context.Background(), sql); err != nil {
		w.t.Fatal(err)
	}
}

const adults = `
model "adults" {
  destination  = destination.w
  materialized = "table"
  version "1" {
    query    = "select id from raw.parents where id > 1"
    contract = contract.parents
  }
}
external "legacy.people" {
  destination = destination.w
  contract    = contract.parents
}
`

// TestReferencesToModelsAndExternals: the table of a model is built first, an
// external one is read as it is.
func TestReferencesToModelsAndExternals(t *testing.T) {
	for name, target := range map[string]string{"model": "model.adults.column.id", "version": "model.adults.v1.column.id", "external": "external.legacy.people.column.id"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, familyWith("append", "", promise{parent: "references = " + target})+adults)
			w.exec("create schema legacy; create table legacy.people as select 2::bigint id")
			w.write("data/parents.jsonl", `{"id":1}`+"\n"+`{"id":2}`+"\n")
			w.write("data/kids-1.jsonl", kid(1, "a", 2))
			w.apply().ok()
			w.write("data/kids-2.jsonl", kid(2, "b", 1))
			w.apply().fails(diag.RowsWithoutPartner)
			w.want("select id from raw.kids", "1")
			// Both come together: what is referenced is made first.
			w.write("data/kids-2.jsonl", kid(2, "b", 3))
			w.write("data/parents.jsonl", `{"id":2}`+"\n"+`{"id":3}`+"\n")
			w.exec("insert into legacy.people values (3)")
			w.apply().ok()
			w.want("select id from raw.kids order by 1", "1; 2")
		})
	}
}

// TestReferencesUnderRun: headgate run audits by what was last applied, whether the
// other table moves or not.
func TestReferencesUnderRun(t *testing.T) {
	w := newWorld(t, familyWith("append", "", promise{parent: "references = pipeline.parents.stream.parents.column.id"}))
	w.write("data/parents.jsonl", `{"id":1}`+"\n")
	w.write("data/kids-1.jsonl", kid(1, "a", 1))
	w.apply().ok()
	w.write("data/kids-2.jsonl", kid(2, "b", 2))
	w.run = true
	w.opts.Run = append(w.opts.Run, address(t, "pipeline.kids"))
	w.apply().fails(diag.RowsWithoutPartner)
	w.write("data/parents.jsonl", `{"id":2}`+"\n")
	w.run = true
	o := w.apply().ok()
	expect(t, "status", o.report.Status, executor.Warned) // the child of 1 has lost it
	w.want("select id from raw.kids order by 1", "1; 2")
}

// TestAFailedParentHoldsItsChildrenBack: what is to be looked up is not there, so
// nothing is loaded against it.
func TestAFailedParentHoldsItsChildrenBack(t *testing.T) {
	w := newWorld(t, familyWith("append", "quarantine", promise{parent: "references = pipeline.parents.stream.parents.column.id"}))
	w.write("data/parents.jsonl", `{"id":1}`+"\n"+`{"id":1}`+"\n")
	w.write("data/kids-1.jsonl", kid(1, "a", 1))
	o := w.apply().fails(diag.AuditFailed)
	expect(t, "children", o.step("pipeline.kids/run").Status, executor.Skipped)
	w.write("data/parents.jsonl", `{"id":1}`+"\n")
	w.apply().ok()
	w.want("select id from raw.kids", "1")
}

// TestATooLongChain: rows that hang on each other without end are not searched for
// round after round.
func TestATooLongChain(t *testing.T) {
	w := newWorld(t, shopWith(`
key            = ["id"]
set_violations = "drop"
column "id" {
  type = int64
}
column "boss" {
  type       = int64
  references = pipeline.p.stream.events.column.id
}`, appends, ""))
	for i := range 150 {
		w.add("data/a.jsonl", `{"id":`+fmt.Sprint(i)+`,"boss":`+fmt.Sprint(i-1)+"}\n")
	}
	w.add("data/a.jsonl", `{"id":1000}`+"\n")
	w.apply().fails(diag.ChainTooLong)
	w.want("select count(*) from raw.events", "0")
}

// TestChildrenOfASession: parents and children that one session loads are audited
// as they will be, whatever their names' order.
func TestChildrenOfASession(t *testing.T) {
	for _, mode := range []string{"fail", "quarantine"} {
		t.Run(mode, func(t *testing.T) {
			w := newWorld(t, `
source "file" "a" {
  path = "data/*.jsonl"
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "parents" {
  key            = ["id"]
  set_violations = "quarantine"
  column "id" {
    type = int64
  }
}
contract "kids" {
  set_violations = "`+mode+`"
  column "kid" {
    type       = int64
    references = pipeline.p.stream.z.column.id
  }
}
pipeline "p" {
  from = source.a
  to   = destination.w
  stream "a" {
    contract = contract.kids
    table    = "raw.kids"
    map {
      filter = row.kid != null
    }
  }
  stream "z" {
    contract = contract.parents
    table    = "raw.parents"
    map {
      filter = row.id != null
    }
  }
}
`)
			w.write("data/a.jsonl", `{"kid":7}`+"\n"+`{"id":7}`+"\n")
			w.apply().ok()
			w.write("data/b.jsonl", `{"kid":8}`+"\n"+`{"kid":7}`+"\n"+`{"id":9}`+"\n")
			if mode == "fail" {
				w.apply().fails(diag.RowsWithoutPartner)
				w.want("select id from raw.parents", "7")
				return
			}
			w.apply().ok()
			w.want("select id from raw.parents order by 1", "7; 9")
			w.want("select kid from raw.kids", "7; 7")
		})
	}
}

// TestOrphansAreWarnedOf: a parent that is made anew without some of its rows.
func TestOrphansAreWarnedOf(t *testing.T) {
	p := promise{parent: "references = pipeline.parents.stream.parents.column.id"}
	w := newWorld(t, familyWith("append", "", p))
	w.write("data/parents.jsonl", `{"id":1}`+"\n"+`{"id":2}`+"\n")
	w.write("data/kids-1.jsonl", kid(1, "a", 1)+kid(2, "b", 2)+kid(3, "c", 2))
	w.apply().ok()
	w.write("data/parents.jsonl", `{"id":1}`+"\n")
	o := w.apply().ok()
	expect(t, "status", o.report.Status, executor.Warned)
	var found []string
	for _, a := range o.stream("parents").Audits {
		if a.Rows > 0 {
			found = append(found, fmt.Sprint(a.Rule, " ", a.Kind, " ", a.Severity, " ", a.Rows, " ", a.Examples))
		}
	}
	expect(t, "found", found, `[pipeline.kids.stream.kids: parent.references orphans warning 2 [{"parent":2} {"parent":2}]]`)
	w.want("select id from raw.parents", "1")
}

// TestSelfReference: a table that refers to itself loses whole chains.
func TestSelfReference(t *testing.T) {
	for _, write := range []string{"append", "merge", "replace"} {
		t.Run(write, func(t *testing.T) {
			w := newWorld(t, shopWith(`
key            = ["id"]
set_violations = "drop"
column "id" {
  type = int64
}
column "boss" {
  type       = int64
  references = pipeline.p.stream.events.column.id
}`, `write = "`+write+`"`, ""))
			w.write("data/a.jsonl", `{"id":1}`+"\n"+`{"id":2,"boss":1}`+"\n"+`{"id":3,"boss":3}`+"\n")
			w.apply().ok()
			w.write("data/b.jsonl", `{"id":4,"boss":2}`+"\n"+`{"id":5,"boss":99}`+"\n"+`{"id":6,"boss":5}`+"\n"+`{"id":7,"boss":6}`+"\n"+`{"id":8,"boss":4}`+"\n")
			w.apply().ok()
			w.want("select id from raw.events order by 1", "1; 2; 3; 4; 8")
		})
	}
}

// TestUniqueUnderMerge: a row that is replaced frees its value, one that is left
// out takes none, and one that is taken out leaves the old row with its own.
func TestUniqueUnderMerge(t *testing.T) {
	at := func(id int, code string, day int) string {
		return fmt.Sprintf(`{"id":%d,"code":%q,"at":"2024-01-%02dT00:00:00Z"}`+"\n", id, code, day)
	}
	for name, c := range map[string]struct{ rows, left string }{
		"frees":               {at(1, "b", 6) + at(2, "a", 6), "1 b; 2 a; 9 z"},
		"older is left out":   {at(1, "b", 1) + at(2, "b", 6), "1 a; 2 b; 9 z"},
		"older frees nothing": {at(1, "b", 1) + at(2, "a", 6), "1 a; 9 z"},
		"taken":               {at(1, "z", 6) + at(2, "a", 7), "1 a; 9 z"},
		"the first stays":     {at(2, "b", 7) + at(3, "b", 6), "1 a; 3 b; 9 z"},
		"same again":          {at(1, "a", 5) + at(9, "z", 6), "1 a; 9 z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, familyWith("merge", "drop", promise{code: "unique = true", cursor: `cursor = "at"`, table: `tolerance = "100%"`}))
			w.write("data/parents.jsonl", `{"id":1}`+"\n")
			w.write("data/kids-1.jsonl", at(1, "a", 5)+at(9, "z", 5))
			w.apply().ok()
			w.write("data/kids-2.jsonl", c.rows)
			w.apply().ok()
			w.want("select id, code from raw.kids order by 1", c.left)
		})
	}
}

// TestNoWarningOfWhatIsMadeAnew: children that the same plan loads as a whole are
// audited when they are.
func TestNoWarningOfWhatIsMadeAnew(t *testing.T) {
	w := newWorld(t, familyWith("replace", "", promise{parent: "references = pipeline.parents.stream.parents.column.id"}))
	w.write("data/parents.jsonl", `{"id":1}`+"\n")
	w.write("data/kids-1.jsonl", kid(1, "a", 1))
	w.apply().ok()
	w.write("data/parents.jsonl", `{"id":2}`+"\n")
	w.write("data/kids-1.jsonl", kid(1, "a", 2))
	expect(t, "status", w.apply().ok().report.Status, executor.Done)
}
