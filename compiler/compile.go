// Package compiler turns a Module into a Program: names resolved, config
// expressions evaluated, row expressions and SQL typed, every promise of the
// language checked offline. It is the last place that sees HCL and cty.
package compiler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/policy"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// Inputs is all that the compiler knows of the world.
type Inputs struct {
	Environment     string            // name; "" is the default environment
	Vars            map[string]string // --var and HEADGATE_VAR_x, resolved by strength: name -> text as given
	VarFile         map[string]string // --var-file: name -> HCL expression text
	Today           string            // YYYY-MM-DD
	LookupEnv       func(name string) (string, bool)
	FS              fs.FS  // the project folder
	FolderName      string // the project folder's base name, the default of headgate { name }
	Typer           QueryTyper
	AllowDeprecated bool // run and apply FILE: a deprecation does not stop them
	// OnQuery is called for each model version whose query was typed; nil for nobody.
	OnQuery func(Query)
}

// Query is what a model's query shows besides its columns.
type Query struct {
	Model addr.Address // with its version
	Facts []sqlcheck.Fact
	Place func(start, end int) diag.Range // where a stretch of the query is written
}

// The engine that types SQL, under the names that the compiler's callers use.
type (
	QueryTyper  = sqltype.Typer
	QueryTable  = sqltype.Table
	QueryColumn = sqltype.Column
	QueryError  = sqltype.Error
)

// Compile resolves one environment of a module. It reports every fault that it
// finds, sorted; where an error is among them the program is partial, and fit
// for showing only. The .sql files that it reads are added to m.Files.
func Compile(ctx context.Context, m *lang.Module, in Inputs) (*program.Program, diag.Diagnostics) {
	p, _, diags := CompileWithPolicies(ctx, m, in)
	return p, diags
}

// CompileWithPolicies is Compile, and returns the policies and rules of that
// environment, too. They hold what the compilation worked out, and are decided
// later: over a plan, and over the program.
func CompileWithPolicies(ctx context.Context, m *lang.Module, in Inputs) (*program.Program, *policy.Set, diag.Diagnostics) {
	c := newCompiler(ctx, m, in)
	c.selectEnvironment()
	c.indexBlocks()
	c.checkVariables()
	for _, kind := range blockKinds {
		for _, name := range config.SortedKeys(c.entries[kind]) {
			c.expand(c.entries[kind][name])
		}
	}
	c.project()
	c.destinations()
	c.sources()
	c.contracts()
	c.compatible()
	c.externals()
	c.pipelines()
	c.models()
	c.connectReferences()
	c.tests()
	c.limits = c.budgets()
	policies, more := policy.New(m, c.eval)
	c.diags = append(c.diags, more...)
	c.checkLocals()
	c.order()
	c.refactorings()
	p := c.program()
	if m.Incomplete {
		c.diags = slices.DeleteFunc(c.diags, config.IsUnparsed)
	}
	return p, policies, c.diags.Sorted()
}

// compiler is the work on one environment. Every step appends what it finds to
// diags and leaves nodes behind; later steps do without what failed.
type compiler struct {
	ctx     context.Context
	in      Inputs
	mod     *lang.Module
	diags   diag.Diagnostics
	env     environment
	eval    *config.Evaluator
	entries map[addr.Kind]map[string]*entry
	vars    map[string]*binding
	locals  map[string]*binding
	way     []string // the variables and locals being worked out, outermost first
	nodes   map[addr.Address]*program.Node
	made    map[addr.Address]*contractResult
	lock    map[lockKey][]contract.Column
	envs    map[string]string // NAME of env() -> salted hash or public value
	tables  map[string]*published
	names   nameIndex
	leftOut map[addr.Address]bool // blocks that lang reported: references to them are not

	limits     []*program.Budget
	checked    []*program.Test // the tests, in the order of their names
	refactored refactored      // what moved, removed and import blocks say

	lineIndexes map[string]*lineIndex // by file
}

func newCompiler(ctx context.Context, m *lang.Module, in Inputs) *compiler {
	c := &compiler{ctx: ctx, in: in, mod: m,
		entries: map[addr.Kind]map[string]*entry{},
		vars:    map[string]*binding{},
		locals:  map[string]*binding{},
		nodes:   map[addr.Address]*program.Node{},
		made:    map[addr.Address]*contractResult{},
		envs:    map[string]string{},
		tables:  map[string]*published{},

		leftOut:     map[addr.Address]bool{},
		lineIndexes: map[string]*lineIndex{},
	}
	c.eval = config.New(names{c}, config.Options{FS: in.FS, LookupEnv: in.LookupEnv, OnEnv: c.readEnv})
	return c
}

// readEnv notes what env() read: its value where that was declared public, else
// a hash that tells a change without telling the value.
func (c *compiler) readEnv(name, value string, public bool) {
	if public {
		c.envs[name] = value
		return
	}
	if _, seen := c.envs[name]; !seen {
		h := sha256.Sum256([]byte("headgate env\x00" + c.in.FolderName + "\x00" + name + "\x00" + value))
		c.envs[name] = "sha256:" + hex.EncodeToString(h[:])
	}
}

func (c *compiler) add(d *diag.Diagnostic) { c.diags.Add(d) }

// addNode keeps a node.
func (c *compiler) addNode(n *program.Node) { c.nodes[n.Address] = n }

// program puts the nodes together, sorted by address.
func (c *compiler) program() *program.Program {
	p := &program.Program{Project: c.projectName(), Environment: c.env.compiled,
		State: program.StateBackend{Kind: "local", Path: ".headgate/state.db"}, Tests: c.checked, Budgets: c.limits,
		Moves: c.refactored.moves, Removals: c.refactored.removals, Imports: c.refactored.imports}
	for _, n := range c.nodes {
		p.Nodes = append(p.Nodes, n)
	}
	slices.SortFunc(p.Nodes, func(a, b *program.Node) int { return addr.Compare(a.Address, b.Address) })
	if len(c.envs) > 0 {
		p.EnvReads = c.envs
	}
	return p
}

// project compiles the headgate block and the environment into nodes.
func (c *compiler) project() {
	p := &program.Project{Name: c.projectName()}
	at := diag.Range{}
	if e := c.entries[addr.Project][""]; e != nil {
		at = e.block.Range
		b := c.body(e.block, nil)
		p.RequiredVersion, _ = b.str("required_version")
	}
	c.addNode(&program.Node{Address: addr.Address{Kind: addr.Project}, Range: at, Project: p})
	env := c.env.compiled
	c.addNode(&program.Node{Address: addr.Of(addr.Environment, env.Name), Range: c.env.at, Environment: &env})
}

// projectName returns the name in the headgate block, else the folder's.
func (c *compiler) projectName() string {
	if e := c.entries[addr.Project][""]; e != nil {
		if name, ok := c.body(e.block, nil).str("name"); ok {
			return name
		}
	}
	return c.in.FolderName
}
