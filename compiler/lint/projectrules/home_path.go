package projectrules

import (
	"regexp"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
)

func homePath() *lint.Rule {
	return &lint.Rule{
		ID: "home_path", Severity: lint.Warning, Local: true,
		Summary: "A path exists on one machine only",
		Why:     "A path below somebody's home, or in a folder for temporary files, is not there on a colleague's machine or in production, or holds something else.",
		Fix:     "Write it relative to the project (\"data/orders.csv\"), from ${path.root}, or take it from a variable.",
		Bad: `source "file" "returns" {
  path = "/home/anna/returns.csv"
}
`,
		Good: `source "file" "returns" {
  path = "data/returns.csv"
}
`,
		Check: func(p *lint.Pass) {
			own := regexp.MustCompile(`^(/home/|/Users/|/root/|/tmp/|/var/tmp/|~|[A-Za-z]:[\\/]+Users[\\/])`)
			eachBlock(p.Module().Blocks, func(b *lang.Block) {
				a := b.Attr("path")
				if a == nil || b.Type != "source" && b.Type != "destination" {
					return
				}
				if text, ok := literal(a.Expr); ok && own.MatchString(text) {
					p.Report(a.ExprRange, addr.Address{}, "%s is a place of one machine. Write a path from the project's folder, or a variable.", text)
				}
			})
		},
	}
}
