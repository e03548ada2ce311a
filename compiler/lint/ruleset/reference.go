package ruleset

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/compiler/lint"
)

// Reference is docs/reference/lint.md: how to use the linter, and every rule.
func Reference() string {
	var b strings.Builder
	b.WriteString(introduction)
	rules := All()
	b.WriteString("## Rules\n\n| rule | severity | | mended by `--fix` | in documents |\n|---|---|---|---|---|\n")
	yes := map[bool]string{true: "yes"}
	for _, r := range rules {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s | %s | %s |\n", r.ID, r.ID, r.Severity, r.Summary, yes[r.Mends], yes[r.Local])
	}
	for _, r := range rules {
		writeRule(&b, r)
	}
	return b.String()
}

func writeRule(b *strings.Builder, r *lint.Rule) {
	fmt.Fprintf(b, "\n### %s\n\n**%s.** Severity: %s.\n\n%s\n\n%s\n\nBad:\n\n```hcl\n%s```\n\nGood:\n\n```hcl\n%s```\n", r.ID, r.Summary, r.Severity, r.Why, r.Fix, r.Bad, r.Good)
}

const introduction = `# The linter

Written from the rules themselves by ` + "`HEADGATE_UPDATE=1 go test ./compiler/lint/ruleset`" + `.

` + "`headgate validate`" + ` says what cannot work. ` + "`headgate lint`" + ` says what works and is most likely a mistake: it compiles the project once, offline, for one
environment (that of ` + "`--env`" + `, the default one, or else the first), and runs every rule over the result, over the files, and over the parse trees of the models' queries.

## What fails

A finding is an error, a warning or a remark (info). The command exits with 3 when one weighs ` + "`--fail-on`" + ` (by default ` + "`warning`" + `) or more, with 0
when none does, and with 1 when the project does not compile; then nothing is linted. ` + "`--min-severity`" + ` says what is shown; what fails is always shown.

The severity of a rule is set on the command line, ` + "`--rule money_as_float=error --rule select_star=off`" + `, or for everybody in the project:

` + "```hcl" + `
headgate {
  lint {
    fail_on = "error"
    rules = {
      money_as_float = "error"
      select_star    = "off"
    }
  }
}
` + "```" + `

Flags are stronger. The faults of ignore comments (HG2601 and on) are set in the same way.

## Ignoring a finding

` + "```hcl" + `
# headgate:ignore money_as_float the source has floats; the model rounds them
column "price" {
  type = float64
}
` + "```" + `

The comment stands on a line of its own, directly before the block or attribute, and silences one rule in all of it. Inside an attribute's value it
speaks of the next line. The reason is required. ` + "`until=2027-01-31`" + ` behind the rule's name lets it expire:

` + "```hcl" + `
# headgate:ignore unused_contract until=2027-01-31 its table comes with the next release
` + "```" + `

In SQL, in a file or a heredoc, it is ` + "`-- headgate:ignore RULE reason`" + `: before a line it speaks of that line, before the whole query of all of it.
What a query shows can be ignored at the attribute ` + "`query`" + ` too. JSON has no comments, so nothing can be ignored there.

A comment that gives no reason, has expired, names no rule, stands before nothing or silences nothing is itself reported.

## Mending

` + "`--fix`" + ` makes the changes that keep the meaning of the project, in its text: comments and layout stay. The project is compiled again before anything is
written, and nothing is written where it does not compile. ` + "`--diff`" + ` prints the changes; without ` + "`--fix`" + ` it writes nothing.

## Documents

Code blocks of Markdown files in the project's folder are linted where they are marked as headgate's, with ` + "```` ```hcl headgate ````" + ` or
` + "```` ```headgate ````" + `. Each is a file of its own: it has to be valid, formatted as ` + "`headgate fmt`" + ` does, and is held to the rules that judge blocks one at a time.
What it refers to need not be there.

## Output

` + "`--format text`" + ` shows findings with their source lines; ` + "`json`" + ` is described by ` + "`schemas/lint.schema.json`" + `; ` + "`markdown`" + ` is made for a pull request; ` + "`sarif`" + `
(2.1.0) holds ignored findings too, suppressed with their reason; ` + "`github`" + ` writes annotations for GitHub Actions; ` + "`junit`" + ` one test case for each finding.
In ` + "`sarif`, `github`, `junit` and `markdown`" + ` the names of files are seen from the working directory, also under ` + "`-C`" + `.
A secret that is found is not printed again: text shows stars in its place.
` + "`headgate lint FILE...`" + ` reports what is in those files or folders alone; the whole project is looked at all the same.

`
