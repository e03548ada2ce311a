package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/planview"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

func (a *app) applyCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "apply [PLAN]",
		Short: "Carry out a saved plan, or plan, ask and carry out",
		Long: "Without PLAN, apply makes a plan, shows it and asks. With --auto-approve it does not ask. " +
			"In a protected environment it takes a saved plan only.",
		Args: cobra.MaximumNArgs(1),
		RunE: a.command(allFormats, func(ctx context.Context, args []string) outcome {
			if len(args) == 1 {
				return a.applySaved(ctx, args[0], o)
			}
			return a.apply(ctx, o)
		}),
	}
	o.flags(cmd)
	a.executionFlags(cmd)
	return cmd
}

// executionFlags are those of apply and run.
func (a *app) executionFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&a.flags.autoApprove, "auto-approve", false, "do not ask")
	cmd.Flags().StringVar(&a.flags.eventsInto, "events-into", "", "write progress to this file, one JSON object a line")
}

// applySaved carries out a plan file. It reads no project.
func (a *app) applySaved(ctx context.Context, path string, o planOptions) (out outcome) {
	if len(o.targets)+len(o.excludes)+len(o.replace) > 0 {
		return failed(diag.New(diag.Usage, "--target, --exclude and --replace steer planning; a saved plan is carried out as it stands."))
	}
	p, fault := a.readPlan(path)
	if fault != nil {
		return failed(fault)
	}
	if a.flags.environment != "" && a.flags.environment != p.Environment {
		return failed(diag.New(diag.Usage, "The plan was made for the environment %q, and --env says %q.", p.Environment, a.flags.environment))
	}
	vars, diags := a.variables(nil)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	s, fault := a.open("apply", p.Program, vars)
	if fault != nil {
		return failed(fault)
	}
	defer func() { s.close(&out.diags) }()
	return a.execute(ctx, s, p, diags)
}

func (a *app) apply(ctx context.Context, o planOptions) (out outcome) {
	prog, vars, diags := a.compile(ctx, a.flags.environment)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	if prog.Environment.Protected {
		return failed(append(diags, diag.New(diag.Usage,
			"The environment %q is protected: it takes saved plans only. Run `headgate plan --env %s --out plan.json`, have it reviewed, and run `headgate apply plan.json`.",
			prog.Environment.Name, prog.Environment.Name))...)
	}
	if !a.flags.autoApprove && !a.io.InTerminal {
		return failed(append(diags, diag.New(diag.Usage,
			"Nobody can be asked: the input is no terminal. Give --auto-approve, or save a plan with `headgate plan --out FILE` and run `headgate apply FILE`."))...)
	}
	s, fault := a.open("apply", prog, vars)
	if fault != nil {
		return failed(append(diags, fault)...)
	}
	defer func() { s.close(&out.diags) }()
	p, prior, more := a.build(ctx, s, prog, o)
	diags = append(diags, more...)
	if p == nil || diags.HasErrors() {
		return outcome{diags: diags}
	}
	if a.format() == view.Text || !a.flags.autoApprove {
		if err := planview.WriteText(a.io.Out, planview.New(p, prior), a.outStyle()); err != nil {
			return failed(append(diags, diag.New(diag.Usage, "%v", err))...)
		}
	}
	if len(p.Steps) > 0 && !a.flags.autoApprove && !a.approved() {
		return failed(append(diags, diag.New(diag.Usage, "Not approved; nothing was done."))...)
	}
	return a.execute(ctx, s, p, diags)
}

// approved asks for a yes.
func (a *app) approved() bool {
	if _, err := fmt.Fprint(a.io.Out, "\nApply this plan? Only yes is taken: "); err != nil {
		return false
	}
	answer, err := bufio.NewReader(a.io.In).ReadString('\n')
	return (err == nil || err == io.EOF) && strings.TrimSpace(answer) == "yes"
}

// execute carries out a plan, prints the report and chooses the exit code.
func (a *app) execute(ctx context.Context, s *session, p *plan.Plan, diags diag.Diagnostics) outcome {
	report, more := executor.Apply(ctx, p, s.env)
	diags = append(diags, more...)
	if err := s.progress.Close(); err != nil {
		diags.AddError(err, diag.Usage, usageSummary)
	}
	if report == nil {
		return outcome{diags: diags}
	}
	v := view.NewReport(report, diags)
	err := a.document(v,
		func(w io.Writer, style view.Style) error { return view.WriteReport(w, v, style) },
		func(w io.Writer) error { return view.WriteReportMarkdown(w, v) })
	a.told = a.format() == view.JSON && err == nil
	diags.AddError(err, diag.Usage, usageSummary)
	switch {
	case report.Broke:
		return outcome{code: exitFindings, diags: diags}
	case report.Status == executor.Done || report.Status == executor.Warned || report.Status == executor.Unchanged:
		return outcome{diags: diags}
	default:
		return outcome{code: exitError, diags: diags}
	}
}
