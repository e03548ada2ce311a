package pipelinerules

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/types"
)

func mergeKeyRepeats() *lint.Rule {
	return &lint.Rule{
		ID: "merge_key_repeats", Severity: lint.Warning,
		Summary: "A merge goes by a key that can hardly tell records apart",
		Why:     "A merge keeps one record for each key. Where the key is a day, a flag or one of a few words, records that have nothing to do with each other overwrite one another, and the report calls it an update.",
		Fix:     "Add the column that names the record to the key, or append.",
		Bad: `contract "visits" {
  key = ["day"]
  column "day" {
    type = date
  }
  column "page" {
    type = string
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    write    = "merge"
  }
}
`,
		Good: `contract "visits" {
  key = ["day", "page"]
  column "day" {
    type = date
  }
  column "page" {
    type = string
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    write    = "merge"
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Streams() {
				c := p.Contract(n.Stream.Contract)
				if n.Stream.Write != "merge" || c == nil || len(c.Key) == 0 || tells(c) {
					continue
				}
				p.Report(p.At(n.Range, "write"), n.Address, "The key of %s is %s, of which there are few values. Records with the same one replace each other.", n.Stream.Contract, strings.Join(c.Key, ", "))
			}
		},
	}
}

// tells reports whether a key has a column with many values.
func tells(c *contract.Contract) bool {
	for _, name := range c.Key {
		col, ok := c.Column(name)
		if !ok || col.Unique || len(col.Enum) == 0 && col.Type.Kind != types.Bool && (col.Type.Kind != types.Date || ofDays(c, name)) {
			return true
		}
	}
	return false
}

// ofDays reports whether a table has a row for each day: it has no other column
// that could name a record.
func ofDays(c *contract.Contract, name string) bool {
	for i := range c.Columns {
		if other := &c.Columns[i]; other.Name != name && (other.Type.Kind == types.String || other.Type.Kind == types.UUID || lint.HasWord(other.Name, "id")) {
			return false
		}
	}
	return true
}
