package executor

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/lang/diag"
)

const (
	// commitRows is how many staged rows make a commit worth its cost, unless the
	// pipeline's batch says otherwise: eight of DuckDB's row groups, a few seconds' work.
	commitRows = 8 * 122880
	// commitBytes is how many bytes of large records make a commit due before there are
	// commitRows of them: destinations gather a row group of rows before they write.
	commitBytes = 48 << 20
	// largeRecord is from how many bytes on average records are large.
	largeRecord = 1 << 10
	// holdBytes bounds the rows that wait for the checkpoint that covers them.
	holdBytes = 32 << 20
	// inFlight is how many pieces may wait between two stages.
	inFlight = 2
	// progressEvery is the shortest time between two progress events of a stream.
	progressEvery = 250 * time.Millisecond
)

// errFinish ends a source's reading after the first Ctrl-C.
var errFinish = errors.New("finishing early as asked")

// piece is what the enforcing stage hands to the staging stage, in order.
// A piece with a checkpoint has no batch.
type piece struct {
	stream   *streamRun
	batch    *enforce.Batch
	bytes    int64           // of the raw records behind batch
	consumed int64           // of what the source expects to hand over, in bytes
	distinct bool            // up to here the stream's rows have no key twice
	check    json.RawMessage // a bookmark that covers all pieces before it
	progress json.RawMessage // the counts up to there
}

// session moves one unit's records from the source through the enforcer into
// staging. Three goroutines work in a row: the source reads, enforceLoop
// decodes and checks (by others, side by side), stageLoop writes; the channels
// between them are bounded.
type session struct {
	a       *applier
	staging connector.Staging
	streams []*streamRun
	byName  map[string][]*streamRun
	step    string // id
	batch   int64  // rows for a commit
	exact   bool   // a commit that is due is not put off
	waiting int64  // bytes that the source expects to hand over, 0 where nobody knows
	resumed bool   // last was reached by a run that was stopped

	events chan any // from the source: connector.StreamSchema, *connector.Records, json.RawMessage, connector.Fault
	pieces chan piece
	abort  context.CancelCauseFunc
	ctx    context.Context
	// Of stageLoop alone, and of the caller once it has ended.
	held        []piece
	heldBytes   int64
	staged      int64           // bytes appended since the last commit
	consumed    int64           // of waiting
	committed   int64           // consumed at the last commit
	dirty       bool            // rows behind the last checkpoint were appended
	last        json.RawMessage // the last checkpoint reached
	lastProg    json.RawMessage
	uncommitted bool // last was not committed yet
}

// move runs the session to its end. It returns nil when the source was read to
// its end and everything was committed to staging; errFinish when it stopped
// early as asked, with everything up to a checkpoint committed; any other error
// otherwise, again with everything up to the last checkpoint committed where
// that was possible.
func (s *session) move(ctx context.Context, src connector.Source, req connector.ReadRequest) error {
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	s.ctx, s.abort = ctx, abort
	s.events, s.pieces = make(chan any, inFlight), make(chan piece, inFlight)
	read, enforced := make(chan error, 1), make(chan error, 1)
	go func() {
		read <- guarded(func() error { return src.Read(ctx, req, (*handler)(s)) })
		close(s.events)
	}()
	go func() {
		err := guarded(s.enforceLoop)
		if err != nil {
			abort(err)
			drain(s.events)
		}
		enforced <- err
		close(s.pieces)
	}()
	stop := s.finishOnRequest(src)
	defer stop()
	stageErr := guarded(s.stageLoop)
	if stageErr != nil {
		abort(stageErr)
		drain(s.pieces)
	}
	enforceErr, readErr := <-enforced, <-read
	if stageErr == nil {
		stageErr = s.settle()
	}
	// The first cause counts: a stage that fails makes the others fail after it.
	switch {
	case enforceErr != nil && !errors.Is(enforceErr, context.Canceled):
		return enforceErr
	case stageErr != nil && !errors.Is(stageErr, context.Canceled):
		return stageErr
	case readErr != nil:
		return readErr
	case s.cutShort(src):
		return errFinish
	case enforceErr == nil && stageErr == nil && (s.dirty || len(s.held) > 0):
		return diag.Bug("executor.move", "the source ended without a checkpoint behind its last records")
	default:
		return errors.Join(enforceErr, stageErr)
	}
}

