package pipelinerules

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
)

func personalDataUnmasked() *lint.Rule {
	return &lint.Rule{
		ID: "personal_data_unmasked", Severity: lint.Warning,
		Summary: "Personal data is loaded as it comes",
		Why:     "A value that is tagged as personal stands in the table in full, for everybody who may read it, in every backup and every model that is built on it. Most analyses need to tell people apart, not to know them.",
		Fix:     "Take sha256(row.x) or mask(row.x) in the stream's map, or drop the column. Where the value itself is needed, ignore the rule at the stream, with the reason.",
		Bad: `contract "visits" {
  column "email" {
    type = string
    tags = ["pii"]
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
  }
}
`,
		Good: `contract "visits" {
  column "email" {
    type = string
    tags = ["pii"]
  }
}
pipeline "visits" {
  from = source.shop
  to   = destination.warehouse
  stream "visits" {
    contract = contract.visits
    map {
      column "email" {
        value = sha256(row.email)
      }
    }
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Streams() {
				c := p.Contract(n.Stream.Contract)
				if c == nil {
					continue
				}
				var names []string
				for i := range c.Columns {
					if col := &c.Columns[i]; col.HasTag("pii") && !hidden(n.Stream, col) {
						names = append(names, col.Name)
					}
				}
				if len(names) > 0 {
					p.Report(n.Range, n.Address, "%s of %s: loaded in clear. Write value = sha256(row.%s), or mask(...), in the map.", strings.Join(names, ", "), n.Stream.Contract, names[0])
				}
			}
		},
	}
}

// hidden reports whether a stream's map makes a column by hashing or masking, by
// a constant, or not at all.
func hidden(s *program.Stream, col *contract.Column) bool {
	if s.Map == nil {
		return false
	}
	for i := range s.Map.Columns {
		if s.Map.Columns[i].Name == col.Name {
			return !shows(s.Map.Columns[i].Value)
		}
	}
	return s.Map.Only || slices.Contains(s.Map.Drop, col.Name)
}

// shows reports whether an expression gives a value that it reads back in clear.
func shows(e *rowexpr.Expr) bool {
	switch e.Op {
	case rowexpr.OpRef:
		return true
	case rowexpr.OpCall:
		if slices.Contains([]string{"sha256", "md5", "mask", "length", "regex_match"}, e.Func) {
			return false
		}
	case rowexpr.OpIsNull, rowexpr.OpNotNull, rowexpr.OpEq, rowexpr.OpNe, rowexpr.OpLt, rowexpr.OpLe, rowexpr.OpGt, rowexpr.OpGe:
		return false
	case rowexpr.OpIf:
		return slices.ContainsFunc(e.Args[1:], shows)
	}
	return slices.ContainsFunc(e.Args, shows)
}
