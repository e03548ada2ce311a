package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

func (a *app) stateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "state", Short: "Look at what was applied"}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List what was applied",
		Args:  cobra.NoArgs,
		RunE:  a.command(textOrJSON, a.stateList),
	}, &cobra.Command{
		Use:   "show ADDRESS",
		Short: "Show one address as it was applied",
		Args:  cobra.ExactArgs(1),
		RunE:  a.command(textOrJSON, a.stateShow),
	})
	return cmd
}

func (a *app) stateList(ctx context.Context, _ []string) outcome {
	return a.withState(ctx, "state list", func(_ *session, snap *state.Snapshot) outcome {
		v := view.NewStateList(snap)
		return a.plainDocument(v, func(w io.Writer, style view.Style) error { return view.WriteStateList(w, v, style) })
	})
}

func (a *app) stateShow(ctx context.Context, args []string) outcome {
	address, err := addr.Parse(args[0])
	if err != nil {
		return failed(diag.New(diag.Usage, "%v.", err))
	}
	return a.withState(ctx, "state show", func(_ *session, snap *state.Snapshot) outcome {
		n, ok := snap.Nodes[address.String()]
		if !ok {
			return failed(diag.New(diag.Usage, "%s is not in the state of environment %q; `headgate state list` prints what is.", address, snap.Environment))
		}
		v := view.StateNode{FormatVersion: view.FormatVersion, Environment: snap.Environment, Address: address.String(), Node: n}
		return a.plainDocument(v, func(w io.Writer, style view.Style) error { return view.WriteStateNode(w, v, style) })
	})
}

// withState opens the state alone and reads the environment's snapshot.
func (a *app) withState(ctx context.Context, command string, work func(*session, *state.Snapshot) outcome) (out outcome) {
	vars, diags := a.variables(nil)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	s, fault := a.open(command, nil, vars)
	if fault != nil {
		return failed(fault)
	}
	defer func() { s.close(&out.diags) }()
	environment, fault := a.appliedEnvironment(ctx, s)
	if fault != nil {
		return failed(fault)
	}
	snap, fault := s.read(ctx, environment)
	if fault != nil {
		return failed(fault)
	}
	return work(s, snap)
}
