package eval

import (
	"regexp"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// pattern compiles the constant pattern of a call.
func pattern(n *node) (*regexp.Regexp, error) {
	text, err := n.constant(1)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(text)
}

func makeMatch(n *node) (func(*node, int), error) {
	re, err := pattern(n)
	if err != nil {
		return nil, err
	}
	m := NewMatcher(re)
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		out.AppendBool(m.Match(n.bytesOf(0, i)))
		return None
	}), nil
}

func makeReplace(n *node) (func(*node, int), error) {
	re, err := pattern(n)
	if err != nil {
		return nil, err
	}
	text, err := n.constant(2)
	if err != nil {
		return nil, err
	}
	pieces, err := rowexpr.Replacement(text, re.NumSubexp())
	if err != nil {
		return nil, err
	}
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		text := n.bytesOf(0, i)
		last := 0
		for _, m := range re.FindAllSubmatchIndex(text, -1) {
			out.Data = append(out.Data, text[last:m[0]]...)
			for _, p := range pieces {
				if p.Text != "" {
					out.Data = append(out.Data, p.Text...)
				} else if m[2*p.Group] >= 0 {
					out.Data = append(out.Data, text[m[2*p.Group]:m[2*p.Group+1]]...)
				}
			}
			last = m[1]
		}
		out.AppendBytes(text[last:])
		return None
	}), nil
}
