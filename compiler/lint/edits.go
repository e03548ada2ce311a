package lint

import (
	"strings"

	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Source returns the text at a place; false where the file is not one of those
// that were read.
func (p *Pass) Source(at diag.Range) (string, bool) {
	src, ok := p.in.Module.Files[at.Filename]
	if !ok || at.Start.Byte < 0 || at.Start.Byte > at.End.Byte || at.End.Byte > len(src) {
		return "", false
	}
	return string(src[at.Start.Byte:at.End.Byte]), true
}

// Replace makes the edit that writes a text in place of what stands at a place; nil
// where nothing can be edited: JSON has another syntax.
func (p *Pass) Replace(at diag.Range, text string) []Edit {
	if _, ok := p.Source(at); !ok || !strings.HasSuffix(at.Filename, ".hcl") && !strings.HasSuffix(at.Filename, ".sql") {
		return nil
	}
	return []Edit{{File: at.Filename, Start: at.Start.Byte, End: at.End.Byte, Text: text}}
}

// AfterAttr makes the edit that writes an attribute on a line of its own behind
// another one, at its indent; nil where the other one shares its line with
// something.
func (p *Pass) AfterAttr(a *lang.Attr, text string) []Edit {
	src := p.in.Module.Files[a.Range.Filename]
	if _, ok := p.Source(a.Range); !ok || !strings.HasSuffix(a.Range.Filename, ".hcl") {
		return nil
	}
	begin := strings.LastIndexByte(string(src[:a.Range.Start.Byte]), '\n') + 1
	indent := string(src[begin:a.Range.Start.Byte])
	if strings.TrimSpace(indent) != "" {
		return nil
	}
	end := a.Range.End.Byte
	for end < len(src) && src[end] != '\n' { // a comment stays with its attribute
		end++
	}
	rest := strings.TrimSpace(string(src[a.Range.End.Byte:end]))
	if rest != "" && rest[0] != '#' && !strings.HasPrefix(rest, "//") {
		return nil
	}
	lineBreak := "\n"
	if src[end-1] == '\r' {
		end, lineBreak = end-1, "\r\n"
	}
	return []Edit{{File: a.Range.Filename, Start: end, End: end, Text: lineBreak + indent + text}}
}

// RemoveAttr makes the edit that takes an attribute out, and its line where it
// stands alone there.
func (p *Pass) RemoveAttr(a *lang.Attr) []Edit {
	edits := p.Replace(a.Range, "")
	for i := range edits {
		edits[i].Start, edits[i].End = WholeLines(p.in.Module.Files[a.Range.Filename], edits[i].Start, edits[i].End)
	}
	return edits
}
