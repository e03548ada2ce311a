package jsonschema

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/lang/diag"
)

// Mapping is what a contract takes from a schema.
type Mapping struct {
	Columns []contract.Column
	Closed  bool     // members that no column names are refused
	Residue []string // JSON pointers to what the columns do not say, sorted
}

// Map makes columns of a schema that describes an object. strict says that the
// contract refuses unknown members itself. Together with the residue, checked by
// Validate, the columns take what the schema takes.
func (s *Schema) Map(strict bool) (Mapping, diag.Diagnostics) {
	m := newMapper(s)
	var out Mapping
	var ds diag.Diagnostics
	root, doc := s.Root(), s.root
	at := ""
	for range maxRefs { // a root that is but a $ref
		ref := root.Get("$ref")
		if ref == nil {
			break
		}
		target, in := m.resolve(doc, ref)
		if target == nil {
			break
		}
		if !m.old && m.assertsBeside(root, "$ref") {
			out.Residue = append(out.Residue, "")
		}
		root, doc, at = target, in, at+"/$ref"
	}
	r := &rootWork{m: m, doc: doc, out: &out, taken: map[string]string{}}
	r.closed(root)
	m.strict = strict || out.Closed
	if t := root.Get("type"); t != nil && !accepts(t, "object") {
		ds.Add(diag.New(diag.SchemaColumns, "The schema takes no object, and a record is one.").At(t.Range))
		return out, ds
	}
	r.keywords(root, at)
	r.extend(root, at, 0)
	if len(out.Residue) > 0 && bytes.Contains([]byte(s.root.Text), []byte("$dynamicRef")) || bytes.Contains([]byte(s.root.Text), []byte("$recursiveRef")) {
		out.Residue = append(out.Residue, "") // what a property means depends on the way to it
	}
	out.Residue = compact(out.Residue)
	if len(out.Columns) == 0 && len(r.diags) == 0 {
		r.diags.Add(diag.New(diag.SchemaColumns, "The schema describes no properties. A contract has one column for each member of properties.").At(s.Root().Range))
	}
	return out, append(ds, r.diags...)
}

func accepts(t *Node, name string) bool {
	return t.Text == name || slices.ContainsFunc(t.Elems, func(e *Node) bool { return e.Text == name })
}

// compact keeps one of equal pointers, and none below another, sorted: the order
// in which a schema is written means nothing.
func compact(list []string) []string {
	var out []string
	for _, p := range list {
		inside := func(q string) bool { return p == q || strings.HasPrefix(p, q+"/") }
		if !slices.ContainsFunc(out, inside) {
			out = append(slices.DeleteFunc(out, func(q string) bool { return strings.HasPrefix(q, p+"/") }), p)
		}
	}
	slices.Sort(out)
	return out
}

// rootWork makes the columns of the object that a record is.
type rootWork struct {
	m     *mapper
	doc   *document
	out   *Mapping
	taken map[string]string // lower-case name -> name
	diags diag.Diagnostics
}

// closed notes whether the columns may refuse unknown members: all that are
// taken have to be among the properties.
func (r *rootWork) closed(root *Node) {
	more := root.Get("additionalProperties")
	r.out.Closed = more != nil && more.Kind == Bool && more.Text == "false" && root.Get("patternProperties") == nil && !r.m.foreign
}

