package rowexpr

import (
	"math/big"
	"strconv"
	"sync"

	"github.com/headgate-data/headgate/compiler/types"
)

// cast writes a conversion; with try, what fails is null. A value is null where
// the text or number has no counterpart, and a null that was none before is a
// failure.
func (w *pgWriter) cast(e *Expr, arg pgValue, try bool) pgValue {
	from, to := e.Args[0].Type, e.Type
	if from.Equal(to) {
		return arg
	}
	if from.IsNested() || to.IsNested() {
		return w.fail(e, "Postgres has no conversion from %s to %s.", from, to)
	}
	if from.Kind == types.JSON || to.Kind == types.JSON {
		return w.fail(e, "Postgres keeps json in a form of its own, so casts from and to json are not pushed down.")
	}
	x := w.twice(arg)
	if e.Args[0].Op == OpLit { // what Postgres knows when it plans it computes then, also where the row would not
		x.sql = w.let(x.sql)
	}
	sql, total := w.converted(x.sql, from, to)
	if total || try {
		return strict(sql, x)
	}
	return w.partial(sql, x)
}

// converted is a value, given by a name, as another type: null where it does not
// fit. total says that it always fits.
func (w *pgWriter) converted(x string, from, to types.Type) (sql string, total bool) {
	as := "CAST(" + x + " AS " + to.Postgres() + ")"
	switch {
	case to.Kind == types.String:
		return w.text(x, from), true
	case from.Kind == types.String:
		return w.read(x, to), false
	case from.Kind == types.Bool:
		return "(CASE WHEN " + x + " THEN " + LiteralSQL(to, "1", "postgres") + " WHEN NOT " + x + " THEN " + LiteralSQL(to, "0", "postgres") + " END)", true
	case to.Kind == types.Bool:
		return "(" + x + " <> 0)", true
	case from.IsNumeric() && to.Kind == types.Float64, types.Widens(from, to) && from.IsNumeric():
		return as, true
	case from.Kind == types.Float64 && to.IsInteger():
		return w.whole(w.let(pgHalfAway(x)), to, "AND "+x+" < "+pgPow2(63)), false
	case from.Kind == types.Float64:
		return w.scaled(w.shortest(x), to), false
	case from.IsNumeric() && to.Kind == types.Decimal:
		return w.scaled("CAST("+x+" AS numeric)", to), false
	case from.Kind == types.Decimal:
		return w.whole(w.let("round("+x+")"), to, ""), false
	case from.IsNumeric():
		return w.whole(x, to, ""), false
	default:
		return pgMoment(x, from.Kind, to), true
	}
}

// whole is a whole number of any type as an integer; and narrows its range.
func (w *pgWriter) whole(x string, to types.Type, and string) string {
	return "(CASE WHEN " + x + " BETWEEN " + pgWhole(to) + " " + and + " THEN CAST(" + x + " AS " + to.Postgres() + ") END)"
}

// scaled is a number of any digits as a decimal.
func (w *pgWriter) scaled(x string, to types.Type) string {
	r := w.let("round(" + x + ", " + strconv.Itoa(to.Scale) + ")")
	return "(CASE WHEN abs(" + r + ") < " + pgLimit(to) + " THEN " + r + " END)"
}

// pgMoment is a date or time as another; what has no zone is UTC.
func pgMoment(x string, from types.Kind, to types.Type) string {
	if from == types.TimestampTZ {
		x = pgUTC(x)
	}
	if to.Kind == types.TimestampTZ {
		return pgUTC("CAST(" + x + " AS timestamp)")
	}
	return "CAST(" + x + " AS " + to.Postgres() + ")"
}

// pgUTC turns an instant into the timestamp that a clock in UTC shows, and back.
func pgUTC(x string) string { return "(" + x + " AT TIME ZONE 'UTC')" }

