package eval_test

// cases are expressions over the row of columns and what they are.
var cases = [][2]string{
	// logic: null stays unknown, failures behind a decision do not count
	{`row.yes && row.nb`, "null"}, {`row.no && row.nb`, "false"}, {`row.nb && row.no`, "false"}, {`row.nb || row.yes`, "true"}, {`row.nb || row.no`, "null"},
	{`!row.nb`, "null"}, {`!row.yes`, "false"}, {`row.nb == null`, "true"}, {`row.l != null`, "true"}, {`row.nl == row.l`, "null"},
	{`row.no && row.l / row.zero > 1`, "false"}, {`row.yes && row.l / row.zero > 1`, div}, {`row.nb && row.l / row.zero > 1`, div},
	{`row.yes || row.l / row.zero > 1`, "true"}, {`row.no || row.l / row.zero > 1`, div}, {`row.l / row.zero > 1 && row.no`, div},
	{`row.yes ? 1 : row.l % row.zero`, "1"}, {`row.nb ? row.l % row.zero : 2`, "2"}, {`row.no ? 1 : row.l % row.zero`, div},
	{`(row.l % row.zero > 1) ? 1 : 2`, div}, {`(row.l % row.zero) == null`, div},
	{`coalesce(row.nl, row.l, row.l % row.zero)`, "-7"}, {`coalesce(row.nl, row.l % row.zero, row.l)`, div}, {`coalesce(row.nl, row.nl)`, "null"},
	// arithmetic
	{`row.i + 1`, "8"}, {`row.imax + 1`, over}, {`row.imin - 1`, over}, {`-row.imin`, over}, {`row.imax * 2`, over}, {`row.imax + row.l`, "2147483640"},
	{`row.lmax + 1`, over}, {`row.lmin - 1`, over}, {`row.lmin * -1`, over}, {`row.lmax * row.zero`, "0"}, {`-row.lmin`, over}, {`row.lmin % -1`, "0"},
	{`row.l % 3`, "-1"}, {`7 % row.l`, "0"}, {`row.l % row.zero`, div}, {`row.nl % row.zero`, "null"}, {`row.l / 2`, "-3.5"}, {`row.l / row.zero`, div},
	{`row.huge * 10`, over}, {`row.huge - row.huge`, "0"}, {`row.f % 2`, "0.5"}, {`row.f / 0.0001 > 1`, "true"},
	{`row.d + 0.005`, "12.355"}, {`row.d * 1.5`, "18.525"}, {`row.d - row.neg`, "24.70"}, {`row.d % 5`, "2.35"}, {`row.neg % 5`, "-2.35"}, {`-row.d`, "-12.35"},
	{`row.big + 1`, over}, {`row.big * 10`, over}, {`row.big - 1`, "99999999999999999999999999999999999998"}, {`row.d18 + row.d18`, "199999999999999.9998"}, {`row.d18 * row.d18`, "9999999999999999980000000000.00000001"},
	// comparisons
	{`row.d == 12.35`, "true"}, {`row.d > 12.349`, "true"}, {`row.d < row.neg`, "false"}, {`row.i < row.l`, "false"}, {`row.s > "Grü"`, "true"}, {`row.s == "Grüße, Welt"`, "true"},
	{`row.big > 1`, "true"}, {`row.day < "2024-03-01"`, "true"}, {`row.day == row.ts`, "false"}, {`row.u == "DEADBEEF-0000-0000-0000-000000000001"`, "true"}, {`row.at > "23:59:59"`, "true"},
	{`row.yes == row.no`, "false"}, {`row.yes != row.no`, "true"},
	// text
	{`lower(row.s)`, "grüße, welt"}, {`upper(row.s)`, "GRÜẞE, WELT"}, {`trim(row.pad)`, "x y"}, {`length(row.s)`, "11"}, {`length(row.raw)`, "2"}, {`length(row.tags)`, "3"},
	{`substr(row.s, 2)`, "üße, Welt"}, {`substr(row.s, 2, 2)`, "üß"}, {`substr(row.s, -4, 3)`, "Wel"}, {`substr(row.s, -400, 1)`, "G"}, {`substr(row.s, 50)`, ""}, {`substr(row.s, 3, 0)`, ""}, {`substr(row.s, 7, -1)`, "Welt"}, {`substr(row.s, row.nl)`, "null"},
	{`replace(row.s, "e", "E")`, "GrüßE, WElt"}, {`replace(row.s, "", "x")`, "Grüße, Welt"}, {`replace("aaa", "aa", row.num)`, "42a"},
	{`regex_match(row.s, "^G.*t$")`, "true"}, {`regex_match(row.num, "^\\d{2}$")`, "true"}, {`regex_match(row.num, "^\\d{3,5}$")`, "false"}, {`regex_match(row.ns, "a")`, "null"},
	{`regex_replace(row.s, "(\\w+), (\\w+)", "$2 $$1 $1")`, "GrüßWelt $1 e"}, {`regex_replace("b${row.e}aac", "a*", "x")`, "xbxcx"},
	{`join("+", split(", ", row.s))`, "Grüße+Welt"}, {`join(",", row.tags)`, "a,c"}, {`join(",", [row.s, row.ns, "z"])`, "Grüße, Welt,z"}, {`join(",", row.nt)`, "null"}, {`length(split(",", row.e))`, "1"},
	{`"${row.i}|${row.d}|${row.f}|${row.yes}"`, "7|12.35|2.5|true"}, {`"${row.s}${row.ns}"`, "null"}, {`concat(row.num, 1, row.day)`, "4212024-02-29"},
	{`sha256("") == sha256(row.e)`, "true"}, {`md5(row.raw)`, "187ef4436122d1cc2f40dc2b92f0eba0"}, {`mask(row.num)`, "**"}, {`mask(row.s, 4)`, "*******Welt"}, {`mask(row.num, 2)`, "**"},
	// numbers
	{`abs(row.l)`, "7"}, {`abs(row.lmin)`, over}, {`abs(row.neg)`, "12.35"}, {`round(row.neg, 1)`, "-12.4"}, {`round(row.d)`, "12"}, {`round(row.f)`, "3"}, {`round(-row.f)`, "-3"}, {`round(row.i, 3)`, "7"},
	{`floor(row.neg)`, "-13"}, {`ceil(row.neg)`, "-12"}, {`floor(row.f)`, "2"}, {`ceil(row.d)`, "13"}, {`least(row.i, row.l, row.nl)`, "-7"}, {`greatest(row.nl, row.i)`, "7"}, {`greatest(row.nl, row.nl)`, "null"}, {`least(row.d, 3)`, "3.00"},
	// cast
	{`cast(row.d, int64)`, "12"}, {`cast(row.f, int32)`, "3"}, {`cast(row.lmax, int32)`, bad}, {`cast(row.huge, int64)`, bad}, {`cast(row.num, int32)`, "42"}, {`cast(row.s, int64)`, bad}, {`try_cast(row.s, int64)`, "null"},
	{`cast(row.f, decimal(5, 0))`, "3"}, {`cast(row.l, decimal(1, 0))`, "-7"}, {`cast(row.i * 10, decimal(1, 0))`, bad}, {`cast(row.d, float64)`, "12.35"}, {`cast(row.f, string)`, "2.5"}, {`cast(row.huge, string)`, "1e+308"},
	{`cast(row.ts, string)`, "2024-02-29T13:14:15.123456"}, {`cast(row.tz, string)`, "2023-12-31T23:59:59Z"}, {`cast(row.at, string)`, "23:59:59.5"}, {`cast(row.u, string)`, "deadbeef-0000-0000-0000-000000000001"},
	{`cast(row.ts, date) == row.day`, "true"}, {`cast(row.tz, time) == cast("23:59:59", time)`, "true"}, {`cast(row.day, timestamptz) < row.tz`, "false"}, {`cast(row.yes, int32)`, "1"}, {`cast(row.zero, bool)`, "false"},
	{`cast("2024-01-01T00:00:00+02:00", timestamptz) < row.tz`, "true"}, {`cast(row.num, bool)`, bad}, {`cast("falſe", bool)`, bad}, {`cast(row.e, json)`, bad}, {`cast(row.num, json) == null`, "false"}, {`cast(row.e, timestamp)`, bad}, {`cast(row.num, decimal(4, 2))`, "42.00"},
	{`cast(-row.f * 2, string)`, "-5.0"}, {`cast(row.neg * 0.01, string)`, "-0.1235"},
	// lists
	{`contains(["a", "42"], row.num)`, "true"}, {`contains(["a"], row.num)`, "false"}, {`contains(["a"], row.ns)`, "null"}, {`contains(row.tags, "c")`, "true"}, {`contains(row.tags, "b")`, "false"}, {`contains(row.nt, "b")`, "null"}, {`contains([7, 8], row.i)`, "true"}, {`contains([1.5, row.d], 12.35)`, "true"},
	{`contains([row.nl, row.l], row.i)`, "false"},
	// time
	{`cast(date_trunc("month", row.ts), string)`, "2024-02-01T00:00:00"}, {`cast(date_trunc("week", row.day), string)`, "2024-02-26"}, {`cast(date_trunc("quarter", row.tz), string)`, "2023-10-01T00:00:00Z"}, {`cast(date_trunc("hour", row.ts), string)`, "2024-02-29T13:00:00"}, {`cast(date_trunc("year", cast("1969-05-05", date)), string)`, "1969-01-01"},
	{`date_diff("day", row.tz, cast(row.ts, timestamptz))`, "60"}, {`date_diff("year", row.tz, cast(row.ts, timestamptz))`, "1"}, {`date_diff("week", "2024-01-07", "2024-01-08") + row.zero`, "1"}, {`date_diff("month", row.day, "2023-12-31")`, "-2"},
	{`cast(parse_timestamp("5/Jan/2024 03:04 PM" , "%d/%b/%Y %I:%M %p"), string)`, "2024-01-05T15:04:00"}, {`parse_timestamp(row.s, "%Y-%m-%d")`, bad}, {`cast(parse_timestamp("2024-060 1.5 +0130", "%Y-%j %H.%f %z"), string)`, "2024-02-28T23:30:00.5Z"}, {`parse_timestamp("2024-02-30", "%Y-%m-%d")`, bad},
	{`cast(now_at_load(), string)`, "2024-05-06T07:08:09Z"}, {`now_at_load() > row.tz`, "true"},
	{`cast("0001-01-01", date) == row.day`, "false"}, {`cast(row.num, date)`, bad}, {`cast("0000-12-31" , date) == row.day`, bad}, {`try_cast("9999-12-31T23:59:59-00:01", timestamptz)`, "null"}, {`cast(date_trunc("day", now_at_load()), string)`, "2024-05-06T00:00:00Z"},
	// json
	{`cast(json_get(cast("{\"a\": 1e2}", json), "a"), int64)`, bad}, {`cast(json_get(cast("{\"a\": 1e2}", json), "a"), decimal(5, 1))`, "100.0"}, {`cast(json_get(cast("{\"a\": 12345678901234567890.5}", json), "a"), string)`, "12345678901234567890.5"},
	{`cast(json_get(cast("{\"a\": true}", json), "a"), bool)`, "true"}, {`cast(json_get(cast("{\"a\": \"TRUE\"}", json), "a"), bool)`, "true"}, {`cast(json_get(cast("{\"a\": [1]}", json), "a"), int64)`, bad}, {`cast(json_get(cast("{\"a\": [1, 2]}", json), "a"), string)`, "[1, 2]"},
	{`cast(json_get(cast("{\"a\": null}", json), "a"), string)`, "null"}, {`cast(cast("null", json), string)`, "null"}, {`try_cast("{", json) == null`, "true"}, {`cast(json_get(cast("{\"a\": 1, \"a\": 2}", json), "a"), int64)`, "1"}, {`json_get(cast("{\"\": {\"x y\": 3}}", json), "[\"\"][\"x y\"]")`, "3"},
	{`row.j.a.b[0] == 1`, "true"}, {`row.j.a.b[1] == "xé"`, "true"}, {`row.j.a.b[2] == null`, "true"}, {`row.j.a.b[9] == null`, "true"}, {`cast(row.j.a.b[3], int64)`, bad}, {`cast(json_get(row.j, "a.b[3]"), decimal(3, 1))`, "2.5"}, {`json_get(row.j, "a.b")`, `[1, "x\u00e9", null, 2.5]`}, {`json_get(row.j, "t.x")`, "null"}, {`row.j.t ? 1 : 2`, "1"},
}
