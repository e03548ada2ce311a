package cli

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/lintcli"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
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

// lintHost lends the command line to `lint`.
func (a *app) lintHost() lintcli.Host {
	return lintcli.Host{
		Out: a.io.Out, Version: a.io.Version, Path: a.path, Format: a.format, Document: a.document, ReplaceFile: replaceFile,
		Files: func() fs.FS { return projectFS(a.projectRoot()) },
		Today: func() string { return a.io.Now().UTC().Format(time.DateOnly) },
		Prefix: func() string {
			rel, err := filepath.Rel(a.io.Dir, a.projectRoot())
			if err != nil || rel == "." {
				return ""
			}
			return filepath.ToSlash(rel) + "/"
		},
		Project: a.lintProject,
		Extra:   []lint.Producer{a.ownRules},
		Command: func(formats []view.Format, work lintcli.Work) func(*cobra.Command, []string) error {
			return a.command(formats, func(ctx context.Context, args []string) outcome {
				out := work(ctx, args)
				return outcome{code: out.Code, diags: out.Diags}
			})
		},
		KeepFile:  func(name string, text []byte) { a.files[name] = text },
		KeptFiles: func() map[string][]byte { return a.files },
	}
}

// lintProject loads and compiles the project once.
func (a *app) lintProject(ctx context.Context, files fs.FS) (lintcli.Project, diag.Diagnostics) {
	m, diags := lang.Load(files, ".")
	a.keepFiles(m)
	p := lintcli.Project{Module: m}
	if len(m.Blocks) == 0 && diags.HasErrors() {
		return p, diags
	}
	name := a.flags.environment
	if all, standard := compiler.Environments(m); name == "" && standard == "" {
		name = all[0]
	}
	typer, done := a.newTyper(ctx, m)
	defer done()
	a.onQuery = func(q compiler.Query) { p.Queries = append(p.Queries, q) }
	p.Program, _, diags = a.compileModule(ctx, m, name, typer, files, diags)
	return p, diags
}

// ownRules decides the project's rule blocks.
func (a *app) ownRules(_ *lang.Module, p *program.Program) (lint.Extra, diag.Diagnostics) {
	set := a.policies[p]
	var out lint.Extra
	for _, r := range set.Rules() {
		severity, _ := lint.ParseSeverity(r.Severity) // the compiler took the word
		out.Rules = append(out.Rules, &lint.Rule{ID: r.Name, Severity: severity, Summary: "A rule of this project"})
	}
	found, diags := set.Lint(p)
	for _, f := range found {
		severity, _ := lint.ParseSeverity(f.Severity)
		out.Findings = append(out.Findings, lint.Finding{Rule: f.Rule, Severity: severity, Summary: "A rule of this project", Message: f.Message, Address: f.Address, Range: f.Subject,
			Related: []diag.Related{{Message: "the rule", Range: f.At}}})
	}
	return out, diags
}
