package executor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// pipelineRun is one session of a pipeline: read, enforce, stage, judge,
// publish, record.
type pipelineRun struct {
	a        *applier
	step     *StepReport
	node     *program.Node // the pipeline
	source   *program.Node
	to       *program.Node
	dest     connector.Destination
	unit     connector.Unit
	lease    statestore.Lease
	session  *session
	streams  []*streamRun
	bookmark json.RawMessage // the destination's, before the run
	started  time.Time
}

// runPipeline runs one session of a pipeline over its streams.
func (a *applier) runPipeline(ctx context.Context, op *plan.RunPipeline, r *StepReport) diag.Diagnostics {
	var diags diag.Diagnostics
	p := &pipelineRun{a: a, step: r, started: a.env.Now()}
	err := p.resolve(ctx, op)
	if err == nil {
		err = a.lease(ctx, op.Pipeline, func(ctx context.Context, l statestore.Lease) error {
			p.lease = l
			return p.run(ctx)
		})
	}
	for _, s := range p.streams {
		if err != nil && s.report.Status == "" {
			s.report.Status = Failed
		}
	}
	if err != nil && p.dest != nil && !errors.Is(err, errFinish) {
		rec := p.record("failure")
		rec.Error = err.Error()
		rec.Loaded = 0
		if rerr := p.dest.RecordRun(context.WithoutCancel(ctx), rec); rerr != nil {
			a.env.Log.Warn("the failed run could not be recorded in headgate_runs", "address", r.Address, "error", rerr)
		}
	}
	switch {
	case errors.Is(err, errFinish) || (err != nil && ctx.Err() != nil):
		r.Status = Interrupted
		diags.Add(diag.Warnf(diag.StepInterrupted, "Stopped on request",
			"%s stopped before its end and published nothing. What was read up to its last checkpoint is kept: apply again to go on from there.", op.Pipeline))
		for _, s := range p.streams {
			s.report.Status = Interrupted
		}
	case err != nil:
		diags.AddError(err, diag.SourceFailed, "The source could not be read")
	}
	return diags
}

// resolve gathers the nodes of the pipeline and makes a run for each stream.
func (p *pipelineRun) resolve(ctx context.Context, op *plan.RunPipeline) (err error) {
	a := p.a
	if p.node, err = a.node(op.Pipeline); err != nil {
		return err
	}
	if p.source, err = a.node(p.node.Pipeline.From); err != nil {
		return err
	}
	if p.to, err = a.node(p.node.Pipeline.To); err != nil {
		return err
	}
	if p.dest, err = a.dests.get(ctx, p.to); err != nil {
		return err
	}
	p.unit = a.unit(op.Pipeline)
	zone := time.UTC
	if sg := p.source.Source.Singer; sg != nil && sg.Timezone != "" {
		if zone, err = time.LoadLocation(sg.Timezone); err != nil {
			return diag.Bug("executor.resolve", "timezone %q: %v", sg.Timezone, err)
		}
	}
	for _, address := range op.Streams {
		run, err := p.newStream(address, zone)
		if err != nil {
			return err
		}
		p.streams = append(p.streams, run)
		p.step.Streams = append(p.step.Streams, run.report)
	}
	return nil
}

func (p *pipelineRun) newStream(address addr.Address, zone *time.Location) (*streamRun, error) {
	t, err := p.a.target(address)
	if err != nil {
		return nil, err
	}
	enf, diags := enforce.New(enforce.Spec{
		Address: address.String(), Contract: t.contract, Map: t.stream.Map, Evolved: t.evolved, Timezone: zone, Now: p.started,
	})
	if err := diags.Err(); err != nil {
		return nil, err
	}
	run := &streamRun{target: t, address: address.String(), source: t.stream.From, enforcer: enf, began: p.started, step: p.step.ID}
	if run.source == "" {
		run.source = address.Stream
	}
	run.report = &StreamReport{Address: run.address, Write: t.stream.Write, Contract: t.stream.Contract.String(), Table: relationName(t.name)}
	return run, nil
}

