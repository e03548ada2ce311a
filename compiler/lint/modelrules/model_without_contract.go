package modelrules

import "github.com/headgate-data/headgate/compiler/lint"

func modelWithoutContract() *lint.Rule {
	return &lint.Rule{
		ID: "model_without_contract", Severity: lint.Warning,
		Summary: "A model that others read from outside promises nothing",
		Why:     "A model that no other model reads is there for people, dashboards and exports. Without a contract nothing says which columns they can count on, and a change of the query breaks them without a finding.",
		Fix:     "Write a contract with its columns and key, and name it: contract = contract.NAME.v1.",
		Bad: `model "order_ids" {
  destination = destination.warehouse
  query       = "select id from raw.orders"
}
`,
		Good: `model "order_ids" {
  destination = destination.warehouse
  query       = "select id from raw.orders"
  contract    = contract.order_ids
}
contract "order_ids" {
  column "id" {
    type     = int64
    required = true
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Models() {
				if n.Model.Contract.IsZero() && n.Model.Latest && len(p.Readers(n.Address)) == 0 {
					p.Report(n.Range, n.Address, "No model reads it, so people do. Give it a contract.")
				}
			}
		},
	}
}
