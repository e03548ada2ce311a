// Package lintcli is the command `lint`: flags to one run of the rules, and the
// answer to a view. What the rules find is decided elsewhere.
package lintcli

import (
	"context"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/lintview"
	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/lint/ruleset"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Host is what the command line lends to the command. Every field is set.
type Host struct {
	Out     io.Writer
	Version string
	Path    func(file string) string // makes a file's name absolute, from the folder of -C
	Files   func() fs.FS             // the project's folder
	// Prefix stands before the names of the project's files, seen from the working
	// directory: "shop/", or "".
	Prefix func() string
	Today  func() string
	// Project loads and compiles the project once, for the environment of --env, the
	// default one, or else the first. Files are read through files.
	Project func(ctx context.Context, files fs.FS) (Project, diag.Diagnostics)
	// Extra are what else looks for findings: rules of the project's own.
	Extra   []lint.Producer
	Command func(formats []view.Format, work Work) func(*cobra.Command, []string) error
	// Document writes a result in the format asked for, and into --json-into.
	Document func(v any, text func(io.Writer, view.Style) error, markdown func(io.Writer) error) error
	Format   func() view.Format
	// KeepFile remembers a text for drawing diagnostics whose ranges name it.
	KeepFile    func(name string, text []byte)
	KeptFiles   func() map[string][]byte
	ReplaceFile func(path string, text []byte) error
}

// Project is a project that was compiled once. Program is partial where there are
// errors.
type Project struct {
	Module  *lang.Module
	Program *program.Program
	Queries []compiler.Query
}

// Work is what a command does with its arguments.
type Work func(ctx context.Context, args []string) Outcome

// Outcome is how a command ended beside its diagnostics.
type Outcome struct {
	Code  int
	Diags diag.Diagnostics
}

// The exit codes beside those of diagnostics.
const (
	invalid  = 1
	findings = 3
)

// The formats beside those of every command.
const (
	sarif  view.Format = "sarif"
	github view.Format = "github"
	junit  view.Format = "junit"
)

// options are the command's flags.
type options struct {
	rules       []string
	failOn      string
	minSeverity string
	fix, diff   bool
	list        bool
	explain     string
}

// Command returns `headgate lint`.
func Command(h Host) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "lint [FILE...]",
		Short: "Find mistakes in a project that compiles",
		Long:  long,
		RunE: h.Command([]view.Format{view.Text, view.JSON, view.Markdown, sarif, github, junit}, func(ctx context.Context, args []string) Outcome {
			switch {
			case o.list:
				return h.list(o)
			case o.explain != "":
				return h.explain(o.explain)
			}
			return h.lint(ctx, o, args)
		}),
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.rules, "rule", nil, "set a rule's severity: NAME=off|info|warning|error (repeatable)")
	f.StringVar(&o.failOn, "fail-on", "", "exit with 3 from this severity on: none, info, warning or error (default: the project's, else warning)")
	f.StringVar(&o.minSeverity, "min-severity", "info", "show findings from this severity on: info, warning or error")
	f.BoolVar(&o.fix, "fix", false, "mend what can be mended without a change of meaning")
	f.BoolVar(&o.diff, "diff", false, "print what --fix changes; without --fix nothing is written")
	f.BoolVar(&o.list, "list", false, "list the rules")
	f.StringVar(&o.explain, "explain", "", "explain a rule, with examples")
	return cmd
}

const long = "Rules look at the compiled project, at its files and at the queries of its models; `headgate lint --list` names them and `--explain NAME` says why, with examples. " +
	"The project is compiled once, for the environment of --env, the default one, or else the first; everything is offline. " +
	"FILE narrows what is reported to some files (*.gate.hcl, *.sql, *.md); the whole project is looked at all the same. " +
	"Code blocks of Markdown documents that are marked as headgate's (```hcl headgate or ```headgate) are held to the language, to the form of `fmt`, and to the rules that judge blocks one at a time. " +
	"A comment on the line before a block or attribute, or before a line of SQL (-- in place of #), passes over a rule there: # headgate:ignore RULE [until=YYYY-MM-DD] reason. " +
	"Severities are set by --rule, or in headgate { lint { rules = { NAME = \"error\" } } }. " +
	"--format sarif, github (annotations of GitHub Actions) and junit are for other programs. " +
	"The exit code is 0 when no finding weighs --fail-on or more, 3 when one does, and 1 when the project does not compile."

