package program

import "strings"

// SQLToken is a word, number, quoted text or sign of a query: SQL[Start:End].
type SQLToken struct {
	Text       string
	Start, End int
}

// SQLTokens cuts SQL into tokens and leaves comments and white space out. It
// takes any text: what is not closed ends with the text.
func SQLTokens(sql string) []SQLToken {
	var out []SQLToken
	for at := 0; at < len(sql); {
		end, keep := sqlToken(sql, at)
		if keep {
			out = append(out, SQLToken{Text: sql[at:end], Start: at, End: end})
		}
		at = end
	}
	return out
}

// sqlToken returns where the token at from ends, and whether it counts.
func sqlToken(sql string, from int) (end int, keep bool) {
	rest := sql[from:]
	switch c := rest[0]; {
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		return from + 1, false
	case strings.HasPrefix(rest, "--"):
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			return from + i + 1, false
		}
		return len(sql), false
	case strings.HasPrefix(rest, "/*"):
		return from + commentEnd(rest), false
	case c == '\'' || c == '"':
		return from + quotedEnd(rest, 0, false), true
	case (c == 'e' || c == 'E') && len(rest) > 1 && rest[1] == '\'':
		return from + quotedEnd(rest, 1, true), true
	case c == '$':
		if n := dollarEnd(rest); n > 0 {
			return from + n, true
		}
		return from + 1, true
	case sqlWord(c):
		n := 1
		for n < len(rest) && (sqlWord(rest[n]) || rest[n] == '$') {
			n++
		}
		return from + n, true
	}
	for _, sign := range []string{"->>", "::", "->", "<=", ">=", "<>", "!=", "||", "==", "=>", ":=", "**", "//"} {
		if strings.HasPrefix(rest, sign) {
			return from + len(sign), true
		}
	}
	return from + 1, true
}

func sqlWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

// commentEnd returns the length of the block comment that s begins with. Block
// comments nest.
func commentEnd(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); {
		switch s[i : i+2] {
		case "/*":
			depth++
			i += 2
		case "*/":
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return len(s)
}

// quotedEnd returns where the quoted text that opens at s[at] ends. A doubled
// quote stands for itself, and behind a backslash anything does.
func quotedEnd(s string, at int, backslash bool) int {
	quote := s[at]
	for i := at + 1; i < len(s); i++ {
		switch {
		case backslash && s[i] == '\\':
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return len(s)
}

// dollarEnd returns where text between $tag$ and $tag$ ends, 0 where s begins
// with no such text.
func dollarEnd(s string) int {
	i := 1
	for i < len(s) && sqlWord(s[i]) {
		i++
	}
	if i == len(s) || s[i] != '$' || (i > 1 && s[1] >= '0' && s[1] <= '9') {
		return 0
	}
	tag := s[:i+1]
	if n := strings.Index(s[i+1:], tag); n >= 0 {
		return i + 1 + n + len(tag)
	}
	return len(s)
}
