package cli

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/headgate-data/headgate/cmd/headgate/internal/querycache"
	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/executor/connector/file"
	"github.com/headgate-data/headgate/executor/connector/singer"
	"github.com/headgate-data/headgate/lang"
)

// newTyper makes the engine that checks a module's SQL, behind what is remembered
// of queries that did not change. Where there are models to check and nothing is
// remembered, it opens its database beside the work that comes before the first
// query; where all is remembered, or there is nothing to check, it never opens
// one. done keeps what was learned and gives the engine up without waiting: what is
// left of it ends with the process.
func (a *app) newTyper(ctx context.Context, m *lang.Module) (t compiler.QueryTyper, done func()) {
	engine := typer.New()
	dir := a.projectRoot()
	if a.flags.noCache {
		dir = ""
	}
	cache := querycache.New(engine, typer.Identity(), dir, a.io.Now())
	if slices.ContainsFunc(m.Blocks, func(b *lang.Block) bool { return b.Type == "model" }) && cache.Empty() {
		go engine.Warm(ctx)
	}
	return cache, func() {
		go engine.Close()
		if err := cache.Save(); err != nil {
			if log, fault := a.logger(a.io.Err, ""); fault == nil {
				log.Debug("what was learned of queries could not be kept", "error", err)
			}
		}
	}
}

// registry names every connector there is.
func (a *app) registry() executor.Registry {
	type (
		source      = func(context.Context, executor.SourceSpec) (connector.Source, error)
		destination = func(context.Context, executor.DestinationSpec) (connector.Destination, error)
		counter     = func(context.Context, executor.DestinationSpec) (connector.Counter, error)
	)
	return executor.Registry{
		Source:      map[string]source{"file": openFile, "singer": openSinger},
		Destination: map[string]destination{"duckdb": openDuckDB()},
		Inspect:     map[string]func(executor.DestinationSpec) (connector.Inspector, error){"duckdb": inspectDuckDB},
		Counter:     map[string]counter{"duckdb": openDuckDBCounter},
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
		spec, err := duckDBSpec(s)
		if err != nil {
			return nil, err
		}
		d, err := opener.Open(ctx, spec)
		if err != nil {
			return nil, err // not d: a nil *Destination would be no nil Destination
		}
		return d, nil
	}
}

// inspectDuckDB makes what looks at a DuckDB destination without writing to it.
func inspectDuckDB(s executor.DestinationSpec) (connector.Inspector, error) {
	spec, err := duckDBSpec(s)
	return duckdb.Inspector{Spec: spec}, err
}

// openDuckDBCounter opens a DuckDB destination for reading.
func openDuckDBCounter(ctx context.Context, s executor.DestinationSpec) (connector.Counter, error) {
	spec, err := duckDBSpec(s)
	if err != nil {
		return nil, err
	}
	c, err := duckdb.OpenCounter(ctx, spec)
	if err != nil {
		return nil, err // not c, for the same reason
	}
	return c, nil
}

// duckDBSpec is a destination with its path resolved.
func duckDBSpec(s executor.DestinationSpec) (duckdb.Spec, error) {
	path, err := s.Destination.DuckDB.Path.Resolve(s.Resolve)
	if err != nil {
		return duckdb.Spec{}, err
	}
	if path != ":memory:" && !filepath.IsAbs(path) {
		path = filepath.Join(s.Root, filepath.FromSlash(path))
	}
	return duckdb.Spec{
		Address: s.Address, Path: path, MemoryLimit: s.Destination.DuckDB.MemoryLimit,
		Threads: s.Destination.DuckDB.Threads, LockTimeout: s.LockTimeout, ReadOnly: s.ReadOnly,
	}, nil
}