// text writes what cast to string makes of a value, given by a name.
func (w *pgWriter) text(x string, from types.Type) string {
	text := "CAST(" + x + " AS text)"
	clock := func(format, x string) string {
		return "(to_char(" + x + ", " + quoteText(format) + ") || coalesce('.' || nullif(rtrim(to_char(" + x + ", 'US'), '0'), ''), ''))"
	}
	switch from.Kind {
	case types.Float64:
		return w.floatText(x)
	case types.Decimal:
		return "CAST(round(" + x + ", " + strconv.Itoa(from.Scale) + ") AS text)"
	case types.Date:
		return "to_char(CAST(" + x + " AS timestamp), 'YYYY-MM-DD')"
	case types.Time:
		return clock("HH24:MI:SS", "("+x+" - CAST('00:00' AS time))")
	case types.Timestamp:
		return clock(`YYYY-MM-DD"T"HH24:MI:SS`, x)
	case types.TimestampTZ:
		return "(" + clock(`YYYY-MM-DD"T"HH24:MI:SS`, pgUTC(x)) + " || 'Z')"
	default:
		return text
	}
}

// shortest is the number, as a numeric, with the fewest digits that reads as a
// float64, given by a name. Postgres' own text is that, but for one case: it does
// not take a number in the very middle between two floats, which is read as the
// one with the even last bit. Such a number has 15 digits, which is what a
// conversion to numeric leaves, or 16 where the text has 17.
func (w *pgWriter) shortest(x string) string {
	text := w.let("CAST(" + x + " AS text)")
	mantissa := "split_part(" + text + ", 'e', 1)"
	digits := w.let("CASE WHEN abs(" + x + ") < 1.7e308 THEN ltrim(translate(" + mantissa + ", '-.', ''), '0') ELSE '' END") // beyond, fewer digits may be infinite
	power := w.let("CAST('0' || split_part(" + text + ", 'e+', 2) AS integer) - CAST('0' || split_part(" + text + ", 'e-', 2) AS integer) - length(split_part(" + mantissa + ", '.', 2)) + 1")
	sixteen := func(function string) string {
		return w.let("CASE WHEN length(" + digits + ") = 17 THEN CAST(sign(" + x + ") AS numeric) * CAST(" + function + "(CAST(" + digits + " AS numeric) / 10) || 'e' || " + power + " AS numeric) END")
	}
	up, down := sixteen("round"), sixteen("trunc")
	reads := func(n string) string { return "CAST(" + n + " AS double precision) = " + x }
	return w.let("CASE WHEN length(" + digits + ") >= 16 AND " + reads("CAST("+x+" AS numeric)") + " THEN CAST(" + x + " AS numeric)" +
		" WHEN " + reads(up) + " THEN CAST(" + up + " AS numeric) WHEN " + reads(down) + " THEN CAST(" + down + " AS numeric) ELSE CAST(" + text + " AS numeric) END")
}

// floatText writes 1.5, 2.0, 1e+16, 1e-05.
func (w *pgWriter) floatText(x string) string {
	n := w.shortest(x)
	plain := "CAST(trim_scale(" + n + ") AS text)"
	return "(CASE WHEN " + n + " = 0 THEN CASE WHEN CAST(" + x + " AS text) = '-0' THEN '-0.0' ELSE '0.0' END" +
		" WHEN abs(" + n + ") < 1e-4 OR abs(" + n + `) >= 1e16 THEN regexp_replace(btrim(to_char(` + n + `, '9.9999999999999999EEEE')), '\.?0*e', 'e')` +
		" WHEN strpos(" + plain + ", '.') > 0 THEN " + plain + " ELSE " + plain + " || '.0' END)"
}

// Postgres' forms of the texts that cast reads.
const (
	pgNumber    = `^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`
	pgDate      = `^[0-9]{4}-[0-9]{2}-[0-9]{2}`
	pgClock     = `([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?`
	pgZone      = `(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)$`
	pgUUIDForm  = `^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`
	pgWholeForm = `^-?0*[0-9]{1,19}$`
)

