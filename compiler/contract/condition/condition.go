// Package condition reads and writes the conditions of checks as text that
// stands by itself, outside of any project.
package condition

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang"
)

// Compile types a condition; nil where it cannot be.
func Compile(text string, scope rowsyntax.Scope) *rowexpr.Expr {
	expr, bad := hclsyntax.ParseExpression([]byte(text), "condition", hcl.InitialPos)
	if bad.HasErrors() {
		return nil
	}
	scope.Expect = types.Of(types.Bool)
	out, diags := rowsyntax.Parse(expr, scope)
	if diags.HasErrors() {
		return nil
	}
	return out
}

// OfColumn is what a column's own checks can name.
func OfColumn(col *contract.Column) rowsyntax.Scope {
	return rowsyntax.Scope{Value: &rowsyntax.Column{Name: col.Name, Type: col.Type, Nullable: !col.Required}}
}

// OfRow is what the checks over a row can name.
func OfRow(cols []contract.Column) rowsyntax.Scope {
	var s rowsyntax.Scope
	for i := range cols {
		s.Columns = append(s.Columns, rowsyntax.Column{Name: cols[i].Name, Type: cols[i].Type, Nullable: !cols[i].Required})
	}
	return s
}

// Text returns a check's condition as text that stands by itself: as written,
// else, where it names variables of a project, with their values in place of
// them. It is false where that cannot be said.
func Text(k *contract.Check, scope rowsyntax.Scope) (string, bool) {
	if Compile(k.Source, scope) != nil {
		return k.Source, true
	}
	if k.Condition == nil {
		return k.Source, false
	}
	text := write(k.Condition, false)
	if again := Compile(text, scope); again == nil || plain(again) != plain(k.Condition) {
		return k.Source, false
	}
	return text, true
}

// plain writes a tree with every type and without places, to compare trees.
func plain(e *rowexpr.Expr) string {
	var b strings.Builder
	e.Walk(func(n *rowexpr.Expr) {
		b.WriteString(string(n.Op) + " " + n.Type.String() + " " + n.Func + " " + rowexpr.PathString(n.Path))
		if n.Lit != nil {
			b.WriteString(" " + lang.Quote(n.Lit.Text))
			if n.Lit.Null {
				b.WriteString(" null")
			}
		}
		b.WriteString("\n")
	})
	return b.String()
}

// write writes a tree as a row expression. inner puts parentheses around what
// binds less than an operand must.
func write(e *rowexpr.Expr, inner bool) string {
	paren := func(s string) string {
		if inner {
			return "(" + s + ")"
		}
		return s
	}
	switch e.Op {
	case rowexpr.OpLit:
		return literal(e)
	case rowexpr.OpRef:
		switch path := rowexpr.PathString(e.Path); {
		case path == "":
			return "value"
		case path[0] == '[':
			return "row" + path
		default:
			return "row." + path
		}
	case rowexpr.OpConvert:
		return write(e.Args[0], inner)
	case rowexpr.OpNot:
		return "!" + write(e.Args[0], true)
	case rowexpr.OpNeg:
		return paren("-" + write(e.Args[0], true))
	case rowexpr.OpIsNull:
		return paren(write(e.Args[0], true) + " == null")
	case rowexpr.OpNotNull:
		return paren(write(e.Args[0], true) + " != null")
	case rowexpr.OpIf:
		return paren(write(e.Args[0], true) + " ? " + write(e.Args[1], true) + " : " + write(e.Args[2], true))
	case rowexpr.OpConcat:
		return template(e)
	case rowexpr.OpCall:
		return call(e)
	}
	return paren(write(e.Args[0], true) + " " + string(e.Op) + " " + write(e.Args[1], true))
}

func literal(e *rowexpr.Expr) string {
	if e.Lit.Null {
		return "null"
	}
	return contracttext.Constant(e.Type, e.Lit.Text)
}

func template(e *rowexpr.Expr) string {
	var b strings.Builder
	for _, a := range e.Args {
		if a.Op == rowexpr.OpLit && a.Type.Kind == types.String && !a.Lit.Null {
			quoted := lang.Quote(a.Lit.Text)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteString("${" + write(a, false) + "}")
	}
	return `"` + b.String() + `"`
}

func call(e *rowexpr.Expr) string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = write(a, false)
	}
	list := strings.Join(args, ", ")
	switch e.Func {
	case "list":
		return "[" + list + "]"
	case "cast", "try_cast":
		return e.Func + "(" + list + ", " + e.Type.String() + ")"
	}
	return e.Func + "(" + list + ")"
}
