package compiler

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// body reads a block's attributes for one instance. A null attribute counts as
// one that is not there. Faults go into the compiler's diagnostics; the second
// result of a reader is false where there is no value, or no usable one.
type body struct {
	c    *compiler
	b    *lang.Block
	each *config.Each
}

func (c *compiler) body(b *lang.Block, each *config.Each) body { return body{c, b, each} }

// in returns the reader of a nested block.
func (b body) in(nested *lang.Block) body { return body{b.c, nested, b.each} }

// has reports whether the attribute is written.
func (b body) has(name string) bool { return b.b.Attr(name) != nil }

// at returns where an attribute's value is written, or the block's header.
func (b body) at(name string) diag.Range {
	if a := b.b.Attr(name); a != nil {
		return a.ExprRange
	}
	return b.b.Range
}

// raw evaluates an attribute.
func (b body) raw(name string) (cty.Value, bool) {
	a := b.b.Attr(name)
	if a == nil {
		return cty.NilVal, false
	}
	v, diags := b.c.eval.Eval(a.Expr, b.each)
	b.c.diags = append(b.c.diags, diags...)
	if diags.HasErrors() {
		return v, false
	}
	if a.Spec != nil && a.Spec.Required && v.IsNull() {
		b.c.add(diag.New(diag.MissingAttribute, "%s is null, and it is needed.", name).At(a.ExprRange))
		return v, false
	}
	return v, true
}

// as evaluates an attribute and converts it to the type that it takes.
func (b body) as(name string, want cty.Type) (cty.Value, bool) {
	v, ok := b.raw(name)
	if !ok {
		return cty.NilVal, false
	}
	v, diags := config.Convert(v, want, b.at(name))
	b.c.diags = append(b.c.diags, diags...)
	return v, !diags.HasErrors() && !v.IsNull()
}

// str reads a string, which must be one of the attribute's words where it has such.
func (b body) str(name string) (string, bool) {
	v, ok := b.as(name, cty.String)
	if !ok {
		return "", false
	}
	s := v.AsString()
	if spec := b.b.Attr(name).Spec; spec != nil && len(spec.Enum) > 0 && !slices.Contains(spec.Enum, s) {
		b.c.add(diag.New(diag.NotAllowedValue, "%s is %q.%s It takes %s.", name, s, diag.DidYouMean(s, spec.Enum), list(spec.Enum)).At(b.at(name)))
		return "", false
	}
	return s, true
}

// strOr reads a string with a default.
func (b body) strOr(name, otherwise string) string {
	if s, ok := b.str(name); ok {
		return s
	}
	return otherwise
}

// boolean reads a bool, otherwise where there is none.
func (b body) boolean(name string, otherwise bool) bool {
	if v, ok := b.as(name, cty.Bool); ok {
		return v.True()
	}
	return otherwise
}

// whole reads a whole number of at least least.
func (b body) whole(name string, least int64) (int64, bool) {
	v, ok := b.as(name, cty.Number)
	if !ok {
		return 0, false
	}
	f := v.AsBigFloat()
	n, exact := f.Int64()
	if exact != 0 || n < least {
		b.c.add(diag.New(diag.NotAllowedValue, "%s is %s; it takes a whole number of at least %d.", name, config.Number(f), least).At(b.at(name)))
		return 0, false
	}
	return n, true
}

// strings reads a list of strings.
func (b body) strings(name string) []string {
	v, ok := b.raw(name)
	if !ok {
		return nil
	}
	out, diags := config.Strings(v, b.at(name))
	b.c.diags = append(b.c.diags, diags...)
	return out
}

// text reads a string that may hold secrets.
func (b body) text(name string) (program.Text, bool) {
	v, ok := b.raw(name)
	if !ok {
		return nil, false
	}
	t, diags := b.c.eval.Text(v, b.at(name))
	b.c.diags = append(b.c.diags, diags...)
	return t, !diags.HasErrors() && t != nil
}

// texts reads a map of strings that may hold secrets.
func (b body) texts(name string) map[string]program.Text {
	v, ok := b.raw(name)
	if !ok {
		return nil
	}
	out, diags := b.c.textMap(v, b.at(name))
	b.c.diags = append(b.c.diags, diags...)
	return out
}

func (c *compiler) textMap(v cty.Value, at diag.Range) (map[string]program.Text, diag.Diagnostics) {
	if plain, _ := v.UnmarkDeep(); plain.IsNull() {
		return nil, nil
	}
	if ty := v.Type(); v.IsMarked() || (!ty.IsObjectType() && !ty.IsMapType()) {
		return nil, diag.Diagnostics{diag.New(diag.WrongValue, "A map of strings is needed.").At(at)}
	}
	var diags diag.Diagnostics
	out := map[string]program.Text{}
	for it := v.ElementIterator(); it.Next(); {
		k, x := it.Element()
		t, ds := c.eval.Text(x, at)
		diags = append(diags, ds...)
		out[k.AsString()] = t
	}
	return out, diags
}

