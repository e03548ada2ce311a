package rowexpr

import (
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/headgate-data/headgate/compiler/types"
)

// call writes a call of a row function.
func (w *pgWriter) call(e *Expr, args []pgValue) pgValue {
	switch e.Func {
	case "lower", "upper":
		return w.letters(e, args[0])
	case "trim":
		return strict(`btrim(`+args[0].sql+`, E' \t\n\013\f\r')`, args...)
	case "length":
		return w.length(e, args[0])
	case "substr":
		return w.substr(args)
	case "replace":
		return strict("replace("+args[0].sql+pgCollate+", "+args[1].sql+", "+args[2].sql+")", args...)
	case "mask":
		return w.mask(e, args[0])
	case "md5":
		return strict("md5("+args[0].sql+")", args...)
	case "sha256":
		x := args[0].sql
		if e.Args[0].Type.Kind == types.String {
			x = "convert_to(" + x + ", 'UTF8')"
		}
		return strict("encode(sha256("+x+"), 'hex')", args...)
	case "regex_match":
		pattern, why := pgPattern(e.Args[1].Lit.Text)
		if why != "" {
			return w.fail(e, "Postgres' regular expressions have no form of %q: %s.", e.Args[1].Lit.Text, why)
		}
		return strict("("+args[0].sql+pgCollate+" ~ "+quoteText(pattern)+")", args[0])
	case "split":
		x := w.twice(args[1])
		return strict("(CASE WHEN "+x.sql+pgCollate+" = '' THEN ARRAY[''] ELSE string_to_array("+x.sql+pgCollate+", "+args[0].sql+") END)", x)
	case "join":
		return strict("array_to_string("+args[1].sql+", "+args[0].sql+")", args...)
	case listFunc:
		return w.list(e, args)
	case "contains":
		return w.contains(e, args)
	case "abs":
		return w.abs(e, args[0])
	case "round", "floor", "ceil":
		return w.round(e, args)
	case "least", "greatest":
		return w.extreme(e, args)
	case "coalesce":
		return w.coalesce(args)
	case "cast", "try_cast":
		return w.cast(e, args[0], e.Func == "try_cast")
	default:
		return w.moments(e, args)
	}
}

// letterTables are the code points that lower and upper change, and what to.
var letterTables = sync.OnceValue(func() (t struct{ upper, ofUpper, lower, ofLower string }) {
	var u, ofU, l, ofL strings.Builder
	for r := range rune(unicode.MaxRune + 1) {
		if x := unicode.ToLower(r); x != r {
			u.WriteRune(r)
			ofU.WriteRune(x)
		}
		x := unicode.ToUpper(r)
		if r == 'ß' {
			x = 'ẞ'
		}
		if x != r {
			l.WriteRune(r)
			ofL.WriteRune(x)
		}
	}
	t.upper, t.ofUpper, t.lower, t.ofLower = u.String(), ofU.String(), l.String(), ofL.String()
	return t
})

// letters writes lower and upper. Postgres' own know the letters of a database's
// locale, or ASCII's alone: they are for the texts that have no others.
func (w *pgWriter) letters(e *Expr, arg pgValue) pgValue {
	x := w.twice(arg)
	t := letterTables()
	from, to := t.upper, t.ofUpper
	if e.Func == "upper" {
		from, to = t.lower, t.ofLower
	}
	return strict("(CASE WHEN octet_length("+x.sql+") = char_length("+x.sql+") THEN "+e.Func+"("+x.sql+pgCollate+") ELSE translate("+
		x.sql+", "+quoteText(from)+", "+quoteText(to)+") END)", x)
}

func (w *pgWriter) length(e *Expr, arg pgValue) pgValue {
	t := e.Args[0].Type
	name := "cardinality"
	switch {
	case t.Kind == types.String:
		name = "char_length"
	case t.Kind == types.Bytes:
		name = "octet_length"
	case t.Kind == types.Map:
		x := w.twice(arg)
		return strict("(CASE WHEN "+x.sql+" IS NOT NULL THEN (SELECT count(*) FROM jsonb_object_keys("+x.sql+")) END)", x)
	case t.Elem.IsNested():
		name = "jsonb_array_length"
	}
	return strict("CAST("+name+"("+arg.sql+") AS bigint)", arg)
}

// pgLongest is more code points than any of Postgres' texts has; twice of it is
// an integer.
const pgLongest = "1073741823"

func (w *pgWriter) substr(args []pgValue) pgValue {
	s, o := w.twice(args[0]), w.twice(args[1])
	within := func(x pgValue, negative string) string {
		return "CASE WHEN " + x.sql + " >= 0 THEN least(" + x.sql + ", " + pgLongest + ") WHEN " + x.sql + " < 0 THEN " + negative + " END"
	}
	from := "CAST(" + within(o, "greatest(char_length("+s.sql+") + "+o.sql+", 0)") + " AS integer) + 1"
	if len(args) == 2 {
		return strict("substr("+s.sql+", "+from+")", s, o)
	}
	n := w.twice(args[2])
	return strict("substr("+s.sql+", "+from+", CAST("+within(n, pgLongest)+" AS integer))", s, o, n)
}

func (w *pgWriter) mask(e *Expr, arg pgValue) pgValue {
	keep := e.Args[1].Lit.Text
	x := w.twice(arg)
	n := "char_length(" + x.sql + ")"
	return strict("(CASE WHEN "+n+" <= "+keep+" THEN repeat('*', "+n+") ELSE repeat('*', "+n+" - "+keep+") || right("+x.sql+", "+keep+") END)", x)
}

func (w *pgWriter) list(e *Expr, args []pgValue) pgValue {
	if e.Type.Elem.IsNested() {
		return w.fail(e, "Postgres has no arrays of %s.", e.Type.Elem)
	}
	return strict("CAST(ARRAY["+sqls(args, ", ")+"] AS "+e.Type.Postgres()+")", args...)
}

func (w *pgWriter) contains(e *Expr, args []pgValue) pgValue {
	list, x := w.twice(args[0]), w.twice(args[1])
	return strict("(CASE WHEN "+list.sql+" IS NOT NULL AND "+x.sql+" IS NOT NULL THEN coalesce("+w.ordered(e.Args[1], x)+" = ANY("+list.sql+"), FALSE) END)", list, x)
}

// jsonGet steps into jsonb with names and numbers, which -> keeps apart.
func (w *pgWriter) jsonGet(e *Expr, arg pgValue) pgValue {
	path, err := ParsePath(e.Args[1].Lit.Text)
	if err != nil {
		return w.fail(e, "%s.", err)
	}
	text := arg.sql
	for i, s := range path {
		if i > 0 {
			text = w.let(text)
		}
		switch {
		case s.IsIdx:
			list := w.let(text) // of a scalar, -> 0 is the scalar itself
			text = "CASE WHEN jsonb_typeof(" + list + ") = 'array' THEN " + list + " -> " + strconv.Itoa(s.Index) + " END"
		case strings.Contains(s.Name, "\x00"):
			return w.fail(e, "Postgres' texts cannot hold a NUL.")
		default:
			text += " -> CAST(" + quoteText(s.Name) + " AS text)"
		}
	}
	return strict("nullif("+text+", CAST('null' AS jsonb))", arg)
}
