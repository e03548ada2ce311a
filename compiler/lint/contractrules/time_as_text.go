package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
)

func timeAsText() *lint.Rule {
	return &lint.Rule{
		ID: "time_as_text", Severity: lint.Info, Local: true,
		Summary: "A date or time is kept as text",
		Why:     "Text is ordered by its characters: 9/1 comes behind 10/1. Every reader has to parse it anew, and a day that the calendar does not have is found by the last of them.",
		Fix:     "Take date, timestamptz or time. Texts in RFC 3339 and ISO 8601 are coerced without loss; parse others in the stream's map with parse_timestamp.",
		Bad: `contract "orders" {
  column "order_date" {
    type = string
  }
}
`,
		Good: `contract "orders" {
  column "order_date" {
    type = date
  }
  column "date_format" {
    type = string
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				words := lint.Words(c.Name)
				if c.Type.Kind != types.String || len(words) == 0 || len(c.Enum) > 0 || c.Format != "" || c.Pattern != "" {
					return
				}
				if last := words[len(words)-1]; last == "date" || last == "datetime" || last == "timestamp" || len(words) > 1 && last == "at" {
					p.ReportColumn(n, c, "type", "%s is string. Make it date or timestamptz, or give it a format or pattern.", c.Name)
				}
			})
		},
	}
}
