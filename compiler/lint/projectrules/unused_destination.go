package projectrules

import "github.com/headgate-data/headgate/compiler/lint"

func unusedDestination() *lint.Rule {
	return &lint.Rule{
		ID: "unused_destination", Severity: lint.Warning,
		Summary: "Nothing is kept in a destination",
		Why:     "No pipeline loads into it and no model is computed in it. Most often a block was renamed, and what should go there goes somewhere else.",
		Fix:     "Name it in a pipeline's to or a model's destination, or take it out.",
		Bad: `destination "duckdb" "archive" {
  path = "archive.duckdb"
}
`,
		Good: `destination "duckdb" "archive" {
  path = "archive.duckdb"
}
pipeline "archive" {
  from = source.shop
  to   = destination.archive
  stream "archive" {
    contract = contract.orders.v1
    write    = "merge"
  }
}
`,
		Check: func(p *lint.Pass) { unused(p, "destination", "Load something into it, or take it out.") },
	}
}