// run does the whole session under the pipeline's lease.
func (p *pipelineRun) run(ctx context.Context) error {
	ctx, cancel, err := withTimeout(ctx, p.node.Pipeline.Timeout)
	if err != nil {
		return err
	}
	defer cancel()
	if err := p.settleTables(ctx); err != nil {
		return err
	}
	staging, start, err := p.openStaging(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := staging.Close(); cerr != nil {
			p.a.env.Log.Warn("closing the staging area failed", "address", p.step.Address, "error", cerr)
		}
	}()
	p.session.staging = staging
	if err := p.read(ctx, start); err != nil {
		var stop *enforce.Stop
		if errors.As(err, &stop) {
			p.finish()
			p.a.setBroke()
			return errors.Join(err, staging.Discard(context.WithoutCancel(ctx)))
		}
		return timedOut(ctx, err, p.node)
	}
	p.finish()
	return p.publish(ctx)
}

// withTimeout bounds a pipeline's session by its `timeout`.
func withTimeout(ctx context.Context, timeout string) (context.Context, context.CancelFunc, error) {
	if timeout == "" {
		ctx, cancel := context.WithCancel(ctx)
		return ctx, cancel, nil
	}
	d, err := time.ParseDuration(timeout)
	if err != nil {
		return nil, nil, diag.Bug("executor.withTimeout", "timeout %q: %v", timeout, err)
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	return ctx, cancel, nil
}

func timedOut(ctx context.Context, err error, n *program.Node) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return diag.Errorf(diag.SourceFailed, "The source could not be read",
			"%s ran longer than its timeout of %s and was stopped. What was staged is kept; the next run goes on from there.", n.Address, n.Pipeline.Timeout).At(n.Range)
	}
	return err
}

// settleTables finds the build behind each stream's name. Under replace every
// session fills a build of its own.
func (p *pipelineRun) settleTables(ctx context.Context) error {
	var names []connector.Relation
	for _, run := range p.streams {
		names = append(names, run.name)
	}
	if err := p.dest.Claim(ctx, p.unit, names); err != nil {
		return err
	}
	for _, run := range p.streams {
		st, err := p.dest.Standing(ctx, p.unit, run.name)
		if err != nil {
			return err
		}
		run.standing = st
		run.table.Build = st.Build
		if run.stream.Write == "replace" || st.Build == "" {
			run.table.Build, run.table.Fresh, run.table.Previous = p.a.newBuild(run.node.Address), true, st.Build
		}
	}
	return nil
}

// definition is a digest of everything that shapes staged rows.
func (p *pipelineRun) definition() string {
	h := sha256.New()
	for _, run := range p.streams {
		c, _ := p.a.known(run.stream.Contract)
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00", run.address, program.DataFingerprint(run.node), program.DataFingerprint(c))
	}
	fmt.Fprintf(h, "%s\x00%s", program.DataFingerprint(p.source), p.node.Pipeline.To)
	return hex.EncodeToString(h.Sum(nil))
}

// openStaging opens the unit's staging area, taking up what a killed run left,
// and returns the bookmark to read from.
func (p *pipelineRun) openStaging(ctx context.Context) (connector.Staging, json.RawMessage, error) {
	var err error
	if p.bookmark, err = p.dest.Bookmark(ctx, p.unit); err != nil {
		return nil, nil, err
	}
	spec := connector.StagingSpec{Unit: p.unit, RunID: p.a.env.RunID, Definition: p.definition(), Streams: map[string]connector.Table{}, Resume: true}
	p.session = &session{a: p.a, streams: p.streams, byName: map[string][]*streamRun{}, batch: commitRows}
	if n := p.node.Pipeline.BatchRows; n > 0 {
		p.session.batch = int64(n)
	}
	for _, run := range p.streams {
		spec.Streams[run.address] = run.table
		p.session.byName[run.source] = append(p.session.byName[run.source], run)
		run.report.BookmarkBefore = p.bookmark
	}
	staging, err := p.dest.OpenStaging(ctx, spec)
	if err != nil {
		return nil, nil, err
	}
	cp := staging.Resumed()
	if cp == nil {
		return staging, p.bookmark, nil
	}
	var prog sessionProgress
	if err := json.Unmarshal(cp.Progress, &prog); err != nil || prog.Refused {
		// Judged before and refused, or from a version that kept other counts:
		// this run starts from the published bookmark.
		if err := errors.Join(staging.Discard(ctx), staging.Close()); err != nil {
			return nil, nil, err
		}
		spec.Resume = false
		staging, err = p.dest.OpenStaging(ctx, spec)
		return staging, p.bookmark, err
	}
	for _, run := range p.streams {
		if err := run.restore(prog.Streams[run.address]); err != nil {
			return nil, nil, errors.Join(err, staging.Close())
		}
	}
	p.session.last, p.session.lastProg = cp.Bookmark, cp.Progress
	p.a.emit(Event{Kind: Note, Step: p.step.ID, Address: p.step.Address, Text: "going on from the last checkpoint of a run that was stopped"})
	return staging, cp.Bookmark, nil
}

