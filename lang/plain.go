package lang

import "bytes"

// plainly reports whether a glance at a file's bytes shows that checkTokens would
// find nothing in it: that saves cutting it into tokens twice. It understands what
// files are mostly made of, and says false wherever it is not sure: of escapes,
// templates that are more than a name, comments between stars, odd heredocs.
//
// It counts each operator until every bracket is closed, so that its weight of a
// place is never below that of checkTokens; a text in quotes weighs 2 at most.
func plainly(src []byte) bool {
	g := glance{in: src}
	for g.at < len(src) {
		if !g.step() || g.depth+g.operators > maxNesting-4 {
			return false
		}
	}
	return true
}

// glance is the work of plainly.
type glance struct {
	in               []byte
	at               int
	depth, operators int // brackets that are open; operators since there were none
}

// step goes past the next token; false where it is not sure what that is.
func (g *glance) step() bool {
	c := g.in[g.at]
	switch {
	case c == '\n':
		if g.depth == 0 {
			g.operators = 0
		}
	case c == ' ' || c == '\t' || c == '=' || c == ',' || c == '.' || c == ':':
	case isWordByte(c):
		return g.word()
	case c == '"':
		return g.quoted()
	case c == '#' || g.starts("//"):
		g.toLineEnd()
		return true
	case g.starts("/*"):
		return false
	case g.starts("<<"):
		return g.heredoc()
	case c == '{' || c == '(':
		g.depth++
	case c == '[':
		g.depth++
		g.operators++ // it weighs twice
	case c == '}' || c == ')' || c == ']':
		if g.depth == 0 {
			return false
		}
		g.depth--
	case bytes.IndexByte([]byte("*/+-%!<>&|?"), c) >= 0:
		g.operators++
	default:
		return false
	}
	g.at++
	return true
}

func (g *glance) starts(s string) bool { return bytes.HasPrefix(g.in[g.at:], []byte(s)) }

func (g *glance) toLineEnd() {
	if n := bytes.IndexByte(g.in[g.at:], '\n'); n >= 0 {
		g.at += n
		return
	}
	g.at = len(g.in)
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// word goes past a name or a number. A number with an exponent, or a long one, is
// left to checkTokens.
func (g *glance) word() bool {
	start := g.at
	number := g.in[start] >= '0' && g.in[start] <= '9'
	for g.at < len(g.in) && (isWordByte(g.in[g.at]) || number && g.in[g.at] == '.') {
		if number && (g.in[g.at] == 'e' || g.in[g.at] == 'E') {
			return false
		}
		g.at++
	}
	return g.at-start <= maxExponent
}

// quoted goes past a text in quotes that ends on its line and holds no escape, and
// no template but names in ${}.
func (g *glance) quoted() bool {
	for g.at++; g.at < len(g.in); g.at++ {
		switch c := g.in[g.at]; c {
		case '"':
			g.at++
			return true
		case '\\', '\n', '\r', '%':
			return false
		case '$':
			if !g.name() {
				return false
			}
		}
	}
	return false
}

// name goes to the end of a template that is a name alone: ${local.x}.
func (g *glance) name() bool {
	if !g.starts("${") {
		return false
	}
	for i := g.at + 2; i < len(g.in); i++ {
		switch c := g.in[i]; {
		case c == '}':
			g.at = i
			return true
		case !isWordByte(c) && c != '.':
			return false
		}
	}
	return false
}

// heredoc goes past one without templates, to the end of the line that closes it.
func (g *glance) heredoc() bool {
	g.at += 2
	if g.starts("-") {
		g.at++
	}
	from := g.at
	for g.at < len(g.in) && isWordByte(g.in[g.at]) {
		g.at++
	}
	marker := g.in[from:g.at]
	if len(marker) == 0 || marker[0] >= '0' && marker[0] <= '9' || !g.starts("\n") {
		return false
	}
	for g.at++; g.at < len(g.in); g.at++ {
		line := g.in[g.at:]
		g.toLineEnd()
		line = line[:len(line)-(len(g.in)-g.at)]
		if bytes.Equal(bytes.TrimSpace(line), marker) {
			return true
		}
		if bytes.ContainsAny(line, "$%\r") {
			return false
		}
	}
	return false
}
