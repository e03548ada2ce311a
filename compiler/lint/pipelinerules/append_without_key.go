package pipelinerules

import "github.com/headgate-data/headgate/compiler/lint"

func appendWithoutKey() *lint.Rule {
	return &lint.Rule{
		ID: "append_without_key", Severity: lint.Error,
		Summary: "Rows at the cursor's boundary are loaded twice",
		Why:     "A cursor includes its boundary: each run reads the rows with the greatest value seen again, because more of them may have come. Under append only a key can tell those that were loaded already, so without one each run doubles them.",
		Fix:     "Give the contract a key; or write = \"merge\" with it; or take the cursor out and read everything anew under replace.",
		Bad: `contract "visits" {
  column "seen_at" {
    type     = timestamptz
    required = true
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    write    = "append"
    cursor   = "seen_at"
  }
}
`,
		Good: `contract "visits" {
  key = ["id"]
  column "id" {
    type = int64
  }
  column "seen_at" {
    type     = timestamptz
    required = true
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    write    = "append"
    cursor   = "seen_at"
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Streams() {
				c := p.Contract(n.Stream.Contract)
				if n.Stream.Write != "append" || n.Stream.Cursor == "" || c == nil || len(c.Key) > 0 {
					continue
				}
				p.Report(p.At(n.Range, "cursor"), n.Address, "%s has no key, so the rows whose %s is the bookmark's are appended by each run again. Give it a key, or merge.", n.Stream.Contract, n.Stream.Cursor)
			}
		},
	}
}
