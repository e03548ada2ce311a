package duck

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	bind "github.com/duckdb/duckdb-go-bindings"
)

const (
	// waitingBatches is how many batches may wait for the statement.
	waitingBatches = 2
	// patience is how long a statement waits for the next batch before it ends: a
	// slow source must not keep DuckDB's threads from other work. The batch after
	// that begins another statement.
	patience = 100 * time.Millisecond
)

// Inserter inserts Arrow batches into one table, on its connection and in that
// connection's transaction. Unlike an Appender it copies rows once, straight into
// the table's row groups: one INSERT statement runs in the background and fetches
// the batches as it goes. While it does, nothing else may use the connection; Flush
// ends it. One goroutine at a time may use an Inserter.
type Inserter struct {
	conn    *Conn
	db      *DB
	sql     string
	names   []string
	logical []bind.LogicalType
	types   []Type
	threads int
	token   uint64
	self    unsafe.Pointer
	batches chan *lentBatch

	mu      sync.Mutex // over what follows, which DuckDB's threads share
	running *statement // nil where none runs
	current *lentBatch
	from    int          // the first row of current that nobody has taken
	readers []*lentBatch // by reader: the batch that its last chunk points into
}

// statement is a running INSERT.
type statement struct {
	ctx    context.Context
	cancel context.CancelFunc
	end    chan struct{} // closed: no batch follows those that wait
	ended  bool
	done   chan struct{} // closed: err is set, and no thread reads any more
	err    error
}

// lentBatch is a batch while DuckDB may read it.
type lentBatch struct {
	batch   arrow.RecordBatch
	rows    int
	writers []writer
	pinner  runtime.Pinner
	refs    atomic.Int32
}

func (b *lentBatch) drop() {
	if b != nil && b.refs.Add(-1) == 0 {
		b.pinner.Unpin()
		b.batch.Release()
	}
}

// Inserter opens an inserter for a table. With more than one thread the order of
// the rows in the table is not that of the batches.
func (c *Conn) Inserter(ctx context.Context, schema, table string, threads int) (*Inserter, error) {
	i := &Inserter{conn: c, db: c.db, threads: max(threads, 1), batches: make(chan *lentBatch, waitingBatches)}
	target := QuoteIdent(schema) + "." + QuoteIdent(table)
	rows, err := c.Query(ctx, "select * from "+target+" limit 0")
	if err != nil {
		return nil, err
	}
	for k := range rows.types {
		i.logical = append(i.logical, bind.ColumnLogicalType(&rows.res, bind.IdxT(k)))
	}
	i.names, i.types = rows.names, rows.types
	rows.Close()
	var token [8]byte
	_, _ = rand.Read(token[:]) // never fails, by its documentation
	i.token = binary.LittleEndian.Uint64(token[:])
	i.self = pointTo(i)
	i.sql = "insert into " + target + " select * from headgate_feed(" + strconv.FormatUint(i.token, 10) + "::ubigint)"
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	if c.db.inserters == nil {
		c.db.inserters = map[uint64]*Inserter{}
	}
	c.db.inserters[i.token] = i
	return i, nil
}

// inserter returns the inserter of a token, nil for none.
func (d *DB) inserter(token uint64) *Inserter {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inserters[token]
}

// Append hands the batch over. Its columns must be the table's, in order and of
// the types that compiler/types maps to each other; texts must be valid UTF-8. The
// batch is retained until DuckDB has read it, and must not change until then. A
// fault may be one of the batches before.
func (i *Inserter) Append(ctx context.Context, batch arrow.RecordBatch) error {
	if err := i.conn.open(ctx, ""); err != nil {
		return err
	}
	if batch.NumRows() == 0 {
		return nil
	}
	b, err := i.lend(batch)
	if err != nil {
		return i.conn.fault(ctx, err)
	}
	for {
		run := i.start()
		select {
		case i.batches <- b:
			return nil
		case <-run.done:
			if err := i.over(); err != nil {
				b.drop()
				return i.conn.fault(ctx, err)
			}
		case <-ctx.Done():
			b.drop()
			i.abort()
			return i.conn.fault(ctx, ctx.Err())
		}
	}
}

// lend checks the batch against the table and pins it.
func (i *Inserter) lend(batch arrow.RecordBatch) (*lentBatch, error) {
	if int(batch.NumCols()) != len(i.types) {
		return nil, &Error{Type: "Invalid Input", Message: fmt.Sprintf("the batch has %d columns, the table %d", batch.NumCols(), len(i.types))}
	}
	b := &lentBatch{batch: batch, rows: int(batch.NumRows()), writers: make([]writer, len(i.types))}
	for k := range b.writers {
		if err := b.writers[k].bind(&i.types[k], batch.Column(k)); err != nil {
			return nil, &Error{Type: "Mismatch Type", Message: fmt.Sprintf("column %q: %s", batch.ColumnName(k), err)}
		}
	}
	for k := range b.writers {
		b.writers[k].pin(&b.pinner)
	}
	b.refs.Store(1)
	batch.Retain()
	return b, nil
}

