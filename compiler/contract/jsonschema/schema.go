// Package jsonschema reads JSON Schemas of the drafts 4, 6, 7, 2019-09 and
// 2020-12: it validates documents with them, makes contracts of them, and writes
// contracts as schemas. Validation is santhosh-tekuri/jsonschema's; the package
// adds the places of faults in the schema's text, patterns of ECMA-262, messages
// in a defined order, and bounds on what hostile input can cost. It reads no
// disk and no network: files come through a function that the caller gives.
package jsonschema

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"path"
	"strconv"
	"strings"

	engine "github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/headgate-data/headgate/lang/diag"
)

var errNotCarried = errors.New("the contract does not carry it")

func itoa(i int) string { return strconv.Itoa(i) }

// Options say how a schema is read.
type Options struct {
	Draft        string                            // of a schema without $schema: "4", "6", "7", "2019-09", "2020-12"; "" is 2020-12
	AssertFormat bool                              // whether `format` can be broken; else it is a remark
	Open         func(file string) ([]byte, error) // reads a file by its path; nil for none
	Remote       func(url string) (string, bool)   // the path of a file that stands for a URL; nil for none
}

// Drafts are the names of the drafts, oldest first.
func Drafts() []string { return []string{"4", "6", "7", "2019-09", "2020-12"} }

func draftOf(name string) *engine.Draft {
	switch strings.TrimPrefix(strings.TrimPrefix(name, "draft"), "-") {
	case "4", "04":
		return engine.Draft4
	case "6", "06":
		return engine.Draft6
	case "7", "07":
		return engine.Draft7
	case "2019-09":
		return engine.Draft2019
	case "", "2020-12":
		return engine.Draft2020
	default:
		return nil
	}
}

// File is a document that a schema is made of.
type File struct {
	URL  string `json:"url"`  // under which it is referred to
	Name string `json:"file"` // path, for ranges
	Text string `json:"text"`
}

// document is a file that was read.
type document struct {
	File
	root    *Node
	renamed map[string]string // patterns that name members: as RE2 has them -> as written
}

// at returns the place that a pointer of the engine leads to, the nearest one
// above it where it leads nowhere.
func (d *document) at(pointer string) (*Node, diag.Range) {
	n, rng := d.root, d.root.Range
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if step == "" {
			continue
		}
		next := n.At("/" + step)
		if old, ok := d.renamed[unescape(step)]; next == nil && ok {
			next = n.Get(old)
		}
		if next == nil {
			return nil, rng
		}
		n, rng = next, next.Range
	}
	return n, rng
}

// Schema is a compiled schema. It may be used from several goroutines at once.
type Schema struct {
	Draft  string // one of Drafts
	root   *document
	docs   []*document // root first, then in the order in which they were asked for
	engine *engine.Schema
}

// Root returns the schema's own document.
func (s *Schema) Root() *Node { return s.root.root }

// Refs returns the other documents that the schema refers to, in the order in
// which they were asked for.
func (s *Schema) Refs() []File {
	var out []File
	for _, d := range s.docs[1:] {
		out = append(out, d.File)
	}
	return out
}

// Compile reads a schema. With an error among the diagnostics it is nil.
func Compile(file string, src []byte, opts Options) (*Schema, diag.Diagnostics) {
	c := &compilation{opts: opts, schema: &Schema{}}
	base := &url.URL{Scheme: "file", Path: "/" + file}
	draft := draftOf(opts.Draft)
	if draft == nil {
		return nil, diag.Diagnostics{diag.New(diag.SchemaDraft, "There is no draft %q. Take one of %s.", opts.Draft, strings.Join(Drafts(), ", "))}
	}
	root, ok := c.read(File{URL: base.String(), Name: file, Text: string(src)})
	if !ok {
		return nil, c.diags.Sorted()
	}
	c.schema.root = root
	if root.root.Kind != Object && root.root.Kind != Bool {
		return nil, diag.Diagnostics{diag.New(diag.SchemaInvalid, "A schema is an object, or true or false.").At(root.root.Range)}
	}
	c.compile(draft)
	if c.diags.HasErrors() {
		return nil, c.diags.Sorted()
	}
	c.schema.Draft = nameOf(c.schema.engine.Draft)
	return c.schema, c.diags.Sorted()
}

