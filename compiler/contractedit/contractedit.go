// Package contractedit changes contracts where they stand: it takes the text of a
// file and gives the text back with a version of a contract changed, or one added.
// What a change does not touch stays byte for byte, comments and order included;
// a file that `headgate fmt` would leave alone is left so, too.
package contractedit

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Change is one difference between two versions of a contract. Column is the
// column's or check's name, What the attribute's, "column" or "check". From is ""
// for what was added, To for what was taken away.
type Change struct {
	Column string `json:"column"`
	What   string `json:"what"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
}

// editor holds a file and the changes to be made.
type editor struct {
	name  string
	src   []byte
	block *hclsyntax.Block // the contract's
	own   *hclsyntax.Block // the version's, or the contract's again
	edits []edit
}

// edit puts text in place of src[start:end].
type edit struct {
	start, end int
	text       string
}

// open finds a contract in a file, and the block that holds a version of it; own
// is nil where the version has no block.
func open(name string, src []byte, c *contract.Contract) (*editor, *diag.Diagnostic) {
	fault := func(format string, args ...any) (*editor, *diag.Diagnostic) {
		return nil, diag.New(diag.NotEditable, format, args...).At(c.Range)
	}
	if !strings.HasSuffix(name, ".hcl") {
		return fault("%s is no file of HCL's native syntax.", name)
	}
	file, bad := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	if bad.HasErrors() {
		return fault("%s does not parse: %s.", name, bad.Error())
	}
	e := &editor{name: name, src: src}
	body, _ := file.Body.(*hclsyntax.Body)
	for _, b := range body.Blocks {
		if b.Type == "contract" && len(b.Labels) == 1 && b.Labels[0] == c.Name {
			e.block = b
		}
	}
	if e.block == nil {
		return fault("%s holds no block contract %q.", name, c.Name)
	}
	versions := e.versions()
	if len(versions) == 0 {
		e.own = e.block
	}
	for _, b := range versions {
		if n, err := strconv.Atoi(b.Labels[0]); err == nil && n == c.Version {
			e.own = b
		}
	}
	if e.own == nil {
		return fault("contract %q in %s has no block for version %d.", c.Name, name, c.Version)
	}
	return e, nil
}

func (e *editor) versions() []*hclsyntax.Block {
	var out []*hclsyntax.Block
	for _, b := range e.block.Body.Blocks {
		if b.Type == "version" && len(b.Labels) == 1 {
			out = append(out, b)
		}
	}
	return out
}

// Update returns the file with a version of a contract changed from before to
// after, which differ in their columns' attributes and in which columns there are,
// and the changes in the order of after's columns.
func Update(name string, src []byte, before, after *contract.Contract) ([]byte, []Change, *diag.Diagnostic) {
	e, fault := open(name, src, before)
	if fault != nil {
		return nil, nil, fault
	}
	var changes []Change
	var added []contract.Column
	for i := range after.Columns {
		col := &after.Columns[i]
		old, ok := before.Column(col.Name)
		if !ok {
			changes = append(changes, Change{Column: col.Name, What: "column", To: contracttext.Type(col.Type)})
			added = append(added, *col)
			continue
		}
		diff := columnChanges(old, col)
		if len(diff) == 0 {
			continue
		}
		changes = append(changes, diff...)
		if own := e.column(col.Name); own != nil {
			e.change(own, col, diff)
		} else {
			added = append(added, *col) // in place of the one inherited
		}
	}
	var removed []string
	for i := range before.Columns {
		old := &before.Columns[i]
		if _, ok := after.Column(old.Name); ok {
			continue
		}
		changes = append(changes, Change{Column: old.Name, What: "column", From: contracttext.Type(old.Type)})
		if own := e.column(old.Name); own != nil {
			e.drop(own)
		} else {
			removed = append(removed, old.Name)
		}
	}
	e.add(added)
	e.remove(removed)
	out, fault := e.result()
	return out, changes, fault
}

// Differ reports whether any attribute of two columns differs.
func Differ(before, after *contract.Column) bool { return len(columnChanges(before, after)) > 0 }

// columnChanges lists the attributes in which two columns differ, in the order in
// which they are written.
func columnChanges(before, after *contract.Column) []Change {
	a, b := contracttext.ColumnAttrs(before), contracttext.ColumnAttrs(after)
	find := func(list []contracttext.Attr, name string) string {
		for _, x := range list {
			if x.Name == name {
				return x.Text
			}
		}
		return ""
	}
	var out []Change
	for _, name := range contracttext.ColumnAttrNames() {
		if from, to := find(a, name), find(b, name); from != to {
			out = append(out, Change{Column: after.Name, What: name, From: from, To: to})
		}
	}
	return out
}

// column returns the block of a column in the version's own body, or nil.
func (e *editor) column(name string) *hclsyntax.Block {
	for _, b := range e.own.Body.Blocks {
		if b.Type == "column" && len(b.Labels) == 1 && b.Labels[0] == name {
			return b
		}
	}
	return nil
}

// change sets and removes attributes of a column's block.
func (e *editor) change(b *hclsyntax.Block, col *contract.Column, diff []Change) {
	if b.OpenBraceRange.Start.Line == b.CloseBraceRange.Start.Line {
		e.replace(b.Range().Start.Byte, b.CloseBraceRange.End.Byte, e.indented(contracttext.Column(col, contracttext.Options{}), b))
		return
	}
	var fresh []Change
	for _, c := range diff {
		a := b.Body.Attributes[c.What]
		switch {
		case a == nil:
			fresh = append(fresh, c)
		case c.To == "":
			from, to := e.lines(a.SrcRange.Start.Byte, a.SrcRange.End.Byte)
			e.replace(from, to, "")
		default:
			e.replace(a.Expr.Range().Start.Byte, a.Expr.Range().End.Byte, c.To)
		}
	}
	for _, c := range fresh {
		at := e.behindAttrs(b, c.What)
		e.replace(at, at, e.indent(b)+"  "+c.What+" = "+c.To+"\n")
	}
}

// behindAttrs returns where a new attribute goes: on the line behind the last
// attribute that is written before it, else behind the opening brace.
func (e *editor) behindAttrs(b *hclsyntax.Block, name string) int {
	order := contracttext.ColumnAttrNames()
	at := e.lineEnd(b.OpenBraceRange.End.Byte)
	for _, a := range b.Body.Attributes {
		if slices.Index(order, a.Name) < slices.Index(order, name) {
			at = max(at, e.lineEnd(a.SrcRange.End.Byte))
		}
	}
	return at
}

// add writes columns behind the last one of the version's body.
func (e *editor) add(cols []contract.Column) {
	if len(cols) == 0 {
		return
	}
	at := e.lineStart(e.own.CloseBraceRange.Start.Byte)
	for _, b := range e.own.Body.Blocks {
		if b.Type == "column" {
			at = e.lineEnd(b.CloseBraceRange.End.Byte)
		}
	}
	text := ""
	for i := range cols {
		text += "\n" + e.indent(e.own) + "  " + strings.TrimRight(e.indentedBy(contracttext.Column(&cols[i], contracttext.Options{}), e.indent(e.own)+"  "), "\n") + "\n"
	}
	e.replace(at, at, text)
}

// drop takes a block out, with the comment right above it and the empty line
// before that.
func (e *editor) drop(b *hclsyntax.Block) {
	from, to := e.lines(b.Range().Start.Byte, b.CloseBraceRange.End.Byte)
	from = e.withComment(from)
	if empty := e.lineStart(max(from-1, 0)); from > 0 && strings.TrimSpace(string(e.src[empty:from])) == "" {
		from = empty
	}
	e.replace(from, to, "")
}

// withComment returns where the comment that ends right above a line begins.
func (e *editor) withComment(line int) int {
	for line > 0 {
		prev := e.lineStart(line - 1)
		text := bytes.TrimSpace(e.src[prev:line])
		if !bytes.HasPrefix(text, []byte("#")) && !bytes.HasPrefix(text, []byte("//")) {
			break
		}
		line = prev
	}
	return line
}

// remove names inherited columns in the version's remove attribute.
func (e *editor) remove(names []string) {
	if len(names) == 0 {
		return
	}
	var parts []string
	for _, n := range names {
		parts = append(parts, lang.Quote(n))
	}
	if a := e.own.Body.Attributes["remove"]; a != nil {
		list := string(e.src[a.Expr.Range().Start.Byte:a.Expr.Range().End.Byte])
		if before, ok := strings.CutSuffix(strings.TrimSpace(list), "]"); ok {
			before = strings.TrimSuffix(strings.TrimRight(before, " \t\r\n"), ",")
			e.replace(a.Expr.Range().Start.Byte, a.Expr.Range().End.Byte, strings.TrimSuffix(before+", ", "[, ")+strings.Join(parts, ", ")+"]")
			return
		}
	}
	at := e.lineEnd(e.own.OpenBraceRange.End.Byte)
	if a := e.own.Body.Attributes["extends"]; a != nil {
		at = e.lineEnd(a.SrcRange.End.Byte)
	}
	e.replace(at, at, e.indent(e.own)+"  remove = ["+strings.Join(parts, ", ")+"]\n")
}

func (e *editor) replace(start, end int, text string) {
	e.edits = append(e.edits, edit{start, end, text})
}

// result carries the changes out. A file that was formatted is formatted again.
func (e *editor) result() ([]byte, *diag.Diagnostic) {
	slices.SortStableFunc(e.edits, func(a, b edit) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	var out []byte
	done := 0
	for _, x := range e.edits {
		out = append(append(out, e.src[done:x.start]...), x.text...)
		done = x.end
	}
	out = append(out, e.src[done:]...)
	formatted, ds := lang.Format(out)
	if ds.HasErrors() {
		return nil, diag.Bug("contractedit", "the changed text of %s does not parse: %v", e.name, ds.Err())
	}
	if before, ds := lang.Format(e.src); !ds.HasErrors() && bytes.Equal(before, e.src) {
		out = formatted
	}
	return out, nil
}

// lines widens a range to whole lines, the last line break included.
func (e *editor) lines(start, end int) (int, int) { return e.lineStart(start), e.lineEnd(end) }

func (e *editor) lineStart(at int) int { return bytes.LastIndexByte(e.src[:at], '\n') + 1 }

func (e *editor) lineEnd(at int) int {
	if i := bytes.IndexByte(e.src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(e.src)
}

// indent is the white space that a block's line begins with.
func (e *editor) indent(b *hclsyntax.Block) string {
	line := e.src[e.lineStart(b.Range().Start.Byte):b.Range().Start.Byte]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// indented is a block's text to stand where b stands.
func (e *editor) indented(text []byte, b *hclsyntax.Block) string {
	return strings.TrimRight(e.indentedBy(text, e.indent(b)), "\n")
}

// indentedBy puts an indent before every line of text but the first.
func (e *editor) indentedBy(text []byte, by string) string {
	lines := strings.Split(string(text), "\n")
	for i := 1; i < len(lines); i++ {
		if lines[i] != "" {
			lines[i] = by + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}
