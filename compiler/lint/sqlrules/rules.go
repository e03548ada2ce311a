// Package sqlrules are the lint rules about the queries of models, one in a file.
// They read what package sqlcheck found in the parse tree.
package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/lang/diag"
)

// Rules returns the rules of this package.
func Rules() []*lint.Rule {
	return []*lint.Rule{
		divisionByZero(), limitWithoutOrder(), mixedTimeZones(), notInWithNulls(), nullComparison(), orderWithoutLimit(),
		outerJoinFiltered(), selectStar(), unjoinedTable(), volatileFunction(),
	}
}

// eachFact calls f for every fact of a kind, in every query.
func eachFact(p *lint.Pass, kind sqlcheck.FactKind, f func(n *program.Node, fact sqlcheck.Fact, report reporter)) {
	for _, n := range p.Models() {
		q, ok := p.Query(n.Address)
		if !ok {
			continue
		}
		for _, fact := range q.Facts {
			if fact.Kind == kind {
				f(n, fact, func(format string, args ...any) {
					found := p.Report(q.Place(fact.Start, fact.End), n.Address, format, args...)
					found.Also = []diag.Range{p.At(n.Range, "query")}
				})
			}
		}
	}
}

// reporter notes a finding at a fact. A comment before the attribute query ignores
// it, too.
type reporter func(format string, args ...any)

// model is an example with a query; what it reads is given.
func model(query string) string {
	return `model "report" {
  destination  = destination.warehouse
  materialized = "table"
  query        = "` + query + `"
  contract     = contract.report
}
contract "report" {
  column "id" {
    type = int64
  }
}
`
}
