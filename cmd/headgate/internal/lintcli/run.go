package lintcli

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/lintview"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/lint/ruleset"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
)

// job is one run of the command.
type job struct {
	Host
	options
	only      []string          // files and folders that findings are narrowed to; none: all
	documents map[string][]byte // Markdown documents by name
	settings  lint.Settings
	rules     []*lint.Rule // headgate's and the project's own
	files     int
	result    lint.Result
	faults    diag.Diagnostics // errors of the project
}

// lint runs the rules, mends where it is told to, and prints.
func (h Host) lint(ctx context.Context, o options, args []string) Outcome {
	j := &job{Host: h, options: o, documents: map[string][]byte{}}
	diags := j.arguments(args)
	if !diags.HasErrors() {
		diags = append(diags, j.run(ctx, h.Files())...)
	}
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	report := j.report()
	if len(j.faults) == 0 && (o.fix || o.diff) {
		more := j.mend(ctx, &report)
		if diags = append(diags, more...); more.HasErrors() {
			return Outcome{Diags: diags}
		}
	}
	return j.print(report, diags)
}

// arguments reads the files that findings are narrowed to, and finds documents.
func (j *job) arguments(args []string) diag.Diagnostics {
	var diags diag.Diagnostics
	files := j.Files()
	for _, arg := range args {
		name := path.Clean(strings.ReplaceAll(arg, `\`, "/"))
		name = strings.TrimPrefix(name, strings.TrimSuffix(strings.ReplaceAll(j.Path("."), `\`, "/"), "/")+"/")
		if _, err := fs.Stat(files, name); err != nil {
			diags.Add(diag.New(diag.LintFile, "%s: %v.", arg, err))
			continue
		}
		j.only = append(j.only, name)
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // lang.Load reports what it cannot read
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".md") || !j.wanted(name):
			return nil
		}
		src, err := fs.ReadFile(files, name)
		if err == nil && len(src) <= maxDocument && bytes.Contains(src, []byte("headgate")) {
			j.documents[name] = src
		}
		return nil
	})
	diags.AddError(err, diag.LintFile, "The file is nothing to lint")
	return diags
}

// maxDocument bounds the documents that are looked at, in bytes.
const maxDocument = 4 << 20

// wanted reports whether findings in a file are asked for.
func (j *job) wanted(name string) bool {
	return len(j.only) == 0 || slices.ContainsFunc(j.only, func(o string) bool { return o == "." || o == name || strings.HasPrefix(name, o+"/") })
}

// run compiles the project as files has it, and runs the rules over it and the
// documents.
func (j *job) run(ctx context.Context, files fs.FS) diag.Diagnostics {
	p, found := j.Project(ctx, files)
	set, places, diags := lint.ReadSettings(p.Module)
	j.settings, j.rules = set, ruleset.All()
	var more diag.Diagnostics
	j.settings, more = flagSettings(j.options, set)
	diags = append(diags, more...)
	j.files = len(p.Module.Files)
	j.result, j.faults = lint.Result{}, nil
	for _, d := range found {
		if d.Severity == diag.Error && (d.Code != diag.NoConfiguration || len(j.documents) == 0) {
			j.faults = append(j.faults, d)
		}
	}
	if len(j.faults) > 0 {
		return diags
	}
	if p.Program == nil { // documents alone
		p.Program = &program.Program{}
	}
	in := lint.Input{Module: p.Module, Program: p.Program, Queries: p.Queries, Today: j.Today(), Rules: ruleset.All(), Severities: j.settings.Severities}
	for _, produce := range j.Extra {
		x, more := produce(p.Module, p.Program)
		in.Extra = append(in.Extra, x)
		j.rules = append(j.rules, x.Rules...)
		diags = append(diags, more...)
	}
	if diags = append(diags, j.settings.Unknown(places, j.rules)...); diags.HasErrors() {
		return diags
	}
	j.result = lint.Run(in)
	docs := lint.Documents{Today: j.Today(), Rules: ruleset.All(), Severities: j.settings.Severities}
	for _, name := range slices.Sorted(maps.Keys(j.documents)) {
		j.KeepFile(name, j.documents[name])
		j.result = j.result.Join(docs.Lint(ctx, name, j.documents[name]))
		j.files++
	}
	return diags
}

// report makes the view of what was found, narrowed to what was asked for.
func (j *job) report() lintview.Report {
	r := lintview.Report{FormatVersion: view.FormatVersion, Valid: len(j.faults) == 0, FailOn: lint.FailOnWords()[j.settings.FailOn], Files: j.files,
		Findings: []lintview.Finding{}, Ignored: []lintview.Finding{}, Prefix: j.Prefix(), Tool: lintview.Tool{Version: j.Version, Rules: viewRules(j.rules, j.settings)}}
	for _, d := range j.faults.Sorted() {
		r.Findings = append(r.Findings, j.finding(lint.FromDiagnostic(d)))
	}
	least, _ := lint.ParseSeverity(j.minSeverity)
	for _, f := range j.result.Findings {
		if !j.wanted(f.Range.Filename) {
			continue
		}
		v := j.finding(f)
		if f.Severity < least && !v.Fails {
			r.Hidden++
			continue
		}
		r.Findings = append(r.Findings, v)
	}
	for _, f := range j.result.Ignored {
		if j.wanted(f.Range.Filename) {
			r.Ignored = append(r.Ignored, j.finding(f))
		}
	}
	r.Count()
	return r
}

func (j *job) finding(f lint.Finding) lintview.Finding {
	v := lintview.Finding{Rule: f.Rule, Severity: f.Severity.String(), Summary: f.Summary, Message: f.Message, Address: f.Address, Related: f.Related,
		Fixable: len(f.Edits) > 0, Reason: f.Reason, Hidden: f.Hidden, Fails: j.settings.FailOn != lint.Off && f.Severity >= j.settings.FailOn && f.Reason == ""}
	if !f.Range.IsZero() {
		v.Range = &f.Range
	}
	return v
}

// rounds bounds how often fixes are followed by fixes of what they left.
const rounds = 10

// mend applies the fixes of what is reported until there are none, compiling the
// project after each round; nothing is written before it still compiles.
func (j *job) mend(ctx context.Context, report *lintview.Report) diag.Diagnostics {
	before := map[string][]byte{}
	now := map[string][]byte{}
	var fixed []lintview.Finding
	for range rounds {
		texts := map[string][]byte{}
		maps.Copy(texts, j.KeptFiles())
		mended := lint.Fix(texts, j.mendable())
		if len(mended.Files) == 0 {
			break
		}
		for name, text := range mended.Files {
			if _, seen := before[name]; !seen {
				before[name] = texts[name]
			}
			now[name] = text
			if _, document := j.documents[name]; document {
				j.documents[name] = text
			}
		}
		for _, f := range mended.Fixed {
			fixed = append(fixed, j.finding(f))
		}
		diags := j.run(ctx, overlay{j.Files(), now})
		if diags.HasErrors() || len(j.faults) > 0 {
			detail := append(diags, j.faults...).Err()
			return diag.Diagnostics{diag.New(diag.LintFix, "Nothing was written. The compiler said: %v", detail)}
		}
	}
	return j.write(before, now, fixed, report)
}

// mendable returns the findings that were asked for and that carry edits.
func (j *job) mendable() []lint.Finding {
	return slices.DeleteFunc(slices.Clone(j.result.Findings), func(f lint.Finding) bool { return len(f.Edits) == 0 || !j.wanted(f.Range.Filename) })
}

// write prints what changes, writes it, and brings the report up to date.
func (j *job) write(before, now map[string][]byte, fixed []lintview.Finding, report *lintview.Report) diag.Diagnostics {
	var diags diag.Diagnostics
	names := slices.Sorted(maps.Keys(now))
	if j.diff && j.Format() == view.Text {
		for _, name := range names {
			diags.AddError(view.WriteTextDiff(j.Out, name, string(before[name]), string(now[name]), view.Style{}), diag.Usage, usage)
		}
	}
	if j.fix {
		for _, name := range names {
			diags.AddError(j.ReplaceFile(j.Path(name), now[name]), diag.LintFile, "The file is nothing to lint")
		}
		*report = j.report()
		report.Changed = names
	} else {
		for _, name := range names { // the findings that are shown are those of the old texts
			j.KeepFile(name, before[name])
		}
	}
	slices.SortStableFunc(fixed, func(a, b lintview.Finding) int { return cmp.Compare(a.Rule, b.Rule) })
	report.Fixed = fixed
	return diags
}

// print writes the report in the format asked for.
func (j *job) print(r lintview.Report, diags diag.Diagnostics) Outcome {
	out := Outcome{Diags: diags}
	if !r.Passed {
		out.Code = findings
	}
	draw := map[view.Format]func(io.Writer, lintview.Report) error{sarif: lintview.WriteSARIF, github: lintview.WriteGitHub, junit: lintview.WriteJUnit}[j.Format()]
	text := func(w io.Writer, style view.Style) error {
		switch {
		case draw != nil:
			return draw(w, r)
		case !r.Valid:
			return nil // its errors are diagnostics
		}
		return lintview.WriteText(w, r, j.KeptFiles(), style)
	}
	err := j.Document(r, text, func(w io.Writer) error { return lintview.WriteMarkdown(w, r) })
	out.Diags.AddError(err, diag.Usage, usage)
	if !r.Valid {
		out.Code = invalid
		if j.Format() == view.Text {
			out.Diags = append(out.Diags, j.faults...)
		}
	}
	return out
}
