package exectest

import (
	"context"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

const keyed = `key = ["id"]
` + columns + `
  column "at" {
    type = int64
  }
`

func TestMergeDiff(t *testing.T) {
	w := newWorld(t, shopWith(keyed, `write = "merge"
    cursor = "at"`, ""))
	w.write("data/a.jsonl", `{"id":1,"n":1,"at":10}
{"id":2,"n":2,"at":10}
{"id":3,"n":3,"at":10}
{"id":1,"n":11,"at":11}
{"id":2,"n":22,"at":9}
`)
	expect(t, "first", diff(w.apply().ok().stream("events").Diff), "3 0 0 0 3")
	w.want("select id, n, \"at\" from raw.events order by id", "1 11 11; 2 2 10; 3 3 10")
	w.settled()
	// 1 is the same, 2 comes late, 3 is newer, 4 is new.
	w.write("data/b.jsonl", `{"id":1,"n":11,"at":11}
{"id":2,"n":99,"at":8}
{"id":3,"n":33,"at":12}
{"id":4,"n":4,"at":1}
`)
	r := w.apply().ok().stream("events")
	expect(t, "second", diff(r.Diff), "1 1 2 0 4")
	w.want("select id, n, \"at\" from raw.events order by id", "1 11 11; 2 2 10; 3 33 12; 4 4 1")
	w.settled()
}

func TestReplaceDiff(t *testing.T) {
	w := newWorld(t, shopWith(keyed, `write = "replace"`, ""))
	w.write("data/a.jsonl", `{"id":1,"n":1,"at":1}`+"\n"+`{"id":2,"n":2,"at":1}`+"\n")
	expect(t, "first", diff(w.apply().ok().stream("events").Diff), "2 0 0 0 2")
	w.write("data/a.jsonl", `{"id":1,"n":1,"at":1}`+"\n"+`{"id":2,"n":5,"at":1}`+"\n"+`{"id":3,"n":3,"at":1}`+"\n")
	expect(t, "second", diff(w.apply().ok().stream("events").Diff), "1 1 1 0 3")
	w.write("data/a.jsonl", `{"id":3,"n":3,"at":1}`+"\n")
	expect(t, "third", diff(w.apply().ok().stream("events").Diff), "0 0 1 2 1")
	w.settled()
	w.run, w.opts.Run = true, []addr.Address{address(t, "pipeline.p")}
	expect(t, "asked for", diff(w.apply().ok().stream("events").Diff), "0 0 1 0 1")
	w.want("select * from raw.events", "3 3 1")
	// One build alone stands behind it.
	w.want("select count(*) from duckdb_tables() where schema_name = 'headgate' and table_name like 'raw.%'", "1")
}

// TestAuditsRollBack: the table and the bookmark stay, and the mended file loads.
func TestAuditsRollBack(t *testing.T) {
	for name, contract := range map[string]string{
		"key":    `key = ["id"]` + columns,
		"unique": strings.Replace(columns, "min  = 0", "min = 0\n unique = true", 1),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, shopWith(contract, appends, ""))
			w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
			w.apply().ok()
			w.write("data/b.jsonl", `{"id":2,"n":2}`+"\n"+`{"id":1,"n":1}`+"\n")
			o := w.apply().fails(diag.AuditFailed)
			expect(t, "broke", o.report.Broke, true)
			expect(t, "rows", o.stream("events").Audits[0].Rows, 1)
			w.want("select id from raw.events", "1")
			w.write("data/b.jsonl", `{"id":2,"n":2}`+"\n"+`{"id":3,"n":3}`+"\n")
			w.apply().ok()
			w.want("select id from raw.events order by id", "1; 2; 3")
			w.settled()
		})
	}
}

// TestRisingKeys: rows whose keys rise are held to the rows that stand there, and to
// those of other files of the session, like any others.
func TestRisingKeys(t *testing.T) {
	for name, contract := range map[string]string{
		"numbers": `key = ["id"]` + columns,
		"texts":   `key = ["id"]` + strings.Replace(columns, "type     = int64\n", "type = string\n", 1),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, shopWith(contract, appends, ""))
			w.write("data/a.jsonl", `{"id":3,"n":1}`+"\n"+`{"id":5,"n":1}`+"\n")
			w.apply().ok()
			for _, overlap := range []string{
				`{"id":5,"n":2}` + "\n" + `{"id":6,"n":2}` + "\n", // the first stands there
				`{"id":2,"n":2}` + "\n" + `{"id":3,"n":2}` + "\n", // the last does
				`{"id":1,"n":2}` + "\n" + `{"id":1,"n":2}` + "\n", // twice among the new ones
			} {
				w.write("data/b.jsonl", overlap)
				w.apply().fails(diag.AuditFailed)
			}
			w.write("data/b.jsonl", `{"id":4,"n":2}`+"\n"+`{"id":6,"n":2}`+"\n") // among them, and none twice
			w.apply().ok()
			w.write("data/c.jsonl", `{"id":7,"n":3}`+"\n"+`{"id":8,"n":3}`+"\n")
			w.write("data/d.jsonl", `{"id":8,"n":3}`+"\n"+`{"id":9,"n":3}`+"\n")
			w.apply().fails(diag.AuditFailed)
			w.write("data/d.jsonl", `{"id":9,"n":3}`+"\n")
			w.apply().ok()
			w.want("select id from raw.events order by id", "3; 4; 5; 6; 7; 8; 9")
			w.settled()
		})
	}
}