// read opens the source and moves its records into staging.
func (p *pipelineRun) read(ctx context.Context, start json.RawMessage) error {
	src, cleanup, err := p.a.openSource(ctx, p.source)
	if err != nil {
		return err
	}
	defer cleanup()
	req := connector.ReadRequest{Bookmark: start, BatchRows: 0, BatchBytes: int(p.node.Pipeline.BatchBytes)}
	resumed, allFresh := p.session.last != nil, true
	for _, run := range p.streams {
		// A replace takes the place of everything, so it reads everything.
		fresh := !resumed && (!run.standing.Loaded || run.stream.Write == "replace")
		allFresh = allFresh && fresh
		sr := connector.StreamRequest{Stream: run.source, Write: run.stream.Write, Cursor: run.stream.Cursor, Fresh: fresh}
		for _, c := range run.expected() {
			sr.Columns = append(sr.Columns, connector.SourceColumn{Name: c.Name, Type: c.Type, Nullable: !c.Required})
		}
		req.Streams = append(req.Streams, sr)
		run.total = p.expectedBytes(ctx, src, sr, start)
	}
	if allFresh {
		req.Bookmark = nil
	}
	return p.session.move(ctx, src, req)
}

// expectedBytes is how much waits, for the progress bar; 0 where nobody knows.
func (p *pipelineRun) expectedBytes(ctx context.Context, src connector.Source, sr connector.StreamRequest, start json.RawMessage) int64 {
	look, ok := src.(connector.Looker)
	if !ok {
		return 0
	}
	if sr.Fresh {
		start = nil
	}
	w, err := look.Look(ctx, sr, start)
	if err != nil {
		return 0 // Read meets the same fault and tells it
	}
	var n int64
	for _, list := range [][]connector.WaitingFile{w.New, w.Grown, w.Rewritten} {
		for _, f := range list {
			n += f.Bytes
		}
	}
	return n
}

// openSource makes a source in a working folder of its own. cleanup closes it
// and removes the folder.
func (a *applier) openSource(ctx context.Context, n *program.Node) (connector.Source, func(), error) {
	return openSource(ctx, n, a.plan.Program.Environment, a.env)
}

func openSource(ctx context.Context, n *program.Node, in program.Environment, env Env) (connector.Source, func(), error) {
	if n.Source == nil {
		return nil, nil, diag.Bug("executor.openSource", "%s is no source", n.Address)
	}
	open, ok := env.Registry.Source[n.Source.Type]
	if !ok {
		return nil, nil, diag.Errorf(diag.NoConnector, "This build of headgate has no connector of that type",
			"%s is of the type %q.", n.Address, n.Source.Type).At(n.Range)
	}
	vars := map[string]string{}
	for k, v := range in.Env {
		s, err := v.Resolve(env.resolver())
		if err != nil {
			return nil, nil, err
		}
		vars[k] = s
	}
	dir, err := os.MkdirTemp("", "headgate-source-")
	if err != nil {
		return nil, nil, diag.Errorf(diag.SourceFailed, "The source could not be read", "No working folder can be made: %v.", err)
	}
	log := env.Log.With("address", n.Address.String())
	src, err := open(ctx, SourceSpec{
		Address: n.Address.String(), Source: n.Source, Root: env.Root, WorkDir: dir, Environment: vars, Resolve: env.resolver(), Log: log,
	})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return src, func() {
		if err := errors.Join(src.Close(), os.RemoveAll(dir)); err != nil {
			log.Warn("closing the source failed", "error", err)
		}
	}, nil
}

// finish writes every stream's sums into its report.
func (p *pipelineRun) finish() {
	for _, run := range p.streams {
		run.finish()
	}
}

// evolvedColumns are the columns that evolve has added to a stream so far.
func (run *streamRun) evolvedColumns() []contract.Column {
	out := run.evolved
	for _, c := range run.newCols {
		out = append(out, contract.Column{Name: c.Name, Type: c.Type})
	}
	return out
}
