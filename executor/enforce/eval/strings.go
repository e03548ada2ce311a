package eval

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

func lower(n *node, i int, out *vec.Vec) Reason {
	for _, r := range runes(n.bytesOf(0, i), out, 'A', 'Z', 'a'-'A') {
		out.Data = utf8.AppendRune(out.Data, unicode.ToLower(r))
	}
	out.EndBytes()
	return None
}

func upper(n *node, i int, out *vec.Vec) Reason {
	const sharp, capitalSharp = 'ß', 'ẞ'
	for _, r := range runes(n.bytesOf(0, i), out, 'a', 'z', 'A'-'a') {
		if r == sharp {
			r = capitalSharp
		}
		out.Data = utf8.AppendRune(out.Data, unicode.ToUpper(r))
	}
	out.EndBytes()
	return None
}

// runes appends the ASCII beginning of text to out, letters from lo to hi shifted
// by shift, and returns the rest.
func runes(text []byte, out *vec.Vec, lo, hi byte, shift int) string {
	for k, c := range text {
		if c >= utf8.RuneSelf {
			return string(text[k:])
		}
		if c >= lo && c <= hi {
			c = byte(int(c) + shift)
		}
		out.Data = append(out.Data, c)
	}
	return ""
}

// trimmed are the characters that trim takes away.
const trimmed = " \t\n\v\f\r"

func trim(n *node, i int, out *vec.Vec) Reason {
	out.AppendBytes(bytes.Trim(n.bytesOf(0, i), trimmed))
	return None
}

func replace(n *node, i int, out *vec.Vec) Reason {
	text, from, to := n.bytesOf(0, i), n.bytesOf(1, i), n.bytesOf(2, i)
	for len(from) > 0 {
		at := bytes.Index(text, from)
		if at < 0 {
			break
		}
		out.Data = append(append(out.Data, text[:at]...), to...)
		text = text[at+len(from):]
	}
	out.AppendBytes(text)
	return None
}

func mask(n *node, i int, out *vec.Vec) Reason {
	text := n.bytesOf(0, i)
	keep := int(n.args[1].out.I64[0])
	count := utf8.RuneCount(text)
	if keep >= count || keep < 0 {
		keep = 0
	}
	for range count - keep {
		out.Data = append(out.Data, '*')
	}
	tail := len(text)
	for range keep {
		_, size := utf8.DecodeLastRune(text[:tail])
		tail -= size
	}
	out.AppendBytes(text[tail:])
	return None
}

func sha256Hex(n *node, i int, out *vec.Vec) Reason {
	sum := sha256.Sum256(n.bytesOf(0, i))
	out.Data = hex.AppendEncode(out.Data, sum[:])
	out.EndBytes()
	return None
}

func md5Hex(n *node, i int, out *vec.Vec) Reason {
	sum := md5.Sum(n.bytesOf(0, i))
	out.Data = hex.AppendEncode(out.Data, sum[:])
	out.EndBytes()
	return None
}

func makeLength(n *node) (func(*node, int), error) {
	switch n.expr.Args[0].Type.Kind {
	case types.String:
		return rowwise(func(n *node, i int, out *vec.Vec) Reason {
			out.AppendI64(int64(utf8.RuneCount(n.bytesOf(0, i))))
			return None
		}), nil
	case types.Bytes, types.List, types.Map:
		return rowwise(func(n *node, i int, out *vec.Vec) Reason {
			v, k := n.args[0].out, n.args[0].at(i)
			out.AppendI64(int64(v.Offs[k+1] - v.Offs[k]))
			return None
		}), nil
	default:
		return nil, fmt.Errorf("%s has no length", n.expr.Args[0].Type)
	}
}

func makeSubstr(n *node) (func(*node, int), error) {
	args := n.expr.Args
	if len(args) < 2 || len(args) > 3 || args[0].Type.Kind != types.String || !all(args[1:], types.Int64) {
		return nil, fmt.Errorf("substr is called with the wrong types")
	}
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		count := int64(-1)
		if len(n.args) == 3 {
			count = n.args[2].out.I64[n.args[2].at(i)]
		}
		out.AppendBytes(substr(n.bytesOf(0, i), n.args[1].out.I64[n.args[1].at(i)], count))
		return None
	}), nil
}

// substr returns count code points of text from offset on, counted from the end
// where it is negative; a negative count takes all of the rest.
func substr(text []byte, offset, count int64) []byte {
	if offset < 0 {
		offset = max(0, offset+int64(utf8.RuneCount(text)))
	}
	start := skip(text, offset)
	if count < 0 {
		return text[start:]
	}
	return text[start : start+skip(text[start:], count)]
}

// skip returns the length in bytes of the first n code points.
func skip(text []byte, n int64) int {
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}

func split(n *node, i int, out *vec.Vec) Reason {
	sep, text := n.bytesOf(0, i), n.bytesOf(1, i)
	for len(sep) > 0 {
		at := bytes.Index(text, sep)
		if at < 0 {
			break
		}
		out.Elem.AppendBytes(text[:at])
		text = text[at+len(sep):]
	}
	out.Elem.AppendBytes(text)
	out.EndList()
	return None
}

func makeJoin(n *node) (func(*node, int), error) {
	if e := n.expr.Args[1].Type.Elem; e == nil || e.Kind != types.String {
		return nil, fmt.Errorf("join takes a list of strings")
	}
	if n.expr.Args[0].Op != rowexpr.OpLit {
		return nil, fmt.Errorf("the separator of join must be a constant")
	}
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		sep, v, at := n.bytesOf(0, i), n.args[1].out, n.args[1].at(i)
		first := true
		for j := int(v.Offs[at]); j < int(v.Offs[at+1]); j++ {
			if v.Elem.IsNull(j) {
				continue
			}
			if !first {
				out.Data = append(out.Data, sep...)
			}
			out.Data = append(out.Data, v.Elem.Bytes(j)...)
			first = false
		}
		out.EndBytes()
		return None
	}), nil
}
