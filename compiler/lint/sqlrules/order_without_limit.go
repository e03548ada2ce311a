package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func orderWithoutLimit() *lint.Rule {
	return &lint.Rule{
		ID: "order_without_limit", Severity: lint.Info,
		Summary: "A model's rows are sorted for nobody",
		Why:     "A table has no order: whoever reads the model gets its rows as they come, unless the reader sorts them. The sort costs time and memory in each build, and suggests an order that is not there.",
		Fix:     "Take ORDER BY out here, and sort where the rows are shown.",
		Bad:     model("select id from raw.orders order by id"),
		Good:    model("select id from raw.orders order by id limit 100"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.OrderOnly, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("Readers of a table or view do not get this order. Take it out.")
			})
		},
	}
}
