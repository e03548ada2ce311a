package rowexpr

import (
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
)

// moments writes the calls that have to do with time, and json_get.
func (w *pgWriter) moments(e *Expr, args []pgValue) pgValue {
	switch e.Func {
	case "date_trunc":
		return strict(pgTrunc(e.Type, e.Args[0].Lit.Text, args[1].sql), args[1])
	case "date_diff":
		return w.diff(e, args)
	case "parse_timestamp":
		return w.parseTime(e, args[0])
	case "json_get":
		return w.jsonGet(e, args[0])
	case "now_at_load":
		if w.opt.Now == "" {
			return pgValue{sql: "now()", plain: true}
		}
		return pgValue{sql: LiteralSQL(e.Type, w.opt.Now, w.opt.Dialect), plain: true}
	default:
		return w.fail(e, "%s has no form in Postgres' SQL.", e.Func)
	}
}

func pgTrunc(t types.Type, unit, x string) string {
	name := quoteText(unit)
	switch t.Kind {
	case types.Date:
		return "CAST(date_trunc(" + name + ", CAST(" + x + " AS timestamp)) AS date)"
	case types.TimestampTZ:
		return pgUTC("date_trunc(" + name + ", " + pgUTC(x) + ")")
	default:
		return "date_trunc(" + name + ", " + x + ")"
	}
}

// diff counts between the beginnings of units.
func (w *pgWriter) diff(e *Expr, args []pgValue) pgValue {
	unit, from := e.Args[0].Lit.Text, e.Args[1].Type
	begin := func(x string) string {
		if from.Kind == types.TimestampTZ {
			x = pgUTC(x)
		}
		return w.let("date_trunc(" + quoteText(unit) + ", CAST(" + x + " AS timestamp))")
	}
	a, b := begin(args[1].sql), begin(args[2].sql)
	count := func(x string) string {
		switch unit {
		case "year":
			return "extract(year FROM " + x + ")"
		case "quarter":
			return "(extract(year FROM " + x + ") * 4 + extract(quarter FROM " + x + "))"
		default:
			return "(extract(year FROM " + x + ") * 12 + extract(month FROM " + x + "))"
		}
	}
	var text string
	switch unit {
	case "second", "minute", "hour":
		seconds := map[string]string{"second": "1", "minute": "60", "hour": "3600"}[unit]
		text = "extract(epoch FROM " + b + " - " + a + ") / " + seconds
	case "day":
		text = "CAST(" + b + " AS date) - CAST(" + a + " AS date)"
	case "week":
		text = "(CAST(" + b + " AS date) - CAST(" + a + " AS date)) / 7"
	default:
		text = count(b) + " - " + count(a)
	}
	return strict("CAST("+text+" AS bigint)", args[1], args[2])
}

// day is the date that the first ten characters of x, given by a name, are where
// they have the form of one; null where there is no such date.
func (w *pgWriter) day(fits, x string) string {
	part := func(from, count string) string {
		return w.let("CASE WHEN " + fits + " THEN CAST(substr(" + x + ", " + from + ", " + count + ") AS integer) END")
	}
	return pgCivil(part("1", "4"), part("6", "2"), part("9", "2"))
}

// pgCivil is the date of a year, a month and a day, each given by a name.
func pgCivil(y, m, d string) string {
	leap := "(" + y + " % 4 = 0 AND " + y + " % 100 <> 0) OR " + y + " % 400 = 0"
	last := "CASE WHEN " + m + " = 2 THEN CASE WHEN " + leap + " THEN 29 ELSE 28 END WHEN " + m + " IN (4, 6, 9, 11) THEN 30 ELSE 31 END"
	return "CASE WHEN " + y + " BETWEEN 1 AND 9999 AND " + m + " BETWEEN 1 AND 12 AND " + d + " BETWEEN 1 AND (" + last + ") THEN make_date(" + y + ", " + m + ", " + d + ") END"
}

// instant is what a clock shows in a zone (Z, +HH, +HHMM, +HH:MM; given by a
// name); null outside of the years 1 to 9999 in UTC.
func (w *pgWriter) instant(clock, zone string) string {
	minutes := "CASE WHEN " + zone + " = 'Z' THEN 0 ELSE (CASE left(" + zone + ", 1) WHEN '-' THEN -1 ELSE 1 END) * (CAST(substr(" + zone + ", 2, 2) AS integer) * 60 + " +
		"CASE WHEN length(" + zone + ") > 3 THEN CAST(right(" + zone + ", 2) AS integer) ELSE 0 END) END"
	at := w.let(clock + " - make_interval(mins => " + minutes + ")")
	return "(CASE WHEN extract(year FROM " + at + ") BETWEEN 1 AND 9999 THEN " + pgUTC(at) + " END)"
}

// timeForms are the forms of what parse_timestamp reads.
var timeForms = map[byte]string{
	'Y': "[0-9]{4}", 'y': "[0-9]{2}", 'm': "[0-9]{1,2}", 'd': "[0-9]{1,2}", 'j': "[0-9]{3}", 'H': "[0-9]{1,2}", 'I': "[0-9]{1,2}",
	'M': "[0-9]{1,2}", 'S': "[0-9]{1,2}", 'f': "[0-9]{1,6}", 'p': "[AaPp][Mm]", 'b': monthForm(3), 'B': monthForm(0), 'z': `Z|[+-][0-9]{2}(?::?[0-9]{2})?`,
}

var monthNames = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// monthForm is a pattern for the names of months in any case, cut to short
// letters unless that is 0.
func monthForm(short int) string {
	var out []string
	for _, name := range monthNames {
		if short > 0 {
			name = name[:short]
		}
		form := ""
		for _, c := range name {
			form += "[" + strings.ToUpper(string(c)) + string(c) + "]"
		}
		out = append(out, form)
	}
	return strings.Join(out, "|")
}

