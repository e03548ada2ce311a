package exectest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

const impacted = `
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
  compatibility = "none"
  key           = ["id"]
  column "id" {
    type = int64
  }
}
contract "kids" {
  compatibility = "none"
  column "id" {
    type = int64 # kid
  }
  column "code" {
    type = string # code
  }
  column "parent" {
    type = int64 # parent
  }
  column "at" {
    type = timestamptz
  }
  # promises
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
pipeline "kids" {
  from       = source.kids
  to         = destination.w
  depends_on = [pipeline.parents]
  stream "kids" {
    contract = contract.kids
    table    = "raw.kids"
    write    = "append"
  }
}
model "sums" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select parent, count(*) as n, min(code) as code from raw.kids group by parent"
  # promise
}
contract "sums" {
  column "parent" {
    type = int64
  }
  column "n" {
    type = int64
    max  = 2
  }
  column "code" {
    type    = string
    pattern = "^[a-z]+$"
  }
}
`

// impactOf is what the plan says of one table.
func impactOf(t *testing.T, p *plan.Plan, table string) *plan.Impact {
	t.Helper()
	for _, s := range p.Steps {
		for _, i := range s.Impact {
			if i.Table.String() == table {
				return i
			}
		}
	}
	t.Fatalf("the plan says nothing of %s:\n%s", table, plan.Dump(p))
	return nil
}

// broken are the broken rules with their counts, "rule kind count" each.
func broken(i *plan.Impact) string {
	var out []string
	for _, r := range i.Rules {
		out = append(out, fmt.Sprintf("%s %s %d", r.Rule, r.Kind, r.Found))
	}
	return strings.Join(out, ", ")
}

func impactWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, impacted)
	w.write("data/parents.jsonl", `{"id":1}`+"\n"+`{"id":2}`+"\n")
	w.write("data/kids-1.jsonl", `{"id":1,"code":"a","parent":1,"at":"2026-01-01T00:00:00Z"}
{"id":1,"code":"b","parent":1,"at":"2026-01-01T00:00:00Z"}
{"id":2,"code":"B","parent":3,"at":"2026-01-01T00:00:00Z"}
{"id":null,"code":"a","parent":1,"at":"2026-01-01T00:00:00Z"}
{"id":null,"code":null,"parent":null,"at":"2026-01-01T00:00:00Z"}
`)
	w.apply().ok()
	return w
}

// TestImpactOfPromises tightens every kind of promise over the whole table, and
// then does what the plan said of the runs to come.
func TestImpactOfPromises(t *testing.T) {
	w := impactWorld(t)
	w.edit("  # promises", `  key = ["id"]
  expect "short" {
    query = "select code from this where length(code) > 0"
  }
  expect "wide" {
    query    = "select 1 from this where false"
    severity = "warning"
  }
  rows {
    min = 6
  }
  freshness {
    column   = "at"
    max_age  = "24h"
    severity = "warning"
  }`)
	w.edit("    type = string # code", "    type = string\n    unique = true")
	w.edit("    type = int64 # parent", "    type = int64\n    references = pipeline.parents.stream.parents.column.id")
	i := impactOf(t, w.planned(), "pipeline.kids.stream.kids")
	// The nulls of the key, then the promises in the order asked.
	want := "key required 2, key key 1, code.unique unique 1, parent.references references 1, short expect 4, rows rows 1, freshness freshness 1"
	if got := broken(i); got != want || i.Rows != 5 || i.Refused.Found != 2 || len(i.NotCounted) > 0 {
		t.Errorf("%s\nwant %s\n%+v", got, want, i)
	}
	if i.Fate != plan.FateKept || !strings.Contains(i.Then, "each run audits the whole table") || !strings.Contains(i.Then, "touch a value at fault") {
		t.Errorf("%s: %s", i.Fate, i.Then)
	}
	w.apply().ok()
	w.write("data/kids-2.jsonl", `{"id":9,"code":"z","parent":1,"at":"2026-01-01T00:00:00Z"}`+"\n")
	w.apply().fails(diag.ExpectBroken)
}

// TestImpactOnModel puts a contract on a model that stands: what the plan counts is
// what the build takes out.
func TestImpactOnModel(t *testing.T) {
	w := impactWorld(t)
	w.edit("  # promise\n", "  contract = contract.sums\n")
	p := w.planned()
	i := impactOf(t, p, "model.sums.v1")
	if got, want := broken(i), "n.max limit 1, code.pattern limit 1"; got != want || i.Rows != 3 || i.Refused.Found != 2 {
		t.Errorf("%s\nwant %s\n%+v", got, want, i)
	}
	if i.Fate != plan.FateRebuilt || !strings.Contains(i.Then, "quarantine") {
		t.Errorf("%s: %s", i.Fate, i.Then)
	}
	out := w.apply().ok()
	for _, s := range out.report.Steps {
		if s.Model == nil {
			continue
		}
		removed := int64(0)
		for _, a := range s.Model.Audits {
			removed += a.Rows
		}
		if removed != i.Refused.Found || s.Model.Diff.Rows != i.Rows-i.Refused.Found {
			t.Errorf("the build removed %d and left %d", removed, s.Model.Diff.Rows)
		}
		return
	}
	t.Error("no model was built")
}

// TestImpactOfTypes narrows a type in place: the apply stops, as the plan says.
func TestImpactOfTypes(t *testing.T) {
	w := impactWorld(t)
	w.add("data/kids-1.jsonl", `{"id":3000000000,"code":"a","parent":1,"at":"2026-01-01T00:00:00Z"}`+"\n")
	w.apply().ok()
	w.edit("    type = int64 # kid", "    type = int32\n    min = 2")
	i := impactOf(t, w.planned(), "pipeline.kids.stream.kids")
	if got, want := broken(i), "id.min limit 2, id.type type 1"; got != want || i.Refused.Found != 3 || i.Fate != plan.FateConverted {
		t.Errorf("%s\nwant %s\n%+v", got, want, i)
	}
	if out := w.apply(); out.report.Status != executor.Failed {
		t.Errorf("status %s", out.report.Status)
	}
}

// TestImpactNew asks nothing where nothing stands, and nothing where a contract is
// loosened.
func TestImpactNew(t *testing.T) {
	w := newWorld(t, impacted)
	w.write("data/parents.jsonl", `{"id":1}`+"\n")
	w.write("data/kids-1.jsonl", `{"id":1,"code":"a","parent":1,"at":"2026-01-01T00:00:00Z"}`+"\n")
	none := func() {
		t.Helper()
		for _, s := range w.planned().Steps {
			if len(s.Impact) > 0 {
				t.Errorf("%s: %+v", s.ID, s.Impact[0])
			}
		}
	}
	none()
	w.edit("    type = int64 # kid", "    type = int32\n    min = 1")
	w.apply().ok()
	w.edit("    type = int32\n    min = 1", "    type = int64\n    min = 0")
	none()
}
