package cli

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/lang/diag"
)

// starter is the project that `init` writes. gitignore has no dot here.
//
//go:embed all:starter
var starter embed.FS

// initialised is the JSON of `init`.
type initialised struct {
	FormatVersion string   `json:"format_version"`
	Created       []string `json:"created"` // files, relative to the project's folder
	Checked       bool     `json:"checked"` // there was a project: it was checked, nothing was written
}

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a small project to start from, or check the one that is here",
		Args:  cobra.NoArgs,
		RunE:  a.command(textOrJSON, a.init),
	}
}

func (a *app) init(ctx context.Context, _ []string) outcome {
	root := a.projectRoot()
	if err := os.MkdirAll(root, 0o755); err != nil {
		return failed(diag.New(diag.Usage, "%v.", err))
	}
	found, err := configFiles(root)
	if err != nil {
		return failed(diag.New(diag.Usage, "%v.", err))
	}
	v := initialised{FormatVersion: view.FormatVersion, Created: []string{}, Checked: len(found) > 0}
	var diags diag.Diagnostics
	if v.Checked {
		diags = a.check(ctx)
	} else if v.Created, err = writeStarter(root); err != nil {
		return failed(diag.New(diag.Usage, "The project cannot be written: %v.", err))
	}
	if diags.HasErrors() {
		return outcome{diags: diags}
	}
	out := a.plainDocument(v, func(w io.Writer, _ view.Style) error {
		text := "There is a project here already, and it is valid. Nothing was written.\n"
		if !v.Checked {
			text = "Written:\n  " + strings.Join(v.Created, "\n  ") + "\n\nNext: headgate plan, then headgate apply.\n"
		}
		_, err := fmt.Fprint(w, text)
		return err
	})
	out.diags = append(diags, out.diags...)
	return out
}

// writeStarter writes the starter's files. A file that exists is an error, found
// before any is written.
func writeStarter(root string) ([]string, error) {
	names := []string{}
	err := fs.WalkDir(starter, "starter", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names = append(names, strings.TrimPrefix(path, "starter/"))
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(root, target(name))); err == nil {
			return nil, fmt.Errorf("%s exists, and init overwrites nothing", target(name))
		}
	}
	created := []string{}
	for _, name := range names {
		text, err := starter.ReadFile("starter/" + name)
		if err != nil {
			return created, err
		}
		path := filepath.Join(root, filepath.FromSlash(target(name)))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return created, err
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			return created, err
		}
		_, err = f.Write(text)
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return created, err
		}
		created = append(created, target(name))
	}
	return created, nil
}

// target is where a file of the starter goes.
func target(name string) string {
	if name == "gitignore" {
		return ".gitignore"
	}
	return name
}
