package compat

import (
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
)

// limit is one limit of a column with its test of a value that is not null.
type limit struct {
	rule string
	test func(value) tri
}

// limitsOf lists the limits of a column, in the order in which violations are
// listed.
func limitsOf(c *contract.Column) []limit {
	var out []limit
	for _, rule := range []string{contract.RuleMin, contract.RuleMax, contract.RuleMinLength, contract.RuleMaxLength,
		contract.RulePattern, contract.RuleEnum, contract.RuleFormat} {
		if test := limitOf(c, rule); test != nil {
			out = append(out, limit{rule, test})
		}
	}
	return out
}

// limitOf is one limit of a column by its rule's name, nil where it has none.
func limitOf(c *contract.Column, rule string) func(value) tri {
	switch {
	case rule == contract.RuleMin && c.Min != nil:
		return bound(c.Type, *c.Min, false)
	case rule == contract.RuleMax && c.Max != nil:
		return bound(c.Type, *c.Max, true)
	case rule == contract.RuleMinLength && c.MinLength != nil:
		n := *c.MinLength
		return func(v value) tri { return triOf(lengthOf(v) >= n) }
	case rule == contract.RuleMaxLength && c.MaxLength != nil:
		n := *c.MaxLength
		return func(v value) tri { return triOf(lengthOf(v) <= n) }
	case rule == contract.RulePattern && c.Pattern != "":
		re, err := regexp.Compile(c.Pattern)
		if err != nil {
			return func(value) tri { return unsure }
		}
		return func(v value) tri { return triOf(re.MatchString(v.s)) }
	case rule == contract.RuleEnum && len(c.Enum) > 0:
		return listed(c)
	case rule == contract.RuleFormat && c.Format != "":
		format := c.Format
		return func(v value) tri { return hasFormat(format, v.s) }
	default:
		return nil
	}
}

func bound(t types.Type, text string, upper bool) func(value) tri {
	edge, ok := constant(t, text)
	return func(v value) tri {
		if !ok {
			return unsure
		}
		v, ok := v.as(t)
		c, comparable := order(v, edge)
		if !ok || !comparable {
			return unsure
		}
		return triOf(upper && c <= 0 || !upper && c >= 0)
	}
}

func listed(c *contract.Column) func(value) tri {
	var all []value
	for _, text := range c.Enum {
		if v, ok := constant(c.Type, text); ok {
			all = append(all, v)
		}
	}
	return func(v value) tri {
		v, ok := v.as(c.Type)
		if !ok {
			return unsure
		}
		for _, x := range all {
			if n, ok := order(v, x); ok && n == 0 {
				return yes
			}
		}
		return no
	}
}

// lengthOf is of text in code points, of bytes in bytes, of a list or map in
// elements.
func lengthOf(v value) int {
	switch v.kind {
	case types.Bytes:
		return len(v.s)
	case types.List, types.Map:
		return len(v.items)
	default:
		return utf8.RuneCountInString(v.s)
	}
}

var (
	plainHost  = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)
	plainEmail = regexp.MustCompile(`^[A-Za-z0-9_+-]{1,30}(?:\.[A-Za-z0-9_+-]{1,30})?@(.*)$`)
	plainURI   = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(?:/[A-Za-z0-9./_-]*)?$`)
	fullStamp  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})$`)
)

// hasFormat reports whether a text is of a named format. It knows the plain
// cases and is unsure about the others.
func hasFormat(format, s string) tri {
	switch format {
	case "uuid":
		return triOf(uuidText.MatchString(s))
	case "ipv4":
		a, err := netip.ParseAddr(s)
		return triOf(err == nil && a.Is4())
	case "ipv6":
		a, err := netip.ParseAddr(s)
		return triOf(err == nil && a.Is6() && a.Zone() == "")
	case "date":
		_, err := time.Parse(time.DateOnly, s)
		return triOf(err == nil)
	case "hostname":
		return triOf(len(s) <= 253 && plainHost.MatchString(s))
	case "email":
		m := plainEmail.FindStringSubmatch(s)
		switch {
		case m != nil && len(s) < 250:
			return triOf(len(m[1]) <= 253 && plainHost.MatchString(m[1]))
		case !strings.Contains(s, "@") || strings.ContainsAny(s, " \t"):
			return no
		}
	case "uri":
		switch {
		case plainURI.MatchString(s):
			return yes
		case !strings.Contains(s, ":") || strings.ContainsAny(s, " <>\"{}|\\^`"):
			return no
		}
	case "date-time":
		_, err := time.Parse(time.RFC3339Nano, s)
		switch {
		case err == nil && fullStamp.MatchString(s):
			return yes
		case len(s) < 16 || strings.Trim(s[:4], "0123456789") != "":
			return no
		}
	}
	return unsure
}

// formatImplies lists the formats whose every text is one of another.
func formatImplies(a, b string) bool {
	return a == b || b == "hostname" && (a == "ipv4" || a == "uuid" || a == "date")
}

// formatTexts are texts of each format.
func formatTexts(format string) []string {
	switch format {
	case "email":
		return []string{"ann@example.com", "a@b.co"}
	case "uri":
		return []string{"https://example.com/a", "http://a.b"}
	case "uuid":
		return []string{"00112233-4455-6677-8899-aabbccddeeff"}
	case "ipv4":
		return []string{"192.0.2.1", "1.1.1.1"}
	case "ipv6":
		return []string{"2001:db8::1", "::1"}
	case "date":
		return []string{"2024-02-29"}
	case "date-time":
		return []string{"2024-02-29T12:00:00Z"}
	case "hostname":
		return []string{"example.com", "a"}
	default:
		return nil
	}
}
