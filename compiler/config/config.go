// Package config evaluates config expressions: those whose value is known at
// compile time. It holds the functions of the language, keeps secrets out of
// everything that could look into them, and turns values into the plain data of
// a program.
package config

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Names gives values to the names in expressions.
type Names interface {
	// Variable and Local return a value by name, working it out at the first call.
	Variable(name string, at diag.Range) (cty.Value, diag.Diagnostics)
	Local(name string, at diag.Range) (cty.Value, diag.Diagnostics)
	// Environment returns the name of the environment.
	Environment() string
	// Block returns what a reference such as contract.orders.v2 names. It is
	// called for roots that BlockRoot takes.
	Block(t hcl.Traversal) (cty.Value, diag.Diagnostics)
	// BlockRoot reports whether a traversal that begins with root names a block.
	BlockRoot(root string) bool
}

// Each is the element of for_each that an expression belongs to.
type Each struct {
	Key   string
	Value cty.Value
}

// Options are what an Evaluator knows of the world.
type Options struct {
	FS        fs.FS
	LookupEnv func(name string) (string, bool)
	OnEnv     func(name, value string, public bool) // called for each env() that found a value
}

// Evaluator evaluates the expressions of one compilation. It is not safe for
// concurrent use.
type Evaluator struct {
	names   Names
	opts    Options
	funcs   map[string]function.Function
	secrets []program.Part // by the number in a placeholder
	refused map[string]bool
}

// New makes an evaluator.
func New(names Names, opts Options) *Evaluator {
	e := &Evaluator{names: names, opts: opts}
	e.funcs = e.functions()
	return e
}

