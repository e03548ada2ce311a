package jsonschema

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode"
)

// ECMA writes a pattern of RE2 as ECMA-262 has it (in its Unicode mode), with the
// same meaning. The error says what ECMA-262 lacks.
func ECMA(pattern string) (string, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := writeECMA(&b, re); err != nil {
		return "", err
	}
	return b.String(), nil
}

func writeECMA(b *strings.Builder, re *syntax.Regexp) error {
	switch re.Op {
	case syntax.OpNoMatch:
		b.WriteString(`[^\s\S]`)
	case syntax.OpEmptyMatch:
		b.WriteString(`(?:)`)
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			writeLiteral(b, r, re.Flags&syntax.FoldCase != 0)
		}
	case syntax.OpCharClass:
		b.WriteByte('[')
		for i := 0; i < len(re.Rune); i += 2 {
			b.WriteString(classRune(re.Rune[i]))
			if re.Rune[i+1] > re.Rune[i] {
				b.WriteString("-" + classRune(re.Rune[i+1]))
			}
		}
		b.WriteByte(']')
	case syntax.OpAnyCharNotNL:
		b.WriteString(`[^\n]`)
	case syntax.OpAnyChar:
		b.WriteString(`[\s\S]`)
	case syntax.OpBeginText:
		b.WriteByte('^')
	case syntax.OpEndText:
		b.WriteByte('$')
	case syntax.OpWordBoundary:
		b.WriteString(`\b`)
	case syntax.OpNoWordBoundary:
		b.WriteString(`\B`)
	case syntax.OpCapture:
		return group(b, "(", re.Sub, "", "")
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return group(b, "(?:", re.Sub, "", times(re))
	case syntax.OpConcat:
		for _, s := range re.Sub {
			if err := writeECMA(b, s); err != nil {
				return err
			}
		}
	case syntax.OpAlternate:
		return group(b, "(?:", re.Sub, "|", "")
	default:
		return fmt.Errorf("ECMA-262 has no form of %s inside a pattern", re)
	}
	return nil
}

// group writes parts in parentheses.
func group(b *strings.Builder, open string, parts []*syntax.Regexp, between, times string) error {
	b.WriteString(open)
	for i, s := range parts {
		if i > 0 {
			b.WriteString(between)
		}
		if err := writeECMA(b, s); err != nil {
			return err
		}
	}
	b.WriteString(")" + times)
	return nil
}

func times(re *syntax.Regexp) string {
	out := map[syntax.Op]string{syntax.OpStar: "*", syntax.OpPlus: "+", syntax.OpQuest: "?"}[re.Op]
	if re.Op == syntax.OpRepeat {
		switch {
		case re.Max == re.Min:
			out = fmt.Sprintf("{%d}", re.Min)
		case re.Max < 0:
			out = fmt.Sprintf("{%d,}", re.Min)
		default:
			out = fmt.Sprintf("{%d,%d}", re.Min, re.Max)
		}
	}
	if re.Flags&syntax.NonGreedy != 0 {
		out += "?"
	}
	return out
}

// writeLiteral writes a character, with its other cases where case does not count.
func writeLiteral(b *strings.Builder, r rune, fold bool) {
	if fold && unicode.SimpleFold(r) != r {
		b.WriteByte('[')
		b.WriteString(classRune(r))
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			b.WriteString(classRune(f))
		}
		b.WriteByte(']')
		return
	}
	if strings.ContainsRune(`^$\.*+?()[]{}|/`, r) {
		b.WriteByte('\\')
		b.WriteRune(r)
		return
	}
	b.WriteString(visible(r))
}

// classRune writes a character inside a class.
func classRune(r rune) string {
	if strings.ContainsRune(`^\]-[`, r) {
		return `\` + string(r)
	}
	return visible(r)
}

func visible(r rune) string {
	switch {
	case r >= ' ' && r < 0x7f:
		return string(r)
	case r > 0xffff:
		return fmt.Sprintf(`\u{%x}`, r)
	case r >= 0xd800 && r < 0xe000:
		return `\ufffd` // no text holds half a surrogate pair
	default:
		return fmt.Sprintf(`\u%04x`, r)
	}
}