// finishOnRequest tells the source when the first Ctrl-C comes.
func (s *session) finishOnRequest(src connector.Source) (stop func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-s.a.env.Finish:
			if f, ok := src.(connector.Finisher); ok {
				f.Finish()
			}
		case <-done:
		}
	}()
	return func() { close(done) }
}

// cutShort reports whether the source may have ended early because it was asked
// to: then what it read is not all there is, and must not be published.
func (s *session) cutShort(src connector.Source) bool {
	_, can := src.(connector.Finisher)
	return can && s.a.stopping()
}

func drain[T any](c <-chan T) {
	for range c {
	}
}

// guarded turns a panic of one stage into an error, so that no goroutine can
// take the program down.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = diag.Errorf(diag.StepPanicked, "A step ended in a fault of headgate",
				"%v. Nothing of this run was published. Please report it; applying again is safe.", p)
		}
	}()
	return f()
}

// handler is the session as the source sees it.
type handler session

// send hands one thing to the enforcing stage, or says why the run is over.
func (h *handler) send(v any) error {
	select {
	case h.events <- v:
		return nil
	case <-h.ctx.Done():
		return context.Cause(h.ctx)
	}
}

func (h *handler) Schema(sc connector.StreamSchema) error { return h.send(sc) }
func (h *handler) Records(r *connector.Records) error     { return h.send(r) }
func (h *handler) Fault(f connector.Fault) error          { return h.send(f) }

// Checkpoint hands the bookmark on; after the first Ctrl-C it ends the reading.
func (h *handler) Checkpoint(bookmark json.RawMessage) error {
	if err := h.send(bookmark); err != nil {
		return err
	}
	if h.a.stopping() {
		return errFinish
	}
	return nil
}

// Diagnose logs what a source has to say.
func (h *handler) Diagnose(d *diag.Diagnostic) {
	h.a.env.Log.Warn(d.Summary, "code", string(d.Code), "detail", d.Detail, "address", d.Address)
	h.a.emit(Event{Kind: Note, Step: h.step, Address: d.Address, Text: d.Summary + ": " + d.Detail})
}

