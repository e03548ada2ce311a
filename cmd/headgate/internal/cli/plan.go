package cli

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/planview"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// planOptions are the flags that steer what is planned.
type planOptions struct {
	out                        string
	targets, excludes, replace []string
	refresh                    bool
	detailed                   bool
}

func (o *planOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.targets, "target", nil, "only this address and what it needs (repeatable)")
	f.StringArrayVar(&o.excludes, "exclude", nil, "all but this address (repeatable)")
	f.StringArrayVar(&o.replace, "replace", nil, "load or build this address anew (repeatable)")
	f.BoolVar(&o.refresh, "refresh", true, "look at sources and destinations first")
}

func (a *app) planCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what apply would do; change nothing",
		Args:  cobra.NoArgs,
		RunE: a.command(allFormats, func(ctx context.Context, _ []string) outcome {
			return a.plan(ctx, o)
		}),
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.out, "out", "", "save the plan to this file, for `headgate apply FILE`")
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when a definition changes")
	return cmd
}

func (a *app) plan(ctx context.Context, o planOptions) (out outcome) {
	prog, vars, diags := a.compile(ctx, a.flags.environment)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	s, fault := a.open("plan", prog, vars)
	if fault != nil {
		return failed(append(diags, fault)...)
	}
	defer func() { s.close(&out.diags) }()
	p, prior, more := a.build(ctx, s, prog, o)
	diags = append(diags, more...)
	if p == nil || diags.HasErrors() {
		return outcome{diags: diags}
	}
	if o.out != "" {
		err := a.writeFile(o.out, func(w io.Writer) error { return plan.Encode(w, p) })
		diags.AddError(err, diag.Usage, usageSummary)
	}
	diags.AddError(a.showPlan(p, prior), diag.Usage, usageSummary)
	if o.detailed && p.ChangesDefinition() {
		return outcome{code: exitChanges, diags: diags}
	}
	return outcome{diags: diags}
}

// build makes a plan from a compiled program and the state, and returns the
// refreshed snapshot that it was made from.
func (a *app) build(ctx context.Context, s *session, prog *program.Program, o planOptions) (*plan.Plan, *state.Snapshot, diag.Diagnostics) {
	var diags diag.Diagnostics
	opts := planner.Options{ToolVersion: a.io.Version, Now: a.io.Now().UTC().Format("2006-01-02T15:04:05Z")}
	opts.Targets = a.addresses("--target", o.targets, &diags)
	opts.Excludes = a.addresses("--exclude", o.excludes, &diags)
	opts.Replace = a.addresses("--replace", o.replace, &diags)
	prior, fault := s.read(ctx, prog.Environment.Name)
	diags.Add(fault)
	if diags.HasErrors() {
		return nil, nil, diags
	}
	if o.refresh {
		refreshed, more := executor.Refresh(ctx, prior, planner.Questions(prog, prior), s.env)
		diags = append(diags, more...)
		if diags.HasErrors() {
			return nil, nil, diags
		}
		prior = refreshed
	}
	p, more := planner.Build(prog, prior, opts)
	return p, planner.Follow(prog, prior), append(diags, more...)
}

// addresses parses a flag's addresses.
func (a *app) addresses(flag string, texts []string, diags *diag.Diagnostics) []addr.Address {
	var out []addr.Address
	for _, t := range texts {
		address, err := addr.Parse(t)
		if err != nil {
			diags.Add(diag.New(diag.Usage, "%s: %v.", flag, err))
			continue
		}
		out = append(out, address)
	}
	return out
}

// showPlan prints a plan; prior is nil where only the plan is at hand.
func (a *app) showPlan(p *plan.Plan, prior *state.Snapshot) error {
	v := planview.New(p, prior)
	return a.document(v,
		func(w io.Writer, style view.Style) error { return planview.WriteText(w, v, style) },
		func(w io.Writer) error { return planview.WriteMarkdown(w, v) })
}

// readPlan reads a saved plan.
func (a *app) readPlan(path string) (*plan.Plan, *diag.Diagnostic) {
	f, err := os.Open(a.path(path))
	if err != nil {
		return nil, diag.New(diag.Usage, "The plan cannot be read: %v.", err)
	}
	defer f.Close() // read only: nothing can be lost
	p, err := plan.Decode(f)
	return p, diag.FromError(err, diag.Usage, usageSummary)
}
