// Package enforce stands between a source and a destination: it takes raw JSON
// records and returns the rows that keep their contract, as typed Arrow batches,
// and what became of the others.
//
// A batch is worked on in chunks of some hundred records. The scanner walks over
// each record once and notes where the members stand that somebody asks for;
// the columns are then read, mapped and checked one after the other, each in one
// loop over the chunk. Nothing is allocated for a record.
package enforce

import (
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/checksum"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

// The values of Spec.QuarantineRaw.
const (
	RawFull   = contract.RawFull
	RawMasked = contract.RawMasked
	RawNone   = contract.RawNone
)

// Spec says what to hold a stream's records to.
type Spec struct {
	Address  string // of the stream, canonical; it stands in rejects
	Contract *contract.Contract
	Map      *program.Map      // nil for none
	Evolved  []contract.Column // columns that unknown_columns = "evolve" added before
	Timezone *time.Location    // of times that name no zone; nil is UTC
	Now      time.Time         // what now_at_load() gives
	// QuarantineRaw is RawFull, RawMasked or RawNone; "" is RawMasked where
	// personal data is tagged, else RawFull.
	QuarantineRaw string
	// Examples is how many examples of each rule are kept; 0 means five.
	Examples int
	// Inspect is for looking at data rather than loading it: a violation that ends
	// the run counts its record as quarantined instead, every record at fault has its
	// Reject, those dropped too, and batches tell which records they accepted.
	Inspect bool
}

// Enforcer enforces the contract of one stream during one run. Its methods may
// be called from one goroutine at a time; a Batch may be released from another.
type Enforcer struct {
	spec    Spec
	raw     string // one of the Raw constants
	rules   []rule
	columns []*column // the contract's, then evolved ones
	named   map[string]*column
	folded  map[string]bool // names of all columns in lower case
	inputs  []*input
	filter  *expression
	checks  []rowCheck
	rest    *residue // nil where columns say all of the contract
	reader  reader
	slots   slots
	masks   *maskNode
	keep    *vec.Vec // _extra, nil without keep_json

	jsonRule, unknownRule, filterRule int32

	unknown []int64 // by member of the root: how often it came
	others  int64   // members whose names were too many to learn
	schema  *arrow.Schema
	added   []connector.Column // by evolve, in the batch at work

	chunk
	fork   bool // see Fork
	hasher checksum.Hasher
	mu     sync.Mutex
	free   [][]*vec.Vec // memory that released batches gave back
}

// chunk is the state of the records that are being worked on.
type chunk struct {
	records    *connector.Records
	data       []byte
	base       int // index of the chunk's first record
	n          int
	out        vec.Bitmap // rows that are out: no JSON, or filtered
	anyOut     bool
	violations []violation
	sorted     []violation // scratch of sortByRow
	ends       []int32     // the same
	notes      []note
	acts       []uint8 // by row: bits of the actions asked for
	all        bool    // every row of the chunk is accepted
	sel        []int32 // else these
	runs       []run   // the same as stretches
	bad        []int32
	text       []byte
}

// Batch is what came of one Records. Rows is nil where the batch came from Fault.
type Batch struct {
	Rows     arrow.RecordBatch
	Rejects  []connector.Reject
	Checksum connector.Checksum // of Rows
	Counts   Counts
	// NewColumns are to be added to the table before Rows are appended, which
	// have them already (unknown_columns = "evolve").
	NewColumns []connector.Column
	// Index says, under Spec.Inspect, which record each of Rows was, in order.
	Index   []int32
	columns []*vec.Vec
	found   *findings // of a fork
	release func()
}

// Release gives the memory of Rows back, once nobody else retains them. Nothing of
// Rows may be used afterwards. It may be called from any goroutine, once.
func (b *Batch) Release() {
	if b.release != nil {
		b.release()
		b.release = nil
	}
}

// AppendValue appends the value of a column in one of Rows as JSON text. It may
// be called until Release.
func (b *Batch) AppendValue(dst []byte, column, row int) []byte {
	return appendValue(dst, b.columns[column], row)
}

// Counts says what became of records: Read = Accepted + Quarantined + Dropped +
// Filtered. Annotated and Warned are among those accepted.
type Counts struct {
	Read        int64 `json:"read"`
	Accepted    int64 `json:"accepted"`
	Quarantined int64 `json:"quarantined"`
	Dropped     int64 `json:"dropped"`
	Filtered    int64 `json:"filtered"`
	Annotated   int64 `json:"annotated"`
	Warned      int64 `json:"warned"`
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Read += o.Read
	c.Accepted += o.Accepted
	c.Quarantined += o.Quarantined
	c.Dropped += o.Dropped
	c.Filtered += o.Filtered
	c.Annotated += o.Annotated
	c.Warned += o.Warned
}

// Stop is the error of a batch that holds a violation which ends the run. The
// batch's rows must not be published.
type Stop struct {
	Rejects []connector.Reject // the records at fault, at most the first five
	Diag    *diag.Diagnostic
	found   *findings // of a fork
}

// Error returns the diagnostic's text.
func (s *Stop) Error() string { return s.Diag.Error() }

// Unwrap returns the diagnostic.
func (s *Stop) Unwrap() error { return s.Diag }

// How many records are worked on at a time: few enough for their text and columns
// to stay in the second-level cache, enough to spread what a column costs by
// itself, and whole words of a bitmap.
const (
	maxChunkRows = 1024
	minChunkRows = 64
	chunkCells   = 16 << 10 // rows times columns
)

// chunkRows is the number of records of a chunk for so many columns.
func chunkRows(columns int) int {
	rows := chunkCells / max(columns, 1) / minChunkRows * minChunkRows
	return min(max(rows, minChunkRows), maxChunkRows)
}

// batchCells is how many values a batch has at most, nulls included: some tens of
// megabytes of numbers.
const batchCells = 4 << 20

// BatchRows is how many records a source should hand over at a time to a contract
// of so many columns. Records that leave most of them out are short, and a batch
// of bytes alone would hold too many.
func BatchRows(columns int) int { return max(batchCells/max(columns, 1), maxChunkRows) }

// maxBatchBytes is what the 32-bit offsets of a batch can tell apart.
const maxBatchBytes = 1 << 31

// Columns returns the columns of the batches to come: the contract's in order,
// evolved ones, and _extra under keep_json.
func (e *Enforcer) Columns() []connector.Column {
	out := make([]connector.Column, 0, len(e.columns)+1)
	for _, c := range e.columns {
		out = append(out, c.describe())
	}
	if e.keep != nil {
		out = append(out, connector.Column{Name: contract.ExtraColumn, Type: e.keep.Type, Nullable: true})
	}
	return out
}

// Schema returns the Arrow schema of Columns.
func (e *Enforcer) Schema() *arrow.Schema {
	if e.schema == nil {
		var fields []arrow.Field
		for _, c := range e.Columns() {
			fields = append(fields, arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: c.Nullable})
		}
		e.schema = arrow.NewSchema(fields, nil)
	}
	return e.schema
}

