package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
)

func silentDrop() *lint.Rule {
	return &lint.Rule{
		ID: "silent_drop", Severity: lint.Warning, Local: true,
		Summary: "Records are dropped without a limit",
		Why:     "on_violation = \"drop\" leaves a record out and keeps nothing of it. Without tolerance a run that drops nearly all of its records still ends well, and nobody sees it before the numbers are wrong.",
		Fix:     "Set tolerance, such as \"1%\", beyond which the run fails; or quarantine, which keeps the records.",
		Bad: `contract "orders" {
  on_violation = "drop"
  column "id" {
    type = int64
  }
}
`,
		Good: `contract "orders" {
  on_violation = "drop"
  tolerance    = "1%"
  column "id" {
    type = int64
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Contracts() {
				if n.Contract.OnViolation == contract.Drop && n.Contract.Tolerance == "" {
					p.Report(p.At(n.Contract.Range, "on_violation"), n.Address, "Nothing limits how many records may be dropped. Set tolerance = \"1%%\", or on_violation = \"quarantine\".")
				}
			}
		},
	}
}
