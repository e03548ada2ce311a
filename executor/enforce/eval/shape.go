package eval

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// checkShape refuses trees that the type checker does not make, such as one of a
// state file that was written by something else.
func checkShape(e *rowexpr.Expr) error {
	want := -1
	switch e.Op {
	case rowexpr.OpLit, rowexpr.OpRef:
		want = 0
	case rowexpr.OpNot, rowexpr.OpNeg, rowexpr.OpIsNull, rowexpr.OpNotNull, rowexpr.OpConvert:
		want = 1
	case rowexpr.OpAdd, rowexpr.OpSub, rowexpr.OpMul, rowexpr.OpDiv, rowexpr.OpMod, rowexpr.OpEq, rowexpr.OpNe,
		rowexpr.OpLt, rowexpr.OpLe, rowexpr.OpGt, rowexpr.OpGe, rowexpr.OpAnd, rowexpr.OpOr:
		want = 2
	case rowexpr.OpIf:
		want = 3
	case rowexpr.OpConcat, rowexpr.OpCall:
	default:
		return fmt.Errorf("there is no row operation %q", e.Op)
	}
	if want >= 0 && len(e.Args) != want {
		return fmt.Errorf("the row operation %q has %d operands", e.Op, len(e.Args))
	}
	if e.Type.Kind == types.Any || e.Type.IsZero() || (e.Op == rowexpr.OpLit && e.Lit == nil) {
		return fmt.Errorf("the row operation %q has no type or no value", e.Op)
	}
	return nil
}

// appendLiteral appends a constant to a column of its type.
func appendLiteral(v *vec.Vec, e *rowexpr.Expr) error {
	if e.Lit.Null {
		v.AppendNull()
		return nil
	}
	text := []byte(e.Lit.Text)
	switch e.Type.Kind {
	case types.Bytes:
		b, err := base64.StdEncoding.DecodeString(e.Lit.Text)
		if err != nil {
			return fmt.Errorf("the constant %q is not base64", text)
		}
		v.AppendBytes(b)
	case types.Timestamp, types.TimestampTZ:
		c, f := scalar.Timestamp(text)
		if f != scalar.OK {
			return fmt.Errorf("the constant %q is not a %s", text, e.Type)
		}
		v.AppendI64(c.Instant(nil))
	case types.JSON:
		if !json.Valid(text) {
			return fmt.Errorf("the constant %q is not JSON", text)
		}
		v.AppendBytes(text)
	case types.List, types.Struct, types.Map:
		return fmt.Errorf("there are no constants of type %s", e.Type)
	default:
		if r := parseText(v, text); r != None {
			return fmt.Errorf("the constant %q is not a %s", text, e.Type)
		}
	}
	return nil
}
