package statestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/headgate-data/headgate/lang/diag"
)

// longestPoll is how long a process that waits for a lease sleeps at most.
const longestPoll = 500 * time.Millisecond

// sqliteLease is a held lease.
type sqliteLease struct {
	store       *SQLite
	environment string
	key         string
	token       int64

	stop     context.CancelFunc // ends the renewal
	done     chan struct{}      // closed when the renewal has ended
	lost     chan struct{}
	loseOnce sync.Once
}

// holder is the row of a lease.
type holder struct {
	Holder
	token   int64
	held    bool
	process process
	since   time.Time
	expires time.Time
}

// Acquire takes the lease on key in an environment. A lease whose time has run
// out, or whose holder was a process of this machine that is gone, is free.
// Otherwise it waits up to wait, then returns a diagnostic that names the holder.
func (s *SQLite) Acquire(ctx context.Context, environment, key string, who Holder, wait time.Duration) (Lease, error) {
	db, err := s.writer(ctx)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(wait)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, longestPoll) {
		l, other, err := s.tryAcquire(ctx, db, environment, key, who)
		if err != nil {
			return nil, s.fault(err)
		}
		if l != nil {
			return l, nil
		}
		left := time.Until(deadline)
		if left <= 0 {
			return nil, heldBy(environment, key, other, wait)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(pause, left)):
		}
	}
}

func heldBy(environment, key string, h *holder, wait time.Duration) error {
	command := ""
	if h.Command != "" {
		command = fmt.Sprintf(" with %q", h.Command)
	}
	return diag.New(diag.LeaseHeld,
		"%s in the environment %q is held by %s (process %d, run %s)%s since %s. Waited %v for it; --lock-timeout sets how long. If that process has died, its lease ends by itself at %s at the latest.",
		key, environment, h.Who, h.PID, h.RunID, command, h.since.Format(time.RFC3339), wait, h.expires.Format(time.RFC3339)).For(key)
}

// tryAcquire takes the lease if it is free, else returns who holds it.
func (s *SQLite) tryAcquire(ctx context.Context, db *sql.DB, environment, key string, who Holder) (*sqliteLease, *holder, error) {
	var l *sqliteLease
	var other *holder
	err := inTx(ctx, db, func(tx *sql.Tx) error {
		h, err := readHolder(ctx, tx, environment, key)
		if err != nil {
			return err
		}
		now := time.Now()
		if h != nil && h.held && now.Before(h.expires) && s.self.mayLive(h.process) {
			other = h
			return nil
		}
		// Tokens grow even over the loss of the database: a destination refuses one
		// that is lower than it has seen.
		token := now.UnixMicro()
		if h != nil {
			token = max(token, h.token+1)
		}
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO leases VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)`,
			environment, key, token, who.RunID, who.Who, who.Command, s.self.machine, s.self.pid, s.self.started,
			micros(now), micros(now.Add(s.opts.LeaseTTL)))
		if err != nil {
			return err
		}
		l = &sqliteLease{store: s, environment: environment, key: key, token: token, done: make(chan struct{}), lost: make(chan struct{})}
		return nil
	})
	if err != nil || l == nil {
		return nil, other, err
	}
	renewing, stop := context.WithCancel(context.Background())
	l.stop = stop
	go l.renew(renewing, db)
	return l, nil, nil
}

// readHolder returns the row of a lease, nil where there is none.
func readHolder(ctx context.Context, q querier, environment, key string) (*holder, error) {
	var h holder
	var since, expires int64
	err := q.QueryRowContext(ctx, `SELECT token, held, run_id, who, command, machine, pid, started, since, expires
		FROM leases WHERE environment = ? AND key = ?`, environment, key).
		Scan(&h.token, &h.held, &h.RunID, &h.Who, &h.Command, &h.process.machine, &h.process.pid, &h.process.started, &since, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	h.PID, h.since, h.expires = h.process.pid, timeOf(since), timeOf(expires)
	return &h, err
}

// Token returns the fencing token: greater than that of every earlier holder.
func (l *sqliteLease) Token() int64 { return l.token }

// Lost returns a channel that is closed when the lease could not be renewed in
// time or was taken over.
func (l *sqliteLease) Lost() <-chan struct{} { return l.lost }

func (l *sqliteLease) lose() { l.loseOnce.Do(func() { close(l.lost) }) }

// renew keeps the lease until ctx ends. It gives it up when it belongs to
// somebody else, or when it has run out before a renewal succeeded.
func (l *sqliteLease) renew(ctx context.Context, db *sql.DB) {
	defer close(l.done)
	ttl := l.store.opts.LeaseTTL
	expires := time.Now().Add(ttl)
	ticker := time.NewTicker(ttl / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		next := time.Now().Add(ttl)
		renewCtx, cancel := context.WithDeadline(ctx, expires.Add(ttl))
		res, err := db.ExecContext(renewCtx, "UPDATE leases SET expires = ? WHERE environment = ? AND key = ? AND token = ? AND held = 1",
			micros(next), l.environment, l.key, l.token)
		cancel()
		if err == nil {
			if n, nerr := res.RowsAffected(); nerr == nil && n == 0 {
				l.lose()
				return
			}
			expires = next
		} else if ctx.Err() == nil && time.Now().After(expires) {
			l.lose()
			return
		}
	}
}

// check fails unless the lease is still held, within tx.
func (l *sqliteLease) check(ctx context.Context, tx *sql.Tx, environment string) error {
	if l.environment != environment {
		return diag.Bug("statestore.Put", "a lease of the environment %q cannot write to %q", l.environment, environment)
	}
	h, err := readHolder(ctx, tx, l.environment, l.key)
	if err != nil {
		return err
	}
	if h == nil || !h.held || h.token != l.token {
		by := ""
		if h != nil && h.held {
			by = fmt.Sprintf(" by %s (process %d, run %s)", h.Who, h.PID, h.RunID)
		}
		return diag.New(diag.LeaseGone, "%s in the environment %q was taken over%s. Nothing was written.", l.key, l.environment, by).For(l.key)
	}
	return nil
}

// Release gives the lease back. Giving back one that was lost, or twice, is no
// error.
func (l *sqliteLease) Release(ctx context.Context) error {
	l.stop()
	<-l.done
	db, err := l.store.writer(ctx)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "UPDATE leases SET held = 0 WHERE environment = ? AND key = ? AND token = ?", l.environment, l.key, l.token)
	return l.store.fault(err)
}
