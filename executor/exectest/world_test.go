// Package exectest tests the executor with real parts: projects compiled from
// their text, DuckDB files, file sources, tap processes and SQLite states.
package exectest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/executor/connector/file"
	"github.com/headgate-data/headgate/executor/connector/singer"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// world is a project in a folder of its own.
type world struct {
	t    *testing.T
	root string
	runs int

	// Of the next apply; each is forgotten with it.
	ctx     context.Context
	finish  chan struct{}
	wrap    func(connector.Destination) connector.Destination
	source  func(connector.Source) connector.Source
	resolve program.Resolver
	store   func(statestore.Store) statestore.Store
	onEvent func(executor.Event)
	opts    planner.Options
	run     bool // headgate run in the place of apply

	environment string // "default" unless set
	parallel    int
	mu          sync.Mutex
	events      []executor.Event // of the last apply
}

// newWorld makes a project. The test fails if it leaves goroutines or working
// folders behind.
func newWorld(t *testing.T, config string) *world {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	before := runtime.NumGoroutine()
	w := &world{t: t, root: t.TempDir(), parallel: 4, environment: "default"}
	w.write("main.gate.hcl", "headgate {\n  name = \"test\"\n}\n"+config)
	t.Cleanup(func() {
		left, _ := filepath.Glob(filepath.Join(temp, "headgate-*"))
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		for range 200 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		stacks := make([]byte, 1<<20)
		t.Errorf("goroutines: %d before, %d after\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
	})
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.root, filepath.FromSlash(name)) }

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(w.path(name)), 0o777); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.path(name), []byte(text), 0o666); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) add(name, text string) {
	w.t.Helper()
	old, err := os.ReadFile(w.path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	w.write(name, string(old)+text)
}

// edit replaces a part of the configuration that is there exactly once.
func (w *world) edit(old, now string) {
	w.t.Helper()
	text, err := os.ReadFile(w.path("main.gate.hcl"))
	if err != nil || strings.Count(string(text), old) != 1 {
		w.t.Fatalf("%q stands %d times in the configuration (%v)", old, strings.Count(string(text), old), err)
	}
	w.write("main.gate.hcl", strings.Replace(string(text), old, now, 1))
}

func (w *world) compile() *program.Program {
	w.t.Helper()
	fsys := os.DirFS(w.root)
	m, diags := lang.Load(fsys, ".")
	typer := typer.New()
	defer typer.Close()
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{
		Today: "2026-01-01", LookupEnv: os.LookupEnv, FS: fsys, FolderName: "test", Typer: typer,
	})
	if err := append(diags, more...).Err(); err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) env() executor.Env {
	w.runs++
	id := fmt.Sprintf("run-%d", w.runs)
	var opener duckdb.Opener
	reg := executor.Registry{
		Source: map[string]func(context.Context, executor.SourceSpec) (connector.Source, error){
			"file": func(_ context.Context, s executor.SourceSpec) (connector.Source, error) {
				src, err := file.New(file.Spec{Root: s.Root, Address: s.Address, Source: s.Source.File, Parquet: duckdb.Parquet{}, Log: s.Log})
				return w.wrapped(src), err
			},
			"singer": func(_ context.Context, s executor.SourceSpec) (connector.Source, error) {
				src, err := singer.New(singer.Spec{Address: s.Address, Source: s.Source.Singer, Root: s.Root, WorkDir: s.WorkDir, Environment: s.Environment, Resolve: s.Resolve, Log: s.Log})
				return w.wrapped(src), err
			},
		},
		Destination: map[string]func(context.Context, executor.DestinationSpec) (connector.Destination, error){
			"duckdb": func(ctx context.Context, s executor.DestinationSpec) (connector.Destination, error) {
				path, err := s.Destination.DuckDB.Path.Resolve(s.Resolve)
				if err != nil {
					return nil, err
				}
				dest, err := opener.Open(ctx, duckdb.Spec{Address: s.Address, Path: filepath.Join(s.Root, path), Threads: 1, LockTimeout: s.LockTimeout, ReadOnly: s.ReadOnly})
				if err != nil || w.wrap == nil {
					return dest, err
				}
				return w.wrap(dest), nil
			},
		},
		Inspect: map[string]func(executor.DestinationSpec) (connector.Inspector, error){
			"duckdb": func(s executor.DestinationSpec) (connector.Inspector, error) {
				path, err := s.Destination.DuckDB.Path.Resolve(s.Resolve)
				return duckdb.Inspector{Spec: duckdb.Spec{Address: s.Address, Path: filepath.Join(s.Root, path), LockTimeout: s.LockTimeout}}, err
			},
		},
		Counter: map[string]func(context.Context, executor.DestinationSpec) (connector.Counter, error){
			"duckdb": func(ctx context.Context, s executor.DestinationSpec) (connector.Counter, error) {
				path, err := s.Destination.DuckDB.Path.Resolve(s.Resolve)
				if err != nil {
					return nil, err
				}
				c, err := duckdb.OpenCounter(ctx, duckdb.Spec{Address: s.Address, Path: filepath.Join(s.Root, path), Threads: 1, LockTimeout: s.LockTimeout})
				if err != nil {
					return nil, err
				}
				return c, nil
			},
		},
	}
	resolve := w.resolve
	if resolve == nil {
		resolve = func(p program.Part) (string, error) { return "value of " + p.Secret, nil }
	}
	return executor.Env{
		Root: w.root, ToolVersion: "test", RunID: id, Command: "apply", Registry: reg, Resolve: resolve, Log: slog.New(slog.DiscardHandler),
		Parallelism: w.parallel, Now: time.Now, Holder: statestore.Holder{RunID: id, Who: "test", PID: os.Getpid(), Command: "test"},
		Finish: w.finish, Events: func(e executor.Event) {
			w.mu.Lock()
			w.events = append(w.events, e)
			w.mu.Unlock()
			if w.onEvent != nil {
				w.onEvent(e)
			}
		},
	}
}

