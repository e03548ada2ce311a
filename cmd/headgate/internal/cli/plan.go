package cli

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/review"
	"github.com/headgate-data/headgate/cmd/headgate/internal/revision"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/planview"
	"github.com/headgate-data/headgate/cmd/headgate/internal/whycli"
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
	"github.com/headgate-data/headgate/planner/why"
)

// planOptions are the flags that steer what is planned.
type planOptions struct {
	out, base                  string
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
	f.BoolVar(&o.refresh, "refresh", true, "look at sources and destinations first: what waits, and what was changed outside of headgate")
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
		Long: "Compares the configuration with what was applied, and what was applied with what stands in the destinations. A table that somebody " +
			"changed outside of headgate comes first, marked with !, with what apply does about it (docs/reference/drift.md). Destinations are opened " +
			"for reading only. With --refresh=false nothing outside is looked at, and the plan says so.",
		Args: cobra.NoArgs,
		RunE: a.command(allFormats, func(ctx context.Context, _ []string) outcome {
			return a.plan(ctx, o)
		}),
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.base, "base", "", "compare with this git revision (or folder) of the project instead of the state: needs no state, credentials or network")
	cmd.Flags().StringVar(&o.out, "out", "", "save the plan to this file, for `headgate apply FILE`")
	cmd.Flags().Int64Var(&o.sample, "sample", 0, "read up to so many records of each stream that would run, or is a --target, load nothing, and say what would be refused")
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when a definition changes, or a table is not what was applied")
	return cmd
}

func (a *app) plan(ctx context.Context, o planOptions) (out outcome) {
	prog, vars, diags := a.compile(ctx, a.flags.environment)
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	if o.base != "" {
		if o.sample != 0 {
			return failed(append(diags, diag.New(diag.Usage, "--sample reads the sources, and --base looks at nothing outside: give one of them."))...)
		}
		p, more := a.planAgainst(ctx, prog, o)
		return a.presentPlan(prog, p, nil, o, append(diags, more...))
	}
	s, fault := a.open("plan", prog, vars)
	if fault != nil {
		return failed(append(diags, fault)...)
	}
	defer func() { s.close(&out.diags) }()
	p, prior, more := a.build(ctx, s, prog, o)
	diags = append(diags, more...)
	var samples []result.Sample
	if p != nil && !diags.HasErrors() {
		samples, more = a.samples(ctx, s, prog, prior, p, o)
		diags = append(diags, more...)
	}
	return a.presentPlan(prog, p, samples, o, diags)
}

