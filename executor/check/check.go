// Package check holds data to a contract without loading it anywhere: records go
// from a source through the enforcer of the runs, and what becomes of them is
// counted. Three goroutines work in a row: the source reads, one enforces, one
// looks for keys that come twice and writes the rejects.
package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// Spec says what to check.
type Spec struct {
	Contract *contract.Contract
	Inputs   []Input // in the order in which they are read; at least one
	Registry executor.Registry
	Root     string // absolute; relative paths and patterns start here
	// Merge says that a key which comes again means a newer state of the same row,
	// as it does for a stream of write = "merge".
	Merge    bool
	Examples int   // of each rule
	MaxKeys  int64 // distinct keys to hold in memory; 0 leaves key and unique unchecked
	// Reject takes each record at fault, in order; nil for none.
	Reject   func(connector.Reject) error
	Diagnose func(*diag.Diagnostic) // takes the sources' warnings
	Log      *slog.Logger
	Now      time.Time // what now_at_load() gives
}

// Input is a pattern of files, or a reader in place of them.
type Input struct {
	Path   string // the pattern, or the name of Reader in messages
	Format string // jsonl, json, csv or parquet; "" tells it by the path's ending
	Reader io.Reader
}

// maxBatchRows is how many records a batch has at most, however few columns.
const maxBatchRows = 1 << 16

// inFlight is how many batches may wait between two stages.
const inFlight = 2

// stream is what the sources call the data. Nothing shows it.
const stream = "data"

// checker is one check at work.
type checker struct {
	spec     Spec
	enforcer *enforce.Enforcer
	sets     []*set
	table    table
	out      *outcome.Check
	counts   enforce.Counts
	evolved  []connector.Column
}

// Run checks the data. The report is nil where the diagnostics hold an error.
func Run(ctx context.Context, spec Spec) (*outcome.Check, diag.Diagnostics) {
	address := addr.Of(addr.Contract, spec.Contract.Name).WithVersion(spec.Contract.Version).String()
	examples := spec.Examples
	if examples == 0 {
		examples = -1
	}
	e, diags := enforce.New(enforce.Spec{Address: address, Contract: spec.Contract, Now: spec.Now, Examples: examples, Inspect: true,
		QuarantineRaw: spec.Contract.QuarantineRaw})
	if diags.HasErrors() {
		return nil, diags
	}
	c := &checker{spec: spec, enforcer: e, out: &outcome.Check{Contract: address, Range: spec.Contract.Range,
		Tolerance: spec.Contract.Tolerance, Inputs: []outcome.CheckInput{}, Rules: []outcome.RuleReport{}}}
	if spec.MaxKeys > 0 {
		c.sets = setsOf(spec.Contract, spec.Merge)
	}
	c.table = tableOf(spec)
	began := time.Now()
	for _, in := range spec.Inputs {
		err := c.input(ctx, in)
		if ctx.Err() != nil {
			err = diag.New(diag.CheckInput, "The check was stopped before the end of the data: nothing was judged.")
		}
		if err != nil {
			return nil, append(diags, diag.FromError(err, diag.CheckInput, "What is to be checked cannot be read"))
		}
	}
	c.finish(time.Since(began))
	return c.out, diags
}

// piece is what the enforcing stage hands on: a batch and the records that it
// was made from, nil for a fault.
type piece struct {
	records *connector.Records
	batch   *enforce.Batch
	origin  string
}

// input checks one input to its end.
func (c *checker) input(ctx context.Context, in Input) error {
	open := c.spec.Registry.Source["file"]
	if open == nil {
		return diag.Bug("check.input", "there is no connector for files")
	}
	src, err := open(ctx, executor.SourceSpec{Root: c.spec.Root, Log: c.spec.Log, Once: true, Input: in.Reader,
		Source: &program.Source{Type: "file", File: &program.FileSource{Path: in.Path, Format: in.Format, Header: true}}})
	if err != nil {
		return err
	}
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	h := &handler{checker: c, ctx: ctx, events: make(chan any, inFlight)}
	pieces := make(chan piece, inFlight)
	read, enforced := make(chan error, 1), make(chan error, 1)
	go func() {
		defer close(h.events)
		read <- guarded(func() error {
			return src.Read(ctx, connector.ReadRequest{BatchRows: min(enforce.BatchRows(len(c.spec.Contract.Columns)), maxBatchRows), Streams: []connector.StreamRequest{{Stream: stream, Write: "append"}}}, h)
		})
	}()
	go func() {
		defer close(pieces)
		err := guarded(func() error { return c.enforce(ctx, h.events, pieces) })
		if err != nil {
			abort(err)
		}
		enforced <- err
		for range h.events { // until the source has noticed
		}
	}()
	judgeErr := guarded(func() error { return c.judge(pieces) })
	if judgeErr != nil {
		abort(judgeErr)
	}
	for range pieces {
	}
	enforceErr, readErr := <-enforced, <-read
	closeErr := src.Close()
	for _, err := range []error{judgeErr, enforceErr, readErr, h.fault, closeErr} {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return ctx.Err()
}

// guarded turns a panic of one stage into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = diag.Bug("check", "%v", p)
		}
	}()
	return f()
}

