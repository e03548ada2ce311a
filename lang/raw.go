package lang

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/lang/schema"
)

// rawBody is a body in one of the two syntaxes, not yet held against the
// description. JSON cannot tell a block from an attribute without it.
type rawBody interface {
	// read splits the body, in written order.
	read(d *decoder, spec *schema.Block) ([]*Attr, []rawBlock)
	// holds reports whether a block of that type stands in the body itself.
	holds(typ string) bool
}

// rawBlock is a block of unchecked shape.
type rawBlock struct {
	typ         string
	labels      []string
	labelRanges []diag.Range
	typeRange   diag.Range
	header      diag.Range
	whole       diag.Range
	body        rawBody
}

// nativeBody is a body of HCL's native syntax.
type nativeBody struct {
	body *hclsyntax.Body
	// faults holds where syntax errors were found in the file, in bytes. What the
	// parser made of an attribute around one means nothing, and is left out.
	faults []int
}

// sound reports whether the parser understood an attribute.
func (n nativeBody) sound(r hcl.Range) bool {
	return r.End.Byte >= r.Start.Byte && !slices.ContainsFunc(n.faults, func(at int) bool { return at >= r.Start.Byte && at <= r.End.Byte })
}

func (n nativeBody) holds(typ string) bool {
	return slices.ContainsFunc(n.body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == typ })
}

func (n nativeBody) read(*decoder, *schema.Block) ([]*Attr, []rawBlock) {
	attrs := make([]*Attr, 0, len(n.body.Attributes))
	for _, a := range n.body.Attributes {
		if !n.sound(a.SrcRange) {
			continue
		}
		attrs = append(attrs, &Attr{Name: a.Name, Expr: a.Expr, Range: Range(a.SrcRange), NameRange: Range(a.NameRange), ExprRange: Range(a.Expr.Range())})
	}
	slices.SortFunc(attrs, func(a, b *Attr) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	blocks := make([]rawBlock, len(n.body.Blocks))
	for i, b := range n.body.Blocks {
		last := b.TypeRange
		ranges := make([]diag.Range, len(b.LabelRanges))
		for j, r := range b.LabelRanges {
			ranges[j], last = Range(r), r
		}
		whole := hcl.RangeBetween(b.TypeRange, last)
		if b.CloseBraceRange.Filename != "" {
			whole = hcl.RangeBetween(b.TypeRange, b.CloseBraceRange)
		}
		blocks[i] = rawBlock{typ: b.Type, labels: b.Labels, labelRanges: ranges, typeRange: Range(b.TypeRange),
			header: Range(hcl.RangeBetween(b.TypeRange, last)), whole: Range(whole), body: nativeBody{b.Body, n.faults}}
	}
	return attrs, blocks
}

// parseNative reads a file of HCL's native syntax. The body is nil only where
// nothing could be read; with errors it holds what the parser made of the rest.
func parseNative(name string, src []byte) (*hclsyntax.Body, diag.Diagnostics) {
	var ds diag.Diagnostics
	var body *hclsyntax.Body
	ds.Add(guarded("parsing "+name, func() {
		start := hcl.Pos{Line: 1, Column: 1}
		if !plainly(src) {
			tokens, _ := hclsyntax.LexConfig(src, name, start) // ParseConfig reports the same errors
			if fault := checkTokens(tokens); fault != nil {
				ds.Add(fault)
				return
			}
		}
		file, found := hclsyntax.ParseConfig(src, name, start)
		body, _ = file.Body.(*hclsyntax.Body)
		repeated, rest := splitRepeated(body, src, found)
		ds = append(ds, repeated...)
		ds = append(ds, syntaxErrors(rest)...)
	}))
	return body, ds
}

// splitRepeated takes the parser's messages about attributes that are set twice
// out of the others. The parser marks them by nothing but their English text, so
// they are told by shape: the subject is the name in front of an equals sign, and
// the innermost body there has that attribute in another place.
func splitRepeated(body *hclsyntax.Body, src []byte, found hcl.Diagnostics) (diag.Diagnostics, hcl.Diagnostics) {
	var repeated diag.Diagnostics
	var rest hcl.Diagnostics
	for _, f := range found {
		first := firstOf(body, src, f.Subject)
		if first == nil {
			rest = append(rest, f)
			continue
		}
		d := diag.New(diag.RepeatedAttr, "The attribute %q was set on line %d already. Take one of them out.", first.Name, first.NameRange.Start.Line).At(Range(*f.Subject))
		d.Related = []diag.Related{{Message: "first set here", Range: Range(first.NameRange)}}
		repeated.Add(d)
	}
	return repeated, rest
}

// firstOf returns the attribute that the name at r repeats, or nil.
func firstOf(body *hclsyntax.Body, src []byte, r *hcl.Range) *hclsyntax.Attribute {
	if body == nil || r == nil || r.Start.Byte < 0 || r.End.Byte > len(src) || r.Start.Byte >= r.End.Byte {
		return nil
	}
	rest := src[r.End.Byte:]
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		rest = rest[1:]
	}
	if len(rest) == 0 || rest[0] != '=' {
		return nil
	}
	if block := body.InnermostBlockAtPos(r.Start); block != nil {
		inner, ok := block.Body.(*hclsyntax.Body)
		if !ok {
			return nil
		}
		body = inner
	}
	first := body.Attributes[string(src[r.Start.Byte:r.End.Byte])]
	if first == nil || first.NameRange.Start.Byte == r.Start.Byte {
		return nil
	}
	return first
}
