package pipelinerules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
)

func openMap() *lint.Rule {
	return &lint.Rule{
		ID: "open_map", Severity: lint.Warning,
		Summary: "Everything that an unknown source sends reaches the table",
		Why:     "A map passes on what it does not name, the source's columns are in no lock file, and the contract keeps members that it does not know. Whatever the source adds tomorrow, personal data included, is loaded without a word.",
		Fix:     "Write only = true in the map, or read the source's columns with `headgate source discover`, or drop unknown columns.",
		Bad: `contract "visits" {
  unknown_columns = "keep_json"
  column "page" {
    type = string
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    map {
      column "page" {
        value = lower(row.page)
      }
    }
  }
}
`,
		Good: `contract "visits" {
  unknown_columns = "keep_json"
  column "page" {
    type = string
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    map {
      only = true
      column "page" {
        value = lower(row.page)
      }
    }
  }
}
`,
		Check: checkMaps,
	}
}

// checkMaps looks at maps that pass on what they do not name.
func checkMaps(p *lint.Pass) {
	for _, n := range p.Streams() {
		c, m := p.Contract(n.Stream.Contract), n.Stream.Map
		if c == nil || m == nil || m.Only || n.Stream.RowSchema != nil {
			continue
		}
		if c.UnknownColumns != contract.UnknownEvolve && c.UnknownColumns != contract.UnknownKeepJSON {
			continue
		}
		at := n.Range
		if b := p.Block(n.Range); b != nil {
			if mapping := b.One("map"); mapping != nil {
				at = mapping.Range
			}
		}
		p.Report(at, n.Address, "Members that neither the map nor %s names are loaded, whatever they hold. Write only = true.", n.Stream.Contract)
	}
}
