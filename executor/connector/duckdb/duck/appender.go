package duck

import (
	"context"
	"fmt"
	"runtime"

	"github.com/apache/arrow-go/v18/arrow"
	bind "github.com/duckdb/duckdb-go-bindings"
)

// flushRows is after how many rows the appender hands over to the table. It
// bounds the appender's own buffer; a table's row groups are made of several.
const flushRows = 16 * 2048

// Appender appends Arrow record batches to one table, on its connection and in
// that connection's transaction. One goroutine at a time may use it.
type Appender struct {
	conn    *Conn
	app     bind.Appender
	chunk   bind.DataChunk
	types   []Type
	writers []writer
	pending int // rows appended since the last flush
}

// Appender opens an appender for a table.
func (c *Conn) Appender(schema, table string) (*Appender, error) {
	if err := c.usable(context.Background(), schema+table); err != nil {
		return nil, err
	}
	a := &Appender{conn: c}
	if bind.AppenderCreateExt(c.conn, "", schema, table, &a.app) != bind.StateSuccess {
		err := errorFromText(bind.AppenderError(a.app))
		bind.AppenderDestroy(&a.app)
		return nil, c.fault(context.Background(), err)
	}
	logical := make([]bind.LogicalType, bind.AppenderColumnCount(a.app))
	for i := range logical {
		logical[i] = bind.AppenderColumnType(a.app, bind.IdxT(i))
		a.types = append(a.types, typeOf(logical[i], 0))
	}
	a.chunk = bind.CreateDataChunk(logical)
	for i := range logical {
		bind.DestroyLogicalType(&logical[i])
	}
	a.writers = make([]writer, len(a.types))
	return a, nil
}

// Append adds the batch's rows. Its columns must be the table's, in order and
// of the types that compiler/types maps to each other; texts must be valid
// UTF-8. The batch is not used after Append returns.
func (a *Appender) Append(ctx context.Context, batch arrow.RecordBatch) error {
	if err := a.conn.open(ctx, ""); err != nil {
		return err
	}
	if err := a.bind(batch); err != nil {
		return a.conn.fault(ctx, err)
	}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	for i := range a.writers {
		a.writers[i].pin(&pinner)
	}
	rows := int(batch.NumRows())
	for from := 0; from < rows; from += vectorSize {
		n := min(vectorSize, rows-from)
		if err := a.appendChunk(ctx, from, n); err != nil {
			return a.conn.fault(ctx, err)
		}
	}
	runtime.KeepAlive(batch)
	return nil
}

// bind checks the batch against the table and points the writers at it.
func (a *Appender) bind(batch arrow.RecordBatch) error {
	if int(batch.NumCols()) != len(a.types) {
		return &Error{Type: "Invalid Input", Message: fmt.Sprintf("the batch has %d columns, the table %d", batch.NumCols(), len(a.types))}
	}
	for i := range a.writers {
		if err := a.writers[i].bind(&a.types[i], batch.Column(i)); err != nil {
			return &Error{Type: "Mismatch Type", Message: fmt.Sprintf("column %q: %s", batch.ColumnName(i), err)}
		}
	}
	return nil
}

// appendChunk writes rows [from, from+n) of the bound batch.
func (a *Appender) appendChunk(ctx context.Context, from, n int) error {
	bind.DataChunkReset(a.chunk)
	for i := range a.writers {
		if err := a.writers[i].write(bind.DataChunkGetVector(a.chunk, bind.IdxT(i)), from, n, nil); err != nil {
			return err
		}
	}
	bind.DataChunkSetSize(a.chunk, bind.IdxT(n))
	if bind.AppendDataChunk(a.app, a.chunk) != bind.StateSuccess {
		return errorFromText(bind.AppenderError(a.app))
	}
	if a.pending += n; a.pending >= flushRows {
		return a.flush(ctx)
	}
	return nil
}

// Flushes reports whether appending n more rows hands rows over to the table, for
// which the connection must be free.
func (a *Appender) Flushes(n int) bool { return a.pending+n >= flushRows }

// Flush hands every row over to the table.
func (a *Appender) Flush(ctx context.Context) error {
	if err := a.conn.usable(ctx, ""); err != nil {
		return err
	}
	if err := a.flush(ctx); err != nil {
		return a.conn.fault(ctx, err)
	}
	return nil
}

func (a *Appender) flush(ctx context.Context) error {
	a.pending = 0
	stop := a.conn.interruptible(ctx)
	state := bind.AppenderFlush(a.app)
	stop()
	if state != bind.StateSuccess {
		return errorFromText(bind.AppenderError(a.app))
	}
	return nil
}

// Close frees the appender; rows that were not flushed are lost. A second call
// does nothing.
func (a *Appender) Close() {
	if a.app.Ptr == nil {
		return
	}
	bind.AppenderClear(a.app)
	bind.AppenderDestroy(&a.app)
	bind.DestroyDataChunk(&a.chunk)
}
