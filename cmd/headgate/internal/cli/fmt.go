package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// formatting is the JSON of `fmt`.
type formatting struct {
	FormatVersion string   `json:"format_version"`
	Changed       []string `json:"changed"` // files that were, or with --check would be, rewritten
}

func (a *app) fmtCommand() *cobra.Command {
	var check, showDiff bool
	cmd := &cobra.Command{
		Use:   "fmt [FILE...]",
		Short: "Rewrite the project's files in the canonical form",
		RunE: a.command(textOrJSON, func(_ context.Context, args []string) outcome {
			return a.fmt(args, check, showDiff)
		}),
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit with 3 when a file would change")
	cmd.Flags().BoolVar(&showDiff, "diff", false, "print what changes")
	return cmd
}

func (a *app) fmt(args []string, check, showDiff bool) outcome {
	names := args
	if len(names) == 0 {
		found, err := configFiles(a.projectRoot())
		if err != nil {
			return failed(diag.New(diag.Usage, "%v.", err))
		}
		names = found
	}
	v := formatting{FormatVersion: view.FormatVersion, Changed: []string{}}
	var diags diag.Diagnostics
	var diffs bytes.Buffer
	for _, name := range names {
		before, after, more := a.formatFile(name)
		diags = append(diags, more...)
		if more.HasErrors() || bytes.Equal(before, after) {
			continue
		}
		v.Changed = append(v.Changed, name)
		if showDiff {
			diags.AddError(view.WriteTextDiff(&diffs, name, string(before), string(after), a.outStyle()), diag.Usage, usageSummary)
		}
		if !check {
			diags.AddError(replaceFile(a.path(name), after), diag.Usage, usageSummary)
		}
	}
	out := a.plainDocument(v, func(w io.Writer, _ view.Style) error {
		text := diffs.String()
		if !showDiff && len(v.Changed) > 0 {
			text = strings.Join(v.Changed, "\n") + "\n"
		}
		_, err := io.WriteString(w, text)
		return err
	})
	out.diags = append(diags, out.diags...)
	if check && len(v.Changed) > 0 && !out.diags.HasErrors() {
		out.code = exitFindings
	}
	return out
}

func (a *app) formatFile(name string) (before, after []byte, diags diag.Diagnostics) {
	before, err := os.ReadFile(a.path(name))
	if err != nil {
		diags.Add(diag.New(diag.Usage, "%v.", err))
		return nil, nil, diags
	}
	after, diags = lang.Format(before)
	for _, d := range diags {
		if d.Subject != nil {
			d.Subject.Filename = name
		}
	}
	a.files[name] = before
	return before, after, diags
}

// configFiles lists the project's HCL files, relative to its folder; hidden
// folders are left out.
func configFiles(root string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if !d.IsDir() && (strings.HasSuffix(path, ".gate.hcl") || d.Name() == "sources.lock.hcl") {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	return out, err
}

// replaceFile writes a file beside the old one and renames it, so that a crash
// leaves one of the two. The old one's mode stays.
func replaceFile(path string, text []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	for _, step := range []func() error{f.Sync, func() error { return f.Chmod(mode) }, f.Close} {
		if fault := step(); err == nil {
			err = fault
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("%w (the new text is left in %s)", err, f.Name())
	}
	return nil
}
