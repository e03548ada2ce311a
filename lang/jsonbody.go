package lang

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/lang/schema"
)

// jsonBody is a body of HCL's JSON syntax: an object, or an array of objects that
// are read as one.
type jsonBody struct {
	src  []byte
	node *jsonNode
}

// parseJSON reads a file of HCL's JSON syntax; nil where it is not JSON.
func parseJSON(name string, src []byte) (rawBody, diag.Diagnostics) {
	s := &jsonScanner{file: name, src: src, pos: hcl.Pos{Line: 1, Column: 1}}
	node := s.document()
	if node == nil {
		return nil, diag.Diagnostics{s.fault}
	}
	return jsonBody{src, node}, nil
}

// objects returns the objects that make up a value, and reports what is none.
func objects(d *decoder, n *jsonNode, what string) []*jsonNode {
	switch n.kind {
	case jsonObject:
		return []*jsonNode{n}
	case jsonArray:
		var out []*jsonNode
		for _, e := range n.elems {
			out = append(out, objects(d, e, what)...)
		}
		return out
	case jsonNull:
		return nil
	}
	d.diags.Add(diag.New(diag.BadJSON, "%s must be a JSON object, or an array of objects.", what).At(Range(n.rng)))
	return nil
}

func (b jsonBody) holds(typ string) bool {
	for _, object := range objects(&decoder{}, b.node, "") {
		for i := range object.members {
			if object.members[i].name == typ {
				return true
			}
		}
	}
	return false
}

func (b jsonBody) read(d *decoder, spec *schema.Block) ([]*Attr, []rawBlock) {
	var attrs []*Attr
	var blocks []rawBlock
	first := map[string]*jsonMember{}
	what := "The content of a " + spec.Type + " block"
	if spec.Type == "" {
		what = "The content of a file"
	}
	for _, object := range objects(d, b.node, what) {
		for i := range object.members {
			m := &object.members[i]
			if m.name == "//" { // a comment
				continue
			}
			if nested, ok := spec.Block(m.name); ok {
				blocks = b.expand(d, nested, m, m.value, rawBlock{typ: m.name, typeRange: Range(m.nameRange)}, blocks)
				continue
			}
			if _, known := spec.Attr(m.name); !known && !spec.AnyAttr && m.value.kind == jsonObject { // a block, going by its look
				blocks = append(blocks, rawBlock{typ: m.name, typeRange: Range(m.nameRange), header: Range(m.nameRange), whole: Range(m.value.rng)})
				continue
			}
			if before := first[m.name]; before != nil {
				fault := diag.New(diag.RepeatedAttr, "The attribute %q was set on line %d already. Take one of them out.", m.name, before.nameRange.Start.Line).At(Range(m.nameRange))
				fault.Related = []diag.Related{{Message: "first set here", Range: Range(before.nameRange)}}
				d.diags.Add(fault)
				continue
			}
			first[m.name] = m
			if a := b.attr(d, spec, m); a != nil {
				attrs = append(attrs, a)
			}
		}
	}
	return attrs, blocks
}

// attr reads a member as an attribute; nil where its text is no expression, which
// was reported.
func (b jsonBody) attr(d *decoder, spec *schema.Block, m *jsonMember) *Attr {
	kind := schema.Config
	if known, ok := spec.Attr(m.name); ok {
		kind = known.Kind
	}
	conv := &jsonExpr{src: b.src}
	expr := conv.expression(m.value, kind)
	d.diags = append(d.diags, conv.diags...)
	if conv.diags.HasErrors() {
		d.broken = true
		return nil
	}
	return &Attr{Name: m.name, Expr: expr, Range: Range(hcl.RangeBetween(m.nameRange, m.value.rng)), NameRange: Range(m.nameRange), ExprRange: Range(expr.Range())}
}

// expand makes blocks of a member whose name is a block's type: one object level
// for each label, then the body; an array at any level stands for several.
func (b jsonBody) expand(d *decoder, spec *schema.Block, m *jsonMember, n *jsonNode, block rawBlock, out []rawBlock) []rawBlock {
	if len(block.labels) == len(spec.Labels) || spec.Later != "" {
		block.header, block.whole = block.typeRange, Range(n.rng)
		if k := len(block.labelRanges); k > 0 {
			block.header = block.labelRanges[k-1]
		}
		if n.kind == jsonArray && spec.Later == "" {
			for _, e := range n.elems {
				out = b.expand(d, spec, m, e, block, out)
			}
			return out
		}
		if n.kind == jsonNull {
			return out
		}
		block.body = jsonBody{b.src, n}
		return append(out, block)
	}
	what := "Under " + m.name + " the names of blocks"
	for _, object := range objects(d, n, what) {
		for i := range object.members {
			label := &object.members[i]
			if label.name == "//" {
				continue
			}
			next := block
			next.labels = append(block.labels[:len(block.labels):len(block.labels)], label.name)
			next.labelRanges = append(block.labelRanges[:len(block.labelRanges):len(block.labelRanges)], Range(label.nameRange))
			out = b.expand(d, spec, m, label.value, next, out)
		}
	}
	return out
}
