package cli

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

func (a *app) quarantineCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "quarantine", Short: "Look at the records that broke their contract"}
	var q connector.QuarantineQuery
	list := &cobra.Command{
		Use:   "list",
		Short: "List records in quarantine, newest first",
		Args:  cobra.NoArgs,
		RunE: a.command(textOrJSON, func(ctx context.Context, _ []string) outcome {
			return a.quarantine(ctx, q, false)
		}),
	}
	list.Flags().StringVar(&q.Stream, "stream", "", "only of this stream's address")
	list.Flags().StringVar(&q.RunID, "run", "", "only of this run")
	list.Flags().IntVar(&q.Limit, "limit", 20, "at most so many; 0: all")
	cmd.AddCommand(list, &cobra.Command{
		Use:   "show ID",
		Short: "Show one record with the reasons, as it was found",
		Args:  cobra.ExactArgs(1),
		RunE: a.command(textOrJSON, func(ctx context.Context, args []string) outcome {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id <= 0 {
				return failed(diag.New(diag.Usage, "%q is no id; `headgate quarantine list` prints them.", args[0]))
			}
			return a.quarantine(ctx, connector.QuarantineQuery{ID: id}, true)
		}),
	})
	return cmd
}

func (a *app) quarantine(ctx context.Context, q connector.QuarantineQuery, full bool) outcome {
	return a.withState(ctx, "quarantine", func(s *session, snap *state.Snapshot) outcome {
		q.Project, q.Environment = snap.Project, snap.Environment
		rows, diags := quarantined(ctx, s, snap, q)
		if diags.HasErrors() {
			return outcome{diags: diags}
		}
		if full && len(rows) == 0 {
			return failed(diag.New(diag.Usage, "No record %d is in quarantine; `headgate quarantine list` prints those that are.", q.ID))
		}
		v := view.Quarantine{FormatVersion: view.FormatVersion, Environment: snap.Environment, Rows: rows}
		return a.plainDocument(v, func(w io.Writer, style view.Style) error { return view.WriteQuarantine(w, v, full, style) })
	})
}

// quarantined asks every destination of the environment, in the order of their
// addresses.
func quarantined(ctx context.Context, s *session, snap *state.Snapshot, q connector.QuarantineQuery) ([]connector.QuarantineRow, diag.Diagnostics) {
	rows := []connector.QuarantineRow{}
	var diags diag.Diagnostics
	for _, n := range sortedNodes(snap) {
		if n.Definition.Destination == nil {
			continue
		}
		found, err := ask(ctx, s, n.Definition, q)
		diags.AddError(err, diag.DestinationFailed, "The destination refused the work")
		rows = append(rows, found...)
	}
	if q.Limit > 0 && len(rows) > q.Limit {
		rows = rows[:q.Limit]
	}
	return rows, diags
}

// ask opens one destination for its quarantine.
func ask(ctx context.Context, s *session, n *program.Node, q connector.QuarantineQuery) ([]connector.QuarantineRow, error) {
	open, ok := s.env.Registry.Destination[n.Destination.Type]
	if !ok {
		return nil, diag.Bug("cli.ask", "no connector for destinations of type %q", n.Destination.Type)
	}
	d, err := open(ctx, executor.DestinationSpec{
		Address: n.Address.String(), Destination: n.Destination, Root: s.env.Root, LockTimeout: s.env.LockTimeout,
		Resolve: s.env.Resolve, Log: s.env.Log,
	})
	if err != nil {
		return nil, err
	}
	rows, err := d.Quarantined(ctx, q)
	if closing := d.Close(); err == nil {
		err = closing
	}
	return rows, err
}

// sortedNodes lists the applied nodes by address.
func sortedNodes(snap *state.Snapshot) []*state.Node {
	var out []*state.Node
	for _, n := range snap.Nodes {
		if n.Definition != nil {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b *state.Node) int {
		return cmp.Compare(a.Definition.Address.String(), b.Definition.Address.String())
	})
	return out
}
