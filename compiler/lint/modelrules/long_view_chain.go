package modelrules

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// longestChain is how many views may read each other in a row.
const longestChain = 3

func longViewChain() *lint.Rule {
	return &lint.Rule{
		ID: "long_view_chain", Severity: lint.Warning,
		Summary: "Views are stacked on views",
		Why:     "Each query of the last view computes all of them anew. Filters do not always reach the first, and what a reader waits for is decided four files away.",
		Fix:     "Write materialized = \"table\" for one in the middle: it is built once for all readers.",
		Bad: `model "a" {
  destination = destination.warehouse
  query       = "select id from raw.orders"
}
model "b" {
  destination = destination.warehouse
  query       = "select id from a where id > 1"
}
model "c" {
  destination = destination.warehouse
  query       = "select id from b where id > 2"
}
model "d" {
  destination = destination.warehouse
  query       = "select id from c where id > 3"
  contract    = contract.ids
}
contract "ids" {
  column "id" {
    type = int64
  }
}
`,
		Good: `model "a" {
  destination = destination.warehouse
  query       = "select id from raw.orders"
}
model "b" {
  destination  = destination.warehouse
  materialized = "table"
  query        = "select id from a where id > 1"
}
model "c" {
  destination = destination.warehouse
  query       = "select id from b where id > 2"
}
model "d" {
  destination = destination.warehouse
  query       = "select id from c where id > 3"
  contract    = contract.ids
}
contract "ids" {
  column "id" {
    type = int64
  }
}
`,
		Check: checkViews,
	}
}

// checkViews reports each model at which a chain of views becomes too long.
func checkViews(p *lint.Pass) {
	below := map[addr.Address][]addr.Address{}
	for _, n := range p.Models() {
		chain := views(p, n, below)
		if len(chain) != longestChain+1 { // once, where it becomes too long
			continue
		}
		words := make([]string, len(chain))
		for i, a := range chain {
			words[i] = a.String()
		}
		p.Report(p.At(n.Range, "materialized"), n.Address, "%s: %d views in a row. Materialize one of them as a table.", strings.Join(words, " reads "), len(chain))
	}
}

// views returns the longest chain of views that begins with a model. A program
// holds no circle.
func views(p *lint.Pass, n *program.Node, known map[addr.Address][]addr.Address) []addr.Address {
	if n.Model == nil || n.Model.Materialized != "view" {
		return nil
	}
	if chain, ok := known[n.Address]; ok {
		return chain
	}
	known[n.Address] = nil // a circle that was reported ends here
	var longest []addr.Address
	for _, t := range n.Model.Tables {
		if input, ok := p.Program().Lookup(t.Target); ok {
			if chain := views(p, input, known); len(chain) > len(longest) {
				longest = chain
			}
		}
	}
	chain := append([]addr.Address{n.Address}, longest...)
	known[n.Address] = chain
	return chain
}
