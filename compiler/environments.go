package compiler

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// DefaultEnvironment is the name of the environment of a project that declares none.
const DefaultEnvironment = "default"

// environment is the one that is compiled, with those that it extends.
type environment struct {
	compiled program.Environment
	chain    []*lang.Block // itself first, then what it extends
	at       diag.Range
}

// Environments returns the names of a module's environments, sorted, and the
// default one: "" where several are declared and none or more than one is the
// default. A module without environment blocks has one, DefaultEnvironment.
func Environments(m *lang.Module) (names []string, standard string) {
	var defaults []string
	for _, b := range m.Blocks {
		if b.Type != "environment" || len(b.Labels) != 1 || slices.Contains(names, b.Labels[0]) {
			continue
		}
		names = append(names, b.Labels[0])
		if v, ok := constant(b, "default", cty.Bool); ok && v.True() {
			defaults = append(defaults, b.Labels[0])
		}
	}
	slices.Sort(names)
	switch {
	case len(names) == 0:
		return []string{DefaultEnvironment}, DefaultEnvironment
	case len(defaults) == 1:
		return names, defaults[0]
	case len(defaults) == 0 && len(names) == 1:
		return names, names[0]
	}
	return names, ""
}

// constant reads an attribute that must not refer to anything; false where it is
// absent, null or no constant of that type.
func constant(b *lang.Block, name string, want cty.Type) (cty.Value, bool) {
	a := b.Attr(name)
	if a == nil {
		return cty.NilVal, false
	}
	v, hclDiags := a.Expr.Value(nil)
	if hclDiags.HasErrors() {
		return cty.NilVal, false
	}
	v, diags := config.Convert(v, want, a.ExprRange)
	return v, !diags.HasErrors() && !v.IsNull()
}

// constants reports attributes of an environment that cannot depend on anything
// because everything else depends on them.
func (c *compiler) constants(b *lang.Block) {
	for name, want := range map[string]cty.Type{"default": cty.Bool, "extends": cty.String} {
		a := b.Attr(name)
		if _, ok := constant(b, name, want); a != nil && !ok {
			c.add(diag.New(diag.WrongValue, "%s must be a constant %s.", name, want.FriendlyName()).At(a.ExprRange))
		}
	}
}

// selectEnvironment finds the environment to compile.
func (c *compiler) selectEnvironment() {
	byName := map[string]*lang.Block{}
	var first *lang.Block
	for _, b := range c.mod.Blocks {
		if b.Type != "environment" || len(b.Labels) != 1 {
			continue
		}
		c.constants(b)
		byName[b.Labels[0]] = b
		if v, ok := constant(b, "default", cty.Bool); ok && v.True() {
			if first != nil {
				d := diag.New(diag.DefaultEnv, "environment.%s is the default, too.", first.Labels[0]).At(b.Attr("default").Range)
				d.Related = []diag.Related{{Message: "the other default", Range: first.Attr("default").Range}}
				c.add(d)
			} else {
				first = b
			}
		}
	}
	all, standard := Environments(c.mod)
	name := c.in.Environment
	if name == "" {
		name = standard
	}
	c.env.compiled = program.Environment{Name: name, Default: name == standard}
	b := byName[name]
	switch {
	case name == "" && first == nil:
		c.add(diag.New(diag.DefaultEnv, "The project has %s. Name one with --env, or set default = true in one of them.", list(all)))
		return
	case b == nil && (name != DefaultEnvironment || len(byName) > 0):
		if name != "" {
			c.add(diag.New(diag.UnknownEnv, "There is no environment %q.%s The project has %s.", name, diag.DidYouMean(name, all), list(all)))
		}
		return
	case b == nil:
		return
	}
	c.env.at = b.Range
	c.extend(b, byName)
}