// enforce is the second stage.
func (c *checker) enforce(ctx context.Context, events <-chan any, pieces chan<- piece) error {
	for ev := range events {
		var p piece
		var err error
		switch v := ev.(type) {
		case *connector.Records:
			p.records, p.origin = v, v.Origin
			p.batch, err = c.enforcer.Enforce(v)
		case connector.Fault:
			p.origin = v.Origin
			p.batch, err = c.enforcer.Fault(v)
		}
		if err != nil {
			return err
		}
		select {
		case pieces <- p:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// judge is the third stage.
func (c *checker) judge(pieces <-chan piece) error {
	for p := range pieces {
		c.counts.Add(p.batch.Counts)
		c.evolved = append(c.evolved, p.batch.NewColumns...)
		if n := len(c.out.Inputs); n == 0 || c.out.Inputs[n-1].Name != p.origin {
			c.out.Inputs = append(c.out.Inputs, outcome.CheckInput{Name: p.origin})
		}
		c.out.Inputs[len(c.out.Inputs)-1].Records += p.batch.Counts.Read
		for _, r := range p.batch.Rejects {
			if c.spec.Reject == nil {
				break
			}
			if err := c.spec.Reject(r); err != nil {
				return err
			}
		}
		if p.records == nil {
			continue
		}
		for i := range p.records.Len() {
			c.out.Bytes += int64(p.records.End[i] - p.records.Start[i])
		}
		if err := c.look(p); err != nil {
			return err
		}
		p.batch.Release()
		p.records.Release()
	}
	return nil
}

// finish makes the report of what was counted.
func (c *checker) finish(took time.Duration) {
	sum := c.enforcer.Summary()
	out, n := c.out, c.counts
	out.Read, out.Accepted, out.Quarantined, out.Dropped, out.Annotated, out.Warned = n.Read, n.Accepted, n.Quarantined, n.Dropped, n.Annotated, n.Warned
	out.Seconds = took.Seconds()
	if out.Seconds > 0 {
		out.RecordsPerSecond = float64(n.Read) / out.Seconds
	}
	rules, unknown := sum.Report()
	out.Rules, out.Unknown = append(out.Rules, rules...), unknown
	for _, col := range c.evolved {
		out.Evolved = append(out.Evolved, fmt.Sprintf("%s %s", col.Name, col.Type))
	}
	for _, s := range c.sets {
		if s.count > 0 {
			out.Rules = append(out.Rules, s.report())
		}
	}
	out.Rules = append(out.Rules, c.table.judge(c.spec, n.Accepted)...)
	out.NotJudged = notJudged(c.spec)
	sortRules(out.Rules)
	out.Verdict = c.verdict()
}

// verdict judges by the contract's own words: what fails a load breaks it, and
// other records at fault do beyond the tolerance, which is none where the contract
// sets none.
func (c *checker) verdict() outcome.Verdict {
	for _, r := range c.out.Rules {
		if r.Outcome == "failed" {
			return outcome.Broken
		}
	}
	atFault := c.out.AtFault()
	switch {
	case atFault == 0 && (c.spec.Contract.OnViolation != contract.Warn || c.out.Tolerance == ""):
		return outcome.Holds
	case executor.Tolerates(c.spec.Contract, c.counts):
		if atFault == 0 && c.out.Warned == 0 {
			return outcome.Holds
		}
		return outcome.Tolerated
	}
	return outcome.Broken
}

// handler is the first stage's side of a source's reading.
type handler struct {
	*checker
	ctx    context.Context
	events chan any
	fault  error // that a source told instead of returning it
}

func (h *handler) send(v any) error {
	select {
	case h.events <- v:
		return nil
	case <-h.ctx.Done():
		return context.Cause(h.ctx)
	}
}

func (h *handler) Schema(connector.StreamSchema) error { return nil }
func (h *handler) Records(r *connector.Records) error  { return h.send(r) }
func (h *handler) Fault(f connector.Fault) error       { return h.send(f) }
func (h *handler) Checkpoint(json.RawMessage) error    { return h.ctx.Err() }

// Diagnose passes a warning on. That no file matches is a fault here: whoever
// checks wants something checked.
func (h *handler) Diagnose(d *diag.Diagnostic) {
	if d.Code == diag.FileNoMatch {
		h.fault = diag.New(diag.CheckInput, "%s.", d.Detail)
		return
	}
	if h.spec.Diagnose != nil {
		h.spec.Diagnose(d)
	}
}