// ambiguous reports whether a directive could end at more than one place: then a
// pattern, which goes back, reads texts that parse_timestamp does not.
func ambiguous(parts []TimePart, i int) bool {
	if strings.IndexByte("mdHIMSfz", parts[i].Directive) < 0 || i+1 == len(parts) {
		return false
	}
	next := parts[i+1]
	if next.Directive == 0 {
		return strings.IndexByte("0123456789", next.Text[0]) >= 0 || (parts[i].Directive == 'z' && next.Text[0] == ':')
	}
	return strings.IndexByte("pbB", next.Directive) < 0 && next.Directive != 'z'
}

// timePattern writes a format as a pattern with a group for each directive, which
// both RE2 and Postgres read; why says where that would take other texts.
func timePattern(format TimeFormat) (pattern string, groups map[byte]int, why string) {
	pattern, groups = "^", map[byte]int{}
	for i, p := range format.Parts {
		switch {
		case strings.Contains(p.Text, "\x00"):
			return "", nil, "A pattern cannot hold a NUL."
		case p.Directive == 0:
			pattern += quoteMeta(p.Text)
		case ambiguous(format.Parts, i):
			return "", nil, "In SQL %" + string(p.Directive) + " must not have digits behind it."
		default:
			groups[p.Directive] = len(groups) + 1
			pattern += "(" + timeForms[p.Directive] + ")"
		}
	}
	for _, both := range [...]string{"Yy", "mb", "mB", "bB", "HI"} {
		if groups[both[0]] > 0 && groups[both[1]] > 0 {
			return "", nil, "In SQL %" + both[:1] + " and %" + both[1:] + " exclude each other."
		}
	}
	return pattern + "$", groups, ""
}

// monthList are the names of the months as SQL, cut to short letters unless that
// is 0.
func monthList(short int) string {
	names := make([]string, len(monthNames))
	for i, name := range monthNames {
		if short > 0 {
			name = name[:short]
		}
		names[i] = quoteText(name)
	}
	return strings.Join(names, ", ")
}

func (w *pgWriter) parseTime(e *Expr, arg pgValue) pgValue {
	format, err := ParseTimeFormat(e.Args[1].Lit.Text)
	if err != nil {
		return w.fail(e, "%s.", err)
	}
	pattern, groups, why := timePattern(format)
	if why != "" {
		return w.fail(e, "%s", why)
	}
	x := w.twice(arg)
	found := w.let("regexp_match(" + x.sql + pgCollate + ", " + quoteText(pattern) + ")")
	f := &pgFields{w: w, found: found, groups: groups}
	return w.partial(f.value(), x)
}

// pgFields are the parts of a time that a pattern has found.
type pgFields struct {
	w      *pgWriter
	found  string
	groups map[byte]int
}

// text is what the pattern has found for a directive; "" where there is none.
func (f *pgFields) text(directive byte) string {
	if f.groups[directive] == 0 {
		return ""
	}
	return f.found + "[" + strconv.Itoa(f.groups[directive]) + "]"
}

// number is the number of a directive, by name, or else that of nothing.
func (f *pgFields) number(directive byte, nothing string) string {
	if text := f.text(directive); text != "" {
		return f.w.let("CAST(" + text + " AS integer)")
	}
	return nothing
}

func (f *pgFields) value() string {
	date := f.w.let(f.date())
	hour, minute, second := f.number('H', "0"), f.number('M', "0"), f.number('S', "0")
	fits := minute + " < 60 AND " + second + " < 60"
	if half := f.text('p'); half != "" {
		twelve := f.number('I', "0")
		fits += " AND " + twelve + " BETWEEN 1 AND 12"
		hour = f.w.let(twelve + " % 12 + CASE WHEN lower(" + half + pgCollate + ") = 'pm' THEN 12 ELSE 0 END")
	}
	micro := "0"
	if text := f.text('f'); text != "" {
		micro = "CAST(rpad(" + text + ", 6, '0') AS integer)"
	}
	at := "(CASE WHEN " + hour + " < 24 AND " + fits + " THEN CAST(" + date + " AS timestamp) + make_interval(hours => " + hour + ", mins => " + minute +
		", secs => " + second + ") + " + micro + " * interval '1 microsecond' END)"
	if zone := f.text('z'); zone != "" {
		name := f.w.let("CASE WHEN " + zone + " = 'Z' OR (substr(" + zone + ", 2, 2) < '24' AND (length(" + zone + ") = 3 OR right(" + zone + ", 2) < '60')) THEN " + zone + " END")
		return f.w.instant(at, name)
	}
	return at
}

func (f *pgFields) date() string {
	year := f.number('Y', "")
	if year == "" {
		short := f.number('y', "0")
		year = f.w.let(short + " + CASE WHEN " + short + " >= 69 THEN 1900 ELSE 2000 END")
	}
	if f.groups['j'] > 0 {
		day := f.number('j', "0")
		first := f.w.let(pgCivil(year, "1", "1"))
		return "CASE WHEN " + day + " > 0 AND extract(year FROM " + first + " + (" + day + " - 1)) = " + year + " THEN " + first + " + (" + day + " - 1) END"
	}
	month := f.number('m', "")
	for directive, short := range map[byte]int{'b': 3, 'B': 0} {
		if text := f.text(directive); text != "" { // one of them at most
			month = f.w.let("array_position(ARRAY[" + monthList(short) + "], lower(" + text + pgCollate + "))")
		}
	}
	return pgCivil(year, month, f.number('d', "1"))
}
