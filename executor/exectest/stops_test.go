package exectest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/diag"
)

// hooked is a source whose records and checkpoints pass through functions.
type hooked struct {
	connector.Source
	onRecords    func(n int) error // n: how many batches came before
	onCheckpoint func(n int) error
}

func (s *hooked) Read(ctx context.Context, req connector.ReadRequest, h connector.Handler) error {
	req.BatchBytes = 16 << 10
	return s.Source.Read(ctx, req, &hookedHandler{Handler: h, s: s})
}

func (s *hooked) Finish() { s.Source.(connector.Finisher).Finish() }

func (s *hooked) Look(ctx context.Context, r connector.StreamRequest, b json.RawMessage) (connector.Waiting, error) {
	if l, ok := s.Source.(connector.Looker); ok {
		return l.Look(ctx, r, b)
	}
	return connector.Waiting{}, nil
}

type hookedHandler struct {
	connector.Handler
	s        *hooked
	batches  int
	checkpts int
}

func (h *hookedHandler) Records(r *connector.Records) error {
	if f := h.s.onRecords; f != nil {
		if err := f(h.batches); err != nil {
			return err
		}
	}
	h.batches++
	return h.Handler.Records(r)
}

func (h *hookedHandler) Checkpoint(b json.RawMessage) error {
	if f := h.s.onCheckpoint; f != nil {
		if err := f(h.checkpts); err != nil {
			return err
		}
	}
	h.checkpts++
	return h.Handler.Checkpoint(b)
}

// stopped starts an apply and asks it to finish after a few batches.
func (w *world) stopped() *outcome {
	w.t.Helper()
	finish := make(chan struct{})
	var once atomic.Bool
	w.finish = finish
	w.source = func(s connector.Source) connector.Source {
		return &hooked{Source: s, onCheckpoint: func(n int) error {
			if n == 3 && once.CompareAndSwap(false, true) {
				close(finish)
			}
			return nil
		}}
	}
	o := w.apply()
	if o.report.Status != executor.Interrupted || o.diags.HasErrors() {
		w.t.Fatalf("status %s, %v", o.report.Status, o.diags)
	}
	return o
}