func (w *world) wrapped(src connector.Source) connector.Source {
	if w.source != nil {
		return w.source(src)
	}
	return src
}

// outcome is what an apply did.
type outcome struct {
	t      *testing.T
	plan   *plan.Plan
	report *executor.Report
	diags  diag.Diagnostics
}

// apply plans and carries out.
func (w *world) apply() *outcome {
	w.t.Helper()
	defer func() {
		w.ctx, w.finish, w.wrap, w.source, w.resolve, w.store, w.onEvent = nil, nil, nil, nil, nil, nil, nil
		w.opts, w.run = planner.Options{}, false
	}()
	w.events = nil
	ctx := w.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	sqlite, err := statestore.Open(w.path(".headgate/state.db"), statestore.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() {
		if err := sqlite.Close(); err != nil {
			w.t.Error(err)
		}
	}()
	env := w.env()
	env.Store = sqlite
	if w.store != nil {
		env.Store = w.store(sqlite)
	}
	p := w.plan(env)
	report, diags := executor.Apply(ctx, p, env)
	if _, err := json.Marshal(report); err != nil {
		w.t.Error(err)
	}
	return &outcome{t: w.t, plan: p, report: report, diags: diags}
}

// planned is the plan of now, without carrying it out.
func (w *world) planned() *plan.Plan {
	w.t.Helper()
	store, err := statestore.Open(w.path(".headgate/state.db"), statestore.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close() // read only: nothing can be lost
	env := w.env()
	env.Store = store
	return w.plan(env)
}

// plan makes the plan and passes it through its JSON, as a saved one goes.
func (w *world) plan(env executor.Env) *plan.Plan {
	w.t.Helper()
	ctx := context.Background()
	prior, err := env.Store.Read(ctx, w.environment)
	if err != nil {
		w.t.Fatal(err)
	}
	var prog *program.Program
	var diags diag.Diagnostics
	if w.run {
		prog, diags = planner.ProgramFromState(prior)
		w.opts.RunsOnly = true
	} else {
		prog = w.compile()
	}
	if err := diags.Err(); err != nil {
		w.t.Fatal(err)
	}
	prior, diags = executor.Refresh(ctx, prior, planner.Questions(prog, prior, w.opts), env)
	w.opts.ToolVersion, w.opts.Now = "test", "2026-01-01T00:00:00Z"
	p, more := planner.Build(prog, prior, w.opts)
	if err := append(diags, more...).Err(); err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	if err := plan.Encode(&b, p); err != nil {
		w.t.Fatal(err)
	}
	if p, err = plan.Decode(strings.NewReader(b.String())); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// ok fails the test unless the apply went well.
func (o *outcome) ok() *outcome {
	o.t.Helper()
	if err := o.diags.Err(); err != nil || (o.report.Status != executor.Done && o.report.Status != executor.Warned) {
		o.t.Fatalf("status %s: %v\n%s", o.report.Status, err, plan.Dump(o.plan))
	}
	o.sums()
	return o
}

// fails fails the test unless the apply failed with exactly these codes.
func (o *outcome) fails(codes ...diag.Code) *outcome {
	o.t.Helper()
	var got []diag.Code
	for _, d := range o.diags {
		if d.Severity == diag.Error {
			got = append(got, d.Code)
		}
	}
	slices.Sort(got)
	slices.Sort(codes)
	if !slices.Equal(got, codes) || o.report.Status != executor.Failed {
		o.t.Fatalf("status %s with %v, want %v: %v", o.report.Status, got, codes, o.diags)
	}
	return o
}

// sums checks that every record has exactly one outcome.
func (o *outcome) sums() {
	o.t.Helper()
	for _, s := range o.report.Steps {
		for _, r := range s.Streams {
			if r.Read != r.Accepted+r.Quarantined+r.Dropped+r.Filtered {
				o.t.Errorf("%s: the sums do not hold: %+v", r.Address, r)
			}
			if r.Status != executor.Unchanged && !r.Checksum.Equal {
				o.t.Errorf("%s: checksums differ", r.Address)
			}
		}
	}
}

// stream returns the report of the only stream of that name that ran.
func (o *outcome) stream(name string) *executor.StreamReport {
	o.t.Helper()
	for _, s := range o.report.Steps {
		for _, r := range s.Streams {
			if strings.HasSuffix(r.Address, ".stream."+name) {
				return r
			}
		}
	}
	o.t.Fatalf("the stream %s did not run: %s", name, plan.Dump(o.plan))
	return nil
}

// step returns the report of a step.
func (o *outcome) step(id string) *executor.StepReport {
	o.t.Helper()
	for _, s := range o.report.Steps {
		if s.ID == id {
			return s
		}
	}
	o.t.Fatalf("no step %s: %s", id, plan.Dump(o.plan))
	return nil
}

// counts are the stream's read, accepted, quarantined, dropped, filtered,
// annotated, warned.
func counts(r *executor.StreamReport) string {
	return fmt.Sprint(r.Read, r.Accepted, r.Quarantined, r.Dropped, r.Filtered, r.Annotated, r.Warned)
}

// diff is a diff's inserted, updated, unchanged, deleted, rows.
func diff(d connector.TableDiff) string {
	return fmt.Sprint(d.Inserted, d.Updated, d.Unchanged, d.Deleted, d.Rows)
}

// query returns the rows of a query over the warehouse: values joined by blanks,
// rows by "; ".
func (w *world) query(sql string) string { w.t.Helper(); return w.queryIn("w.duckdb", sql) }

func (w *world) queryIn(db, sql string) string {
	w.t.Helper()
	d, err := duck.Open(w.path(db), map[string]string{"threads": "1"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer d.Close()
	c, err := d.Connect()
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	rows, err := c.Texts(context.Background(), "select columns(*)::varchar from ("+sql+")")
	if err != nil {
		return "error: " + err.Error()
	}
	var out []string
	for _, row := range rows {
		var cells []string
		for _, cell := range row {
			if cell == nil {
				cells = append(cells, "null")
			} else {
				cells = append(cells, *cell)
			}
		}
		out = append(out, strings.Join(cells, " "))
	}
	return strings.Join(out, "; ")
}

// want fails the test unless the query gives this.
func (w *world) want(sql, want string) {
	w.t.Helper()
	if got := w.query(sql); got != want {
		w.t.Errorf("%s\n got %s\nwant %s", sql, got, want)
	}
}

// settled fails the test unless a plan finds no definition to change and nothing
// that certainly runs.
func (w *world) settled() {
	w.t.Helper()
	store, err := statestore.Open(w.path(".headgate/state.db"), statestore.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	env := w.env()
	env.Store = store
	p := w.plan(env)
	s := p.Summarize()
	s.Poll = 0
	if s != (plan.Summary{}) {
		w.t.Errorf("not settled:\n%s", plan.Dump(p))
	}
}

// forget takes the state away, as a lost disk would.
func (w *world) forget() {
	w.t.Helper()
	if err := os.RemoveAll(w.path(".headgate")); err != nil {
		w.t.Fatal(err)
	}
}

func address(t *testing.T, text string) addr.Address {
	t.Helper()
	a, err := addr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// expect compares named values.
func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s\n got %v\nwant %v", what, got, want)
	}
}

// lines is the number of lines of a file and more, as text.
func (w *world) lines(name string, more int) string {
	w.t.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprint(strings.Count(string(text), "\n") + more)
}

// snapshot is the state as it stands.
func (w *world) snapshot() *state.Snapshot {
	w.t.Helper()
	store, err := statestore.Open(w.path(".headgate/state.db"), statestore.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	s, err := store.Read(context.Background(), w.environment)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// inFullOnly leaves a test out under -short: one over every mode of writing, in which
// nothing runs side by side that other tests do not run, too.
func inFullOnly(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out under -short")
	}
}