// start begins a statement unless one runs.
func (i *Inserter) start() *statement {
	if i.running != nil {
		return i.running
	}
	run := &statement{end: make(chan struct{}), done: make(chan struct{})}
	run.ctx, run.cancel = context.WithCancel(context.Background())
	i.conn.busy = true
	i.mu.Lock()
	i.running = run
	i.mu.Unlock()
	go func() {
		defer close(run.done)
		var prep bind.PreparedStatement
		var res bind.Result
		stop := i.conn.interruptible(run.ctx)
		if run.err = i.conn.prepare(i.sql, &prep); run.err == nil {
			run.err = execute(prep, false, &res)
		}
		stop()
		bind.DestroyResult(&res)
		bind.DestroyPrepare(&prep)
	}()
	return run
}

// over takes note that the statement has ended. With a fault the batches that wait
// are given up.
func (i *Inserter) over() error {
	run := i.running
	run.cancel()
	i.conn.busy = false
	i.mu.Lock()
	defer i.mu.Unlock()
	i.running = nil
	for _, b := range i.readers {
		b.drop()
	}
	i.readers = i.readers[:0]
	if run.err == nil {
		return nil
	}
	i.current.drop()
	i.current = nil
	for {
		select {
		case b := <-i.batches:
			b.drop()
		default:
			return run.err
		}
	}
}

// Flush waits until every batch is in the table. Afterwards the connection is free.
func (i *Inserter) Flush(ctx context.Context) error {
	for i.running != nil || len(i.batches) > 0 {
		run := i.start()
		if !run.ended {
			run.ended = true
			close(run.end)
		}
		select {
		case <-run.done:
			if err := i.over(); err != nil {
				return i.conn.fault(ctx, err)
			}
		case <-ctx.Done():
			i.abort()
			return i.conn.fault(ctx, ctx.Err())
		}
	}
	return nil
}

// abort stops the statement and gives up what it has not read.
func (i *Inserter) abort() {
	if i.running == nil {
		return
	}
	i.running.cancel()
	<-i.running.done
	if i.running.err == nil { // it was over before the interrupt came
		i.running.err = context.Canceled
	}
	_ = i.over() // its fault is that of the interrupt
}

// Close frees the inserter; rows that were not flushed are lost, and with them the
// transaction. A second call does nothing.
func (i *Inserter) Close() {
	if i.self == nil {
		return
	}
	if i.running != nil {
		i.abort()
		_ = i.conn.fault(context.Background(), context.Canceled)
	}
	i.db.mu.Lock()
	delete(i.db.inserters, i.token)
	i.db.mu.Unlock()
	for k := range i.logical {
		bind.DestroyLogicalType(&i.logical[k])
	}
	forget(i.self)
	i.self = nil
}

// newReader makes the place of one more thread that reads.
func (i *Inserter) newReader() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.readers = append(i.readers, nil)
	return len(i.readers) - 1
}

// fill writes the next rows into a chunk, none at the end.
func (i *Inserter) fill(reader int, chunk bind.DataChunk) error {
	b, from, n := i.take(reader)
	if b != nil {
		for k := range b.writers {
			if err := b.writers[k].write(bind.DataChunkGetVector(chunk, bind.IdxT(k)), from, n, nil); err != nil {
				return err
			}
		}
	}
	bind.DataChunkSetSize(chunk, bind.IdxT(n))
	return nil
}

// take gives a reader its next rows. What it had before is read by now.
func (i *Inserter) take(reader int) (b *lentBatch, from, n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.readers[reader].drop()
	i.readers[reader] = nil
	if i.current != nil && i.from == i.current.rows {
		i.current.drop()
		i.current = nil
	}
	if i.current == nil {
		if i.current, i.from = i.wait(), 0; i.current == nil {
			return nil, 0, 0
		}
	}
	b, from, n = i.current, i.from, min(vectorSize, i.current.rows-i.from)
	i.from += n
	b.refs.Add(1)
	i.readers[reader] = b
	return b, from, n
}

// wait returns the next batch; nil where none follows, or none comes for a while.
func (i *Inserter) wait() *lentBatch {
	select {
	case b := <-i.batches:
		return b
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	run := i.running
	select {
	case b := <-i.batches:
		return b
	case <-run.ctx.Done():
		return nil
	case <-timer.C:
		return nil
	case <-run.end:
	}
	select { // a batch that was there before the end was told
	case b := <-i.batches:
		return b
	default:
		return nil
	}
}