// list prints the rules.
func (h Host) list(o options) Outcome {
	set, diags := flagSettings(o, lint.Settings{Severities: map[string]lint.Severity{}, FailOn: lint.Warning})
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	v := struct {
		FormatVersion string          `json:"format_version"`
		Rules         []lintview.Rule `json:"rules"`
	}{view.FormatVersion, viewRules(ruleset.All(), set)}
	err := h.Document(v, func(w io.Writer, style view.Style) error { return lintview.WriteRules(w, v.Rules, style) }, nil)
	diags.AddError(err, diag.Usage, usage)
	return Outcome{Diags: diags}
}

// Rule returns the rule of a name, for `headgate explain`.
func Rule(name string) (lintview.Rule, bool) {
	rules := viewRules(ruleset.All(), lint.Settings{})
	i := slices.IndexFunc(rules, func(r lintview.Rule) bool { return r.ID == name })
	if i < 0 {
		return lintview.Rule{}, false
	}
	return rules[i], true
}

// RuleNames returns the names of all rules, sorted.
func RuleNames() []string {
	var out []string
	for _, r := range ruleset.All() {
		out = append(out, r.ID)
	}
	return out
}

// explain prints one rule.
func (h Host) explain(name string) Outcome {
	rule, ok := Rule(name)
	if !ok {
		return Outcome{Diags: diag.Diagnostics{diag.New(diag.LintRule, "There is no rule %q.%s", name, diag.DidYouMean(name, RuleNames()))}}
	}
	v := Explanation{view.FormatVersion, rule}
	var diags diag.Diagnostics
	err := h.Document(v, func(w io.Writer, _ view.Style) error { return lintview.WriteRule(w, rule) }, nil)
	diags.AddError(err, diag.Usage, usage)
	return Outcome{Diags: diags}
}

// Explanation is the JSON of one rule.
type Explanation struct {
	FormatVersion string `json:"format_version"`
	lintview.Rule
}

const usage = "The command line is not usable"

// flagSettings puts the flags over the project's settings.
func flagSettings(o options, set lint.Settings) (lint.Settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	given := lint.Settings{Severities: map[string]lint.Severity{}}
	for _, text := range o.rules {
		name, word, _ := strings.Cut(text, "=")
		severity, ok := lint.ParseSeverity(word)
		if !ok {
			diags.Add(diag.New(diag.LintRule, "--rule %s: it takes NAME=SEVERITY, and the severities are %s.", text, strings.Join(lint.Severities(), ", ")))
			continue
		}
		given.Severities[name], set.Severities[name] = severity, severity
	}
	if o.failOn != "" {
		var ok bool
		if set.FailOn, ok = lint.ParseFailOn(o.failOn); !ok {
			diags.Add(diag.New(diag.Usage, "--fail-on %s: it takes %s.", o.failOn, strings.Join(lint.FailOnWords(), ", ")))
		}
	}
	if least, ok := lint.ParseSeverity(o.minSeverity); !ok || least == lint.Off {
		diags.Add(diag.New(diag.Usage, "--min-severity %s: it takes info, warning or error.", o.minSeverity))
	}
	return set, diags
}

// viewRules makes the view of rules, with the severities that are set.
func viewRules(rules []*lint.Rule, set lint.Settings) []lintview.Rule {
	out := make([]lintview.Rule, len(rules))
	for i, r := range rules {
		severity := r.Severity
		if s, ok := set.Severities[r.ID]; ok {
			severity = s
		}
		out[i] = lintview.Rule{ID: r.ID, Severity: severity.String(), Summary: r.Summary, Why: r.Why, Fix: r.Fix, Bad: r.Bad, Good: r.Good, Fixable: r.Mends}
	}
	return out
}
