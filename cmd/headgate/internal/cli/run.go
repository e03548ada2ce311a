package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner"
)

func (a *app) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [ADDRESS...]",
		Short: "Move data for what was last applied, whatever the files say now",
		RunE:  a.command(allFormats, a.run),
	}
	a.executionFlags(cmd)
	return cmd
}

func (a *app) run(ctx context.Context, args []string) (out outcome) {
	vars, diags := a.variables(nil)
	run := a.addresses("address", args, &diags)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	s, fault := a.open("run", nil, vars)
	if fault != nil {
		return failed(fault)
	}
	defer func() { s.close(&out.diags) }()
	environment, fault := a.appliedEnvironment(ctx, s)
	if fault != nil {
		return failed(fault)
	}
	prior, fault := s.read(ctx, environment)
	if fault != nil {
		return failed(fault)
	}
	if prior.DefinitionSerial == 0 {
		return failed(nothingApplied())
	}
	prog, diags := planner.ProgramFromState(prior)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	prior, more := executor.Refresh(ctx, prior, planner.RunQuestions(prog, prior), s.env)
	if diags = append(diags, more...); diags.HasErrors() {
		return outcome{diags: diags}
	}
	p, more := planner.Build(prog, prior, planner.Options{
		ToolVersion: a.io.Version, Now: a.io.Now().UTC().Format("2006-01-02T15:04:05Z"), RunsOnly: true, Run: run,
	})
	if diags = append(diags, more...); p == nil || diags.HasErrors() {
		return outcome{diags: diags}
	}
	if len(p.Steps) == 0 && a.format() == view.Text {
		_, err := fmt.Fprintln(a.io.Out, "Nothing to run: no data waits.")
		diags.AddError(err, diag.Usage, usageSummary)
		return outcome{diags: diags}
	}
	return a.execute(ctx, s, p, diags)
}

// appliedEnvironment is the environment of a command that needs the state alone:
// --env, else the only one in the state, else the project's default one.
func (a *app) appliedEnvironment(ctx context.Context, s *session) (string, *diag.Diagnostic) {
	if a.flags.environment != "" {
		return a.flags.environment, nil
	}
	known, err := s.store.Environments(ctx)
	if err != nil {
		return "", diag.FromError(err, diag.StateFailed, "The state could not be read")
	}
	if len(known) == 1 {
		return known[0], nil
	}
	// A broken project must not keep data from moving: its faults are not shown.
	m, _ := lang.Load(projectFS(a.projectRoot()), ".")
	if _, standard := compiler.Environments(m); len(m.Blocks) > 0 && standard != "" {
		return standard, nil
	}
	if len(known) == 0 {
		return "", nothingApplied()
	}
	return "", diag.New(diag.Usage, "Several environments are applied (%s): say which with --env.", strings.Join(known, ", "))
}

func nothingApplied() *diag.Diagnostic {
	return diag.New(diag.Usage, "Nothing was applied to this environment: %s holds nothing of it. Run `headgate apply` first.", statePath)
}

func (a *app) showCommand() *cobra.Command {
	var examples string
	cmd := &cobra.Command{
		Use:   "show [PLAN]",
		Short: "Print a saved plan, or without one the state",
		Args:  cobra.MaximumNArgs(1),
		RunE: a.command(allFormats, func(ctx context.Context, args []string) outcome {
			if fault := checkExamples(examples); fault != nil {
				return failed(fault)
			}
			if len(args) == 0 {
				return a.stateList(ctx, nil)
			}
			p, fault := a.readPlan(args[0])
			if fault != nil {
				return failed(fault)
			}
			var diags diag.Diagnostics
			diags.AddError(a.showPlan(p, nil, examples), diag.Usage, usageSummary)
			return outcome{diags: diags}
		}),
	}
	examplesFlag(cmd.Flags(), &examples)
	return cmd
}

// plainDocument writes a document that has text and JSON only.
func (a *app) plainDocument(v any, text func(io.Writer, view.Style) error) outcome {
	var diags diag.Diagnostics
	diags.AddError(a.document(v, text, nil), diag.Usage, usageSummary)
	return outcome{diags: diags}
}
