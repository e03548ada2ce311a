package compiler

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// VariablePrefix begins the names of environment variables that give variables.
const VariablePrefix = "HEADGATE_VAR_"

func (c *compiler) indexVariable(b *lang.Block) {
	if len(b.Labels) != 1 {
		return
	}
	name := b.Labels[0]
	c.vars[name] = &binding{name: "var." + name, block: b}
}

// checkVariables works every variable out and reports values given for variables
// that there are not. It reads the environment's settings, too.
func (c *compiler) checkVariables() {
	for _, given := range []map[string]string{c.in.Vars, c.in.VarFile} {
		for _, name := range config.SortedKeys(given) {
			if c.vars[name] == nil {
				c.add(diag.New(diag.UnknownVariable, "A value is given for %q, but there is no such variable.%s",
					name, diag.DidYouMean(name, config.SortedKeys(c.vars))))
			}
		}
	}
	for _, name := range config.SortedKeys(c.vars) {
		v, diags := names{c}.Variable(name, c.vars[name].block.Range)
		c.diags = append(c.diags, diags...)
		if diags.HasErrors() || config.HasSecret(v) {
			continue
		}
		if b, err := ctyjson.Marshal(v, v.Type()); err == nil {
			if c.env.compiled.Variables == nil {
				c.env.compiled.Variables = map[string]string{}
			}
			c.env.compiled.Variables[name] = string(b)
		}
	}
	c.settings()
}

// variable works one variable out. A sensitive one becomes a reference that is
// resolved at the moment of use.
func (c *compiler) variable(name string, b *lang.Block) (cty.Value, diag.Diagnostics) {
	v, sensitive, diags := c.variableValue(name, b)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	diags = append(diags, c.validate(name, b, v, sensitive)...)
	if sensitive && !config.HasSecret(v) && !v.IsNull() {
		v = c.eval.Secret(program.Part{Var: name})
	}
	return v, diags
}

// variableValue returns the true value, converted to the variable's type.
func (c *compiler) variableValue(name string, b *lang.Block) (v cty.Value, sensitive bool, diags diag.Diagnostics) {
	want, defaults, diags := variableType(b)
	if s, ok := constant(b, "sensitive", cty.Bool); ok {
		sensitive = s.True()
	} else if a := b.Attr("sensitive"); a != nil {
		diags.Add(diag.New(diag.VariableBroken, "sensitive must be true or false.").At(a.ExprRange))
	}
	if sensitive && want != cty.String && want != cty.DynamicPseudoType {
		diags.Add(diag.New(diag.VariableBroken, "var.%s is sensitive, so its type must be string.", name).At(b.Attr("type").ExprRange))
	}
	if diags.HasErrors() {
		return cty.DynamicVal, sensitive, diags
	}
	if sensitive {
		want = cty.String
	}
	v, at, ds := c.given(name, b, want, sensitive)
	if diags = append(diags, ds...); diags.HasErrors() {
		return cty.DynamicVal, sensitive, diags
	}
	if defaults != nil && !v.IsNull() && !config.HasSecret(v) {
		v = defaults.Apply(v)
	}
	out, err := convert.Convert(v, want)
	if err != nil {
		detail := err.Error()
		if sensitive || config.HasSecret(v) {
			detail = "a value of another type is given"
		}
		d := diag.New(diag.VariableType, "var.%s takes %s: %s.", name, want.FriendlyName(), detail).At(at)
		return cty.DynamicVal, sensitive, append(diags, d)
	}
	return out, sensitive, diags
}

// variableType reads the type constraint; any where there is none.
func variableType(b *lang.Block) (cty.Type, *typeexpr.Defaults, diag.Diagnostics) {
	a := b.Attr("type")
	if a == nil {
		return cty.DynamicPseudoType, nil, nil
	}
	ty, defaults, hclDiags := typeexpr.TypeConstraintWithDefaults(a.Expr)
	var diags diag.Diagnostics
	for _, h := range hclDiags {
		d := diag.New(diag.VariableBroken, "%s: %s", h.Summary, h.Detail).At(a.ExprRange)
		if h.Subject != nil {
			d.At(lang.Range(*h.Subject))
		}
		diags.Add(d)
	}
	return ty, defaults, diags
}

