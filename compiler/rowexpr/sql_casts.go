package rowexpr

import "github.com/headgate-data/headgate/compiler/types"

// The texts that cast reads as a type. DuckDB itself takes more: each goes
// through the pattern first, and what does not fit becomes the empty text, which
// is a value of none of them.
const (
	patternWhole  = `^(-?[0-9]+)$`
	patternNumber = `^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)$`
	patternYear   = `(?:[0-9]{3}[1-9]|[0-9]{2}[1-9][0-9]|[0-9][1-9][0-9]{2}|[1-9][0-9]{3})`
	patternDate   = `^(` + patternYear + `-[0-9]{2}-[0-9]{2})$`
	patternClock  = `(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?`
	patternZone   = `(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)`
	patternUUID   = `^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$`
)

var patterns = map[types.Kind]string{
	types.Bool: `(?i)^(true|false)$`, types.Int32: patternWhole, types.Int64: patternWhole, types.Float64: patternNumber,
	types.Decimal: patternNumber, types.Date: patternDate, types.Time: `^(` + patternClock + `)$`,
	types.Timestamp:   `^(` + patternYear + `-[0-9]{2}-[0-9]{2}(?:[T ]` + patternClock + `)?)$`,
	types.TimestampTZ: `^(` + patternYear + `-[0-9]{2}-[0-9]{2}[T ]` + patternClock + patternZone + `)$`, types.UUID: patternUUID,
}

// cast writes a conversion; with try, what fails is null.
func (w *duckWriter) cast(e *Expr, x string, try bool) string {
	from, to := e.Args[0].Type, e.Type
	as := func(x string, t types.Type) string {
		if try {
			return "TRY_CAST(" + x + " AS " + t.DuckDB() + ")"
		}
		return "CAST(" + x + " AS " + t.DuckDB() + ")"
	}
	switch {
	case from.Equal(to):
		return x
	case from.Kind == types.JSON:
		return w.fail(e, "DuckDB gives numbers inside of JSON other texts, so casts from json are not pushed down.")
	case to.Kind == types.String && from.Kind == types.Decimal && from.Scale == maxDigits:
		return w.fail(e, "DuckDB writes no zero before the point of a %s.", from)
	case to.Kind == types.String && from.Kind == types.Float64:
		return w.floatText(e.Args[0], x)
	case to.Kind == types.String:
		return textSQL(from, x)
	case from.Kind == types.String && to.Kind == types.JSON:
		return as(x, to)
	case from.Kind == types.String:
		return w.read(x, to, try, as)
	case from.Kind == types.Float64 && to.IsInteger():
		return as("round("+x+")", to)
	case from.Kind == types.Float64 && to.Kind == types.Decimal:
		return as(w.withoutExponent(w.floatText(e.Args[0], x)), to)
	case from.Kind == types.Decimal && to.Kind == types.Float64:
		return as("CAST("+x+" AS VARCHAR)", to)
	case from.Kind == types.TimestampTZ && to.IsTemporal():
		return as(utc(x), to)
	case to.Kind == types.TimestampTZ && from.IsTemporal():
		return utc("CAST(" + x + " AS TIMESTAMP)")
	default:
		return as(x, to)
	}
}

// read is a text as a value of a type.
func (w *duckWriter) read(x string, to types.Type, try bool, as func(string, types.Type) string) string {
	text := "regexp_extract(" + x + ", " + quoteText(patterns[to.Kind]) + ", 1)"
	switch to.Kind {
	case types.Decimal:
		return as(w.withoutExponent(text), to)
	case types.Float64:
		return w.finiteOr(as(text, to), try)
	case types.TimestampTZ: // an offset may leave the calendar
		outside := "NULL"
		if !try {
			outside = raise("out of range", to)
		}
		return w.let(nil, as(text, to), func(v string) string {
			return "(CASE WHEN " + v + " < CAST('0001-01-01T00:00:00Z' AS TIMESTAMPTZ) OR " + v + " > CAST('9999-12-31T23:59:59.999999Z' AS TIMESTAMPTZ) THEN " + outside + " ELSE " + v + " END)"
		})
	default:
		return as(text, to)
	}
}

