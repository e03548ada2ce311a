package eval

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// maker makes the kernel of a row function for the arguments of one call.
type maker func(n *node) (func(*node, int), error)

// functions is the table of row functions: the parameter types that the kernels
// rely on, by kind, and the kernel. A 0 takes what the maker checks itself.
var functions = map[string]struct {
	params []types.Kind
	result types.Kind
	make   maker
}{
	"lower":           {[]types.Kind{types.String}, types.String, cells(lower)},
	"upper":           {[]types.Kind{types.String}, types.String, cells(upper)},
	"trim":            {[]types.Kind{types.String}, types.String, cells(trim)},
	"replace":         {[]types.Kind{types.String, types.String, types.String}, types.String, cells(replace)},
	"mask":            {[]types.Kind{types.String, types.Int64}, types.String, cells(mask)},
	"sha256":          {[]types.Kind{0}, types.String, cells(sha256Hex)},
	"md5":             {[]types.Kind{0}, types.String, cells(md5Hex)},
	"length":          {[]types.Kind{0}, types.Int64, makeLength},
	"substr":          {nil, types.String, makeSubstr},
	"regex_match":     {[]types.Kind{types.String, types.String}, types.Bool, makeMatch},
	"regex_replace":   {[]types.Kind{types.String, types.String, types.String}, types.String, makeReplace},
	"split":           {[]types.Kind{types.String, types.String}, types.List, cells(split)},
	"join":            {[]types.Kind{types.String, types.List}, types.String, makeJoin},
	"abs":             {[]types.Kind{0}, 0, makeAbs},
	"round":           {[]types.Kind{0, types.Int64}, 0, makeRound},
	"floor":           {[]types.Kind{0}, 0, makeWhole(false)},
	"ceil":            {[]types.Kind{0}, 0, makeWhole(true)},
	"least":           {nil, 0, makeExtreme(rowexpr.OpLt)},
	"greatest":        {nil, 0, makeExtreme(rowexpr.OpGt)},
	"coalesce":        {nil, 0, makeCoalesce},
	"cast":            {[]types.Kind{0}, 0, makeCast(false)},
	"try_cast":        {[]types.Kind{0}, 0, makeCast(true)},
	"contains":        {[]types.Kind{types.List, 0}, types.Bool, makeContains},
	"list":            {nil, types.List, makeList},
	"date_trunc":      {[]types.Kind{types.String, 0}, 0, makeTrunc},
	"date_diff":       {[]types.Kind{types.String, 0, 0}, types.Int64, makeDiff},
	"parse_timestamp": {[]types.Kind{types.String, types.String}, 0, makeParse},
	"json_get":        {[]types.Kind{types.JSON, types.String}, types.JSON, makeJSONGet},
}

// function makes the kernel of a call.
func function(n *node) (func(*node, int), error) {
	e := n.expr
	f, ok := functions[e.Func]
	if !ok {
		return nil, fmt.Errorf("there is no row function %q", e.Func)
	}
	bad := f.params != nil && len(f.params) != len(e.Args)
	for i, k := range f.params {
		bad = bad || (k != 0 && e.Args[i].Type.Kind != k)
	}
	if bad || (f.result != 0 && e.Type.Kind != f.result) {
		return nil, fmt.Errorf("the row function %s is called with the wrong types", e.Func)
	}
	return f.make(n)
}

// cells makes the maker of a function that is computed row by row.
func cells(f cell) maker {
	return func(n *node) (func(*node, int), error) {
		if t := n.expr.Type; t.Kind == types.List && (t.Elem == nil || t.Elem.Kind != types.String) {
			return nil, fmt.Errorf("the row function %s gives list(string), not %s", n.expr.Func, t)
		}
		return rowwise(f), nil
	}
}

// bytesOf is the text of argument k in row i.
func (n *node) bytesOf(k, i int) []byte { return n.args[k].out.Bytes(n.args[k].at(i)) }

// constant returns the text of a constant argument.
func (n *node) constant(k int) (string, error) {
	a := n.expr.Args[k]
	if a.Op != rowexpr.OpLit || a.Lit.Null {
		return "", fmt.Errorf("argument %d of %s must be a constant", k+1, n.expr.Func)
	}
	return a.Lit.Text, nil
}

func makeCoalesce(n *node) (func(*node, int), error) {
	for _, a := range n.expr.Args {
		if !a.Type.Equal(n.expr.Type) {
			return nil, fmt.Errorf("coalesce takes one type, not %s and %s", n.expr.Type, a.Type)
		}
	}
	if len(n.args) == 0 {
		return nil, fmt.Errorf("coalesce takes an argument")
	}
	return coalesce, nil
}