// keywords leaves to the schema what stands at the root and columns do not say.
func (r *rootWork) keywords(root *Node, at string) {
	required := map[string]*Node{}
	for _, k := range root.Members {
		if !asserting[k.Name] || k.Name == "type" || k.Name == "properties" || k.Name == "format" || slices.Contains(ofArrays, k.Name) || slices.Contains(ignored["object"], k.Name) {
			continue
		}
		switch {
		case k.Name == "additionalProperties" && (r.out.Closed || k.Value.Text == "true" || k.Value.Kind == Object && !r.m.asserts(k.Value)):
		case k.Name == "required" && k.Value.Kind == Array:
			for _, e := range k.Value.Elems {
				required[e.Text] = e
				if root.Get("properties").Get(e.Text) == nil {
					r.leave(at + "/required")
				}
			}
		default:
			r.leave(at + "/" + escape(k.Name))
		}
	}
	if p := root.Get("properties"); p != nil && (!r.m.old || root.Get("$ref") == nil) {
		for _, k := range p.Members {
			r.column(r.doc, k, at+"/properties/"+escape(k.Name), required[k.Name])
		}
	}
	if r.m.foreign {
		r.leave("")
	}
}

func (r *rootWork) leave(pointer string) { r.out.Residue = append(r.out.Residue, pointer) }

// extend takes columns from the members of allOf. The schema checks them: they
// may well contradict each other.
func (r *rootWork) extend(root *Node, at string, depth int) {
	all := root.Get("allOf")
	if all == nil || depth > 8 {
		return
	}
	for i, part := range all.Elems {
		doc, here := r.doc, at+"/allOf/"+itoa(i)
		for ref := part.Get("$ref"); ref != nil && depth <= 8; ref = part.Get("$ref") {
			target, in := r.m.resolve(doc, ref)
			if target == nil {
				break
			}
			part, doc, depth, here = target, in, depth+1, here+"/$ref"
		}
		if p := part.Get("properties"); p != nil {
			for _, k := range p.Members {
				if _, ok := r.taken[strings.ToLower(k.Name)]; !ok {
					r.column(doc, k, here+"/properties/"+escape(k.Name), nil)
					col := &r.out.Columns[len(r.out.Columns)-1]
					col.Required, col.NoNull, col.Present = false, false, false
				}
			}
		}
		before := r.doc
		r.doc = doc
		r.extend(part, here, depth+1)
		r.doc = before
	}
}

// column makes the column of a property.
// required is where it is said that records have it, nil where it is not.
func (r *rootWork) column(doc *document, k Member, pointer string, required *Node) {
	low := strings.ToLower(k.Name)
	if k.Name == "" || strings.ContainsRune(k.Name, 0) || !utf8.ValidString(k.Name) {
		r.diags.Add(diag.New(diag.SchemaColumns, "%q is no name of a column.", k.Name).At(k.NameRange))
		return
	}
	if other, ok := r.taken[low]; ok {
		r.diags.Add(diag.New(diag.SchemaColumns, "%q and %q differ in case alone, and are one name to a database.", k.Name, other).At(k.NameRange))
		return
	}
	r.taken[low] = k.Name
	s := r.m.shape(doc, k.Value, pointer)
	col := s.col
	col.Name, col.Property = k.Name, pointer
	col.Range = diag.Range{Filename: k.NameRange.Filename, Start: k.NameRange.Start, End: k.Value.Range.End}
	if col.Rules == nil {
		col.Rules = contract.RuleRanges{}
	}
	if t := k.Value.Get("type"); t != nil {
		col.Rules["type"] = t.Range
	}
	for _, name := range []string{"description", "title"} {
		if d := k.Value.Get(name); d != nil && d.Kind == String && col.Description == "" {
			col.Description = d.Text
		}
	}
	col.Required = required != nil && !s.null
	col.Present = required != nil && s.null
	col.NoNull = required == nil && !s.null
	if required != nil {
		col.Rules[contract.RuleRequired] = required.Range
	} else {
		col.Default = r.fallback(k.Value, &s)
	}
	r.out.Columns = append(r.out.Columns, col)
	r.out.Residue = append(r.out.Residue, s.rest...)
}