// Functions returns the names of all functions, sorted.
func (e *Evaluator) Functions() []string {
	var out []string
	for name := range e.funcs {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Eval returns the value of an expression; each is nil outside for_each. Where
// diagnostics hold an error, the value is cty.DynamicVal.
func (e *Evaluator) Eval(expr hcl.Expression, each *Each) (cty.Value, diag.Diagnostics) {
	ctx, diags := e.context(expr.Variables(), each)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return e.evalIn(expr, ctx)
}

// EvalWith evaluates a condition about one value: root.name is that value and
// nothing else has a name. An empty root gives no name at all.
func (e *Evaluator) EvalWith(expr hcl.Expression, root, name string, v cty.Value) (cty.Value, diag.Diagnostics) {
	ctx := &hcl.EvalContext{Functions: e.funcs, Variables: map[string]cty.Value{}}
	if root != "" {
		ctx.Variables[root] = cty.ObjectVal(map[string]cty.Value{name: v})
	}
	return e.evalIn(expr, ctx)
}

// evalIn evaluates in a context that was made for the expression.
func (e *Evaluator) evalIn(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, diag.Diagnostics) {
	e.refused = nil
	v, hclDiags := expr.Value(ctx)
	diags := e.translate(hclDiags)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if !v.IsWhollyKnown() {
		return cty.DynamicVal, append(diags, Unparsed)
	}
	if infinite(v) {
		return cty.DynamicVal, append(diags, diag.New(diag.BadExpression, "The result is an infinite number, as a division by zero gives.").At(lang.Range(expr.Range())))
	}
	if v.ContainsMarked() {
		if diags = append(diags, e.hiddenUses(expr, ctx)...); diags.HasErrors() {
			return cty.DynamicVal, diags
		}
	}
	return v, diags
}

// Unparsed stands for an expression that has no value because its file does not
// parse, which lang has reported. In a module that is complete it is a bug.
var Unparsed = diag.Bug("config.Eval", "an expression that parsed has no value")

// IsUnparsed reports whether d is Unparsed, or a copy of it that got a place.
func IsUnparsed(d *diag.Diagnostic) bool {
	return d.Code == Unparsed.Code && d.Detail == Unparsed.Detail
}

// infinite reports whether v is, or holds, an infinite number.
func infinite(v cty.Value) bool {
	found := false
	_ = cty.Walk(v, func(_ cty.Path, x cty.Value) (bool, error) {
		if x, _ := x.Unmark(); x.Type() == cty.Number && !x.IsNull() {
			found = found || x.AsBigFloat().IsInf()
		}
		return !found, nil
	})
	return found
}

// Traversal returns the value of one traversal, as row expressions fold them.
func (e *Evaluator) Traversal(t hcl.Traversal, each *Each) (cty.Value, diag.Diagnostics) {
	return e.Eval(&hclsyntax.ScopeTraversalExpr{Traversal: t, SrcRange: t.SourceRange()}, each)
}

// context makes the names that traversals use, and no others.
func (e *Evaluator) context(uses []hcl.Traversal, each *Each) (*hcl.EvalContext, diag.Diagnostics) {
	var diags diag.Diagnostics
	tree := node{}
	for _, t := range uses {
		diags = append(diags, e.lookup(t, each, &tree)...)
	}
	ctx := &hcl.EvalContext{Functions: e.funcs, Variables: make(map[string]cty.Value, len(tree.members))}
	for name, n := range tree.members {
		ctx.Variables[name] = n.value()
	}
	return ctx, diags
}

// node is a tree of the names that an expression uses. A leaf has a value.
type node struct {
	leaf    cty.Value
	members map[string]*node
}

// put sets the value that stands at path.
func (n *node) put(path []string, v cty.Value) {
	for _, name := range path {
		if n.members == nil {
			n.members = map[string]*node{}
		}
		next := n.members[name]
		if next == nil {
			next = &node{}
			n.members[name] = next
		}
		n = next
	}
	n.leaf = v
}

// value returns the leaf, or an object of the members. Where both are there
// (contract.a and contract.a.v2 in one expression) the leaf stands in the object
// under SelfAttr.
func (n *node) value() cty.Value {
	if n.members == nil {
		return n.leaf
	}
	attrs := make(map[string]cty.Value, len(n.members)+1)
	if n.leaf != cty.NilVal && n.leaf.Type().IsObjectType() {
		for name, v := range n.leaf.AsValueMap() {
			attrs[name] = v
		}
	}
	for name, m := range n.members {
		attrs[name] = m.value()
	}
	if n.leaf != cty.NilVal && !n.leaf.Type().IsObjectType() {
		attrs[SelfAttr] = n.leaf
	}
	return cty.ObjectVal(attrs)
}

// SelfAttr is the attribute under which an object that stands for a block holds
// the reference to the block itself.
const SelfAttr = "$self"

// lookup finds what a traversal names and puts it into the tree.
func (e *Evaluator) lookup(t hcl.Traversal, each *Each, tree *node) diag.Diagnostics {
	root := t.RootName()
	at := lang.Range(t.SourceRange())
	name, named := attrStep(t)
	switch {
	case root == "var" && named:
		v, ds := e.names.Variable(name, at)
		tree.put([]string{"var", name}, v)
		return ds
	case root == "local" && named:
		v, ds := e.names.Local(name, at)
		tree.put([]string{"local", name}, v)
		return ds
	case root == "environment" && name == "name":
		tree.put([]string{"environment", "name"}, cty.StringVal(e.names.Environment()))
		return nil
	case root == "path" && name == "root":
		tree.put([]string{"path", "root"}, cty.StringVal(rootToken))
		return nil
	case root == "each" && (name == "key" || name == "value"):
		return putEach(tree, name, each, at)
	case e.names.BlockRoot(root):
		return e.putBlock(tree, t)
	}
	return diag.Diagnostics{e.unknownName(t, at)}
}

func putEach(tree *node, name string, each *Each, at diag.Range) diag.Diagnostics {
	if each == nil {
		return diag.Diagnostics{diag.New(diag.UnknownName, "each.%s stands only in a block that has for_each.", name).At(at)}
	}
	if name == "key" {
		tree.put([]string{"each", "key"}, cty.StringVal(each.Key))
	} else {
		tree.put([]string{"each", "value"}, each.Value)
	}
	return nil
}

// putBlock puts a block's value under as many of the traversal's steps as are
// written as names or string keys, so that a version or key becomes a leaf.
func (e *Evaluator) putBlock(tree *node, t hcl.Traversal) diag.Diagnostics {
	v, diags := e.names.Block(t)
	if diags.HasErrors() {
		return diags
	}
	path := []string{t.RootName()}
	for _, step := range t[1:] {
		name, ok := StepName(step)
		if !ok {
			break
		}
		path = append(path, name)
	}
	tree.put(path, v)
	return diags
}

// StepName returns the name of an attribute step or of an index by a string.
func StepName(step hcl.Traverser) (string, bool) {
	switch s := step.(type) {
	case hcl.TraverseAttr:
		return s.Name, true
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String && s.Key.IsKnown() && !s.Key.IsNull() {
			return s.Key.AsString(), true
		}
	}
	return "", false
}

func attrStep(t hcl.Traversal) (string, bool) {
	if len(t) < 2 {
		return "", false
	}
	return StepName(t[1])
}

// unknownName explains a traversal that names nothing.
func (e *Evaluator) unknownName(t hcl.Traversal, at diag.Range) *diag.Diagnostic {
	root := t.RootName()
	switch root {
	case "row", "value":
		return diag.New(diag.UnknownName, "%s stands only in row expressions: condition, filter and the value of a map's column.", root).At(at)
	case "plan":
		return diag.New(diag.UnknownName, "plan stands only in a policy's condition and message, which are decided once there is a plan.").At(at)
	case "project":
		return diag.New(diag.UnknownName, "project stands only in policy and rule blocks: in for_each, condition and message.").At(at)
	case "var", "local":
		return diag.New(diag.UnknownName, "%s needs a name behind it, such as %s.region.", root, root).At(at)
	case "environment":
		return diag.New(diag.UnknownName, "An environment has nothing but environment.name here.").At(at)
	case "path":
		return diag.New(diag.UnknownName, "path has nothing but path.root, the project folder.").At(at)
	case "each":
		return diag.New(diag.UnknownName, "each has key and value alone: each.key, each.value.").At(at)
	}
	roots := []string{"var", "local", "environment", "each", "path", "source", "destination", "contract", "pipeline", "model", "external"}
	return diag.New(diag.UnknownName, "Nothing is called %q here.%s A text is written in quotes: %q.", root, diag.DidYouMean(root, roots), root).At(at)
}

// translate turns HCL's messages into headgate's.
func (e *Evaluator) translate(in hcl.Diagnostics) diag.Diagnostics {
	var out diag.Diagnostics
	for _, h := range in {
		d := e.translateOne(h)
		if h.Severity == hcl.DiagWarning {
			d.Severity = diag.Warning
		}
		if h.Subject != nil {
			d.At(lang.Range(*h.Subject))
		}
		out.Add(d)
	}
	return out
}

func (e *Evaluator) translateOne(h *hcl.Diagnostic) *diag.Diagnostic {
	if extra, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](h); ok {
		name := extra.CalledFunctionName()
		return diag.New(diag.UnknownFunction, "There is no function %q.%s", name, diag.DidYouMean(name, e.Functions()))
	}
	extra, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](h)
	if !ok || extra.FunctionCallError() == nil {
		return diag.New(diag.BadExpression, "%s.", strings.TrimSuffix(h.Summary+": "+h.Detail, "."))
	}
	name := extra.CalledFunctionName()
	switch {
	case e.refused[name]:
		return diag.New(diag.SecretMisplaced, "A secret reaches the function %s, which could look into it.", name)
	case name == "file" || name == "fileset" || name == "fileexists" || name == "templatefile":
		return diag.New(diag.ProjectFile, "%s: %s.", name, extra.FunctionCallError())
	case name == "env":
		return diag.New(diag.EnvironmentUnset, "%s.", extra.FunctionCallError())
	}
	return diag.New(diag.BadExpression, "%s: %s.", name, strings.TrimSuffix(extra.FunctionCallError().Error(), "."))
}
