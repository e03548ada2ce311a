package lint

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/rowexpr"
)

// Constant returns the answer of a condition that is the same for every record:
// true, false, null, or what is known of it.
func Constant(e *rowexpr.Expr) (string, bool) {
	switch {
	case e == nil:
		return "", false
	case e.IsNull():
		return "null", true
	case e.Op == rowexpr.OpLit:
		return e.Lit.Text, true
	}
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i], _ = Constant(a)
	}
	switch e.Op {
	case rowexpr.OpNot:
		return map[string]string{"true": "false", "false": "true", "null": "null"}[args[0]], args[0] != "" && e.Args[0].Op != rowexpr.OpLit
	case rowexpr.OpAnd:
		return connective(args, "false", "true")
	case rowexpr.OpOr:
		return connective(args, "true", "false")
	case rowexpr.OpIsNull, rowexpr.OpNotNull:
		if e.Args[0].Nullable {
			return "", false
		}
		return map[rowexpr.Op]string{rowexpr.OpIsNull: "false", rowexpr.OpNotNull: "true"}[e.Op], true
	case rowexpr.OpEq, rowexpr.OpLe, rowexpr.OpGe, rowexpr.OpNe, rowexpr.OpLt, rowexpr.OpGt:
		if sameValue(e.Args[0], e.Args[1]) {
			same := e.Op == rowexpr.OpEq || e.Op == rowexpr.OpLe || e.Op == rowexpr.OpGe
			return map[bool]string{true: "true or null", false: "false or null"}[same], true
		}
	}
	return "", false
}

// connective joins answers: one that decides does so alone, else all must be idle.
func connective(args []string, decides, idle string) (string, bool) {
	if slices.Contains(args, decides) {
		return decides, true
	}
	all := !slices.ContainsFunc(args, func(a string) bool { return a != idle })
	return idle, all
}

// sameValue reports whether two expressions are one reference to a column.
func sameValue(a, b *rowexpr.Expr) bool {
	return a.Op == rowexpr.OpRef && b.Op == rowexpr.OpRef && slices.Equal(a.Path, b.Path)
}