// fallback is the column's default: one that no limit can refuse, so that an
// absent member, which the schema takes, is taken.
func (r *rootWork) fallback(n *Node, s *shape) *string {
	d := n.Get("default")
	if d == nil || len(s.rest) > 0 || s.limited && len(s.col.Enum) == 0 {
		return nil
	}
	text, ok := constant(d, s.col.Type)
	if !ok || len(s.col.Enum) > 0 && (!slices.Contains(s.col.Enum, text) || s.col.Pattern != "" || s.col.Format != "" || s.col.Min != nil || s.col.Max != nil ||
		s.col.MinLength != nil || s.col.MaxLength != nil || len(s.col.Checks) > 0) {
		return nil
	}
	return &text
}

// Import makes a contract of a JSON Schema, as schema_file does. name is the
// schema's file: ranges carry it, and the contract is called after it. What the
// columns do not say is in the contract's Schema, and a warning names it.
// References to other files are not followed: see ImportWith.
func Import(name string, src []byte) (*contract.Contract, diag.Diagnostics) {
	return ImportWith(name, src, Options{})
}

// ImportWith is Import with options. It returns nil with an error among the
// diagnostics. Formats are promises in a contract, whatever the draft.
func ImportWith(name string, src []byte, opts Options) (*contract.Contract, diag.Diagnostics) {
	opts.AssertFormat = true
	s, ds := Compile(name, src, opts)
	if s == nil {
		return nil, ds
	}
	m, more := s.Map(false)
	if ds = append(ds, more...); ds.HasErrors() {
		return nil, ds.Sorted()
	}
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".json"), ".schema")
	c := &contract.Contract{Name: base, Version: 1, Latest: true, Compatibility: "auto", Columns: m.Columns, OnViolation: contract.Quarantine,
		UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless, Range: s.Root().Range, Schema: s.Contract(m)}
	if m.Closed {
		c.UnknownColumns = contract.UnknownQuarantine
	}
	for _, name := range []string{"description", "title"} {
		if d := s.Root().Get(name); d != nil && d.Kind == String && c.Description == "" {
			c.Description = d.Text
		}
	}
	for _, p := range m.Residue {
		w := diag.New(diag.SchemaResidue, "%s has no form as a column. schema_file keeps it: the schema is then checked on the whole record.", orWhole(p)).At(s.RangeOf(p))
		w.Severity = diag.Warning
		ds.Add(w)
	}
	return c, ds.Sorted()
}

func orWhole(pointer string) string {
	if pointer == "" {
		return "The schema"
	}
	return pointer
}

// RangeOf returns the place of a pointer that may lead through references, or the
// nearest place above.
func (s *Schema) RangeOf(pointer string) diag.Range {
	n, d := s.root.root, s.root
	at := n.Range
	m := newMapper(s)
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if step == "" {
			continue
		}
		next := n.At("/" + step)
		if step == "$ref" && next != nil && next.Kind == String {
			next, d = m.resolve(d, next)
		}
		if next == nil {
			return at
		}
		n, at = next, next.Range
	}
	return at
}

// Contract returns the schema as a contract carries it, with what Map made of it.
func (s *Schema) Contract(m Mapping) *contract.Schema {
	out := &contract.Schema{File: s.root.Name, Draft: s.Draft, Text: s.root.Text, Closed: m.Closed, Residue: m.Residue}
	for _, f := range s.Refs() {
		out.Refs = append(out.Refs, contract.SchemaFile{URL: f.URL, File: f.Name, Text: f.Text})
	}
	return out
}

// FromContract compiles the schema that a contract carries.
func FromContract(c *contract.Schema) (*Schema, diag.Diagnostics) {
	return Compile(c.File, []byte(c.Text), Options{Draft: c.Draft, AssertFormat: true,
		Remote: func(url string) (string, bool) {
			i := slices.IndexFunc(c.Refs, func(f contract.SchemaFile) bool { return f.URL == url })
			if i < 0 {
				return "", false
			}
			return c.Refs[i].File, true
		},
		Open: func(file string) ([]byte, error) {
			for _, f := range c.Refs {
				if f.File == file {
					return []byte(f.Text), nil
				}
			}
			return nil, errNotCarried
		}})
}
