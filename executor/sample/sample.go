// Package sample reads a few records of a stream from its source, holds them to the
// map and the contract as a run would, and loads nothing: no destination is opened,
// no bookmark moves, and a tap is ended as soon as there are enough.
package sample

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/impact"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// Spec says what to sample.
type Spec struct {
	Program  *program.Program
	Prior    *state.Snapshot
	Plan     *plan.Plan     // its runs are sampled
	Also     []addr.Address // and these streams
	Records  int64          // of each stream, at most
	Examples string         // one of impact's
	Env      executor.Env
}

// beyond is how many records of streams that have enough are read, for each that a
// stream asks for, while another one of the same session still waits for its own.
const beyond = 20

// errEnough ends a source's reading.
var errEnough = errors.New("there are enough records")

// stream is one stream at work.
type stream struct {
	node     *program.Node
	contract *contract.Contract
	source   string // the source's name of it
	fresh    bool
	from     json.RawMessage
	enforcer *enforce.Enforcer
	counts   enforce.Counts
	evolved  []connector.Column
	schema   *connector.StreamSchema // what the source announces, nil where it does not
	full     bool
	out      *outcome.Sample
}

// Run samples the streams, those of a pipeline in one session, sorted by address.
// What cannot be sampled is a warning, and its sample has the reason.
func Run(ctx context.Context, spec Spec) ([]outcome.Sample, diag.Diagnostics) {
	var diags diag.Diagnostics
	out := []outcome.Sample{}
	for _, pipe := range spec.Program.Nodes {
		if pipe.Pipeline == nil {
			continue
		}
		list, err := spec.streams(pipe)
		if err == nil && len(list) > 0 {
			err = spec.session(ctx, pipe, list)
		}
		if ctx.Err() != nil {
			return nil, append(diags, diag.New(diag.SampleOpen, "The sample of %s was stopped before its end.", pipe.Address).For(pipe.Address.String()))
		}
		if err != nil {
			warned := *diag.FromError(err, diag.SampleOpen, "A stream could not be sampled")
			warned.Severity = diag.Warning
			diags.Add(warned.For(pipe.Address.String()))
		}
		for _, s := range list {
			s.finish(spec)
			if err != nil {
				s.out.Error = diag.FromError(err, diag.SampleOpen, "").Detail
			}
			out = append(out, *s.out)
		}
	}
	return out, diags
}

// streams are those of a pipeline that are to be sampled.
func (spec *Spec) streams(pipe *program.Node) ([]*stream, error) {
	var out []*stream
	for _, n := range spec.Program.Nodes {
		if n.Stream == nil || n.Address.Base() != pipe.Address || !spec.wants(n.Address) {
			continue
		}
		c, ok := spec.Program.Lookup(n.Stream.Contract)
		if !ok || c.Contract == nil {
			return nil, diag.Bug("sample.streams", "%s has no contract", n.Address)
		}
		s := &stream{node: n, contract: c.Contract, source: n.Stream.From}
		if s.source == "" {
			s.source = n.Address.Stream
		}
		rng := c.Contract.Range
		s.out = &outcome.Sample{Stream: n.Address.String(), Contract: c.Address.String(), Asked: spec.Records, Tolerance: c.Contract.Tolerance,
			Rules: []outcome.RuleReport{}, Schema: []outcome.SchemaDifference{}, Range: &rng}
		spec.start(s)
		out = append(out, s)
	}
	return out, nil
}

// wants reports whether a stream is to be sampled: it runs, or is asked for.
func (spec *Spec) wants(a addr.Address) bool {
	return slices.Contains(spec.Also, a) || slices.ContainsFunc(spec.Plan.Steps, func(s *plan.Step) bool {
		run, ok := s.Do.(*plan.RunPipeline)
		return ok && slices.Contains(run.Streams, a)
	})
}

// start finds where a stream would go on.
func (spec *Spec) start(s *stream) {
	was := spec.Prior.Nodes[s.node.Address.String()]
	s.fresh = was == nil || was.Data == nil || s.node.Stream.Write == "replace" || slices.ContainsFunc(spec.Plan.Steps, func(step *plan.Step) bool {
		p, ok := step.Do.(*plan.PrepareStream)
		return ok && p.Fresh && step.Address == s.node.Address
	})
	if !s.fresh {
		s.from = was.Data.Bookmark
		s.out.From = s.from
	}
}