// enforceLoop decodes and checks what the source hands over.
func (s *session) enforceLoop() error {
	if n := s.enforcers(); n > 1 {
		return s.enforceBeside(n)
	}
	for ev := range s.events {
		if err := s.onEvent(ev); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) onEvent(ev any) error {
	switch v := ev.(type) {
	case connector.StreamSchema:
		return s.onSchema(v)
	case *connector.Records:
		return s.onRecords(v)
	case connector.Fault:
		return s.onFault(v)
	case json.RawMessage:
		return s.onCheckpoint(v)
	default:
		return diag.Bug("executor.onEvent", "a %T from the source", ev)
	}
}

func (s *session) onSchema(v connector.StreamSchema) error {
	for _, run := range s.byName[v.Stream] {
		run.compareSchema(s.a, v)
	}
	return nil
}

func (s *session) onRecords(r *connector.Records) error {
	defer r.Release()
	for _, run := range s.byName[r.Stream] {
		b, err := run.enforce(r)
		if err := s.took(run, r, b, err); err != nil {
			return err
		}
	}
	return nil
}

// took counts what came of a stream's batch and hands it on, b and err being what
// the enforcer returned.
func (s *session) took(run *streamRun, r *connector.Records, b *enforce.Batch, err error) error {
	run.enforcer.Take(b, err)
	if err != nil {
		return err
	}
	run.count(b)
	run.tick(s.a, r.Consumed)
	return s.push(piece{stream: run, batch: b, bytes: int64(len(r.Data)), consumed: r.Consumed, distinct: run.distinct()})
}

func (s *session) onFault(f connector.Fault) error {
	runs := s.byName[f.Stream]
	if len(runs) == 0 {
		runs = s.streams[:1] // a fault whose stream is unknown counts once, on the first
	}
	for _, run := range runs {
		b, err := run.enforcer.Fault(f)
		if err != nil {
			return err
		}
		run.count(b)
		if err := s.push(piece{stream: run, batch: b, bytes: int64(len(f.Raw))}); err != nil {
			return err
		}
	}
	return nil
}

// onCheckpoint passes a bookmark on, with the counts up to it.
func (s *session) onCheckpoint(bookmark json.RawMessage) error {
	progress, err := s.progress()
	if err != nil {
		return err
	}
	return s.push(piece{check: bookmark, progress: progress})
}

func (s *session) push(p piece) error {
	select {
	case s.pieces <- p:
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}

// stageLoop appends pieces to staging. Rows wait until the checkpoint that
// covers them has come (or until they are too many), so that a source which
// breaks off leaves staging at its last checkpoint.
func (s *session) stageLoop() error {
	var rows int64
	for p := range s.pieces {
		if p.check == nil {
			s.held = append(s.held, p)
			s.heldBytes += p.bytes
			if s.heldBytes > holdBytes {
				s.dirty = true
				if err := s.flush(&rows); err != nil {
					return err
				}
			}
			continue
		}
		if err := s.flush(&rows); err != nil {
			return err
		}
		s.last, s.lastProg, s.dirty, s.uncommitted = p.check, p.progress, false, true
		if (rows >= s.batch || s.staged >= max(commitBytes, largeRecord*rows)) && !s.nearlyOver(rows) {
			if err := s.commit(); err != nil {
				return err
			}
			rows, s.staged, s.committed = 0, 0, s.consumed
		}
	}
	return nil
}

// expect takes in how many bytes wait for a stream, 0 where nobody knows.
func (s *session) expect(bytes int64) {
	if bytes == 0 {
		s.exact = true
	}
	s.waiting += bytes
}

// nearlyOver reports whether so little of the source is left that it does not make
// a commit by itself: then it goes with the one that is due, up to a quarter more.
func (s *session) nearlyOver(rows int64) bool {
	left, quarter := s.waiting-s.consumed, (s.consumed-s.committed)/4
	return !s.exact && s.waiting > 0 && left >= 0 && left <= quarter && rows < s.batch+s.batch/4
}

// size is about what a piece takes in memory: short records of many columns take
// more than their text.
func (p *piece) size() int64 {
	if p.batch.Rows == nil {
		return p.bytes
	}
	return max(p.bytes, 8*p.batch.Rows.NumRows()*p.batch.Rows.NumCols())
}

// flush appends everything that waits.
func (s *session) flush(rows *int64) error {
	for i, p := range s.held {
		s.held[i] = piece{}
		if err := s.append(p); err != nil {
			return err
		}
		*rows += p.batch.Counts.Read
		s.consumed += p.consumed
		s.staged += p.size()
		p.batch.Release()
	}
	s.held, s.heldBytes = s.held[:0], 0
	return nil
}

func (s *session) append(p piece) error {
	address := p.stream.address
	if len(p.batch.NewColumns) > 0 {
		if err := s.staging.Evolve(s.ctx, address, p.batch.NewColumns); err != nil {
			return err
		}
	}
	if p.batch.Rows != nil && p.batch.Rows.NumRows() > 0 {
		if err := s.staging.Append(s.ctx, address, p.batch.Rows, p.distinct); err != nil {
			return err
		}
	}
	if len(p.batch.Rejects) > 0 {
		return s.staging.Reject(s.ctx, p.batch.Rejects)
	}
	return nil
}

// commit makes everything up to the last checkpoint durable.
func (s *session) commit() error {
	err := s.staging.Commit(context.WithoutCancel(s.ctx), connector.Checkpoint{Bookmark: s.last, Progress: s.lastProg})
	s.uncommitted = s.uncommitted && err != nil
	return err
}

// settle commits what the last checkpoint covers. Rows behind it that were
// appended already cannot be told apart from it: then the staging stays at the
// commit before, and the next run reads those records again. Once the lease is
// lost nothing is written: the staging may be another run's by now.
func (s *session) settle() error {
	var lost *diag.Diagnostic
	if !s.uncommitted || s.dirty || (errors.As(context.Cause(s.ctx), &lost) && lost.Code == diag.RunLost) {
		return nil
	}
	return s.commit()
}
