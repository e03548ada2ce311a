// Package typer types SQL in DuckDB databases in memory that have access to
// nothing: no files, no network, no settings. It implements sqltype.Typer.
package typer

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	bind "github.com/duckdb/duckdb-go-bindings"

	"github.com/headgate-data/headgate/compiler/sqltype"
)

// Typer opens its databases with the first calls, so that who has no SQL to type
// does not pay for them. Its methods may be called from several goroutines; they
// take turns. A large batch is worked on by several databases side by side, which
// share nothing.
type Typer struct {
	mu      sync.Mutex
	engines []*engine // the first is opened first; each has a goroutine of its own in a batch
	judge   *engine   // tells what is wrong with a query, apart from all others
}

var _ sqltype.Typer = (*Typer)(nil)

// errClosed is what a closed typer answers.
var errClosed = errors.New("the typer is closed")

// New makes a typer; nothing is opened yet.
func New() *Typer {
	t := &Typer{judge: &engine{}}
	for range min(runtime.GOMAXPROCS(0), mostEngines) {
		t.engines = append(t.engines, &engine{})
	}
	return t
}

const (
	mostEngines = 4  // a database costs 20 ms and 20 MB
	worthwhile  = 64 // queries that one more of them is opened for
)

// Identity names everything that an answer depends on beside the question: the
// engine, its version, and how it is set.
func Identity() string {
	var b strings.Builder
	b.WriteString("duckdb " + bind.LibraryVersion())
	for _, name := range slices.Sorted(maps.Keys(settings())) {
		b.WriteString(" " + name + "=" + settings()[name])
	}
	return b.String() + " " + afterOpening
}

// Warm opens a database ahead of the first call. A fault shows in that call.
func (t *Typer) Warm(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.engines[0].open(ctx) // kept in the engine
}

// Close frees the databases. Later calls fail.
func (t *Typer) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range append(slices.Clone(t.engines), t.judge) {
		e.close()
	}
}

// Trees parses texts, see sqltype.Typer.
func (t *Typer) Trees(ctx context.Context, texts []string) []sqltype.Tree {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]sqltype.Tree, len(texts))
	t.share(len(texts), func(e *engine, from, to int) {
		e.trees(ctx, texts[from:to], out[from:to])
	})
	return out
}

// Describe binds queries, see sqltype.Typer. What an engine says of a query that
// does not bind can name tables that other queries brought; so it is asked again
// where there are no others.
func (t *Typer) Describe(ctx context.Context, queries []sqltype.Query) []sqltype.Shape {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]sqltype.Shape, len(queries))
	t.share(len(queries), func(e *engine, from, to int) {
		for i := from; i < to; i++ {
			out[i].Columns, out[i].Err = e.describe(ctx, queries[i])
		}
	})
	for i := range out {
		var fault *sqltype.Error
		if errors.As(out[i].Err, &fault) {
			out[i].Columns, out[i].Err = t.judge.describeAlone(ctx, queries[i])
		}
	}
	return out
}

// share parts n questions among as many engines as they are worth. The first ones
// answer where there are few, so that the others are never opened.
func (t *Typer) share(n int, do func(e *engine, from, to int)) {
	workers := min(max(n/worthwhile, 1), len(t.engines))
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() { do(t.engines[w], n*w/workers, n*(w+1)/workers) })
	}
	group.Wait()
}
