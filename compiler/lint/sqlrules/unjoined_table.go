package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func unjoinedTable() *lint.Rule {
	return &lint.Rule{
		ID: "unjoined_table", Severity: lint.Warning,
		Summary: "No condition joins two tables",
		Why:     "Each row of one side is put beside each row of the other: a thousand customers and a thousand orders make a million rows, and sums that are a thousand times too large.",
		Fix:     "Add the condition. Where every pair is meant, ignore the rule with the reason; a join with a subquery that gives one row is fine.",
		Bad:     model("select o.id from raw.orders as o, raw.customers as c"),
		Good:    model("select o.id from raw.orders as o, raw.customers as c where c.id = o.customer_id"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.Unjoined, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("Nothing ties %s to the other tables. Write on ... = ....", fact.Name)
			})
		},
	}
}
