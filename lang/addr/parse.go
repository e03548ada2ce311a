package addr

import (
	"fmt"
	"strconv"
	"strings"
)

// parser reads an address from the left; bad is set at the first broken part.
type parser struct {
	in  string
	pos int
	bad bool
}

func (p *parser) take(c byte) bool {
	if p.pos < len(p.in) && p.in[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) ident() string {
	start := p.pos
	for p.pos < len(p.in) && !strings.ContainsRune(`.["`, rune(p.in[p.pos])) {
		p.pos++
	}
	return p.in[start:p.pos]
}

func (p *parser) quoted() string {
	q, err := strconv.QuotedPrefix(p.in[p.pos:])
	if err != nil || q[0] != '"' {
		p.bad = true
		return ""
	}
	p.pos += len(q)
	s, err := strconv.Unquote(q)
	p.bad = p.bad || err != nil
	return s
}

func (p *parser) name() string {
	if p.pos < len(p.in) && p.in[p.pos] == '"' {
		return p.quoted()
	}
	return p.ident()
}

// tail reads what may follow name and key: a stream, a version, or the further
// words of an external's dotted name.
func (p *parser) tail(a *Address) error {
	for p.take('.') {
		word := p.name()
		version, isVersion := versionOf(word)
		switch {
		case p.bad || word == "":
			return fmt.Errorf("%q is not an address: a word is missing after a dot", p.in)
		case a.Kind == Pipeline && word == "stream" && a.Stream == "" && p.take('.'):
			if a.Stream = p.name(); a.Stream == "" {
				return fmt.Errorf("%q is not an address: the stream's name is missing", p.in)
			}
		case (a.Kind == Contract || a.Kind == Model) && isVersion && a.Version == 0:
			a.Version = version
		case a.Kind == External && !a.HasKey:
			a.Name += "." + word
		default:
			return fmt.Errorf("%q is not an address: %q does not belong there", p.in, word)
		}
	}
	return nil
}

func (p *parser) end() error {
	if p.bad || p.pos != len(p.in) {
		return fmt.Errorf("%q is not an address: %q is left over", p.in, p.in[p.pos:])
	}
	return nil
}

// versionOf reads "v12"; versions are positive whole numbers without leading zeros.
func versionOf(s string) (int, bool) {
	if len(s) < 2 || s[0] != 'v' || s[1] == '0' {
		return 0, false
	}
	n, err := strconv.Atoi(s[1:])
	return n, err == nil && n > 0
}
