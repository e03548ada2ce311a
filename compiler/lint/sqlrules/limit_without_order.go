package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func limitWithoutOrder() *lint.Rule {
	return &lint.Rule{
		ID: "limit_without_order", Severity: lint.Warning,
		Summary: "LIMIT takes any rows",
		Why:     "Without ORDER BY the rows that LIMIT leaves are those that come first, and which come first changes with threads, files and versions. Two builds from the same data give two tables.",
		Fix:     "Say which rows are meant with ORDER BY, down to a column that is unique.",
		Bad:     model("select id from (select id from raw.orders limit 10) as sample"),
		Good:    model("select id from (select id from raw.orders order by id limit 10) as sample"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.LimitOnly, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("It takes rows in no order. Add order by in front of it.")
			})
		},
	}
}
