package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/headgate-data/headgate/lang/diag"
)

// What a document may hold. They are far beyond what people write.
const (
	maxBytes  = 16 << 20
	maxDepth  = 100
	maxValues = 1 << 20
)

// Parse reads one YAML or JSON document. name is the file's, for diagnostics.
// Anchors and merge keys are replaced by what they stand for. The value is nil
// where there are errors, or where the document is empty.
func Parse(name string, src []byte) (*Value, diag.Diagnostics) {
	p := &parser{name: name, src: bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))}
	if len(src) > maxBytes {
		p.fail(diag.DocumentLimit, diag.Range{Filename: name}, "It has %d bytes, and at most %d MiB are read.", len(src), maxBytes>>20)
		return nil, p.diags
	}
	if i := bytes.IndexByte(p.src, 0); i >= 0 || !utf8.Valid(p.src) {
		p.fail(diag.DocumentSyntax, diag.Range{Filename: name}, "It is no text: it holds bytes that are not UTF-8, or a NUL.")
		return nil, p.diags
	}
	p.lines()
	if head := bytes.TrimSpace(p.src); len(head) > 0 && (head[0] == '{' || head[0] == '[') && json.Valid(p.src) {
		v := p.json()
		if p.diags.HasErrors() {
			return nil, p.diags
		}
		return v, p.diags
	}
	p.tabs()
	if p.diags.HasErrors() {
		return nil, p.diags
	}
	v := p.parse()
	if p.diags.HasErrors() {
		return nil, p.diags
	}
	return v, p.diags
}

type parser struct {
	name   string
	src    []byte
	starts []int // of lines
	values int
	diags  diag.Diagnostics
}

func (p *parser) fail(code diag.Code, at diag.Range, format string, args ...any) {
	p.diags.Add(diag.New(code, format, args...).At(at))
}

// twice reports a key that stands twice in a map.
func (p *parser) twice(name string, at, first diag.Range) {
	d := diag.New(diag.DocumentDuplicate, "%q stands in this map already, and one of the two would be lost.", name).At(at)
	d.Related = []diag.Related{{Message: "the first one", Range: first}}
	p.diags.Add(d)
}

func (p *parser) lines() {
	p.starts = []int{0}
	for i, c := range p.src {
		if c == '\n' {
			p.starts = append(p.starts, i+1)
		}
	}
}

// pos makes a place of a line and a column, both counted from 1, the column in
// characters.
func (p *parser) pos(line, column int) diag.Pos {
	line = min(max(line, 1), len(p.starts))
	at := p.starts[line-1]
	for range column - 1 {
		_, n := utf8.DecodeRune(p.src[min(at, len(p.src)):])
		at += n
	}
	return diag.Pos{Line: line, Column: max(column, 1), Byte: at}
}

// tabs reports a tab that stands where YAML wants spaces. Its parser would name
// another line, or none. In JSON, which begins with a bracket, tabs are fine.
func (p *parser) tabs() {
	if head := bytes.TrimSpace(p.src); len(head) > 0 && (head[0] == '{' || head[0] == '[') {
		return
	}
	for i, start := range p.starts {
		end := len(p.src)
		if i+1 < len(p.starts) {
			end = p.starts[i+1]
		}
		line := p.src[start:end]
		rest := bytes.TrimLeft(line, " ")
		column := len(line) - len(rest) + 1
		if len(rest) > 0 && rest[0] == '\t' && startsValue(bytes.TrimLeft(rest, " \t\r\n")) {
			at := p.pos(i+1, column)
			p.fail(diag.DocumentSyntax, p.span(at, 1), "A tab indents this line, and YAML indents with spaces alone.")
			return
		}
	}
}

var keyStart = regexp.MustCompile(`^(- |[\w.-]+:(\s|$))`)

// startsValue reports whether text begins with an element or a key: in a text
// block a tab may lead a line.
func startsValue(text []byte) bool { return keyStart.Match(text) }

func (p *parser) span(at diag.Pos, length int) diag.Range {
	end := at
	end.Column += length
	for range length {
		_, n := utf8.DecodeRune(p.src[min(end.Byte, len(p.src)):])
		end.Byte += n
	}
	return diag.Range{Filename: p.name, Start: at, End: end}
}

var faultLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line (\d+): )?`)

// parse reads the one document of the text.
func (p *parser) parse() *Value {
	dec := yaml.NewDecoder(bytes.NewReader(p.src))
	var root yaml.Node
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		p.syntax(err)
		return nil
	}
	var more yaml.Node
	switch err := dec.Decode(&more); {
	case err == nil:
		p.fail(diag.DocumentSyntax, p.at(&more), "A second document begins here. A file holds one: split it.")
		return nil
	case !errors.Is(err, io.EOF):
		p.syntax(err)
		return nil
	}
	if len(root.Content) != 1 {
		return nil
	}
	return p.node(root.Content[0], 0, nil)
}

func (p *parser) syntax(err error) {
	text := err.Error()
	at := diag.Range{Filename: p.name}
	if m := faultLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		line, bad := strconv.Atoi(m[1])
		if bad != nil {
			line = 1 + bytes.Count(p.src[:max(p.control(), 0)], []byte{'\n'}) // the parser leaves the first line unsaid
		}
		if line > 0 {
			start := p.pos(line, 1)
			length := 0
			if line <= len(p.starts) {
				line := p.src[start.Byte:]
				if i := bytes.IndexByte(line, '\n'); i >= 0 {
					line = line[:i]
				}
				length = utf8.RuneCount(line)
			}
			at = p.span(start, length)
		}
	}
	p.fail(diag.DocumentSyntax, at, "It is no YAML, in or just above this line: %s.", text)
}

// control returns where the first control character is that YAML does not take,
// -1 for none.
func (p *parser) control() int {
	return bytes.IndexFunc(p.src, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	})
}

// at returns where a node is written; of nested ones, where they begin.
func (p *parser) at(n *yaml.Node) diag.Range {
	start := p.pos(n.Line, n.Column)
	length := 1
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !strings.Contains(n.Value, "\n") {
		length = utf8.RuneCountInString(n.Value)
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			length += 2
		}
	}
	return p.span(start, length)
}

// node makes a value of a node; nil after a fault. open are the anchors that it
// stands in.
func (p *parser) node(n *yaml.Node, depth int, open []*yaml.Node) *Value {
	p.values++
	switch {
	case p.diags.HasErrors():
		return nil
	case depth > maxDepth:
		p.fail(diag.DocumentLimit, p.at(n), "It is nested more than %d deep.", maxDepth)
		return nil
	case p.values > maxValues:
		p.fail(diag.DocumentLimit, p.at(n), "With its anchors replaced, it holds more than %d values.", maxValues)
		return nil
	}
	out := &Value{Range: p.at(n)}
	switch n.Kind {
	case yaml.AliasNode:
		if slices.Contains(open, n.Alias) {
			p.fail(diag.DocumentValue, out.Range, "The anchor %q holds itself.", n.Value)
			return nil
		}
		return p.node(n.Alias, depth+1, append(slices.Clip(open), n.Alias))
	case yaml.ScalarNode:
		return p.scalar(n, out)
	case yaml.SequenceNode:
		if !p.plainTag(n, "!!seq") {
			return nil
		}
		out.Kind = List
		for _, x := range n.Content {
			out.Items = append(out.Items, p.node(x, depth+1, append(slices.Clip(open), n)))
		}
		return out
	case yaml.MappingNode:
		if !p.plainTag(n, "!!map") {
			return nil
		}
		out.Kind = Map
		p.members(n, out, depth, append(slices.Clip(open), n))
		return out
	}
	return out
}

// plainTag refuses a tag that says more than JSON can.
func (p *parser) plainTag(n *yaml.Node, want string) bool {
	if tag := n.ShortTag(); tag != want {
		p.fail(diag.DocumentValue, p.at(n), "The tag %s has no meaning here: write the value without it.", tag)
		return false
	}
	return true
}

func (p *parser) members(n *yaml.Node, out *Value, depth int, open []*yaml.Node) {
	at := map[string]int{}
	var merged []*Value
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode && key.Alias != nil {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null" {
			p.fail(diag.DocumentValue, p.at(key), "A key is a word here, and this is none.")
			return
		}
		value := p.node(n.Content[i+1], depth+1, open)
		if p.diags.HasErrors() {
			return
		}
		if key.ShortTag() == "!!merge" {
			merged = append(merged, mergeSources(value)...)
			continue
		}
		if first, twice := at[key.Value]; twice {
			p.twice(key.Value, p.at(n.Content[i]), out.Members[first].Range)
			return
		}
		at[key.Value] = len(out.Members)
		out.Members = append(out.Members, Member{Name: key.Value, Value: value, Range: p.at(n.Content[i])})
	}
	for _, source := range merged {
		for _, m := range source.Members {
			if _, told := at[m.Name]; !told {
				at[m.Name] = len(out.Members)
				out.Members = append(out.Members, m)
			}
		}
	}
}

// mergeSources returns the maps that a merge key names.
func mergeSources(v *Value) []*Value {
	if v.Is(List) {
		return v.Items
	}
	return []*Value{v}
}

func (p *parser) scalar(n *yaml.Node, out *Value) *Value {
	out.Kind, out.Text = String, n.Value
	switch tag := n.ShortTag(); tag {
	case "!!null":
		out.Kind, out.Text = Null, ""
	case "!!bool":
		out.Kind, out.Text = Bool, strings.ToLower(n.Value)
		if out.Text != "true" && out.Text != "false" {
			out.Kind, out.Text = String, n.Value
		}
	case "!!int", "!!float":
		digits, fault := number(n.Value)
		if fault != "" {
			p.fail(diag.DocumentValue, out.Range, "%s is %s.", n.Value, fault)
			return nil
		}
		out.Kind, out.Text = Number, digits
	case "!!str", "!!timestamp", "!!merge":
	default:
		p.plainTag(n, "!!str")
		return nil
	}
	return out
}