func makeCast(try bool) maker {
	return func(n *node) (func(*node, int), error) {
		f, err := caster(n.expr.Args[0].Type, n.expr.Type)
		if err != nil {
			return nil, err
		}
		if try {
			return rowwise(func(n *node, i int, out *vec.Vec) Reason {
				if f(n, i, out) != None {
					out.AppendNull()
				}
				return None
			}), nil
		}
		return rowwise(f), nil
	}
}

// makeExtreme makes least (with <) and greatest (with >).
func makeExtreme(op rowexpr.Op) maker {
	return func(n *node) (func(*node, int), error) {
		t := n.expr.Type
		for _, a := range n.expr.Args {
			if !a.Type.Equal(t) || !t.Orderable() {
				return nil, fmt.Errorf("%s does not take %s", n.expr.Func, a.Type)
			}
		}
		if len(n.args) == 0 {
			return nil, fmt.Errorf("%s takes an argument", n.expr.Func)
		}
		rel, invert := turn(op)
		return func(n *node, rows int) {
			n.begin(rows)
			for i := range rows {
				n.appendExtreme(i, rel, invert)
			}
			n.nullFailed()
		}, nil
	}
}

func (n *node) appendExtreme(i int, rel relation, invert bool) {
	var best *node
	for _, a := range n.args {
		if !a.isNull(i) && (best == nil || related(rel, a.out, a.at(i), best.out, best.at(i)) != invert) {
			best = a
		}
	}
	if best == nil {
		n.own.AppendNull()
		return
	}
	n.own.AppendFrom(best.out, best.at(i))
}

// related compares one value with another of the same type.
func related(rel relation, a *vec.Vec, i int, b *vec.Vec, j int) bool {
	switch a.Type.Kind {
	case types.Bool:
		return a.Bool.Get(i) == b.Bool.Get(j)
	case types.Int32, types.Date:
		return wordOf(rel, a.I32[i:i+1], b.I32[j:j+1]) != 0
	case types.Float64:
		return wordOf(rel, a.F64[i:i+1], b.F64[j:j+1]) != 0
	case types.Decimal:
		return decimalRelation(rel, a.Dec[i], b.Dec[j])
	case types.String, types.Bytes, types.UUID:
		return bytesRelation(rel, a.Bytes(i), b.Bytes(j))
	default:
		return wordOf(rel, a.I64[i:i+1], b.I64[j:j+1]) != 0
	}
}

// makeList makes a list of the arguments of each row; a null argument is a null
// element.
func makeList(n *node) (func(*node, int), error) {
	if n.expr.Type.Elem == nil {
		return nil, fmt.Errorf("a list needs a type")
	}
	for _, a := range n.expr.Args {
		if !a.Type.Equal(*n.expr.Type.Elem) {
			return nil, fmt.Errorf("a %s cannot hold %s", n.expr.Type, a.Type)
		}
	}
	return func(n *node, rows int) {
		n.begin(rows)
		for i := range rows {
			for _, a := range n.args {
				n.own.Elem.AppendFrom(a.out, a.at(i))
			}
			n.own.EndList()
		}
		n.nullFailed()
	}, nil
}

// makeContains compares each element; a list of constants is looked up in a set
// where the values are texts.
func makeContains(n *node) (func(*node, int), error) {
	list, x := n.expr.Args[0], n.expr.Args[1]
	if list.Type.Elem == nil || !list.Type.Elem.Equal(x.Type) || x.Type.IsNested() || x.Type.Kind == types.JSON {
		return nil, fmt.Errorf("contains does not look for %s in %s", x.Type, list.Type)
	}
	if set, ok := constantSet(list); ok && x.Type.Kind == types.String {
		return rowwise(func(n *node, i int, out *vec.Vec) Reason {
			out.AppendBool(set[string(n.bytesOf(1, i))])
			return None
		}), nil
	}
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		v, x := n.args[0].out, n.args[1]
		at := n.args[0].at(i)
		for j := int(v.Offs[at]); j < int(v.Offs[at+1]); j++ {
			if !v.Elem.IsNull(j) && related(equal, v.Elem, j, x.out, x.at(i)) {
				out.AppendBool(true)
				return None
			}
		}
		out.AppendBool(false)
		return None
	}), nil
}

func constantSet(list *rowexpr.Expr) (map[string]bool, bool) {
	if list.Op != rowexpr.OpCall {
		return nil, false
	}
	set := map[string]bool{}
	for _, a := range list.Args {
		if a.Op != rowexpr.OpLit {
			return nil, false
		}
		if !a.Lit.Null {
			set[a.Lit.Text] = true
		}
	}
	return set, true
}
