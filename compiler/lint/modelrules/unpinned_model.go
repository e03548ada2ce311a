package modelrules

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

func unpinnedModel() *lint.Rule {
	return &lint.Rule{
		ID: "unpinned_model", Severity: lint.Info, Mends: true,
		Summary: "A query follows whatever version of a model is the latest",
		Why:     "A bare name means the latest version. The day the next one is published this query reads other columns, in the same plan, whether it is ready or not.",
		Fix:     "Read the version by name, as in daily_v2, and move on purpose.",
		Bad: `model "daily" {
  destination = destination.warehouse
  owner       = "sales"
  version "1" {
    query = "select id from raw.orders"
  }
  version "2" {
    query = "select id, amount from raw.orders"
  }
}
model "report" {
  destination = destination.warehouse
  owner       = "sales"
  query       = "select d.id from daily as d"
  contract    = contract.report
}
contract "report" {
  description = "One row per order."
  owner       = "sales"
  column "id" {
    type = int64
  }
}
`,
		Good: `model "daily" {
  destination = destination.warehouse
  owner       = "sales"
  version "1" {
    query = "select id from raw.orders"
  }
  version "2" {
    query = "select id, amount from raw.orders"
  }
}
model "report" {
  destination = destination.warehouse
  owner       = "sales"
  query       = "select d.id from daily_v2 as d"
  contract    = contract.report
}
contract "report" {
  description = "One row per order."
  owner       = "sales"
  column "id" {
    type = int64
  }
}
`,
		Check: checkNames,
	}
}

// checkNames looks at the names of models in queries.
func checkNames(p *lint.Pass) {
	versions := map[addr.Address]int{}
	for _, n := range p.Models() {
		versions[n.Address.Base()]++
	}
	for _, n := range p.Models() {
		if q, ok := p.Query(n.Address); ok {
			for _, t := range n.Model.Tables {
				unpinned(p, n, t, versions, q.Place(t.Start, t.End))
			}
		}
	}
}

// unpinned reports a bare name that stands for one version of several.
func unpinned(p *lint.Pass, n *program.Node, t program.TableRef, versions map[addr.Address]int, at diag.Range) {
	input, ok := p.Program().Lookup(t.Target)
	if !ok || input.Model == nil || versions[t.Target.Base()] < 2 || t.Target.Base() == n.Address.Base() {
		return
	}
	if !strings.EqualFold(t.Table, input.Model.Table) {
		return // its name has the version
	}
	written := n.Model.SQL[t.Start:t.End]
	pinned := fmt.Sprintf("%s_v%d", written, input.Model.Version)
	f := p.Report(at, n.Address, "%s means version %d today. Read %s.", written, input.Model.Version, pinned)
	f.Also = []diag.Range{p.At(n.Range, "query")}
	if text, ok := p.Source(at); ok && text == written && !strings.HasSuffix(written, `"`) {
		f.Edits = p.Replace(at, pinned)
		if !aliased(n.Model.SQL, t) {
			f.Edits = nil // its columns may be named by it
		}
	}
}

// aliased reports whether a table's name in a query is followed by another name.
func aliased(sql string, t program.TableRef) bool {
	rest := program.SQLTokens(sql[t.End:])
	return len(rest) > 0 && strings.EqualFold(rest[0].Text, "as")
}
