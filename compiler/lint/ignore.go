package lint

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// marker begins a comment that silences a rule.
const marker = "headgate:ignore"

// ignore is one such comment: headgate:ignore RULE [until=YYYY-MM-DD] reason.
type ignore struct {
	rule, until, reason string
	at                  diag.Range // the comment
	line                edgeLine
	target              diag.Range // what it speaks of; zero where there is nothing
	used                bool
}

// edgeLine is the whole line of a comment, with its line break.
type edgeLine struct{ start, end int }

// silence takes out what comments silence, and adds what is wrong with comments.
func (in Input) silence(all []Finding, rules []*Rule) Result {
	known := map[string]bool{}
	var names []string
	for _, r := range rules {
		known[r.ID] = true
		names = append(names, r.ID)
	}
	comments := in.ignores()
	var out Result
	for _, f := range all {
		f.Reason = ""
		for i := range comments {
			c := &comments[i]
			if c.valid(known, in.Today) && c.rule == f.Rule && c.covers(f) {
				c.used = true
				f.Reason = c.reason
			}
		}
		if f.Reason != "" {
			out.Ignored = append(out.Ignored, f)
		} else {
			out.Findings = append(out.Findings, f)
		}
	}
	for i := range comments {
		f, bad := comments[i].judge(known, names, in)
		if s, set := in.Severities[f.Rule]; set {
			f.Severity = s
		}
		if bad && f.Severity != Off {
			out.Findings = append(out.Findings, f)
		}
	}
	slices.SortStableFunc(out.Findings, compareFindings)
	return out
}

// valid reports whether a comment can silence anything.
func (c *ignore) valid(known map[string]bool, today string) bool {
	return known[c.rule] && c.reason != "" && c.dated() && (c.until == "" || today <= c.until) && !c.target.IsZero()
}

func (c *ignore) dated() bool {
	if c.until == "" {
		return true
	}
	_, err := time.Parse(time.DateOnly, c.until)
	return err == nil
}

// covers reports whether a finding lies in what the comment speaks of.
func (c *ignore) covers(f Finding) bool {
	within := func(r diag.Range) bool {
		return r.Filename == c.target.Filename && r.Start.Byte >= c.target.Start.Byte && r.Start.Byte < max(c.target.End.Byte, c.target.Start.Byte+1)
	}
	return within(f.Range) || slices.ContainsFunc(f.Also, within)
}

// judge says what is wrong with a comment itself.
func (c *ignore) judge(known map[string]bool, names []string, in Input) (Finding, bool) {
	off := in.Severities[c.rule]
	_, set := in.Severities[c.rule]
	switch {
	case c.rule == "":
		return fault(diag.IgnoreForm, c.at, "It names no rule. Write %s RULE reason, with one of the rules that `headgate lint --list` prints.", marker), true
	case !known[c.rule] && in.Document:
		return Finding{}, false
	case !known[c.rule]:
		return fault(diag.IgnoreUnknown, c.at, "There is no rule %q.%s", c.rule, diag.DidYouMean(c.rule, names)), true
	case !c.dated():
		return fault(diag.IgnoreForm, c.at, "until=%s is no day of the calendar, written until=YYYY-MM-DD.", c.until), true
	case c.reason == "":
		return fault(diag.IgnoreReason, c.at, "Say why %s does not count here: %s %s because ... Without a reason the comment silences nothing.", c.rule, marker, c.rule), true
	case c.target.IsZero():
		return fault(diag.IgnorePlace, c.at, "Nothing begins on the next line that the comment could speak of. It stands on a line of its own, directly before a block or an attribute (in SQL: before the line at fault, or before the query)."), true
	case c.until != "" && in.Today > c.until:
		return fault(diag.IgnoreExpired, c.at, "It held until %s. Mend what %s finds, or decide anew and set another day.", c.until, c.rule), true
	case !c.used && !in.Document && !(set && off == Off):
		f := fault(diag.IgnoreUnused, c.at, "%s finds nothing there, so there is nothing to ignore. Take the comment out.", c.rule)
		f.Edits = []Edit{{File: c.at.Filename, Start: c.line.start, End: c.line.end}}
		return f, true
	}
	return Finding{}, false
}

// ignores finds the comments of every file, by file and place.
func (in Input) ignores() []ignore {
	var out []ignore
	var targets map[string]map[int]diag.Range
	for _, name := range slices.Sorted(maps.Keys(in.Module.Files)) {
		src := in.Module.Files[name]
		if !bytes.Contains(src, []byte(marker)) {
			continue
		}
		lines := newLines(name, src)
		switch {
		case strings.HasSuffix(name, ".sql"):
			out = append(out, lines.sql(0, len(src))...)
		case strings.HasSuffix(name, ".hcl") || in.Document:
			if targets == nil {
				targets = map[string]map[int]diag.Range{}
				collectTargets(in.Module.Blocks, targets)
			}
			out = append(out, lines.hcl(targets[name])...)
		}
	}
	return out
}

// collectTargets notes what begins on each line: a block, else an attribute.
func collectTargets(blocks []*lang.Block, into map[string]map[int]diag.Range) {
	add := func(at diag.Range) {
		byLine := into[at.Filename]
		if byLine == nil {
			byLine = map[int]diag.Range{}
			into[at.Filename] = byLine
		}
		if _, taken := byLine[at.Start.Line]; !taken {
			byLine[at.Start.Line] = at
		}
	}
	for _, b := range blocks {
		add(b.Body)
		for _, a := range b.Attrs {
			add(a.Range)
		}
		collectTargets(b.Blocks, into)
	}
}

