package singer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// session is one run of the tap.
type session struct {
	*Source
	h       connector.Handler
	req     connector.ReadRequest
	rows    int
	bytes   int
	streams map[string]*stream
	order   []*stream // as requested
	others  map[string]bool
	warned  map[string]bool // message types that were skipped
	env     envelope
	// state is the last STATE; fresh says that no checkpoint was made of it yet.
	state json.RawMessage
	fresh bool
	// held counts the rows and bytes that are not handed over yet.
	heldRows, heldBytes int
	lastMark            time.Time
}

// stream is one requested stream.
type stream struct {
	req    connector.StreamRequest
	ready  bool // its schema is known, or need not be
	spoken bool // the tap spoke of it
	keys   []string
	schema []byte // the raw SCHEMA message's parts that were told last
	batch  *connector.Records
	// upTo is how many records of the batch came before the last STATE.
	upTo int
}

// A STATE becomes a checkpoint when so much is held or so long has passed since
// the last one; otherwise it waits, and a later STATE may take its place. What
// came before a waiting STATE is never handed over together with what came after.
const (
	checkpointBytes = 1 << 20
	checkpointAfter = time.Second
)

// Read runs the tap and hands over what it sends. A STATE covers everything
// before it, so the batches of all streams are handed over, then the checkpoint
// is made. When the tap ends well, a last checkpoint covers the rest; when it
// fails, rows behind its last STATE are not covered. Streams that were not asked
// for are skipped.
func (s *Source) Read(ctx context.Context, req connector.ReadRequest, h connector.Handler) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &session{
		Source: s, h: h, req: req, streams: map[string]*stream{}, others: map[string]bool{}, warned: map[string]bool{}, lastMark: time.Now(),
		rows: cmp.Or(max(req.BatchRows, 0), defaultRows), bytes: cmp.Or(max(req.BatchBytes, 0), defaultBytes),
	}
	for _, q := range req.Streams {
		st := &stream{req: q, ready: s.spec.Source.Schema != fromMessages}
		r.streams[q.Stream] = st
		r.order = append(r.order, st)
	}
	files, more, err := r.arguments(ctx)
	if err != nil {
		return err
	}
	p, err := s.start(ctx, files, more...)
	if err != nil {
		return err
	}
	return r.run(ctx, p)
}

// run reads the tap's output to its end and judges how it ended.
func (r *session) run(ctx context.Context, p *process) error {
	finished, err := r.messages(ctx, p)
	stopped := err != nil || finished
	if stopped {
		p.end()
	}
	exit := p.wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case finished:
		return nil
	case err != nil:
		return r.salvage(err)
	case exit != nil:
		return r.salvage(r.fault(diag.TapFailed, "%s: %s", r.secrets.strike(strings.Join(p.cmd.Args[:1], " ")), p.describe()))
	}
	if err := r.flush(); err != nil {
		return err
	}
	for _, st := range r.order {
		if !st.spoken {
			r.h.Diagnose(r.warn(diag.TapStreamMissing, "the tap never spoke of the stream %q%s", st.req.Stream, r.spokeOf()))
		}
	}
	return r.mark()
}

func (r *session) spokeOf() string {
	if names := sortedKeys(r.others); len(names) > 0 {
		return "; it spoke of " + strings.Join(names, ", ")
	}
	return ""
}

// salvage makes a checkpoint of a waiting STATE before err ends the run.
func (r *session) salvage(err error) error {
	var d *diag.Diagnostic
	if !errors.As(err, &d) { // the handler's own error: it takes nothing more
		return err
	}
	if r.fresh {
		if err := r.commit(); err != nil {
			return err
		}
	}
	return err
}

