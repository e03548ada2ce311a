// Package connector is what the executor asks of the systems at both ends of a
// pipeline. A Source hands over raw records in batches; a Destination stages
// typed Arrow batches, audits them and publishes them in one transaction. Each
// connector stands in a package of its own below this one.
package connector

import (
	"context"
	"encoding/json"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// Records is a batch of raw records of one stream: JSON texts, one after the
// other in Data. Record i is Data[Start[i]:End[i]] and was found at line (or
// ordinal) Line[i] of Origin, counted from 1. The texts are what the source
// held, valid JSON or not.
type Records struct {
	Stream string
	Data   []byte
	Start  []int
	End    []int
	Line   []int64
	Origin string // the file's path, or the tap's address
	// Untyped says that every scalar is text because the format knows no types
	// (CSV): numbers, booleans and times are then read from text under every
	// coercion mode.
	Untyped bool
	// Tabular says that every record has every member because the source is a table
	// (CSV, Parquet): a null stands for an absent one too.
	Tabular bool
	// Consumed is how many bytes of the source were read for these records, in the
	// unit of WaitingFile.Bytes: compressed where the file is. Progress is told by
	// it. A Parquet file's is an estimate, and all of a file never above its size.
	Consumed int64
	// Deleted, when not nil, marks records that tell of a deletion.
	Deleted []bool
	release func()
}

// Len returns the number of records.
func (r *Records) Len() int { return len(r.Start) }

// OnRelease sets what Release calls, for sources that pool their buffers.
func (r *Records) OnRelease(f func()) { r.release = f }

// Release gives the buffers back to the source. Nothing of r may be used
// afterwards. It may be called once.
func (r *Records) Release() {
	if r.release != nil {
		r.release()
	}
}

// Handler takes what a source reads, in order. Every method blocks while the
// stages behind it are busy, and returns an error when the run is over: the
// source must then stop and return that error.
type Handler interface {
	// Schema tells the columns that a stream's records have from here on.
	Schema(stream StreamSchema) error
	// Records hands over a batch; the handler releases it.
	Records(r *Records) error
	// Checkpoint says that everything handed over so far belongs to bookmark:
	// a run that starts from it continues behind them. It is opaque JSON.
	Checkpoint(bookmark json.RawMessage) error
	// Diagnose hands over a warning, or a fault of one record that is no record
	// (a line that is not JSON in a Singer stream): see Fault.
	Diagnose(d *diag.Diagnostic)
	// Fault reports a piece of input that cannot be a record of its stream. It
	// counts as a record read and rejected. Stream may be "" when unknown.
	Fault(f Fault) error
}

// Fault is a piece of input that is not a record.
type Fault struct {
	Stream string
	Origin string
	Line   int64
	Rule   string // contract.RecordJSON or contract.RecordSchema
	Text   string // why
	Raw    []byte // as found, may be cut
}

// StreamSchema is what a source says of a stream.
type StreamSchema struct {
	Stream      string
	Columns     []SourceColumn // in the source's order
	Key         []string
	Replication string // full_table, incremental, log_based, or "" where unknown
	Cursor      string // the source's replication key, "" where none
}

// SourceColumn is a member of a source's records.
type SourceColumn struct {
	Name     string
	Type     types.Type // types.Any where the source does not say
	Nullable bool
}

// ReadRequest says what to read.
type ReadRequest struct {
	Streams    []StreamRequest
	Bookmark   json.RawMessage // where to go on; nil from the beginning
	BatchRows  int             // at most so many records a batch; 0: the source's default
	BatchBytes int             // hand over a batch at about so many bytes; 0: the source's default
}

// StreamRequest is a stream to read and how its rows are written.
type StreamRequest struct {
	Stream  string         // the source's name for it
	Write   string         // append, replace or merge: under append a file that was rewritten is an error
	Cursor  string         // the column of incremental replication, "" for a full read
	Columns []SourceColumn // what the contract expects; Singer's schema = "contract" needs it
	Fresh   bool           // read this stream from its beginning, whatever the bookmark says of it
}

// Source reads records. Its methods may be called from one goroutine at a time.
type Source interface {
	// Discover lists the streams and their columns without reading all data.
	Discover(ctx context.Context) ([]StreamSchema, error)
	// Read hands over everything behind the bookmark and returns when there is
	// no more. It ends each file or session with a Checkpoint. When ctx is
	// cancelled it stops at the next record boundary and returns ctx.Err().
	Read(ctx context.Context, req ReadRequest, h Handler) error
	// Close frees processes and files. It may be called once, after Read.
	Close() error
}

// Waiting is what a source that can look ahead (files) finds beyond a bookmark.
type Waiting struct {
	New       []WaitingFile
	Grown     []WaitingFile
	Rewritten []WaitingFile
	Gone      []string
}

// WaitingFile is a file and how many of its bytes were not read yet.
type WaitingFile struct {
	Path  string
	Bytes int64
}

// Looker is a source that knows, without reading everything, whether data waits.
type Looker interface {
	Look(ctx context.Context, stream StreamRequest, bookmark json.RawMessage) (Waiting, error)
}

// Finisher is a source that can stop early in order: after Finish, Read ends
// at the next place where a checkpoint can be made (the first Ctrl-C).
type Finisher interface{ Finish() }
