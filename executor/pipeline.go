package executor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

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
	zone     *time.Location // of times that the source writes without one
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
			return p.run(ctx, op.Streams)
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
		diags = append(diags, faults(err, diag.SourceFailed, "The source could not be read")...)
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
	p.zone = time.UTC
	if sg := p.source.Source.Singer; sg != nil && sg.Timezone != "" {
		if p.zone, err = time.LoadLocation(sg.Timezone); err != nil {
			return diag.Bug("executor.resolve", "timezone %q: %v", sg.Timezone, err)
		}
	}
	return nil
}

// newStreams makes a run for each stream, in the place of those of an earlier try.
func (p *pipelineRun) newStreams(ctx context.Context, streams []addr.Address) error {
	p.streams, p.step.Streams = nil, nil
	for _, address := range streams {
		run, err := p.newStream(ctx, address)
		if err != nil {
			return err
		}
		p.streams = append(p.streams, run)
		p.step.Streams = append(p.step.Streams, run.report)
	}
	return nil
}

func (p *pipelineRun) newStream(ctx context.Context, address addr.Address) (*streamRun, error) {
	t, err := p.a.target(address)
	if err != nil {
		return nil, err
	}
	run := &streamRun{target: t, address: address.String(), source: t.stream.From, began: p.started, step: p.step.ID}
	if run.source == "" {
		run.source = address.Stream
	}
	if err := p.settleTable(ctx, run); err != nil {
		return nil, err
	}
	enf, diags := enforce.New(enforce.Spec{
		Address: run.address, Contract: t.contract, Map: t.stream.Map, Evolved: t.evolved, Timezone: p.zone, Now: p.started,
		QuarantineRaw: t.contract.QuarantineRaw,
	})
	if err := diags.Err(); err != nil {
		return nil, err
	}
	run.enforcer, run.rising = enf, watched(t.contract)
	run.report = &StreamReport{Address: run.address, Write: t.stream.Write, Contract: t.stream.Contract.String(), Table: relationName(t.name)}
	return run, nil
}

// run does the whole session under the pipeline's lease. Where a file that an
// interrupted session had begun is not the same any more, what that session
// staged is given up, and reading starts once more from the published bookmark.
func (p *pipelineRun) run(ctx context.Context, streams []addr.Address) error {
	ctx, cancel, err := withTimeout(ctx, p.node.Pipeline.Timeout)
	if err != nil {
		return err
	}
	defer cancel()
	err = p.try(ctx, streams, true)
	if p.session != nil && p.session.resumed && outdated(err) {
		p.note("a file changed since the load was interrupted: what was staged is given up, and the load starts again")
		err = p.try(ctx, streams, false)
	}
	return timedOut(ctx, err, p.node)
}

// outdated reports whether err says that what was staged of a file is not what
// stands in it any more.
func outdated(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && (d.Code == diag.FileChangedMidLoad || d.Code == diag.FileRewritten)
}

// try reads, stages, judges and publishes, going on from a stopped run where
// resume allows it.
func (p *pipelineRun) try(ctx context.Context, streams []addr.Address, resume bool) error {
	p.session = nil
	if err := p.newStreams(ctx, streams); err != nil {
		return err
	}
	staging, start, err := p.openStaging(ctx, resume && p.resumable())
	if err != nil {
		return err
	}
	defer func() {
		if cerr := staging.Close(); cerr != nil {
			p.a.env.Log.Warn("closing the staging area failed", "address", p.step.Address, "error", cerr)
		}
	}()
	p.session.staging = staging
	err = p.read(ctx, start)
	p.finish()
	var stop *enforce.Stop
	switch {
	case errors.As(err, &stop):
		p.a.setBroke()
		return errors.Join(err, staging.Discard(context.WithoutCancel(ctx)))
	case err != nil:
		return err
	}
	return p.publish(ctx)
}

// resumable reports whether a stopped session may be taken up. A stream that
// replaces must hold every record once: files are told apart, so reading goes on
// where it stopped; a tap may send everything again, so it starts anew.
func (p *pipelineRun) resumable() bool {
	return p.source.Source.File != nil ||
		!slices.ContainsFunc(p.streams, func(run *streamRun) bool { return run.stream.Write == "replace" })
}

func (p *pipelineRun) note(text string) {
	p.a.emit(Event{Kind: Note, Step: p.step.ID, Address: p.step.Address, Text: text})
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
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return diag.Errorf(diag.SourceFailed, "The source could not be read",
			"%s ran longer than its timeout of %s and was stopped. What was staged is kept; the next run goes on from there.", n.Address, n.Pipeline.Timeout).At(n.Range)
	}
	return err
}

// settleTable finds the build behind a stream's name. Under replace every session
// fills a build of its own.
func (p *pipelineRun) settleTable(ctx context.Context, run *streamRun) error {
	if err := p.dest.Claim(ctx, p.unit, []connector.Relation{run.name}); err != nil {
		return err
	}
	st, err := p.dest.Standing(ctx, p.unit, run.name)
	if err != nil {
		return err
	}
	run.standing = st
	run.standsAs(st.Columns)
	run.table.Build = st.Build
	if run.stream.Write == "replace" || st.Build == "" {
		run.table.Build, run.table.Fresh, run.table.Previous = p.a.newBuild(run.node.Address), true, st.Build
	}
	return p.asApplied(run)
}