// presentPlan holds a plan to the project's policies, saves it where that is asked for,
// prints it and chooses the exit code. A plan with errors is printed, so that the reader
// sees what they are about, and not saved.
func (a *app) presentPlan(prog *program.Program, p *plan.Plan, samples []result.Sample, o planOptions, diags diag.Diagnostics) outcome {
	if p == nil {
		return outcome{diags: diags}
	}
	wrong := diags.HasErrors()
	verdicts := review.Judge(a.policies[prog], prog, p, diags)
	diags = append(diags, verdicts...)
	if o.out != "" && !wrong {
		err := a.writeFile(o.out, func(w io.Writer) error { return plan.Encode(w, p) })
		diags.AddError(err, diag.Usage, usageSummary)
	}
	diags.AddError(a.showPlan(p, diags, o.examples, samples...), diag.Usage, usageSummary)
	switch {
	case wrong:
		return outcome{code: exitError, diags: diags}
	case verdicts.HasErrors(), planview.Broken(samples):
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

// planAgainst makes a plan from another revision of the project to the one at hand.
// It opens no state and no connector, and resolves no secret.
func (a *app) planAgainst(ctx context.Context, prog *program.Program, o planOptions) (*plan.Plan, diag.Diagnostics) {
	base, err := revision.Find(ctx, a.projectRoot(), o.base, a.path)
	if err != nil {
		return nil, diag.Diagnostics{diag.New(diag.BaseUnread, "%v.", err)}
	}
	defer base.Close() // read only: nothing can be lost
	before, faults := a.compileTree(ctx, base)
	var diags diag.Diagnostics
	if first := faults.Sorted().Err(); first != nil {
		diags.Add(diag.Warnf(diag.BaseUnread, "What is compared with does not compile as a whole", "In %s: %s\nWhat does compile there is compared; the rest shows as new.", o.base, first.Error()))
	}
	opts, more := a.planOptions(o)
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, diags
	}
	opts.Base = &plan.Base{Ref: o.base, Commit: base.Commit}
	p, more := planner.Build(prog, planner.Baseline(before), opts)
	return p, append(diags, more...)
}

// planOptions turns flags into the planner's options.
func (a *app) planOptions(o planOptions) (planner.Options, diag.Diagnostics) {
	var diags diag.Diagnostics
	opts := planner.Options{ToolVersion: a.io.Version, Now: a.io.Now().UTC().Format("2006-01-02T15:04:05Z"), NoDigest: o.out == ""}
	opts.Targets = a.addresses("--target", o.targets, &diags)
	opts.Excludes = a.addresses("--exclude", o.excludes, &diags)
	opts.Replace = a.addresses("--replace", o.replace, &diags)
	diags.Add(checkExamples(o.examples))
	if o.impactLimit <= 0 {
		diags.Add(diag.New(diag.Usage, "--impact-limit %d: it takes a number of rows, at least 1.", o.impactLimit))
	}
	return opts, diags
}

// build makes a plan from a compiled program and the state, and returns the
// refreshed snapshot that it was made from.
func (a *app) build(ctx context.Context, s *session, prog *program.Program, o planOptions) (*plan.Plan, *state.Snapshot, diag.Diagnostics) {
	opts, diags := a.planOptions(o)
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

// showPlan prints a plan with what is to be said about it. Markdown leaves the house: it
// shows rows only where examples says so.
func (a *app) showPlan(p *plan.Plan, diags diag.Diagnostics, examples string, samples ...result.Sample) error {
	v := planview.New(p, diags)
	v.Samples = samples
	if v.ShowRows = examples != ""; examples == impact.ExamplesNone {
		v = v.WithoutRows()
	}
	err := a.document(v,
		func(w io.Writer, style view.Style) error { return planview.WriteText(w, v, style) },
		func(w io.Writer) error { return planview.WriteMarkdown(w, v) })
	a.told = a.format() != view.Text && err == nil
	return err
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

// whyHost lends the command line to the commands of whycli.
func (a *app) whyHost() whycli.Host {
	return whycli.Host{
		Compile: func(ctx context.Context) (*program.Program, diag.Diagnostics) {
			p, _, diags := a.compile(ctx, a.flags.environment)
			return p, diags
		},
		Plan: a.planToExplain, ReadPlan: a.readPlan, Document: a.document, Format: a.format,
		UseFormat: func(format string) { a.flags.format = format },
		Command: func(formats []view.Format, work whycli.Work) func(*cobra.Command, []string) error {
			return a.command(formats, func(ctx context.Context, args []string) outcome { return outcome{diags: work(ctx, args)} })
		},
	}
}

// planToExplain makes a plan as `plan` does, and keeps what it was made from.
func (a *app) planToExplain(ctx context.Context, refresh bool) (in why.Input, diags diag.Diagnostics) {
	prog, vars, diags := a.compile(ctx, a.flags.environment)
	if diags.HasErrors() {
		return in, diags
	}
	s, fault := a.open("why", prog, vars)
	if fault != nil {
		return in, append(diags, fault)
	}
	defer func() { s.close(&diags) }()
	p, prior, more := a.build(ctx, s, prog, planOptions{refresh: refresh, impactLimit: impact.DefaultLimit})
	return why.Input{Plan: p, Program: prog, Prior: prior}, append(diags, more...)
}
