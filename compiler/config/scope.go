package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/lang/diag"
)

// Scope returns a context with a value for every name that the traversals use,
// but for those whose first word is among given: the caller puts these into a
// child of the context. Block references are refused where the caller refuses
// them; secrets stand as marked values.
func (e *Evaluator) Scope(uses []hcl.Traversal, given ...string) (*hcl.EvalContext, diag.Diagnostics) {
	own := slices.DeleteFunc(slices.Clone(uses), func(t hcl.Traversal) bool { return slices.Contains(given, t.RootName()) })
	return e.context(own, nil)
}

// EvalScoped evaluates in a context that Scope made, or a child of one. Where
// diagnostics hold an error, the value is cty.DynamicVal.
func (e *Evaluator) EvalScoped(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, diag.Diagnostics) {
	return e.evalIn(expr, ctx)
}

// Translate turns HCL's messages into headgate's.
func (e *Evaluator) Translate(in hcl.Diagnostics) diag.Diagnostics { return e.translate(in) }

// IsBlockRoot reports whether a traversal that begins with root names a block.
func (e *Evaluator) IsBlockRoot(root string) bool { return e.names.BlockRoot(root) }
