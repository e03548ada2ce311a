package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func outerJoinFiltered() *lint.Rule {
	return &lint.Rule{
		ID: "outer_join_filtered", Severity: lint.Warning,
		Summary: "WHERE undoes an outer join",
		Why:     "An outer join keeps rows without a partner and gives null for its columns; a condition on such a column in WHERE is not true for null, and takes the rows out again. What is left is an inner join that looks like another one.",
		Fix:     "Move the condition into ON; or write join, if rows without a partner are not wanted; or add or x is null.",
		Bad:     model("select o.id from raw.orders as o left join raw.customers as c on c.id = o.customer_id where c.country = 'IT'"),
		Good:    model("select o.id from raw.orders as o left join raw.customers as c on c.id = o.customer_id and c.country = 'IT'"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.OuterFiltered, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("Rows without a partner in %s do not pass this. Move the condition into ON, or join without LEFT.", fact.Name)
			})
		},
	}
}
