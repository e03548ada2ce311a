package config

import (
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// rootToken stands for the project's folder in a value while it is made. Where a
// value becomes a text that is resolved at the moment of use, it becomes a
// reference; everywhere else (functions, paths that are relative to the project
// anyway) it is ".".
const rootToken = placeholderOpen + "path.root" + placeholderClose

// settled returns v with the project's folder written as ".".
func settled(v cty.Value) cty.Value {
	if !v.IsWhollyKnown() {
		return v
	}
	out, err := cty.Transform(v, func(_ cty.Path, x cty.Value) (cty.Value, error) {
		plain, marks := x.Unmark()
		if plain.Type() != cty.String || plain.IsNull() || !strings.Contains(plain.AsString(), rootToken) {
			return x, nil
		}
		return cty.StringVal(strings.ReplaceAll(plain.AsString(), rootToken, ".")).WithMarks(marks), nil
	})
	if err != nil {
		return v // Transform fails only where the function above does
	}
	return out
}

// allSettled is settled for the arguments of a function.
func allSettled(args []cty.Value) []cty.Value {
	out := make([]cty.Value, len(args))
	for i, a := range args {
		out[i] = settled(a)
	}
	return out
}
