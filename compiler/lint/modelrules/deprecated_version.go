package modelrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

func deprecatedVersion() *lint.Rule {
	return &lint.Rule{
		ID: "deprecated_version", Severity: lint.Warning,
		Summary: "A version that is going away is still used",
		Why:     "A version past its deprecated_after is an error for whoever uses it: from that day on the project does not compile. The day comes with a release of its own, or in the middle of an urgent one.",
		Fix:     "Move to the next version now, or agree on another day with its owner.",
		Bad: `contract "visits" {
  version "1" {
    deprecated_after = "2030-01-31"
    column "id" {
      type = int64
    }
  }
  version "2" {
    extends = "1"
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits.v1
  }
}
`,
		Good: `contract "visits" {
  version "1" {
    deprecated_after = "2030-01-31"
    column "id" {
      type = int64
    }
  }
  version "2" {
    extends = "1"
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits.v2
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Nodes(nil) {
				if n.Stream != nil || n.External != nil || n.Model != nil {
					deprecatedContract(p, n, n.HeldTo())
				}
				if n.Model != nil {
					deprecatedInputs(p, n)
				}
			}
		},
	}
}

func deprecatedContract(p *lint.Pass, n *program.Node, used addr.Address) {
	if c := p.Contract(used); c != nil && c.DeprecatedAfter != "" {
		p.Report(p.At(n.Range, "contract"), n.Address, "%s can be used up to %s.", used, c.DeprecatedAfter)
	}
}

func deprecatedInputs(p *lint.Pass, n *program.Node) {
	q, typed := p.Query(n.Address)
	for _, t := range n.Model.Tables {
		input, ok := p.Program().Lookup(t.Target)
		if !ok || input.Model == nil || input.Model.DeprecatedAfter == "" {
			continue
		}
		at := n.Model.SQLRange
		if typed {
			at = q.Place(t.Start, t.End)
		}
		f := p.Report(at, n.Address, "%s can be read up to %s.", t.Target, input.Model.DeprecatedAfter)
		f.Also = []diag.Range{p.At(n.Range, "query")}
	}
}
