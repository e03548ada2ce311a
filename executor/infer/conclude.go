package infer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
)

const (
	maxFields  = 100 // of a struct; one with more is JSON
	headroom   = 1_000_000
	safeDigits = 15 // significant digits that every float64 keeps
)

// conclusion is the type of the values in one place, and what a reader should
// know about it.
type conclusion struct {
	typ   types.Type
	notes []string
}

func as(t types.Type, notes ...string) conclusion { return conclusion{t, notes} }

var (
	stringType = types.Of(types.String)
	jsonType   = types.Of(types.JSON)
)

// conclude finds the narrowest type that takes every value and loses nothing. name
// is the column's, and helps to tell money from measures; untyped says that the
// format knows texts alone.
func (v *value) conclude(name string, untyped bool) conclusion {
	scalars := v.bools + v.numbers.n + v.texts.n
	switch {
	case v.count() == 0:
		return as(stringType, "only null was seen: the type is a guess")
	case v.object.count == v.count():
		return v.object.conclude(untyped)
	case v.arrays == v.count():
		return v.list(untyped)
	case scalars < v.count():
		return as(jsonType, "objects, lists and plain values are mixed")
	case v.bools == v.count():
		return as(types.Of(types.Bool))
	case v.numbers.n == v.count():
		return v.number(&v.numbers, name)
	case v.texts.nul && !untyped:
		return as(jsonType, "a text holds a NUL character, which string does not take")
	case v.texts.n == v.count():
		return v.text(name, untyped)
	case v.bools == 0 && v.texts.may&isNumber != 0:
		both := v.numbers
		both.merge(&v.texts.numbers)
		c := v.number(&both, name)
		c.notes = append(c.notes, "some numbers are written as texts")
		return c
	default:
		return as(stringType, "texts and other values are mixed")
	}
}

// number chooses the type of numbers.
func (v *value) number(n *numbers, name string) conclusion {
	switch {
	case n.fractions == 0 && !n.beyond:
		return as(v.integer(n, name))
	case n.fractions == 0 && n.whole <= 38:
		return as(types.DecimalOf(38, 0))
	case n.fractions == 0:
		return as(stringType, "whole numbers of more than 38 digits")
	}
	scale := n.scale
	money := hasWord(name, moneyWords)
	if !n.exponents && scale <= 4 && (money || n.manyPlaces == 0 && n.twoPlaces*10 >= n.fractions*9) {
		scale = max(scale, 2)
		if n.whole+scale <= 18-3 {
			return as(types.DecimalOf(18, scale))
		}
		if n.whole+scale <= 38 {
			return as(types.DecimalOf(38, scale))
		}
	}
	if !n.notFloat && !n.lossy {
		return as(types.Of(types.Float64))
	}
	if n.whole+n.scale <= 38 && n.whole >= 0 && n.scale >= 0 {
		return as(types.DecimalOf(38, n.scale))
	}
	if !n.notFloat {
		return as(types.Of(types.Float64), "more digits than a float64 keeps")
	}
	return as(stringType, "numbers that no numeric type holds")
}

// integer chooses int32 only where the numbers stay far below its limits and are
// no identifiers, which grow.
func (v *value) integer(n *numbers, name string) types.Type {
	if (v.unique.twice || hasWord(name, countWords)) && !isIdentifier(name) && n.least.value >= -headroom && n.greatest.value <= headroom {
		return types.Of(types.Int32)
	}
	return types.Of(types.Int64)
}

// text chooses the type of texts.
func (v *value) text(name string, untyped bool) conclusion {
	t := &v.texts
	is := func(s sorts) bool { return t.may&s != 0 }
	switch {
	case untyped && is(isBool):
		return as(types.Of(types.Bool))
	case is(isInt) && untyped && !hasWord(name, codeWords) && !t.numbers.beyond:
		return v.number(&t.numbers, name)
	case is(isInt):
		return as(stringType, "whole numbers, written as texts")
	case is(isNumber) && (untyped || t.numbers.fractions == t.n):
		return v.number(&t.numbers, name)
	case is(isDate):
		return as(types.Of(types.Date))
	case is(isStamp):
		return as(types.Of(types.Timestamp))
	case is(isStampZ):
		return as(types.Of(types.TimestampTZ))
	case is(isTime):
		return as(types.Of(types.Time))
	case is(isUUID):
		return as(types.Of(types.UUID))
	case untyped && is(isDocument):
		return as(jsonType)
	}
	if format := dates[string(t.shape)]; format != "" && t.n > 1 {
		return as(stringType, fmt.Sprintf("looks like dates, which parse_timestamp(row%s, %q) reads in a stream's map", columnWord(name), format))
	}
	return as(stringType)
}

