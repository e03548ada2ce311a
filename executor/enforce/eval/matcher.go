package eval

import (
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// Matcher tells whether a pattern is found in a text. A pattern that is a chain
// of classes and literals of ASCII between ^ and $ (^[A-Z]{3}-\d+$) runs as a
// small table of states, one look-up a byte; any other one as regexp does.
type Matcher struct {
	re    *regexp.Regexp
	table []state // nil: use re
}

// state is what each byte leads to; 0 is the state that nothing leaves.
type state struct {
	next   [256]uint8
	accept bool
}

// NewMatcher makes the matcher of a pattern.
func NewMatcher(re *regexp.Regexp) *Matcher {
	m := &Matcher{re: re}
	if tree, err := syntax.Parse(re.String(), syntax.Perl); err == nil {
		m.table = compileTable(tree.Simplify())
	}
	return m
}

// Match reports whether the pattern is found in text.
func (m *Matcher) Match(text []byte) bool {
	if m.table == nil {
		return m.re.Match(text)
	}
	s := uint8(1)
	for _, c := range text {
		s = m.table[s].next[c]
		if s == 0 {
			return false
		}
	}
	return m.table[s].accept
}

// Four reports whether the pattern is found in each of four texts. As a table it
// walks through them side by side: a processor waits for the look-up of one while it
// does those of the others.
func (m *Matcher) Four(a, b, c, d []byte) bool {
	if m.table == nil {
		return m.Match(a) && m.Match(b) && m.Match(c) && m.Match(d)
	}
	t := m.table
	n := min(len(a), len(b), len(c), len(d))
	s, u, v, w := uint8(1), uint8(1), uint8(1), uint8(1)
	a, b, c, d, ra, rb, rc, rd := a[:n], b[:n], c[:n], d[:n], a[n:], b[n:], c[n:], d[n:]
	for i := range a {
		s, u, v, w = t[s].next[a[i]], t[u].next[b[i]], t[v].next[c[i]], t[w].next[d[i]]
	}
	return m.ends(s, ra) && m.ends(u, rb) && m.ends(v, rc) && m.ends(w, rd)
}

// ends reports whether the rest of a text leads from s to an end.
func (m *Matcher) ends(s uint8, rest []byte) bool {
	for _, c := range rest {
		s = m.table[s].next[c]
	}
	return m.table[s].accept
}

// Fast reports whether the pattern runs as a table.
func (m *Matcher) Fast() bool { return m.table != nil }

// link is one place of a chain: a set of bytes that must, may, or may repeatedly
// stand there.
type link struct {
	set    [256]bool
	skip   bool // may be left out
	repeat bool
}

// maxStates bounds the table; a state is a set of places in the chain.
const maxStates = 120

// compileTable makes the table of a pattern of the simple form, nil for others.
func compileTable(tree *syntax.Regexp) []state {
	if tree.Op != syntax.OpConcat || len(tree.Sub) < 2 ||
		tree.Sub[0].Op != syntax.OpBeginText || tree.Sub[len(tree.Sub)-1].Op != syntax.OpEndText {
		return nil
	}
	var chain []link
	for _, sub := range tree.Sub[1 : len(tree.Sub)-1] {
		var ok bool
		if chain, ok = appendLinks(chain, sub); !ok || len(chain) > 60 {
			return nil
		}
	}
	return determine(chain)
}

// appendLinks adds the places of one part of a pattern.
func appendLinks(chain []link, re *syntax.Regexp) ([]link, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return chain, true
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r >= utf8.RuneSelf || re.Flags&syntax.FoldCase != 0 {
				return nil, false
			}
			var l link
			l.set[r] = true
			chain = append(chain, l)
		}
		return chain, true
	case syntax.OpCharClass:
		var l link
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i+1] >= utf8.RuneSelf {
				return nil, false
			}
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				l.set[r] = true
			}
		}
		return append(chain, l), true
	case syntax.OpConcat, syntax.OpCapture:
		ok := true
		for _, sub := range re.Sub {
			if chain, ok = appendLinks(chain, sub); !ok {
				return nil, false
			}
		}
		return chain, true
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		return appendRepeated(chain, re)
	default:
		return nil, false
	}
}

// appendRepeated adds x*, x+ or x? of a single place, or (x(x)?)?, which Simplify
// makes of x{0,2}: that is x?x? when every place takes the same bytes.
func appendRepeated(chain []link, re *syntax.Regexp) ([]link, bool) {
	before := len(chain)
	out, ok := appendLinks(chain, re.Sub[0])
	if !ok || len(out) == before || out[before].skip || out[before].repeat {
		return nil, false
	}
	for _, l := range out[before+1:] {
		if re.Op != syntax.OpQuest || !l.skip || l.repeat || l.set != out[before].set {
			return nil, false
		}
	}
	out[before].skip = re.Op != syntax.OpPlus
	out[before].repeat = re.Op != syntax.OpQuest
	return out, true
}

// determine builds the table by following sets of places, as bits: bit k says
// that the places before k are done.
func determine(chain []link) []state {
	end := len(chain)
	closure := func(set uint64) uint64 {
		for k := range end {
			if set>>k&1 != 0 && chain[k].skip {
				set |= 1 << (k + 1)
			}
		}
		return set
	}
	start := closure(1)
	sets := []uint64{0, start}
	number := map[uint64]uint8{0: 0, start: 1}
	table := []state{{}, {}}
	for s := 1; s < len(sets); s++ {
		table[s].accept = sets[s]>>end&1 != 0
		for c := range 256 {
			next := closure(step(chain, sets[s], c))
			id, ok := number[next]
			if !ok {
				if len(sets) > maxStates {
					return nil
				}
				id = uint8(len(sets))
				number[next] = id
				sets = append(sets, next)
				table = append(table, state{})
			}
			table[s].next[c] = id
		}
	}
	return table
}

// step is where the places of a set lead with one byte.
func step(chain []link, set uint64, c int) uint64 {
	var next uint64
	for k := range chain {
		if set>>k&1 == 0 || !chain[k].set[c] {
			continue
		}
		next |= 1 << (k + 1)
		if chain[k].repeat {
			next |= 1 << k
		}
	}
	return next
}
