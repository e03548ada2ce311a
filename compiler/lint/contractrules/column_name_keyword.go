package contractrules

import (
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
				if reserved[c.Name] && c.Property == "" {
					p.ReportColumn(n, c, "", "%s is a word of SQL, and has to be quoted in every query. Give the column a longer name.", c.Name)
				}
			})
		},
	}
}

// reserved are the words that both DuckDB and Postgres keep for themselves.
var reserved = map[string]bool{
	"all": true, "analyze": true, "and": true, "any": true, "array": true, "as": true, "asc": true, "both": true, "case": true, "cast": true,
	"check": true, "collate": true, "column": true, "constraint": true, "create": true, "current_date": true, "current_time": true,
	"current_timestamp": true, "current_user": true, "default": true, "deferrable": true, "desc": true, "distinct": true, "do": true,
	"else": true, "end": true, "except": true, "false": true, "fetch": true, "for": true, "foreign": true, "from": true, "grant": true,
	"group": true, "having": true, "in": true, "initially": true, "intersect": true, "into": true, "lateral": true, "leading": true,
	"limit": true, "localtime": true, "localtimestamp": true, "not": true, "null": true, "offset": true, "on": true, "only": true, "or": true,
	"order": true, "placing": true, "primary": true, "references": true, "returning": true, "select": true, "session_user": true,
	"some": true, "symmetric": true, "table": true, "then": true, "to": true, "trailing": true, "true": true, "union": true, "unique": true,
	"user": true, "using": true, "variadic": true, "when": true, "where": true, "window": true, "with": true,
}
