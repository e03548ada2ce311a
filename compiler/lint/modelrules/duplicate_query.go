package modelrules

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
)

func duplicateQuery() *lint.Rule {
	return &lint.Rule{
		ID: "duplicate_query", Severity: lint.Warning,
		Summary: "Two models have the same query",
		Why:     "The table is computed and kept twice, and one of the two will be mended without the other: from then on two numbers of the same name differ. Most often a copied block still names the file of the first.",
		Fix:     "Name the file that was meant; or let one model read the other; or take one out.",
		Bad: `model "daily_orders" {
  destination = destination.warehouse
  query       = "select id from raw.orders"
  contract    = contract.ids
}
model "order_ids" {
  destination = destination.warehouse
  query       = "select id  from raw.orders"
  contract    = contract.ids
}
contract "ids" {
  column "id" {
    type = int64
  }
}
`,
		Good: `model "daily_orders" {
  destination = destination.warehouse
  query       = "select id from raw.orders"
  contract    = contract.ids
}
model "order_ids" {
  destination = destination.warehouse
  query       = "select id from daily_orders"
  contract    = contract.ids
}
contract "ids" {
  column "id" {
    type = int64
  }
}
`,
		Check: func(p *lint.Pass) {
			first := map[string]*program.Node{}
			for _, n := range p.Models() {
				key := meaning(n)
				if key == "" {
					continue
				}
				before := first[key]
				if before == nil {
					first[key] = n
					continue
				}
				if p.Block(before.Range) == p.Block(n.Range) {
					continue // one block, repeated by for_each
				}
				f := p.Report(p.At(n.Range, "query"), n.Address, "%s has the same query.", before.Address)
				f.Related = []diag.Related{{Message: "the other one", Range: p.At(before.Range, "query")}}
			}
		},
	}
}

// meaning is a query without comments and white space, and where it is computed.
func meaning(n *program.Node) string {
	tokens := program.SQLTokens(n.Model.SQL)
	if len(tokens) == 0 {
		return ""
	}
	words := []string{n.Model.Destination.String()}
	for _, t := range tokens {
		if t.Text != ";" {
			words = append(words, t.Text)
		}
	}
	return strings.Join(words, "\x00")
}
