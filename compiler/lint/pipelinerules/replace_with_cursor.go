package pipelinerules

import "github.com/headgate-data/headgate/compiler/lint"

func replaceWithCursor() *lint.Rule {
	return &lint.Rule{
		ID: "replace_with_cursor", Severity: lint.Error,
		Summary: "A table is replaced by what is new alone",
		Why:     "A cursor makes the source send what came since the last run, and write = \"replace\" takes the table's old rows out. After the second run the table holds one day.",
		Fix:     "Take the cursor out, or write = \"merge\" (or \"append\") with a key.",
		Bad: `contract "visits" {
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
    write    = "replace"
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
				if n.Stream.Write == "replace" && n.Stream.Cursor != "" {
					p.Report(p.At(n.Range, "cursor"), n.Address, "The cursor asks for new rows only, and they would replace all others. Take cursor out, or write = \"merge\".")
				}
			}
		},
	}
}
