package planner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/internal/parallel"
	"github.com/headgate-data/headgate/planner/plan"
)

// same reports whether two nodes are equal but for the places in source files
// and what is worked out from other nodes.
func same(old, now *program.Node) bool {
	a, errA := json.Marshal(old.WithoutLineage())
	b, errB := json.Marshal(now.WithoutLineage())
	if errA == nil && errB == nil && bytes.Equal(a, b) {
		return true
	}
	return program.Fingerprint(withoutDerived(old)) == program.Fingerprint(withoutDerived(now))
}

// withoutDerived returns the node without what other nodes say as well: a
// pipeline's list of its streams.
func withoutDerived(n *program.Node) *program.Node {
	if n.Pipeline == nil {
		return n
	}
	out, p := *n, *n.Pipeline
	p.Streams = nil
	out.Pipeline = &p
	out.DependsOn = nil
	for _, d := range n.DependsOn {
		if d.Base() != n.Address {
			out.DependsOn = append(out.DependsOn, d)
		}
	}
	return &out
}

// diff lists what differs between two nodes, for display. old is nil for a new
// node: then every attribute that says something is listed.
func diff(old, now *program.Node) []plan.Change {
	before, after := treeOf(old), treeOf(now)
	var out []plan.Change
	if old == nil {
		before = map[string]any{}
		delete(after, schemaText)
		delete(after, schemaRefs)
	}
	diffObjects(&out, "", before, after)
	rest := slices.DeleteFunc(slices.Clone(out), func(c plan.Change) bool { return c.Path == "depends_on" })
	if len(rest) > 0 {
		// What else changed is why the dependencies did.
		return rest
	}
	return out
}

// diffColumns lists what differs between two lists of columns.
func diffColumns(old, now any) []plan.Change {
	var out []plan.Change
	diffValues(&out, "columns", old, now)
	return out
}

func diffObjects(out *[]plan.Change, at string, old, now map[string]any) {
	all := map[string]any{}
	maps.Copy(all, old)
	maps.Copy(all, now)
	for _, k := range orderedMembers(all) {
		path := k
		if at != "" {
			path = at + "." + k
		}
		diffValues(out, path, old[k], now[k])
	}
}

// diffValues compares two values of the member path; nil is none.
func diffValues(out *[]plan.Change, path string, old, now any) {
	switch x := now.(type) {
	case map[string]any:
		if y, ok := old.(map[string]any); ok || old == nil {
			diffObjects(out, path, y, x)
			return
		}
	case keyed:
		if y, ok := old.(keyed); ok || old == nil {
			diffKeyed(out, path, y, x)
			return
		}
	case nil:
		if y, ok := old.(map[string]any); ok {
			diffObjects(out, path, y, nil)
			return
		}
		if y, ok := old.(keyed); ok {
			diffKeyed(out, path, y, keyed{label: y.label})
			return
		}
	}
	diffLeaves(out, path, old, now)
}

func diffLeaves(out *[]plan.Change, path string, old, now any) {
	if (isEmpty(old) && isEmpty(now)) || deepShow(old) == deepShow(now) {
		return
	}
	c := plan.Change{Path: path, Action: plan.Update}
	before, after := show(old), show(now)
	if before == after {
		before, after = deepShow(old), deepShow(now)
	}
	c.Old, c.New = &before, &after
	if old == nil {
		c.Action, c.Old = plan.Create, nil
	}
	if was, isBool := old.(bool); isBool && was && now == nil {
		after = "false"
	} else if now == nil {
		c.Action, c.New = plan.Destroy, nil
	}
	*out = append(*out, c)
}

// deepShow shows an expression as compiled, everything else as show does.
func deepShow(v any) string {
	if l, ok := v.(leaf); ok && l.deep != "" {
		return l.deep
	}
	return show(v)
}

func diffKeyed(out *[]plan.Change, path string, old, now keyed) {
	label := now.label
	if parent, _, found := cutLast(path); found {
		label = parent + "." + label
	}
	for _, name := range now.order {
		at := fmt.Sprintf("%s %q", label, name)
		was, ok := old.items[name]
		if !ok {
			text := show(now.items[name])
			*out = append(*out, plan.Change{Path: at, Action: plan.Create, New: &text})
			continue
		}
		diffValues(out, at, was, now.items[name])
	}
	for _, name := range old.order {
		if _, ok := now.items[name]; !ok {
			text := show(old.items[name])
			*out = append(*out, plan.Change{Path: fmt.Sprintf("%s %q", label, name), Action: plan.Destroy, Old: &text})
		}
	}
	if !slices.Equal(common(old, now), common(now, old)) {
		before, after := show(stringList(old.order)), show(stringList(now.order))
		*out = append(*out, plan.Change{Path: path, Action: plan.Update, Old: &before, New: &after})
	}
}

// common are the names of a that b has too, in a's order.
func common(a, b keyed) []string {
	var out []string
	for _, name := range a.order {
		if _, ok := b.items[name]; ok {
			out = append(out, name)
		}
	}
	return out
}

func stringList(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}

// cutLast splits a path before its last member.
func cutLast(path string) (parent, last string, found bool) {
	inQuotes := false
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '"' {
			inQuotes = !inQuotes
		}
		if path[i] == '.' && !inQuotes {
			return path[:i], path[i+1:], true
		}
	}
	return "", path, false
}

// comparison is how a node's definition stands to the one that was last applied.
type comparison struct {
	old     *program.Node // nil: it is new
	same    bool
	changes []plan.Change // nil where same
}

// compareAll compares every selected node with what the state has, on every core:
// that is most of the work of a plan, and no node's comparison needs another's.
func (b *builder) compareAll() {
	nodes := b.program.Nodes
	found := make([]*comparison, len(nodes))
	parallel.Each(len(nodes), func(i int) {
		n := nodes[i]
		if !b.selection.has(n.Address) {
			return
		}
		c := &comparison{old: b.wasNode(n.Address)}
		if c.same = c.old != nil && same(c.old, n); !c.same {
			c.changes = diff(c.old, n)
		}
		found[i] = c
	})
	b.compared = make(map[*program.Node]*comparison, len(nodes))
	for i, c := range found {
		if c != nil {
			b.compared[nodes[i]] = c
		}
	}
}

// same reports whether n is as old was, see the function same.
func (b *builder) same(old, n *program.Node) bool {
	if c := b.compared[n]; c != nil && c.old == old {
		return c.same
	}
	return same(old, n)
}

// diff lists what differs between old, nil for none, and n. Where only the effects
// of a plan are asked for, nobody reads it, and it is nil.
func (b *builder) diff(old, n *program.Node) []plan.Change {
	if b.effectsOnly {
		return nil
	}
	if c := b.compared[n]; c != nil && c.old == old && !c.same {
		return c.changes
	}
	return diff(old, n)
}

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
