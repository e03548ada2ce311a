package planner

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
)

// A tree is a node as a reader sees it: the node's JSON without places in source
// files and without what is worked out from something else that is shown.
// Objects are map[string]any, lists []any, keyed lists keyed, and everything
// else a leaf: leaf, string, json.Number, bool or nil.

// leaf is a value of the language that is shown without quotes: an address, a
// type, an expression.
type leaf struct {
	text string // as shown
	deep string // as compiled, where that can differ while the text stays the same
}

// keyed is a list whose elements are matched by name.
type keyed struct {
	label string // as in a path: column "x"
	order []string
	items map[string]any
}

// hidden members are places, or are worked out from others.
var hidden = map[string]bool{
	"range": true, "rules": true, "sql_range": true, "filter_range": true, "tables": true, "address": true, "streams": true, "property": true, "inner": true, "lineage": true,
}

// unwrapped members stand for the object around them.
var unwrapped = map[string]bool{"file": true, "singer": true, "duckdb": true}

// renamed members have another name in the language.
var renamed = map[string]string{"sql": "query"}

// bare members hold words of the language.
var bare = map[string]bool{"type": true, "contract": true, "from": true, "to": true, "destination": true, "depends_on": true}

// lists by name, with what an element is called.
var lists = map[string]string{"columns": "column", "checks": "check", "expects": "expect", "row_schema": "source column"}

// treeOf makes the tree of a node, nil for nil.
func treeOf(n *program.Node) map[string]any {
	if n == nil {
		return nil
	}
	raw, _ := program.Plain(n).(map[string]any) // a struct is an object
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		payload, ok := raw[key].(map[string]any)
		if !ok || hidden[key] {
			continue
		}
		for k, v := range object(payload) {
			out[k] = v
		}
	}
	for _, told := range []string{"name", "version"} { // the address tells them
		if n.Contract != nil || n.Model != nil || n.Environment != nil {
			delete(out, told)
		}
	}
	var needs []any
	for _, d := range n.DependsOn {
		if n.Pipeline == nil || d.Base() != n.Address { // a pipeline's own streams show themselves
			needs = append(needs, leaf{text: d.String()})
		}
	}
	if len(needs) > 0 {
		out["depends_on"] = needs
	}
	return out
}

// object makes an object of the tree from one of JSON.
func object(in map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range in {
		switch {
		case hidden[k]:
		case unwrapped[k]:
			if inner, ok := v.(map[string]any); ok {
				maps.Copy(out, object(inner))
			}
		case k == "config":
			out[k] = configValue(v)
		case k == "extensions":
			out[k] = extensions(v)
		case k == "env" || k == "variables":
			out[k] = userNamed(v)
		case k == "source" && (in["condition"] != nil || in["value"] != nil):
		case k == "condition" || k == "value":
			out[k] = expression(v, in["source"])
		case k == "filter":
			out[k] = expression(v, in["filter_source"])
		case k == "filter_source":
		case k == "schema" && isSchema(v):
			schemaFile(out, v.(map[string]any))
		default:
			name := k
			if r, ok := renamed[k]; ok {
				name = r
			}
			out[name] = value(k, v)
		}
	}
	return out
}

// isSchema tells a contract's JSON Schema from a stream's schema, a name.
func isSchema(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// schemaFile adds a contract's JSON Schema, each of its documents by its text.
func schemaFile(out, schema map[string]any) {
	out["schema_file"], out["schema_draft"], out[schemaText] = schema["file"], schema["draft"], schema["text"]
	out["beyond_columns"] = schema["residue"]
	docs := map[string]any{}
	refs, _ := schema["refs"].([]any)
	for _, r := range refs {
		if m, ok := r.(map[string]any); ok {
			if file, ok := m["file"].(string); ok {
				docs[file] = m["text"]
			}
		}
	}
	if len(docs) > 0 {
		out[schemaRefs] = docs
	}
}

// schemaText and schemaRefs hold the texts of schemas, which are shown where
// they change.
const schemaText, schemaRefs = "schema_text", "schema_refs"

// expression shows a row expression by its text and compares it by its tree.
func expression(tree, source any) any {
	text, _ := source.(string)
	var b strings.Builder
	writeExpr(&b, tree)
	if text == "" {
		text = b.String()
	}
	return leaf{text: text, deep: b.String()}
}

// value makes a part of the tree from the JSON of the member name.
func value(name string, v any) any {
	switch x := v.(type) {
	case map[string]any:
		if name == "references" {
			target, _ := x["target"].(string)
			column, _ := x["column"].(string)
			return leaf{text: target + ".column." + column}
		}
		return object(x)
	case []any:
		if label, ok := lists[name]; ok && allNamed(x) {
			return keyedList(label, x)
		}
		if isText(x) {
			return leaf{text: textOf(x)}
		}
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = value(name, e)
		}
		return out
	case string:
		if bare[name] {
			return leaf{text: x}
		}
		return x
	default:
		return v
	}
}

