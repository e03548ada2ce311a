package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/lang/diag"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the whole project, offline, in every environment",
		Args:  cobra.NoArgs,
		RunE:  a.command(textOrJSON, a.validate),
	}
}

func (a *app) validate(ctx context.Context, _ []string) outcome {
	diags := a.check(ctx)
	v := view.NewDiagnostics(diags)
	err := a.document(v, func(w io.Writer, style view.Style) error {
		if !v.Valid {
			return nil
		}
		_, err := fmt.Fprintln(w, "The project is valid.")
		return err
	}, nil)
	a.told = a.format() == view.JSON && err == nil
	diags.AddError(err, diag.Usage, usageSummary)
	return outcome{diags: diags}
}

// check compiles every environment, or the one of --env, and returns each fault
// once.
func (a *app) check(ctx context.Context) diag.Diagnostics {
	m, diags := a.load()
	if len(m.Blocks) == 0 && diags.HasErrors() {
		return diags
	}
	typer, done := a.newTyper(ctx, m)
	defer done()
	names := []string{a.flags.environment}
	if a.flags.environment == "" {
		names, _ = compiler.Environments(m)
	}
	for _, name := range names {
		_, _, more := a.compileModule(ctx, m, name, typer, projectFS(a.projectRoot()), nil)
		diags = append(diags, more...)
	}
	return diags.Sorted()
}
