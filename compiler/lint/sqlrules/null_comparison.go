package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func nullComparison() *lint.Rule {
	return &lint.Rule{
		ID: "null_comparison", Severity: lint.Error,
		Summary: "A comparison with null",
		Why:     "x = null is null, whatever x is: the condition holds for no row, and no engine reports it.",
		Fix:     "Write is null or is not null.",
		Bad:     model("select id from raw.orders where customer_id = null"),
		Good:    model("select id from raw.orders where customer_id is null"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.NullCompare, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("It is never true. Write is null, or is not null.")
			})
		},
	}
}