// session reads the streams of a pipeline from its source.
func (spec *Spec) session(ctx context.Context, pipe *program.Node, list []*stream) error {
	src, ok := spec.Program.Lookup(pipe.Pipeline.From)
	if !ok {
		return diag.Bug("sample.session", "%s has no source", pipe.Address)
	}
	zone := time.UTC
	if sg := src.Source.Singer; sg != nil && sg.Timezone != "" {
		var err error
		if zone, err = time.LoadLocation(sg.Timezone); err != nil {
			return diag.Bug("sample.session", "timezone %q: %v", sg.Timezone, err)
		}
	}
	h := &handler{spec: spec, list: list, left: beyond * spec.Records}
	req := connector.ReadRequest{BatchRows: int(min(spec.Records, 4096))}
	for _, s := range list {
		if err := s.prepare(spec, zone); err != nil {
			return err
		}
		if !s.fresh {
			req.Bookmark = s.from
		}
		q := connector.StreamRequest{Stream: s.source, Write: s.node.Stream.Write, Cursor: s.node.Stream.Cursor, Fresh: s.fresh}
		for _, c := range executor.ExpectedOf(s.node.Stream, s.contract) {
			q.Columns = append(q.Columns, connector.SourceColumn{Name: c.Name, Type: c.Type, Nullable: !c.Required})
		}
		if !slices.ContainsFunc(req.Streams, func(x connector.StreamRequest) bool { return x.Stream == q.Stream }) {
			req.Streams = append(req.Streams, q)
		}
	}
	return spec.read(ctx, src, req, h)
}

// read opens the source, asks a source of files for its columns, and reads.
func (spec *Spec) read(ctx context.Context, n *program.Node, req connector.ReadRequest, h *handler) error {
	src, done, err := executor.OpenSource(ctx, n, spec.Program.Environment, spec.Env)
	if err != nil {
		return err
	}
	defer done()
	if n.Source.File != nil {
		h.discover(ctx, src)
	}
	err = src.Read(ctx, req, h)
	if errors.Is(err, errEnough) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, s := range h.list {
		s.out.Whole = !s.full
	}
	return nil
}

// prepare makes the stream's enforcer.
func (s *stream) prepare(spec *Spec, zone *time.Location) error {
	var evolved []contract.Column
	if was := spec.Prior.Nodes[s.node.Address.String()]; was != nil {
		for _, c := range was.Evolved {
			if _, declared := s.contract.Column(c.Name); !declared {
				evolved = append(evolved, c)
			}
		}
	}
	examples := impact.Examples
	if spec.Examples == impact.ExamplesNone {
		examples = -1
	}
	e, diags := enforce.New(enforce.Spec{Address: s.node.Address.String(), Contract: s.contract, Map: s.node.Stream.Map, Evolved: evolved, Timezone: zone,
		Now: spec.Env.Now(), Examples: examples, Inspect: true, QuarantineRaw: enforce.RawNone})
	s.enforcer = e
	return diags.Err()
}

// finish writes what was found into the stream's report.
func (s *stream) finish(spec Spec) {
	if s.enforcer == nil {
		s.out.Verdict = outcome.Holds
		return
	}
	out, n := s.out, s.counts
	out.Read, out.Accepted, out.Quarantined, out.Dropped = n.Read, n.Accepted, n.Quarantined, n.Dropped
	out.Filtered, out.Annotated, out.Warned = n.Filtered, n.Annotated, n.Warned
	sum := s.enforcer.Summary()
	rules, unknown := sum.Report()
	out.Rules, out.Unknown = append(out.Rules, rules...), unknown
	if spec.Examples != impact.ExamplesFull { // where they stand names them; what they hold does not leave the house
		for i := range out.Rules {
			for k := range out.Rules[i].Examples {
				out.Rules[i].Examples[k].Value = ""
			}
		}
	}
	for _, c := range s.evolved {
		out.Evolved = append(out.Evolved, c.Name+" "+c.Type.String())
	}
	if s.schema != nil {
		out.Schema = append(out.Schema, differences(s.node.Stream, s.contract, *s.schema)...)
	}
	out.NotJudged = overTable(s.contract, s.node.Stream.Write)
	out.Verdict, out.Why = s.verdict()
}

// overTable names the promises over the whole table.
func overTable(c *contract.Contract, write string) []string {
	var out []string
	if len(c.Key) > 0 && write != "merge" {
		out = append(out, contract.RecordKey)
	}
	for i := range c.Columns {
		if c.Columns[i].Unique {
			out = append(out, contract.ColumnRule(c.Columns[i].Name, contract.RuleUnique))
		}
	}
	return append(out, c.BeyondTests()...)
}

// verdict judges as a run does: by what fails it, by the tolerance, and without one
// by whether any record was accepted.
func (s *stream) verdict() (outcome.Verdict, string) {
	bad := s.counts.Quarantined + s.counts.Dropped + s.counts.Annotated
	if s.contract.OnViolation == contract.Warn {
		bad += s.counts.Warned
	}
	for _, r := range s.out.Rules {
		if r.Outcome == "failed" {
			return outcome.Broken, "a record at fault fails the run, and nothing is published"
		}
	}
	switch {
	case s.contract.Tolerance != "" && !executor.Tolerates(s.contract, s.counts):
		return outcome.Broken, fmt.Sprintf("%d of %d records are at fault, and the contract tolerates %s: nothing is published", bad, s.counts.Read, s.contract.Tolerance)
	case s.contract.Tolerance == "" && s.counts.Accepted == 0 && bad > 0:
		return outcome.Broken, "no record is accepted: nothing is published"
	case bad > 0:
		return outcome.Tolerated, ""
	default:
		return outcome.Holds, ""
	}
}
