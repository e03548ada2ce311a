// Package statestore keeps snapshots, history and leases. Store is the one
// interface; SQLite (Open) is the local backend.
package statestore

import (
	"context"
	"time"

	"github.com/headgate-data/headgate/planner/state"
)

// Store is one project's state. Its methods may be called from several
// goroutines and, through the backend's locks, from several processes.
type Store interface {
	// Read returns an environment's snapshot; an empty one with the store's
	// lineage where nothing was applied.
	Read(ctx context.Context, environment string) (*state.Snapshot, error)
	// Acquire takes the lease on key ("definitions", or a stream's address) in an
	// environment. It waits up to wait for another holder, then returns a
	// diagnostic that names the holder. The lease renews itself until Release.
	Acquire(ctx context.Context, environment, key string, who Holder, wait time.Duration) (Lease, error)
	// Put writes one address as it was applied now. A definition moves the
	// definition serial, anything else the data serial only. The lease is checked
	// in the same transaction.
	Put(ctx context.Context, l Lease, w Write) error
	// Move gives addresses other names, in one transaction: nodes with every address
	// in them, and what is retired. It moves the definition serial where anything
	// changes. An address that the state does not have is left out; one that stands
	// where another is to go is a diagnostic.
	Move(ctx context.Context, l Lease, m Moves) error
	// BeginRun and EndRun keep the history; reports are JSON.
	BeginRun(ctx context.Context, r Run) error
	EndRun(ctx context.Context, r Run) error
	// Runs lists the newest runs first.
	Runs(ctx context.Context, environment string, limit int) ([]Run, error)
	// Environments lists the environments that have a state.
	Environments(ctx context.Context) ([]string, error)
	Close() error
}

// Holder says who holds a lease.
type Holder struct {
	RunID   string
	Who     string // user@host
	PID     int
	Command string
}

// Lease is a held lease. Lost is closed when it could not be renewed in time.
type Lease interface {
	Token() int64
	Lost() <-chan struct{}
	Release(ctx context.Context) error
}

// Write is one change to a snapshot. Node nil takes the address out.
type Write struct {
	Environment string
	Project     string
	Address     string
	Node        *state.Node
	Definition  bool            // the definition changed, not the data alone
	Retire      []state.Retired // added to the retired list
	Dropped     []string        // builds to take off the retired list
}

// Moves are addresses of a snapshot that have other names from now on.
type Moves struct {
	Environment string
	Project     string
	Renaming    *state.Renaming
}

// Run is an apply or a run as history keeps it.
type Run struct {
	ID          string
	Environment string
	Command     string
	Status      string // running, success, warning, failure or interrupted
	StartedAt   time.Time
	EndedAt     time.Time
	Report      []byte // JSON of the report, nil while it runs
}
