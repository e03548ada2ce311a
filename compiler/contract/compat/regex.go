package compat

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strconv"
	"unicode"
)

// maxStates bounds the search over two patterns; beyond it nothing is proved.
const maxStates = 6000

// pattern is a compiled pattern as an automaton over positions: the text is read
// once, and a match may begin anywhere.
type pattern struct {
	prog *syntax.Prog
}

func newPattern(text string) (*pattern, bool) {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, false
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil || len(prog.Inst) > 2000 {
		return nil, false
	}
	return &pattern{prog}, true
}

// place is where the automaton stands: the instructions waiting for a rune, or
// matched, which stays.
type place struct {
	pcs     []uint32
	matched bool
}

// closure follows everything that reads no rune, between prev and next (-1 is the
// end of the text on that side).
func (p *pattern) closure(pcs []uint32, prev, next rune) place {
	flags := syntax.EmptyOpContext(prev, next)
	var out place
	seen := map[uint32]bool{}
	work := append(slices.Clone(pcs), uint32(p.prog.Start))
	for len(work) > 0 {
		pc := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch in := &p.prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			work = append(work, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			work = append(work, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^flags == 0 {
				work = append(work, in.Out)
			}
		case syntax.InstMatch:
			return place{matched: true}
		case syntax.InstFail:
		default:
			out.pcs = append(out.pcs, pc)
		}
	}
	slices.Sort(out.pcs)
	return out
}

// step reads a rune behind prev. What it returns waits for its closure, which
// needs the rune to come.
func (p *pattern) step(at place, prev, r rune) place {
	if at.matched {
		return at
	}
	here := p.closure(at.pcs, prev, r)
	if here.matched {
		return here
	}
	var out place
	for _, pc := range here.pcs {
		if in := &p.prog.Inst[pc]; in.MatchRune(r) {
			out.pcs = append(out.pcs, in.Out)
		}
	}
	slices.Sort(out.pcs)
	out.pcs = slices.Compact(out.pcs)
	return out
}

// ends reports whether the text that ends here matches.
func (p *pattern) ends(at place, prev rune) bool {
	return at.matched || p.closure(at.pcs, prev, -1).matched
}

// alphabet returns one rune for each class of runes that the patterns cannot tell
// apart, the readable ones first.
func alphabet(patterns ...*pattern) []rune {
	cuts := map[rune]bool{0: true, 1: true, '\n': true, '\n' + 1: true, '0': true, '9' + 1: true, 'A': true, 'Z' + 1: true,
		'_': true, '_' + 1: true, 'a': true, 'z' + 1: true, ' ': true, ' ' + 1: true, 0x7f: true, 0xd800: true, 0xe000: true}
	cut := func(lo, hi rune) { cuts[lo], cuts[hi+1] = true, true }
	for _, p := range patterns {
		for i := range p.prog.Inst {
			in := &p.prog.Inst[i]
			switch {
			case in.Op != syntax.InstRune && in.Op != syntax.InstRune1:
			case len(in.Rune) == 1:
				cut(in.Rune[0], in.Rune[0])
				for f := unicode.SimpleFold(in.Rune[0]); f != in.Rune[0]; f = unicode.SimpleFold(f) {
					cut(f, f)
				}
			default:
				for k := 0; k+1 < len(in.Rune); k += 2 {
					cut(in.Rune[k], in.Rune[k+1])
				}
			}
		}
	}
	var out []rune
	edges := make([]rune, 0, len(cuts))
	for r := range cuts {
		if r <= unicode.MaxRune {
			edges = append(edges, r)
		}
	}
	slices.Sort(edges)
	for _, r := range edges {
		if r != 0 && (r < 0xd800 || r > 0xdfff) { // no contract's text holds NUL, no JSON a lone surrogate
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b rune) int { return cmp.Compare(ugliness(a), ugliness(b)) })
	return out
}

func ugliness(r rune) int {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return 0
	case r > ' ' && r < 0x7f:
		return 1
	case r == ' ':
		return 2
	case r > 0x7f && unicode.IsPrint(r):
		return 3
	default:
		return 4
	}
}

// between is a search over texts: those that match `in` (nil: every text), do not
// match `out` (nil: none does) and have a length within the bounds.
type between struct {
	in, out  *pattern
	min, max int // code points; max < 0 is no bound
	want     int // how many texts to find
}

// texts returns the shortest texts of the search. all is true where the search
// went through everything: then no text at all means that there is none.
func (b between) texts() (found []string, all bool) {
	var both []*pattern
	for _, p := range []*pattern{b.in, b.out} {
		if p != nil {
			both = append(both, p)
		}
	}
	letters := alphabet(both...)
	if len(letters) > 400 {
		return nil, false
	}
	type node struct {
		in, out place
		prev    rune
		n       int
		text    string
	}
	queue := []node{{prev: -1}}
	seen := map[string]bool{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		accepted := b.in == nil || b.in.ends(at.in, at.prev)
		if accepted && at.n >= b.min && (b.out == nil || !b.out.ends(at.out, at.prev)) {
			found = append(found, at.text)
			if len(found) >= b.want {
				return found, false
			}
		}
		if b.max >= 0 && at.n >= b.max {
			continue
		}
		for _, r := range letters {
			next := node{prev: r, n: at.n + 1, text: at.text + string(r)}
			if b.in != nil {
				if next.in = b.in.step(at.in, at.prev, r); b.dead(b.in, next.in) {
					continue
				}
			}
			if b.out != nil {
				if next.out = b.out.step(at.out, at.prev, r); next.out.matched {
					continue
				}
			}
			key := b.key(next.in, next.out, r, next.n)
			if seen[key] {
				continue
			}
			if seen[key] = true; len(seen) > maxStates {
				return found, false
			}
			queue = append(queue, next)
		}
	}
	return found, true
}

// dead reports whether no text that begins so can match: it waits for nothing,
// and the pattern cannot begin behind the beginning.
func (b between) dead(p *pattern, at place) bool {
	return !at.matched && len(at.pcs) == 0 && p.prog.StartCond()&syntax.EmptyBeginText != 0
}

// key tells the states of the search apart. Lengths beyond the bounds are alike.
func (b between) key(in, out place, prev rune, n int) string {
	limit := b.min
	if b.max >= 0 {
		limit = b.max
	}
	text := make([]byte, 0, 64)
	text = strconv.AppendInt(text, int64(min(n, limit)), 10)
	kind := 'o'
	switch {
	case prev == '\n':
		kind = 'n'
	case syntax.IsWordChar(prev):
		kind = 'w'
	}
	text = append(text, byte(kind))
	for _, at := range []place{in, out} {
		text = append(text, '|')
		if at.matched {
			text = append(text, '!')
		}
		for _, pc := range at.pcs {
			text = append(strconv.AppendInt(text, int64(pc), 10), ',')
		}
	}
	return string(text)
}
