package projectrules

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
)

func unusedExternal() *lint.Rule {
	return &lint.Rule{
		ID: "unused_external", Severity: lint.Warning,
		Summary: "An external table is read by no model",
		Why:     "The block says that the project counts on a table that something else fills. Where no model reads it any more, changes of that table are held up for nothing.",
		Fix:     "Take the block out, or read the table.",
		Bad: `external "shop.returns" {
  destination = destination.warehouse
  contract    = contract.orders.v1
}
`,
		Good: `external "shop.returns" {
  destination = destination.warehouse
  contract    = contract.orders.v1
}
model "returns" {
  destination = destination.warehouse
  owner       = "sales"
  query       = "select id, amount, customer_id, created_at from shop.returns"
  contract    = contract.orders.v1
}
`,
		Check: func(p *lint.Pass) {
			for _, b := range blocks(p, "external") {
				a := addr.Of(addr.External, b.Labels[0])
				if len(p.Readers(a)) == 0 && !named(p, b) {
					p.Report(b.Range, a, "No model reads %s. Take the block out.", b.Labels[0])
				}
			}
		},
	}
}

// named reports whether an expression refers to an external table, as references
// and depends_on do.
func named(p *lint.Pass, b *lang.Block) bool {
	for _, u := range p.Uses() {
		if u.Root == "external" && u.Top != b && (strings.HasPrefix(strings.Join(u.Steps, ".")+".", b.Labels[0]+".")) {
			return true
		}
	}
	return false
}
