package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
)

func personalDataUntagged() *lint.Rule {
	return &lint.Rule{
		ID: "personal_data_untagged", Severity: lint.Warning, Local: true,
		Summary: "A column that looks personal has no tag pii",
		Why:     "The tag pii is what keeps values out of plans, reports and logs, and what masks them in quarantine. A column without it is printed in full wherever a record breaks its contract.",
		Fix:     "Write tags = [\"pii\"]. Where the name misleads, ignore the rule with the reason.",
		Bad: `contract "customers" {
  column "email" {
    type = string
  }
}
`,
		Good: `contract "customers" {
  column "email" {
    type = string
    tags = ["pii"]
  }
  column "email_verified" {
    type = bool
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				if !c.HasTag("pii") && lint.LooksPersonal(c.Name, c.Type) {
					p.ReportColumn(n, c, "", "%s sounds like personal data. Add tags = [\"pii\"].", c.Name)
				}
			})
		},
	}
}