// definition is a digest of everything that shapes staged rows, and of the builds
// that they are to be published into: a stream that was loaded anew since must not
// take up rows from the middle of its source.
func (p *pipelineRun) definition() string {
	h := sha256.New()
	for _, run := range p.streams {
		c, _ := p.a.known(run.stream.Contract)
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\x00", run.address, program.DataFingerprint(run.node), program.DataFingerprint(c), run.standing.Build)
	}
	fmt.Fprintf(h, "%s\x00%s", program.DataFingerprint(p.source), p.node.Pipeline.To)
	return hex.EncodeToString(h.Sum(nil))
}

// openStaging opens the unit's staging area, taking up what a killed run left
// where resume says so, and returns the bookmark to read from.
func (p *pipelineRun) openStaging(ctx context.Context, resume bool) (connector.Staging, json.RawMessage, error) {
	var err error
	if p.bookmark, err = p.dest.Bookmark(ctx, p.unit); err != nil {
		return nil, nil, err
	}
	spec := connector.StagingSpec{Unit: p.unit, RunID: p.a.env.RunID, Definition: p.definition(), Streams: map[string]connector.Table{}, Resume: resume}
	p.session = &session{a: p.a, streams: p.streams, step: p.step.ID, byName: map[string][]*streamRun{}, batch: commitRows}
	if n := p.node.Pipeline.BatchRows; n > 0 {
		p.session.batch, p.session.exact = int64(n), true
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
	if err := json.Unmarshal(cp.Progress, &prog); err != nil || prog.Refused || !prog.readable(p.streams) {
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
	p.session.last, p.session.lastProg, p.session.resumed = cp.Bookmark, cp.Progress, true
	p.note("going on from the last checkpoint of a run that was stopped")
	return staging, cp.Bookmark, nil
}

// manyColumns is up to how many columns batches are as sources make them.
const manyColumns = 64

// batchRows is how many records a batch may hold: 0, the source's own choice,
// unless a stream has so many columns that they would be too many values.
func (p *pipelineRun) batchRows() int {
	columns := 0
	for _, run := range p.streams {
		columns = max(columns, len(run.contract.Columns))
	}
	if columns <= manyColumns {
		return 0
	}
	return enforce.BatchRows(columns)
}

// read opens the source and moves its records into staging.
func (p *pipelineRun) read(ctx context.Context, start json.RawMessage) error {
	src, cleanup, err := p.a.openSource(ctx, p.source)
	if err != nil {
		return err
	}
	defer cleanup()
	req := connector.ReadRequest{Bookmark: start, BatchRows: p.batchRows(), BatchBytes: int(p.node.Pipeline.BatchBytes)}
	allFresh := true
	for _, run := range p.streams {
		fresh := p.fresh(run)
		allFresh = allFresh && fresh
		sr := connector.StreamRequest{Stream: run.source, Write: run.stream.Write, Cursor: run.stream.Cursor, Fresh: fresh}
		for _, c := range run.expected() {
			sr.Columns = append(sr.Columns, connector.SourceColumn{Name: c.Name, Type: c.Type, Nullable: !c.Required})
		}
		run.total = p.expectedBytes(ctx, src, sr, start)
		p.session.expect(run.total)
		i := slices.IndexFunc(req.Streams, func(x connector.StreamRequest) bool { return x.Stream == sr.Stream })
		switch {
		case i < 0:
			req.Streams = append(req.Streams, sr)
		case req.Streams[i].Fresh != sr.Fresh || req.Streams[i].Write != sr.Write:
			return diag.Errorf(diag.SourceShared, "Two streams of a pipeline cannot share what they read",
				"%s reads %q, as another stream of the pipeline does, but not from the same place on or not with the same `write`. Put it into a pipeline of its own, or load both anew with --replace.",
				run.address, run.source).At(run.node.Range).For(run.address)
		}
	}
	if allFresh {
		req.Bookmark = nil
	}
	return p.session.move(ctx, src, req)
}

// fresh reports whether a stream is read from its beginning: when nothing was
// loaded into its table yet, and under replace, which takes the place of
// everything. Of a session that goes on, a file stream whose turn had not come
// is as fresh as it was; a tap's STATE covers all its streams.
func (p *pipelineRun) fresh(run *streamRun) bool {
	if p.session.resumed && (run.resumed || p.source.Source.File == nil) {
		return false
	}
	return !run.standing.Loaded || run.stream.Write == "replace"
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
	dir := ""
	if n.Source.File == nil { // files are read where they are: no process works in a folder
		var err error
		if dir, err = os.MkdirTemp("", "headgate-source-"); err != nil {
			return nil, nil, diag.Errorf(diag.SourceFailed, "The source could not be read", "No working folder can be made: %v.", err)
		}
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
