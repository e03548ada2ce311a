package infer

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// errEnough ends a source's reading when the sample is full.
var errEnough = errors.New("the sample is full")

// Read hands the first limit records of a source's stream to take, batch by batch,
// all of them where limit is negative; take is told how many of a batch count. It
// returns how many pieces of input were no record at all.
func Read(ctx context.Context, src connector.Source, stream string, limit int64, take func(r *connector.Records, n int64) error) (faults int64, diags diag.Diagnostics) {
	h := &reading{left: limit, take: take}
	err := src.Read(ctx, connector.ReadRequest{Streams: []connector.StreamRequest{{Stream: stream, Write: "replace", Fresh: true}}}, h)
	if errors.Is(err, errEnough) {
		err = nil
	}
	h.diags.AddError(err, diag.SourceFailed, "The source could not be read")
	return h.faults, h.diags
}

// reading is the handler of Read.
type reading struct {
	left   int64 // records to take, negative for all
	take   func(*connector.Records, int64) error
	faults int64
	diags  diag.Diagnostics
}

func (h *reading) Schema(connector.StreamSchema) error { return nil }

func (h *reading) Records(r *connector.Records) error {
	defer r.Release()
	n := int64(r.Len())
	if h.left >= 0 {
		n = min(n, h.left)
		h.left -= n
	}
	if err := h.take(r, n); err != nil {
		return err
	}
	if h.left == 0 {
		return errEnough
	}
	return nil
}

func (h *reading) Checkpoint(json.RawMessage) error { return nil }

func (h *reading) Diagnose(d *diag.Diagnostic) { h.diags.Add(d) }

func (h *reading) Fault(connector.Fault) error {
	h.faults++
	return nil
}
