package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
)

func constantCheck() *lint.Rule {
	return &lint.Rule{
		ID: "constant_check", Severity: lint.Warning, Local: true,
		Summary: "A check gives the same answer for every record",
		Why:     "A check that is always true checks nothing, and one that is never true rejects everything; both were meant to look at a value. A column that is required is never null, so to ask is such a check, too.",
		Fix:     "Compare the column that was meant, or take the check out.",
		Bad: `contract "orders" {
  column "id" {
    type     = int64
    required = true
  }
  check "has_id" {
    condition = row.id != null
  }
}
`,
		Good: `contract "orders" {
  column "id" {
    type     = int64
    required = true
  }
  check "positive" {
    condition = row.id > 0
  }
}
`,
		Check: func(p *lint.Pass) {
			report := func(n *program.Node, checks []contract.Check) {
				for _, c := range checks {
					if answer, ok := lint.Constant(c.Condition); ok {
						p.Report(p.At(c.Range, "condition"), n.Address, "%s is %s whatever the record holds.", c.Name, answer)
					}
				}
			}
			for _, n := range p.Contracts() {
				report(n, n.Contract.Checks)
				for i := range n.Contract.Columns {
					report(n, n.Contract.Columns[i].Checks)
				}
			}
		},
	}
}
