package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
)

func moneyAsFloat() *lint.Rule {
	return &lint.Rule{
		ID: "money_as_float", Severity: lint.Warning, Local: true,
		Summary: "An amount of money is kept as a float",
		Why:     "A float64 has no exact form for 0.10. Sums drift by cents, two sums of the same rows differ with their order, and an amount that is compared with = is not found.",
		Fix:     "Take decimal(p, s): decimal(12, 2) holds amounts up to ten digits before the point.",
		Bad: `contract "orders" {
  column "order_price" {
    type = float64
  }
}
`,
		Good: `contract "orders" {
  column "order_price" {
    type = decimal(12, 2)
  }
  column "tax_rate" {
    type = float64
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				if c.Type.Kind == types.Float64 && isMoney(c.Name) {
					p.ReportColumn(n, c, "type", "%s is float64. Make it a decimal, such as decimal(12, 2).", c.Name)
				}
			})
		},
	}
}

// isMoney guesses whether a column holds amounts of money.
func isMoney(name string) bool {
	return lint.HasWord(name, "price", "prices", "cost", "costs", "amount", "fee", "fees", "tax", "revenue", "salary", "balance", "discount", "income", "wage", "refund", "subtotal", "turnover") &&
		!lint.HasWord(name, "rate", "ratio", "pct", "percent", "percentage", "share", "factor", "score", "index", "weight", "per", "trend", "probability")
}
