package ruleset_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/lint/ruleset"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
)

// given are the blocks that examples may refer to without writing them out, by
// what makes them needed.
var given = []struct{ when, unless, text string }{
	{"raw.orders", "", `pipeline "orders" {
  from  = source.shop
  to    = destination.warehouse
  owner = "sales"
  stream "orders" {
    contract = contract.orders.v1
    table    = "raw.orders"
    write    = "merge"
  }
}
`},
	{"raw.customers", "", `pipeline "customers" {
  from  = source.shop
  to    = destination.warehouse
  owner = "sales"
  stream "customers" {
    contract = contract.customers.v1
    table    = "raw.customers"
    write    = "merge"
  }
}
contract "customers" {
  key = ["id"]
  column "id" {
    type = int64
  }
  column "referrer" {
    type = int64
  }
  column "country" {
    type = string
  }
}
`},
	{"contract.orders", `contract "orders"`, `contract "orders" {
  description = "One row per order."
  owner       = "sales"
  key         = ["id"]
  column "id" {
    type = int64
  }
  column "amount" {
    type     = decimal(12, 2)
    required = true
  }
  column "customer_id" {
    type = int64
  }
  column "created_at" {
    type     = timestamptz
    required = true
  }
  freshness {
    column  = "created_at"
    max_age = "26h"
  }
}
`},
	{"source.shop", `source "file" "shop"`, "source \"file\" \"shop\" {\n  path = \"shop.jsonl\"\n}\n"},
	{"destination.warehouse", `destination "duckdb" "warehouse"`, "destination \"duckdb\" \"warehouse\" {\n  path = \"warehouse.duckdb\"\n}\n"},
}

// complete adds what an example refers to.
func complete(text string) string {
	all := text
	for _, g := range given {
		if strings.Contains(all, g.when) && (g.unless == "" || !strings.Contains(all, g.unless)) {
			all += g.text
		}
	}
	return all
}

// check compiles a text and runs every rule over it.
func check(t *testing.T, engine *typer.Typer, text string) (lint.Result, lint.Input) {
	t.Helper()
	fsys := fstest.MapFS{"main.gate.hcl": {Data: []byte(text)}}
	m, diags := lang.Load(fsys, ".")
	in := lint.Input{Module: m, Today: "2026-06-01", Rules: ruleset.All()}
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{Today: "2026-06-01", FS: fsys, FolderName: "shop", Typer: engine,
		OnQuery: func(q compiler.Query) { in.Queries = append(in.Queries, q) }})
	for _, d := range append(diags, more...) {
		if d.Severity.String() == "error" {
			t.Fatalf("the example does not compile: %v\n%s", d, text)
		}
	}
	in.Program = p
	return lint.Run(in), in
}

func ids(found []lint.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Rule)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestExamples runs each rule's own examples: the rule finds something in the bad
// one and nothing in the good one, and no other rule objects to either. A contract
// or a source that only an example declares is of course not used, and remarks on
// missing words are beside the point.
func TestExamples(t *testing.T) {
	engine := typer.New()
	defer engine.Close()
	bySeverity := map[string]lint.Severity{}
	for _, r := range ruleset.All() {
		bySeverity[r.ID] = r.Severity
	}
	for _, r := range ruleset.All() {
		t.Run(r.ID, func(t *testing.T) {
			others := func(found []lint.Finding) []string {
				return slices.DeleteFunc(ids(found), func(id string) bool {
					return id == r.ID || strings.HasPrefix(id, "unused_") || bySeverity[id] == lint.Info
				})
			}
			bad, _ := check(t, engine, complete(r.Bad))
			if !slices.Contains(ids(bad.Findings), r.ID) {
				t.Errorf("the bad example passes")
			}
			good, _ := check(t, engine, complete(r.Good))
			if slices.Contains(ids(good.Findings), r.ID) {
				t.Errorf("the good example is found: %v", messages(good.Findings, r.ID))
			}
			for _, found := range [][]lint.Finding{bad.Findings, good.Findings} {
				if other := others(found); len(other) > 0 {
					t.Errorf("other rules find something in an example: %v", other)
				}
			}
			for _, text := range []string{r.Bad, r.Good} {
				if formatted, _ := lang.Format([]byte(text)); string(formatted) != text {
					t.Errorf("an example is not in the canonical form; it would be:\n%s", formatted)
				}
			}
		})
	}
}

