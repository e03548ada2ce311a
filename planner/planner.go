// Package planner compares a Program with a Snapshot and says what to do. It is
// pure and deterministic: no clock, no files, no network.
package planner

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/contract/usage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// Options steer a plan.
type Options struct {
	ToolVersion string
	Targets     []addr.Address // only these and what they need; none: everything
	Excludes    []addr.Address // not these, nor what needs them
	Replace     []addr.Address // load or build these anew
	RunsOnly    bool           // headgate run: move data, change no definition
	Run         []addr.Address // with RunsOnly: these; none: everything
	Base        *plan.Base     // prior is the Baseline of this revision, no state: what waits to be read is left out
	NoDigest    bool           // leave out the program's digest, which a plan needs that is saved
	Now         string         // RFC 3339, UTC; stands in the plan where a date is needed
}

// builder makes one plan. A node is looked up by its address's text, as the
// snapshot does.
type builder struct {
	program *program.Program
	prior   *state.Snapshot
	opts    Options
	diags   diag.Diagnostics

	nodes     map[string]*program.Node // of the program
	streams   map[string][]*program.Node
	selection *selection
	reload    map[string]bool // streams and models of Options.Replace

	compared    map[*program.Node]*comparison // see compareAll
	effectsOnly bool                          // what a step does to data is wanted, not what a reader is told

	steps map[string]*plan.Step // by id
	// behind maps an address whose change made other steps necessary to their
	// ids. Its own step comes after them: were they to fail, the next plan must
	// see the change again.
	behind map[string][]string
	// effect maps a stream or model to what its definition step does to its data.
	effect map[string]effect
	// needs of the steps, without repeats.
	needs   map[string]map[string]bool
	holders *usage.Index // users of contracts, made at their first use

	wasApplied []*program.Node                // see applied, made at its first use
	wasLatest  map[addr.Address]*program.Node // see latestWas, likewise

	follow *following // what the moves do to prior, nil without any
}

// effect is what this plan does to the rows of a stream or model.
type effect uint8

const (
	untouched  effect = iota
	mayChange         // a poll: only the run will know
	willChange        // rows are loaded or built
)

// Build compares the program with the snapshot and returns the plan. prior may
// be nil: nothing was applied. The plan is complete even where the diagnostics
// hold errors, but must not be applied then.
func Build(p *program.Program, prior *state.Snapshot, opts Options) (*plan.Plan, diag.Diagnostics) {
	b := newBuilder(p, prior, opts)
	digest := make(chan string, 1)
	if opts.NoDigest {
		digest <- ""
	} else {
		go func() { digest <- program.ProgramDigest(p) }()
	}
	b.selectNodes()
	if !opts.RunsOnly {
		b.compareAll()
		b.planDefinitions()
		b.planRemovals()
		b.planOutside()
		b.planMoves()
	}
	b.planRuns()
	b.planVolumes()
	b.planDownstream()
	b.noteImpact()
	b.connect()
	out := &plan.Plan{
		FormatVersion: plan.FormatVersion, ToolVersion: opts.ToolVersion,
		Project: p.Project, Environment: p.Environment.Name,
		Lineage: b.prior.Lineage, DefinitionSerial: b.prior.DefinitionSerial, DataSerial: b.prior.DataSerial,
		Base: opts.Base, ProgramDigest: <-digest,
		Steps: b.ordered(),
	}
	if !opts.RunsOnly && opts.Base == nil {
		out.Unseen = b.unseen()
	}
	out.Program = b.excerpt(out.Steps)
	return out, b.diags
}

func newBuilder(p *program.Program, prior *state.Snapshot, opts Options) *builder {
	if prior == nil {
		prior = &state.Snapshot{FormatVersion: state.FormatVersion, Project: p.Project, Environment: p.Environment.Name}
	}
	b := &builder{
		program: p, prior: prior, opts: opts,
		nodes: make(map[string]*program.Node, len(p.Nodes)), streams: map[string][]*program.Node{},
		reload: map[string]bool{}, steps: map[string]*plan.Step{}, behind: map[string][]string{},
		effect: map[string]effect{}, needs: map[string]map[string]bool{},
	}
	for _, n := range p.Nodes {
		b.nodes[n.Address.String()] = n
		if n.Stream != nil {
			parent := n.Address.Base().String()
			b.streams[parent] = append(b.streams[parent], n)
		}
	}
	b.followMoves()
	return b
}

// node returns the program's node of an address, or nil.
func (b *builder) node(a addr.Address) *program.Node { return b.nodes[a.String()] }

// was returns what the snapshot keeps of an address, or nil.
func (b *builder) was(a addr.Address) *state.Node {
	n := b.prior.Nodes[a.String()]
	if n == nil || n.Definition == nil {
		return nil
	}
	return n
}

// wasNode returns the definition of an address as it was last applied, or nil.
func (b *builder) wasNode(a addr.Address) *program.Node {
	if n := b.was(a); n != nil {
		return n.Definition
	}
	return nil
}

// add puts a step into the plan; its id is the address's text with suffix.
func (b *builder) add(s *plan.Step, suffix string) *plan.Step {
	s.ID = s.Address.String() + suffix
	b.steps[s.ID] = s
	return s
}

// derive notes that the step id is there because the definition of a changed.
func (b *builder) derive(a addr.Address, id string) {
	if a.String() == id {
		return
	}
	key := a.String()
	if !slices.Contains(b.behind[key], id) {
		b.behind[key] = append(b.behind[key], id)
	}
}

// because makes a reason.
func because(code plan.ReasonCode, text string, of addr.Address) plan.Reason {
	return plan.Reason{Code: code, Text: text, Of: of}
}

// excerpt is the program with the nodes that the steps speak of and everything
// that those need.
func (b *builder) excerpt(steps []*plan.Step) *program.Program {
	out := *b.program
	out.Nodes, out.Budgets, out.Tests = []*program.Node{}, nil, nil
	out.Moves, out.Removals, out.Imports = nil, nil, nil
	keep := map[string]bool{}
	var visit func(a addr.Address)
	visit = func(a addr.Address) {
		key := a.String()
		n := b.nodes[key]
		if n == nil || keep[key] {
			return
		}
		keep[key] = true
		for _, d := range n.DependsOn {
			visit(d)
		}
		if n.Stream != nil {
			visit(n.Address.Base())
			visit(n.Stream.Contract)
		}
		if n.Pipeline != nil {
			visit(n.Pipeline.From)
			visit(n.Pipeline.To)
		}
		if n.Model != nil {
			visit(n.Model.Destination)
			visit(n.Model.Contract)
		}
	}
	for _, s := range steps {
		visit(s.Address)
		if run, ok := s.Do.(*plan.RunPipeline); ok {
			for _, a := range run.Streams {
				visit(a)
			}
		}
		if move, ok := s.Do.(*plan.Move); ok {
			for _, m := range move.Moved {
				visit(m.To)
			}
		}
	}
	for _, n := range b.program.Nodes {
		if keep[n.Address.String()] {
			out.Nodes = append(out.Nodes, n)
		}
	}
	return &out
}
