package config

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// maxElements bounds the lists that range and setproduct make.
const maxElements = 100_000

// onText makes a function from one string to one string.
func onText(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, err := f(args[0].AsString())
			return cty.StringVal(s), err
		},
	})
}

// aboutText makes a function that says something of a string and another.
func aboutText(f func(s, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

var (
	startsWith  = aboutText(strings.HasPrefix)
	endsWith    = aboutText(strings.HasSuffix)
	strContains = aboutText(strings.Contains)

	base64Encode = onText(func(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil })
	urlEncode    = onText(func(s string) (string, error) { return url.QueryEscape(s), nil })
	sha256Hex    = onText(func(s string) (string, error) { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]), nil })
	md5Hex       = onText(func(s string) (string, error) { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]), nil })
	base64Decode = onText(func(s string) (string, error) {
		b, err := base64.StdEncoding.DecodeString(s)
		if err == nil && !utf8.Valid(b) {
			err = fmt.Errorf("the decoded bytes are not UTF-8 text")
		}
		return string(b), err
	})

	allTrue = quantifier(true)
	anyTrue = quantifier(false)
)

// quantifier makes alltrue (start true) or anytrue (start false).
func quantifier(start bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for _, v := range args[0].AsValueSlice() {
				if !v.IsNull() && v.True() != start {
					return cty.BoolVal(!start), nil
				}
				if v.IsNull() && start {
					return cty.False, nil
				}
			}
			return cty.BoolVal(start), nil
		},
	})
}

// replaceText is Terraform's replace: a substring between slashes is a regular
// expression.
var replaceText = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "substring", Type: cty.String}, {Name: "replacement", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		s, sub, by := args[0].AsString(), args[1].AsString(), args[2].AsString()
		if len(sub) > 1 && sub[0] == '/' && sub[len(sub)-1] == '/' {
			re, err := regexp.Compile(sub[1 : len(sub)-1])
			if err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			return cty.StringVal(re.ReplaceAllString(s, by)), nil
		}
		return cty.StringVal(strings.ReplaceAll(s, sub, by)), nil
	},
})

// lengthOf counts the characters of a string or the elements of anything else.
var lengthOf = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v := args[0]
		switch ty := v.Type(); {
		case ty == cty.String:
			return stdlib.Strlen(v)
		case ty.IsObjectType():
			return cty.NumberIntVal(int64(len(ty.AttributeTypes()))), nil
		case ty.IsTupleType():
			return cty.NumberIntVal(int64(len(ty.TupleElementTypes()))), nil
		case ty.IsCollectionType():
			return cty.NumberIntVal(int64(v.LengthInt())), nil
		}
		return cty.NilVal, function.NewArgErrorf(0, "a string, list, set, map or object is needed")
	},
})

// indexOf returns the place of a value in a list.
var indexOf = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if ty := args[0].Type(); !ty.IsTupleType() && !ty.IsListType() {
			return cty.NilVal, function.NewArgErrorf(0, "a list is needed")
		}
		for i, v := range args[0].AsValueSlice() {
			if eq, err := stdlib.Equal(v, args[1]); err == nil && eq.IsKnown() && !eq.IsNull() && eq.True() {
				return cty.NumberIntVal(int64(i)), nil
			}
		}
		return cty.NilVal, fmt.Errorf("the value is not in the list")
	},
})

// lookup returns a member of a map or object, or the default.
var lookup = function.New(&function.Spec{
	Params:   []function.Parameter{{Name: "map", Type: cty.DynamicPseudoType}, {Name: "key", Type: cty.String}},
	VarParam: &function.Parameter{Name: "default", Type: cty.DynamicPseudoType, AllowNull: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		v, err := lookUp(args)
		if err != nil {
			return cty.NilType, err
		}
		return v.Type(), nil
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return lookUp(args) },
})

func lookUp(args []cty.Value) (cty.Value, error) {
	if len(args) > 3 {
		return cty.NilVal, function.NewArgErrorf(3, "lookup takes a map, a key and at most one default")
	}
	m, key := args[0], args[1].AsString()
	if ty := m.Type(); !ty.IsObjectType() && !ty.IsMapType() {
		return cty.NilVal, function.NewArgErrorf(0, "a map or object is needed")
	}
	if v, ok := m.AsValueMap()[key]; ok {
		return v, nil
	}
	if len(args) == 3 {
		return args[2], nil
	}
	return cty.NilVal, function.NewArgErrorf(1, "there is no member %q", key)
}

// one returns the only element of a list or set, or null for an empty one.
var one = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
	Type: func(args []cty.Value) (cty.Type, error) {
		v, err := onlyOne(args[0])
		if err != nil {
			return cty.NilType, err
		}
		return v.Type(), nil
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return onlyOne(args[0]) },
})

func onlyOne(v cty.Value) (cty.Value, error) {
	if ty := v.Type(); !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
		return cty.NilVal, function.NewArgErrorf(0, "a list or set is needed")
	}
	switch all := v.AsValueSlice(); len(all) {
	case 0:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case 1:
		return all[0], nil
	default:
		return cty.NilVal, function.NewArgErrorf(0, "it has %d elements, and at most one is needed", len(all))
	}
}

// sum adds up numbers.
var sum = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if !args[0].CanIterateElements() || args[0].Type().IsObjectType() || args[0].Type().IsMapType() {
			return cty.NilVal, function.NewArgErrorf(0, "a list or set of numbers is needed")
		}
		total := cty.Zero
		for _, v := range args[0].AsValueSlice() {
			n, err := convert.Convert(v, cty.Number)
			if err != nil || n.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "every element must be a number")
			}
			total = total.Add(n)
		}
		return total, nil
	},
})

// boundedRange and boundedProduct are the standard functions, for results of a
// size that cannot fill the memory.
var (
	boundedRange = bounded(stdlib.RangeFunc, func(args []cty.Value) bool {
		for _, a := range args {
			if f := a.AsBigFloat(); f.MantExp(nil) > 40 || f.MantExp(nil) < -40 {
				return false
			}
		}
		lo, hi, step := 0.0, 0.0, 1.0
		switch len(args) {
		case 1:
			hi, _ = args[0].AsBigFloat().Float64()
		case 3:
			step, _ = args[2].AsBigFloat().Float64()
			fallthrough
		case 2:
			lo, _ = args[0].AsBigFloat().Float64()
			hi, _ = args[1].AsBigFloat().Float64()
		}
		return step == 0 || (hi-lo)/step <= maxElements
	})
	boundedProduct = bounded(stdlib.SetProductFunc, func(args []cty.Value) bool {
		n := 1
		for _, a := range args {
			if a.CanIterateElements() {
				n *= max(1, a.LengthInt())
			}
			if n > maxElements {
				return false
			}
		}
		return true
	})
)

func bounded(f function.Function, fits func(args []cty.Value) bool) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			if !fits(args) {
				return cty.NilType, fmt.Errorf("the result would have more than %d elements", maxElements)
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}
