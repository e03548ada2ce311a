package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// lockFile keeps what sources were found to hold; it is committed.
const lockFile = "sources.lock.hcl"

func (a *app) sourceCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "source", Short: "Look at sources"}
	cmd.AddCommand(&cobra.Command{
		Use:   "discover [ADDRESS...]",
		Short: "Write each source's streams and columns to " + lockFile,
		RunE:  a.command(textOrJSON, a.discover),
	})
	return cmd
}

func (a *app) discover(ctx context.Context, args []string) (out outcome) {
	prog, vars, diags := a.compile(ctx, a.flags.environment)
	wanted := a.addresses("address", args, &diags)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	s, fault := a.open("source discover", prog, vars)
	if fault != nil {
		return failed(append(diags, fault)...)
	}
	defer func() { s.close(&out.diags) }()
	found, more := discoverSources(ctx, s, prog, wanted)
	if diags = append(diags, more...); diags.HasErrors() {
		return outcome{diags: diags}
	}
	m, more := a.load()
	if diags = append(diags, more...); diags.HasErrors() {
		return outcome{diags: diags}
	}
	text, more := lockText(m, found, len(wanted) > 0)
	if diags = append(diags, more...); diags.HasErrors() {
		return outcome{diags: diags}
	}
	if err := replaceFile(a.path(lockFile), text); err != nil {
		return failed(append(diags, diag.New(diag.Usage, "%s cannot be written: %v.", lockFile, err))...)
	}
	v := view.NewDiscovery(found)
	done := a.plainDocument(v, func(w io.Writer, style view.Style) error {
		if err := view.WriteDiscovery(w, v, style); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "Written to %s.\n", lockFile)
		return err
	})
	done.diags = append(diags, done.diags...)
	return done
}

// discoverSources asks each wanted source of the program, all of them where none
// is named.
func discoverSources(ctx context.Context, s *session, prog *program.Program, wanted []addr.Address) ([]view.DiscoveredSource, diag.Diagnostics) {
	var out []view.DiscoveredSource
	var diags diag.Diagnostics
	for _, n := range prog.Nodes {
		if n.Source == nil || len(wanted) > 0 && !slices.Contains(wanted, n.Address) {
			continue
		}
		streams, more := executor.Discover(ctx, n, prog.Environment, s.env)
		diags = append(diags, more...)
		out = append(out, view.DiscoveredSource{Node: n, Streams: streams})
	}
	for _, a := range wanted {
		if n, ok := prog.Lookup(a); !ok || n.Source == nil {
			diags.Add(diag.New(diag.Usage, "%s is no source of this project.", a))
		}
	}
	return out, diags
}
