package rowexpr

import (
	"fmt"
	"math"
	"strconv"

	"github.com/headgate-data/headgate/compiler/types"
)

// pgFloat writes a float64 with every digit that matters.
func pgFloat(x float64) string {
	return "CAST('" + strconv.FormatFloat(x, 'g', -1, 64) + "' AS double precision)"
}

// pgPow2 is 2 to the power of n, exactly.
func pgPow2(n int) string { return pgFloat(math.Ldexp(1, n)) }

// pgWhole writes the range of an integer type as the two operands of BETWEEN.
func pgWhole(t types.Type) string {
	if t.Kind == types.Int32 {
		return "-2147483648 AND 2147483647"
	}
	return "-9223372036854775808 AND 9223372036854775807"
}

// pgLimit is the least number that has too many digits for a decimal.
func pgLimit(t types.Type) string {
	return fmt.Sprintf("CAST('1e%d' AS numeric)", t.Precision-t.Scale)
}

// arith computes integers in a wider type and decimals in Postgres' own, which
// holds every digit, and then looks whether the result fits.
func (w *pgWriter) arith(e *Expr, args []pgValue) pgValue {
	a := w.twice(args[0])
	b := a
	if len(args) > 1 {
		b = w.twice(args[1])
	}
	op := " " + string(e.Op) + " "
	switch {
	case e.Type.Kind == types.Float64:
		return w.floats(e, a, b)
	case e.Op == OpMod:
		return w.partial("CASE WHEN "+b.sql+" <> 0 THEN "+a.sql+" % "+b.sql+" END", a, b)
	case e.Op == OpNeg && e.Type.Kind == types.Decimal:
		return strict("(-"+a.sql+")", a)
	case e.Op == OpNeg:
		return w.partial("CASE WHEN "+a.sql+" <> "+lowest(e.Type)+" THEN -"+a.sql+" END", a)
	case e.Type.Kind == types.Decimal:
		if !pgOverflows(e) {
			return strict("("+a.sql+op+b.sql+")", a, b)
		}
		sum := w.let(a.sql + op + b.sql)
		return w.partial("CASE WHEN abs("+sum+") < "+pgLimit(e.Type)+" THEN "+sum+" END", a, b)
	default:
		wide := "numeric"
		if e.Type.Kind == types.Int32 {
			wide = "bigint"
		}
		sum := w.let("CAST(" + a.sql + " AS " + wide + ")" + op + "CAST(" + b.sql + " AS " + wide + ")")
		return w.partial("CASE WHEN "+sum+" BETWEEN "+pgWhole(e.Type)+" THEN CAST("+sum+" AS "+e.Type.Postgres()+") END", a, b)
	}
}

func lowest(t types.Type) string {
	if t.Kind == types.Int32 {
		return "CAST('-2147483648' AS integer)"
	}
	return "CAST('-9223372036854775808' AS bigint)"
}

// pgOverflows reports whether a sum or product of decimals may need more digits
// than its type has.
func pgOverflows(e *Expr) bool {
	a, b := e.Args[0].Type, e.Args[1].Type
	if e.Op == OpMul {
		return a.Precision+b.Precision > e.Type.Precision
	}
	return max(a.Precision, b.Precision)+1 > e.Type.Precision
}