// given finds a variable's value, strongest first, and where it is written.
func (c *compiler) given(name string, b *lang.Block, want cty.Type, sensitive bool) (cty.Value, diag.Range, diag.Diagnostics) {
	if text, ok := c.in.Vars[name]; ok {
		return fromText(name, text, want, b.Range, sensitive)
	}
	if text, ok := c.in.VarFile[name]; ok {
		return fromText(name, text, cty.DynamicPseudoType, b.Range, sensitive)
	}
	if c.in.LookupEnv != nil {
		if text, ok := c.in.LookupEnv(VariablePrefix + name); ok {
			return fromText(name, text, want, b.Range, sensitive)
		}
	}
	if expr, ok := c.env.variable(name); ok {
		v, diags := c.eval.Eval(expr, nil)
		return v, lang.Range(expr.Range()), diags
	}
	if a := b.Attr("default"); a != nil {
		v, diags := c.eval.Eval(a.Expr, nil)
		if len(a.Expr.Variables()) > 0 {
			diags.Add(diag.New(diag.VariableBroken, "The default of var.%s must not refer to anything; use a local for that.", name).At(a.ExprRange))
		}
		return v, a.ExprRange, diags
	}
	return cty.DynamicVal, b.Range, diag.Diagnostics{diag.New(diag.VariableMissing, "var.%s has no default. Give it with --var %s=VALUE, --var-file, %s%s or the environment's variables.",
		name, name, VariablePrefix, name).At(b.Range).For("var." + name)}
}

// fromText reads a value given from outside: a string as it is, anything else as
// an expression. Text given for a variable of any type is a string unless it is a
// constant of another type.
func fromText(name, text string, want cty.Type, at diag.Range, sensitive bool) (cty.Value, diag.Range, diag.Diagnostics) {
	if want == cty.String {
		return cty.StringVal(text), at, nil
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), "value of var."+name, hcl.InitialPos)
	var v cty.Value
	if !diags.HasErrors() {
		v, diags = expr.Value(nil)
	}
	if !diags.HasErrors() {
		return v, at, nil
	}
	if want == cty.DynamicPseudoType {
		return cty.StringVal(text), at, nil
	}
	if sensitive {
		text = "(sensitive)"
	}
	return cty.DynamicVal, at, diag.Diagnostics{diag.New(diag.VariableType, "%q, given for var.%s, is no constant of type %s. Lists and maps are written as in a configuration: [\"a\", \"b\"].",
		text, name, want.FriendlyName()).At(at)}
}

// validate checks a value against the variable's validation blocks. The condition
// sees the true value, also of a sensitive variable, and nothing that it finds
// is printed.
func (c *compiler) validate(name string, b *lang.Block, v cty.Value, sensitive bool) diag.Diagnostics {
	var out diag.Diagnostics
	for _, block := range b.Nested("validation") {
		cond := block.Attr("condition")
		if cond == nil {
			continue
		}
		ok, diags := c.eval.EvalWith(cond.Expr, "var", name, v)
		if diags.HasErrors() {
			if sensitive {
				diags = diag.Diagnostics{diag.New(diag.VariableBroken, "The condition cannot be evaluated for the value that is given.").At(cond.ExprRange)}
			}
			out = append(out, diags...)
			continue
		}
		ok, diags = config.Convert(ok, cty.Bool, cond.ExprRange)
		if out = append(out, diags...); diags.HasErrors() {
			continue
		}
		if ok.IsNull() || ok.False() {
			out = append(out, c.refusal(name, block, cond.ExprRange))
		}
	}
	return out
}

// refusal makes the diagnostic of a validation that did not hold.
func (c *compiler) refusal(name string, block *lang.Block, at diag.Range) *diag.Diagnostic {
	message := "The condition is not true."
	if a := block.Attr("error_message"); a != nil {
		v, diags := c.eval.EvalWith(a.Expr, "", "", cty.NilVal)
		if s, ds := config.Convert(v, cty.String, a.ExprRange); !diags.HasErrors() && !ds.HasErrors() && !s.IsNull() {
			message = s.AsString()
		}
	}
	return diag.New(diag.VariableInvalid, "var.%s: %s", name, message).At(at).For("var." + name)
}

// SensitiveValues returns the values of the sensitive variables that are plain
// text, for resolving a program's references to them at the moment of use. They
// must not be stored, logged or shown.
func SensitiveValues(m *lang.Module, in Inputs) map[string]string {
	c := newCompiler(context.Background(), m, in)
	c.selectEnvironment()
	c.indexBlocks()
	out := map[string]string{}
	for name, b := range c.vars {
		v, sensitive, diags := c.variableValue(name, b.block)
		if sensitive && !diags.HasErrors() && !config.HasSecret(v) && !v.IsNull() {
			out[name] = v.AsString()
		}
	}
	return out
}
