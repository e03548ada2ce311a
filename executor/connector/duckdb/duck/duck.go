// Package duck is a thin layer over DuckDB's C API: databases, connections,
// transactions that know when they are broken, results by data chunks, and an
// appender that takes Arrow record batches. Texts of SQL that hold a NUL byte
// are refused, because the C API would cut them there.
package duck

import (
	"context"
	"strings"
	"sync"
	"time"
	"unsafe"

	bind "github.com/duckdb/duckdb-go-bindings"
)

// DB is an open database. Its methods may be called from several goroutines.
type DB struct {
	mu        sync.Mutex
	db        bind.Database
	self      unsafe.Pointer       // what leads DuckDB's calls to this
	functions []unsafe.Pointer     // and to row functions
	inserters map[uint64]*Inserter // by token
}

// Open opens the database at path ("" or ":memory:" for one in memory) with
// DuckDB's settings. Faults are of type *Error.
func Open(path string, settings map[string]string) (*DB, error) {
	if strings.IndexByte(path, 0) >= 0 {
		return nil, &Error{Type: "Invalid Input", Message: "the path holds a NUL byte"}
	}
	fewArenas()
	var config bind.Config
	if bind.CreateConfig(&config) != bind.StateSuccess {
		return nil, &Error{Type: "Internal", Message: "no configuration could be made"}
	}
	defer bind.DestroyConfig(&config)
	for name, value := range settings {
		if bind.SetConfig(config, name, value) != bind.StateSuccess {
			return nil, &Error{Type: "Settings", Message: "DuckDB does not take the setting " + name + " = " + value}
		}
	}
	d := &DB{}
	var message string
	if bind.OpenExt(path, &d.db, config, &message) != bind.StateSuccess {
		bind.Close(&d.db)
		return nil, errorFromText(message)
	}
	c, err := d.Connect()
	if err == nil {
		err = d.addFeed(c)
		c.Close()
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Connect makes a connection. The caller closes it before the database.
func (d *DB) Connect() (*Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := &Conn{db: d}
	if d.db.Ptr == nil || bind.Connect(d.db, &c.conn) != bind.StateSuccess {
		return nil, &Error{Type: "Connection", Message: "the database is closed"}
	}
	return c, nil
}

// Close closes the database; a second call does nothing.
func (d *DB) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	bind.Close(&d.db)
	forget(d.self)
	d.self = nil
	for _, f := range d.functions {
		forget(f)
	}
	d.functions = nil
}

// Conn is a connection. One goroutine at a time may use it.
type Conn struct {
	conn   bind.Connection
	db     *DB
	inTx   bool
	broken error // the first fault inside the open transaction
	busy   bool  // an inserter's statement runs on it
}

// Close ends the connection and rolls an open transaction back; a second call
// does nothing.
func (c *Conn) Close() { bind.Disconnect(&c.conn) }

// Exec runs one or several statements and forgets their results. A cancelled
// ctx interrupts them. A fault is of type *Error, or ctx's.
func (c *Conn) Exec(ctx context.Context, sql string) error {
	if err := c.usable(ctx, sql); err != nil {
		return err
	}
	var res bind.Result
	stop := c.interruptible(ctx)
	state := bind.Query(c.conn, sql, &res)
	stop()
	defer bind.DestroyResult(&res)
	if state == bind.StateSuccess {
		return nil
	}
	return c.fault(ctx, resultError(&res))
}

// Work runs one statement and forgets its result, as Exec does, but leaves the
// processor alone while DuckDB's own threads are at it: for statements that take a
// while. A text of several is refused.
func (c *Conn) Work(ctx context.Context, sql string) error {
	if err := c.usable(ctx, sql); err != nil {
		return err
	}
	var prep bind.PreparedStatement
	var res bind.Result
	stop := c.interruptible(ctx)
	err := c.prepare(sql, &prep)
	if err == nil {
		err = execute(prep, false, &res)
	}
	stop()
	bind.DestroyResult(&res)
	bind.DestroyPrepare(&prep)
	if err != nil {
		return c.fault(ctx, err)
	}
	return nil
}

// usable refuses what must not reach DuckDB.
func (c *Conn) usable(ctx context.Context, sql string) error {
	if c.busy {
		return c.fault(ctx, &Error{Type: "Connection", Message: "an insert runs on the connection"})
	}
	return c.open(ctx, sql)
}

// open is usable for the inserter itself.
func (c *Conn) open(ctx context.Context, sql string) error {
	switch {
	case ctx.Err() != nil:
		return c.fault(ctx, ctx.Err())
	case c.conn.Ptr == nil:
		return &Error{Type: "Connection", Message: "the connection is closed"}
	case c.broken != nil:
		return c.broken
	case strings.IndexByte(sql, 0) >= 0:
		return &Error{Type: "Parser", Message: "the statement holds a NUL byte"}
	}
	return nil
}

// fault keeps err as the transaction's first one, and lets ctx's error stand in
// for the interrupt that it caused.
func (c *Conn) fault(ctx context.Context, err error) error {
	if e, ok := err.(*Error); ok && e.Type == "Interrupt" && ctx.Err() != nil {
		err = ctx.Err()
	}
	if c.inTx && c.broken == nil {
		c.broken = err
	}
	return err
}

// interruptible interrupts the connection again and again from the moment that
// ctx is done until the returned function is called: a single interrupt that
// comes before the statement starts would be lost.
func (c *Conn) interruptible(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	ended, over := make(chan struct{}), make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(over)
		for {
			bind.Interrupt(c.conn)
			select {
			case <-ended:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return func() {
		if !cancel() {
			close(ended)
			<-over
		}
	}
}