// ref reads a reference to one of the kinds that the attribute takes. The
// address holds a version only where one is written.
func (b body) ref(name string, kinds ...addr.Kind) (addr.Address, bool) {
	v, ok := b.raw(name)
	if !ok || (!config.HasSecret(v) && v.IsNull()) {
		return addr.Address{}, false
	}
	return b.asRef(v, name, b.at(name), kinds)
}

func (b body) asRef(v cty.Value, name string, at diag.Range, kinds []addr.Kind) (addr.Address, bool) {
	a, ok := config.AsRef(v)
	if !ok {
		detail := "%s takes a reference such as %s.NAME, without quotes."
		if v.Type().IsObjectType() && !config.HasSecret(v) {
			detail = "%s takes a reference to one block such as %s.NAME; a block with for_each needs its key, [\"KEY\"], behind the name."
		}
		b.c.add(diag.New(diag.WrongReference, detail, name, kinds[0]).At(at))
		return addr.Address{}, false
	}
	if !slices.Contains(kinds, a.Kind) || (a.Stream != "" && name != "depends_on") {
		b.c.add(diag.New(diag.WrongReference, "%s names %s, but it takes a %s.", name, a, kinds[0]).At(at))
		return addr.Address{}, false
	}
	return a, true
}

// refs reads a list of references.
func (b body) refs(name string, kinds ...addr.Kind) []addr.Address {
	v, ok := b.raw(name)
	if !ok || (!config.HasSecret(v) && v.IsNull()) {
		return nil
	}
	if ty := v.Type(); v.IsMarked() || (!ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType()) {
		b.c.add(diag.New(diag.WrongReference, "%s takes a list of references: [%s.NAME].", name, kinds[0]).At(b.at(name)))
		return nil
	}
	var out []addr.Address
	for i, x := range v.AsValueSlice() {
		if a, ok := b.asRef(x, name, b.elementAt(name, i), kinds); ok {
			out = append(out, a)
		}
	}
	return out
}

// elementAt returns where the i-th element of a list is written, as tightly as
// can be told.
func (b body) elementAt(name string, i int) diag.Range {
	a := b.b.Attr(name)
	if a == nil {
		return b.b.Range
	}
	if list, bad := hcl.ExprList(a.Expr); !bad.HasErrors() && i < len(list) {
		return lang.Range(list[i].Range())
	}
	return a.ExprRange
}

// source returns an attribute's expression as written.
func (b body) source(name string) string {
	a := b.b.Attr(name)
	file := b.c.mod.Files[a.ExprRange.Filename]
	from, to := a.ExprRange.Start.Byte, a.ExprRange.End.Byte
	if from < 0 || to > len(file) || from > to {
		return ""
	}
	return string(file[from:to])
}

// object reads an object of any shape as its members; nil where there is none.
func (b body) object(name string) map[string]cty.Value {
	v, ok := b.raw(name)
	if !ok {
		return nil
	}
	v, diags := config.Convert(v, cty.DynamicPseudoType, b.at(name))
	b.c.diags = append(b.c.diags, diags...)
	if diags.HasErrors() || v.IsNull() {
		return nil
	}
	if ty := v.Type(); !ty.IsObjectType() && !ty.IsMapType() {
		b.c.add(diag.New(diag.WrongValue, "%s takes an object: { odcs = { domain = \"sales\" } }.", name).At(b.at(name)))
		return nil
	}
	return maps.Clone(v.AsValueMap())
}

// objectText writes members as a JSON object, sorted by name; nil for none.
func objectText(members map[string]cty.Value) json.RawMessage {
	if len(members) == 0 {
		return nil
	}
	var out strings.Builder
	writeMembers(&out, members)
	return json.RawMessage(out.String())
}

func writeMembers(out *strings.Builder, members map[string]cty.Value) {
	out.WriteByte('{')
	for i, k := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			out.WriteByte(',')
		}
		writeString(out, k)
		out.WriteByte(':')
		writeValue(out, members[k])
	}
	out.WriteByte('}')
}

// writeValue writes a known value without marks, every digit of a number kept.
func writeValue(out *strings.Builder, v cty.Value) {
	switch ty := v.Type(); {
	case v.IsNull():
		out.WriteString("null")
	case ty == cty.Bool && v.True():
		out.WriteString("true")
	case ty == cty.Bool:
		out.WriteString("false")
	case ty == cty.Number:
		out.WriteString(config.Number(v.AsBigFloat()))
	case ty == cty.String:
		writeString(out, v.AsString())
	case ty.IsObjectType() || ty.IsMapType():
		writeMembers(out, v.AsValueMap())
	default: // lists, sets and tuples: config.Convert lets nothing else pass
		out.WriteByte('[')
		for i, x := range v.AsValueSlice() {
			if i > 0 {
				out.WriteByte(',')
			}
			writeValue(out, x)
		}
		out.WriteByte(']')
	}
}

// writeString writes JSON text without HTML escapes.
func writeString(out *strings.Builder, s string) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always has a JSON form
	out.WriteString(strings.TrimSuffix(b.String(), "\n"))
}
