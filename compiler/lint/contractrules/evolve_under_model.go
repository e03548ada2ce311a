package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
)

func evolveUnderModel() *lint.Rule {
	return &lint.Rule{
		ID: "evolve_under_model", Severity: lint.Warning,
		Summary: "A table that grows by itself is read by a model",
		Why:     "unknown_columns = \"evolve\" adds a column when the source sends one. No plan shows it before it is there, no contract says what it holds, and a query that takes all columns changes its result over night.",
		Fix:     "Write unknown_columns = \"drop\" (counted and reported) or \"keep_json\", and add the columns that are wanted to a new version of the contract.",
		Bad: `contract "visits" {
  unknown_columns = "evolve"
  column "id" {
    type = int64
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
  }
}
model "visit_ids" {
  destination = destination.warehouse
  query       = "select id from visits"
  contract    = contract.visit_ids
}
contract "visit_ids" {
  column "id" {
    type = int64
  }
}
`,
		Good: `contract "visits" {
  unknown_columns = "keep_json"
  column "id" {
    type = int64
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
  }
}
model "visit_ids" {
  destination = destination.warehouse
  query       = "select id from visits"
  contract    = contract.visit_ids
}
contract "visit_ids" {
  column "id" {
    type = int64
  }
}
`,
		Check: checkEvolve,
	}
}

// checkEvolve looks at the streams that models read.
func checkEvolve(p *lint.Pass) {
	for _, n := range p.Streams() {
		c := p.Contract(n.Stream.Contract)
		readers := p.Readers(n.Address)
		if c == nil || c.UnknownColumns != contract.UnknownEvolve || len(readers) == 0 {
			continue
		}
		p.Report(p.At(c.Range, "unknown_columns"), n.Stream.Contract, "%s reads the table of %s, whose columns grow with what the source sends. Write unknown_columns = \"drop\" or \"keep_json\".", readers[0].Address, n.Address)
	}
}
