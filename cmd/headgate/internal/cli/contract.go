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
	"github.com/headgate-data/headgate/lang"
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
		CompileModule: func(ctx context.Context, m *lang.Module) (*program.Program, diag.Diagnostics) {
			typer, done := newTyper(ctx)
			defer done()
			a.keepFiles(m)
			p, _, diags := a.compileModule(ctx, m, a.flags.environment, typer, nil)
			return p, diags
		},
		CompileTree: a.compileTree,
		Command: func(formats []view.Format, work contractcli.Work) func(*cobra.Command, []string) error {
			return a.command(formats, func(ctx context.Context, args []string) outcome {
				out := work(ctx, args)
				return outcome{code: out.Code, diags: out.Diags}
			})
		},
		Document: a.document, Format: a.format, WriteFile: a.writeFile,
		KeepFile: func(name string, text []byte) { a.files[name] = text },
	}
}

// compileTree compiles a project that stands elsewhere, nil for the one at hand, for today's environment and
// variables. What it leaves is all that compiles.
func (a *app) compileTree(ctx context.Context, tree fs.FS) (*program.Program, diag.Diagnostics) {
	typer, done := newTyper(ctx)
	defer done()
	if tree == nil {
		tree = projectFS(a.projectRoot())
	}
	m, diags := lang.Load(tree, ".")
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
