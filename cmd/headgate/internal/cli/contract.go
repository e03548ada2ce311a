package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/contractcli"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// contractHost lends the command line to the commands of contractcli.
func (a *app) contractHost() contractcli.Host {
	return contractcli.Host{
		In: a.io.In, Out: a.io.Out, Root: a.projectRoot, Path: a.path, Load: a.load, Registry: a.registry,
		Compile: func(ctx context.Context) (*program.Program, diag.Diagnostics) {
			p, _, diags := a.compile(ctx, a.flags.environment)
			return p, diags
		},
		CompileModule: func(ctx context.Context, m *lang.Module) (*program.Program, diag.Diagnostics) {
			typer, done := newTyper(ctx, m)
			defer done()
			a.keepFiles(m)
			p, _, diags := a.compileModule(ctx, m, a.flags.environment, typer, nil)
			return p, diags
		},
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
