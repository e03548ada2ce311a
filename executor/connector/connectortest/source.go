// Package connectortest holds what every connector must do, as tests that a
// connector's own tests call.
package connectortest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// Record is one record that a source handed over.
type Record struct {
	Stream string
	Origin string
	Line   int64
	Text   string
}

// Mark is a checkpoint: the bookmark, and how many records and faults came before it.
type Mark struct {
	Bookmark json.RawMessage
	Records  int
	Faults   int
}

// Recorder is a connector.Handler that keeps all that it is given.
type Recorder struct {
	Got         []Record
	Batches     int
	Consumed    int64 // bytes that the batches say were read for them
	Faults      []connector.Fault
	Marks       []Mark
	Schemas     []connector.StreamSchema
	Diagnostics diag.Diagnostics
	// OnRecords, when set, is called before a batch is kept; its error is
	// returned to the source and the batch is not kept.
	OnRecords func() error
	// OnCheckpoint, when set, is called after a checkpoint was kept.
	OnCheckpoint func() error
}

// Schema keeps a schema.
func (r *Recorder) Schema(s connector.StreamSchema) error {
	r.Schemas = append(r.Schemas, s)
	return nil
}

// Records copies a batch and releases it.
func (r *Recorder) Records(b *connector.Records) error {
	defer b.Release()
	if r.OnRecords != nil {
		if err := r.OnRecords(); err != nil {
			return err
		}
	}
	r.Batches++
	r.Consumed += b.Consumed
	r.Got = append(r.Got, copies(b)...)
	return nil
}

// copies returns a batch's records as they are now.
func copies(b *connector.Records) []Record {
	out := make([]Record, b.Len())
	for i := range out {
		out[i] = Record{b.Stream, b.Origin, b.Line[i], string(b.Data[b.Start[i]:b.End[i]])}
	}
	return out
}

// Checkpoint keeps a bookmark.
func (r *Recorder) Checkpoint(bookmark json.RawMessage) error {
	r.Marks = append(r.Marks, Mark{slices.Clone(bookmark), len(r.Got), len(r.Faults)})
	if r.OnCheckpoint != nil {
		return r.OnCheckpoint()
	}
	return nil
}

// Diagnose keeps a diagnostic.
func (r *Recorder) Diagnose(d *diag.Diagnostic) { r.Diagnostics.Add(d) }

// Fault keeps a fault.
func (r *Recorder) Fault(f connector.Fault) error {
	r.Faults = append(r.Faults, f)
	return nil
}

// Texts returns the records' texts in order.
func (r *Recorder) Texts() []string {
	out := make([]string, len(r.Got))
	for i, rec := range r.Got {
		out[i] = rec.Text
	}
	return out
}

// Last returns the last bookmark, nil where no checkpoint was made.
func (r *Recorder) Last() json.RawMessage {
	if len(r.Marks) == 0 {
		return nil
	}
	return r.Marks[len(r.Marks)-1].Bookmark
}

// SourceCase is a source under test. What it reads must not change meanwhile, and
// must yield records and checkpoints enough to stop between them.
type SourceCase struct {
	Open    func(t testing.TB) connector.Source
	Request connector.ReadRequest // without a bookmark
	// LinesPerRead says that lines are counted from the beginning of each read (a
	// tap's output), so that those of a resumed read are other ones.
	LinesPerRead bool
}

// diff compares the records of one read with those of several.
func (c SourceCase) diff(want, got []Record) string {
	if c.LinesPerRead {
		want, got = withoutLines(want), withoutLines(got)
	}
	return cmp.Diff(want, got)
}

func withoutLines(records []Record) []Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].Line = 0
	}
	return out
}

// read runs one read of a source made anew.
func (c SourceCase) read(ctx context.Context, t *testing.T, bookmark json.RawMessage, r *Recorder) error {
	t.Helper()
	s := c.Open(t)
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}()
	req := c.Request
	req.Bookmark = bookmark
	return s.Read(ctx, req, r)
}

// must is read that has to succeed.
func (c SourceCase) must(t *testing.T, bookmark json.RawMessage) *Recorder {
	t.Helper()
	r := &Recorder{}
	if err := c.read(t.Context(), t, bookmark, r); err != nil {
		t.Fatalf("Read: %v", err)
	}
	return r
}

// RunSource runs the conformance suite.
func RunSource(t *testing.T, c SourceCase) {
	t.Run("the same records on every read", c.rereads)
	t.Run("a batch stays as it is until it is released", c.held)
	t.Run("each checkpoint leaves exactly the rest", c.resumes)
	t.Run("a killed read goes on at its last checkpoint", c.killed)
	t.Run("an error of the handler ends the read", c.refused)
	t.Run("cancelled", c.cancelled)
	t.Run("finished early", c.finished)
	t.Run("discover", c.discovers)
}

func (c SourceCase) rereads(t *testing.T) {
	first, second := c.must(t, nil), c.must(t, nil)
	if len(first.Got) == 0 || len(first.Marks) == 0 {
		t.Fatalf("the case yields %d records and %d checkpoints", len(first.Got), len(first.Marks))
	}
	if d := cmp.Diff(first.Got, second.Got); d != "" {
		t.Errorf("a second read differs (-first +second):\n%s", d)
	}
	if last := first.Marks[len(first.Marks)-1]; last.Records != len(first.Got) || last.Faults != len(first.Faults) {
		t.Errorf("the last checkpoint covers %d of %d records", last.Records, len(first.Got))
	}
	for _, rec := range first.Got {
		if rec.Stream == "" || rec.Origin == "" || rec.Line < 1 {
			t.Fatalf("a record has no place: %+v", rec)
		}
	}
}

