package schemadiff

import (
	"regexp/syntax"
	"strings"
)

// matching returns texts that a pattern finds itself in, the shortest first; none
// where RE2 does not know the pattern.
func matching(pattern string) []string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	tree = tree.Simplify()
	var out []string
	for _, repeat := range []int{0, 1, 3} {
		var b strings.Builder
		if write(&b, tree, repeat) && b.Len() <= maxText {
			out = append(out, b.String())
		}
	}
	return out
}

// write adds a text for the tree, with so many of what may stand any number of
// times; false where there is none.
func write(b *strings.Builder, re *syntax.Regexp, repeat int) bool {
	switch re.Op {
	case syntax.OpNoMatch:
		return false
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return false
		}
		b.WriteRune(visible(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
	case syntax.OpCapture:
		return write(b, re.Sub[0], repeat)
	case syntax.OpStar, syntax.OpQuest:
		return times(b, re.Sub[0], min(repeat, limit(re)), repeat)
	case syntax.OpPlus:
		return times(b, re.Sub[0], max(1, repeat), repeat)
	case syntax.OpRepeat:
		return times(b, re.Sub[0], re.Min, repeat)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !write(b, sub, repeat) {
				return false
			}
		}
	case syntax.OpAlternate:
		return write(b, re.Sub[repeat%len(re.Sub)], repeat)
	}
	return true
}

func limit(re *syntax.Regexp) int {
	if re.Op == syntax.OpQuest {
		return 1
	}
	return 3
}

func times(b *strings.Builder, re *syntax.Regexp, n, repeat int) bool {
	for range n {
		if !write(b, re, repeat) || b.Len() > maxText {
			return false
		}
	}
	return true
}

// visible picks a character of a class, one that can be read where there is one.
func visible(pairs []rune) rune {
	for i := 0; i+1 < len(pairs); i += 2 {
		for _, r := range "ax0A-_ " {
			if r >= pairs[i] && r <= pairs[i+1] {
				return r
			}
		}
	}
	return pairs[0]
}
