package pipelinerules

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang/addr"
)

func unpinnedContract() *lint.Rule {
	return &lint.Rule{
		ID: "unpinned_contract", Severity: lint.Info, Mends: true,
		Summary: "A table follows whatever version of its contract is the latest",
		Why:     "A reference without a version means the latest one. The day somebody publishes the next version for another table, this one changes, too: a column goes, a rule refuses what was fine.",
		Fix:     "Name the version, as in contract.orders.v2, and move to the next one on purpose.",
		Bad: `contract "visits" {
  version "1" {
    column "id" {
      type = int64
    }
  }
  version "2" {
    extends = "1"
    column "page" {
      type = string
    }
  }
}
pipeline "visits" {
  from  = source.shop
  to    = destination.warehouse
  owner = "web"
  stream "visits" {
    contract = contract.visits
  }
}
`,
		Good: `contract "visits" {
  description = "One row per visit."
  owner       = "web"
  version "1" {
    column "id" {
      type = int64
    }
  }
  version "2" {
    extends = "1"
    column "page" {
      type = string
    }
  }
}
pipeline "visits" {
  from  = source.shop
  to    = destination.warehouse
  owner = "web"
  stream "visits" {
    contract = contract.visits.v2
  }
}
`,
		Check: checkReferences,
	}
}

// checkReferences looks at references to contracts of several versions.
func checkReferences(p *lint.Pass) {
	versions := map[addr.Address]int{}
	for _, n := range p.Contracts() {
		versions[n.Address.Base()]++
	}
	for _, n := range p.Nodes(nil) {
		used := n.HeldTo()
		a := p.Attr(n.Range, "contract")
		if used.IsZero() || a == nil || versions[used.Base()] < 2 {
			continue
		}
		text, ok := p.Source(a.ExprRange)
		if !ok || text != used.Base().String() { // a name with a version, or something worked out
			continue
		}
		f := p.Report(a.ExprRange, n.Address, "%s means version %d today. Write %s.", text, used.Version, used)
		f.Edits = p.Replace(a.ExprRange, fmt.Sprintf("%s.v%d", text, used.Version))
	}
}
