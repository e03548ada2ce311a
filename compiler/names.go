package compiler

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// names gives the evaluator the values of names; it implements config.Names.
type names struct{ *compiler }

// binding is a variable or local, worked out at its first use.
type binding struct {
	name  string // var.x or local.x
	attr  *lang.Attr
	block *lang.Block // of a variable
	done  bool
	value cty.Value
	diags diag.Diagnostics
}

// Environment returns the environment's name.
func (n names) Environment() string { return n.env.compiled.Name }

// BlockRoot reports whether blocks are referred to by a root.
func (n names) BlockRoot(root string) bool { return slices.Contains(blockKinds, addr.Kind(root)) }

// Local returns a local's value.
func (n names) Local(name string, at diag.Range) (cty.Value, diag.Diagnostics) {
	b := n.locals[name]
	if b == nil {
		return cty.DynamicVal, diag.Diagnostics{diag.New(diag.UnknownName, "There is no local %q.%s",
			name, diag.DidYouMean(name, config.SortedKeys(n.locals))).At(at)}
	}
	return n.resolve(b, at, func() (cty.Value, diag.Diagnostics) { return n.eval.Eval(b.attr.Expr, nil) })
}

// Variable returns a variable's value.
func (n names) Variable(name string, at diag.Range) (cty.Value, diag.Diagnostics) {
	b := n.vars[name]
	if b == nil {
		return cty.DynamicVal, diag.Diagnostics{diag.New(diag.UnknownName, "There is no variable %q.%s",
			name, diag.DidYouMean(name, config.SortedKeys(n.vars))).At(at)}
	}
	return n.resolve(b, at, func() (cty.Value, diag.Diagnostics) { return n.variable(name, b.block) })
}

// resolve works a binding out once, and reports one that needs itself.
func (c *compiler) resolve(b *binding, at diag.Range, work func() (cty.Value, diag.Diagnostics)) (cty.Value, diag.Diagnostics) {
	if b.done {
		return b.value, b.diags
	}
	if i := slices.Index(c.way, b.name); i >= 0 {
		path := strings.Join(append(slices.Clone(c.way[i:]), b.name), " -> ")
		return cty.DynamicVal, diag.Diagnostics{diag.New(diag.ValueCycle, "%s.", path).At(at)}
	}
	if len(c.way) > maxValueDepth {
		return cty.DynamicVal, diag.Diagnostics{diag.New(diag.ValueCycle, "More than %d locals and variables need each other in a row.", maxValueDepth).At(at)}
	}
	c.way = append(c.way, b.name)
	b.value, b.diags = work()
	c.way = c.way[:len(c.way)-1]
	b.done = true
	return b.value, b.diags
}

// maxValueDepth bounds chains of locals, so that a hostile project cannot exhaust
// the stack.
const maxValueDepth = 1000

// indexLocals keeps the attributes of a locals block.
func (c *compiler) indexLocals(b *lang.Block) {
	for _, name := range config.SortedKeys(b.Attrs) {
		a := b.Attrs[name]
		if first := c.locals[name]; first != nil {
			d := diag.New(diag.DuplicateAddress, "local.%s was declared before.", name).At(a.NameRange)
			d.Related = []diag.Related{{Message: "the first declaration", Range: first.attr.NameRange}}
			c.add(d)
			continue
		}
		c.locals[name] = &binding{name: "local." + name, attr: a}
	}
}

// checkLocals reports the faults of locals that nothing uses.
func (c *compiler) checkLocals() {
	for _, name := range config.SortedKeys(c.locals) {
		_, diags := names{c}.Local(name, c.locals[name].attr.NameRange)
		c.diags = append(c.diags, diags...)
	}
}

