package config

import (
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions returns every function of config expressions. All but secret refuse
// an argument that a secret reached.
func (e *Evaluator) functions() map[string]function.Function {
	out := map[string]function.Function{}
	for _, set := range []map[string]function.Function{
		textFunctions(), numberFunctions(), collectionFunctions(), codecFunctions(), e.projectFunctions(),
	} {
		for name, f := range set {
			out[name] = e.guard(name, f)
		}
	}
	out["secret"] = e.secretFunction()
	return out
}

// guard wraps a function so that a secret in an argument or a result is an error.
func (e *Evaluator) guard(name string, f function.Function) function.Function {
	open := func(p function.Parameter) function.Parameter { p.AllowMarked = true; return p }
	spec := &function.Spec{Description: f.Description()}
	for _, p := range f.Params() {
		spec.Params = append(spec.Params, open(p))
	}
	if p := f.VarParam(); p != nil {
		q := open(*p)
		spec.VarParam = &q
	}
	spec.Type = func(args []cty.Value) (cty.Type, error) {
		for i, a := range args {
			if a.ContainsMarked() {
				return cty.NilType, function.NewArgError(i, e.refuse(name))
			}
		}
		return f.ReturnTypeForValues(allSettled(args))
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, err := f.Call(allSettled(args))
		if err == nil && v.ContainsMarked() { // try(secret("X"), ...): the argument was an expression
			return cty.NilVal, function.NewArgError(0, e.refuse(name))
		}
		return v, err
	}
	return function.New(spec)
}

// refuse notes that a function was refused for a secret, for translate.
func (e *Evaluator) refuse(name string) error {
	if e.refused == nil {
		e.refused = map[string]bool{}
	}
	e.refused[name] = true
	return errSecret
}

type secretError struct{}

func (secretError) Error() string { return "a secret reaches the function" }

var errSecret = secretError{}

func textFunctions() map[string]function.Function {
	return map[string]function.Function{
		"chomp": stdlib.ChompFunc, "endswith": endsWith, "format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc,
		"indent": stdlib.IndentFunc, "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc,
		"regexall": stdlib.RegexAllFunc, "replace": replaceText, "split": stdlib.SplitFunc, "startswith": startsWith,
		"strcontains": strContains, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc,
		"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
		"formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,
	}
}

func numberFunctions() map[string]function.Function {
	return map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc,
		"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc,
		"signum": stdlib.SignumFunc,
	}
}

func collectionFunctions() map[string]function.Function {
	return map[string]function.Function{
		"alltrue": allTrue, "anytrue": anyTrue, "chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc,
		"coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc,
		"contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc,
		"flatten": stdlib.FlattenFunc, "index": indexOf, "keys": stdlib.KeysFunc, "length": lengthOf,
		"lookup": lookup, "merge": stdlib.MergeFunc, "one": one, "range": boundedRange, "reverse": stdlib.ReverseListFunc,
		"setintersection": stdlib.SetIntersectionFunc, "setproduct": boundedProduct, "setsubtract": stdlib.SetSubtractFunc,
		"setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "sum": sum,
		"values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "tonumber": stdlib.MakeToFunc(cty.Number),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),
		"try": tryfunc.TryFunc, "can": tryfunc.CanFunc,
	}
}

func codecFunctions() map[string]function.Function {
	return map[string]function.Function{
		"base64decode": base64Decode, "base64encode": base64Encode, "csvdecode": stdlib.CSVDecodeFunc,
		"jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc, "md5": md5Hex, "sha256": sha256Hex,
		"urlencode": urlEncode, "yamldecode": ctyyaml.YAMLDecodeFunc, "yamlencode": ctyyaml.YAMLEncodeFunc,
	}
}
