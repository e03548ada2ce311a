package contractrules

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
)

func columnNameStyle() *lint.Rule {
	return &lint.Rule{
		ID: "column_name_style", Severity: lint.Warning, Local: true,
		Summary: "A column's name has to be quoted in SQL",
		Why:     "Databases fold names that are not quoted to one case, each to its own. A name with capitals, spaces or signs has to be written in quotes by every query of every reader, for ever.",
		Fix:     "Call it in lower case, words joined by underscores; the stream's map takes the source's name: column \"unit_price\" { value = row[\"Unit Price\"] }.",
		Bad: `contract "orders" {
  column "Unit Count" {
    type = int64
  }
}
`,
		Good: `contract "orders" {
  column "unit_count" {
    type = int64
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				if plainName(c.Name) || c.Property != "" {
					return
				}
				way := "Use lower-case letters, digits and underscores."
				if better := strings.Join(lint.Words(c.Name), "_"); better != "" && plainName(better) {
					way = fmt.Sprintf("Call it %q.", better)
				}
				p.ReportColumn(n, c, "", "%q needs quotes in SQL. %s", c.Name, way)
			})
		},
	}
}

// plainName reports whether every database takes a name without quotes as it is.
func plainName(name string) bool {
	for i, r := range name {
		if r > unicode.MaxASCII || r != '_' && !unicode.IsLower(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return true
}
