package pipelinerules

import "github.com/headgate-data/headgate/compiler/lint"

func constantFilter() *lint.Rule {
	return &lint.Rule{
		ID: "constant_filter", Severity: lint.Warning,
		Summary: "A filter gives the same answer for every record",
		Why:     "A filter that is never true loads nothing, and the run ends well with an empty table; one that is always true was meant to keep something out.",
		Fix:     "Compare the column that was meant, or take the filter out. To ask for null write == null, which gives true or false.",
		Bad: `contract "visits" {
  column "page" {
    type = string
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    map {
      filter = row.page != row.page
    }
  }
}
`,
		Good: `contract "visits" {
  column "page" {
    type = string
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    map {
      filter = row.page != "/health"
    }
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Streams() {
				if n.Stream.Map == nil || n.Stream.Map.Filter == nil {
					continue
				}
				if answer, ok := lint.Constant(n.Stream.Map.Filter); ok {
					p.Report(n.Stream.Map.FilterRange, n.Address, "The filter (%s) is %s whatever the record holds.", n.Stream.Map.FilterSource, answer)
				}
			}
		},
	}
}
