// Package contractcli is the command line's `contract` and `test` commands: a
// file for each, which turns flags into one call of the core and its answer into
// a view. It decides nothing.
package contractcli

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// Host is what the command line lends to its commands. Every field is set.
type Host struct {
	In   io.Reader
	Out  io.Writer
	Root func() string            // the project's folder, absolute
	Path func(file string) string // makes a file's name absolute, from the folder of -C
	// Load reads the project's files, faults and all.
	Load func() (*lang.Module, diag.Diagnostics)
	// Compile compiles the project for the environment of --env. The program is nil
	// when there are errors.
	Compile func(ctx context.Context) (*program.Program, diag.Diagnostics)
	// CompileModule compiles another tree of files, such as an earlier revision, with the
	// same variables and environment. Files that it names are looked for in beside, and
	// then in the project's folder; beside may be nil.
	CompileModule func(ctx context.Context, m *lang.Module, beside fs.FS) (*program.Program, diag.Diagnostics)
	// CompileTree reads and compiles a project in another folder or revision, nil for
	// the one at hand. The program is partial, not nil, when there are errors.
	CompileTree func(ctx context.Context, tree fs.FS) (*program.Program, diag.Diagnostics)
	// Registry gives the connectors by type.
	Registry func() executor.Registry
	// Log is where sources write what they do.
	Log func() (*slog.Logger, *diag.Diagnostic)
	Now func() time.Time
	// OpenSource compiles the project and opens one of its sources; done closes it.
	OpenSource func(ctx context.Context, at addr.Address) (src connector.Source, done func(), diags diag.Diagnostics)
	// LookInto opens a destination of a compiled project to look at only.
	LookInto func(ctx context.Context, n *program.Node) (connector.Destination, error)
	// Command wraps a command's work: it checks --format, draws the diagnostics and
	// sets the exit code.
	Command func(formats []view.Format, work Work) func(*cobra.Command, []string) error
	// Document writes a result in the format asked for, and into --json-into. A
	// drawing that is nil does not exist for this document.
	Document func(v any, text func(io.Writer, view.Style) error, markdown func(io.Writer) error) error
	// Format is what --format says.
	Format func() view.Format
	// KeepFile remembers a text for drawing diagnostics whose ranges name it.
	KeepFile func(name string, text []byte)
	// ReplaceFile puts a text in place of a file's, in one step; the file's mode stays.
	ReplaceFile func(path string, text []byte) error
	// WriteFile writes a file anew, with secrets struck out.
	WriteFile func(path string, write func(io.Writer) error) error
}

// Work is what a command does with its arguments.
type Work func(ctx context.Context, args []string) Outcome

// Outcome is how a command ended beside its diagnostics. Errors among them make
// the code 1 unless it is Findings.
type Outcome struct {
	Code  int
	Diags diag.Diagnostics
}

// Findings is the exit code of data or a contract that was found wanting.
const Findings = 3

// Command returns the tree of `headgate contract`.
func Command(h Host) *cobra.Command {
	cmd := &cobra.Command{Use: "contract", Short: "Check, compare, write and convert contracts"}
	cmd.AddCommand(checkCommand(h), diffCommand(h), exportCommand(h), importCommand(h), inferCommand(h), updateCommand(h), bumpCommand(h))
	return cmd
}