// messages handles lines until the output ends. finished says that Finish was
// called and a checkpoint was made.
func (r *session) messages(ctx context.Context, p *process) (finished bool, err error) {
	in := newLineReader(p.out, r.spec.Source.MaxLineBytes)
	for {
		line, err := in.next()
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		switch {
		case err == io.EOF, errors.Is(err, os.ErrDeadlineExceeded): // the latter: the process is gone, and something holds its output open
			return false, nil
		case errors.Is(err, errLineTooLong):
			return false, r.fault(diag.TapLineTooLong, "line %d is longer than %d bytes: set max_line_bytes if such records are meant", in.number, r.spec.Source.MaxLineBytes)
		case err != nil:
			return false, r.fault(diag.TapFailed, "its output cannot be read: %s", err)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := r.message(line, in.number); err != nil {
			return false, err
		}
		if r.finish.Load() && r.env.kind == kindState && !r.fresh {
			return true, nil
		}
	}
}

// message handles one line.
func (r *session) message(line []byte, number int64) error {
	if err := r.env.parse(line); err != nil {
		r.env.kind = kindOther
		return r.refuse("", number, contract.RecordJSON, "the line is no Singer message: "+err.Error(), line)
	}
	switch r.env.kind {
	case kindRecord:
		return r.record(line, number)
	case kindState:
		return r.gotState(line, number)
	case kindSchema:
		return r.gotSchema(line, number)
	case kindBatch:
		return r.fault(diag.TapBatch, "line %d is a BATCH message, which is not built yet: turn batches off in the tap's config", number)
	}
	name := string(r.env.name)
	if !r.warned[name] {
		r.warned[name] = true
		r.h.Diagnose(r.warn(diag.TapMessageSkipped, "messages of the type %q are skipped; the first one is on line %d", name, number))
	}
	return nil
}

// rawOfFault is how much of a faulty line is kept for a look.
const rawOfFault = 4 << 10

// refuse reports a line that is no record.
func (r *session) refuse(stream string, number int64, rule, why string, line []byte) error {
	raw := r.secrets.strike(string(line[:min(len(line), rawOfFault)]))
	return r.h.Fault(connector.Fault{Stream: stream, Origin: r.spec.Address, Line: number, Rule: rule, Text: r.secrets.strike(why), Raw: []byte(raw)})
}

// record takes a RECORD into its stream's batch.
func (r *session) record(line []byte, number int64) error {
	e := &r.env
	if e.stream == nil || e.record == nil {
		return r.refuse(string(e.stream), number, contract.RecordSchema, "a RECORD message without stream or record", line)
	}
	st := r.streams[string(e.stream)]
	if st == nil {
		if !r.others[string(e.stream)] {
			r.others[string(e.stream)] = true
		}
		return nil
	}
	st.spoken = true
	if !st.ready {
		return r.refuse(st.req.Stream, number, contract.RecordSchema, "a RECORD before the SCHEMA of its stream", line)
	}
	for _, key := range st.keys {
		if !e.has(key) {
			return r.refuse(st.req.Stream, number, contract.RecordSchema, "the record lacks the key property "+key, e.record)
		}
	}
	b := st.batch
	if b == nil {
		b = &connector.Records{Stream: st.req.Stream, Origin: r.spec.Address}
		st.batch, st.upTo = b, 0
	}
	start := len(b.Data)
	b.Data = append(b.Data, e.record...)
	b.Start = append(b.Start, start)
	b.End = append(b.End, len(b.Data))
	b.Line = append(b.Line, number)
	r.heldRows++
	r.heldBytes += len(e.record)
	if b.Len() < r.rows && r.heldBytes < r.bytes {
		return nil
	}
	if r.fresh {
		return r.commit()
	}
	return r.flush()
}

// gotState takes a STATE.
func (r *session) gotState(line []byte, number int64) error {
	if r.env.value == nil {
		return r.refuse("", number, contract.RecordJSON, "a STATE message without a value", line)
	}
	if r.spec.Source.State == asNone { // nothing could start from it
		r.fresh = false
		return nil
	}
	r.state, r.fresh = slices.Clone(r.env.value), true
	for _, st := range r.order {
		if st.batch != nil {
			st.upTo = st.batch.Len()
		}
	}
	if r.heldRows >= r.rows/2 || r.heldBytes >= min(checkpointBytes, r.bytes/2) || time.Since(r.lastMark) >= checkpointAfter || r.finish.Load() {
		return r.commit()
	}
	return nil
}

// commit hands over what came before the waiting STATE and makes its checkpoint.
// What came after it stays.
func (r *session) commit() error {
	for _, st := range r.order {
		if st.batch == nil || st.upTo == 0 {
			continue
		}
		whole := st.batch
		st.batch = behind(whole, st.upTo)
		cut := st.upTo
		st.upTo = 0
		whole.Start, whole.End, whole.Line = whole.Start[:cut], whole.End[:cut], whole.Line[:cut]
		whole.Data = whole.Data[:whole.End[cut-1]]
		if err := r.hand(whole); err != nil {
			return err
		}
	}
	return r.mark()
}

// behind copies the records of b from number n on into a batch of their own, nil
// where there are none.
func behind(b *connector.Records, n int) *connector.Records {
	if n == b.Len() {
		return nil
	}
	base := b.Start[n]
	out := &connector.Records{Stream: b.Stream, Origin: b.Origin, Data: bytes.Clone(b.Data[base:]), Line: slices.Clone(b.Line[n:])}
	for i := n; i < b.Len(); i++ {
		out.Start = append(out.Start, b.Start[i]-base)
		out.End = append(out.End, b.End[i]-base)
	}
	return out
}

// flush hands over all batches.
func (r *session) flush() error {
	for _, st := range r.order {
		if err := r.flushOne(st); err != nil {
			return err
		}
	}
	return nil
}

func (r *session) flushOne(st *stream) error {
	b := st.batch
	if b == nil {
		return nil
	}
	st.batch, st.upTo = nil, 0
	return r.hand(b)
}

func (r *session) hand(b *connector.Records) error {
	r.heldRows -= b.Len()
	r.heldBytes -= len(b.Data)
	b.Consumed = int64(len(b.Data))
	return r.h.Records(b)
}

// mark makes a checkpoint of the last STATE, or of the bookmark the run began
// with where the tap sent none.
func (r *session) mark() error {
	raw, err := encodeBookmark(r.state)
	if err != nil {
		return diag.Bug("singer.mark", "%s", err)
	}
	r.fresh, r.lastMark = false, time.Now()
	return r.h.Checkpoint(raw)
}
