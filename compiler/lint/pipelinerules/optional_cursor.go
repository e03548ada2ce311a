package pipelinerules

import "github.com/headgate-data/headgate/compiler/lint"

func optionalCursor() *lint.Rule {
	return &lint.Rule{
		ID: "optional_cursor", Severity: lint.Warning,
		Summary: "The cursor's column may be null",
		Why:     "A record whose cursor is null lies neither before nor behind the bookmark. Sources that filter by the cursor never send it again, and a merge cannot tell whether it is newer than the row that is there.",
		Fix:     "Make the column required, so that such a record is a violation that somebody sees; or take a column as cursor that is always set.",
		Bad: `contract "visits" {
  key = ["id"]
  column "id" {
    type = int64
  }
  column "changed_at" {
    type = timestamptz
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    write    = "merge"
    cursor   = "changed_at"
  }
}
`,
		Good: `contract "visits" {
  key = ["id"]
  column "id" {
    type = int64
  }
  column "changed_at" {
    type     = timestamptz
    required = true
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    write    = "merge"
    cursor   = "changed_at"
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Streams() {
				c := p.Contract(n.Stream.Contract)
				if c == nil {
					continue
				}
				if col, ok := c.Column(n.Stream.Cursor); ok && !col.Required {
					p.Report(p.At(n.Range, "cursor"), n.Address, "%s of %s is optional. Write required = true in the column.", col.Name, n.Stream.Contract)
				}
			}
		},
	}
}
