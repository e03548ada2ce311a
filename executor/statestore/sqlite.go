package statestore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/headgate-data/headgate/lang/diag"
)

// formatVersion is the layout of the database. This headgate reads it and every
// earlier one.
const formatVersion = 1

// Options steer a SQLite store. The zero value is what the program uses.
type Options struct {
	LeaseTTL    time.Duration // how long a lease lasts without renewal; default 30 s, renewed at a third
	BusyTimeout time.Duration // how long a statement waits for another process; default 10 s
}

// SQLite is a project's state in one SQLite file. The file is made by the first
// call that writes; until then every read finds an empty state.
type SQLite struct {
	path string
	opts Options
	self process

	mu     sync.Mutex
	db     *sql.DB // nil until the file is there
	closed bool
}

var _ Store = (*SQLite)(nil)

// Open returns the store at path. Nothing is made or changed on disk before the
// first write. A file that is there is opened and checked: one that is damaged,
// unreadable or of a newer format is a diagnostic.
func Open(path string, opts Options) (*SQLite, error) {
	if opts.LeaseTTL <= 0 {
		opts.LeaseTTL = 30 * time.Second
	}
	if opts.BusyTimeout <= 0 {
		opts.BusyTimeout = 10 * time.Second
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, diag.New(diag.StateUnreadable, "%s: %v.", path, err)
	}
	s := &SQLite{path: abs, opts: opts, self: thisProcess()}
	if _, err := s.reader(context.Background()); err != nil {
		return nil, err
	}
	return s, nil
}

// Close closes the database. Leases that are still held run out by themselves.
func (s *SQLite) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.db == nil {
		return nil
	}
	err := s.db.Close()
	s.db = nil
	return s.fault(err)
}

// reader returns the database, nil where there is no file yet.
func (s *SQLite) reader(ctx context.Context) (*sql.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db != nil || s.closed {
		return s.db, s.afterClose()
	}
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, diag.New(diag.StateUnreadable, "%s: %v.", s.path, err)
	}
	if info.IsDir() {
		return nil, diag.New(diag.StateUnreadable, "%s is a folder.", s.path)
	}
	return s.open(ctx)
}

// writer returns the database and makes it where there is none.
func (s *SQLite) writer(ctx context.Context) (*sql.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db != nil || s.closed {
		return s.db, s.afterClose()
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return nil, s.fileFault(err)
	}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, s.fileFault(err)
	}
	if err := f.Close(); err != nil {
		return nil, s.fileFault(err)
	}
	return s.open(ctx)
}

// afterClose is an error once the store was closed.
func (s *SQLite) afterClose() error {
	if s.closed {
		return diag.Bug("statestore", "%s is used after it was closed", s.path)
	}
	return nil
}

// open opens the file, which is there, and checks or makes its layout.
func (s *SQLite) open(ctx context.Context) (*sql.DB, error) {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout("+strconv.FormatInt(s.opts.BusyTimeout.Milliseconds(), 10)+")")
	q.Add("_pragma", "synchronous(FULL)")
	q.Add("_txlock", "immediate")
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: s.path, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, s.fault(err)
	}
	db.SetMaxOpenConns(4)
	if err := s.settle(ctx, db); err != nil {
		return nil, errors.Join(s.fault(err), db.Close())
	}
	s.db = db
	return db, nil
}