// dates are the shapes of dates and times that no type reads by itself, and the
// formats of parse_timestamp for them.
var dates = map[string]string{
	"9999/99/99": "%Y/%m/%d", "9999/99/99 99:99": "%Y/%m/%d %H:%M", "9999/99/99 99:99:99": "%Y/%m/%d %H:%M:%S",
	"9999-99-99 99:99": "%Y-%m-%d %H:%M", "9999-99-99T99:99": "%Y-%m-%dT%H:%M",
	"99.99.9999": "%d.%m.%Y", "99.99.9999 99:99": "%d.%m.%Y %H:%M", "99.99.9999 99:99:99": "%d.%m.%Y %H:%M:%S",
	"aaa 99 9999": "%b %d %Y", "aaa 99, 9999": "%b %d, %Y", "99 aaa 9999": "%d %b %Y", "99-aaa-9999": "%d-%b-%Y", "99-aaa-99": "%d-%b-%y",
}

// columnWord is a column's name as a row expression has it.
func columnWord(name string) string {
	if isWord(name) && !strings.ContainsAny(name, " -") {
		return "." + name
	}
	return "[" + strconv.Quote(name) + "]"
}

// list chooses the type of lists.
func (v *value) list(untyped bool) conclusion {
	if v.elem.count() == 0 {
		return as(types.ListOf(jsonType), "only empty lists were seen: the type of the elements is a guess")
	}
	c := v.elem.conclude("", untyped)
	return conclusion{types.ListOf(c.typ), c.notes}
}

// conclude chooses between a struct, a map and JSON.
func (o *object) conclude(untyped bool) conclusion {
	switch {
	case o.twice:
		return as(jsonType, "a member stands twice in an object")
	case o.any == nil && len(o.members) == 0:
		return as(jsonType, "only empty objects were seen")
	case o.any != nil || o.keyed():
		return o.mapping(untyped)
	case len(o.members) > maxFields:
		return as(jsonType, "objects of too many different members for a struct")
	}
	var fields []types.Field
	var notes []string
	for _, m := range o.members {
		c := m.value.conclude(m.name, untyped)
		if m.value.count() == 0 {
			c = as(jsonType, "only null was seen: the type is a guess")
		}
		for _, n := range c.notes {
			notes = append(notes, m.name+": "+n)
		}
		fields = append(fields, types.Field{Name: m.name, Type: c.typ})
	}
	return conclusion{types.StructOf(fields...), notes}
}

// keyed reports whether the names of the members are data: none of them is a
// word, or there are many and an object has few of them.
func (o *object) keyed() bool {
	words, present := 0, int64(0)
	for _, m := range o.members {
		if isWord(m.name) {
			words++
		}
		present += m.value.count() + m.value.nulls
	}
	n := len(o.members)
	return words == 0 || n > 30 && present < o.count*int64(n)/4
}

// isWord reports whether a name is one that a person gives to a field.
func isWord(s string) bool {
	if s == "" || s[0]-'0' <= 9 {
		return false
	}
	return strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz_0123456789 -") == ""
}

// mapping is a map of the members' common type, or JSON where they have none.
func (o *object) mapping(untyped bool) conclusion {
	all := o.any
	if all == nil {
		all = &value{}
		for _, m := range o.members {
			all.merge(&m.value)
		}
	}
	if all.count() == 0 {
		return as(types.MapOf(jsonType), "only null was seen: the type is a guess")
	}
	c := all.conclude("", untyped)
	return conclusion{types.MapOf(c.typ), c.notes}
}
