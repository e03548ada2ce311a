package pipelinerules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
)

func scheduleWithoutFreshness() *lint.Rule {
	return &lint.Rule{
		ID: "schedule_without_freshness", Severity: lint.Warning,
		Summary: "Nothing notices when a scheduled pipeline brings old data",
		Why:     "A run that ends well and loads nothing new looks like one that works. Sources that stop, tokens that return empty pages and files that no longer come are found weeks later, by readers.",
		Fix:     "Give the contract of one of its streams a freshness block: the run fails when the newest row is too old.",
		Bad: `contract "visits" {
  key = ["id"]
  column "id" {
    type = int64
  }
  column "seen_at" {
    type = timestamptz
  }
}
pipeline "visits" {
  from     = source.shop
  to       = destination.warehouse
  schedule = "0 2 * * *"
  timezone = "UTC"
  timeout  = "1h"
  stream "visits" {
    contract = contract.visits
  }
}
`,
		Good: `contract "visits" {
  key = ["id"]
  column "id" {
    type = int64
  }
  column "seen_at" {
    type = timestamptz
  }
  freshness {
    column  = "seen_at"
    max_age = "26h"
  }
}
pipeline "visits" {
  from     = source.shop
  to       = destination.warehouse
  schedule = "0 2 * * *"
  timezone = "UTC"
  timeout  = "1h"
  stream "visits" {
    contract = contract.visits
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Pipelines() {
				if n.Pipeline.Schedule != "" && datable(p, n) {
					p.Report(p.At(n.Range, "schedule"), n.Address, "No contract of its streams has freshness { column = ..., max_age = ... }.")
				}
			}
		},
	}
}

// datable reports whether a pipeline has no promise of freshness, and has a column
// that could carry one.
func datable(p *lint.Pass, n *program.Node) bool {
	able := false
	for _, s := range n.Pipeline.Streams {
		stream, ok := p.Program().Lookup(n.Address.WithStream(s))
		if !ok {
			continue
		}
		c := p.Contract(stream.Stream.Contract)
		if c == nil {
			continue
		}
		if c.Freshness != nil {
			return false
		}
		for i := range c.Columns {
			able = able || c.Columns[i].Type.IsTemporal()
		}
	}
	return able
}
