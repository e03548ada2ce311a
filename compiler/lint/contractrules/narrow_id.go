package contractrules

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
)

func narrowID() *lint.Rule {
	return &lint.Rule{
		ID: "narrow_id", Severity: lint.Warning, Local: true,
		Summary: "An id has a type that runs out, or loses digits",
		Why:     "A key of type int32 ends at 2,147,483,647: on that day every new record is a violation. A float64 holds whole numbers up to 2^53 only, so that two long ids become one.",
		Fix:     "Take int64, or string where an id is not a number to count with.",
		Bad: `contract "orders" {
  key = ["id"]
  column "id" {
    type = int32
  }
}
`,
		Good: `contract "orders" {
  key = ["id"]
  column "id" {
    type = int64
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				words := lint.Words(c.Name)
				if len(words) == 0 || words[len(words)-1] != "id" {
					return
				}
				switch {
				case c.Type.Kind == types.Float64:
					p.ReportColumn(n, c, "type", "%s is float64, which cannot tell ids beyond 2^53 from each other. Make it int64 or string.", c.Name)
				case c.Type.Kind == types.Int32 && len(n.Contract.Key) == 1 && slices.Contains(n.Contract.Key, c.Name):
					p.ReportColumn(n, c, "type", "%s, the key, is int32 and ends at 2147483647. Make it int64.", c.Name)
				}
			})
		},
	}
}