// Block returns what a reference names: a reference to a block, a version, a
// key's instance or a stream, as far as its steps are names or string keys.
func (n names) Block(t hcl.Traversal) (cty.Value, diag.Diagnostics) {
	at := lang.Range(t.SourceRange())
	kind := addr.Kind(t.RootName())
	e, steps, d := n.findEntry(kind, t, at)
	if d != nil {
		return cty.DynamicVal, diag.Diagnostics{d}
	}
	if e == nil { // reported by lang
		name, _ := firstStep(t[1:])
		return config.RefVal(addr.Of(kind, name)), nil
	}
	if e.busy {
		return cty.DynamicVal, diag.Diagnostics{diag.New(diag.ValueCycle, "for_each of %s refers to itself.", addr.Of(e.kind, e.name)).At(at)}
	}
	n.expand(e)
	a := addr.Of(e.kind, e.name)
	if e.keyed {
		key, static := firstStep(steps)
		if !static {
			return n.whole(e), nil
		}
		a = a.WithKey(key)
		if _, ok := e.instanceOf(a); !ok {
			return cty.DynamicVal, diag.Diagnostics{diag.New(diag.WrongInstance, "%s has no element %q.%s It has %s.",
				addr.Of(e.kind, e.name), key, diag.DidYouMean(key, e.keys()), list(e.keys())).At(at)}
		}
		steps = steps[1:]
	}
	a, d = n.member(e, a, steps)
	if d != nil {
		return cty.DynamicVal, diag.Diagnostics{d.At(at)}
	}
	return config.RefVal(a), nil
}

// findEntry finds the block that a traversal's first steps name and returns the
// steps that are left. Both results are nil where lang has reported the block.
func (c *compiler) findEntry(kind addr.Kind, t hcl.Traversal, at diag.Range) (*entry, hcl.Traversal, *diag.Diagnostic) {
	byName := c.entries[kind]
	name, ok := firstStep(t[1:])
	if !ok {
		return nil, nil, diag.New(diag.UnknownReference, "%s needs a name behind it: %s.NAME.", kind, kind).At(at)
	}
	if e := byName[name]; e != nil {
		return e, t[2:], nil
	}
	if second, ok := firstStep(t[2:]); ok && kind == addr.External {
		name += "." + second
		if e := byName[name]; e != nil {
			return e, t[3:], nil
		}
	}
	if first, _ := firstStep(t[1:]); c.mod.MayDeclare(name) || c.leftOut[addr.Of(kind, first)] || c.leftOut[addr.Of(kind, name)] {
		return nil, nil, nil
	}
	hint := diag.DidYouMean(name, config.SortedKeys(byName))
	for _, other := range blockKinds {
		if hint == "" && other != kind && c.entries[other][name] != nil {
			hint = fmt.Sprintf(" There is %s, though.", addr.Of(other, name))
		}
	}
	return nil, nil, diag.New(diag.UnknownReference, "There is no %s %q.%s", kind, name, hint).At(at)
}

func firstStep(steps hcl.Traversal) (string, bool) {
	if len(steps) == 0 {
		return "", false
	}
	return config.StepName(steps[0])
}

// member follows the steps behind a block: a version, or a stream.
func (c *compiler) member(e *entry, a addr.Address, steps hcl.Traversal) (addr.Address, *diag.Diagnostic) {
	if len(steps) == 0 {
		return a, nil
	}
	word, ok := config.StepName(steps[0])
	_, isIndex := steps[0].(hcl.TraverseIndex)
	switch {
	case !ok || isIndex:
		return a, diag.New(diag.WrongInstance, "%s has no for_each, so it takes no key.", a)
	case (e.kind == addr.Contract || e.kind == addr.Model) && len(steps) == 1:
		v, err := strconv.Atoi(strings.TrimPrefix(word, "v"))
		if err != nil || !strings.HasPrefix(word, "v") || !slices.Contains(e.versions, v) {
			return a, diag.New(diag.UnknownVersion, "%s has no %q. It has %s.", a, word, versionList(e.versions))
		}
		return a.WithVersion(v), nil
	case e.kind == addr.Pipeline && word == "stream" && len(steps) == 2:
		name, ok := config.StepName(steps[1])
		if !ok || !slices.Contains(e.streams, name) {
			return a, diag.New(diag.UnknownReference, "%s has no stream %q.%s", a, name, diag.DidYouMean(name, e.streams))
		}
		return a.WithStream(name), nil
	}
	return a, diag.New(diag.UnknownReference, "%s has nothing called %q that can be referred to.", a, word)
}

func versionList(versions []int) string {
	var out []string
	for _, v := range versions {
		out = append(out, "v"+strconv.Itoa(v))
	}
	return list(out)
}

