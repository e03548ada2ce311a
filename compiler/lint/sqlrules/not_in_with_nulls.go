package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func notInWithNulls() *lint.Rule {
	return &lint.Rule{
		ID: "not_in_with_nulls", Severity: lint.Warning,
		Summary: "NOT IN reads a column that can be null",
		Why:     "x not in (1, null) is never true: one null in the subquery, and no row is left. The query then gives an empty table, and no error.",
		Fix:     "Use not exists, or keep nulls out in the subquery: where x is not null.",
		Bad:     model("select id from raw.orders where customer_id not in (select referrer from raw.customers)"),
		Good:    model("select id from raw.orders where customer_id not in (select referrer from raw.customers where referrer is not null)"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.NotInNull, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("One null in the subquery leaves no row at all. Add where ... is not null, or use not exists.")
			})
		},
	}
}
