package jsonschema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// Export writes a contract as a JSON Schema of draft 2020-12, indented, with a
// line feed at the end. It takes the documents that the contract takes, each
// value in JSON's own type; what JSON Schema cannot say stands in annotations
// that begin with x-headgate, and a warning names it. A contract whose columns all
// come from a JSON Schema is that schema, as it is written.
func Export(c *contract.Contract) ([]byte, diag.Diagnostics) {
	e := &exporter{c: c, strict: c.UnknownColumns == contract.UnknownFail || c.UnknownColumns == contract.UnknownQuarantine}
	if c.Schema != nil && !slices.ContainsFunc(c.Columns, func(col contract.Column) bool { return col.Property == "" }) {
		return []byte(c.Schema.Text), nil
	}
	b, err := indent(e.root())
	if err != nil {
		return nil, diag.Diagnostics{diag.Bug("jsonschema.Export", "%v", err)}
	}
	return b, e.diags.Sorted()
}

func indent(n *Node) ([]byte, error) {
	var b bytes.Buffer
	if err := json.Indent(&b, appendPlain(nil, n), "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// The makers of nodes.
func text(s string) *Node            { return &Node{Kind: String, Text: s} }
func raw(s string) *Node             { return &Node{Kind: Number, Text: s} }
func number(i int) *Node             { return raw(itoa(i)) }
func boolean(b bool) *Node           { return &Node{Kind: Bool, Text: fmt.Sprint(b)} }
func array(elems ...*Node) *Node     { return &Node{Kind: Array, Elems: elems} }
func object(members ...Member) *Node { return &Node{Kind: Object, Members: members} }

// set adds a member.
func (n *Node) set(name string, v *Node) *Node {
	n.Members = append(n.Members, Member{Name: name, Value: v})
	return n
}

func texts(list []string) *Node {
	out := array()
	for _, s := range list {
		out.Elems = append(out.Elems, text(s))
	}
	return out
}

type exporter struct {
	c      *contract.Contract
	strict bool
	diags  diag.Diagnostics
}

// cannot warns of a promise that stands in an annotation alone.
func (e *exporter) cannot(at diag.Range, format string, args ...any) {
	d := diag.New(diag.SchemaExport, format, args...).At(at)
	d.Severity = diag.Warning
	e.diags.Add(d)
}

func (e *exporter) root() *Node {
	c := e.c
	out := object().set("$schema", text("https://json-schema.org/draft/2020-12/schema")).set("title", text(c.Name))
	if c.Description != "" {
		out.set("description", text(c.Description))
	}
	out.set("x-headgate-version", number(c.Version))
	if c.Owner != "" {
		out.set("x-headgate-owner", text(c.Owner))
	}
	if c.DeprecatedAfter != "" {
		out.set("x-headgate-deprecated-after", text(c.DeprecatedAfter))
	}
	out.set("type", text("object"))
	props := object()
	var required []string
	for i := range c.Columns {
		col := &c.Columns[i]
		props.set(col.Name, e.column(col))
		if (col.Required || slices.Contains(c.Key, col.Name) || col.Present) && col.Default == nil {
			required = append(required, col.Name)
		}
	}
	out.set("properties", props)
	if len(required) > 0 {
		out.set("required", texts(required))
	}
	if e.strict {
		out.set("additionalProperties", boolean(false))
	}
	e.residue(out)
	if len(c.Key) > 0 {
		out.set("x-headgate-key", texts(c.Key))
		e.cannot(c.Range, "The key (%s) says that no two records are alike in it, which JSON Schema, being about one record, cannot say.", join(c.Key))
	}
	if len(c.Checks) > 0 {
		out.set("x-headgate-checks", e.checks(c.Checks))
	}
	e.promises(out)
	out.set("x-headgate-coerce", text(string(c.Coerce))).set("x-headgate-unknown-columns", text(string(c.UnknownColumns))).
		set("x-headgate-on-violation", text(string(c.OnViolation)))
	return out
}

// residue embeds the schema that the contract came from, for what its columns do
// not say.
func (e *exporter) residue(out *Node) {
	s := e.c.Schema
	if s == nil || len(s.Residue) == 0 {
		return
	}
	root, d := Read(s.File, []byte(s.Text))
	if d != nil || s.Draft != "2020-12" || len(s.Refs) > 0 {
		e.cannot(e.c.Range, "%s is written in draft %s or spread over several files, and holds what columns cannot say (%s). The export has its columns alone.", s.File, s.Draft, join(s.Residue))
		return
	}
	part := object()
	if root.Get("$id") == nil {
		part.set("$id", text("urn:headgate:"+e.c.Name))
	}
	part.Members = append(part.Members, slices.DeleteFunc(slices.Clone(root.Members), func(m Member) bool { return m.Name == "$schema" })...)
	out.set("allOf", array(part))
}

func (e *exporter) checks(checks []contract.Check) *Node {
	out := array()
	for _, k := range checks {
		n := object().set("name", text(k.Name)).set("condition", text(k.Source))
		if k.Message != "" {
			n.set("message", text(k.Message))
		}
		n.set("severity", text(string(k.Severity)))
		out.Elems = append(out.Elems, n)
		if k.Severity == contract.SeverityError {
			e.cannot(k.Range, "The check %s (%s) is an expression.", k.Name, k.Source)
		}
	}
	return out
}

// column writes a column's schema.
func (e *exporter) column(col *contract.Column) *Node {
	null := !col.Required && !col.NoNull && !slices.Contains(e.c.Key, col.Name)
	if col.Present {
		null = true
	}
	out := e.value(col.Type, null, col.Inner)
	if col.Description != "" {
		out.Members = slices.Insert(out.Members, 0, Member{Name: "description", Value: text(col.Description)})
	}
	e.bounds(out, col)
	e.lengths(out, col)
	if col.Pattern != "" {
		if p, err := ECMA(col.Pattern); err == nil {
			out.set("pattern", text(p))
		} else {
			out.set("x-headgate-pattern", text(col.Pattern))
			e.cannot(col.Rules[contract.RulePattern], "The pattern of %s: %v.", col.Name, err)
		}
	}
	if len(col.Enum) > 0 {
		e.enum(out, col, null)
	}
	if col.Format != "" {
		out.set("format", text(col.Format))
	}
	if col.Default != nil {
		if v := e.constant(col.Type, *col.Default); v != nil {
			out.set("default", v)
		}
	}
	if col.Unique {
		out.set("x-headgate-unique", boolean(true))
		e.cannot(col.Rules[contract.RuleUnique], "%s is unique over all records, which JSON Schema, being about one record, cannot say.", col.Name)
	}
	e.references(out, col)
	if len(col.Tags) > 0 {
		out.set("x-headgate-tags", texts(col.Tags))
	}
	if kept := e.exclusive(out, col); len(kept) > 0 {
		out.set("x-headgate-checks", e.checks(kept))
	}
	return out
}

// exclusive writes the checks that an import made of exclusive bounds as such
// again, and returns the others.
func (e *exporter) exclusive(out *Node, col *contract.Column) []contract.Check {
	var kept []contract.Check
	for _, k := range col.Checks {
		var at string
		if n, _ := fmt.Sscanf(k.Source, "value > %s", &at); n == 1 && k.Name == "exclusiveMinimum" && col.Type.Kind == types.Float64 {
			out.set(k.Name, raw(at))
		} else if n, _ := fmt.Sscanf(k.Source, "value < %s", &at); n == 1 && k.Name == "exclusiveMaximum" && col.Type.Kind == types.Float64 {
			out.set(k.Name, raw(at))
		} else {
			kept = append(kept, k)
		}
	}
	return kept
}

// value writes the schema of a type, with what is said of its parts.
func (e *exporter) value(t types.Type, null bool, in *contract.Inner) *Node {
	out := object()
	kind := func(name string) {
		if null {
			out.set("type", array(text(name), text("null")))
			return
		}
		out.set("type", text(name))
	}
	switch t.Kind {
	case types.Bool:
		kind("boolean")
	case types.Int32, types.Int64:
		kind("integer")
	case types.Float64:
		kind("number")
	case types.Decimal:
		kind("number")
		out.set("multipleOf", raw(power(-t.Scale).FloatString(t.Scale)))
	case types.Date:
		kind("string")
		out.set("format", text("date"))
	case types.Time:
		kind("string")
		out.set("pattern", text(`^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$`))
	case types.Timestamp:
		kind("string")
		out.set("pattern", text(`^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$`))
	case types.TimestampTZ:
		kind("string")
		out.set("format", text("date-time"))
	case types.UUID:
		kind("string")
		out.set("format", text("uuid"))
	case types.Bytes:
		kind("string")
		out.set("contentEncoding", text("base64"))
	case types.List, types.Map, types.Struct:
		e.nested(out, t, kind, in)
	case types.JSON:
		if !null {
			out.set("not", object().set("type", text("null")))
		}
	default:
		kind("string")
	}
	return out
}

// nested writes the schema of a list, map or struct.
func (e *exporter) nested(out *Node, t types.Type, kind func(string), in *contract.Inner) {
	if in == nil {
		in = &contract.Inner{}
	}
	switch t.Kind {
	case types.List, types.Map:
		name, keyword := "array", "items"
		if t.Kind == types.Map {
			name, keyword = "object", "additionalProperties"
		}
		kind(name)
		out.set(keyword, e.value(*t.Elem, in.Elem == nil || !in.Elem.NoNull, in.Elem))
	case types.Struct:
		kind("object")
		props := object()
		var required []string
		for i, f := range t.Fields {
			part := &contract.Inner{}
			if i < len(in.Fields) {
				part = &in.Fields[i]
			}
			props.set(f.Name, e.value(f.Type, !part.NoNull, part))
			if part.Present {
				required = append(required, f.Name)
			}
		}
		out.set("properties", props)
		if len(required) > 0 {
			out.set("required", texts(required))
		}
		if e.strict || in.Closed {
			out.set("additionalProperties", boolean(false))
		}
	}
}

// bounds writes min and max, and the ends of the type where they are nearer.
func (e *exporter) bounds(out *Node, col *contract.Column) {
	low, high := ends(col.Type)
	if col.Min != nil {
		low = *col.Min
	}
	if col.Max != nil {
		high = *col.Max
	}
	if col.Type.IsNumeric() {
		if low != "" {
			out.set("minimum", raw(low))
		}
		if high != "" {
			out.set("maximum", raw(high))
		}
		return
	}
	for _, l := range []struct {
		name string
		at   *string
	}{{"min", col.Min}, {"max", col.Max}} {
		if l.at != nil {
			out.set("x-headgate-"+l.name, text(*l.at))
			e.cannot(col.Rules[l.name], "%s has the %s %s, and JSON Schema compares numbers alone.", col.Name, l.name, *l.at)
		}
	}
}

// ends are the least and greatest values of a numeric type; "" for none.
func ends(t types.Type) (low, high string) {
	switch t.Kind {
	case types.Int32:
		return "-2147483648", "2147483647"
	case types.Int64:
		return "-9223372036854775808", "9223372036854775807"
	case types.Decimal:
		digits := bytes.Repeat([]byte("9"), t.Precision)
		high = string(digits[:t.Precision-t.Scale])
		if high == "" {
			high = "0"
		}
		if t.Scale > 0 {
			high += "." + string(digits[:t.Scale])
		}
		return "-" + high, high
	}
	return "", ""
}

func (e *exporter) lengths(out *Node, col *contract.Column) {
	low, high := "minLength", "maxLength"
	switch col.Type.Kind {
	case types.List:
		low, high = "minItems", "maxItems"
	case types.Bytes:
		low, high = "x-headgate-min-length", "x-headgate-max-length"
		if col.MinLength != nil || col.MaxLength != nil {
			e.cannot(col.Range, "The length of %s is counted in bytes, and JSON Schema counts the characters of base64.", col.Name)
		}
	}
	if col.MinLength != nil {
		out.set(low, number(*col.MinLength))
	}
	if col.MaxLength != nil {
		out.set(high, number(*col.MaxLength))
	}
}

func (e *exporter) enum(out *Node, col *contract.Column, null bool) {
	list := array()
	for _, s := range col.Enum {
		if v := e.constant(col.Type, s); v != nil {
			list.Elems = append(list.Elems, v)
		}
	}
	if null {
		list.Elems = append(list.Elems, &Node{Kind: Null, Text: "null"})
	}
	out.set("enum", list)
}

// constant writes a constant of a column as a value.
func (e *exporter) constant(t types.Type, s string) *Node {
	switch {
	case t.Kind == types.Bool:
		return boolean(s == "true")
	case t.IsNumeric():
		return raw(s)
	case t.IsNested() || t.Kind == types.JSON:
		n, d := Read("", []byte(s))
		if d != nil {
			return nil
		}
		return n
	default:
		return text(s)
	}
}

func join(list []string) string {
	var b bytes.Buffer
	for i, s := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(orWhole(s))
	}
	return b.String()
}
