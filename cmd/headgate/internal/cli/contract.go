package cli

import (
	"context"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/contractcli"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// contractHost lends the command line to the commands of contractcli.
func (a *app) contractHost() contractcli.Host {
	return contractcli.Host{
		In: a.io.In, Out: a.io.Out, Root: a.projectRoot, Path: a.path, Load: a.load, Registry: a.registry,
		Now: a.io.Now, Log: func() (*slog.Logger, *diag.Diagnostic) { return a.logger(a.io.Err, "") },
		Compile: func(ctx context.Context) (*program.Program, diag.Diagnostics) {
			p, _, diags := a.compile(ctx, a.flags.environment)
			return p, diags
		},
		CompileModule: func(ctx context.Context, m *lang.Module, beside fs.FS) (*program.Program, diag.Diagnostics) {
			typer, done := a.newTyper(ctx, m)
			defer done()
			a.keepFiles(m)
			p, _, diags := a.compileModule(ctx, m, a.flags.environment, typer, layered{beside, projectFS(a.projectRoot())}, nil)
			return p, diags
		},
		OpenSource:  a.openSource,
		LookInto:    a.lookInto,
		CompileTree: a.compileTree,
		Command: func(formats []view.Format, work contractcli.Work) func(*cobra.Command, []string) error {
			return a.command(formats, func(ctx context.Context, args []string) outcome {
				out := work(ctx, args)
				return outcome{code: out.Code, diags: out.Diags}
			})
		},
		Document: a.document, Format: a.format, WriteFile: a.writeFile,
		ReplaceFile: func(path string, text []byte) error { return replaceFile(a.path(path), text) },
		KeepFile:    func(name string, text []byte) { a.files[name] = text },
	}
}

// openSource compiles the project and opens one of its sources.
func (a *app) openSource(ctx context.Context, at addr.Address) (connector.Source, func(), diag.Diagnostics) {
	p, vars, diags := a.compile(ctx, a.flags.environment)
	if diags.HasErrors() {
		return nil, nil, diags
	}
	n, ok := p.Lookup(at)
	if !ok || n.Source == nil {
		return nil, nil, append(diags, diag.New(diag.Usage, "%s is no source of this project.", at))
	}
	log := slog.New(slog.NewTextHandler(a.io.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	src, done, err := executor.OpenSource(ctx, n, p.Environment, executor.Env{Root: a.projectRoot(), Registry: a.registry(), Resolve: a.resolver(vars.resolvable()), Log: log})
	diags.AddError(err, diag.SourceFailed, "The source could not be read")
	return src, done, diags
}

// lookInto opens a destination of a program to look at only.
func (a *app) lookInto(ctx context.Context, n *program.Node) (connector.Destination, error) {
	vars, diags := a.variables(nil)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(a.io.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return executor.LookInto(ctx, n, executor.Env{
		Root: a.projectRoot(), Registry: a.registry(), Resolve: a.resolver(vars.resolvable()), Log: log, LockTimeout: a.flags.lockTimeout,
	})
}

// compileTree compiles a project that stands elsewhere, nil for the one at hand, for today's environment and
// variables. What it leaves is all that compiles.
func (a *app) compileTree(ctx context.Context, tree fs.FS) (*program.Program, diag.Diagnostics) {
	if tree == nil {
		tree = projectFS(a.projectRoot())
	}
	m, diags := lang.Load(tree, ".")
	typer, done := a.newTyper(ctx, m)
	defer done()
	a.keepFiles(m)
	vars, more := a.variables(m)
	diags = append(diags, more...)
	p, more := compiler.Compile(ctx, m, compiler.Inputs{
		Environment: a.flags.environment, Vars: vars.given, VarFile: vars.files, Today: a.io.Now().UTC().Format(time.DateOnly),
		LookupEnv: a.io.LookupEnv, FS: tree, FolderName: filepath.Base(a.projectRoot()), Typer: typer, AllowDeprecated: true,
	})
	a.keepFiles(m)
	return p, append(diags, more...)
}
