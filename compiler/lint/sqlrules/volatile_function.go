package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func volatileFunction() *lint.Rule {
	return &lint.Rule{
		ID: "volatile_function", Severity: lint.Warning,
		Summary: "A table holds what a clock or dice said when it was built",
		Why:     "A table model is built when its inputs change. Until then current_date in it is a day of the past, and building it again gives other rows from the same data: nothing can be compared, and nothing repeated.",
		Fix:     "Take the day from the data (max(created_at)); or materialize as a view, where the function is asked with every query.",
		Bad:     model("select id from raw.orders where cast(created_at as date) < current_date"),
		Good:    model("select id from raw.orders where created_at < (select max(created_at) from raw.orders)"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.Volatile, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				if n.Model.Materialized != "view" {
					report("%s is evaluated when the table is built, and stays. Take a value of the data, or make the model a view.", fact.Name)
				}
			})
		},
	}
}