// holder is a handler that releases no batch before the end.
type holder struct {
	Recorder
	batches []*connector.Records
}

// Records copies a batch and keeps it.
func (h *holder) Records(b *connector.Records) error {
	h.batches = append(h.batches, b)
	h.Got = append(h.Got, copies(b)...)
	return nil
}

func (c SourceCase) held(t *testing.T) {
	h := &holder{}
	s := c.Open(t)
	defer s.Close()
	if err := s.Read(t.Context(), c.Request, h); err != nil {
		t.Fatal(err)
	}
	var later []Record
	for _, b := range h.batches {
		later = append(later, copies(b)...)
	}
	if d := cmp.Diff(h.Got, later); d != "" {
		t.Errorf("batches changed while they were held (-then +now):\n%s", d)
	}
	for _, b := range h.batches {
		b.Release()
	}
}

func (c SourceCase) resumes(t *testing.T) {
	full := c.must(t, nil)
	for i, m := range full.Marks {
		rest := c.must(t, m.Bookmark)
		if d := c.diff(tail(full.Got, m.Records), rest.Got); d != "" {
			t.Fatalf("after checkpoint %d (-want +got):\n%s", i, d)
		}
		if want, got := len(full.Faults)-m.Faults, len(rest.Faults); want != got {
			t.Fatalf("after checkpoint %d: %d faults, want %d", i, got, want)
		}
	}
}

func tail(all []Record, from int) []Record {
	if from == len(all) {
		return nil
	}
	return all[from:]
}

var errStop = errors.New("the handler stops")

// killed stops a read after each batch in turn, as a crash would, and goes on
// from the checkpoint before it; what counts must be the whole, once.
func (c SourceCase) killed(t *testing.T) {
	full := c.must(t, nil)
	for at := range full.Batches {
		r, n := &Recorder{}, 0
		r.OnRecords = func() error {
			if n++; n > at {
				return errStop
			}
			return nil
		}
		if err := c.read(t.Context(), t, nil, r); !errors.Is(err, errStop) {
			t.Fatalf("stopped at batch %d: Read returned %v", at, err)
		}
		kept := 0
		if len(r.Marks) > 0 {
			kept = r.Marks[len(r.Marks)-1].Records
		}
		rest := c.must(t, r.Last())
		if d := c.diff(full.Got, slices.Concat(r.Got[:kept], rest.Got)); d != "" {
			t.Fatalf("stopped at batch %d (-want +got):\n%s", at, d)
		}
	}
}

func (c SourceCase) refused(t *testing.T) {
	before := watch(t)
	r := &Recorder{OnCheckpoint: func() error { return errStop }}
	if err := c.read(t.Context(), t, nil, r); !errors.Is(err, errStop) {
		t.Fatalf("Read returned %v, want the handler's error", err)
	}
	if len(r.Marks) != 1 {
		t.Fatalf("%d checkpoints after the handler refused one", len(r.Marks)-1)
	}
	before.same(t)
}

func (c SourceCase) cancelled(t *testing.T) {
	before := watch(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := &Recorder{OnRecords: func() error { cancel(); return nil }}
	if err := c.read(ctx, t, nil, r); !errors.Is(err, context.Canceled) {
		t.Fatalf("Read returned %v, want context.Canceled", err)
	}
	cancel()
	if err := c.read(ctx, t, nil, &Recorder{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("Read under a cancelled context returned %v", err)
	}
	before.same(t)
}

func (c SourceCase) finished(t *testing.T) {
	s := c.Open(t)
	defer s.Close()
	f, ok := s.(connector.Finisher)
	if !ok {
		return
	}
	before := watch(t)
	r := &Recorder{}
	r.OnRecords = func() error { f.Finish(); return nil }
	if err := s.Read(t.Context(), c.Request, r); err != nil {
		t.Fatal(err)
	}
	full := c.must(t, nil)
	if len(r.Marks) == 0 || r.Marks[len(r.Marks)-1].Records != len(r.Got) {
		t.Fatal("the read did not end at a checkpoint")
	}
	rest := c.must(t, r.Last())
	if d := c.diff(full.Got, slices.Concat(r.Got, rest.Got)); d != "" {
		t.Fatalf("(-want +got):\n%s", d)
	}
	before.same(t)
}

func (c SourceCase) discovers(t *testing.T) {
	s := c.Open(t)
	defer s.Close()
	streams, err := s.Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(streams) == 0 || len(streams[0].Columns) == 0 {
		t.Fatalf("nothing was discovered: %+v", streams)
	}
}

// leftovers is what a read may leave behind.
type leftovers struct{ goroutines, children int }

func watch(t *testing.T) leftovers {
	t.Helper()
	return leftovers{runtime.NumGoroutine(), len(children())}
}

// same waits for goroutines and processes to be as few as before.
func (l leftovers) same(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		goroutines, kids := runtime.NumGoroutine(), children()
		if goroutines <= l.goroutines && len(kids) <= l.children {
			return
		}
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("left behind: %d goroutines (before: %d), processes %v\n%s", goroutines, l.goroutines, kids, buf[:runtime.Stack(buf, true)])
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// children lists this process's children, zombies included; none where the
// system has no /proc.
func children() []string {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", os.Getpid()))
	var out []string
	for _, f := range files {
		b, _ := os.ReadFile(f)
		out = append(out, strings.Fields(string(b))...)
	}
	return out
}