// TestBothAuditsAreTold: every promise that is broken has its diagnostic.
func TestBothAuditsAreTold(t *testing.T) {
	w := newWorld(t, shopWith(`key = ["id"]`+strings.Replace(columns, "min  = 0", "min = 0\n unique = true", 1), appends, ""))
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n"+`{"id":1,"n":1}`+"\n")
	w.apply().fails(diag.AuditFailed, diag.AuditFailed)
}

// corrupt is a destination whose staging areas lose a row.
type corrupt struct{ connector.Destination }

type corruptStaging struct{ connector.Staging }

func (d corrupt) OpenStaging(ctx context.Context, s connector.StagingSpec) (connector.Staging, error) {
	st, err := d.Destination.OpenStaging(ctx, s)
	return corruptStaging{st}, err
}

func (s corruptStaging) Checksum(ctx context.Context, stream string) (connector.Checksum, error) {
	c, err := s.Staging.Checksum(ctx, stream)
	c.Sum ^= 1
	return c, err
}

func TestChecksumMismatch(t *testing.T) {
	w := newWorld(t, shopWith(columns, appends, ""))
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.wrap = func(d connector.Destination) connector.Destination { return corrupt{d} }
	o := w.apply().fails(diag.ChecksumMismatch)
	expect(t, "broke", o.report.Broke, false)
	expect(t, "equal", o.stream("events").Checksum.Equal, false)
	w.want("select count(*) from raw.events", "0")
	expect(t, "again", counts(w.apply().ok().stream("events")), "1 1 0 0 0 0 0")
	w.want("select count(*) from raw.events", "1")
}

// TestEvolve: columns come in batches and runs, survive the loss of the state,
// and are declared at last.
func TestEvolve(t *testing.T) {
	w := newWorld(t, shopWith(columns+`unknown_columns = "evolve"`, appends, ""))
	w.write("data/a.jsonl", strings.Repeat(`{"id":1,"n":1}`+"\n", 3000)+`{"id":2,"n":2,"x":1}`+"\n"+strings.Repeat(`{"id":1,"n":1}`+"\n", 3000)+`{"id":3,"n":3,"y":"t"}`+"\n")
	r := w.apply().ok().stream("events")
	expect(t, "evolved", r.Evolved, "[x int64 y string]")
	w.settled()
	w.write("data/b.jsonl", `{"id":4,"n":4,"x":4,"y":"u","z":true}`+"\n")
	expect(t, "evolved", w.apply().ok().stream("events").Evolved, "[z bool]")
	w.forget()
	w.write("data/c.jsonl", `{"id":5,"n":5,"x":5,"z":false}`+"\n")
	o := w.apply().ok()
	expect(t, "after the loss", counts(o.stream("events")), "1 1 0 0 0 0 0")
	expect(t, "evolved", o.stream("events").Evolved, "[]")
	w.want("select * from raw.events where id > 1 order by id", "2 2 1 null null; 3 3 null t null; 4 4 4 u true; 5 5 5 null false")
	w.settled()
	w.edit(`unknown_columns = "evolve"`, `unknown_columns = "evolve"
  column "x" {
    type = decimal(10, 0)
  }`)
	w.apply().ok()
	w.want("select id, n, x, y, z from raw.events where id > 1 order by id", "2 2 1 null null; 3 3 null t null; 4 4 4 u true; 5 5 5 null false")
	w.write("data/d.jsonl", `{"id":6,"n":6,"x":6,"y":"v"}`+"\n")
	w.apply().ok()
	w.want("select id, x, y, z from raw.events where id > 4 order by id", "5 5 null false; 6 6 v null")
	w.settled()
	w.edit(`unknown_columns = "evolve"`, `unknown_columns = "drop"`)
	w.apply().ok()
	w.write("data/e.jsonl", `{"id":7,"n":7,"x":7,"y":"w","q":1}`+"\n")
	w.apply().ok()
	w.want("select count(*) from raw.events where id = 7", "1")
	w.settled()
}