// lines cuts a file into lines.
type lines struct {
	name  string
	src   []byte
	start []int
}

func newLines(name string, src []byte) *lines {
	l := &lines{name: name, src: src, start: []int{0}}
	for i, c := range src {
		if c == '\n' {
			l.start = append(l.start, i+1)
		}
	}
	return l
}

// of returns the number, from 0, of the line that a byte lies in.
func (l *lines) of(at int) int {
	i, found := slices.BinarySearch(l.start, at)
	if !found {
		i--
	}
	return i
}

// end returns where a line ends, its line break included.
func (l *lines) end(i int) int {
	if i+1 < len(l.start) {
		return l.start[i+1]
	}
	return len(l.src)
}

func (l *lines) text(i int) string {
	return strings.TrimSpace(string(l.src[l.start[i]:l.end(i)]))
}

// rangeOf returns the place of some bytes.
func (l *lines) rangeOf(start, end int) diag.Range {
	pos := func(at int) diag.Pos {
		i := l.of(at)
		return diag.Pos{Line: i + 1, Column: utf8.RuneCount(l.src[l.start[i]:at]) + 1, Byte: at}
	}
	return diag.Range{Filename: l.name, Start: pos(start), End: pos(end)}
}

// hcl finds the comments of a file of HCL, and those of SQL in its heredocs.
func (l *lines) hcl(targets map[int]diag.Range) []ignore {
	tokens, _ := hclsyntax.LexConfig(l.src, l.name, hcl.InitialPos) // the file parsed
	var out []ignore
	for i := 0; i < len(tokens); i++ {
		switch t := tokens[i]; t.Type {
		case hclsyntax.TokenComment:
			if c, ok := l.comment(t.Range.Start.Byte, t.Range.End.Byte, []string{"#", "//"}); ok {
				c.target = l.after(c.line, []string{"#", "//"}, targets)
				out = append(out, c)
			}
		case hclsyntax.TokenOHeredoc:
			for i+1 < len(tokens) && tokens[i].Type != hclsyntax.TokenCHeredoc {
				i++
			}
			if body := l.src[t.Range.End.Byte:tokens[i].Range.Start.Byte]; bytes.Contains(body, []byte(marker)) {
				out = append(out, l.sql(t.Range.End.Byte, tokens[i].Range.Start.Byte)...)
			}
		}
	}
	slices.SortFunc(out, func(a, b ignore) int { return cmp.Compare(a.at.Start.Byte, b.at.Start.Byte) })
	return out
}

// comment reads the comment between two bytes; false where it is none of ours.
func (l *lines) comment(start, end int, signs []string) (ignore, bool) {
	text := strings.TrimRight(string(l.src[start:end]), "\r\n")
	body := text
	for _, sign := range signs {
		if rest, ok := strings.CutPrefix(body, sign); ok {
			body = rest
			break
		}
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(body), marker)
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return ignore{}, false
	}
	c := ignore{at: l.rangeOf(start, start+len(text))}
	i := l.of(start)
	c.line = edgeLine{l.start[i], l.end(i)}
	words := strings.Fields(rest)
	if len(words) > 0 {
		c.rule, words = words[0], words[1:]
	}
	if len(words) > 0 && strings.HasPrefix(words[0], "until=") {
		c.until, words = strings.TrimPrefix(words[0], "until="), words[1:]
	}
	c.reason = strings.Join(words, " ")
	return c, true
}

// after finds what a comment on a line of its own stands before: what begins on
// the next line that is no comment, or that line itself where it lies inside an
// attribute's value.
func (l *lines) after(at edgeLine, signs []string, targets map[int]diag.Range) diag.Range {
	i := l.of(at.start)
	comment := func(i int) bool {
		return slices.ContainsFunc(signs, func(s string) bool { return strings.HasPrefix(l.text(i), s) })
	}
	if !comment(i) {
		return diag.Range{} // something stands before it
	}
	for i++; i < len(l.start) && comment(i); i++ {
	}
	if i == len(l.start) || l.text(i) == "" {
		return diag.Range{}
	}
	if target, ok := targets[i+1]; ok {
		return target
	}
	for _, r := range targets {
		if r.Start.Line <= i && r.End.Line > i+1 {
			return l.rangeOf(l.start[i], l.end(i))
		}
	}
	return diag.Range{}
}

// sql finds the comments of a query between two bytes. One before all of the query
// speaks of all of it, any other of the next line.
func (l *lines) sql(start, end int) []ignore {
	var out []ignore
	everywhere := map[int]diag.Range{0: {Start: diag.Pos{Line: 0}, End: diag.Pos{Line: len(l.start) + 1}}}
	seen := false // something that is no comment
	for i := l.of(start); i < len(l.start) && l.start[i] < end; i++ {
		text := l.text(i)
		if !strings.HasPrefix(text, "--") {
			seen = seen || text != ""
			continue
		}
		from := l.start[i] + bytes.Index(l.src[l.start[i]:l.end(i)], []byte("--"))
		if from >= end {
			break
		}
		c, ok := l.comment(from, min(l.end(i), end), []string{"--"})
		if !ok {
			continue
		}
		if c.target = l.rangeOf(start, end); seen {
			c.target = l.after(c.line, []string{"--"}, everywhere)
		}
		out = append(out, c)
	}
	return out
}