func many(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"id":%d,"n":%d,"at":%d,"text":"some text that makes the line longer"}`+"\n", i, i%7-1, i)
	}
	return b.String()
}

// TestFinish: Ctrl-C once. Nothing is published; the next run goes on.
func TestFinish(t *testing.T) {
	for _, write := range []string{"append", "merge", "replace"} {
		t.Run(write, func(t *testing.T) {
			w := newWorld(t, shopWith(keyed, `write = "`+write+`"`, ""))
			w.write("data/a.jsonl", many(0, 20000))
			w.stopped()
			w.want("select count(*) from raw.events", "0")
			w.want("select count(*) from headgate_quarantine", "0")
			w.want("select count(*) from headgate_bookmarks", "0")
			r := w.apply().ok().stream("events")
			expect(t, "resumed", r.Resumed, true)
			if r.ResumedRead == 0 || r.ResumedRead >= 20000 {
				t.Errorf("%d of 20000 were staged by the first run", r.ResumedRead)
			}
			expect(t, "counts", counts(r), "20000 17142 2858 0 0 0 0")
			w.want("select count(*), count(distinct id) from raw.events", "17142 17142")
			w.want("select count(*) from headgate_quarantine", "2858")
			w.settled()
		})
	}
}

// TestChangedMidLoad: a replace whose file changes between stop and resumption
// starts again by itself.
func TestChangedMidLoad(t *testing.T) {
	for _, write := range []string{"append", "replace"} {
		w := newWorld(t, shopWith(keyed, `write = "`+write+`"`, ""))
		w.write("data/a.jsonl", many(0, 20000))
		w.stopped()
		w.write("data/a.jsonl", many(5, 1005))
		expect(t, write, counts(w.apply().ok().stream("events")), "1000 857 143 0 0 0 0")
		w.want("select count(*), min(id) from raw.events", "857 5")
		w.settled()
	}
}

// TestCancel: Ctrl-C twice, at many moments; then the load is done to its end.
func TestCancel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	for i := range 9 {
		write := []string{"append", "merge", "replace"}[i%3]
		w := newWorld(t, shopWith(keyed, `write = "`+write+`"`, ""))
		w.edit("to   = destination.w", "to   = destination.w\n  batch {\n    rows = 1000\n  }")
		w.write("data/a.jsonl", many(0, 12000))
		for range 2 {
			ctx, cancel := context.WithCancel(context.Background())
			timer := time.AfterFunc(time.Duration(rnd.IntN(250))*time.Millisecond, cancel)
			w.ctx = ctx
			w.source = func(s connector.Source) connector.Source {
				return &hooked{Source: s, onRecords: func(int) error { time.Sleep(2 * time.Millisecond); return nil }}
			}
			o := w.apply()
			timer.Stop()
			cancel()
			if o.report.Status == executor.Failed {
				t.Logf("stopped with %v", o.diags.Err())
			}
		}
		if o := w.apply(); o.diags.HasErrors() {
			t.Fatal(o.diags.Err())
		}
		w.want("select count(*), count(distinct id), sum(id) from raw.events", w.query("select count(*), count(*), sum(id) from read_json('"+w.path("data/a.jsonl")+"') where n >= 0"))
		w.want("select count(*) from headgate_quarantine", "1715")
		w.settled()
	}
}

func TestTimeout(t *testing.T) {
	w := newWorld(t, shopWith(keyed, appends, ""))
	w.edit("to   = destination.w", "to   = destination.w\n  timeout = \"300ms\"")
	w.write("data/a.jsonl", many(0, 5000))
	w.source = func(s connector.Source) connector.Source {
		return &hooked{Source: s, onRecords: func(n int) error { time.Sleep(150 * time.Millisecond); return nil }}
	}
	w.apply().fails(diag.SourceFailed)
	w.want("select count(*) from raw.events", "0")
	w.edit("300ms", "1h")
	expect(t, "counts", counts(w.apply().ok().stream("events")), "5000 4285 715 0 0 0 0")
}

// twice is two pipelines into one destination, and a model over each.
const twice = `
source "file" "good" {
  path = "good/*.jsonl"
}
source "file" "bad" {
  path = "bad/*.jsonl"
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "c" {
  ` + columns + `
}
pipeline "good" {
  from = source.good
  to   = destination.w
  stream "s" {
    contract = contract.c
    table    = "raw.good"
    write    = "append"
  }
}
pipeline "bad" {
  from = source.bad
  to   = destination.w
  stream "s" {
    contract = contract.c
    table    = "raw.bad"
    write    = "append"
  }
}
model "of_good" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select count(*) as c from raw.good"
}
model "of_bad" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select count(*) as c from raw.bad"
}
`

// TestFailureStopsDependents: what a failed step does not touch is done.
func TestFailureStopsDependents(t *testing.T) {
	for name, fault := range map[string]struct {
		do   func() error
		code diag.Code
	}{
		"error": {func() error { return diag.Errorf(diag.FileUnreadable, "x", "y") }, diag.FileUnreadable},
		"plain": {func() error { return errors.New("plain") }, diag.SourceFailed},
		"panic": {func() error { panic("told to") }, diag.StepPanicked},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, twice)
			w.write("good/a.jsonl", `{"id":1,"n":1}`+"\n")
			w.write("bad/a.jsonl", many(0, 3000))
			w.source = func(s connector.Source) connector.Source {
				return &hooked{Source: s, onRecords: func(n int) error {
					if n == 2 {
						return fault.do()
					}
					return nil
				}}
			}
			o := w.apply().fails(fault.code)
			expect(t, "good", o.step("model.of_good.v1").Status, executor.Done)
			expect(t, "bad", o.step("pipeline.bad/run").Status, executor.Failed)
			expect(t, "of_bad", o.step("model.of_bad.v1").Status, executor.Skipped)
			w.want("select * from marts.of_good", "1")
			w.want("select address, status from headgate_runs order by 1, 2", "model.of_good.v1 success; pipeline.bad failure; pipeline.good success")
			w.apply().ok()
			w.want("select * from marts.of_bad", "2571")
			w.settled()
		})
	}
}

// shaky is a destination that panics once it is to publish.
type shaky struct{ connector.Destination }

type shakyStaging struct{ connector.Staging }

func (d shaky) OpenStaging(ctx context.Context, s connector.StagingSpec) (connector.Staging, error) {
	st, err := d.Destination.OpenStaging(ctx, s)
	return shakyStaging{st}, err
}

func (shakyStaging) Publish(context.Context, connector.PublishRequest) (connector.PublishResult, error) {
	panic("told to")
}

func TestPanics(t *testing.T) {
	w := newWorld(t, twice)
	w.write("good/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.wrap = func(d connector.Destination) connector.Destination { return shaky{d} }
	w.apply().fails(diag.StepPanicked)
	w.wrap = func(connector.Destination) connector.Destination { panic("told to") }
	if o := w.apply(); !o.diags.HasErrors() || o.report.Status != executor.Failed {
		t.Errorf("%s %v", o.report.Status, o.diags)
	}
	w.apply()
	w.want("select * from marts.of_good", "1")
}

// losing is a store whose leases on pipelines are lost, and given to another.
type losing struct {
	statestore.Store
	lost chan struct{}
}

type lostLease struct {
	statestore.Lease
	lost chan struct{}
}

func (l lostLease) Lost() <-chan struct{} { return l.lost }

func (s losing) Acquire(ctx context.Context, environment, key string, who statestore.Holder, wait time.Duration) (statestore.Lease, error) {
	l, err := s.Store.Acquire(ctx, environment, key, who, wait)
	if strings.HasPrefix(key, "pipeline.") {
		return lostLease{l, s.lost}, err
	}
	return l, err
}

func TestLostLease(t *testing.T) {
	w := newWorld(t, shopWith(keyed, appends, ""))
	w.write("data/a.jsonl", many(0, 5000))
	lost := make(chan struct{})
	w.store = func(s statestore.Store) statestore.Store { return losing{s, lost} }
	w.source = func(s connector.Source) connector.Source {
		return &hooked{Source: s, onRecords: func(n int) error {
			if n == 4 {
				close(lost)
				time.Sleep(50 * time.Millisecond)
			}
			return nil
		}}
	}
	w.apply().fails(diag.RunLost)
	w.want("select count(*) from raw.events", "0")
	w.want("select count(*) from headgate.staging where committed", "0")
	expect(t, "counts", counts(w.apply().ok().stream("events")), "5000 4285 715 0 0 0 0")
}

// overtaken is a staging that another holder of the lease overtakes before it
// publishes.
type overtaken struct{ connector.Destination }

type overtakenStaging struct{ connector.Staging }

func (d overtaken) OpenStaging(ctx context.Context, s connector.StagingSpec) (connector.Staging, error) {
	st, err := d.Destination.OpenStaging(ctx, s)
	return overtakenStaging{st}, err
}

func (s overtakenStaging) Publish(ctx context.Context, r connector.PublishRequest) (connector.PublishResult, error) {
	r.Fence.Token -= 1 << 40
	return s.Staging.Publish(ctx, r)
}

func TestFence(t *testing.T) {
	w := newWorld(t, shopWith(keyed, appends, ""))
	w.write("data/a.jsonl", many(0, 10))
	w.wrap = func(d connector.Destination) connector.Destination { return overtaken{d} }
	w.apply().fails(diag.DuckDBFenced)
	w.want("select count(*) from raw.events", "0")
	w.apply().ok()
	w.want("select count(*) from raw.events", "8")
}

func TestSecretMissing(t *testing.T) {
	w := newWorld(t, strings.Replace(twice, `path = "w.duckdb"`, `path = "${secret("DIR")}/w.duckdb"`, 1))
	w.write("good/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.resolve = func(p program.Part) (string, error) {
		return "", diag.Errorf(diag.SecretMissing, "A secret has no value", "%s is not set.", p.Secret)
	}
	o := w.apply()
	if err := o.diags.Err(); err == nil || o.diags[0].Code != diag.SecretMissing || o.report.Status != executor.Failed {
		t.Errorf("%s %v", o.report.Status, o.diags)
	}
}

// TestStateBehind: killed between the destination's commit and the state's, the
// next run tells the state, and models see that there is something new.
func TestStateBehind(t *testing.T) {
	w := newWorld(t, twice)
	w.write("good/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply()
	w.write("good/b.jsonl", `{"id":2,"n":1}`+"\n")
	w.store = func(s statestore.Store) statestore.Store { return deaf{s} }
	w.apply().fails(diag.StateFailed, diag.StateFailed) // the pipeline and a model that has no rows
	w.want("select count(*) from raw.good", "2")
	w.apply()
	w.want("select count(*) from raw.good", "2")
	w.want("select * from marts.of_good", "2")
}

// deaf is a store that takes no data.
type deaf struct{ statestore.Store }

func (s deaf) Put(ctx context.Context, l statestore.Lease, w statestore.Write) error {
	if !w.Definition {
		return errors.New("deaf")
	}
	return s.Store.Put(ctx, l, w)
}

// TestEvents: each step starts and ends once, and what is read never shrinks.
func TestEvents(t *testing.T) {
	w := newWorld(t, shopWith(keyed, appends, ""))
	w.write("data/a.jsonl", many(0, 3000))
	w.source = func(s connector.Source) connector.Source {
		return &hooked{Source: s, onRecords: func(int) error { time.Sleep(20 * time.Millisecond); return nil }}
	}
	o := w.apply().ok()
	started, ended, read, total := map[string]int{}, map[string]int{}, int64(0), int64(0)
	for _, e := range w.events {
		switch e.Kind {
		case executor.StepStart:
			started[e.Step]++
		case executor.StepEnd:
			ended[e.Step]++
		case executor.Progress:
			if e.Read < read || e.Accepted+e.Rejected != e.Read || e.Bytes > e.Total {
				t.Errorf("progress %+v after %d", e, read)
			}
			read, total = e.Read, e.Total
		}
	}
	for _, s := range o.plan.Steps {
		if started[s.ID] != 1 || ended[s.ID] != 1 {
			t.Errorf("%s started %d times, ended %d times", s.ID, started[s.ID], ended[s.ID])
		}
	}
	if read == 0 || total == 0 {
		t.Errorf("no progress was told: %v", w.events)
	}
}
