package evaltest

import (
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
	{"f", "float64", []string{"0", "-0.0", "0.5", "1.5", "-2.5", "0.1", "0.49999999999999994", "1e300", "1.7976931348623157e308", "-1e-300", "4.9e-324", "-2.2250738585072014e-308",
		"123456.789", "1e15", "1e16", "999999999999999.9", "1e23", "18014398509481992", "-36028797018963980", "2e-44", "0.0001", "0.00001", "9007199254740993", "NULL"}},
	{"f2", "float64", []string{"0", "1", "-1", "3", "1e-200", "1e200", "2", "0.3", "-7.25", "8.98846567431158e307", "NULL"}},
	{"d", "decimal(12, 2)", []string{"0", "0.01", "-12.35", "9999999999.99", "-9999999999.99", "2.50", "-0.50", "NULL"}},
	{"e", "decimal(38, 6)", []string{"0", "0.000001", "-1.5", "99999999999999999999999999999999.999999", "12345678901234567890.5", "NULL"}},
	{"n", "decimal(38, 0)", []string{"0", "99999999999999999999999999999999999999", "-99999999999999999999999999999999999999", "9223372036854775808", "5", "NULL"}},
	{"p", "decimal(4, 4)", []string{"0", "0.9999", "-0.5", "0.0001", "NULL"}},
	{"s", "string", []string{"", "a", "abc", "Grüße", "  pad\t", "42", "-7", "1.25", "true", "FALSE", "falſe", "2024-02-29", "2024-02-29T10:00:00", "x,y,,z", "O'Neil", "日本語テキスト",
		"e\u0301clair", "İstanbul ǅ ŉ ﬀ", "𝒳🙂", "line\nbreak", "NULL"}},
	{"s2", "string", []string{"", "b", "ab", "ü", "B", "1e3", "12345678901234567890", "+5", ".5", "5.", "a_%\\b", "-0", "NULL"}},
	{"num", "string", []string{"1e400", "-1e-400", "1.7976931348623159e308", "1.7976931348623158e308", "2.4703282292062328e-324", "2.4703282292062327e-324", "0e999999999999", "1e-999999999999", "00012", "-0.005",
		"99999999999999999999999999999999999999.4", "1e37", "0.0000000000000000000000000000000000000000005", "9223372036854775808", "-9223372036854775808", "2147483647.5", "1e", "e5", ".", "-", "١٢", "1 ", "0x1f", "1_000", "NaN", "Infinity", "NULL"}},
	{"when", "string", []string{"2024-02-29", "2023-02-29", "2024-2-9", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2024-13-01", "2024-02-29T23:59:59.999999", "2024-02-29 10:00:00", "2024-02-29T24:00:00",
		"2024-02-29T10:00:00Z", "2024-02-29 10:00:00.5+05:30", "2024-02-29T10:00:00-0330", "2024-02-29T10:00:00+14", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01", "2024-02-29T10:00:00.1234567",
		"2024-02-29t10:00:00z", "23:59:59.999999", "00:00:00", "24:00:00", "7:00:00", "12:30", "infinity", "today", "1900-02-29", "2000-02-29", "DEADBEEF-0000-0000-0000-00000000000f", "{deadbeef-0000-0000-0000-000000000001}", "NULL"}},
	{"stamp", "string", []string{"29/Feb/2024 10:05", "1/1/2024", "31.12.1999 23:59:59", "2024-060", "24-02-29", "69-01-01", "68-01-01", "Feb 29, 2024 12:30 AM", "february 3, 2021 1:02 pm", "2024-02-29 10:00:00.25 +0130", "2024-02-29 10:00:00.123456 Z",
		"2024-366", "2023-366", "2024-000", "2024-02-30", "0000-01-01", "20240229", "2024-02-29", "2024-2-9", "NULL"}},
	{"day", "date", []string{"1970-01-01", "2024-02-29", "1969-12-31", "2023-12-31", "0001-01-01", "9999-12-31", "1900-03-01", "2024-03-10", "NULL"}},
	{"ts", "timestamp", []string{"1970-01-01T00:00:00", "2024-02-29T23:59:59.999999", "1969-12-31T23:59:59.5", "1582-10-15T01:02:03", "2024-03-10T02:30:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "NULL"}},
	{"ts2", "timestamp", []string{"2024-03-01T00:00:00", "1960-06-15T12:30:45.000001", "2018-11-04T00:30:00", "NULL"}},
	{"tz", "timestamptz", []string{"1970-01-01T00:00:00Z", "2024-02-29T23:59:59.25Z", "1969-12-31T23:59:59.999999Z", "2018-11-04T02:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "NULL"}},
	{"at", "time", []string{"00:00:00", "23:59:59.999999", "12:30:00.5", "NULL"}},
	{"u", "uuid", []string{"deadbeef-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000000", "NULL"}},
	{"raw", "bytes", []string{"", "YWI=", "AP8=", "NULL"}},
	{"j", "json", []string{`{"a": {"b": [1, null, {"c": "x"}]}, "0": 5}`, `[[1], {"a": 2}]`, `null`, `"a"`, `12`, `{}`, "NULL"}},
	{"tags", "list(string)", []string{"a", "a|b", "NULL|ü", "", "-", "NULL|NULL", "NULL"}},
	{"ns", "list(int64)", []string{"1", "-", "0|NULL|42", "9223372036854775807|-1", "NULL"}},
	{"m", "map(int64)", []string{"", "k=1", "k=1|l=2", "NULL"}},
	{"st", "struct({n = int64})", []string{"1", "-5", "NULL"}},
}

// kinds are the types that whole expressions are made of.
var kinds = []string{"bool", "bool", "bool", "int32", "int64", "float64", "decimal", "string", "string", "date", "timestamp", "timestamptz", "time", "uuid"}

var (
	scalars = kinds[2:]
	numbers = []string{"int32", "int64", "float64", "decimal"}
	ordered = []string{"int32", "int64", "float64", "decimal", "string", "date", "timestamp", "timestamptz", "time"}
	moments = []string{"date", "timestamp", "timestamptz"}
)

// forms are what an expression of a kind can be: {kind} stands for an expression
// of that kind, {word} for one of words, {same} for one of the first that was
// drawn from several kinds.
var forms = map[string][]string{
	"bool": {"({bool} && {bool})", "({bool} || {bool})", "!{bool}", "({scalar} == null)", "({scalar} != null)", "(json_get(row.j, {path}) == null)", "regex_match({string}, {pattern})",
		"contains([{string}, {string}, null], {string})", "contains(row.tags, {string})", "contains(row.ns, {int64})", "contains([{number}, {same}], {same})", "contains([{moment}, {same}], {same})",
		"({scalar} == {same})", "({scalar} != {same})", "({ordered} < {same})", "({ordered} <= {same})", "({ordered} > {same})", "({ordered} >= {same})", "({number} < {number})", "({int64} != 0)",
		"(date_trunc({unit}, {moment}) {relation} {constant})", "({ordered} {relation} {constant})", "({constant} {relation} {ordered})", "({number} {sign} 3 {relation} 12)", "contains([{constant}, {constant}], {ordered})"},
	"int32":   {"({int32} {sign} {int32})", "({int32} % {int32})", "(-{int32})", "abs({int32})", "round({int32}, {digits})", "floor({int32})", "ceil({int32})"},
	"int64":   {"({int64} {sign} {int64})", "({int64} {sign} {int32})", "({int64} % {int64})", "(-{int64})", "abs({int64})", "round({int64})", "length({string})", "length(row.tags)", "length(row.ns)", "length(row.raw)", "length(row.m)", "length(split({sep}, {string}))", "date_diff({unit}, {moment}, {same})", "date_diff({unit}, {date}, {timestamp})"},
	"float64": {"({float64} {sign} {float64})", "({float64} {sign} {int32})", "({number} / {number})", "({float64} / {float64})", "(-{float64})", "abs({float64})", "round({float64}, {digits})", "floor({float64})", "ceil({float64})", "({float64} % {float64})"},
	"decimal": {"({decimal} {sign} {decimal})", "({decimal} {sign} {int32})", "({decimal} % {decimal})", "(-{decimal})", "abs({decimal})", "round({decimal}, {digits})", "floor({decimal})", "ceil({decimal})", "({decimal} + {int64})"},
	"string": {"lower({string})", "upper({string})", "trim({string})", "sha256({string})", "md5({string})", "sha256(row.raw)", "md5(row.raw)", "substr({string}, {offset})", "substr({string}, {offset}, {offset})", "substr({string}, {int64}, {int64})",
		"replace({string}, {string}, {string})", "regex_replace({string}, {pattern}, {new})", "mask({string}, {digits})", "join({joint}, split({sep}, {string}))", "join({joint}, row.tags)", "join({joint}, [{string}, {string}])", "row.tags[0]",
		"\"${{string}}/${{scalar}}\"", "concat({string}, {scalar}, {string})"},
	"date":        {"date_trunc({unit}, {date})"},
	"timestamp":   {"date_trunc({unit}, {timestamp})", "parse_timestamp({string}, {format})"},
	"timestamptz": {"date_trunc({unit}, {timestamptz})", "parse_timestamp({string}, {zoned})"},
	"time":        {"cast({timestamp}, time)", "cast({timestamptz}, time)"},
	"uuid":        {"cast({string}, uuid)"},
}

// anyForms are what every kind has.
var anyForms = []string{"({bool} ? {own} : {own})", "({bool} ? null : {own})", "coalesce({own}, {own})", "coalesce({own}, {own}, {own})", "least({own}, {own})", "greatest({own}, {own}, {own})", "cast({scalar}, {type})", "try_cast({scalar}, {type})", "try_cast({string}, {type})"}

// leaves are the columns and constants of each kind.
var leaves = map[string][]string{
	"bool": {"row.b", "row.b2", "true", "false"}, "int32": {"row.i", "row.i", "3", "-1"}, "int64": {"row.l", "row.l", "row.l2", "row.i", "5", "0", "-2"},
	"float64": {"row.f", "row.f", "row.f2", "cast(0.25, float64)", "cast(\"1e308\", float64)"}, "decimal": {"row.d", "row.d", "row.e", "row.n", "row.p", "1.5", "-0.005"},
	"string": {"row.s", "row.s", "row.s2", "row.num", "row.when", "row.stamp", `"abc"`, `""`, `"ß,x"`, `"2024-02-29"`}, "date": {"row.day", "row.day", `cast("2000-02-29", date)`},
	"timestamp": {"row.ts", "row.ts", "row.ts2"}, "timestamptz": {"row.tz", "row.tz", "now_at_load()"}, "time": {"row.at", "row.at", `cast("01:02:03", time)`}, "uuid": {"row.u", "row.u", `cast("deadbeef-0000-0000-0000-000000000001", uuid)`},
}

// words are the constants that arguments take.
var words = map[string][]string{
	"relation": {"==", "!=", "<", "<=", ">", ">="}, "constant": {`"2024-02-29"`, `"2024-01-01T00:00:00"`, `"2024-01-01T12:00:00Z"`, "0", "2", "-1.5", "1e20", `"a"`, `""`, "now_at_load()", `cast("2024-01-01", date)`, `cast("2000-01-01T00:00:01", timestamp)`},
	"sign": {"+", "-", "*"}, "digits": {"0", "1", "2", "5", "20"}, "offset": {"0", "1", "3", "-2", "-100", "9223372036854775807", "1000000"},
	"unit":    {`"second"`, `"minute"`, `"hour"`, `"day"`, `"week"`, `"month"`, `"quarter"`, `"year"`},
	"sep":     {`","`, `"a"`, `"ü"`, `"ab"`, `" "`},
	"joint":   {`""`, `"+"`, `"日"`},
	"path":    {`"a.b[0]"`, `"a"`, `"a.b[1]"`, `"[1].a"`, `"0"`, `"[0]"`, `"[\"a\"]"`, `"a.b[2].c"`, `"[0][0]"`},
	"new":     {`""`, `"<$0>"`, `"\\\\-$$"`, `"$1"`},
	"format":  {`"%Y-%m-%d"`, `"%d/%b/%Y %H:%M"`, `"%m/%d/%Y"`, `"%d.%m.%Y %H:%M:%S"`, `"%Y-%j"`, `"%y-%m-%d"`, `"%B %d, %Y %I:%M %p"`, `"%b %d, %Y %I:%M %p"`, `"%Y%m%d"`},
	"zoned":   {`"%Y-%m-%d %H:%M:%S.%f %z"`, `"%Y-%m-%dT%H:%M:%S%z"`, `"%Y-%m-%d %H:%M:%S.%f%z"`},
	"pattern": {`"^[a-z]*$"`, `"b"`, `"^\\d+$"`, `"[ßü]"`, `"^.{2,3}$"`, `"(?i)GR"`, `"(a|ab)(c|bcd)?$"`, `"(?i)falſe|k"`, `"\\p{L}"`, `"[^a-z]"`, `"a*"`, `"(?s)^.+$"`, `"(?m)^b"`, `"\\bpad\\b"`, `"^(\\w+,)+"`, `"\\s"`, `"(?U)a+"`, `"()"`, `"[-/\\\\]\\d{1,2}"`, `"x?+"`},
	"type":    nil, // of the kind itself
}

var decimalTypes = []string{"decimal(10, 1)", "decimal(38, 10)", "decimal(5, 0)", "decimal(38, 38)", "decimal(3, 3)"}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// generator makes random expressions of a type, as text. Some of them do not
// type-check: those are passed over.
type generator struct{ r *rand.Rand }

func (g *generator) expr(kind string, depth int) string {
	if depth <= 0 || g.r.IntN(6) == 0 {
		return pick(g.r, leaves[kind])
	}
	if g.r.IntN(4) == 0 {
		return g.form(pick(g.r, anyForms), kind, depth)
	}
	return g.form(pick(g.r, forms[kind]), kind, depth)
}

// form fills in what stands between braces.
func (g *generator) form(form, own string, depth int) string {
	var out strings.Builder
	same := ""
	for {
		before, rest, found := strings.Cut(form, "{")
		if strings.HasPrefix(rest, "{") { // the brace of a template
			before, rest = before+"{", rest[1:]
		}
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, tail, _ := strings.Cut(rest, "}")
		form = tail
		several := map[string][]string{"scalar": scalars, "number": numbers, "ordered": ordered, "moment": moments}[name]
		switch {
		case name == "own":
			out.WriteString(g.expr(own, depth-1))
		case name == "same":
			out.WriteString(g.expr(same, depth-1))
		case several != nil:
			same = pick(g.r, several)
			out.WriteString(g.expr(same, depth-1))
		case name == "type" && own == "decimal":
			out.WriteString(pick(g.r, decimalTypes))
		case name == "type":
			out.WriteString(own)
		case words[name] != nil:
			out.WriteString(pick(g.r, words[name]))
		default:
			out.WriteString(g.expr(name, depth-1))
		}
	}
}
