package projectrules

import "github.com/headgate-data/headgate/compiler/lint"

func unusedSource() *lint.Rule {
	return &lint.Rule{
		ID: "unused_source", Severity: lint.Warning,
		Summary: "A source is read by no pipeline",
		Why:     "Its credentials are asked for, its program is kept up to date, and no data comes. Most often the pipeline that read it is gone, or names another source by mistake.",
		Fix:     "Name it in a pipeline's from, or take it out.",
		Bad: `source "file" "returns" {
  path = "returns.csv"
}
`,
		Good: `source "file" "returns" {
  path = "returns.csv"
}
pipeline "returns" {
  from = source.returns
  to   = destination.warehouse
  stream "returns" {
    contract = contract.orders.v1
    write    = "merge"
  }
}
`,
		Check: func(p *lint.Pass) { unused(p, "source", "Read it in a pipeline, or take it out.") },
	}
}
