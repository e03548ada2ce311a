package pipelinerules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/types"
)

func textCursor() *lint.Rule {
	return &lint.Rule{
		ID: "text_cursor", Severity: lint.Warning,
		Summary: "The cursor is ordered as text",
		Why:     "A bookmark is the greatest value seen. Among texts \"9\" is greater than \"10\", and a date in another form than YYYY-MM-DD has no order at all: newer records look older than the bookmark and are passed over.",
		Fix:     "Give the column a type with an order of its own: int64, date, timestamptz.",
		Bad: `contract "visits" {
  key = ["id"]
  column "id" {
    type = string
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    write    = "merge"
    cursor   = "id"
  }
}
`,
		Good: `contract "visits" {
  key = ["id"]
  column "id" {
    type = int64
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    write    = "merge"
    cursor   = "id"
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Streams() {
				c := p.Contract(n.Stream.Contract)
				if c == nil {
					continue
				}
				if col, ok := c.Column(n.Stream.Cursor); ok && col.Type.Kind == types.String {
					p.Report(p.At(n.Range, "cursor"), n.Address, "%s is string, so \"9\" counts as later than \"10\". Make it a number, a date or a timestamptz.", col.Name)
				}
			}
		},
	}
}