const layout = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE environments (
	name TEXT PRIMARY KEY, project TEXT NOT NULL,
	definition_serial INTEGER NOT NULL, data_serial INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE nodes (
	environment TEXT NOT NULL, address TEXT NOT NULL, node BLOB NOT NULL,
	PRIMARY KEY (environment, address)
) STRICT;
CREATE TABLE retired (
	environment TEXT NOT NULL, build TEXT NOT NULL, address TEXT NOT NULL, relation BLOB NOT NULL,
	PRIMARY KEY (environment, build, address)
) STRICT;
CREATE TABLE leases (
	environment TEXT NOT NULL, key TEXT NOT NULL, token INTEGER NOT NULL, held INTEGER NOT NULL,
	run_id TEXT NOT NULL, who TEXT NOT NULL, command TEXT NOT NULL,
	machine TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL,
	since INTEGER NOT NULL, expires INTEGER NOT NULL,
	PRIMARY KEY (environment, key)
) STRICT;
CREATE TABLE runs (
	id TEXT PRIMARY KEY, environment TEXT NOT NULL, command TEXT NOT NULL, status TEXT NOT NULL,
	started INTEGER NOT NULL, ended INTEGER, report BLOB
) STRICT;
CREATE INDEX runs_by_start ON runs (environment, started DESC);
`

// settle checks the layout of a database, and makes that of an empty one.
func (s *SQLite) settle(ctx context.Context, db *sql.DB) error {
	version, err := readVersion(ctx, db)
	if err != nil || version == formatVersion {
		return err
	}
	if version > formatVersion {
		return diag.New(diag.StateNewer, "%s has format %d; this headgate knows formats up to %d.", s.path, version, formatVersion)
	}
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return inTx(ctx, db, func(tx *sql.Tx) error {
		// Another process may have been first.
		if version, err := readVersion(ctx, tx); err != nil || version > 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, layout); err != nil {
			return err
		}
		lineage := make([]byte, 16)
		if _, err := rand.Read(lineage); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO meta VALUES ('format_version', ?), ('lineage', ?)",
			strconv.Itoa(formatVersion), hex.EncodeToString(lineage))
		return err
	})
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readVersion returns the layout's version, 0 for an empty database.
func readVersion(ctx context.Context, q querier) (int, error) {
	var tables int
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	var text string
	err := q.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'format_version'").Scan(&text)
	if err != nil {
		var code *sqlite.Error
		if errors.Is(err, sql.ErrNoRows) || (errors.As(err, &code) && code.Code()&0xff == 1) {
			return 0, diag.New(diag.StateUnreadable, "The file is a SQLite database, but not one of headgate's: it has no format_version. Name another file in the headgate block's state, or move this one away.")
		}
		return 0, err
	}
	version, err := strconv.Atoi(text)
	if err != nil || version < 1 {
		return 0, diag.New(diag.StateUnreadable, "Its format_version is %.40q, which is no number.", text)
	}
	return version, nil
}

// inTx runs do in one write transaction.
func inTx(ctx context.Context, db *sql.DB, do func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// fault turns an error of SQLite into a diagnostic that says what to do; nil,
// diagnostics and a cancelled context stay as they are.
func (s *SQLite) fault(err error) error {
	var d *diag.Diagnostic
	if err == nil || errors.As(err, &d) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return diag.New(diag.StateUnreadable, "%s: %v.", s.path, err)
	}
	switch e.Code() & 0xff {
	case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
		return diag.New(diag.StateCorrupt, "%s: %v. Restore it from a backup, or move it (with its -wal and -shm) away and apply again.", s.path, err)
	case 13: // SQLITE_FULL
		return diag.New(diag.StateFull, "%s: %v.", s.path, err)
	case 3, 8, 14, 23: // SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_AUTH
		return diag.New(diag.StateReadOnly, "%s: %v.", s.path, err)
	case 5, 6: // SQLITE_BUSY, SQLITE_LOCKED
		return diag.New(diag.StateBusy, "%s was locked for longer than %v.", s.path, s.opts.BusyTimeout)
	default:
		return diag.New(diag.StateUnreadable, "%s: %v.", s.path, err)
	}
}

// fileFault turns an error of the file system into a diagnostic.
func (s *SQLite) fileFault(err error) error {
	if errors.Is(err, fs.ErrPermission) || isReadOnly(err) {
		return diag.New(diag.StateReadOnly, "%v.", err)
	}
	return diag.New(diag.StateUnreadable, "%v.", err)
}

// micros is a time as the database holds it.
func micros(t time.Time) int64 { return t.UTC().UnixMicro() }

// timeOf turns a column of microseconds into a time in UTC.
func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// foreignLease says that a caller handed over a lease of another store.
func foreignLease(l Lease) error {
	return diag.Bug("statestore.Put", "a lease of the type %T is none of this store's", l)
}
