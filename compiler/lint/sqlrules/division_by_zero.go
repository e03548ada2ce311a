package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func divisionByZero() *lint.Rule {
	return &lint.Rule{
		ID: "division_by_zero", Severity: lint.Warning,
		Summary: "A division by what may be zero",
		Why:     "DuckDB gives infinity or null, Postgres ends the whole build with an error. Either comes on the day of the first zero, to a report that worked for months.",
		Fix:     "Write nullif(x, 0) around the divisor, and say what the quotient is then with coalesce; or keep zeros out in WHERE.",
		Bad:     model("select id from raw.orders where id / amount > 2"),
		Good:    model("select id from raw.orders where id / nullif(amount, 0) > 2"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.Division, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("%s can be zero. Write nullif(%s, 0).", divisor(fact.Name), divisor(fact.Name))
			})
		},
	}
}

// divisor names a column, or what an aggregate stands for.
func divisor(name string) string {
	switch name {
	case "sum", "avg", "mean", "min", "max", "median", "stddev", "variance":
		return name + "(...)"
	}
	return name
}