func messages(found []lint.Finding, rule string) string {
	var out strings.Builder
	for _, f := range found {
		if f.Rule == rule {
			fmt.Fprintf(&out, "%s: %s\n", f.Range, f.Message)
		}
	}
	return out.String()
}

// TestMends applies each rule's own fixes to its bad example: the result compiles,
// and the rule finds nothing that could be mended any more.
func TestMends(t *testing.T) {
	engine := typer.New()
	defer engine.Close()
	for _, r := range ruleset.All() {
		t.Run(r.ID, func(t *testing.T) {
			bad, before := check(t, engine, complete(r.Bad))
			own := slices.DeleteFunc(bad.Findings, func(f lint.Finding) bool { return f.Rule != r.ID || len(f.Edits) == 0 })
			if (len(own) > 0) != r.Mends {
				t.Fatalf("Mends is %v, and %d findings carry edits", r.Mends, len(own))
			}
			if !r.Mends {
				return
			}
			mended := lint.Fix(before.Module.Files, own)
			after, now := check(t, engine, string(mended.Files["main.gate.hcl"]))
			if text := messages(after.Findings, r.ID); text != "" {
				t.Errorf("after the fix: %s\n%s", text, mended.Files["main.gate.hcl"])
			}
			// A query that names a version has another text, and gives the same rows.
			if r.ID != "unpinned_model" && program.ProgramDigest(before.Program) != program.ProgramDigest(now.Program) {
				t.Errorf("the fix changes the program:\n%s", mended.Files["main.gate.hcl"])
			}
		})
	}
}

// TestRules holds what every rule owes its reader.
func TestRules(t *testing.T) {
	form := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, r := range ruleset.All() {
		if !form.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%s: a rule's id is its own, in snake_case", r.ID)
		}
		seen[r.ID] = true
		for _, text := range []string{r.Summary, r.Why, r.Fix, r.Bad, r.Good} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s lacks words", r.ID)
			}
		}
		if strings.HasSuffix(r.Summary, ".") || !strings.HasSuffix(r.Why, ".") || !strings.HasSuffix(r.Fix, ".") {
			t.Errorf("%s: a summary has no full stop; why and fix are sentences", r.ID)
		}
		if r.Severity == lint.Off || r.Check == nil {
			t.Errorf("%s does nothing", r.ID)
		}
	}
	if len(seen) < 25 {
		t.Errorf("%d rules, want at least 25", len(seen))
	}
}

// TestFindings runs every rule over the archives of testdata, which hold what is
// near to a mistake and none, beside what is one.
func TestFindings(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		engine := typer.New()
		defer engine.Close()
		m, diags := lang.Load(a.FS(), ".")
		in := lint.Input{Module: m, Today: "2026-06-01", Rules: ruleset.All()}
		p, more := compiler.Compile(context.Background(), m, compiler.Inputs{Today: "2026-06-01", FS: a.FS(), FolderName: "shop", Typer: engine,
			OnQuery: func(q compiler.Query) { in.Queries = append(in.Queries, q) }})
		if diags = append(diags, more...); diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		in.Program = p
		result := lint.Run(in)
		var out strings.Builder
		for _, f := range result.Findings {
			fmt.Fprintf(&out, "%s:%d:%d %s %s: %s\n", f.Range.Filename, f.Range.Start.Line, f.Range.Start.Column, f.Severity, f.Rule, f.Message)
		}
		for _, f := range result.Ignored {
			fmt.Fprintf(&out, "ignored %s:%d %s: %s\n", f.Range.Filename, f.Range.Start.Line, f.Rule, f.Reason)
		}
		a.Compare(t, "want", []byte(out.String()))
	})
}

// TestReference keeps docs/reference/lint.md like the rules themselves.
func TestReference(t *testing.T) {
	golden.File(t, "../../../docs/reference/lint.md", []byte(ruleset.Reference()))
}
