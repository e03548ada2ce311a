// Package executor carries out plans. It answers the planner's questions about
// the outside (Refresh) and runs a plan's steps (Apply): it moves records from
// sources through the enforcer to destinations, publishes, and records what was
// done. It never plans.
package executor

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/impact"
	"github.com/headgate-data/headgate/executor/statestore"
)

// Env is what the executor needs of the process that it runs in.
type Env struct {
	Root        string // the project's folder, absolute
	ToolVersion string
	RunID       string
	Command     string // apply or run
	Store       statestore.Store
	Registry    Registry
	Resolve     program.Resolver // of secrets and sensitive variables
	Log         *slog.Logger
	Events      func(Event) // progress; nil for none. Called from several goroutines
	Parallelism int         // steps side by side, at least 1
	LockTimeout time.Duration
	Now         func() time.Time
	Holder      statestore.Holder
	Impact      impact.Options // of what Refresh counts in tables
	// Finish is closed at the first Ctrl-C: finish the open batch, commit, stop.
	// Cancelling the context is the second one: stop now.
	Finish <-chan struct{}
}

// resolver is Resolve, which also knows the project's folder.
func (e Env) resolver() program.Resolver {
	return func(p program.Part) (string, error) {
		if p.Var == program.PathRoot {
			return e.Root, nil
		}
		return e.Resolve(p)
	}
}

// Registry makes connectors. cmd fills it; nothing registers itself.
type Registry struct {
	Source      map[string]func(ctx context.Context, spec SourceSpec) (connector.Source, error)
	Destination map[string]func(ctx context.Context, spec DestinationSpec) (connector.Destination, error)
	Inspect     map[string]func(spec DestinationSpec) (connector.Inspector, error) // destinations, to be looked at from outside
	// Counter opens a destination for reading alone.
	Counter map[string]func(ctx context.Context, spec DestinationSpec) (connector.Counter, error)
}

// SourceSpec is what a source is made from.
type SourceSpec struct {
	Address     string
	Source      *program.Source
	Root        string
	WorkDir     string            // a folder of its own, made and removed by the executor; "" for files
	Environment map[string]string // for processes
	Resolve     program.Resolver
	Log         *slog.Logger
	// Once reads a file source's data as it is now, to its last byte, as checking does.
	Once bool
	// Input, with Once, is read in place of the files of a file source.
	Input io.Reader
}

// DestinationSpec is what a destination is made from.
type DestinationSpec struct {
	Address     string
	Destination *program.Destination
	Root        string
	LockTimeout time.Duration
	Resolve     program.Resolver
	Log         *slog.Logger
	// ReadOnly opens it to look at only: nothing is made or changed.
	ReadOnly bool
}
