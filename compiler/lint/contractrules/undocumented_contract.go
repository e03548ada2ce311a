package contractrules

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/lint"
)

func undocumentedContract() *lint.Rule {
	return &lint.Rule{
		ID: "undocumented_contract", Severity: lint.Info,
		Summary: "A contract does not say what it is about, or who answers for it",
		Why:     "A contract is read by people who did not write it: those who fill the table, and those who read it. When a record breaks it at night, the owner is who gets the question.",
		Fix:     "Give it a description, one sentence that says what one row is, and an owner.",
		Bad: `contract "orders" {
  column "id" {
    type = int64
  }
}
`,
		Good: `contract "orders" {
  description = "One row per order."
  owner       = "sales"
  column "id" {
    type = int64
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Contracts() {
				if !n.Contract.Latest {
					continue
				}
				var missing []string
				if n.Contract.Description == "" {
					missing = append(missing, "description")
				}
				if n.Contract.Owner == "" {
					missing = append(missing, "owner")
				}
				if len(missing) == 0 {
					continue
				}
				at := n.Contract.Range
				if outer := p.Parent(p.Block(at)); outer != nil {
					at = outer.Range
				}
				p.Report(at, n.Address.Base(), "It has no %s.", strings.Join(missing, " and no "))
			}
		},
	}
}