// extend follows the chain of extends.
func (c *compiler) extend(b *lang.Block, byName map[string]*lang.Block) {
	var path []string
	for b != nil {
		path = append(path, b.Labels[0])
		c.env.chain = append(c.env.chain, b)
		v, ok := constant(b, "extends", cty.String)
		if !ok {
			return
		}
		at := b.Attr("extends").ExprRange
		next := v.AsString()
		if i := slices.Index(path, next); i >= 0 {
			c.add(diag.New(diag.EnvCycle, "%s.", strings.Join(append(path[i:], next), " -> ")).At(at))
			return
		}
		if byName[next] == nil {
			c.add(diag.New(diag.UnknownEnv, "There is no environment %q.%s", next, diag.DidYouMean(next, config.SortedKeys(byName))).At(at))
		}
		b = byName[next]
	}
}

// overrides returns the sources and destinations of the environment, those that
// it inherits first.
func (e *environment) overrides() []*lang.Block {
	var out []*lang.Block
	for _, b := range slices.Backward(e.chain) {
		for _, n := range b.Blocks {
			if (n.Type == "source" || n.Type == "destination") && len(n.Labels) > 0 {
				out = append(out, n)
			}
		}
	}
	return out
}

// variable returns the expression that the environment gives a variable.
func (e *environment) variable(name string) (hcl.Expression, bool) {
	for _, b := range e.chain {
		a := b.Attr("variables")
		if a == nil {
			continue
		}
		pairs, diags := hcl.ExprMap(a.Expr)
		if diags.HasErrors() {
			continue
		}
		for _, p := range pairs {
			if key, ok := pairKey(p); ok && key == name {
				return p.Value, true
			}
		}
	}
	return nil, false
}

func pairKey(p hcl.KeyValuePair) (string, bool) {
	v, diags := p.Key.Value(nil)
	if diags.HasErrors() || v.Type() != cty.String || v.IsNull() || !v.IsKnown() || v.IsMarked() {
		return "", false
	}
	return v.AsString(), true
}

// suffixPattern is what may stand behind a schema's name.
var suffixPattern = regexp.MustCompile(`^[A-Za-z0-9_]{0,40}$`)

// settings reads the environment's own attributes. It must run after the
// variables are indexed.
func (c *compiler) settings() {
	env := &c.env.compiled
	if !env.Default {
		env.SchemaSuffix = "__" + suffixWord(env.Name)
	}
	if len(c.env.chain) == 0 {
		return
	}
	b := c.body(c.env.chain[0], nil)
	env.Protected = b.boolean("protected", false)
	env.LogLevel, _ = b.str("log_level")
	for _, from := range c.env.chain {
		if level, ok := c.body(from, nil).str("review"); ok {
			env.Review = level
			break
		}
	}
	env.Env = b.texts("env")
	if s, ok := b.str("schema_suffix"); ok {
		if !suffixPattern.MatchString(s) {
			c.add(diag.New(diag.EnvSuffix, "%q holds other characters than letters, digits and underscores, or more than 40.", s).At(b.at("schema_suffix")))
		}
		env.SchemaSuffix = s
	}
	c.environmentVariables()
}

// suffixWord makes a name fit for a schema.
func suffixWord(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
			return r
		}
		return '_'
	}, name)
}

// environmentVariables reports names in variables that no variable block declares.
func (c *compiler) environmentVariables() {
	for _, b := range c.env.chain {
		a := b.Attr("variables")
		if a == nil {
			continue
		}
		pairs, diags := hcl.ExprMap(a.Expr)
		if diags.HasErrors() {
			c.add(diag.New(diag.WrongValue, "variables is a map written out: { name = value }.").At(a.ExprRange))
			continue
		}
		for _, p := range pairs {
			at := lang.Range(p.Key.Range())
			if key, ok := pairKey(p); !ok {
				c.add(diag.New(diag.WrongValue, "A variable's name is a plain word.").At(at))
			} else if c.vars[key] == nil {
				c.add(diag.New(diag.UnknownVariable, "There is no variable %q.%s", key, diag.DidYouMean(key, config.SortedKeys(c.vars))).At(at))
			}
		}
	}
}
