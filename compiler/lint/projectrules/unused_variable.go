package projectrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang/addr"
)

func unusedVariable() *lint.Rule {
	return &lint.Rule{
		ID: "unused_variable", Severity: lint.Warning,
		Summary: "A variable has no effect",
		Why:     "Whoever sets it believes to change something. Without a default it even has to be set, by everybody, for nothing.",
		Fix:     "Use it, or take it out, and its values in the environments with it.",
		Bad: `variable "region" {
  type    = string
  default = "eu"
}
`,
		Good: `variable "region" {
  type    = string
  default = "eu"
}
source "file" "returns" {
  path = "returns-${var.region}.csv"
}
`,
		Check: func(p *lint.Pass) {
			for _, b := range blocks(p, "variable") {
				if !p.Used("var", b.Labels[0], b) {
					p.Report(b.Range, addr.Address{}, "Nothing reads var.%s. Use it, or take it out.", b.Labels[0])
				}
			}
		},
	}
}