func nameOf(d *engine.Draft) string {
	for _, name := range Drafts() {
		if draftOf(name) == d {
			return name
		}
	}
	return "2020-12"
}

// compilation is the work on one schema.
type compilation struct {
	opts   Options
	schema *Schema
	diags  diag.Diagnostics
}

// read takes up a document.
func (c *compilation) read(f File) (*document, bool) {
	root, d := Read(f.Name, []byte(f.Text))
	if d != nil {
		c.diags.Add(d)
		return nil, false
	}
	doc := &document{File: f, root: root, renamed: map[string]string{}}
	c.schema.docs = append(c.schema.docs, doc)
	c.patterns(root)
	return doc, true
}

// patterns reports the patterns that cannot be matched.
func (c *compilation) patterns(n *Node) {
	report := func(pattern string, at diag.Range) {
		if _, err := RE2(pattern); err != nil {
			c.diags.Add(diag.New(diag.SchemaPattern, "The pattern %q: %s.", pattern, err).At(at))
		}
	}
	if p := n.Get("pattern"); p != nil && p.Kind == String {
		report(p.Text, p.Range)
	}
	if p := n.Get("patternProperties"); p != nil && p.Kind == Object {
		for _, m := range p.Members {
			report(m.Name, m.NameRange)
		}
	}
	n.each(func(_ string, sub *Node) { c.patterns(sub) })
}

// compile hands the documents to the engine and words its complaints.
func (c *compilation) compile(draft *engine.Draft) {
	defer func() {
		if r := recover(); r != nil { // the engine takes for granted what a metaschema of one's own may leave open
			c.diags.Add(diag.New(diag.SchemaInvalid, "The schema cannot be compiled: %v.", r).At(c.schema.root.root.Range))
		}
	}()
	e := engine.NewCompiler()
	e.Draft = draft
	e.AssertFormat = c.opts.AssertFormat
	c.formats(e)
	e.LoadURL = c.load
	root := c.schema.root
	if err := e.AddResource(root.URL, bytes.NewReader(appendSchema(nil, root.root, root.renamed))); err != nil {
		c.diags.Add(diag.New(diag.SchemaInvalid, "%v.", err).At(root.root.Range))
		return
	}
	compiled, err := e.Compile(root.URL)
	if err != nil {
		c.complain(err)
		return
	}
	c.schema.engine = compiled
}

// load hands a document that is referred to over to the engine.
func (c *compilation) load(target string) (io.ReadCloser, error) {
	name, ok := c.locate(target)
	if !ok {
		return nil, c.astray(target, "%s is neither a file of the project nor a known metaschema, and nothing is fetched from a network.", target)
	}
	src, err := c.opts.Open(name)
	if err != nil {
		return nil, c.astray(target, "%s: %s.", shown(target), err)
	}
	d, ok := c.read(File{URL: target, Name: name, Text: string(src)})
	if !ok {
		return nil, c.diags[len(c.diags)-1]
	}
	return io.NopCloser(bytes.NewReader(appendSchema(nil, d.root, d.renamed))), nil
}

// locate returns the file that stands for a URL: a file: URL names it, the
// caller's mapping knows it, or it lies beside a document under the URL that the
// document's own identifier gives it.
func (c *compilation) locate(target string) (string, bool) {
	if c.opts.Open == nil {
		return "", false
	}
	if c.opts.Remote != nil {
		if name, ok := c.opts.Remote(target); ok {
			return name, true
		}
	}
	u, err := url.Parse(target)
	if err != nil {
		return "", false
	}
	if u.Scheme == "file" && u.Host == "" {
		return strings.TrimPrefix(u.Path, "/"), true
	}
	for _, d := range c.schema.docs {
		id := d.root.Get("$id")
		if id == nil {
			id = d.root.Get("id")
		}
		if id == nil || id.Kind != String || !strings.Contains(id.Text, "://") {
			continue
		}
		folder := id.Text[:strings.LastIndexByte(id.Text, '/')+1]
		if rest, ok := strings.CutPrefix(target, folder); ok && strings.Count(folder, "/") > 2 {
			if name, err := url.PathUnescape(rest); err == nil {
				return path.Join(path.Dir(d.Name), name), true
			}
		}
	}
	return "", false
}
