package contractrules

import (
	"math/big"
	"regexp"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
)

func impossibleEnumValue() *lint.Rule {
	return &lint.Rule{
		ID: "impossible_enum_value", Severity: lint.Warning, Local: true,
		Summary: "A value of an enum breaks another limit of its column",
		Why:     "All limits of a column hold together. A value that enum allows and pattern, a length or a bound refuses can never be loaded, so one of the two is not what was meant.",
		Fix:     "Take the value out, or the limit: an enum by itself is the tighter one.",
		Bad: `contract "orders" {
  column "status" {
    type    = string
    enum    = ["open", "PAID"]
    pattern = "^[a-z]+$"
  }
}
`,
		Good: `contract "orders" {
  column "status" {
    type = string
    enum = ["open", "paid"]
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				for _, v := range c.Enum {
					if rule := brokenBy(c, v); rule != "" {
						p.ReportColumn(n, c, "enum", "%q keeps the enum of %s and breaks its %s.", v, c.Name, rule)
					}
				}
			})
		},
	}
}

// brokenBy names the limit of a column that a value breaks, "" for none.
func brokenBy(c *contract.Column, v string) string {
	if c.Pattern != "" {
		if re, err := regexp.Compile(c.Pattern); err == nil && !re.MatchString(v) {
			return contract.RulePattern
		}
	}
	if n := utf8.RuneCountInString(v); c.Type.Kind == types.String {
		switch {
		case c.MinLength != nil && n < *c.MinLength:
			return contract.RuleMinLength
		case c.MaxLength != nil && n > *c.MaxLength:
			return contract.RuleMaxLength
		}
	}
	value, ok := new(big.Rat).SetString(v)
	if !ok || !c.Type.IsNumeric() {
		return ""
	}
	bound := func(text *string) *big.Rat {
		if text != nil {
			if r, ok := new(big.Rat).SetString(*text); ok {
				return r
			}
		}
		return value
	}
	switch {
	case value.Cmp(bound(c.Min)) < 0:
		return contract.RuleMin
	case value.Cmp(bound(c.Max)) > 0:
		return contract.RuleMax
	}
	return ""
}
