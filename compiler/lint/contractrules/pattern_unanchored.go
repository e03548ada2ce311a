package contractrules

import (
	"regexp/syntax"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
)

func patternUnanchored() *lint.Rule {
	return &lint.Rule{
		ID: "pattern_unanchored", Severity: lint.Warning, Local: true,
		Summary: "A pattern is looked for anywhere in the text",
		Why:     "A pattern holds where it is found in any part of the value: [A-Z]{3} takes \"xxABCDEFxx\". Whoever wrote a fixed number of characters most likely meant the whole value.",
		Fix:     "Write ^ in front and $ behind. Where a part is meant, ignore the rule with the reason.",
		Bad: `contract "orders" {
  column "currency" {
    type    = string
    pattern = "[A-Z]{3}"
  }
}
`,
		Good: `contract "orders" {
  column "currency" {
    type    = string
    pattern = "^[A-Z]{3}$"
  }
  column "url" {
    type    = string
    pattern = "^https://"
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				if c.Pattern != "" && c.Property == "" && unanchored(c.Pattern) {
					p.ReportColumn(n, c, "pattern", "The pattern of %s is found inside longer texts, too. For the whole value write %q.", c.Name, "^"+grouped(c.Pattern)+"$")
				}
			})
		},
	}
}

// unanchored reports whether a pattern speaks of classes or numbers of characters
// and has no anchor at all. A plain word is most likely looked for on purpose.
func unanchored(pattern string) bool {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false
	}
	anchor, shaped := false, false
	var walk func(*syntax.Regexp)
	walk = func(r *syntax.Regexp) {
		switch r.Op {
		case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
			anchor = true
		case syntax.OpCharClass, syntax.OpRepeat:
			shaped = true
		}
		for _, s := range r.Sub {
			walk(s)
		}
	}
	walk(re)
	return shaped && !anchor
}

// grouped puts alternatives in brackets, so that anchors hold for all of them.
func grouped(pattern string) string {
	if re, err := syntax.Parse(pattern, syntax.Perl); err == nil && (re.Op == syntax.OpAlternate || slices.Contains([]byte(pattern), '|')) {
		return "(?:" + pattern + ")"
	}
	return pattern
}
