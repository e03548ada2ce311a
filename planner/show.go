package planner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
)

// show writes a part of a tree on one line, as the language would. A text of
// several lines is left as it is.
func show(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case leaf:
		return x.text
	case string:
		if strings.Contains(x, "\n") {
			return x
		}
		return quote(program.Lit(x))
	case bool:
		return strconv.FormatBool(x)
	case json.Number:
		return x.String()
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = show(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case keyed:
		parts := make([]string, len(x.order))
		for i, name := range x.order {
			parts[i] = fmt.Sprintf("%s %q %s", x.label, name, show(x.items[name]))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, k := range orderedMembers(x) {
			if !isEmpty(x[k]) {
				parts = append(parts, k+" = "+show(x[k]))
			}
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	default:
		return fmt.Sprint(x)
	}
}

// orderedMembers lists an object's members: its type first, the rest by name.
func orderedMembers(m map[string]any) []string {
	out := slices.Sorted(maps.Keys(m))
	if i := slices.Index(out, "type"); i > 0 {
		out = append([]string{"type"}, slices.Delete(out, i, i+1)...)
	}
	return out
}

// quote writes a text as a quoted template of the language, secrets by name.
func quote(t program.Text) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, p := range t {
		if p.Secret != "" || p.Var != "" {
			b.WriteString(program.Text{p}.String())
			continue
		}
		s := strconv.Quote(p.Lit)
		b.WriteString(strings.ReplaceAll(s[1:len(s)-1], "${", "$${"))
	}
	b.WriteByte('"')
	return b.String()
}

// isEmpty reports whether a value says nothing in a listing of a new object.
func isEmpty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case bool:
		return !x
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	case keyed:
		return len(x.order) == 0
	default:
		return false
	}
}

// infix are the operations that stand between two operands.
var infix = map[string]bool{
	"+": true, "-": true, "*": true, "/": true, "%": true, "==": true, "!=": true,
	"<": true, "<=": true, ">": true, ">=": true, "&&": true, "||": true,
}

// writeExpr writes the JSON of a rowexpr.Expr as text that tells apart what
// gives different results, whatever types it was compiled for.
func writeExpr(b *strings.Builder, v any) {
	e, ok := v.(map[string]any)
	if !ok {
		return
	}
	op, _ := e["op"].(string)
	args, _ := e["args"].([]any)
	switch {
	case op == "lit":
		writeLit(b, e)
	case op == "ref":
		writeRef(b, e["path"])
	case op == "convert" && len(args) == 1:
		writeExpr(b, args[0])
	case infix[op] && len(args) == 2:
		b.WriteByte('(')
		writeExpr(b, args[0])
		b.WriteString(" " + op + " ")
		writeExpr(b, args[1])
		b.WriteByte(')')
	default:
		if op == "call" {
			op, _ = e["func"].(string)
		}
		b.WriteString(op + "(")
		for i, a := range args {
			if i > 0 {
				b.WriteString(", ")
			}
			writeExpr(b, a)
		}
		b.WriteByte(')')
	}
}

func writeLit(b *strings.Builder, e map[string]any) {
	lit, _ := e["lit"].(map[string]any)
	if null, _ := lit["null"].(bool); null {
		b.WriteString("null")
		return
	}
	text, _ := lit["text"].(string)
	switch e["type"] {
	case "bool", "int32", "int64", "float64":
		b.WriteString(text)
	default:
		b.WriteString(strconv.Quote(text))
	}
}

func writeRef(b *strings.Builder, path any) {
	steps, _ := path.([]any)
	if len(steps) == 0 {
		b.WriteString("value")
		return
	}
	b.WriteString("row")
	for _, s := range steps {
		m, _ := s.(map[string]any)
		if isIdx, _ := m["is_index"].(bool); isIdx {
			n, _ := m["index"].(json.Number)
			if n == "" {
				n = "0"
			}
			b.WriteString("[" + n.String() + "]")
			continue
		}
		name, _ := m["name"].(string)
		b.WriteString("." + name)
	}
}
