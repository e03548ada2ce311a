package exectest

import (
	"strings"
	"testing"
)

// TestQuarantineRaw holds what quarantine keeps of a record to the contract's
// quarantine_raw, for records and for the rows of a model.
func TestQuarantineRaw(t *testing.T) {
	const tagged, plain = `tags = ["pii"]`, ""
	for _, c := range []struct{ name, set, tags, record, row string }{
		{"default", "", plain, `{"id":2,"n":-1,"who":"Ann"}`, `{"id":1,"n":-1,"who":"Bo"}`},
		{"personal", "", tagged, `{"id":2,"n":-1,"who":"***"}`, `{"id":1,"n":-1,"who":"***"}`},
		{"full", `quarantine_raw = "full"`, tagged, `{"id":2,"n":-1,"who":"Ann"}`, `{"id":1,"n":-1,"who":"Bo"}`},
		{"masked", `quarantine_raw = "masked"`, tagged, `{"id":2,"n":-1,"who":"***"}`, `{"id":1,"n":-1,"who":"***"}`},
		{"none", `quarantine_raw = "none"`, plain, "null", "null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			who := "\n  column \"who\" {\n    type = string\n    " + c.tags + "\n  }\n  " + c.set + "\n"
			w := newWorld(t, shopWith(columns+who, appends, strings.ReplaceAll(`
contract "negatives" {$columns}
model "negatives" {
  materialized = "table"
  destination  = destination.w
  contract     = contract.negatives
  query        = "select id, cast(0 - n as integer) as n, who from raw.events"
}`, "$columns", columns+who)))
			w.write("data/a.jsonl", `{"id":1,"n":1,"who":"Bo"}
{"id":2,"n":-1,"who":"Ann"}
{"id":3,"n":0,"who":null}
`)
			w.apply().ok()
			w.want("select raw from headgate_quarantine where stream like 'pipeline%'", c.record)
			w.want("select raw from headgate_quarantine where stream like 'model%'", c.row)
			w.want("select count(*) from headgate_quarantine where reasons::varchar like '%n.min%'", "2")
		})
	}
}
