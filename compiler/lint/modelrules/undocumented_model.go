package modelrules

import "github.com/headgate-data/headgate/compiler/lint"

func undocumentedModel() *lint.Rule {
	return &lint.Rule{
		ID: "undocumented_model", Severity: lint.Info,
		Summary: "A model has neither a description nor an owner",
		Why:     "Whoever finds a number of it that looks wrong needs somebody to ask, and one sentence that says what a row is.",
		Fix:     "Write description or owner.",
		Bad: `model "order_ids" {
  destination = destination.warehouse
  query       = "select id from raw.orders"
  contract    = contract.ids.v1
}
contract "ids" {
  description = "One row per order."
  owner       = "sales"
  column "id" {
    type = int64
  }
}
`,
		Good: `model "order_ids" {
  destination = destination.warehouse
  description = "The ids of all orders."
  query       = "select id from raw.orders"
  contract    = contract.ids.v1
}
contract "ids" {
  description = "One row per order."
  owner       = "sales"
  column "id" {
    type = int64
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Models() {
				if !n.Model.Latest || n.Model.Description != "" || n.Model.Owner != "" {
					continue
				}
				at := n.Range
				if outer := p.Parent(p.Block(at)); outer != nil {
					at = outer.Range
				}
				p.Report(at, n.Address.Base(), "Nothing says what a row is, or whom to ask.")
			}
		},
	}
}
