package rowexpr

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// Not negates a bool.
func Not(x *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if d := want(x, boolType, "!"); d != nil {
		return nil, d
	}
	if x.constant() {
		return Bool(x.Lit.Text != "true", rng), nil
	}
	return &Expr{Op: OpNot, Type: boolType, Nullable: x.Nullable, Args: []*Expr{x}, Range: rng}, nil
}

// want settles x to t and refuses another type.
func want(x *Expr, t types.Type, by string) *diag.Diagnostic {
	settle(x, t)
	if x.Type.Equal(t) {
		return nil
	}
	return fault(diag.RowTypes, x.Range, "%s takes %s, and %s is %s.", by, t, describe(x), x.Type)
}

// Neg makes -x.
func Neg(x *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	settle(x, anyNumber)
	if !x.Type.IsNumeric() {
		return nil, fault(diag.RowTypes, x.Range, "- takes a number, and %s is %s.", describe(x), x.Type)
	}
	if x.constant() {
		text, negative := strings.CutPrefix(x.Lit.Text, "-")
		if !negative {
			text = "-" + text
		}
		if x.Type.Kind == types.Float64 {
			return literal(floatType, text, rng), nil
		}
		return Number(text, rng)
	}
	return &Expr{Op: OpNeg, Type: x.Type, Nullable: x.Nullable, Args: []*Expr{x}, Range: rng}, nil
}

// Binary makes a op b for an operator of two operands.
func Binary(op Op, a, b *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	switch op {
	case OpAnd, OpOr:
		return logic(op, a, b, rng)
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe:
		return compare(op, a, b, rng)
	case OpAdd, OpSub, OpMul, OpDiv, OpMod:
		return arith(op, a, b, rng)
	default:
		return nil, fault(diag.RowSyntax, rng, "There is no operator %q.", string(op))
	}
}

func logic(op Op, a, b *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	for _, x := range [...]*Expr{a, b} {
		if d := want(x, boolType, string(op)); d != nil {
			return nil, d
		}
	}
	neutral := "true"
	if op == OpOr {
		neutral = "false"
	}
	switch {
	case a.constant() && a.Lit.Text == neutral:
		return b, nil
	case a.constant():
		return a, nil
	case b.constant() && b.Lit.Text == neutral:
		return a, nil
	}
	return &Expr{Op: op, Type: boolType, Nullable: a.Nullable || b.Nullable, Args: []*Expr{a, b}, Range: rng}, nil
}

func compare(op Op, a, b *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if op == OpEq || op == OpNe {
		if e := nullTest(op, a, b, rng); e != nil {
			return e, nil
		}
	}
	t, d := unify(rng, a, b)
	if d != nil {
		return nil, d
	}
	if t.Kind == types.Any {
		t = stringType
		settle(a, t)
		settle(b, t)
	}
	if t.Kind == types.JSON || t.IsNested() {
		return nil, fault(diag.RowTypes, rng, "%s is %s, which cannot be compared. Take a member of it, or cast it to string.", describe(a), t)
	}
	if op != OpEq && op != OpNe && !t.Orderable() {
		return nil, fault(diag.RowTypes, rng, "%s has no order: use == or !=.", t)
	}
	if a.constant() && b.constant() {
		if v, ok := foldCompare(op, a, b); ok {
			return Bool(v, rng), nil
		}
	}
	return &Expr{Op: op, Type: boolType, Nullable: a.Nullable || b.Nullable, Args: []*Expr{a, b}, Range: rng}, nil
}

// nullTest is `x == null` or `x != null`, nil where neither side is the literal.
func nullTest(op Op, a, b *Expr, rng diag.Range) *Expr {
	if a.IsNull() {
		a, b = b, a
	}
	if !b.IsNull() {
		return nil
	}
	settle(a, stringType)
	if a.Op == OpLit {
		return Bool(a.Lit.Null == (op == OpEq), rng)
	}
	test := OpIsNull
	if op == OpNe {
		test = OpNotNull
	}
	return &Expr{Op: test, Type: boolType, Args: []*Expr{a}, Range: rng}
}

func arith(op Op, a, b *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	for _, x := range [...]*Expr{a, b} {
		if !x.isAny() && !x.Type.IsNumeric() {
			return nil, notANumber(op, x)
		}
	}
	if b.constant() && (op == OpDiv || op == OpMod) && isZero(b) {
		return nil, fault(diag.RowConstant, rng, "The divisor is zero.")
	}
	if a.constant() && b.constant() {
		return foldArith(op, a, b, rng)
	}
	t, d := operandTypes(op, a, b, rng)
	if d != nil {
		return nil, d
	}
	return &Expr{Op: op, Type: t, Nullable: a.Nullable || b.Nullable, Args: []*Expr{a, b}, Range: rng}, nil
}

func notANumber(op Op, x *Expr) *diag.Diagnostic {
	hint := ""
	switch {
	case x.Type.Kind == types.String && op == OpAdd:
		hint = ` Strings are joined by a template ("${row.a} ${row.b}") or concat.`
	case x.Type.Kind == types.String:
		hint = " Read it as a number with cast."
	case x.Type.IsTemporal() && op == OpSub:
		hint = " The time between two dates is date_diff(unit, from, to)."
	}
	return fault(diag.RowTypes, x.Range, "%s takes numbers, and %s is %s.%s", string(op), describe(x), x.Type, hint)
}

