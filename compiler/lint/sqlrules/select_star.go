package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func selectStar() *lint.Rule {
	return &lint.Rule{
		ID: "select_star", Severity: lint.Warning,
		Summary: "A star lets a table's columns through",
		Why:     "What the model gives then depends on its input: a column that is added there is an error here, or a new column in a table that others read; personal data passes by itself. Nobody can tell from the query which columns are used.",
		Fix:     "Write the columns. A star over a subquery or WITH that names its columns is fine.",
		Bad:     model("select * exclude (amount, customer_id, created_at) from raw.orders"),
		Good:    model("select id from raw.orders"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.Star, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("It takes every column of %s, those of tomorrow, too. Name the columns.", fact.Name)
			})
		},
	}
}
