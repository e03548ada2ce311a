package contracttext

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang"
)

// attr is one attribute: its name and its expression as text, "" where it is not
// set. otherwise is the text of its default, which is written only where all is.
type attr[T any] struct {
	name      string
	text      func(*T) string
	otherwise string
}

// Attr is one attribute that is set: its name and its expression as text.
type Attr struct{ Name, Text string }

// ColumnAttrs returns the attributes that are set on a column, in the order in
// which they are written.
func ColumnAttrs(c *contract.Column) []Attr { return set(columnAttrs, c) }

// VersionAttrs returns the attributes that are set on a version, in the order in
// which they are written.
func VersionAttrs(c *contract.Contract) []Attr {
	return append(set(versionAttrs, c), set(versionTail, c)...)
}

func set[T any](table []attr[T], of *T) []Attr {
	var out []Attr
	for _, a := range table {
		if text := a.text(of); text != "" && text != a.otherwise {
			out = append(out, Attr{a.name, text})
		}
	}
	return out
}

// The attributes of a contract block itself.
var contractAttrs = []attr[contract.Contract]{
	{name: "description", text: func(c *contract.Contract) string { return text(c.Description) }},
	{name: "owner", text: func(c *contract.Contract) string { return text(c.Owner) }},
	{name: "compatibility", text: func(c *contract.Contract) string { return text(c.Compatibility) }, otherwise: `"auto"`},
}

// The attributes of a version that stand above its columns.
var versionAttrs = []attr[contract.Contract]{
	{name: "deprecated_after", text: func(c *contract.Contract) string { return text(c.DeprecatedAfter) }},
	{name: "key", text: func(c *contract.Contract) string { return texts(c.Key) }},
	{name: "reserved", text: func(c *contract.Contract) string { return texts(c.Reserved) }},
}

// The attributes of a version that stand below its columns.
var versionTail = []attr[contract.Contract]{
	{name: "on_violation", text: func(c *contract.Contract) string { return text(string(c.OnViolation)) }, otherwise: `"quarantine"`},
	{name: "unknown_columns", text: func(c *contract.Contract) string { return text(string(c.UnknownColumns)) }, otherwise: `"drop"`},
	{name: "coerce", text: func(c *contract.Contract) string { return text(string(c.Coerce)) }, otherwise: `"lossless"`},
	{name: "tolerance", text: func(c *contract.Contract) string { return text(c.Tolerance) }},
	{name: "set_violations", text: func(c *contract.Contract) string { return text(string(c.SetViolations)) }},
	{name: "quarantine_raw", text: func(c *contract.Contract) string { return text(c.QuarantineRaw) }},
	{name: "extensions", text: func(c *contract.Contract) string { return Object(c.Extensions) }},
}

// The blocks of a version other than columns and checks. Each writes nothing
// where there is nothing to write, and sets w.gap before what it writes.
var versionBlocks = []func(w *writer, c *contract.Contract){
	func(w *writer, c *contract.Contract) {
		for i := range c.Expects {
			blockOf(w, expectAttrs, &c.Expects[i], "expect", c.Expects[i].Name)
		}
	},
	func(w *writer, c *contract.Contract) { blockOf(w, rowsAttrs, c.Rows, "rows") },
	func(w *writer, c *contract.Contract) { blockOf(w, freshnessAttrs, c.Freshness, "freshness") },
}

// blockOf writes a block of attributes, nothing for nil.
func blockOf[T any](w *writer, table []attr[T], of *T, typ string, labels ...string) {
	if of == nil {
		return
	}
	w.gap = w.gap || w.written
	w.open(typ, labels...)
	group(w, table, of)
	w.close()
}

var expectAttrs = []attr[contract.Expect]{
	{name: "query", text: func(e *contract.Expect) string { return text(e.Query) }},
	{name: "message", text: func(e *contract.Expect) string { return text(e.Message) }},
	{name: "severity", text: func(e *contract.Expect) string { return text(string(e.Severity)) }, otherwise: `"error"`},
}

