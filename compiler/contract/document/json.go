package document

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/headgate-data/headgate/lang/diag"
)

// Canonical writes the tree as JSON without white space, members sorted by name.
func Canonical(v *Value) json.RawMessage {
	var b bytes.Buffer
	w := jsonWriter{out: &b, sorted: true}
	w.value(v, 0)
	return b.Bytes()
}

// Compact writes the tree as JSON without white space, members in their order.
func Compact(v *Value) string {
	var b bytes.Buffer
	w := jsonWriter{out: &b}
	w.value(v, 0)
	return b.String()
}

// JSON writes the tree as JSON, indented by two spaces, with a newline at the end.
func JSON(v *Value) []byte {
	var b bytes.Buffer
	w := jsonWriter{out: &b, indent: "  "}
	w.value(v, 0)
	b.WriteByte('\n')
	return b.Bytes()
}

type jsonWriter struct {
	out    *bytes.Buffer
	indent string
	sorted bool
}

func (w *jsonWriter) line(depth int) {
	if w.indent != "" {
		w.out.WriteByte('\n')
		w.out.WriteString(strings.Repeat(w.indent, depth))
	}
}

func (w *jsonWriter) value(v *Value, depth int) {
	switch {
	case v == nil || v.Kind == Null:
		w.out.WriteString("null")
	case v.Kind == List:
		w.list(v, depth)
	case v.Kind == Map:
		w.members(v, depth)
	case v.Kind == String:
		w.out.WriteString(Quote(v.Text))
	default:
		w.out.WriteString(v.Text)
	}
}

func (w *jsonWriter) list(v *Value, depth int) {
	w.out.WriteByte('[')
	for i, x := range v.Items {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.line(depth + 1)
		w.value(x, depth+1)
	}
	if len(v.Items) > 0 {
		w.line(depth)
	}
	w.out.WriteByte(']')
}

func (w *jsonWriter) members(v *Value, depth int) {
	members := v.Members
	if w.sorted {
		members = canonicalOrder(members)
	}
	w.out.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.line(depth + 1)
		w.out.WriteString(Quote(m.Name))
		w.out.WriteByte(':')
		if w.indent != "" {
			w.out.WriteByte(' ')
		}
		w.value(m.Value, depth+1)
	}
	if len(members) > 0 {
		w.line(depth)
	}
	w.out.WriteByte('}')
}

// Quote writes a JSON string without HTML escapes.
func Quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always has a JSON form
	return strings.TrimSuffix(b.String(), "\n")
}

// FromJSON reads JSON that headgate wrote itself; nil where it is none.
func FromJSON(src []byte) *Value {
	p := &parser{src: src}
	if !json.Valid(src) {
		return nil
	}
	return p.json()
}

// jsonReader reads valid JSON token by token and knows where each stands.
type jsonReader struct {
	*parser
	dec  *json.Decoder
	line int // the line of the last token
}

// json reads the text, which is valid JSON.
func (p *parser) json() *Value {
	if p.starts == nil {
		p.lines()
	}
	r := &jsonReader{parser: p, dec: json.NewDecoder(bytes.NewReader(p.src))}
	r.dec.UseNumber()
	return r.value(0)
}

// token returns the next token and where it stands.
func (r *jsonReader) token() (json.Token, diag.Range) {
	start := int(r.dec.InputOffset())
	for start < len(r.src) && strings.IndexByte(" \t\r\n,:", r.src[start]) >= 0 {
		start++
	}
	t, err := r.dec.Token()
	if err != nil && !r.diags.HasErrors() {
		r.fail(diag.DocumentSyntax, diag.Range{Filename: r.name}, "%v.", err)
	}
	for r.line+1 < len(r.starts) && r.starts[r.line+1] <= start {
		r.line++
	}
	line := r.starts[r.line]
	text := r.src[start:max(start, int(r.dec.InputOffset()))]
	from := diag.Pos{Line: r.line + 1, Column: utf8.RuneCount(r.src[line:start]) + 1, Byte: start}
	to := diag.Pos{Line: from.Line, Column: from.Column + utf8.RuneCount(text), Byte: start + len(text)}
	return t, diag.Range{Filename: r.name, Start: from, End: to}
}

// value reads the next value; nil after a fault.
func (r *jsonReader) value(depth int) *Value {
	t, at := r.token()
	r.values++
	out := &Value{Range: at}
	switch {
	case r.diags.HasErrors():
		return nil
	case depth > maxDepth:
		r.fail(diag.DocumentLimit, at, "It is nested more than %d deep.", maxDepth)
		return nil
	case r.values > maxValues:
		r.fail(diag.DocumentLimit, at, "It holds more than %d values.", maxValues)
		return nil
	}
	switch t := t.(type) {
	case json.Delim:
		out.Kind = List
		if t == '{' {
			out.Kind = Map
			r.members(out, depth)
		} else {
			for r.dec.More() && !r.diags.HasErrors() {
				out.Items = append(out.Items, r.value(depth+1))
			}
		}
		r.token()
	case string:
		out.Kind, out.Text = String, t
	case json.Number:
		digits, fault := number(t.String())
		if fault != "" {
			r.fail(diag.DocumentValue, at, "%s is %s.", t, fault)
			return nil
		}
		out.Kind, out.Text = Number, digits
	case bool:
		return &Value{Kind: Bool, Text: strconv.FormatBool(t), Range: at}
	}
	return out
}

func (r *jsonReader) members(out *Value, depth int) {
	seen := map[string]int{}
	for r.dec.More() && !r.diags.HasErrors() {
		t, at := r.token()
		name, _ := t.(string)
		if first, twice := seen[name]; twice {
			r.twice(name, at, out.Members[first].Range)
			return
		}
		seen[name] = len(out.Members)
		out.Members = append(out.Members, Member{Name: name, Value: r.value(depth + 1), Range: at})
	}
}
