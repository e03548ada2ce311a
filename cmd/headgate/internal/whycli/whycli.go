// Package whycli is the command line's `why` and `lineage` commands, which turn
// flags into one call of the core and its answer into a view. It decides nothing.
package whycli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/why"
)

// Host is what the command line lends to these commands. Every field is set.
type Host struct {
	// Compile compiles the project for the environment of --env. The program is nil
	// when there are errors.
	Compile func(ctx context.Context) (*program.Program, diag.Diagnostics)
	// Plan compiles and plans as `plan` does; refresh says whether to look at sources
	// and destinations first. The plan is nil when there are errors before it.
	Plan func(ctx context.Context, refresh bool) (why.Input, diag.Diagnostics)
	// ReadPlan reads a saved plan.
	ReadPlan func(path string) (*plan.Plan, *diag.Diagnostic)
	// Command wraps a command's work: it checks --format, draws the diagnostics and
	// sets the exit code.
	Command func(formats []view.Format, work Work) func(*cobra.Command, []string) error
	// UseFormat sets the format of a command that has a --format of its own.
	UseFormat func(format string)
	// Document writes a result in the format asked for, and into --json-into. A
	// drawing that is nil does not exist for this document.
	Document func(v any, text func(io.Writer, draw.Style) error, markdown func(io.Writer) error) error
	Format   func() view.Format
}

// Work is what a command does with its arguments.
type Work func(ctx context.Context, args []string) diag.Diagnostics

const usageSummary = "The command line is not usable"
