package diag_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang/diag"
)

// at finds the nth (from 0) occurrence of text in a file and returns its range,
// with columns counted in characters.
func at(files map[string][]byte, file, text string, nth int) diag.Range {
	src, start := string(files[file]), 0
	for ; nth >= 0; nth-- {
		i := strings.Index(src[start:], text)
		if i < 0 {
			panic("no " + text)
		}
		start += i + 1
	}
	start--
	pos := func(b int) diag.Pos {
		begin := strings.LastIndexByte(src[:b], '\n') + 1
		return diag.Pos{Line: strings.Count(src[:b], "\n") + 1, Column: utf8.RuneCountInString(src[begin:b]) + 1, Byte: b}
	}
	return diag.Range{Filename: file, Start: pos(start), End: pos(start + len(text))}
}

func TestRender(t *testing.T) {
	files := map[string][]byte{
		"a.gate.hcl": []byte("contract \"orders\" {\n\tcolumn \"id\" {\n\t\ttyp = int64\t# why\n\t}\n  größe = \"日本語\" # 値段 x\n}\n"),
		"long.sql":   []byte("select " + strings.Repeat("column_of_some_length, ", 30) + "mistake, " + strings.Repeat("and_more, ", 30) + "z\r\nfrom t\n\n\nwhere\nx\n"),
		"evil.hcl":   []byte("a = \"\x1b[31m\u202e\xff\" b\nlast"),
		"empty.hcl":  nil,
	}
	lines := func(file string, first, last int) diag.Range {
		return diag.Range{Filename: file, Start: diag.Pos{Line: first, Column: 1}, End: diag.Pos{Line: last, Column: 4}}
	}
	d := func(r diag.Range) *diag.Diagnostic {
		return diag.Errorf("HG1011", "There is no such attribute", "A column block takes no attribute %q. Did you mean %q?", "typ", "type").At(r)
	}
	related := d(at(files, "a.gate.hcl", "typ", 0))
	related.Severity = diag.Warning
	related.Related = []diag.Related{{Message: "first set here", Range: at(files, "a.gate.hcl", "orders", 0)}, {Message: "elsewhere", Range: lines("gone.hcl", 3, 3)}}
	wordy := diag.Errorf("HG2001", "A summary", "%s\n\n  indented lines stay as they are, however long they may be, because they are code or a table: %s\nlast", strings.Repeat("many words that wrap ", 12), strings.Repeat("x", 50)).For("pipeline.orders")
	end := at(files, "evil.hcl", "last", 0)
	end.Start = end.End
	cases := []struct {
		name string
		d    *diag.Diagnostic
		opts diag.RenderOptions
	}{
		{"tabs", d(at(files, "a.gate.hcl", "typ", 0)), diag.RenderOptions{}},
		{"tab in front of the end", d(at(files, "a.gate.hcl", "int64\t#", 0)), diag.RenderOptions{}},
		{"wide", d(at(files, "a.gate.hcl", "本語", 0)), diag.RenderOptions{}},
		{"behind wide", d(at(files, "a.gate.hcl", "x", 0)), diag.RenderOptions{}},
		{"wide by column", d(diag.Range{Filename: "a.gate.hcl", Start: diag.Pos{Line: 5, Column: 13}, End: diag.Pos{Line: 5, Column: 15}}), diag.RenderOptions{}},
		{"related, a warning", related, diag.RenderOptions{}},
		{"long line", d(at(files, "long.sql", "mistake", 0)), diag.RenderOptions{Width: 80}},
		{"long range", d(at(files, "long.sql", string(files["long.sql"][:500]), 0)), diag.RenderOptions{Width: 60}},
		{"long line, begin", d(at(files, "long.sql", "select", 0)), diag.RenderOptions{Width: 60}},
		{"many lines", d(lines("long.sql", 2, 6)), diag.RenderOptions{Width: 60}},
		{"two lines", d(lines("a.gate.hcl", 2, 3)), diag.RenderOptions{}},
		{"control characters", d(at(files, "evil.hcl", "b", 0)), diag.RenderOptions{}},
		{"end of file", d(end), diag.RenderOptions{}},
		{"empty file", d(diag.Range{Filename: "empty.hcl", Start: diag.Pos{Line: 1, Column: 1}, End: diag.Pos{Line: 1, Column: 1}}), diag.RenderOptions{}},
		{"no such line", d(lines("evil.hcl", 7, 9)), diag.RenderOptions{}},
		{"no place", wordy, diag.RenderOptions{Width: 60}},
		{"colour", related, diag.RenderOptions{Color: true}},
	}
	var b bytes.Buffer
	for _, c := range cases {
		fmt.Fprintf(&b, "== %s\n", c.name)
		var one bytes.Buffer
		if err := diag.Render(&one, c.d, files, c.opts); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(one.String(), "\n") {
			if n := utf8.RuneCountInString(line); c.opts.Width > 0 && n > c.opts.Width && !strings.Contains(line, "indented") {
				t.Errorf("%s: %d columns: %s", c.name, n, line)
			}
		}
		b.Write(one.Bytes())
	}
	golden.File(t, "testdata/render.txt", bytes.ReplaceAll(b.Bytes(), []byte("\x1b"), []byte("ESC")))
}

// FuzzRender draws any range of any text, in any width.
func FuzzRender(f *testing.F) {
	f.Add([]byte("a = 1\n\tb = 日本 \x1b\n"), 1, 2, 3, 2, 4, 9, 60)
	f.Add([]byte(""), 0, 0, 0, 0, 0, 0, 0)
	f.Add([]byte("x\r\n\r\n"), 3, 1, 100, -1, -5, -9, -3)
	f.Fuzz(func(t *testing.T, src []byte, line, column, pos, endLine, endColumn, endPos, width int) {
		d := diag.Errorf("HG0001", "summary", "%s", src).At(diag.Range{Filename: "f",
			Start: diag.Pos{Line: line, Column: column, Byte: pos}, End: diag.Pos{Line: endLine, Column: endColumn, Byte: endPos}})
		var b bytes.Buffer
		if err := diag.Render(&b, d, map[string][]byte{"f": src}, diag.RenderOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(b.Bytes()) || bytes.ContainsAny(b.Bytes(), "\x1b\a\b\r\t") {
			t.Fatalf("%q steers the terminal", b.String())
		}
	})
}

func TestCodes(t *testing.T) {
	seen := map[diag.Code]string{}
	for _, info := range diag.Codes() {
		if before, ok := seen[info.Code]; ok {
			t.Errorf("%s stands for %q and %q", info.Code, before, info.Summary)
		}
		seen[info.Code] = info.Summary
		if len(info.Code) != 6 || !strings.HasPrefix(string(info.Code), "HG") {
			t.Errorf("%s is not a code", info.Code)
		}
		if info.Summary == "" || strings.HasSuffix(info.Summary, ".") || strings.Contains(info.Summary, "\n") || len(info.Explain) < 20 {
			t.Errorf("%s: a summary is one line without a full stop, an explanation is a text: %q %q", info.Code, info.Summary, info.Explain)
		}
	}
}
