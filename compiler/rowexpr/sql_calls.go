package rowexpr

import (
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
)

// call writes a call of a row function.
func (w *duckWriter) call(e *Expr, args []string) string {
	list := strings.Join(args, ", ")
	switch e.Func {
	case "lower", "upper", "sha256", "md5", "replace", "coalesce", "abs":
		return e.Func + "(" + list + ")"
	case "least", "greatest":
		return e.Func + "(" + list + ")"
	case "trim":
		return "trim(" + args[0] + ", ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))"
	case "length":
		name := map[types.Kind]string{types.String: "length", types.Bytes: "octet_length", types.List: "len", types.Map: "cardinality"}[e.Args[0].Type.Kind]
		return "CAST(" + name + "(" + args[0] + ") AS BIGINT)"
	case "substr":
		return w.substr(e, args)
	case "mask":
		return w.mask(e, args)
	case "regex_match":
		return "regexp_matches(" + args[0] + ", " + quoteText(duckPattern(e.Args[1].Lit.Text)) + ")"
	case "regex_replace":
		return "regexp_replace(" + args[0] + ", " + args[1] + ", " + quoteText(duckReplacement(e.Args[2].Lit.Text)) + ", 'g')"
	case "split":
		return "string_split(" + args[1] + ", " + args[0] + ")"
	case "join":
		return w.let(e.Args[1], args[1], func(l string) string { // of nulls alone, DuckDB makes null
			return "(CASE WHEN " + l + " IS NOT NULL THEN coalesce(array_to_string(" + l + ", " + args[0] + "), '') END)"
		})
	case listFunc:
		return "CAST([" + list + "] AS " + e.Type.DuckDB() + ")"
	case "contains":
		return w.contains(e, args)
	case "round", "floor", "ceil":
		return w.round(e, args)
	case "cast", "try_cast":
		return w.cast(e, args[0], e.Func == "try_cast")
	case "date_trunc":
		return truncSQL(e.Type, e.Args[0].Lit.Text, args[1])
	case "date_diff":
		return diffSQL(e, args)
	case "parse_timestamp":
		return w.parseTime(e, args)
	case "json_get":
		return w.jsonGet(e, args)
	case "now_at_load":
		if w.opt.Now == "" {
			return "now()"
		}
		return LiteralSQL(e.Type, w.opt.Now, w.opt.Dialect)
	default:
		return w.fail(e, "%s has no form in DuckDB's SQL.", e.Func)
	}
}

// longest is more code points than any text has, within DuckDB's own bound.
const longest = "2147483646"

func (w *duckWriter) substr(e *Expr, args []string) string {
	return w.let(e.Args[0], args[0], func(s string) string {
		return w.let(e.Args[1], args[1], func(o string) string {
			from := "CASE WHEN " + o + " IS NULL THEN NULL WHEN " + o + " < 0 THEN greatest(length(" + s + ") + " + o + ", 0) + 1 ELSE least(" + o + ", " + longest + ") + 1 END"
			if len(args) == 2 {
				return "substring(" + s + ", " + from + ")"
			}
			return w.let(e.Args[2], args[2], func(n string) string {
				count := "CASE WHEN " + n + " IS NULL THEN NULL WHEN " + n + " < 0 THEN " + longest + " ELSE least(" + n + ", " + longest + ") END"
				return "substring(" + s + ", " + from + ", " + count + ")"
			})
		})
	})
}

func (w *duckWriter) mask(e *Expr, args []string) string {
	keep := e.Args[1].Lit.Text
	return w.let(e.Args[0], args[0], func(v string) string {
		return "(CASE WHEN length(" + v + ") <= " + keep + " THEN repeat('*', length(" + v + ")) ELSE repeat('*', length(" + v + ") - " + keep + ") || right(" + v + ", " + keep + ") END)"
	})
}

// duckPattern puts a pattern whose anchors do not stand at its ends into a group.
// DuckDB's optimizer makes a LIKE of simple patterns, and a wrong one of $$.
func duckPattern(text string) string {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return text
	}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	for i, p := range parts {
		if anchored(p) && (p.Op != syntax.OpBeginText || i > 0) && (p.Op != syntax.OpEndText || i+1 < len(parts)) {
			return "(" + text + ")"
		}
	}
	return text
}

