package executor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

// setBroke marks the report: data broke a contract beyond its tolerance.
func (a *applier) setBroke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.report.Broke = true
}

// publish judges what was staged and publishes it, or leaves it for a look.
func (p *pipelineRun) publish(ctx context.Context) error {
	if p.nothingNew() {
		for _, run := range p.streams {
			run.report.Status, run.report.Checksum.Equal = Unchanged, true
			run.report.BookmarkAfter = run.report.BookmarkBefore
		}
		p.step.Status, p.step.Why = Unchanged, "the source held nothing new"
		return p.session.staging.Discard(ctx)
	}
	if err := p.judge(ctx); err != nil {
		return errors.Join(err, p.refuse(ctx))
	}
	req := connector.PublishRequest{
		Fence:  connector.Fence{Key: p.a.fenceKey(p.node.Address), Token: p.lease.Token()},
		Audits: map[string][]connector.Audit{}, Order: p.inOrder(), MayRemove: map[string]int64{}, Distinct: map[string]bool{}, Run: p.record(p.status()),
	}
	var of []addr.Address
	for _, run := range p.streams {
		if err := p.audits(ctx, run, &req); err != nil {
			return err
		}
		req.Distinct[run.address] = run.distinct()
		run.evolve(run.added())
		req.Views = append(req.Views, p.a.streamView(run.name, run.table))
		if len(run.newCols) > 0 || run.table.Fresh {
			of = append(of, run.node.Address)
		}
	}
	if len(of) > 0 {
		req.Views = append(req.Views, p.a.dependentViews(of...)...)
	}
	res, err := p.session.staging.Publish(ctx, req)
	if err != nil {
		return diag.FromError(err, diag.DestinationFailed, "The destination refused the work")
	}
	for _, run := range p.streams {
		run.report.Diff, run.report.Audits = res.Tables[run.address], res.Audits[run.address]
		run.takeOut()
	}
	if !res.Published {
		return errors.Join(p.auditFailure(res), p.refuse(ctx))
	}
	return p.recordState(ctx)
}

// nothingNew reports whether the session has nothing to publish. A source that
// hands over neither a record nor a checkpoint has nothing; one that makes a
// checkpoint has read its streams, and a stream that replaces may be empty now.
func (p *pipelineRun) nothingNew() bool {
	read, whole := false, true
	for _, run := range p.streams {
		read = read || run.counts.Read > 0
		whole = whole && run.standing.Loaded && run.stream.Write != "replace"
	}
	switch {
	case read:
		return false
	case p.session.last == nil:
		return !whole || !p.behind()
	default:
		return whole && bytes.Equal(p.session.last, p.bookmark) && !p.behind()
	}
}

// behind reports whether the state does not mirror what the destination holds:
// a run was killed between the two, or the state was lost. Publishing once more,
// with no rows, tells the state.
func (p *pipelineRun) behind() bool {
	return slices.ContainsFunc(p.streams, func(run *streamRun) bool { return !p.mirrored(p.a.stateOf(run.node.Address)) })
}

func (p *pipelineRun) mirrored(s *state.Node) bool {
	return s != nil && s.Data != nil && sameJSON(s.Data.Bookmark, p.bookmark)
}

// sameJSON compares two JSON texts, as the state store may have written them.
func sameJSON(a, b json.RawMessage) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	x, errx := json.Marshal(a)
	y, erry := json.Marshal(b)
	return errx == nil && erry == nil && bytes.Equal(x, y)
}

