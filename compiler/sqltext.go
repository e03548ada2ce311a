package compiler

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// sqlText is a query with a way back from its bytes to where they are written.
type sqlText struct {
	text   string
	pieces []piece // in order of start; together they cover the text
	whole  diag.Range
}

// piece is a stretch of a query. Where exact, its bytes stand one by one in the
// file from byte on; else the whole of at stands for it.
type piece struct {
	start, end int
	exact      bool
	byte       int
	at         diag.Range
}

// rangeOf returns where the bytes from start to end of a query are written. An
// offset below 0 means that the place is not known.
func (c *compiler) rangeOf(q *sqlText, start, end int) diag.Range {
	if start < 0 || start > len(q.text) {
		return q.whole
	}
	end = min(max(end, start+1), len(q.text))
	i, found := slices.BinarySearchFunc(q.pieces, start, func(p piece, at int) int { return p.start - at })
	if !found {
		i--
	}
	if i < 0 || i >= len(q.pieces) {
		return q.whole
	}
	p := q.pieces[i]
	if !p.exact {
		return p.at
	}
	file := p.at.Filename
	return diag.Range{Filename: file,
		Start: c.lines(file).pos(p.byte + start - p.start),
		End:   c.lines(file).pos(p.byte + max(start, min(end, p.end)) - p.start)}
}

// query reads the text of a model's query, from a .sql file or as it is written.
func (b body) query() *sqlText {
	a := b.b.Attr("query")
	if a == nil {
		return nil // reported by lang
	}
	expr := a.Expr
	if wrap, ok := expr.(*hclsyntax.TemplateWrapExpr); ok { // "${file(...)}", as JSON has to write it
		expr = wrap.Wrapped
	}
	if call, bad := hcl.ExprCall(expr); !bad.HasErrors() && call.Name == "file" && len(call.Arguments) == 1 {
		return b.queryFile(call)
	}
	text, ok := b.str("query")
	if !ok {
		return nil
	}
	q := &sqlText{text: text, whole: a.ExprRange}
	q.pieces = b.pieces(a.Expr, text)
	return q
}

// queryFile reads a .sql file, byte for byte.
func (b body) queryFile(call *hcl.StaticCall) *sqlText {
	at := lang.Range(call.Arguments[0].Range())
	v, diags := b.c.eval.Eval(call.Arguments[0], b.each)
	if !diags.HasErrors() {
		var ds diag.Diagnostics
		v, ds = config.Convert(v, cty.String, at)
		diags = append(diags, ds...)
	}
	b.c.diags = append(b.c.diags, diags...)
	if diags.HasErrors() || v.IsNull() {
		return nil
	}
	data, err := b.c.eval.ReadFile(v.AsString())
	if err == nil && !utf8.Valid(data) {
		err = kindError("the file is not UTF-8 text")
	}
	if err != nil {
		b.c.add(diag.New(diag.ProjectFile, "file: %s.", err).At(at))
		return nil
	}
	name, _ := config.ProjectPath(v.AsString())
	b.c.mod.Files[name] = data
	bom := 0
	if strings.HasPrefix(string(data), "\ufeff") {
		bom = len("\ufeff")
	}
	q := &sqlText{text: string(data[bom:])}
	q.pieces = []piece{{end: len(q.text), exact: true, byte: bom, at: diag.Range{Filename: name}}}
	q.whole = diag.Range{Filename: name, Start: b.c.lines(name).pos(bom), End: b.c.lines(name).pos(len(data))}
	return q
}

// pieces maps the text of a literal or heredoc to its bytes in the file.
func (b body) pieces(expr hcl.Expression, text string) []piece {
	t, ok := expr.(*hclsyntax.TemplateExpr)
	if !ok {
		return nil
	}
	var out []piece
	at := 0
	for _, part := range t.Parts {
		rng := lang.Range(part.Range())
		v, ok := b.partText(part)
		if !ok || !strings.HasPrefix(text[at:], v) {
			return out // normalised while it was evaluated: the rest cannot be told
		}
		source := ""
		file := b.c.mod.Files[rng.Filename]
		if _, literal := part.(*hclsyntax.LiteralValueExpr); literal && rng.End.Byte <= len(file) && rng.Start.Byte <= rng.End.Byte {
			source = string(file[rng.Start.Byte:rng.End.Byte])
			if strings.HasSuffix(rng.Filename, ".json") {
				source = strings.TrimSuffix(source, `"`) // the range holds the quotes
			}
		}
		out = append(out, literalPieces(v, source, at, rng)...)
		at += len(v)
	}
	return out
}

// literalPieces maps a literal line by line: an indented heredoc leaves out the
// begin of each. Where the lines are not those of the source, as with escapes, the
// whole literal stands for them.
func literalPieces(v, source string, at int, rng diag.Range) []piece {
	if v == "" {
		return nil
	}
	values, lines := strings.SplitAfter(v, "\n"), strings.SplitAfter(source, "\n")
	whole := []piece{{start: at, end: at + len(v), at: rng}}
	if len(values) != len(lines) {
		return whole
	}
	var out []piece
	from := rng.Start.Byte
	for i, line := range values {
		if !strings.HasSuffix(lines[i], line) {
			return whole
		}
		from += len(lines[i])
		if line != "" {
			out = append(out, piece{start: at, end: at + len(line), exact: true, byte: from - len(line), at: rng})
		}
		at += len(line)
	}
	return out
}

func (b body) partText(part hclsyntax.Expression) (string, bool) {
	v, diags := b.c.eval.Eval(part, b.each)
	if diags.HasErrors() {
		return "", false
	}
	v, diags = config.Convert(v, cty.String, diag.Range{})
	if diags.HasErrors() || v.IsNull() {
		return "", false
	}
	return v.AsString(), true
}

// lineIndex finds lines in a file.
type lineIndex struct {
	data  []byte
	start []int // byte at which each line begins
}

// lines returns the index of a file's lines, made once.
func (c *compiler) lines(file string) *lineIndex {
	if l := c.lineIndexes[file]; l != nil {
		return l
	}
	l := &lineIndex{data: c.mod.Files[file], start: []int{0}}
	for i, b := range l.data {
		if b == '\n' {
			l.start = append(l.start, i+1)
		}
	}
	c.lineIndexes[file] = l
	return l
}

// pos returns the place of a byte.
func (l *lineIndex) pos(at int) diag.Pos {
	at = min(max(at, 0), len(l.data))
	i, found := slices.BinarySearch(l.start, at)
	if !found {
		i--
	}
	return diag.Pos{Line: i + 1, Column: utf8.RuneCount(l.data[l.start[i]:at]) + 1, Byte: at}
}