// list writes words as a sentence does, at most ten of them.
func list(words []string) string {
	switch {
	case len(words) == 0:
		return "none"
	case len(words) > 10:
		return strings.Join(words[:10], ", ") + " and others"
	case len(words) == 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// whole returns the object that stands for a block under for_each, to be indexed
// by an expression: each element holds the reference and what can stand behind it.
func (c *compiler) whole(e *entry) cty.Value {
	if e.value != cty.NilVal {
		return e.value
	}
	attrs := map[string]cty.Value{}
	for _, in := range e.instance {
		members := map[string]cty.Value{config.SelfAttr: config.RefVal(in.addr)}
		for _, v := range e.versions {
			members["v"+strconv.Itoa(v)] = config.RefVal(in.addr.WithVersion(v))
		}
		streams := map[string]cty.Value{}
		for _, s := range e.streams {
			streams[s] = config.RefVal(in.addr.WithStream(s))
		}
		if len(streams) > 0 {
			members["stream"] = cty.ObjectVal(streams)
		}
		attrs[in.addr.Key] = cty.ObjectVal(members)
	}
	e.value = cty.ObjectVal(attrs)
	return e.value
}

// publication is a name that something publishes in a destination.
type publication struct {
	owner       addr.Address
	destination addr.Address
	schema      string // without the environment's suffix
	name        string
	at          diag.Range
	stream      bool
}

// published is who has a name. Columns are what a query sees; nil where they are
// not known.
type published struct {
	publication
	managed bool
}

// place is the key of a name: databases do not tell upper from lower case.
func place(destination addr.Address, schema, name string) string {
	return destination.String() + "\x00" + strings.ToLower(schema) + "\x00" + strings.ToLower(name)
}

// publish notes a name, and reports one that is taken.
func (c *compiler) publish(p publication) {
	if p.name == "" || p.destination.IsZero() {
		return
	}
	key := place(p.destination, p.schema, p.name)
	first := c.tables[key]
	if first == nil {
		c.tables[key] = &published{publication: p, managed: p.owner.Kind != addr.External}
		return
	}
	code := diag.NameTaken
	if p.stream && first.stream {
		code = diag.TwoWriters
	}
	d := diag.New(code, "%s.%s in %s belongs to %s.", p.schema, p.name, p.destination, first.owner).At(p.at).For(p.owner.String())
	d.Related = []diag.Related{{Message: "where it is taken", Range: first.at}}
	c.add(d)
}

// externals compiles the tables that something else fills.
func (c *compiler) externals() {
	c.eachOf(addr.External, func(e *entry, in instance) {
		b := c.body(e.block, in.each)
		x := &program.External{Schema: DefaultSchema, Table: e.name}
		if schema, name, dotted := strings.Cut(e.name, "."); dotted {
			x.Schema, x.Table = schema, name
		}
		if wrong := badTable(x.Schema, x.Table); wrong != "" {
			c.add(diag.New(diag.BadTableName, "%q: %s.", e.name, wrong).At(labelRange(e.block)))
			return
		}
		x.Destination, _ = b.ref("destination", addr.Destination)
		if a, ok := b.ref("contract", addr.Contract); ok {
			if x.Contract, ok = c.versioned(a); ok {
				if promise := c.contract(x.Contract); promise != nil {
					c.deprecated(x.Contract, promise.DeprecatedAfter, b.at("contract"))
				}
			}
		}
		c.publish(publication{owner: in.addr, destination: x.Destination, schema: x.Schema, name: x.Table, at: labelRange(e.block)})
		c.addNode(&program.Node{Address: in.addr, Range: e.block.Range, External: x, DependsOn: []addr.Address{x.Destination, x.Contract}})
	})
}

// columnsOf returns what a query sees of a table: the contract's columns, those
// of a model as they were worked out, and _extra where the contract keeps
// unknown members. Nil where they are not known.
func (c *compiler) columnsOf(owner addr.Address) []contract.Column {
	n := c.nodes[owner]
	if n == nil {
		return nil
	}
	var promise *contract.Contract
	switch {
	case n.Model != nil:
		return n.Model.Columns
	case n.Stream != nil:
		promise = c.contract(n.Stream.Contract)
	case n.External != nil:
		promise = c.contract(n.External.Contract)
	}
	if promise == nil {
		return nil
	}
	if promise.UnknownColumns == contract.UnknownKeepJSON && n.Stream != nil {
		return append(append([]contract.Column{}, promise.Columns...), contract.Column{Name: contract.ExtraColumn, Type: types.Of(types.JSON)})
	}
	return promise.Columns
}
