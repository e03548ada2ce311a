package projectrules

import "github.com/headgate-data/headgate/compiler/lint"

func unusedContract() *lint.Rule {
	return &lint.Rule{
		ID: "unused_contract", Severity: lint.Warning,
		Summary: "A contract is kept by nothing",
		Why:     "A contract that no stream, model or external table names checks no record. Whoever reads it believes that its promises hold; a test of it alone keeps nobody to it.",
		Fix:     "Name it where its table is filled, or take it out.",
		Bad: `contract "returns" {
  column "id" {
    type = int64
  }
}
`,
		Good: `contract "returns" {
  column "id" {
    type = int64
  }
}
external "shop.returns" {
  destination = destination.warehouse
  contract    = contract.returns
}
`,
		Check: func(p *lint.Pass) { unused(p, "contract", "Name it in a stream, model or external, or take it out.") },
	}
}