// operandTypes converts the operands as op wants them and returns the type of
// the result. Division is done in float64, whatever the operands. Decimals keep
// every digit: a sum gets one digit more, a product the digits of both.
func operandTypes(op Op, a, b *Expr, rng diag.Range) (types.Type, *diag.Diagnostic) {
	if op == OpDiv {
		for _, x := range [...]*Expr{a, b} {
			settle(x, anyNumber)
			if d := convertInPlace(x, floatType); d != nil {
				return floatType, d
			}
		}
		return floatType, nil
	}
	shrink(a, b)
	shrink(b, a)
	if op == OpMul && (a.Type.Kind == types.Decimal || b.Type.Kind == types.Decimal) {
		return product(a, b, rng)
	}
	t, d := unify(rng, a, b)
	if d != nil {
		return t, d
	}
	if t.Kind == types.Any {
		t = anyNumber
		settle(a, t)
		settle(b, t)
		if op == OpMul {
			return product(a, b, rng)
		}
	}
	if t.Kind == types.Decimal && op != OpMod {
		t = types.DecimalOf(min(maxDigits, t.Precision+1), t.Scale)
	}
	return t, nil
}

// shrink makes a literal beside a decimal the smallest decimal that holds it, so
// that results keep no needless digits.
func shrink(x, beside *Expr) {
	if x.constant() && x.Type.Kind != types.Float64 && (beside.Type.Kind == types.Decimal || beside.isAny()) {
		if t := smallest(x); t.Kind == types.Decimal {
			if text, err := Canonical(t, x.Lit.Text); err == nil {
				x.Type, x.Lit = t, &Literal{Text: text}
			}
		}
	}
}

func product(a, b *Expr, rng diag.Range) (types.Type, *diag.Diagnostic) {
	for _, x := range [...]*Expr{a, b} {
		settle(x, anyNumber)
		if x.Type.Kind == types.Float64 {
			_, d := unify(rng, a, b)
			return floatType, d
		}
	}
	for _, x := range [...]*Expr{a, b} {
		if x.Type.IsInteger() {
			if d := convertInPlace(x, types.DecimalOf(integerDigits(x.Type), 0)); d != nil {
				return x.Type, d
			}
		}
	}
	scale := a.Type.Scale + b.Type.Scale
	if scale > maxDigits {
		return a.Type, fault(diag.RowTypes, rng, "The product of %s and %s would need %d digits behind the point, and %d are the most: cast one to a smaller scale.", a.Type, b.Type, scale, maxDigits)
	}
	return types.DecimalOf(min(maxDigits, a.Type.Precision+b.Type.Precision), scale), nil
}

// If makes cond ? a : b.
func If(cond, a, b *Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if d := want(cond, boolType, "A condition"); d != nil {
		return nil, d
	}
	t, d := unify(rng, a, b)
	if d != nil {
		return nil, d
	}
	if cond.constant() {
		if cond.Lit.Text == "true" {
			return a, nil
		}
		return b, nil
	}
	return &Expr{Op: OpIf, Type: t, Nullable: a.Nullable || b.Nullable, Args: []*Expr{cond, a, b}, Range: rng}, nil
}

// Template joins parts, each written as cast(part, string) writes it.
func Template(parts []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	args, d := texts(parts)
	if d != nil {
		return nil, d
	}
	merged := args[:0:0]
	for _, a := range args {
		if last := len(merged) - 1; last >= 0 && a.constant() && merged[last].constant() {
			merged[last] = Text(merged[last].Lit.Text+a.Lit.Text, merged[last].Range)
			continue
		}
		merged = append(merged, a)
	}
	switch {
	case len(merged) == 0:
		return Text("", rng), nil
	case len(merged) == 1:
		return merged[0], nil
	}
	return &Expr{Op: OpConcat, Type: stringType, Nullable: anyNullable(merged), Args: merged, Range: rng}, nil
}

// texts converts every part to string.
func texts(parts []*Expr) ([]*Expr, *diag.Diagnostic) {
	out := make([]*Expr, 0, len(parts))
	for _, p := range parts {
		settle(p, stringType)
		switch {
		case p.Type.Kind == types.String:
		case p.constant() && p.Type.Kind != types.Bytes && !p.Type.IsNested():
			p = Text(p.Lit.Text, p.Range)
		case p.Type.IsNested() || p.Type.Kind == types.Bytes:
			return nil, fault(diag.RowTypes, p.Range, "%s is %s, which has no text of its own.", describe(p), p.Type)
		default:
			p = &Expr{Op: OpConvert, Type: stringType, Nullable: p.Nullable, Args: []*Expr{p}, Range: p.Range}
		}
		out = append(out, p)
	}
	return out, nil
}

// List makes a list of the elements, for contains and join.
func List(elems []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	t, d := unify(rng, elems...)
	if d != nil {
		return nil, d
	}
	return &Expr{Op: OpCall, Func: listFunc, Type: types.ListOf(t), Args: elems, Range: rng}, nil
}

// listFunc is the internal function that a list's brackets call.
const listFunc = "list"
