package sqlcheck

import "strings"

// token is a piece of SQL: sql[start:end].
type token struct {
	text       string
	start, end int
	quoted     bool // a quoted identifier
}

// lexer cuts SQL into tokens, leaving out white space and comments. It knows
// enough to find names and statement ends in a text that an engine has parsed.
type lexer struct {
	in  string
	pos int
}

func (l *lexer) next() (token, bool) {
	l.skip()
	if l.pos >= len(l.in) {
		return token{}, false
	}
	start := l.pos
	c := l.in[l.pos]
	switch {
	case c == '"' || c == '\'':
		l.quoted(c)
	case isWord(c):
		for l.pos < len(l.in) && isWord(l.in[l.pos]) {
			l.pos++
		}
	default:
		l.pos++
	}
	return token{text: l.in[start:l.pos], start: start, end: l.pos, quoted: c == '"'}, true
}

// skip passes over white space and comments.
func (l *lexer) skip() {
	for l.pos < len(l.in) {
		rest := l.in[l.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			l.pos++
		case strings.HasPrefix(rest, "--"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				l.pos += i
			} else {
				l.pos = len(l.in)
			}
		case strings.HasPrefix(rest, "/*"):
			if i := strings.Index(rest[2:], "*/"); i >= 0 {
				l.pos += i + 4
			} else {
				l.pos = len(l.in)
			}
		default:
			return
		}
	}
}

// quoted passes over a quoted text; a doubled quote stands for one.
func (l *lexer) quoted(q byte) {
	for l.pos++; l.pos < len(l.in); l.pos++ {
		if l.in[l.pos] != q {
			continue
		}
		if l.pos+1 < len(l.in) && l.in[l.pos+1] == q {
			l.pos++
			continue
		}
		l.pos++
		return
	}
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
}

// nameAt returns the stretch of a dotted name that begins at loc.
func nameAt(sql string, loc uint64) (start, end int) {
	if loc == noPlace || loc >= uint64(len(sql)) {
		return 0, 0
	}
	l := lexer{in: sql, pos: int(loc)}
	first, ok := l.next()
	if !ok {
		return int(loc), int(loc)
	}
	start, end = first.start, first.end
	for {
		dot, ok := l.next()
		if !ok || dot.text != "." {
			return start, end
		}
		part, ok := l.next()
		if !ok {
			return start, end
		}
		end = part.end
	}
}