// TestStateLost: no row and no bookmark goes with the state store.
func TestStateLost(t *testing.T) {
	for _, write := range []string{"append", "merge", "replace"} {
		t.Run(write, func(t *testing.T) {
			w := newWorld(t, shopWith(keyed, `write = "`+write+`"`, `
model "m" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select count(*) as c from raw.events"
}
`))
			w.write("data/a.jsonl", `{"id":1,"n":1,"at":1}`+"\n")
			w.apply().ok()
			w.forget()
			o := w.apply().ok()
			if write != "replace" {
				expect(t, "read", o.stream("events").Read, 0)
			}
			w.want("select * from raw.events", "1 1 1")
			w.want("select * from marts.m", "1")
			w.settled()
			w.forget()
			w.write("data/b.jsonl", `{"id":2,"n":2,"at":1}`+"\n")
			w.apply().ok()
			w.want("select id from raw.events order by id", "1; 2")
			w.want("select * from marts.m", "2")
			w.settled()
		})
	}
}

// TestNoFiles: nothing waits, nothing is published; under replace neither.
func TestNoFiles(t *testing.T) {
	for _, write := range []string{"append", "replace"} {
		w := newWorld(t, shopWith(columns, `write = "`+write+`"`, ""))
		o := w.apply()
		expect(t, write, o.stream("events").Status, executor.Unchanged)
		w.want("select count(*) from headgate_runs", "0")
		w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
		w.apply().ok()
		w.want("select count(*) from raw.events", "1")
		w.settled()
	}
}

// TestContractInPlace changes a contract under append: what is there stays.
func TestContractInPlace(t *testing.T) {
	w := newWorld(t, shopWith(columns, appends, ""))
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply().ok()
	w.edit(`type = int32`, `type = int64`)
	w.apply().ok()
	w.edit(`  column "n" {
    type = int64
    min  = 0
  }`, `  column "m" {
    type = string
  }`)
	w.apply().ok()
	w.want("select * from raw.events", "1 null")
	w.write("data/b.jsonl", `{"id":2,"m":"x"}`+"\n")
	w.apply().ok()
	w.want("select * from raw.events order by id", "1 null; 2 x")
	w.edit(`column "m" {
    type = string
  }`, `column "n" {
    type = int64
  }`)
	w.apply().ok()
	w.want("select * from raw.events order by id", "1 1; 2 null")
	w.settled()
}

// TestReplaceAsked loads an append stream anew, also where a stopped run has
// staged the middle of it.
func TestReplaceAsked(t *testing.T) {
	w := newWorld(t, shopWith(columns, appends, ""))
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply().ok()
	w.write("data/b.jsonl", strings.Repeat(`{"id":2,"n":1}`+"\n", 100000))
	w.stopped()
	w.opts.Replace = []addr.Address{address(t, "pipeline.p.stream.events")}
	o := w.apply().ok()
	expect(t, "read", o.stream("events").Read, 100001)
	w.want("select id, count(*) from raw.events group by id order by id", "1 1; 2 100000")
	w.settled()
}

func TestRetireAndReturn(t *testing.T) {
	w := newWorld(t, shopWith(columns, appends, ""))
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply().ok()
	w.edit(`stream "events" {
    contract = contract.events
    table    = "raw.events"`, `stream "other" {
    contract = contract.events
    table    = "raw.other"`)
	w.apply().ok()
	w.want("select table_name from information_schema.tables where table_schema = 'raw'", "other")
	w.want("select count(*) from raw.other", "1")
	w.edit(`stream "other" {
    contract = contract.events
    table    = "raw.other"`, `stream "events" {
    contract = contract.events
    table    = "raw.events"`)
	w.apply().ok()
	w.want("select count(*) from raw.events", "1")
	w.settled()
}

func TestDestinationMoved(t *testing.T) {
	w := newWorld(t, shopWith(columns, appends, `
model "m" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select count(*) as c from raw.events"
}
`))
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply().ok()
	w.edit(`"w.duckdb"`, `"other.duckdb"`)
	w.apply().ok()
	expect(t, "moved", w.queryIn("other.duckdb", "select * from raw.events"), "1 1")
	expect(t, "moved", w.queryIn("other.duckdb", "select * from marts.m"), "1")
	w.want("select * from raw.events", "1 1")
	w.settled()
}

func TestTableRenamed(t *testing.T) {
	w := newWorld(t, shopWith(columns, appends, `
model "v" {
  destination  = destination.w
  schema       = "marts"
  materialized = "view"
  query        = "select id from raw.events"
}
`))
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply().ok()
	w.edit(`"raw.events"
`, `"lake.facts"
`)
	w.edit(`select id from raw.events`, `select id, n from lake.facts`)
	w.apply().ok()
	w.want("select * from lake.facts", "1 1")
	w.want("select * from marts.v", "1 1")
	w.want("select count(*) from information_schema.tables where table_name = 'events'", "0")
	w.settled()
	w.add("main.gate.hcl", `
environment "default" {
  default = true
}
`)
	w.settled()
}
