package cli

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/planview"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/impact"
	result "github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/executor/sample"
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
	examples                   string // "" where nothing was said
	impactLimit                int64
	sample                     int64
}

func (o *planOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.targets, "target", nil, "only this address and what it needs (repeatable)")
	f.StringArrayVar(&o.excludes, "exclude", nil, "all but this address (repeatable)")
	f.StringArrayVar(&o.replace, "replace", nil, "load or build this address anew (repeatable)")
	f.BoolVar(&o.refresh, "refresh", true, "look at sources and destinations first")
	f.Int64Var(&o.impactLimit, "impact-limit", impact.DefaultLimit, "rows of a table past which a sample says what a contract would refuse")
	examplesFlag(f, &o.examples)
}

// examplesFlag adds the flag that says which rows at fault are shown.
func examplesFlag(f *pflag.FlagSet, into *string) {
	f.StringVar(into, "examples", "", "of rows at fault, show none, keys or full (default: keys, and none in markdown)")
}

// checkExamples refuses what --examples does not take.
func checkExamples(value string) *diag.Diagnostic {
	switch value {
	case "", impact.ExamplesNone, impact.ExamplesKeys, impact.ExamplesFull:
		return nil
	default:
		return diag.New(diag.Usage, "--examples %q: it takes none, keys or full.", value)
	}
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
	cmd.Flags().Int64Var(&o.sample, "sample", 0, "read up to so many records of each stream that would run, or is a --target, load nothing, and say what would be refused")
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
	samples, more := a.samples(ctx, s, prog, prior, p, o)
	if diags = append(diags, more...); more.HasErrors() {
		return outcome{diags: diags}
	}
	diags.AddError(a.showPlan(p, prior, o.examples, samples...), diag.Usage, usageSummary)
	switch {
	case planview.Broken(samples):
		return outcome{code: exitFindings, diags: diags}
	case o.detailed && p.ChangesDefinition():
		return outcome{code: exitChanges, diags: diags}
	default:
		return outcome{diags: diags}
	}
}

// samples reads records of the streams that the plan runs, and of those that are
// targets.
func (a *app) samples(ctx context.Context, s *session, prog *program.Program, prior *state.Snapshot, p *plan.Plan, o planOptions) ([]result.Sample, diag.Diagnostics) {
	if o.sample == 0 {
		return nil, nil
	}
	if o.sample < 0 {
		return nil, diag.Diagnostics{diag.New(diag.Usage, "--sample %d: it takes a number of records.", o.sample)}
	}
	var diags diag.Diagnostics
	spec := sample.Spec{Program: prog, Prior: prior, Plan: p, Records: o.sample, Examples: o.examples, Env: s.env}
	for _, target := range a.addresses("--target", o.targets, &diags) {
		if target.Stream != "" {
			spec.Also = append(spec.Also, target)
		}
	}
	out, more := sample.Run(ctx, spec)
	diags = append(diags, more...)
	for _, x := range out {
		if x.Verdict == result.Broken {
			diags.Add(diag.Warnf(diag.SampleFindings, "Records that wait break their contract beyond its tolerance", "%s: %s.", x.Stream, x.Why).For(x.Stream))
		}
	}
	return out, diags
}

// build makes a plan from a compiled program and the state, and returns the
// refreshed snapshot that it was made from.
func (a *app) build(ctx context.Context, s *session, prog *program.Program, o planOptions) (*plan.Plan, *state.Snapshot, diag.Diagnostics) {
	var diags diag.Diagnostics
	opts := planner.Options{ToolVersion: a.io.Version, Now: a.io.Now().UTC().Format("2006-01-02T15:04:05Z")}
	opts.Targets = a.addresses("--target", o.targets, &diags)
	opts.Excludes = a.addresses("--exclude", o.excludes, &diags)
	opts.Replace = a.addresses("--replace", o.replace, &diags)
	diags.Add(checkExamples(o.examples))
	if o.impactLimit <= 0 {
		diags.Add(diag.New(diag.Usage, "--impact-limit %d: it takes a number of rows, at least 1.", o.impactLimit))
	}
	s.env.Impact = impact.Options{Limit: o.impactLimit, Examples: o.examples}
	prior, fault := s.read(ctx, prog.Environment.Name)
	diags.Add(fault)
	if diags.HasErrors() {
		return nil, nil, diags
	}
	if o.refresh {
		refreshed, more := executor.Refresh(ctx, prior, planner.Questions(prog, prior, opts), s.env)
		diags = append(diags, more...)
		if diags.HasErrors() {
			return nil, nil, diags
		}
		prior = refreshed
	}
	p, more := planner.Build(prog, prior, opts)
	return p, prior, append(diags, more...)
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

// showPlan prints a plan; prior is nil where only the plan is at hand. Markdown
// leaves the house: it shows rows only where examples says so.
func (a *app) showPlan(p *plan.Plan, prior *state.Snapshot, examples string, samples ...result.Sample) error {
	v := planview.New(p, prior)
	v.Samples = samples
	if v.ShowRows = examples != ""; examples == impact.ExamplesNone {
		v = v.WithoutRows()
	}
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
