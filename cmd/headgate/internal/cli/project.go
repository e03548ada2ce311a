package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"time"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

// statePath is where a project's state stands, relative to its folder.
const statePath = ".headgate/state.db"

// projectFS is the project's folder as a file system that no link leads out of.
// A folder that cannot be opened gives its fault at the first file.
func projectFS(root string) fs.FS {
	if r, err := os.OpenRoot(root); err == nil {
		return r.FS()
	}
	return os.DirFS(root)
}

// layered is folders as one: a name is looked for in each in turn. A nil one holds
// nothing.
type layered []fs.FS

// Open implements fs.FS. The error is that of the last folder.
func (l layered) Open(name string) (f fs.File, err error) {
	err = &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	for _, fsys := range l {
		if fsys == nil {
			continue
		}
		if f, err = fsys.Open(name); err == nil {
			return f, nil
		}
	}
	return nil, err
}

// load reads the project's files. The module is worth compiling even when there
// are errors, so that all faults are told at once.
func (a *app) load() (*lang.Module, diag.Diagnostics) {
	m, diags := lang.Load(projectFS(a.projectRoot()), ".")
	a.keepFiles(m)
	return m, diags
}

// keepFiles remembers source texts for drawing diagnostics.
func (a *app) keepFiles(m *lang.Module) {
	for name, text := range m.Files {
		a.files[name] = text
	}
}

// compile reads and compiles the project for one environment, "" for the
// default one. The program is nil when there are errors.
func (a *app) compile(ctx context.Context, environment string) (*program.Program, variables, diag.Diagnostics) {
	m, diags := a.load()
	if len(m.Blocks) == 0 && diags.HasErrors() {
		return nil, variables{}, diags
	}
	typer, done := a.newTyper(ctx, m)
	defer done()
	return a.compileModule(ctx, m, environment, typer, projectFS(a.projectRoot()), diags)
}

func (a *app) compileModule(ctx context.Context, m *lang.Module, environment string, typer compiler.QueryTyper, files fs.FS, diags diag.Diagnostics) (*program.Program, variables, diag.Diagnostics) {
	vars, more := a.variables(m)
	diags = append(diags, more...)
	root := a.projectRoot()
	in := compiler.Inputs{
		Environment: environment, Vars: vars.given, VarFile: vars.files, Today: a.io.Now().UTC().Format(time.DateOnly),
		LookupEnv: a.io.LookupEnv, FS: files, FolderName: filepath.Base(root), Typer: typer, OnQuery: a.onQuery,
	}
	p, policies, more := compiler.CompileWithPolicies(ctx, m, in)
	vars.sensitive = compiler.SensitiveValues(m, in)
	a.keepFiles(m)
	diags = append(diags, more...)
	if diags.HasErrors() {
		return nil, vars, diags
	}
	a.policies[p] = policies
	return p, vars, diags
}

// session is an open state with all that the executor needs.
type session struct {
	env      executor.Env
	store    statestore.Store
	progress *view.Progress
	events   func() error // closes --events-into; never nil
}

// open opens the project's state for a command. log level is that of the flag,
// else level, else warn.
func (a *app) open(command string, p *program.Program, vars variables) (*session, *diag.Diagnostic) {
	root := a.projectRoot()
	store, err := statestore.Open(filepath.Join(root, filepath.FromSlash(statePath)), statestore.Options{})
	if err != nil {
		return nil, diag.FromError(err, diag.StateFailed, "The state could not be read")
	}
	s := &session{store: store, events: func() error { return nil }}
	s.progress = view.NewProgress(a.io.Err, a.errStyle(), a.io.ErrTerminal)
	level := ""
	if p != nil {
		level = p.Environment.LogLevel
	}
	log, fault := a.logger(s.progress, level)
	if fault != nil {
		return nil, a.closing(store, fault)
	}
	events, fault := a.eventSink(s)
	if fault != nil {
		return nil, a.closing(store, fault)
	}
	parallelism := a.flags.parallelism
	if parallelism <= 0 {
		parallelism = runtime.NumCPU()
	}
	s.env = executor.Env{
		Root: root, ToolVersion: a.io.Version, RunID: newRunID(a.io.Now()), Command: command, Store: store,
		Registry: a.registry(), Resolve: a.resolver(vars.resolvable()), Log: log, Events: events, Parallelism: parallelism,
		LockTimeout: a.flags.lockTimeout, Now: a.io.Now, Finish: a.io.Finish,
	}
	s.env.Holder = statestore.Holder{RunID: s.env.RunID, Who: who(), PID: os.Getpid(), Command: "headgate " + command}
	return s, nil
}

// closing closes a store that is not used after all.
func (a *app) closing(store statestore.Store, fault *diag.Diagnostic) *diag.Diagnostic {
	if err := store.Close(); err != nil {
		fault.Detail += " (and closing the state: " + err.Error() + ")"
	}
	return fault
}

// close ends the session: the bars go, the state is closed.
func (s *session) close(diags *diag.Diagnostics) {
	diags.AddError(s.progress.Close(), diag.Usage, usageSummary)
	diags.AddError(s.events(), diag.Usage, usageSummary)
	diags.AddError(s.store.Close(), diag.StateFailed, "The state could not be written")
}

// read reads an environment's snapshot.
func (s *session) read(ctx context.Context, environment string) (*state.Snapshot, *diag.Diagnostic) {
	snap, err := s.store.Read(ctx, environment)
	return snap, diag.FromError(err, diag.StateFailed, "The state could not be read")
}

func (a *app) logger(to io.Writer, level string) (*slog.Logger, *diag.Diagnostic) {
	if a.flags.logLevel != "" {
		level = a.flags.logLevel
	}
	if level == "" {
		level = "warn"
	}
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, diag.New(diag.Usage, "--log-level %q: it takes debug, info, warn or error.", level)
	}
	// What a log says passes through the same redaction as everything else.
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: l})), nil
}

// who names the user and machine for the holder of a lease.
func who() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return name + "@" + host
}

// newRunID makes an id that sorts by time: 20260102T150405Z-a1b2c3.
func newRunID(now time.Time) string {
	var b [3]byte
	rand.Read(b[:]) // never fails
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}