// withoutExponent writes the text of a number out, or makes it 0 or too large for
// any decimal: DuckDB rounds a decimal's digits wrong where the text has an
// exponent.
func (w *duckWriter) withoutExponent(text string) string {
	const mantissa, exponent = `'^[+-]?([0-9.]+)'`, `'[eE]([+-]?)0*([0-9]+)$'`
	return w.let(nil, text, func(x string) string {
		digits := "ltrim(replace(regexp_extract(" + x + ", " + mantissa + ", 1), '.', ''), '0')"
		power := "CAST(regexp_extract(" + x + ", " + exponent + ", 1) || left('0' || regexp_extract(" + x + ", " + exponent + ", 2), 9) AS BIGINT)"
		return "(CASE WHEN " + x + " NOT SIMILAR TO '.*[eE].*' THEN " + x + " ELSE (CASE WHEN " + x + "[1] = '-' THEN '-' ELSE '' END) || " +
			w.let(nil, digits, func(d string) string {
				point := "length(split_part(regexp_extract(" + x + ", " + mantissa + ", 1), '.', 1)) - length(replace(regexp_extract(" + x + ", " + mantissa + ", 1), '.', '')) + length(" + d + ") + " + power
				return w.let(nil, point, func(p string) string {
					return "(CASE WHEN " + d + " = '' OR " + p + " < -40 THEN '0' WHEN " + p + " > 40 THEN repeat('9', 41) WHEN " + p + " <= 0 THEN '0.' || repeat('0', -" + p + ") || " + d +
						" WHEN " + p + " >= length(" + d + ") THEN " + d + " || repeat('0', " + p + " - length(" + d + ")) ELSE left(" + d + ", " + p + ") || '.' || substring(" + d + ", " + p + " + 1) END)"
				})
			}) + " END)"
	})
}

// finiteOr is finite, or null in place of what is not.
func (w *duckWriter) finiteOr(x string, try bool) string {
	if !try {
		return w.finite(x)
	}
	return w.let(nil, x, func(v string) string {
		return "(CASE WHEN isfinite(" + v + ") THEN " + v + " END)"
	})
}

// floatText writes the shortest text of a float64. DuckDB 1.5 has another number's
// for a few powers of two (2^81, 2^91, 2^806): a text that does not read as the
// float gives way to its 16 or 17 digits.
func (w *duckWriter) floatText(e *Expr, x string) string {
	return w.let(e, x, func(v string) string {
		text := "CAST(" + v + " AS VARCHAR)"
		digits := func(n string) string { return "format('{:." + n + "e}', " + v + ")" }
		reads := func(text string) string { return "TRY_CAST(" + text + " AS DOUBLE) = " + v }
		return "(CASE WHEN " + reads(text) + " THEN " + text + " ELSE regexp_replace(CASE WHEN " + reads(digits("15")) + " THEN " + digits("15") + " ELSE " + digits("16") + ` END, '\.?0*e', 'e') END)`
	})
}

// textSQL writes what cast to string makes of a value.
func textSQL(from types.Type, x string) string {
	switch from.Kind {
	case types.Timestamp:
		return "replace(CAST(" + x + " AS VARCHAR), ' ', 'T')"
	case types.TimestampTZ:
		return "(replace(CAST(" + utc(x) + " AS VARCHAR), ' ', 'T') || 'Z')"
	case types.Decimal: // a decimal that is all scale would lose the zero before its point
		if from.Scale == from.Precision && from.Scale < maxDigits {
			x = "CAST(" + x + " AS " + types.DecimalOf(from.Precision+1, from.Scale).DuckDB() + ")"
		}
		return "CAST(" + x + " AS VARCHAR)"
	default:
		return "CAST(" + x + " AS VARCHAR)"
	}
}
