// Package duckdb is the destination that keeps tables in a DuckDB database file.
//
// What users read are views, in the schemas that the project names. The tables
// behind them (builds) and the staging areas stand in the schema headgate:
//
//	headgate."<schema>.<name>__<build>"     a build
//	headgate."staging__<unit>__<stream>"    rows of a run that is not published yet
//	headgate."staging__<unit>__rejects"     and what the run refused
//	headgate.staging                        one row for each open staging area
//	main.headgate_meta                      the destination's id, owners of names, fences, builds
//	main.headgate_bookmarks                 one row for each unit
//	main.headgate_runs                      one row for each run of a pipeline or model
//	main.headgate_quarantine                records that broke their contract
//
// The last four stand in the default schema, where users look for them. Builds
// carry no constraints: promises are kept in flight and by audits.
package duckdb

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// DefaultMemoryLimit is DuckDB's memory limit where the destination sets none.
// Work that needs more spills to disk, beside the database file. The process
// takes up to 350 MB more than the limit: what DuckDB does not count (its
// own code, compression, sorting) and the batches on their way.
const DefaultMemoryLimit = "192MB"

// spareLimit is the limit under which work that ran out of DefaultMemoryLimit is
// tried again. An explicit limit is kept.
const spareLimit = "240MB"

// lastLimit is the limit under which work is tried a last time that ran out of
// spareLimit too: records of a megabyte each need it, since DuckDB holds 2,048 of
// them at once. Better the work takes memory than that it cannot be done.
const lastLimit = "1GB"

// replayLimits are the limits, one after the other, under which a database is opened
// whose log does not fit into DefaultMemoryLimit.
var replayLimits = [...]string{lastLimit, "4GB", "16GB"}

// BatchRows is the number of rows after which a staging commit costs least: a
// multiple of DuckDB's row group, whose data then goes to the file once and not
// through the log.
const BatchRows = 2 * 122880

// lockPoll is how often a held file is tried again.
const lockPoll = 100 * time.Millisecond

// Spec is what a destination is made from.
type Spec struct {
	Address     string        // canonical address, for messages
	Path        string        // of the file, or ":memory:"
	MemoryLimit string        // "" is DefaultMemoryLimit
	Threads     int           // 0: the cores that Go may use, at most 4
	LockTimeout time.Duration // how long to wait for another process
	ReadOnly    bool          // to look at only: nothing is made or changed, not even headgate's own tables
}

// Opener opens destinations and shares one DuckDB instance between those of one
// file: two instances in one process would not see each other's lock. The zero
// value is ready; a process should have one.
type Opener struct {
	mu   sync.Mutex
	open map[string]*instance
}

// instance is a DuckDB instance that destinations share.
type instance struct {
	db      *duck.DB
	spill   string
	threads int
	limit   string
	refs    int
	sums    *rowSums
	// write serialises everything that changes published tables or bookkeeping.
	write sync.Mutex
}

// Destination is one DuckDB database. See connector.Destination.
type Destination struct {
	spec   Spec
	opener *Opener
	key    string
	inst   *instance
	closed sync.Once
}

var _ connector.Destination = (*Destination)(nil)

// Open opens or creates the database. Errors are diag.Diagnostic, or ctx's.
func (o *Opener) Open(ctx context.Context, spec Spec) (*Destination, error) {
	d := &Destination{spec: spec, opener: o, key: spec.Path}
	if spec.Path != ":memory:" {
		abs, err := filepath.Abs(spec.Path)
		if err != nil {
			return nil, openFault(spec, err)
		}
		if !spec.ReadOnly {
			if err := os.MkdirAll(filepath.Dir(abs), 0o777); err != nil {
				return nil, openFault(spec, err)
			}
		}
		if real, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
			abs = filepath.Join(real, filepath.Base(abs))
		}
		d.key = abs
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if inst := o.open[d.key]; inst != nil && d.key != ":memory:" {
		inst.refs++
		d.inst = inst
		return d, nil
	}
	inst, err := openInstance(ctx, spec, d.key)
	if err != nil {
		return nil, err
	}
	if o.open == nil {
		o.open = map[string]*instance{}
	}
	d.inst, o.open[d.key] = inst, inst
	return d, nil
}

func openFault(spec Spec, err error) error {
	if outOfMemory(err) {
		return memoryFault(spec.Address, "opening "+spec.Path, err)
	}
	return diag.Errorf(diag.DuckDBOpen, "The DuckDB file cannot be opened", "%s: %s", spec.Path, err).For(spec.Address)
}

