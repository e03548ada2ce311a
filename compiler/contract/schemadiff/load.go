package schemadiff

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/lang/diag"
)

// The drafts that differ in what keywords mean.
const (
	draft4    = 4
	draft6    = 6
	draft7    = 7
	draft2019 = 2019
	draft2020 = 2020
)

// loader reads one schema document.
type loader struct {
	name  string // of the file
	text  []byte
	draft int
	root  any
	named map[string]string // $id and $anchor -> JSON pointer
	nodes map[string]*node  // by JSON pointer, those that references lead to
	refs  []*refTo          // to be followed once the document is read
	diags diag.Diagnostics
}

// refTo is a reference that waits for its target.
type refTo struct {
	node *node
	to   string
	at   string // JSON pointer of the schema that refers
}

// load reads a schema. With an error among the diagnostics the node is nil.
func load(name string, src []byte) (*node, diag.Diagnostics) {
	l := &loader{name: name, text: src, draft: draft7, named: map[string]string{}, nodes: map[string]*node{}}
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	if err := dec.Decode(&l.root); err != nil {
		l.broken(err, dec.InputOffset())
		return nil, l.diags
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		l.broken(errors.New("something follows the schema"), dec.InputOffset())
		return nil, l.diags
	}
	if m, ok := l.root.(map[string]any); ok {
		l.draft = draftOf(m["$schema"])
	}
	l.index(l.root, "", "")
	root := l.schema(l.root, "")
	l.nodes[""] = root
	for len(l.refs) > 0 {
		r := l.refs[0]
		l.refs = l.refs[1:]
		r.node.to = l.follow(r)
	}
	if l.diags.HasErrors() {
		return nil, l.diags
	}
	return root, l.diags
}

// draftOf reads $schema; the registry takes a schema without one as draft 7.
func draftOf(v any) int {
	s, _ := v.(string)
	for _, d := range []struct {
		part  string
		draft int
	}{{"draft-04", draft4}, {"draft-06", draft6}, {"draft-07", draft7}, {"2019-09", draft2019}, {"2020-12", draft2020}} {
		if strings.Contains(s, d.part) {
			return d.draft
		}
	}
	return draft7
}

// broken reports text that is not JSON.
func (l *loader) broken(err error, offset int64) {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(bytes.TrimRight(l.text, " \t\r\n")))
	}
	before := l.text[:min(int(offset), len(l.text))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	pos := diag.Pos{Line: line, Column: max(column-1, 1), Byte: len(before)}
	l.diags.Add(diag.New(diag.SchemaDiffBroken, "%s is not a JSON document: %v.", l.name, err).At(diag.Range{Filename: l.name, Start: pos, End: pos}))
}

// fault reports a schema that means nothing at a place.
func (l *loader) fault(at, format string, args ...any) {
	d := diag.New(diag.SchemaDiffBroken, format, args...)
	d.Detail = l.name + "#" + at + ": " + d.Detail
	l.diags.Add(d.At(diag.Range{Filename: l.name, Start: diag.Pos{Line: 1, Column: 1}, End: diag.Pos{Line: 1, Column: 1}}))
}

// index notes where schemas with a name of their own stand.
func (l *loader) index(v any, at, base string) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range []string{"$id", "id"} {
			if id, ok := v[key].(string); ok && (key == "$id" || l.draft == draft4) {
				base = resolveID(base, id)
				l.named[base] = at
			}
		}
		for _, key := range []string{"$anchor", "$dynamicAnchor"} {
			if name, ok := v[key].(string); ok {
				l.named[withoutFragment(base)+"#"+name] = at
			}
		}
		for _, key := range sortedKeys(v) {
			l.index(v[key], at+"/"+escape(key), base)
		}
	case []any:
		for i, e := range v {
			l.index(e, at+"/"+strconv.Itoa(i), base)
		}
	}
}

func resolveID(base, id string) string {
	b, err1 := url.Parse(base)
	u, err2 := url.Parse(id)
	if err1 != nil || err2 != nil {
		return id
	}
	return strings.TrimSuffix(b.ResolveReference(u).String(), "#")
}

func withoutFragment(s string) string {
	s, _, _ = strings.Cut(s, "#")
	return s
}

func sortedKeys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// follow returns the schema that a reference leads to.
func (l *loader) follow(r *refTo) *node {
	at, ok := l.pointerOf(r)
	if ok {
		if n := l.nodes[at]; n != nil {
			return n
		}
		if v, found := lookup(l.root, at); found {
			l.nodes[at] = l.schema(v, at)
			return l.nodes[at]
		}
	}
	l.fault(r.at, "$ref %q leads nowhere in this document. References to other documents cannot be followed here: bundle the schema into one file first.", r.to)
	return &node{kind: anything}
}

// pointerOf turns a reference into a JSON pointer of the document.
func (l *loader) pointerOf(r *refTo) (string, bool) {
	base := l.baseOf(r.at)
	full := resolveID(base, r.to)
	if strings.HasPrefix(r.to, "#") {
		full = withoutFragment(base) + r.to
	}
	if at, ok := l.named[strings.TrimSuffix(full, "#")]; ok {
		return at, true
	}
	doc, fragment, _ := strings.Cut(full, "#")
	if decoded, err := url.PathUnescape(fragment); err == nil {
		fragment = decoded
	}
	start := ""
	if doc != "" {
		at, ok := l.named[doc]
		if !ok && doc != withoutFragment(base) {
			return "", false
		}
		start = at
	}
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		return "", false
	}
	return start + fragment, true
}

// baseOf returns the $id that holds at a place, "" for none.
func (l *loader) baseOf(at string) string {
	best, found := "", -1
	for id, p := range l.named {
		if strings.Contains(id, "#") || len(p) <= found && !(len(p) == found && id < best) {
			continue
		}
		if p == "" || at == p || strings.HasPrefix(at, p+"/") {
			best, found = id, len(p)
		}
	}
	return best
}

// lookup finds a value by JSON pointer.
func lookup(v any, pointer string) (any, bool) {
	if pointer == "" {
		return v, true
	}
	for _, part := range strings.Split(pointer[1:], "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch c := v.(type) {
		case map[string]any:
			next, ok := c[part]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(c) {
				return nil, false
			}
			v = c[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// canonical writes a value as JSON with sorted names and numbers by value.
func canonical(v any) string {
	var out strings.Builder
	writeCanonical(&out, v)
	return out.String()
}

func writeCanonical(out *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		out.WriteByte('{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				out.WriteByte(',')
			}
			writeText(out, key)
			out.WriteByte(':')
			writeCanonical(out, v[key])
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			writeCanonical(out, e)
		}
		out.WriteByte(']')
	case json.Number:
		if r, ok := rational(v); ok {
			out.WriteString(decimal(r))
		} else {
			out.WriteString(v.String())
		}
	case string:
		writeText(out, v)
	case bool:
		out.WriteString(strconv.FormatBool(v))
	default:
		out.WriteString("null")
	}
}

func writeText(out *strings.Builder, s string) {
	var line strings.Builder
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string is always written, with a newline
	out.WriteString(strings.TrimSuffix(line.String(), "\n"))
}

// decimal writes a number that has an end as a JSON number.
func decimal(r *big.Rat) string {
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}

// maxExponent bounds the numbers that are compared by value: what a larger
// exponent stands for would fill the memory with digits.
const maxExponent = 5000

// rational returns a number exactly; false where its exponent is out of bounds.
func rational(n json.Number) (*big.Rat, bool) {
	s := n.String()
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return nil, false
		}
	}
	return new(big.Rat).SetString(s)
}
