package contractrules

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
)

func columnNameKeyword() *lint.Rule {
	return &lint.Rule{
		ID: "column_name_keyword", Severity: lint.Warning, Local: true,
		Summary: "A column is called like a word of SQL",
		Why:     "A query that says order or group without quotes is a syntax error, and one that says user in Postgres is no error: it gives the name of the session's user in place of the column.",
		Fix:     "Say what it is: order_number, user_id, customer_group.",
		Bad: `contract "orders" {
  column "order" {
    type = int64
  }
}
`,
		Good: `contract "orders" {
  column "order_number" {
    type = int64
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				if slices.Contains(reserved(), c.Name) && c.Property == "" {
					p.ReportColumn(n, c, "", "%s is a word of SQL, and has to be quoted in every query. Give the column a longer name.", c.Name)
				}
			})
		},
	}
}

// reserved are the words that both DuckDB and Postgres keep for themselves.
func reserved() []string {
	return []string{"all", "analyze", "and", "any", "array", "as", "asc", "both", "case", "cast", "check", "collate", "column", "constraint", "create",
		"current_date", "current_time", "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign",
		"from", "grant", "group", "having", "in", "initially", "intersect", "into", "lateral", "leading", "limit", "localtime", "localtimestamp",
		"not", "null", "offset", "on", "only", "or", "order", "placing", "primary", "references", "returning", "select", "session_user", "some", "symmetric",
		"table", "then", "to", "trailing", "true", "union", "unique", "user", "using", "variadic", "when", "where", "window", "with"}
}
