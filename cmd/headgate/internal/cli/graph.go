package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/lang/diag"
)

func (a *app) graphCommand() *cobra.Command {
	var format string // hides the global flag, which has other formats
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Print what depends on what",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.flags.format = format
			return a.command([]view.Format{view.Dot, view.Mermaid, view.JSON}, a.graph)(cmd, args)
		},
	}
	cmd.Flags().StringVar(&format, "format", string(view.Dot), "dot, mermaid or json")
	return cmd
}

func (a *app) graph(ctx context.Context, _ []string) outcome {
	prog, _, diags := a.compile(ctx, a.flags.environment)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	v := view.NewGraph(prog)
	err := a.document(v, func(w io.Writer, _ view.Style) error {
		if a.format() == view.Mermaid {
			return view.WriteMermaid(w, v)
		}
		return view.WriteDot(w, v)
	}, nil)
	diags.AddError(err, diag.Usage, usageSummary)
	return outcome{diags: diags}
}
