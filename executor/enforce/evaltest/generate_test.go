package evaltest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

type column struct {
	name, typ string
	values    []string
}

// columns are the columns of the table and the values that they draw from.
var columns = []column{
	{"b", "bool", []string{"true", "false", "NULL"}},
	{"b2", "bool", []string{"true", "false", "NULL"}},
	{"i", "int32", []string{"0", "1", "-1", "7", "-13", "2147483647", "-2147483648", "NULL"}},
	{"l", "int64", []string{"0", "1", "-1", "42", "-1000", "9223372036854775807", "-9223372036854775808", "9007199254740993", "NULL"}},
	{"l2", "int64", []string{"0", "2", "-3", "10", "100000000000", "NULL"}},
	{"f", "float64", []string{"0", "-0.0", "1.5", "-2.5", "0.1", "1e300", "-1e-300", "123456.789", "1e16", "NULL"}},
	{"d", "decimal(12, 2)", []string{"0", "0.01", "-12.35", "9999999999.99", "-9999999999.99", "2.50", "NULL"}},
	{"e", "decimal(38, 6)", []string{"0", "0.000001", "-1.5", "99999999999999999999999999999999.999999", "12345678901234567890.5", "NULL"}},
	{"s", "string", []string{"", "a", "abc", "Grüße", "  pad\t", "42", "-7", "1.25", "true", "2024-02-29", "2024-02-29T10:00:00", "x,y,,z", "O'Neil", "日本語テキスト", "NULL"}},
	{"s2", "string", []string{"", "b", "ab", "ü", "B", "1e3", "12345678901234567890", "+5", ".5", "NULL"}},
	{"day", "date", []string{"1970-01-01", "2024-02-29", "1969-12-31", "2023-12-31", "0001-01-01", "9999-12-31", "NULL"}},
	{"ts", "timestamp", []string{"1970-01-01T00:00:00", "2024-02-29T23:59:59.999999", "1969-12-31T23:59:59.5", "1582-10-15T01:02:03", "NULL"}},
	{"ts2", "timestamp", []string{"2024-03-01T00:00:00", "1960-06-15T12:30:45.000001", "NULL"}},
	{"tz", "timestamptz", []string{"1970-01-01T00:00:00Z", "2024-02-29T23:59:59.25Z", "1969-12-31T23:59:59.999999Z", "NULL"}},
	{"u", "uuid", []string{"deadbeef-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000000", "NULL"}},
	{"tags", "list(string)", []string{"a", "a|b", "NULL|ü", "", "NULL"}},
}

// kinds are the types that whole expressions are made of.
var kinds = []string{"bool", "bool", "int32", "int64", "float64", "decimal", "string", "date", "timestamp", "timestamptz"}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// generator makes random expressions of a type, as text. Some of them do not
// type-check: those are passed over.
type generator struct{ r *rand.Rand }

func (g *generator) expr(kind string, depth int) string {
	if depth <= 0 || g.r.IntN(6) == 0 {
		return g.leaf(kind)
	}
	if g.r.IntN(7) == 0 {
		return g.any(kind, depth-1)
	}
	sub := func(k string) string { return g.expr(k, depth-1) }
	switch kind {
	case "bool":
		return g.boolean(depth, sub)
	case "int32", "int64", "float64", "decimal":
		return g.number(kind, sub)
	case "string":
		return g.text(depth, sub)
	default:
		if g.r.IntN(2) == 0 {
			return fmt.Sprintf("date_trunc(%q, %s)", pick(g.r, units), sub(kind))
		}
		return g.cast(kind, depth)
	}
}

var units = []string{"second", "minute", "hour", "day", "week", "month", "quarter", "year"}

// any makes the forms that every type has.
func (g *generator) any(kind string, depth int) string {
	a, b := g.expr(kind, depth), g.expr(kind, depth)
	switch g.r.IntN(4) {
	case 0:
		return fmt.Sprintf("(%s ? %s : %s)", g.expr("bool", depth), a, b)
	case 1:
		return fmt.Sprintf("coalesce(%s, %s)", a, b)
	case 2:
		if kind == "bool" {
			return a
		}
		return fmt.Sprintf("%s(%s, %s)", pick(g.r, []string{"least", "greatest"}), a, b)
	default:
		return g.cast(kind, depth)
	}
}

func (g *generator) cast(kind string, depth int) string {
	to := kind
	if kind == "decimal" {
		to = pick(g.r, []string{"decimal(10, 1)", "decimal(38, 10)", "decimal(5, 0)"})
	}
	x := g.expr(pick(g.r, kinds), depth-1)
	for !strings.Contains(x, "row.") { // DuckDB folds a constant null, and drops what fails beside it
		x = g.expr(pick(g.r, kinds), depth)
	}
	return fmt.Sprintf("%s(%s, %s)", pick(g.r, []string{"cast", "try_cast"}), x, to)
}

