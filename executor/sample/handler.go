package sample

import (
	"context"
	"encoding/json"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// handler takes what the source reads until every stream has enough.
type handler struct {
	spec *Spec
	list []*stream
	left int64 // records of full streams that are still passed over
	deaf bool  // what the source announces while it reads is known better already
	done bool
}

// discover asks a source of files for its columns: it looks at records for their
// types. Where it cannot, what it announces while it reads has to do.
func (h *handler) discover(ctx context.Context, src connector.Source) {
	found, err := src.Discover(ctx)
	if err != nil {
		h.spec.Env.Log.Info("the columns of the files could not be told", "error", err)
		return
	}
	for _, v := range found {
		for _, s := range h.list {
			if v.Stream == s.source || len(found) == 1 {
				s.announce(v)
				h.deaf = true
			}
		}
	}
}

// enough ends the reading where every stream is full, or where the others have
// waited long enough for their turn.
func (h *handler) enough() error {
	for _, s := range h.list {
		if !s.full && h.left > 0 {
			return nil
		}
	}
	h.done = true
	return errEnough
}

func (h *handler) Schema(v connector.StreamSchema) error {
	if h.done {
		return errEnough
	}
	for _, s := range h.list {
		if s.source == v.Stream && !h.deaf {
			s.announce(v)
		}
	}
	return nil
}

// announce keeps what a source says of a stream. Of several announcements, as those
// of several files, every column counts, with its first type.
func (s *stream) announce(v connector.StreamSchema) {
	if s.schema == nil {
		s.schema = &connector.StreamSchema{Stream: v.Stream}
	}
	for _, c := range v.Columns {
		known := false
		for _, have := range s.schema.Columns {
			known = known || have.Name == c.Name
		}
		if !known {
			s.schema.Columns = append(s.schema.Columns, c)
		}
	}
}

func (h *handler) Records(r *connector.Records) error {
	defer r.Release()
	if h.done {
		return errEnough
	}
	for _, s := range h.list {
		if s.source != r.Stream {
			continue
		}
		left := h.spec.Records - s.counts.Read
		if left < int64(r.Len()) {
			h.left -= int64(r.Len()) - left
			s.full = true // there is one more than was asked for
		}
		if left <= 0 {
			continue
		}
		b, err := s.enforcer.Enforce(head(r, left))
		if err != nil {
			return err
		}
		s.counts.Add(b.Counts)
		s.evolved = append(s.evolved, b.NewColumns...)
		b.Release()
	}
	return h.enough()
}

// head is the first n records of a batch, which keeps its memory.
func head(r *connector.Records, n int64) *connector.Records {
	if n >= int64(r.Len()) {
		return r
	}
	out := &connector.Records{Stream: r.Stream, Data: r.Data, Start: r.Start[:n], End: r.End[:n], Origin: r.Origin, Untyped: r.Untyped, Tabular: r.Tabular}
	if r.Line != nil {
		out.Line = r.Line[:n]
	}
	if r.Deleted != nil {
		out.Deleted = r.Deleted[:n]
	}
	return out
}

func (h *handler) Fault(f connector.Fault) error {
	if h.done {
		return errEnough
	}
	told := false
	for _, s := range h.list {
		// A fault whose stream is unknown counts once, on the first.
		if s.source != f.Stream && (f.Stream != "" || told) || s.counts.Read >= h.spec.Records {
			continue
		}
		told = true
		b, err := s.enforcer.Fault(f)
		if err != nil {
			return err
		}
		s.counts.Add(b.Counts)
	}
	return nil
}

// Checkpoint throws the bookmark away.
func (h *handler) Checkpoint(json.RawMessage) error {
	if h.done {
		return errEnough
	}
	return nil
}

func (h *handler) Diagnose(d *diag.Diagnostic) {
	h.spec.Env.Log.Warn(d.Summary, "code", string(d.Code), "detail", d.Detail, "address", d.Address)
}
