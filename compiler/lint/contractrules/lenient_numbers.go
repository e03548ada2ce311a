package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/types"
)

func lenientNumbers() *lint.Rule {
	return &lint.Rule{
		ID: "lenient_numbers", Severity: lint.Warning, Local: true,
		Summary: "Numbers are rounded without a word",
		Why:     "coerce = \"lenient\" rounds a value that has more digits than its column, and cuts an integer's fraction off. The loss is in no report: an amount in thousandths becomes another amount.",
		Fix:     "Leave coerce at \"lossless\", which takes \"12\" and 12.0 all the same, and round in the stream's map where it is meant.",
		Bad: `contract "orders" {
  coerce = "lenient"
  column "total" {
    type = decimal(12, 2)
  }
}
`,
		Good: `contract "orders" {
  coerce = "lossless"
  column "total" {
    type = decimal(12, 2)
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Contracts() {
				if n.Contract.Coerce != contract.CoerceLenient {
					continue
				}
				for i := range n.Contract.Columns {
					if c := &n.Contract.Columns[i]; c.Type.Kind == types.Decimal || c.Type.IsInteger() {
						p.Report(p.At(n.Contract.Range, "coerce"), n.Address, "Values of %s, and of other numbers, may be rounded. Write coerce = \"lossless\", and round() in the map where it is meant.", c.Name)
						break
					}
				}
			}
		},
	}
}