func allNamed(list []any) bool {
	return !slices.ContainsFunc(list, func(e any) bool {
		m, ok := e.(map[string]any)
		_, named := m["name"].(string)
		return !ok || !named
	})
}

func keyedList(label string, list []any) keyed {
	k := keyed{label: label, items: map[string]any{}}
	for _, e := range list {
		m := e.(map[string]any)
		name := m["name"].(string)
		item := object(m)
		delete(item, "name")
		unquoteNumbers(item)
		if _, twice := k.items[name]; !twice {
			k.order = append(k.order, name)
		}
		k.items[name] = item
	}
	return k
}

// unquoteNumbers shows the bounds of a column of numbers without quotes.
func unquoteNumbers(column map[string]any) {
	typ, _ := column["type"].(leaf)
	t, err := types.Parse(typ.text)
	if err != nil || !t.IsNumeric() {
		return
	}
	for _, k := range []string{"min", "max", "default"} {
		if text, ok := column[k].(string); ok {
			column[k] = leaf{text: text}
		}
	}
}

// isText reports whether a list is a program.Text with references.
func isText(list []any) bool {
	if len(list) == 0 {
		return false
	}
	return !slices.ContainsFunc(list, func(e any) bool {
		m, ok := e.(map[string]any)
		return !ok || len(m) != 1 || (m["lit"] == nil && m["secret"] == nil && m["var"] == nil)
	})
}

// textOf shows a program.Text, secrets by name.
func textOf(list []any) string {
	var t program.Text
	for _, e := range list {
		m := e.(map[string]any)
		str := func(k string) string { s, _ := m[k].(string); return s }
		t = append(t, program.Part{Lit: str("lit"), Secret: str("secret"), Var: str("var")})
	}
	if len(t) == 1 && t[0].Lit == "" {
		return strings.TrimSuffix(strings.TrimPrefix(t.String(), "${"), "}")
	}
	return quote(t)
}

// shownExtension is how much of an extension's value a change shows, in bytes.
const shownExtension = 60

// extensions makes an object of standards, each an object of leaves: what is kept
// for other standards is compared member by member and shown in brief.
func extensions(v any) any {
	standards, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for name, said := range standards {
		members, ok := said.(map[string]any)
		if !ok {
			out[name] = kept(said)
			continue
		}
		short := map[string]any{}
		for k, e := range members {
			short[k] = kept(e)
		}
		out[name] = short
	}
	return out
}

func kept(v any) leaf {
	b, err := json.Marshal(v)
	if err != nil {
		return leaf{text: err.Error()}
	}
	text := string(b)
	if len(text) > shownExtension {
		text = strings.ToValidUTF8(text[:shownExtension], "") + "... (" + strconv.Itoa(len(b)) + " bytes)"
	}
	return leaf{text: text, deep: string(b)}
}

// userNamed makes an object whose members a user named from one of JSON.
func userNamed(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for k, e := range m {
		out[k] = value("", e)
	}
	return out
}

// configValue makes a part of the tree from the JSON of a program.Value.
func configValue(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for kind, inner := range m {
		switch x := inner.(type) {
		case map[string]any: // map
			out := map[string]any{}
			for k, e := range x {
				out[k] = configValue(e)
			}
			return out
		case []any:
			if kind == "text" {
				return leaf{text: textOf(x)}
			}
			out := make([]any, len(x))
			for i, e := range x {
				out[i] = configValue(e)
			}
			return out
		case string:
			if kind == "num" {
				return json.Number(x)
			}
			return x
		default:
			return inner
		}
	}
	return nil
}
