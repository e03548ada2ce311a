package projectrules

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang/addr"
)

func exposedVariable() *lint.Rule {
	return &lint.Rule{
		ID: "exposed_variable", Severity: lint.Warning, Local: true,
		Summary: "A variable that sounds like a secret is printed and kept",
		Why:     "Values of variables stand in plans and in the state, for the reader of a plan. One that holds a password is then in every artifact of the pipeline that made the plan.",
		Fix:     "Write sensitive = true; or use secret(\"NAME\") where the value is needed.",
		Bad: `variable "api_token" {
  type    = string
  default = "none"
}
`,
		Good: `variable "api_token" {
  type      = string
  default   = "none"
  sensitive = true
}
`,
		Check: func(p *lint.Pass) {
			for _, b := range blocks(p, "variable") {
				if !namesSecret(b.Labels[0]) {
					continue
				}
				if a := b.Attr("sensitive"); a != nil {
					if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.Type() == cty.Bool && v.IsKnown() && !v.IsNull() && v.True() {
						continue
					}
				}
				p.Report(b.Range, addr.Address{}, "var.%s is not sensitive, so plans show its value. Write sensitive = true.", b.Labels[0])
			}
		},
	}
}
