package lint

import (
	"bytes"
	"context"
	"io/fs"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Documents is what documents are linted with.
type Documents struct {
	Today      string // YYYY-MM-DD
	Rules      []*Rule
	Severities map[string]Severity
}

// Lint looks at the code blocks of a Markdown document that are marked as
// headgate's: ```hcl headgate, or ```headgate. Each is a file of its own, held to
// the language, to the canonical form, and to the rules that judge blocks one at
// a time; what it refers to need not be there.
func (d Documents) Lint(ctx context.Context, name string, src []byte) Result {
	var out Result
	for _, b := range codeBlocks(src) {
		m, diags := lang.LoadText(name, b.alone(src))
		for _, x := range diags {
			out.Findings = append(out.Findings, FromDiagnostic(x))
		}
		if diags.HasErrors() {
			continue
		}
		p, _ := compiler.Compile(ctx, m, compiler.Inputs{Today: d.Today, FS: noFiles{}, FolderName: "document", AllowDeprecated: true})
		r := Run(Input{Module: m, Program: p, Today: d.Today, Rules: d.Rules, Severities: d.Severities, Document: true})
		out.Findings = append(out.Findings, r.Findings...)
		out.Ignored = append(out.Ignored, r.Ignored...)
		if f, unlike := b.form(name, src); unlike {
			if s, set := d.Severities[f.Rule]; set {
				f.Severity = s
			}
			if f.Severity != Off {
				out.Findings = append(out.Findings, f)
			}
		}
	}
	slices.SortStableFunc(out.Findings, compareFindings)
	return out
}

// noFiles is a file system without files: a document's block stands alone.
type noFiles struct{}

// Open implements fs.FS.
func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// codeBlock is the text between the fences of a code block: src[start:end], whose
// lines stand behind an indent.
type codeBlock struct {
	start, end int
	indent     int
}

// alone returns the document with everything but the block blanked out, so that
// places in it are places in the document.
func (b codeBlock) alone(src []byte) []byte {
	out := bytes.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, src[:b.start])
	// A blank for each byte, not for each character: bytes count.
	if missing := b.start - len(out); missing > 0 {
		out = append(bytes.Repeat([]byte(" "), missing), out...)
	}
	return append(out, src[b.start:b.end]...)
}

// form reports a block that `headgate fmt` would write in another way.
func (b codeBlock) form(name string, src []byte) (Finding, bool) {
	var plain, indented bytes.Buffer
	for _, line := range bytes.SplitAfter(src[b.start:b.end], []byte("\n")) {
		plain.Write(line[min(b.indent, len(line)-len(bytes.TrimLeft(line, " "))):])
	}
	formatted, diags := lang.Format(plain.Bytes())
	if diags.HasErrors() || bytes.Equal(formatted, plain.Bytes()) || len(formatted) == 0 {
		return Finding{}, false
	}
	for _, line := range bytes.SplitAfter(formatted, []byte("\n")) {
		if len(bytes.TrimSpace(line)) > 0 {
			indented.WriteString(strings.Repeat(" ", b.indent))
		}
		indented.Write(line)
	}
	at := newLines(name, src)
	first := at.of(b.start)
	f := fault(diag.DocumentForm, at.rangeOf(b.start, max(b.start, at.end(first)-1)), "`headgate fmt` would write this block in another way. --fix rewrites it.")
	f.Edits = []Edit{{File: name, Start: b.start, End: b.end, Text: indented.String()}}
	return f, true
}

// codeBlocks finds the blocks of a document that are headgate's.
func codeBlocks(src []byte) []codeBlock {
	var out []codeBlock
	fence, ours := "", false
	var open codeBlock
	at := 0
	for _, line := range strings.SplitAfter(string(src), "\n") {
		text := strings.TrimLeft(line, " ")
		next := at + len(line)
		sign := fenceOf(text)
		switch {
		case fence == "" && sign != "":
			fence, ours = sign, isOurs(text[len(sign):])
			open = codeBlock{start: next, indent: len(line) - len(text)}
		case fence != "" && strings.HasPrefix(sign, fence) && strings.TrimSpace(text[len(sign):]) == "":
			if open.end = at; ours && open.end > open.start {
				out = append(out, open)
			}
			fence = ""
		}
		at = next
	}
	if ours && fence != "" && open.start < len(src) { // a block that nothing closes ends with the document
		open.end = len(src)
		out = append(out, open)
	}
	return out
}

// fenceOf returns the three or more signs that a fence begins with, "" where the
// line is none.
func fenceOf(text string) string {
	for _, sign := range []string{"`", "~"} {
		if n := len(text) - len(strings.TrimLeft(text, sign)); n >= 3 {
			return text[:n]
		}
	}
	return ""
}

// isOurs reads the words behind a fence.
func isOurs(info string) bool {
	words := strings.Fields(info)
	return len(words) > 0 && (words[0] == "headgate" || words[0] == "hcl" && slices.Contains(words[1:], "headgate"))
}
