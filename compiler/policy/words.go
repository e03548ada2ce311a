package policy

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// document is a schema with its definitions, at the place that an expression has
// come to. Types do not tell which words a text can be; the schema does.
type document struct {
	at   *shape
	defs map[string]*shape
}

// here returns the schema at the place, references followed; nil where there is none.
func (d document) here() *shape {
	s := d.at
	for range maxShapeDepth {
		if s == nil || s.Ref == "" {
			return s
		}
		s = s.target(d.defs)
	}
	return nil
}

// member returns the place of a member; nowhere where the schema does not say.
func (d document) member(name string) document {
	s := d.here()
	if s == nil {
		return document{}
	}
	if m := s.Properties[name]; m != nil {
		return document{m, d.defs}
	}
	return document{s.rest(), d.defs}
}

// element returns the place of an element of a list or map.
func (d document) element() document {
	s := d.here()
	switch {
	case s == nil:
		return document{}
	case s.Items != nil:
		return document{s.Items, d.defs}
	}
	return document{s.rest(), d.defs}
}

// words returns the only texts that can stand at the place; nil for any.
func (d document) words() []string {
	s := d.here()
	if s == nil {
		return nil
	}
	var out []string
	for _, w := range s.Enum {
		text, ok := w.(string)
		if !ok {
			return nil
		}
		out = append(out, text)
	}
	return out
}

// place follows an expression through the schema, as far as it is made of
// members, elements and loops.
func (c *checker) place(x hclsyntax.Expression) document {
	switch x := bare(x).(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return c.along(c.places[x.Traversal.RootName()], x.Traversal[1:])
	case *hclsyntax.RelativeTraversalExpr:
		return c.along(c.place(x.Source), x.Traversal)
	case *hclsyntax.IndexExpr:
		return c.place(x.Collection).element()
	case *hclsyntax.AnonSymbolExpr:
		return c.anonPlaces[x]
	case *hclsyntax.SplatExpr:
		return c.made[x]
	case *hclsyntax.ForExpr:
		return c.made[x]
	}
	return document{}
}

func (c *checker) along(d document, steps hcl.Traversal) document {
	for _, step := range steps {
		if name, ok := config.StepName(step); ok {
			d = d.member(name)
		} else {
			d = d.element()
		}
	}
	return d
}

// listOf is a list of what stands at a place.
func listOf(d document) document {
	return document{&shape{Type: "array", Items: d.at}, d.defs}
}

// compared reports a text that what stands at the place can never be.
func (c *checker) compared(d document, v cty.Value, at hcl.Range) {
	all := d.words()
	if len(all) == 0 || v.Type() != cty.String || !v.IsKnown() || v.IsNull() || slices.Contains(all, v.AsString()) {
		return
	}
	c.diags.Add(diag.New(diag.GuardWord, "It is never %q.%s It is one of %s.", v.AsString(), diag.DidYouMean(v.AsString(), all), words(all)).At(lang.Range(at)))
}
