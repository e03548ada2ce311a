package rowexpr

import (
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
)

// The bounds of a pattern that is given to Postgres, whose own compiler refuses
// what becomes too large.
const (
	pgMaxRepeat = 255
	pgMaxSteps  = 1000
	pgMaxRanges = 100
)

// pgPattern writes an RE2 pattern as one of Postgres' advanced regular
// expressions that is found in the same texts; why says what it has no form for.
// Which of several matches is found differs: that is not asked.
func pgPattern(text string) (pattern, why string) {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return "", err.Error()
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return "", err.Error()
	}
	if len(prog.Inst) > pgMaxSteps {
		return "", fmt.Sprintf("it takes more than %d steps", pgMaxSteps)
	}
	p := &pgRegex{}
	p.write(re)
	return p.out.String(), p.why
}

// pgRegex writes a pattern. Every character that is not a letter or a digit of
// ASCII is written by its number.
type pgRegex struct {
	out strings.Builder
	why string
}

func (p *pgRegex) refuse(why string) {
	if p.why == "" {
		p.why = why
	}
}

func (p *pgRegex) write(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		p.out.WriteString("(?:)")
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 {
				p.folded(r)
			} else {
				p.char(r)
			}
		}
	case syntax.OpCharClass:
		p.class(re.Rune)
	case syntax.OpAnyCharNotNL:
		p.out.WriteString(`[^\n]`)
	case syntax.OpAnyChar:
		p.out.WriteString(`.`)
	case syntax.OpBeginText:
		p.out.WriteString(`\A`)
	case syntax.OpEndText:
		p.out.WriteString(`\Z`)
	case syntax.OpBeginLine:
		p.out.WriteString(`(?:\A|(?<=\n))`)
	case syntax.OpEndLine:
		p.out.WriteString(`(?:\Z|(?=\n))`)
	case syntax.OpCapture:
		p.group(re.Sub[0])
	case syntax.OpStar:
		p.repeat(re, "*")
	case syntax.OpPlus:
		p.repeat(re, "+")
	case syntax.OpQuest:
		p.repeat(re, "?")
	case syntax.OpRepeat:
		p.bounds(re)
	case syntax.OpConcat:
		for _, s := range re.Sub {
			p.group(s)
		}
	case syntax.OpAlternate:
		for i, s := range re.Sub {
			if i > 0 {
				p.out.WriteByte('|')
			}
			p.group(s)
		}
	case syntax.OpNoMatch:
		p.refuse("it matches nothing")
	default:
		p.refuse("its words are those of the locale there")
	}
}

// group writes a part that other parts stand around.
func (p *pgRegex) group(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpEmptyMatch:
		p.write(re)
	default:
		p.out.WriteString("(?:")
		p.write(re)
		p.out.WriteByte(')')
	}
}

func (p *pgRegex) repeat(re *syntax.Regexp, times string) {
	if anchored(re.Sub[0]) {
		p.refuse("it repeats an anchor")
	}
	p.group(re.Sub[0])
	p.out.WriteString(times)
}

func (p *pgRegex) bounds(re *syntax.Regexp) {
	if re.Min > pgMaxRepeat || re.Max > pgMaxRepeat {
		p.refuse(fmt.Sprintf("it repeats more than %d times", pgMaxRepeat))
	}
	most := ""
	if re.Max >= 0 {
		most = strconv.Itoa(re.Max)
	}
	p.repeat(re, "{"+strconv.Itoa(re.Min)+","+most+"}")
}

// anchored reports whether a part looks at its place.
func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText:
		return true
	}
	for _, s := range re.Sub {
		if anchored(s) {
			return true
		}
	}
	return false
}

func (p *pgRegex) char(r rune) {
	switch {
	case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
		p.out.WriteRune(r)
	case r == 0:
		p.refuse("Postgres' texts cannot hold a NUL")
	case r <= 0xFFFF:
		fmt.Fprintf(&p.out, `\u%04X`, r)
	default:
		fmt.Fprintf(&p.out, `\U%08X`, r)
	}
}

// folded writes a letter in every case.
func (p *pgRegex) folded(r rune) {
	p.out.WriteByte('[')
	p.char(r)
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		p.char(f)
	}
	p.out.WriteByte(']')
}

// class writes pairs of a first and a last code point.
func (p *pgRegex) class(pairs []rune) {
	if len(pairs) > 2*pgMaxRanges {
		p.refuse(fmt.Sprintf("a class of it has more than %d ranges", pgMaxRanges))
		return
	}
	p.out.WriteByte('[')
	some := false
	for i := 0; i+1 < len(pairs); i += 2 {
		lo, hi := max(pairs[i], 1), pairs[i+1] // no text holds a NUL
		if hi < lo {
			continue
		}
		some = true
		p.char(lo)
		if hi > lo {
			p.out.WriteByte('-')
			p.char(hi)
		}
	}
	if !some {
		p.refuse("it matches nothing")
	}
	p.out.WriteByte(']')
}
