package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
)

func personalDataInQuarantine() *lint.Rule {
	return &lint.Rule{
		ID: "personal_data_in_quarantine", Severity: lint.Warning, Local: true,
		Summary: "Personal data is kept in full in quarantine",
		Why:     "With quarantine_raw = \"full\" a rejected record is kept as it came, values of personal columns included, in a table that whoever repairs the pipeline reads.",
		Fix:     "Take the attribute out: a contract with the tag pii masks by itself. Or write quarantine_raw = \"none\".",
		Bad: `contract "customers" {
  quarantine_raw = "full"
  column "email" {
    type = string
    tags = ["pii"]
  }
}
`,
		Good: `contract "customers" {
  quarantine_raw = "masked"
  column "email" {
    type = string
    tags = ["pii"]
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Contracts() {
				if n.Contract.QuarantineRaw == contract.RawFull && n.Contract.HasPII() {
					p.Report(p.At(n.Contract.Range, "quarantine_raw"), n.Address, "Rejected records keep the values of columns with the tag pii. Leave quarantine_raw out, which masks them.")
				}
			}
		},
	}
}