// floats computes in float64. Postgres raises an error where a result is too
// large, and also where it is too small and becomes 0; both are seen beforehand,
// exactly, on operands that a power of two has brought into the middle.
func (w *pgWriter) floats(e *Expr, a, b pgValue) pgValue {
	x, y := "abs("+a.sql+")", "abs("+b.sql+")"
	finite := "WHEN NOT (" + x + " <= " + pgFloat(math.MaxFloat64) + " AND " + y + " <= " + pgFloat(math.MaxFloat64) + ") THEN NULL "
	plain := a.sql + " " + string(e.Op) + " " + b.sql
	zero := "(" + a.sql + " * 0) * " + b.sql // of the sign that the result has
	switch e.Op {
	case OpNeg:
		return strict("(-"+a.sql+")", a)
	case OpAdd, OpSub:
		half := a.sql + " * 0.5 " + string(e.Op) + " " + b.sql + " * 0.5"
		return w.partial("CASE "+finite+
			"WHEN ("+x+" < 8e307 AND "+y+" < 8e307) OR "+x+" < 1e290 OR "+y+" < 1e290 THEN "+plain+
			" WHEN abs("+half+") < "+pgPow2(1023)+" THEN "+plain+" END", a, b)
	case OpMul:
		return w.partial("CASE "+finite+
			"WHEN "+x+" >= 1 AND "+y+" >= 1 AND ("+x+" * "+pgPow2(-512)+") * ("+y+" * "+pgPow2(-512)+") >= 1 THEN NULL "+
			"WHEN "+x+" < "+pgPow2(-540)+" AND "+y+" < "+pgPow2(-540)+" THEN "+zero+
			" WHEN "+x+" > 0 AND "+y+" > 0 AND "+x+" < 1 AND "+y+" < 1 AND ("+x+" * "+pgPow2(512)+") * ("+y+" * "+pgPow2(512)+") <= "+pgPow2(-51)+" THEN "+zero+
			" ELSE "+plain+" END", a, b)
	case OpDiv:
		return w.partial("CASE "+finite+
			"WHEN "+y+" = 0 THEN NULL "+
			"WHEN "+x+" >= "+pgPow2(-510)+" AND "+y+" < 1 AND "+x+" * "+pgPow2(-512)+" >= "+y+" * "+pgPow2(512)+" THEN NULL "+
			"WHEN "+x+" > 0 AND "+x+" < 1 AND "+y+" >= 2 AND "+x+" * "+pgPow2(500)+" <= "+y+" * "+pgPow2(-575)+" THEN "+zero+
			" ELSE "+plain+" END", a, b)
	default:
		return w.fail(e, "Postgres has no remainder of float64.")
	}
}

// pgHalfAway rounds a float, given by a name, to a whole number.
func pgHalfAway(x string) string {
	return "(CASE WHEN abs(" + x + " - trunc(" + x + ")) >= 0.5 THEN trunc(" + x + ") + sign(" + x + ") ELSE trunc(" + x + ") END)"
}

func (w *pgWriter) abs(e *Expr, arg pgValue) pgValue {
	if !e.Type.IsInteger() {
		return strict("abs("+arg.sql+")", arg)
	}
	a := w.twice(arg)
	return w.partial("CASE WHEN "+a.sql+" <> "+lowest(e.Type)+" THEN abs("+a.sql+") END", a)
}

// round writes round, floor and ceil.
func (w *pgWriter) round(e *Expr, args []pgValue) pgValue {
	from, a := e.Args[0].Type, args[0]
	digits := ""
	if e.Func == "round" {
		digits = ", " + e.Args[1].Lit.Text
	}
	switch {
	case from.IsInteger():
		return a
	case from.Kind == types.Float64 && e.Func != "round":
		return strict(e.Func+"("+a.sql+")", a)
	case from.Kind == types.Float64:
		return w.roundFloat(a, e.Args[1].Lit.Text)
	case from.Equal(e.Type):
		return a
	default:
		a = w.twice(a)
		r := w.let(e.Func + "(" + a.sql + digits + ")")
		return w.partial("CASE WHEN abs("+r+") < "+pgLimit(e.Type)+" THEN "+r+" END", a)
	}
}

// roundFloat keeps what is too large to be multiplied as it is.
func (w *pgWriter) roundFloat(x pgValue, digits string) pgValue {
	x = w.twice(x)
	if digits == "0" {
		return strict(pgHalfAway(x.sql), x)
	}
	n, _ := strconv.Atoi(digits)
	unit, bound := pgFloat(math.Pow10(n)), pgFloat(largestTimes(math.Pow10(n)))
	scaled := w.let("CASE WHEN abs(" + x.sql + ") <= " + bound + " THEN " + x.sql + " * " + unit + " END")
	return strict("(CASE WHEN "+scaled+" IS NULL THEN "+x.sql+" ELSE "+pgHalfAway(scaled)+" / "+unit+" END)", x)
}

// largestTimes is the largest float64 whose product with unit is finite.
func largestTimes(unit float64) float64 {
	x := math.MaxFloat64 / unit
	for !math.IsInf(math.Nextafter(x, math.Inf(1))*unit, 0) {
		x = math.Nextafter(x, math.Inf(1))
	}
	for math.IsInf(x*unit, 0) {
		x = math.Nextafter(x, 0)
	}
	return x
}

// extreme writes least and greatest, which pass over nulls in both worlds.
func (w *pgWriter) extreme(e *Expr, args []pgValue) pgValue {
	out := make([]pgValue, len(args))
	for i, a := range args {
		out[i] = pgValue{sql: w.ordered(e, a)}
	}
	return strict(e.Func+"("+sqls(out, ", ")+")", args...)
}
