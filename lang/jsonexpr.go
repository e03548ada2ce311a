package lang

import (
	"reflect"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/lang/schema"
)

// jsonExpr turns JSON values into the nodes of HCL's native syntax, so that
// whoever reads a Module meets one kind of expression only.
type jsonExpr struct {
	src   []byte
	diags diag.Diagnostics
}

// expression converts one value. In a config expression a string is a template,
// as HCL's JSON syntax has it; in all other kinds a string is the text of a native
// expression, inside arrays too.
func (c *jsonExpr) expression(n *jsonNode, kind schema.Kind) hclsyntax.Expression {
	switch n.kind {
	case jsonString:
		if kind == schema.Config || kind == schema.Query {
			return c.template(n)
		}
		return c.native(n)
	case jsonNumber:
		v, err := cty.ParseNumberVal(n.text)
		if err != nil { // the scanner takes numbers of bounded size only
			c.diags.Add(diag.New(diag.NumberRange, "%s", err.Error()).At(Range(n.rng)))
		}
		return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: n.rng}
	case jsonBool:
		return &hclsyntax.LiteralValueExpr{Val: cty.BoolVal(n.text == "true"), SrcRange: n.rng}
	case jsonArray:
		out := &hclsyntax.TupleConsExpr{SrcRange: n.rng, OpenRange: n.rng}
		for _, e := range n.elems {
			out.Exprs = append(out.Exprs, c.expression(e, kind))
		}
		return out
	case jsonObject:
		out := &hclsyntax.ObjectConsExpr{SrcRange: n.rng, OpenRange: n.rng}
		for _, m := range n.members {
			key := c.template(&jsonNode{kind: jsonString, rng: m.nameRange, text: m.name})
			out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: key, ValueExpr: c.expression(m.value, kind)})
		}
		return out
	}
	return &hclsyntax.LiteralValueExpr{Val: cty.NullVal(cty.DynamicPseudoType), SrcRange: n.rng}
}

// template converts a string that may hold ${...} and %{...}.
func (c *jsonExpr) template(n *jsonNode) hclsyntax.Expression {
	if !strings.Contains(n.text, "${") && !strings.Contains(n.text, "%{") {
		lit := &hclsyntax.LiteralValueExpr{Val: cty.StringVal(n.text), SrcRange: n.rng}
		return &hclsyntax.TemplateExpr{Parts: []hclsyntax.Expression{lit}, SrcRange: n.rng}
	}
	return c.parse(n, n.text, hclsyntax.LexTemplate, hclsyntax.ParseTemplate)
}

// native converts a string that is an expression. "${x}" is taken for x.
func (c *jsonExpr) native(n *jsonNode) hclsyntax.Expression {
	if strings.HasPrefix(n.text, "${") {
		out := c.template(n)
		if wrap, ok := out.(*hclsyntax.TemplateWrapExpr); ok {
			return wrap.Wrapped
		}
		return out
	}
	return c.parse(n, n.text, hclsyntax.LexExpression, hclsyntax.ParseExpression)
}

// unmapped is the file name of ranges that still count in the decoded text.
const unmapped = "\x00"

// parse parses a string's decoded text, and moves every range of the result to
// where the text stands in the file.
func (c *jsonExpr) parse(n *jsonNode, text string,
	lex func([]byte, string, hcl.Pos) (hclsyntax.Tokens, hcl.Diagnostics),
	parse func([]byte, string, hcl.Pos) (hclsyntax.Expression, hcl.Diagnostics),
) hclsyntax.Expression {
	places := c.trace(n)
	toFile := func(r hcl.Range) hcl.Range {
		if r.Filename != unmapped {
			return r
		}
		at := func(p hcl.Pos) hcl.Pos { return places[min(max(p.Byte, 0), len(places)-1)] }
		return hcl.Range{Filename: n.rng.Filename, Start: at(r.Start), End: at(r.End)}
	}
	var expr hclsyntax.Expression
	bug := guarded("parsing an expression in "+n.rng.Filename, func() {
		start := hcl.Pos{Line: 1, Column: 1}
		tokens, _ := lex([]byte(text), unmapped, start)
		if fault := checkTokens(tokens); fault != nil {
			c.diags.Add(fault.At(Range(n.rng)))
			return
		}
		var found hcl.Diagnostics
		expr, found = parse([]byte(text), unmapped, start)
		for _, f := range found {
			if f.Subject != nil {
				moved := toFile(*f.Subject)
				f.Subject = &moved
			}
		}
		c.diags = append(c.diags, syntaxErrors(found)...)
		moveRanges(reflect.ValueOf(expr), toFile)
	})
	c.diags.Add(bug)
	if expr == nil {
		return &hclsyntax.LiteralValueExpr{Val: cty.DynamicVal, SrcRange: n.rng}
	}
	return expr
}

// trace returns the place in the file of each byte of a string's decoded text,
// and, last, of its closing quote.
func (c *jsonExpr) trace(n *jsonNode) []hcl.Pos {
	places := []hcl.Pos{}
	s := &jsonScanner{file: n.rng.Filename, src: c.src, pos: n.rng.Start, trace: &places}
	s.string()
	end := s.pos
	end.Byte, end.Column = end.Byte-1, end.Column-1
	return append(places, end)
}

// moveRanges rewrites every hcl.Range in the exported fields of a syntax tree.
// move must leave a range that it moved before as it is: nodes may share parts.
func moveRanges(v reflect.Value, move func(hcl.Range) hcl.Range) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
			moveRanges(v.Elem(), move)
		}
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		if inner := v.Elem(); inner.Kind() == reflect.Pointer {
			moveRanges(inner, move)
		} else if inner.Kind() == reflect.Struct && v.CanSet() { // a step of a traversal
			moved := reflect.New(inner.Type()).Elem()
			moved.Set(inner)
			moveRanges(moved, move)
			v.Set(moved)
		}
	case reflect.Slice:
		for i := range v.Len() {
			moveRanges(v.Index(i), move)
		}
	case reflect.Struct:
		if r, ok := v.Interface().(hcl.Range); ok {
			if v.CanSet() {
				v.Set(reflect.ValueOf(move(r)))
			}
			return
		}
		if !strings.HasPrefix(v.Type().PkgPath(), "github.com/hashicorp/hcl/") {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				moveRanges(v.Field(i), move)
			}
		}
	}
}