// read is a text, given by a name, as a value of a type; null where it is none.
func (w *pgWriter) read(x string, to types.Type) string {
	fits := func(pattern string) string { return x + pgCollate + " ~ " + quoteText(pattern) }
	switch to.Kind {
	case types.Bool:
		return "(CASE lower(" + x + pgCollate + ") WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END)"
	case types.Int32, types.Int64:
		n := w.let("CASE WHEN " + fits(pgWholeForm) + " THEN CAST(" + x + " AS numeric) END")
		return w.whole(n, to, "")
	case types.Decimal:
		return w.scaled(w.number(x, "45"), to)
	case types.Float64:
		n := w.let(w.number(x, "400"))
		b := floatBounds()
		return "(CASE WHEN abs(" + n + ") >= CAST('" + b.over + "' AS numeric) THEN NULL WHEN abs(" + n + ") <= CAST('" + b.under + "' AS numeric) THEN " +
			"(CASE WHEN left(" + x + ", 1) = '-' THEN CAST('-0' AS double precision) ELSE CAST('0' AS double precision) END) WHEN " + n + " IS NOT NULL THEN CAST(" + x + " AS double precision) END)"
	case types.UUID:
		return "(CASE WHEN " + fits(pgUUIDForm) + " THEN CAST(" + x + " AS uuid) END)"
	case types.Time:
		return "(CASE WHEN " + fits("^"+pgClock+"$") + " THEN CAST(" + x + " AS time) END)"
	case types.Date:
		return w.day(fits(pgDate+"$"), x)
	case types.Timestamp:
		day := w.let(w.day(fits(pgDate+"([T ]"+pgClock+")?$"), x))
		return "(" + day + " + CAST(CASE WHEN " + day + " IS NOT NULL THEN coalesce(nullif(substr(" + x + ", 12), ''), '00:00') END AS time))"
	default:
		day := w.let(w.day(fits(pgDate+"[T ]"+pgClock+pgZone), x))
		clock := "CAST(CASE WHEN " + day + " IS NOT NULL THEN substring(" + x + pgCollate + " from '^.{11}([0-9:.]+)') END AS time)"
		zone := w.let("CASE WHEN " + day + " IS NOT NULL THEN substring(" + x + pgCollate + " from '(?:Z|[+-][0-9:]+)$') END")
		return w.instant("("+day+" + "+clock+")", zone)
	}
}

// number is a text as a numeric; null where it is none. A numeric has its bounds
// too: a text whose first digit stands for more than 10^most becomes 10^most,
// which no type holds, one that begins below 10^-most becomes 0, and of the
// digits behind the thousandth only whether there are any counts.
func (w *pgWriter) number(x, most string) string {
	part := func(pattern string) string { return "substring(" + x + pgCollate + " from " + quoteText(pattern) + ")" }
	mantissa := w.let("CASE WHEN " + x + pgCollate + " ~ " + quoteText(pgNumber) + " THEN " + part(`^[+-]?([0-9.]+)`) + " END")
	digits := w.let("ltrim(translate(" + mantissa + ", '.', ''), '0')")
	kept := "left(" + digits + ", 1000) || CASE WHEN ltrim(substr(" + digits + ", 1001), '0') <> '' THEN '1' ELSE '' END" // within numeric's 16383
	exp := w.let("CASE WHEN " + mantissa + " IS NOT NULL THEN coalesce(ltrim(" + part(`[eE][+-]?([0-9]+)$`) + ", '0'), '') END")
	// what the first significant digit stands for is 10^(point - 1)
	power := w.let("CASE WHEN length(" + exp + ") > 8 THEN 1000000000 ELSE CAST('0' || " + exp + " AS integer) END * CASE WHEN " + x + pgCollate + " ~ '[eE]-' THEN -1 ELSE 1 END")
	point := w.let("length(split_part(" + mantissa + ", '.', 1)) - (length(translate(" + mantissa + ", '.', '')) - length(" + digits + ")) + " + power)
	sign := "CASE WHEN left(" + x + ", 1) = '-' THEN -1 ELSE 1 END"
	return "CASE WHEN " + digits + " = '' OR " + point + " < -" + most + " THEN 0 WHEN " + point + " > " + most + " THEN " + sign + " * CAST('1e" + most + "' AS numeric)" +
		" WHEN " + point + " IS NOT NULL THEN " + sign + " * CAST('0.' || " + kept + " || 'e' || " + point + " AS numeric) END"
}

// floatBounds are the least number that is too large for a float64, and the
// greatest that becomes 0, with all of their digits.
var floatBounds = sync.OnceValue(func() (b struct{ over, under string }) {
	pow2 := func(n int) *big.Float {
		return new(big.Float).SetMantExp(new(big.Float).SetPrec(1100).SetInt64(1), n)
	}
	b.over = new(big.Float).Sub(pow2(1024), pow2(970)).Text('e', 800)
	b.under = pow2(-1075).Text('e', 800)
	return b
})
