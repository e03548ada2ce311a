package projectrules

import (
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang/addr"
)

func productionUnprotected() *lint.Rule {
	return &lint.Rule{
		ID: "production_unprotected", Severity: lint.Warning, Local: true,
		Summary: "Anybody can change production without a plan",
		Why:     "In an environment that is not protected, `headgate apply` plans and carries out in one go: what was reviewed is not what is applied, and a wrong --env is enough.",
		Fix:     "Write protected = true: apply then takes a plan that was saved, and nothing else.",
		Bad: `environment "dev" {
  default = true
}
environment "prod" {
  schema_suffix = ""
}
`,
		Good: `environment "dev" {
  default = true
}
environment "prod" {
  schema_suffix = ""
  protected     = true
}
`,
		Check: func(p *lint.Pass) {
			for _, b := range blocks(p, "environment") {
				if !slices.Contains([]string{"prod", "production", "prd", "live"}, b.Labels[0]) {
					continue
				}
				a := b.Attr("protected")
				if a != nil {
					if v, diags := a.Expr.Value(nil); diags.HasErrors() || v.Type() == cty.Bool && !v.IsNull() && v.True() {
						continue // or it depends on something
					}
				}
				p.Report(b.Range, addr.Of(addr.Environment, b.Labels[0]), "Write protected = true.")
			}
		},
	}
}
