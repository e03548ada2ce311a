package contractrules

import (
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/lint"
)

func toleranceOfEverything() *lint.Rule {
	return &lint.Rule{
		ID: "tolerance_of_everything", Severity: lint.Warning, Local: true,
		Summary: "The tolerance lets nearly everything pass",
		Why:     "A tolerance of half of all records or more never fails a run: the contract promises its readers nothing.",
		Fix:     "Set it a little above what the source is known to break, or loosen the rule that is broken so often.",
		Bad: `contract "orders" {
  tolerance = "100%"
  column "id" {
    type = int64
  }
}
`,
		Good: `contract "orders" {
  tolerance = "2%"
  column "id" {
    type = int64
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Contracts() {
				text, percent := strings.CutSuffix(n.Contract.Tolerance, "%")
				if share, err := strconv.ParseFloat(text, 64); percent && err == nil && share >= 50 {
					p.Report(p.At(n.Contract.Range, "tolerance"), n.Address, "A run with %s of its records broken still publishes. Set a tolerance that can be passed.", n.Contract.Tolerance)
				}
			}
		},
	}
}