func (g *generator) leaf(kind string) string {
	r := g.r
	switch kind {
	case "bool":
		return pick(r, []string{"row.b", "row.b2", "true", "false"})
	case "int32":
		return pick(r, []string{"row.i", "row.i", "3", "-1"})
	case "int64":
		return pick(r, []string{"row.l", "row.l2", "row.i", "5", "0", "-2"})
	case "float64":
		return pick(r, []string{"row.f", "row.f", "cast(0.25, float64)"})
	case "decimal":
		return pick(r, []string{"row.d", "row.d", "row.e", "1.5", "-0.005"})
	case "string":
		return pick(r, []string{"row.s", "row.s", "row.s2", `"abc"`, `""`, `"ß,x"`})
	case "date":
		return pick(r, []string{"row.day", `cast("2000-02-29", date)`})
	case "timestamp":
		return pick(r, []string{"row.ts", "row.ts2"})
	default:
		return pick(r, []string{"row.tz", "now_at_load()"})
	}
}

func (g *generator) boolean(depth int, sub func(string) string) string {
	switch g.r.IntN(9) {
	case 0, 1:
		return fmt.Sprintf("(%s %s %s)", sub("bool"), pick(g.r, []string{"&&", "||"}), sub("bool"))
	case 2:
		return "!" + sub("bool")
	case 3:
		return fmt.Sprintf("(%s %s null)", sub(pick(g.r, kinds)), pick(g.r, []string{"==", "!="}))
	case 4:
		return fmt.Sprintf("regex_match(%s, %q)", sub("string"), pick(g.r, []string{"^[a-z]*$", "b", "^\\d+$", "[ßü]", "^.{2,3}$", "(?i)GR"}))
	case 5:
		return fmt.Sprintf("contains([%s, %s, null], %s)", sub("string"), g.leaf("string"), sub("string"))
	case 6:
		return fmt.Sprintf("contains(row.tags, %s)", sub("string"))
	case 7:
		return fmt.Sprintf("(row.u %s %q)", pick(g.r, []string{"==", "!="}), "deadbeef-0000-0000-0000-000000000001")
	default:
		k := pick(g.r, kinds[2:])
		return fmt.Sprintf("(%s %s %s)", sub(k), pick(g.r, []string{"==", "!=", "<", "<=", ">", ">="}), sub(k))
	}
}

func (g *generator) number(kind string, sub func(string) string) string {
	switch g.r.IntN(7) {
	case 0:
		return fmt.Sprintf("%s(%s)", pick(g.r, []string{"abs", "round", "floor", "ceil"}), sub(kind))
	case 1:
		return fmt.Sprintf("round(%s, %d)", sub(kind), g.r.IntN(4))
	case 2:
		if kind == "float64" {
			return fmt.Sprintf("(%s / %s)", sub(pick(g.r, kinds[2:6])), sub(pick(g.r, kinds[2:6])))
		}
		if kind == "int64" {
			return g.count(sub)
		}
		return "(-" + sub(kind) + ")"
	default:
		return fmt.Sprintf("(%s %s %s)", sub(kind), pick(g.r, []string{"+", "-", "*", "%"}), sub(kind))
	}
}

func (g *generator) count(sub func(string) string) string {
	if g.r.IntN(2) == 0 {
		return "length(" + pick(g.r, []string{sub("string"), "row.tags", fmt.Sprintf("split(\",\", %s)", sub("string"))}) + ")"
	}
	k := pick(g.r, kinds[7:])
	return fmt.Sprintf("date_diff(%q, %s, %s)", pick(g.r, units), sub(k), sub(k))
}

func (g *generator) text(depth int, sub func(string) string) string {
	s := sub("string")
	switch g.r.IntN(12) {
	case 0:
		return pick(g.r, []string{"lower", "upper", "trim", "sha256", "md5"}) + "(" + s + ")"
	case 1:
		return fmt.Sprintf("substr(%s, %d)", s, g.r.IntN(9)-4)
	case 2:
		return fmt.Sprintf("substr(%s, %s, %s)", s, sub("int64"), sub("int64"))
	case 3:
		return fmt.Sprintf("replace(%s, %s, %s)", s, sub("string"), g.leaf("string"))
	case 4:
		return fmt.Sprintf("regex_replace(%s, %q, %q)", s, pick(g.r, []string{"a*", "(.)(.)", "[^a-z]", "x|y"}), pick(g.r, []string{"", "<$0>", "\\\\-$$"}))
	case 5:
		return fmt.Sprintf("mask(%s, %d)", s, g.r.IntN(4))
	case 6:
		return fmt.Sprintf("join(%q, split(%q, %s))", pick(g.r, []string{"", "+"}), pick(g.r, []string{",", "a", "ü"}), s)
	case 7:
		return `join("-", row.tags)`
	case 8, 9:
		return fmt.Sprintf(`"${%s}/${%s}"`, s, sub(pick(g.r, kinds)))
	case 10:
		return fmt.Sprintf("cast(parse_timestamp(%s, \"%%Y-%%m-%%d\"), string)", s)
	default:
		return strings.Join([]string{"concat(", s, ", ", sub(pick(g.r, kinds)), ")"}, "")
	}
}
