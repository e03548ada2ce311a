package rowexpr

import (
	"slices"
	"strings"
	"sync"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// class says which types a parameter takes.
type class uint8

const (
	aText    class = iota // string
	aBinary               // string or bytes
	aNumber               // any number
	aWhole                // int64
	aSized                // string, bytes, list or map
	aMoment               // date, timestamp or timestamptz
	aJSON                 // json
	aList                 // a list
	anything              // whatever the function's rule says
	aTextConst
	aWholeConst
	aUnit // a constant: second ... year
)

// Param is a parameter of a row function.
type Param struct {
	Name  string
	class class
	Doc   string
}

// Function describes a row function: the one table that the type checker, the
// back ends and the reference read.
type Function struct {
	Name     string
	Params   []Param
	Optional int  // how many of the last parameters may be left out
	Variadic bool // the last parameter may be repeated
	Result   string
	Null     string // when it is null; "" where that is when an argument is
	Fails    string // what it fails for; "" where it never does
	Flight   string // what has no form in a destination's SQL; "" where all has one
	Doc      string
	typ      func(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic)
}

// Takes says in words what the parameter accepts.
func (p Param) Takes() string {
	return [...]string{"string", "string or bytes", "number", "int64", "string, bytes, list or map", "date, timestamp or timestamptz",
		"json", "list", "any type", "constant string", "constant whole number", "constant unit of time"}[p.class]
}

// Units are the units of time that date_trunc and date_diff take.
func Units() []string {
	return []string{"second", "minute", "hour", "day", "week", "month", "quarter", "year"}
}

// table is the list of row functions, made at its first use and never changed.
var table = sync.OnceValue(func() []Function {
	all := slices.Concat(textFunctions(), numberFunctions(), otherFunctions())
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
})

// Functions returns every row function, sorted by name.
func Functions() []Function { return slices.Clone(table()) }

func function(name string) (Function, []string, bool) {
	var names []string
	for _, f := range table() {
		if f.Name == name {
			return f, nil, true
		}
		names = append(names, f.Name)
	}
	return Function{}, names, false
}

// Call makes the call of a row function. cast and try_cast take their type as a
// literal string.
func Call(name string, args []*Expr, rng, nameRange diag.Range) (*Expr, *diag.Diagnostic) {
	f, names, ok := function(name)
	if !ok {
		return nil, fault(diag.RowUnknownFunction, nameRange, "There is no row function %s.%s", name, diag.DidYouMean(name, names))
	}
	least, most := len(f.Params)-f.Optional, len(f.Params)
	if len(args) < least || (len(args) > most && !f.Variadic) {
		return nil, fault(diag.RowArgument, rng, "%s takes %s, and %d are given: %s", name, howMany(least, most, f.Variadic), len(args), f.Signature())
	}
	for i, a := range args {
		p := f.Params[min(i, len(f.Params)-1)]
		if d := f.accept(p, a); d != nil {
			return nil, d
		}
	}
	return f.typ(args, rng)
}

// call is the plain result rule: a node of type t, null when an argument is.
func call(name string, t types.Type, args []*Expr, rng diag.Range) *Expr {
	return &Expr{Op: OpCall, Func: name, Type: t, Nullable: anyNullable(args), Args: args, Range: rng}
}

// gives makes the rule of a function whose result has always the same type.
func gives(name string, t types.Type) func([]*Expr, diag.Range) (*Expr, *diag.Diagnostic) {
	return func(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) { return call(name, t, args, rng), nil }
}

// accept settles an argument by its parameter and refuses what does not fit.
func (f Function) accept(p Param, a *Expr) *diag.Diagnostic {
	ok := true
	switch p.class {
	case aText:
		settle(a, stringType)
		ok = a.Type.Kind == types.String
	case aBinary:
		settle(a, stringType)
		ok = a.Type.Kind == types.String || a.Type.Kind == types.Bytes
	case aNumber:
		settle(a, anyNumber)
		ok = a.Type.IsNumeric()
	case aWhole:
		settle(a, int64Type)
		if ok = a.Type.IsInteger(); ok {
			return convertInPlace(a, int64Type)
		}
	case aSized:
		settle(a, stringType)
		ok = a.Type.Kind == types.String || a.Type.Kind == types.Bytes || a.Type.Kind == types.List || a.Type.Kind == types.Map
	case aMoment:
		return f.moment(p, a)
	case aJSON:
		settle(a, types.Of(types.JSON))
		ok = a.Type.Kind == types.JSON
	case aList:
		settle(a, types.ListOf(stringType))
		ok = a.Type.Kind == types.List
	case aTextConst:
		ok = a.constant() && a.Type.Kind == types.String
	case aWholeConst:
		ok = a.constant() && a.Type.IsInteger() && len(a.Lit.Text) <= 9
	case aUnit:
		ok = a.constant() && slices.Contains(Units(), a.Lit.Text)
		if !ok && a.constant() {
			return fault(diag.RowArgument, a.Range, "%s is no unit of time: second, minute, hour, day, week, month, quarter or year.%s", describe(a), diag.DidYouMean(a.Lit.Text, Units()))
		}
	}
	if ok {
		return nil
	}
	return f.refuse(p, a)
}

func (f Function) refuse(p Param, a *Expr) *diag.Diagnostic {
	hint := ""
	if p.class == aText && !a.Type.IsNested() {
		hint = " cast(..., string) makes it one."
	}
	return fault(diag.RowArgument, a.Range, "%s of %s takes a %s, and %s is %s.%s", p.Name, f.Name, p.Takes(), describe(a), a.Type, hint)
}

// moment settles an argument that is a date or a time; a literal string is read
// as the first of date, timestamp and timestamptz that it is a text of.
func (f Function) moment(p Param, a *Expr) *diag.Diagnostic {
	settle(a, types.Of(types.TimestampTZ))
	if a.constant() && a.Type.Kind == types.String {
		for _, k := range [...]types.Kind{types.Date, types.Timestamp, types.TimestampTZ} {
			if text, err := Canonical(types.Of(k), a.Lit.Text); err == nil {
				a.Type, a.Lit = types.Of(k), &Literal{Text: text}
				return nil
			}
		}
		return fault(diag.RowConstant, a.Range, "%s is neither a date nor a timestamp.", describe(a))
	}
	if !a.Type.IsTemporal() || a.Type.Kind == types.Time {
		return f.refuse(p, a)
	}
	return nil
}