var rowsAttrs = []attr[contract.Rows]{
	{name: "min", text: func(r *contract.Rows) string { return count(r.Min) }},
	{name: "max", text: func(r *contract.Rows) string { return count(r.Max) }},
	{name: "severity", text: func(r *contract.Rows) string { return text(string(r.Severity)) }, otherwise: `"error"`},
}

var freshnessAttrs = []attr[contract.Freshness]{
	{name: "column", text: func(f *contract.Freshness) string { return text(f.Column) }},
	{name: "max_age", text: func(f *contract.Freshness) string { return text(f.Age()) }},
	{name: "severity", text: func(f *contract.Freshness) string { return text(string(f.Severity)) }, otherwise: `"error"`},
}

var columnAttrs = []attr[contract.Column]{
	{name: "type", text: func(c *contract.Column) string { return Type(c.Type) }},
	{name: "required", text: func(c *contract.Column) string { return flag(c.Required) }, otherwise: "false"},
	{name: "description", text: func(c *contract.Column) string { return text(c.Description) }},
	{name: "min", text: func(c *contract.Column) string { return constant(c.Type, c.Min) }},
	{name: "max", text: func(c *contract.Column) string { return constant(c.Type, c.Max) }},
	{name: "min_length", text: func(c *contract.Column) string { return count(c.MinLength) }},
	{name: "max_length", text: func(c *contract.Column) string { return count(c.MaxLength) }},
	{name: "pattern", text: func(c *contract.Column) string { return text(c.Pattern) }},
	{name: "format", text: func(c *contract.Column) string { return text(c.Format) }},
	{name: "enum", text: enum},
	{name: "unique", text: func(c *contract.Column) string { return flag(c.Unique) }},
	{name: "references", text: func(c *contract.Column) string { return reference(c.References) }},
	{name: "default", text: func(c *contract.Column) string { return constant(c.Type, c.Default) }},
	{name: "tags", text: func(c *contract.Column) string { return texts(c.Tags) }},
	{name: "extensions", text: func(c *contract.Column) string { return Object(c.Extensions) }},
}

var checkAttrs = []attr[contract.Check]{
	{name: "condition", text: condition},
	{name: "message", text: func(k *contract.Check) string { return text(k.Message) }},
	{name: "severity", text: func(k *contract.Check) string { return text(string(k.Severity)) }, otherwise: `"error"`},
}

func text(s string) string {
	if s == "" {
		return ""
	}
	return lang.Quote(s)
}

func texts(list []string) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = lang.Quote(s)
	}
	return List(parts)
}

func flag(b bool) string {
	if !b {
		return ""
	}
	return "true"
}

func number(n int) string { return strconv.Itoa(n) }

func count[N int | int64](n *N) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(int64(*n), 10)
}

// reference is a column of another table; a name that is no identifier stands in
// brackets.
func reference(r *contract.Reference) string {
	switch {
	case r == nil:
		return ""
	case !hclsyntax.ValidIdentifier(r.Column):
		return r.Target.String() + ".column[" + lang.Quote(r.Column) + "]"
	default:
		return r.String()
	}
}

func constant(t types.Type, v *string) string {
	if v == nil {
		return ""
	}
	return Constant(t, *v)
}

func enum(c *contract.Column) string {
	parts := make([]string, len(c.Enum))
	for i, v := range c.Enum {
		parts[i] = Constant(c.Type, v)
	}
	return List(parts)
}

// condition is a check's condition as written. In a JSON file it is the inside of a
// string, in which a line may end anywhere.
func condition(k *contract.Check) string {
	source := strings.TrimSpace(k.Source)
	var inner string
	if !strings.HasSuffix(k.Range.Filename, ".json") || json.Unmarshal([]byte(`"`+source+`"`), &inner) != nil {
		return source
	}
	if inner = strings.TrimSpace(inner); strings.ContainsAny(inner, "\r\n") {
		return "(\n" + inner + "\n)"
	}
	return inner
}

// ColumnAttrNames returns the attributes of a column in the order in which they
// are written.
func ColumnAttrNames() []string {
	var out []string
	for _, a := range columnAttrs {
		out = append(out, a.name)
	}
	return out
}
