package rowexpr

import (
	"math/big"
	"strconv"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// AnyNumber is the type that an untyped column takes where a number is wanted and
// nothing says which.
var anyNumber = types.DecimalOf(maxDigits, 9)

var (
	anyType    = types.Of(types.Any)
	boolType   = types.Of(types.Bool)
	int64Type  = types.Of(types.Int64)
	floatType  = types.Of(types.Float64)
	stringType = types.Of(types.String)
)

func fault(code diag.Code, rng diag.Range, format string, args ...any) *diag.Diagnostic {
	return diag.New(code, format, args...).At(rng)
}

// Ref makes a reference. A type of Any is settled by what stands around it.
func Ref(path []Step, t types.Type, nullable bool, rng diag.Range) *Expr {
	return &Expr{Op: OpRef, Type: t, Nullable: nullable, Path: path, Range: rng}
}

// Null makes the literal null. Its type is settled by what stands around it.
func Null(rng diag.Range) *Expr {
	return &Expr{Op: OpLit, Type: anyType, Nullable: true, Lit: &Literal{Null: true}, Range: rng}
}

// Bool makes the literal true or false.
func Bool(v bool, rng diag.Range) *Expr {
	return literal(boolType, strconv.FormatBool(v), rng)
}

// Text makes a literal string.
func Text(s string, rng diag.Range) *Expr { return literal(stringType, s, rng) }

// Number makes a literal number of the digits as written: int64 where it is whole
// and fits, else the smallest decimal.
func Number(text string, rng diag.Range) (*Expr, *diag.Diagnostic) {
	r, err := parseNumber(text)
	if err != nil {
		return nil, fault(diag.RowConstant, rng, "%s.", err)
	}
	e := number(r, rng)
	if e == nil {
		return nil, fault(diag.RowConstant, rng, "%s has more than %d digits.", text, maxDigits)
	}
	return e, nil
}

// number is the literal of an exact value, nil where it needs too many digits.
func number(r *big.Rat, rng diag.Range) *Expr {
	if r.IsInt() && r.Num().IsInt64() {
		return literal(int64Type, r.Num().String(), rng)
	}
	p, s, ok := digitsOf(r)
	if !ok {
		return nil
	}
	return literal(types.DecimalOf(p, s), r.FloatString(s), rng)
}

func literal(t types.Type, text string, rng diag.Range) *Expr {
	return &Expr{Op: OpLit, Type: t, Lit: &Literal{Text: text}, Range: rng}
}

// Const makes the literal of a text of type t.
func Const(t types.Type, text string, rng diag.Range) (*Expr, *diag.Diagnostic) {
	c, err := Canonical(t, text)
	if err != nil {
		return nil, fault(diag.RowConstant, rng, "%s.", err)
	}
	return literal(t, c, rng), nil
}

// IsNull reports whether e is the literal null.
func (e *Expr) IsNull() bool { return e.Op == OpLit && e.Lit.Null }

// constant reports whether e is a literal other than null.
func (e *Expr) constant() bool { return e.Op == OpLit && !e.Lit.Null }

func (e *Expr) isAny() bool { return e.Type.Kind == types.Any }

// settle gives every part of e that has no type yet the type t.
func settle(e *Expr, t types.Type) {
	if !e.isAny() {
		return
	}
	e.Type = t
	switch {
	case e.Op == OpIf:
		settle(e.Args[1], t)
		settle(e.Args[2], t)
	case e.Op == OpCall:
		for _, a := range e.Args {
			settle(a, t)
		}
	}
}

// describe names an expression in a message.
func describe(e *Expr) string {
	switch {
	case e.Op == OpRef && len(e.Path) == 0:
		return "value"
	case e.Op == OpRef:
		return "row." + PathString(e.Path)
	case e.IsNull():
		return "null"
	case e.Op == OpLit && e.Type.Kind == types.String:
		return strconv.Quote(e.Lit.Text)
	case e.Op == OpLit:
		return e.Lit.Text
	case e.Op == OpCall:
		return e.Func + "(...)"
	default:
		return "the expression"
	}
}

func anyNullable(args []*Expr) bool {
	for _, a := range args {
		if a.Nullable {
			return true
		}
	}
	return false
}
