package projectrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang/addr"
)

func untypedVariable() *lint.Rule {
	return &lint.Rule{
		ID: "untyped_variable", Severity: lint.Info, Local: true,
		Summary: "A variable takes a value of any type",
		Why:     "A value from the command line or the environment is text. Without a type \"08\" stays text, a list that was written wrong is text, too, and the fault is reported far from where the value was set.",
		Fix:     "Write type: string, number, bool, list(string), map(string), object({...}).",
		Bad: `variable "region" {
  default = "eu"
}
`,
		Good: `variable "region" {
  type    = string
  default = "eu"
}
`,
		Check: func(p *lint.Pass) {
			for _, b := range blocks(p, "variable") {
				if b.Attr("type") == nil {
					p.Report(b.Range, addr.Address{}, "var.%s has no type.", b.Labels[0])
				}
			}
		},
	}
}
