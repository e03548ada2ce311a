package planner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/headgate-data/headgate/compiler/program"
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