// Enforce holds the records to the contract. It keeps nothing of r. The error
// is a *Stop under on_violation = "fail" or unknown_columns = "fail", or a
// diagnostic: a batch too large, or a bug.
func (e *Enforcer) Enforce(r *connector.Records) (*Batch, error) {
	if len(r.Data) >= maxBatchBytes {
		return nil, diag.New(diag.BatchTooLarge, "A batch of %d bytes came from %s; at most %d are worked on at a time. Set a smaller batch { bytes = ... } on the pipeline.", len(r.Data), r.Origin, maxBatchBytes-1)
	}
	e.setUntyped(r.Untyped)
	e.added = nil
	b := &Batch{Counts: Counts{Read: int64(r.Len())}}
	cols := e.takeColumns()
	e.records, e.data = r, r.Data
	defer func() { e.records, e.data = nil, nil }()
	if e.fork {
		e.slots.root.each((*node).forget)
	}
	var stop *Stop
	rows := chunkRows(len(e.columns))
	for e.base = 0; e.base < r.Len(); e.base += rows {
		e.n = min(rows, r.Len()-e.base)
		e.scan()
		e.dropFiltered()
		e.fillColumns()
		e.settleExtras()
		e.checkRows()
		e.checkSchema()
		stop = e.settle(b, stop)
		cols = e.appendAccepted(cols, int(b.Counts.Accepted))
	}
	if e.fork {
		b.found = e.takeFindings()
	}
	if stop != nil {
		e.giveColumns(cols)
		stop.found = b.found
		return nil, stop
	}
	return b, e.finish(b, cols)
}

// scan scans the chunk's records.
func (e *Enforcer) scan() {
	e.out = e.out.Sized(e.n)
	e.out.Fill(false)
	e.anyOut = false
	e.violations, e.notes, e.reader.extras = e.violations[:0], e.notes[:0], e.reader.extras[:0]
	e.reader.clear(e.n)
	for row := range e.n {
		start, end := e.records.Start[e.base+row], e.records.End[e.base+row]
		extras := len(e.reader.extras)
		at, f := e.reader.record(e.data, start, end, row)
		if f == scan.OK {
			continue
		}
		e.reader.forget(row)
		e.reader.extras = e.reader.extras[:extras]
		e.noteHit(row, e.jsonRule, note{message: jsonMessage(f, at-start)})
		e.out.Set(row)
		e.anyOut = true
	}
}

// noteHit notes a violation with a message of its own.
func (e *Enforcer) noteHit(row int, rule int32, n note) {
	if e.out.Get(row) {
		return
	}
	e.notes = append(e.notes, n)
	e.violations = append(e.violations, violation{row: int32(row), rule: rule, slot: fromNote, note: int32(len(e.notes) - 1)})
}
