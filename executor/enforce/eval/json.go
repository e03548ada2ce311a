package eval

import (
	"bytes"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

func parseJSON(v *vec.Vec, text []byte) Reason {
	if _, _, _, f := scan.Document(text); f != scan.OK {
		return BadCast
	}
	v.AppendBytes(text)
	return None
}

// jsonText is cast(json, string): a JSON string's own text, the JSON text of all
// else, null for JSON's null.
func jsonText(n *node, i int, out *vec.Vec) Reason {
	text, k := trimJSON(n.bytesOf(0, i))
	switch k {
	case scan.Null:
		out.AppendNull()
	case scan.Escaped, scan.String:
		out.Data = scan.Unquote(out.Data, text[1:len(text)-1])
		out.EndBytes()
	default:
		out.AppendBytes(text)
	}
	return None
}

// fromJSON is cast(json, T): what cast makes of the value's text.
func fromJSON(n *node, i int, out *vec.Vec) Reason {
	text, k := trimJSON(n.bytesOf(0, i))
	switch k {
	case scan.Null:
		out.AppendNull()
		return None
	case scan.Object, scan.Array, scan.None:
		return BadCast
	case scan.String:
		text = text[1 : len(text)-1]
	case scan.Escaped:
		text = scan.Unquote(nil, text[1:len(text)-1])
	}
	return parseText(out, text)
}

// trimJSON returns the value without white space around it, and its kind; None
// where the text is not JSON.
func trimJSON(text []byte) ([]byte, scan.Kind) {
	start, end, k, f := scan.Document(text)
	if f != scan.OK {
		return text, scan.None
	}
	return bytes.TrimRight(text[start:end], " \t\r\n"), k
}

func makeJSONGet(n *node) (func(*node, int), error) {
	text, err := n.constant(1)
	if err != nil {
		return nil, err
	}
	path, err := rowexpr.ParsePath(text)
	if err != nil {
		return nil, err
	}
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		at, k := trimJSON(n.bytesOf(0, i))
		for _, s := range path {
			if at, k = member(at, k, s); k == scan.None {
				break
			}
		}
		if k == scan.None || k == scan.Null {
			out.AppendNull()
		} else {
			out.AppendBytes(at)
		}
		return None
	}), nil
}

// member steps into valid JSON; None where there is no such member.
func member(b []byte, k scan.Kind, s rowexpr.Step) ([]byte, scan.Kind) {
	want := scan.Object
	closing := byte('}')
	if s.IsIdx {
		want, closing = scan.Array, ']'
	}
	if k != want {
		return nil, scan.None
	}
	p := scan.Space(b, 1)
	if p < len(b) && b[p] == closing {
		return nil, scan.None
	}
	for i := 0; p < len(b); i++ {
		found := s.IsIdx && i == s.Index
		if !s.IsIdx {
			end, nk, value, f := scan.Name(b, p)
			if f != scan.OK {
				return nil, scan.None
			}
			found = sameName(b[p+1:end-1], nk, s.Name)
			p = value
		}
		end, vk, f := scan.Value(b, p, 0)
		if f != scan.OK {
			return nil, scan.None
		}
		if found {
			return b[p:end], vk
		}
		var more bool
		if p, more, f = scan.Next(b, end, closing); f != scan.OK || !more {
			return nil, scan.None
		}
	}
	return nil, scan.None
}

func sameName(quoted []byte, k scan.Kind, name string) bool {
	if k == scan.Escaped {
		return string(scan.Unquote(nil, quoted)) == name
	}
	return string(quoted) == name
}