// judge checks sums, checksums and tolerance before anything is published.
func (p *pipelineRun) judge(ctx context.Context) error {
	for _, run := range p.streams {
		c := run.counts
		if c.Read != c.Accepted+c.Quarantined+c.Dropped+c.Filtered {
			return diag.Errorf(diag.CountsOff, "The counts of a run do not add up",
				"%s read %d records, but accepted %d, quarantined %d, dropped %d and filtered %d.",
				run.address, c.Read, c.Accepted, c.Quarantined, c.Dropped, c.Filtered).For(run.address)
		}
		staged, err := p.session.staging.Checksum(ctx, run.address)
		if err != nil {
			return diag.FromError(err, diag.DestinationFailed, "The destination refused the work")
		}
		run.report.Checksum.Staged, run.report.Checksum.Equal = staged, staged == run.checksum
		if staged != run.checksum {
			return diag.Errorf(diag.ChecksumMismatch, "What arrived in staging is not what was accepted",
				"%s accepted %d rows (checksum %016x), staging holds %d (%016x). Nothing was published.",
				run.address, run.checksum.Rows, run.checksum.Sum, staged.Rows, staged.Sum).For(run.address)
		}
		if d := tolerate(run); d != nil {
			p.a.setBroke()
			return d
		}
	}
	return nil
}

// refuse marks the staging area as judged, so that the next run does not take
// it up, and leaves it for a look.
func (p *pipelineRun) refuse(ctx context.Context) error {
	s := p.session
	if s.last == nil {
		return s.staging.Discard(context.WithoutCancel(ctx))
	}
	mark, err := json.Marshal(sessionProgress{Refused: true})
	if err != nil {
		return diag.Bug("executor.refuse", "%v", err)
	}
	return s.staging.Commit(context.WithoutCancel(ctx), connector.Checkpoint{Bookmark: s.last, Progress: mark})
}

// status is how the run ends when it publishes.
func (p *pipelineRun) status() string {
	for _, run := range p.streams {
		if c := run.counts; c.Quarantined+c.Dropped+c.Annotated+c.Warned > 0 {
			return "warning"
		}
	}
	return "success"
}

// record is the run's row in headgate_runs.
func (p *pipelineRun) record(status string) connector.RunRecord {
	now := p.a.env.Now()
	r := connector.RunRecord{
		RunID: p.a.env.RunID, Project: p.a.plan.Project, Environment: p.a.plan.Environment, Address: p.step.Address,
		Status: status, StartedAt: p.started.UTC().Format(timeFormat), Seconds: now.Sub(p.started).Seconds(),
	}
	for _, run := range p.streams {
		r.Read += run.counts.Read
		r.Loaded += run.counts.Accepted
		r.Quarantined += run.counts.Quarantined
	}
	return r
}

// recordState mirrors what was published into the state store.
func (p *pipelineRun) recordState(ctx context.Context) error {
	bookmark := p.session.last
	if bookmark == nil {
		bookmark = p.bookmark
	}
	for _, run := range p.streams {
		d := run.report.Diff
		run.clock()
		run.report.BookmarkAfter, run.report.Status = bookmark, Done
		c := run.counts
		if c.Quarantined+c.Dropped+c.Annotated+c.Warned > 0 || len(run.report.SchemaChanges) > 0 || slices.ContainsFunc(run.report.Audits, foundRows) {
			run.report.Status, p.step.Status = Warned, Warned
		}
		next := &state.Node{Definition: run.node, AppliedAt: p.a.env.Now().UTC().Format(timeFormat)}
		data := &state.Data{Version: 1}
		if old := p.a.stateOf(run.node.Address); old != nil {
			next.AppliedAt = old.AppliedAt
			if old.Data != nil {
				data.Version = old.Data.Version
				// Where the state was behind, a publication that it never learnt of may
				// have changed rows.
				if d.Inserted+d.Updated+d.Deleted > 0 || !p.mirrored(old) {
					data.Version++
				}
			}
		}
		data.Rows, data.Bookmark, data.LastRun = d.Rows, bookmark, p.a.env.RunID
		data.LastAt = p.a.env.Now().UTC().Format(timeFormat)
		next.Build, next.Evolved, next.Data, next.Database = run.table.Build, run.evolved, data, run.standing.Database
		if err := p.a.put(ctx, p.lease, statestore.Write{Address: run.address, Node: next}); err != nil {
			return err
		}
	}
	return nil
}
