package cli

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/executor/connector/file"
	"github.com/headgate-data/headgate/executor/connector/singer"
	"github.com/headgate-data/headgate/lang"
)

// newTyper makes the engine that checks a module's SQL. Where there are models to
// check it opens its database beside the work that comes before the first query;
// a module without them never pays for one. done gives it up without waiting: what
// is left of it ends with the process.
func newTyper(ctx context.Context, m *lang.Module) (t *typer.Typer, done func()) {
	t = typer.New()
	if !slices.ContainsFunc(m.Blocks, func(b *lang.Block) bool { return b.Type == "model" }) {
		return t, t.Close
	}
	go t.Warm(ctx)
	return t, func() { go t.Close() }
}

// registry names every connector there is.
func (a *app) registry() executor.Registry {
	type (
		source      = func(context.Context, executor.SourceSpec) (connector.Source, error)
		destination = func(context.Context, executor.DestinationSpec) (connector.Destination, error)
	)
	return executor.Registry{
		Source:      map[string]source{"file": openFile, "singer": openSinger},
		Destination: map[string]destination{"duckdb": openDuckDB()},
	}
}

func openFile(_ context.Context, s executor.SourceSpec) (connector.Source, error) {
	return file.New(file.Spec{Root: s.Root, Address: s.Address, Source: s.Source.File, Parquet: duckdb.Parquet{}, Log: s.Log, Whole: s.Once, Input: s.Input})
}

func openSinger(_ context.Context, s executor.SourceSpec) (connector.Source, error) {
	return singer.New(singer.Spec{
		Address: s.Address, Source: s.Source.Singer, Root: s.Root, WorkDir: s.WorkDir, Environment: s.Environment,
		Resolve: s.Resolve, Log: s.Log,
	})
}

// openDuckDB returns the constructor of DuckDB destinations: those of one file
// share an instance.
func openDuckDB() func(context.Context, executor.DestinationSpec) (connector.Destination, error) {
	opener := &duckdb.Opener{}
	return func(ctx context.Context, s executor.DestinationSpec) (connector.Destination, error) {
		path, err := s.Destination.DuckDB.Path.Resolve(s.Resolve)
		if err != nil {
			return nil, err
		}
		if path != ":memory:" && !filepath.IsAbs(path) {
			path = filepath.Join(s.Root, filepath.FromSlash(path))
		}
		d, err := opener.Open(ctx, duckdb.Spec{
			Address: s.Address, Path: path, MemoryLimit: s.Destination.DuckDB.MemoryLimit,
			Threads: s.Destination.DuckDB.Threads, LockTimeout: s.LockTimeout, ReadOnly: s.ReadOnly,
		})
		if err != nil {
			return nil, err // not d: a nil *Destination would be no nil Destination
		}
		return d, nil
	}
}