// duckReplacement turns $1 into \1.
func duckReplacement(text string) string {
	pieces, err := Replacement(text, 9)
	if err != nil {
		return text
	}
	var b strings.Builder
	for _, p := range pieces {
		if p.Text == "" {
			b.WriteString(`\` + strconv.Itoa(p.Group))
			continue
		}
		b.WriteString(strings.ReplaceAll(p.Text, `\`, `\\`))
	}
	return b.String()
}

func (w *duckWriter) contains(e *Expr, args []string) string {
	list := e.Args[0]
	if list.Op == OpCall && list.Func == listFunc && len(list.Args) == 0 {
		return "(CASE WHEN " + args[1] + " IS NOT NULL THEN FALSE END)"
	}
	look := func(l string) string {
		return w.let(e.Args[1], args[1], func(x string) string {
			return "(CASE WHEN " + x + " IS NULL THEN NULL ELSE list_contains(" + l + ", " + x + ") END)"
		})
	}
	if canFail(list) { // computed whether or not there is something to look for
		return w.let(list, args[0], look)
	}
	return look(args[0])
}

func (w *duckWriter) round(e *Expr, args []string) string {
	from, to := e.Args[0].Type, e.Type
	switch {
	case from.IsInteger(), from.Equal(to) && from.Kind == types.Decimal:
		return args[0]
	case to.Kind == types.Decimal:
		if e.Func == "round" {
			return "CAST(" + args[0] + " AS " + to.DuckDB() + ")"
		}
		return "CAST(" + e.Func + "(" + args[0] + ") AS " + to.DuckDB() + ")"
	case e.Func == "round":
		return "round(" + args[0] + ", " + e.Args[1].Lit.Text + ")"
	default:
		return e.Func + "(" + args[0] + ")"
	}
}

// utc turns an instant into the timestamp that a clock in UTC shows, and back.
func utc(x string) string { return "timezone('UTC', " + x + ")" }

func truncSQL(t types.Type, unit, x string) string {
	name := quoteText(unit)
	switch t.Kind {
	case types.Date:
		return "CAST(date_trunc(" + name + ", " + x + ") AS DATE)"
	case types.TimestampTZ:
		return utc("date_trunc(" + name + ", " + utc(x) + ")")
	default:
		return "date_trunc(" + name + ", " + x + ")"
	}
}

// diffSQL counts between the beginnings of units, where DuckDB's own rounding of
// fractions and its weeks that begin on Thursdays make no difference.
func diffSQL(e *Expr, args []string) string {
	unit := e.Args[0].Lit.Text
	from, to := args[1], args[2]
	if e.Args[1].Type.Kind == types.TimestampTZ {
		from, to = utc(from), utc(to)
	}
	begin := func(x string) string { return "date_trunc(" + quoteText(unit) + ", CAST(" + x + " AS TIMESTAMP))" }
	if unit == "week" {
		return "CAST(date_diff('day', " + begin(from) + ", " + begin(to) + ") // 7 AS BIGINT)"
	}
	return "date_diff(" + quoteText(unit) + ", " + begin(from) + ", " + begin(to) + ")"
}

// directives are the patterns of what parse_timestamp takes, of those that
// DuckDB's strptime reads in the same way.
var directives = map[byte]string{
	'Y': patternYear, 'm': "[0-9]{1,2}", 'd': "[0-9]{1,2}", 'H': "[0-9]{1,2}", 'M': "[0-9]{1,2}", 'S': "[0-9]{1,2}",
	'b': "(?i:[a-z]{3})", 'B': "(?i:[a-z]{3,9})",
}

func (w *duckWriter) parseTime(e *Expr, args []string) string {
	format, err := ParseTimeFormat(e.Args[1].Lit.Text)
	if err != nil {
		return w.fail(e, "%s.", err)
	}
	pattern, plain := "^(", ""
	for _, p := range format.Parts {
		if p.Directive == 0 {
			pattern += quoteMeta(p.Text)
			plain += strings.ReplaceAll(p.Text, "%", "%%")
			continue
		}
		d, ok := directives[p.Directive]
		if !ok {
			return w.parseParts(e, args[0], format)
		}
		pattern += d
		plain += "%" + string(p.Directive)
	}
	return fmt.Sprintf("strptime(regexp_extract(%s, %s, 1), %s)", args[0], quoteText(pattern+")$"), quoteText(plain))
}

// parseParts is parse_timestamp by a pattern whose groups are put together to the
// text that cast reads: for the directives that DuckDB's strptime reads otherwise.
func (w *duckWriter) parseParts(e *Expr, text string, format TimeFormat) string {
	pattern, groups, why := timePattern(format)
	switch {
	case why != "":
		return w.fail(e, "%s", why)
	case len(groups) > 9:
		return w.fail(e, "DuckDB's patterns have 9 groups, and %d are needed.", len(groups))
	}
	return w.let(e.Args[0], text, func(x string) string {
		return w.read(duckTime(groups, func(directive byte) string {
			return "regexp_extract(" + x + ", " + quoteText(pattern) + ", " + strconv.Itoa(groups[directive]) + ")"
		}), e.Type, false, func(text string, t types.Type) string { return "CAST(" + text + " AS " + t.DuckDB() + ")" })
	})
}

// duckTime is the text of the time whose parts stand in groups.
func duckTime(groups map[byte]int, part func(directive byte) string) string {
	two := func(directive byte) string {
		if groups[directive] == 0 {
			return "'00'"
		}
		return "lpad(" + part(directive) + ", 2, '0')"
	}
	year := part('Y')
	if groups['y'] > 0 {
		year = "(CASE WHEN " + part('y') + " >= '69' THEN '19' ELSE '20' END || " + part('y') + ")"
	}
	month := two('m')
	for directive, short := range map[byte]int{'b': 3, 'B': 0} {
		if groups[directive] > 0 { // one of them at most
			month = "lpad(CAST(coalesce(list_position([" + monthList(short) + "], lower(" + part(directive) + ")), 0) AS VARCHAR), 2, '0')"
		}
	}
	date := year + " || '-' || " + month + " || '-' || " + two('d')
	if groups['j'] > 0 {
		day := "CAST(CAST(" + year + " || '-01-01' AS DATE) + CAST(" + part('j') + " AS INTEGER) - 1 AS VARCHAR)"
		date = "(CASE WHEN left(" + day + ", 4) <> " + year + " THEN '' ELSE " + day + " END)"
	}
	hour := two('H')
	if groups['p'] > 0 {
		twelve := "CAST(" + part('I') + " AS INTEGER)"
		hour = "(CASE WHEN " + twelve + " NOT BETWEEN 1 AND 12 THEN '99' ELSE lpad(CAST(" + twelve + " % 12 + (CASE WHEN lower(" + part('p') + ") = 'pm' THEN 12 ELSE 0 END) AS VARCHAR), 2, '0') END)"
	}
	text := date + " || 'T' || " + hour + " || ':' || " + two('M') + " || ':' || " + two('S')
	if groups['f'] > 0 {
		text += " || '.' || " + part('f')
	}
	if groups['z'] > 0 {
		text += " || " + part('z')
	}
	return "(" + text + ")"
}

// quoteMeta escapes a text for a pattern.
func quoteMeta(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (w *duckWriter) jsonGet(e *Expr, args []string) string {
	path, err := ParsePath(e.Args[1].Lit.Text)
	if err != nil {
		return w.fail(e, "%s.", err)
	}
	text := "$"
	for _, s := range path {
		switch {
		case s.IsIdx:
			text += "[" + strconv.Itoa(s.Index) + "]"
		case strings.ContainsAny(s.Name, "\"\\\x00"):
			return w.fail(e, "DuckDB's paths cannot hold the name %q.", s.Name)
		default:
			text += `."` + s.Name + `"`
		}
	}
	return w.let(nil, "json_extract("+args[0]+", "+quoteText(text)+")", func(v string) string {
		return "(CASE WHEN CAST(" + v + " AS VARCHAR) = 'null' THEN NULL ELSE " + v + " END)"
	})
}
