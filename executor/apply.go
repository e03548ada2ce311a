package executor

import (
	"context"
	"sync"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// definitionsKey is the lease that guards an environment's definitions.
const definitionsKey = "definitions"

// applier carries out one plan. Its maps are guarded by mu.
type applier struct {
	plan   *plan.Plan
	env    Env
	nodes  map[string]*program.Node
	dests  *destinations
	report *Report
	defs   statestore.Lease // nil where no step changes a definition
	// wasSuffix is the schema suffix under which what stands was published.
	wasSuffix string

	mu      sync.Mutex
	current map[string]*state.Node // the snapshot, step by step
	// unsettled are the addresses whose definition a step of this plan has yet to
	// change: what is applied of them may not fit what they read any more.
	unsettled map[string]bool
	// busy serialises the steps of this run that need one lease.
	busy map[string]chan struct{}
}

// Apply carries out the plan's steps in dependency order and returns what was
// done. The report is complete even when a step failed; the diagnostics hold the
// faults of every failed step. It refuses a plan that was made from another
// state than the one it finds.
func Apply(ctx context.Context, p *plan.Plan, env Env) (*Report, diag.Diagnostics) {
	started := env.Now()
	a := &applier{
		plan: p, env: env, nodes: map[string]*program.Node{}, current: map[string]*state.Node{},
		unsettled: map[string]bool{}, busy: map[string]chan struct{}{},
	}
	a.report = &Report{
		FormatVersion: ReportFormatVersion, ToolVersion: env.ToolVersion, RunID: env.RunID, Command: env.Command,
		Project: p.Project, Environment: p.Environment, StartedAt: started.UTC(), Steps: []*StepReport{},
	}
	for _, n := range p.Program.Nodes {
		a.nodes[n.Address.String()] = n
	}
	for _, s := range p.Steps {
		if _, moves := s.Do.(*plan.Move); !moves && s.Action.ChangesDefinition() {
			a.unsettled[s.Address.String()] = true
		}
	}
	diags := a.begin(ctx)
	if diags.HasErrors() {
		a.report.Status = Failed
		return a.report, diags
	}
	a.dests = newDestinations(env)
	diags = append(diags, a.runSteps(ctx)...)
	a.report.Status = overall(a.report.Steps)
	if a.report.Status == Skipped && a.stopped(ctx) {
		a.report.Status = Interrupted
	}
	if err := a.dests.closeAll(); err != nil {
		a.report.Status = Failed
		diags.AddError(err, diag.DestinationFailed, "The destination refused the work")
	}
	a.report.Seconds = env.Now().Sub(started).Seconds()
	// The end of a run is recorded even when ctx was cancelled by a second Ctrl-C.
	done := context.WithoutCancel(ctx)
	if a.defs != nil {
		diags.AddError(a.defs.Release(done), diag.StateFailed, "The state could not be written")
	}
	diags.AddError(a.endRun(done), diag.StateFailed, "The state could not be written")
	return a.report, diags
}

// begin takes the lease on the definitions, checks that the plan fits the state
// and opens the run's history.
func (a *applier) begin(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	if a.plan.ChangesDefinition() {
		lease, err := a.env.Store.Acquire(ctx, a.plan.Environment, definitionsKey, a.env.Holder, a.env.LockTimeout)
		if err != nil {
			diags.AddError(err, diag.StateFailed, "The state could not be written")
			return diags
		}
		a.defs = lease
	}
	snap, err := a.env.Store.Read(ctx, a.plan.Environment)
	if err != nil {
		diags.AddError(err, diag.StateFailed, "The state could not be read")
	} else if diags = plan.Verify(a.plan, snap); !diags.HasErrors() {
		a.wasSuffix = a.suffix()
		for k, n := range snap.Nodes {
			a.current[k] = n
			if n.Definition != nil && n.Definition.Environment != nil {
				a.wasSuffix = n.Definition.Environment.SchemaSuffix
			}
		}
		err := a.env.Store.BeginRun(ctx, statestore.Run{
			ID: a.env.RunID, Environment: a.plan.Environment, Command: a.env.Command, Status: "running", StartedAt: a.report.StartedAt,
		})
		diags.AddError(err, diag.StateFailed, "The state could not be written")
	}
	if diags.HasErrors() && a.defs != nil {
		diags.AddError(a.defs.Release(context.WithoutCancel(ctx)), diag.StateFailed, "The state could not be written")
	}
	return diags
}

// overall is the worst of the steps' statuses.
func overall(steps []*StepReport) Status {
	rank := map[Status]int{Done: 0, Unchanged: 0, Warned: 1, Skipped: 2, Interrupted: 3, Failed: 4}
	worst := Done
	for _, s := range steps {
		if rank[s.Status] > rank[worst] {
			worst = s.Status
		}
	}
	return worst
}

// node returns the compiled node of an address that the plan carries.
func (a *applier) node(address addr.Address) (*program.Node, error) {
	n, ok := a.nodes[address.String()]
	if !ok {
		return nil, diag.Bug("executor.node", "the plan lacks the node %s", address)
	}
	return n, nil
}

// known returns a node of the plan, or else of the state: a dependent that this
// plan does not touch is in the state only.
func (a *applier) known(address addr.Address) (*program.Node, bool) {
	if n, ok := a.nodes[address.String()]; ok {
		return n, true
	}
	if s := a.stateOf(address); s != nil && s.Definition != nil {
		return s.Definition, true
	}
	return nil, false
}

// stateOf returns the address's state as this run has left it so far, or nil.
func (a *applier) stateOf(address addr.Address) *state.Node {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.current[address.String()]
}

// put writes an address's state under the lease and remembers it. A nil node
// takes the address out.
func (a *applier) put(ctx context.Context, l statestore.Lease, w statestore.Write) error {
	w.Environment, w.Project = a.plan.Environment, a.plan.Project
	if w.Node != nil {
		w.Node.RunID = a.env.RunID
	}
	// The destination has taken the work already: a cancelled context must not
	// keep the state from learning of it.
	if err := a.env.Store.Put(context.WithoutCancel(ctx), l, w); err != nil {
		return diag.FromError(err, diag.StateFailed, "The state could not be written")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.Node == nil {
		delete(a.current, w.Address)
	} else {
		a.current[w.Address] = w.Node
	}
	if w.Definition {
		delete(a.unsettled, w.Address)
	}
	return nil
}

// applied is the state node of a definition that is applied now; build, data and
// evolved columns are carried over from what was there.
func (a *applier) applied(n *program.Node) *state.Node {
	out := &state.Node{Definition: n, AppliedAt: a.env.Now().UTC().Format(timeFormat)}
	if old := a.stateOf(n.Address); old != nil {
		out.Build, out.Evolved, out.Data, out.Database = old.Build, old.Evolved, old.Data, old.Database
	}
	return out
}

const timeFormat = "2006-01-02T15:04:05.000000Z07:00"

// What a run tells, under the names that stand in this package's signatures.
type (
	Status         = outcome.Status
	Report         = outcome.Report
	StepReport     = outcome.StepReport
	StreamReport   = outcome.StreamReport
	ChecksumReport = outcome.ChecksumReport
	RuleReport     = outcome.RuleReport
	ExampleReport  = outcome.ExampleReport
	UnknownReport  = outcome.UnknownReport
	ModelReport    = outcome.ModelReport
	Event          = outcome.Event
	EventKind      = outcome.EventKind
)

// ReportFormatVersion is the version of the report's JSON.
const ReportFormatVersion = outcome.FormatVersion

// The statuses and the kinds of events.
const (
	Done        = outcome.Done
	Warned      = outcome.Warned
	Failed      = outcome.Failed
	Skipped     = outcome.Skipped
	Unchanged   = outcome.Unchanged
	Interrupted = outcome.Interrupted
	StepStart   = outcome.StepStart
	Progress    = outcome.Progress
	StepEnd     = outcome.StepEnd
	Note        = outcome.Note
)