// openInstance opens the file, waiting for another process to let it go.
func openInstance(ctx context.Context, spec Spec, path string) (*instance, error) {
	inst := &instance{refs: 1, threads: spec.Threads, limit: spec.MemoryLimit}
	if inst.threads <= 0 {
		inst.threads = defaultThreads()
	}
	if inst.limit == "" {
		inst.limit = DefaultMemoryLimit
	}
	settings := map[string]string{
		"memory_limit":                 inst.limit,
		"threads":                      strconv.Itoa(inst.threads),
		"preserve_insertion_order":     "false",
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
	}
	if path != ":memory:" {
		inst.spill = path + ".spill"
		settings["temp_directory"] = inst.spill
		if spec.ReadOnly {
			settings["access_mode"] = "read_only"
		} else if err := create(path); err != nil {
			return nil, openFault(spec, err)
		}
	}
	for deadline := time.Now().Add(spec.LockTimeout); ; {
		db, err := duck.Open(path, settings)
		if outOfMemory(err) && spec.MemoryLimit == "" {
			db, err = replay(ctx, path, settings, inst.limit)
		}
		if err == nil {
			inst.db = db
			return inst, inst.setUp(ctx, spec)
		}
		program, pid, held := duck.LockHolder(err)
		if !held {
			return nil, openFault(spec, err)
		}
		if time.Now().After(deadline) {
			return nil, lockFault(spec, program, pid)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// defaultThreads is how many threads DuckDB has where the destination sets none.
func defaultThreads() int { return min(4, runtime.GOMAXPROCS(0)) }

// replay opens a database whose log is greater than the memory limit: a run that
// was given more memory, or was killed, may leave such a one, and nothing else could
// ever open it. The log goes into the file, and the limit is then what it was.
func replay(ctx context.Context, path string, settings map[string]string, limit string) (db *duck.DB, err error) {
	more := maps.Clone(settings)
	for _, more["memory_limit"] = range replayLimits {
		if db, err = duck.Open(path, more); !outOfMemory(err) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	conn, err := db.Connect()
	if err == nil {
		err = conn.Exec(ctx, "checkpoint; set global memory_limit = "+duck.QuoteLiteral(limit))
		conn.Close()
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// lockFault names the process that holds the file.
func lockFault(spec Spec, program, pid string) error {
	holder := "a process that the system does not name"
	if pid != "" {
		holder = program + " (process " + pid + ")"
	}
	return diag.Errorf(diag.DuckDBLocked, "The DuckDB file is in use by another process",
		"%s is held by %s; headgate waited %s for it. Close that program, or raise --lock-timeout.",
		spec.Path, holder, spec.LockTimeout).For(spec.Address)
}

// setUp removes what a killed process spilled and makes headgate's tables.
func (i *instance) setUp(ctx context.Context, spec Spec) error {
	if spec.ReadOnly {
		return nil
	}
	if i.spill != "" {
		_ = os.RemoveAll(i.spill) // left there by a killed process; in the way of nothing
	}
	conn, err := i.db.Connect()
	if err == nil {
		err = bootstrap(ctx, conn)
		conn.Close()
	}
	if err == nil {
		i.sums, err = addRowSums(i.db)
	}
	if err != nil {
		i.db.Close()
		return wrap(spec.Address, "preparing headgate's own tables", err)
	}
	return nil
}

// Close gives the database back; the last destination of a file closes it. Open
// stagings keep what they committed, and must be closed before.
func (d *Destination) Close() error {
	d.closed.Do(func() {
		d.opener.mu.Lock()
		defer d.opener.mu.Unlock()
		if d.inst.refs--; d.inst.refs > 0 {
			return
		}
		if d.opener.open[d.key] == d.inst {
			delete(d.opener.open, d.key)
		}
		d.inst.db.Close()
		if d.inst.spill != "" {
			_ = os.RemoveAll(d.inst.spill) // holds nothing that outlives the process
		}
	})
	return nil
}

// Capabilities says what DuckDB can do.
func (d *Destination) Capabilities() connector.Capabilities {
	return connector.Capabilities{Guarantee: connector.ExactlyOnce, Dialect: "duckdb", Models: true}
}

// read runs f on a connection of its own.
func (d *Destination) read(ctx context.Context, what string, f func(ctx context.Context, c *duck.Conn) error) error {
	conn, err := d.inst.db.Connect()
	if err != nil {
		return wrap(d.spec.Address, what, err)
	}
	defer conn.Close()
	return wrap(d.spec.Address, what, f(ctx, conn))
}

// change runs f in a transaction, one at a time within the process.
func (d *Destination) change(ctx context.Context, what string, f func(ctx context.Context, c *duck.Conn) error) error {
	d.inst.write.Lock()
	defer d.inst.write.Unlock()
	return d.read(ctx, what, func(ctx context.Context, c *duck.Conn) error {
		return d.inst.tx(ctx, c, func() error { return f(ctx, c) })
	})
}

// tx runs f in a transaction. Work that runs out of memory is done again with one
// thread, since each holds memory that cannot be spilled, and, where the user
// set no limit, with more of it. f must bear to be run several times.
func (i *instance) tx(ctx context.Context, c *duck.Conn, f func() error) error {
	err := c.Tx(ctx, f)
	limits := []string{i.limit}
	if i.limit == DefaultMemoryLimit {
		limits = []string{spareLimit, lastLimit}
	} else if i.threads == 1 {
		return err
	}
	for _, limit := range limits {
		if !outOfMemory(err) || invalidated(err) || i.resize(ctx, c, 1, limit) != nil {
			break
		}
		duck.Trim()
		err = c.Tx(ctx, f)
		// Should this fail, DuckDB goes on with one thread: nothing is lost by it.
		_ = i.resize(context.WithoutCancel(ctx), c, i.threads, i.limit)
	}
	return err
}

// makeRoom raises the memory limit for tables of many columns, unless the user set
// one: DuckDB takes about half a megabyte for each column that it writes. The limit
// stays raised until the database is closed. i.write must be held.
func (i *instance) makeRoom(ctx context.Context, c *duck.Conn, streams map[string]connector.Table) error {
	columns := 0
	for _, t := range streams {
		columns = max(columns, len(t.Columns))
	}
	if columns <= manyColumns || i.limit != DefaultMemoryLimit {
		return nil
	}
	i.limit = strconv.Itoa(192+(columns-manyColumns)*6/10) + "MB"
	return c.Exec(ctx, "set global memory_limit = "+duck.QuoteLiteral(i.limit))
}

// heavyRow is how many bytes make a row too heavy for DefaultMemoryLimit: DuckDB holds
// 2,048 rows at once, and several times that where it sorts or compares them.
const heavyRow = 16 << 10

// makeRoomFor raises the memory limit for rows of so many bytes, as makeRoom does for
// many columns. A staging commit that runs out of memory takes the whole database with
// it, so the room has to be there before.
func (i *instance) makeRoomFor(ctx context.Context, rowBytes int64) error {
	if rowBytes < heavyRow {
		return nil
	}
	i.write.Lock()
	defer i.write.Unlock()
	if i.limit != DefaultMemoryLimit {
		return nil
	}
	conn, err := i.db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	i.limit = lastLimit
	return conn.Exec(ctx, "set global memory_limit = "+duck.QuoteLiteral(i.limit))
}

// resize sets DuckDB's threads and memory limit.
func (i *instance) resize(ctx context.Context, c *duck.Conn, threads int, limit string) error {
	return c.Exec(ctx, "set global threads = "+strconv.Itoa(threads)+"; set global memory_limit = "+duck.QuoteLiteral(limit))
}

// outOfMemory tells whether DuckDB's memory limit was too small. The fault of an
// insertion, a commit or an opening wraps that of the memory, and tells it by its text alone.
func outOfMemory(err error) bool {
	var e *duck.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Type == "Out of Memory" || strings.Contains(e.Message, "could not allocate block of size") ||
		strings.Contains(e.Message, "failed to pin block of size") || strings.Contains(e.Message, "failed to allocate data of size")
}

// invalidated tells whether the fault took the database with it: nothing works until
// it is opened again, so that a second try would only hide the first fault.
func invalidated(err error) bool {
	var e *duck.Error
	return errors.As(err, &e) && e.Type == "FATAL"
}

// memoryFault is the diagnostic of a limit that was too small. DuckDB's own advice is
// left out: it names statements that nobody can give here.
func memoryFault(address, what string, err error) error {
	text := err.Error()
	var e *duck.Error
	if errors.As(err, &e) {
		text = e.Message
	}
	text, _, _ = strings.Cut(text, "\n")
	return diag.Errorf(diag.DuckDBOutOfMemory, "DuckDB's memory limit is too small for the work",
		"While %s: %s. Raise memory_limit in the destination's block, for example memory_limit = \"2GB\".", what, strings.TrimSuffix(text, ".")).For(address)
}

// wrap turns DuckDB's faults into diagnostics; diagnostics and ctx's errors
// pass as they are.
func wrap(address, what string, err error) error {
	var e *duck.Error
	if !errors.As(err, &e) {
		return err
	}
	if outOfMemory(err) {
		return memoryFault(address, what, err)
	}
	return diag.Errorf(diag.DuckDBFailed, "DuckDB refused the work", "While %s: %s", what, e).For(address)
}
