package jsonschema

import (
	"errors"
	"fmt"
	"strings"

	engine "github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/headgate-data/headgate/lang/diag"
)

// complain turns the engine's error about a schema into diagnostics.
func (c *compilation) complain(err error) {
	var d *diag.Diagnostic
	var invalid *engine.ValidationError
	var loop engine.InfiniteLoopError
	root := c.schema.root.root
	switch {
	case errors.As(err, &d):
		if len(c.diags) == 0 || c.diags[len(c.diags)-1] != d {
			c.diags.Add(d)
		}
	case errors.As(err, &invalid):
		c.invalid(err, invalid)
	case errors.As(err, &loop):
		way := strings.TrimPrefix(loop.Error(), "jsonschema: infinite loop ")
		_, pointer, _ := strings.Cut(way, "#")
		pointer, _, _ = strings.Cut(pointer, "/$ref")
		_, at := c.schema.root.at(pointerOf(pointer))
		c.diags.Add(diag.New(diag.SchemaLoop, "%s leads back to where it started.", shown(way)).At(at))
	default:
		text := strings.TrimPrefix(err.Error(), "jsonschema: ")
		if i := strings.LastIndex(text, "compilation failed: "); i >= 0 {
			text = text[i+len("compilation failed: "):]
		}
		if target, ok := strings.CutSuffix(text, " not found"); ok {
			c.diags.Add(c.astray(target, "There is nothing at %s.", shown(target)))
			return
		}
		if s := root.Get("$schema"); s != nil && strings.Contains(text, "$schema") {
			c.diags.Add(diag.New(diag.SchemaDraft, "%s.", text).At(s.Range))
			return
		}
		c.diags.Add(diag.New(diag.SchemaInvalid, "%s.", text).At(root.Range))
	}
}

// shown writes a URL as messages do: a file by its path.
func shown(url string) string { return strings.TrimPrefix(url, "file:///") }

// astray makes the diagnostic of a reference that leads nowhere.
func (c *compilation) astray(target, format string, args ...any) *diag.Diagnostic {
	at, name := c.reference(target)
	code := diag.SchemaRef
	if name == "$schema" {
		code = diag.SchemaDraft
	}
	return diag.New(code, format, args...).At(at)
}

// reference returns the place of the reference that leads to target and its
// keyword, the root's place where none is found. References are told by their
// ends: what stands in the schema is resolved against identifiers on the way.
func (c *compilation) reference(target string) (diag.Range, string) {
	best, at, keyword := -1, c.schema.root.root.Range, ""
	whole := !strings.Contains(strings.TrimSuffix(target, "#"), "#")
	var visit func(n *Node)
	visit = func(n *Node) {
		for _, name := range []string{"$ref", "$dynamicRef", "$recursiveRef", "$schema"} {
			r := n.Get(name)
			if r == nil || r.Kind != String {
				continue
			}
			text := strings.TrimSuffix(strings.TrimLeft(r.Text, "./"), "#")
			if whole {
				text, _, _ = strings.Cut(text, "#")
			}
			if text != "" && strings.HasSuffix(strings.TrimSuffix(target, "#"), text) && len(text) > best {
				best, at, keyword = len(text), r.Range, name
			}
		}
		for _, m := range n.Members {
			visit(m.Value)
		}
		for _, e := range n.Elems {
			visit(e)
		}
	}
	for _, d := range c.schema.docs {
		visit(d.root)
	}
	return at, keyword
}

// simpleTypes are the values that type takes.
var simpleTypes = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

// invalid reports what a metaschema refuses, a diagnostic for each value at fault.
func (c *compilation) invalid(err error, v *engine.ValidationError) {
	doc := c.schema.root
	if len(c.schema.docs) > 1 { // the engine names no document but the first: the last one read is at work
		doc = c.schema.docs[len(c.schema.docs)-1]
		if n, _ := doc.at(pointerOf(v.InstanceLocation)); n == nil {
			doc = c.schema.root
		}
	}
	meta := &reporter{value: doc.root.Value()}
	seen := map[string]bool{}
	for _, f := range meta.findings(v) {
		if seen[f.Instance] {
			continue
		}
		seen[f.Instance] = true
		if strings.HasSuffix(f.Keyword, "/format") && strings.HasSuffix(f.Message, "is not valid 'regex'") && c.diags.HasErrors() {
			continue // told, and told better
		}
		n, rng := doc.at(f.Instance)
		what := "The schema"
		if f.Instance != "" {
			what = f.Instance
		}
		if n != nil && n.Kind == String && strings.HasSuffix(f.Instance, "/type") {
			f.Message = fmt.Sprintf("is %q, and should be one of %s, or a list of them.%s", n.Text, strings.Join(simpleTypes, ", "), diag.DidYouMean(n.Text, simpleTypes))
		} else {
			f.Message += "."
		}
		c.diags.Add(diag.New(diag.SchemaInvalid, "%s %s", what, f.Message).At(rng))
	}
	if len(seen) == 0 {
		c.diags.Add(diag.New(diag.SchemaInvalid, "%v.", err).At(doc.root.Range))
	}
}
