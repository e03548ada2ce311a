package pipelinerules

import "github.com/headgate-data/headgate/compiler/lint"

func undocumentedPipeline() *lint.Rule {
	return &lint.Rule{
		ID: "undocumented_pipeline", Severity: lint.Info, Local: true,
		Summary: "A pipeline has no owner",
		Why:     "When a run fails, somebody has to know the source, and may decide what becomes of the data. The owner stands in plans, reports and messages.",
		Fix:     "Write owner: a team, rather than a person.",
		Bad: `pipeline "orders_copy" {
  from = source.shop
  to   = destination.warehouse
  stream "orders_copy" {
    contract = contract.orders.v1
    write    = "merge"
  }
}
`,
		Good: `pipeline "orders_copy" {
  from  = source.shop
  to    = destination.warehouse
  owner = "sales"
  stream "orders_copy" {
    contract = contract.orders.v1
    write    = "merge"
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Pipelines() {
				if n.Pipeline.Owner == "" {
					p.Report(n.Range, n.Address, "Nobody answers for it. Write owner = \"TEAM\".")
				}
			}
		},
	}
}
