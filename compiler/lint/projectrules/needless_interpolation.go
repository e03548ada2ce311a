package projectrules

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
)

func needlessInterpolation() *lint.Rule {
	return &lint.Rule{
		ID: "needless_interpolation", Severity: lint.Info, Local: true, Mends: true,
		Summary: "A template holds a single expression and nothing else",
		Why:     "\"${x}\" is x itself, whatever type it has; the quotes suggest that it becomes text, which it does not.",
		Fix:     "Write the expression without quotes.",
		Bad: `variable "returns" {
  type    = string
  default = "returns.csv"
}
source "file" "returns" {
  path = "${var.returns}"
}
`,
		Good: `variable "returns" {
  type    = string
  default = "returns.csv"
}
source "file" "returns" {
  path = var.returns
}
`,
		Check: func(p *lint.Pass) {
			eachBlock(p.Module().Blocks, func(b *lang.Block) {
				for _, name := range slices.Sorted(maps.Keys(b.Attrs)) {
					node, ok := b.Attrs[name].Expr.(hclsyntax.Node)
					if !ok { // of JSON, which has no other way
						continue
					}
					var key hclsyntax.Expression // an object's key, which needs its quotes
					_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
						if k, ok := n.(*hclsyntax.ObjectConsKeyExpr); ok {
							key = k.Wrapped
						}
						wrap, ok := n.(*hclsyntax.TemplateWrapExpr)
						if !ok || key == hclsyntax.Expression(wrap) {
							return nil
						}
						inner, ok := p.Source(lang.Range(wrap.Wrapped.Range()))
						if !ok {
							return nil
						}
						f := p.Report(lang.Range(wrap.Range()), addr.Address{}, "It is the same as %s.", inner)
						if whole := lang.Range(wrap.Range()); plainWrap(p, wrap) {
							f.Edits = p.Replace(whole, inner)
						}
						return nil
					})
				}
			})
		},
	}
}

// plainWrap reports whether the text of a template is ${, the expression and }, so
// that no comment is lost with them.
func plainWrap(p *lint.Pass, wrap *hclsyntax.TemplateWrapExpr) bool {
	whole, _ := p.Source(lang.Range(wrap.Range()))
	inner, _ := p.Source(lang.Range(wrap.Wrapped.Range()))
	return whole == `"${`+inner+`}"`
}
