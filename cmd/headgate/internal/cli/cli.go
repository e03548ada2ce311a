// Package cli is the command line: a file for each command, which turns flags
// into one call of the core and its answer into a view. It decides nothing.
package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/contractcli"
	"github.com/headgate-data/headgate/cmd/headgate/internal/lintcli"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/whycli"
	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/policy"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
)

// The exit codes of every command.
const (
	exitDone     = 0
	exitError    = 1
	exitChanges  = 2 // only with --detailed-exitcode
	exitFindings = 3
)

// IO is what the command line needs of its process.
type IO struct {
	In        io.Reader
	Out, Err  io.Writer
	Dir       string // the working directory, absolute
	LookupEnv func(string) (string, bool)
	Environ   []string
	Now       func() time.Time
	Version   string
	// InTerminal and ErrTerminal say whether a person can answer, and whether bars
	// and colours may be drawn. OutTerminal is the same for Out.
	InTerminal, OutTerminal, ErrTerminal bool
	Width                                int // of the terminal, 0 where there is none
	// Finish is closed at the first Ctrl-C.
	Finish <-chan struct{}
}

// app is one invocation.
type app struct {
	io     IO
	flags  globals
	redact *redactor
	files  map[string][]byte // source files read so far, for drawing diagnostics
	code   int
	wrote  bool // a document was written, as JSON or markdown
	told   bool // it holds the diagnostics

	policies map[*program.Program]*policy.Set // of the programs compiled so far
	// onQuery hears what the compiler finds in queries; nil for nobody.
	onQuery func(compiler.Query)
}

// globals are the flags of every command.
type globals struct {
	chdir, environment string
	vars, varFiles     []string
	format             string
	noColor            bool
	noCache            bool
	parallelism        int
	autoApprove        bool
	lockTimeout        time.Duration
	jsonInto           string
	eventsInto         string
	logLevel           string
}

// Run carries out one command line and returns the exit code.
func Run(ctx context.Context, args []string, streams IO) int {
	a := newApp(streams)
	root := a.root()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		a.flags.format = string(view.Text) // markdown is for what a command finds
		if a.asksForJSON(args) {
			a.flags.format = string(view.JSON)
		}
		a.report(diag.Diagnostics{diag.FromError(err, diag.Usage, usageSummary)})
		return exitError
	}
	return a.code
}

// asksForJSON looks for --format json in arguments that could not be parsed.
func (a *app) asksForJSON(args []string) bool {
	value, _ := a.io.LookupEnv("HEADGATE_FORMAT")
	for i, arg := range args {
		if v, ok := strings.CutPrefix(arg, "--format="); ok {
			value = v
		} else if arg == "--format" && i+1 < len(args) {
			value = args[i+1]
		}
	}
	return view.Format(value) == view.JSON
}

const usageSummary = "The command line is not usable"

func newApp(streams IO) *app {
	redact := &redactor{}
	streams.Out, streams.Err = redact.writer(streams.Out), redact.writer(streams.Err)
	return &app{io: streams, redact: redact, files: map[string][]byte{}, policies: map[*program.Program]*policy.Set{}}
}

// Root returns the tree of commands, for the reference in docs/.
func Root() *cobra.Command {
	return newApp(IO{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}).root()
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "headgate",
		Short:         "Contracts, plans and loads for data pipelines",
		Long:          "headgate reads a project of *.gate.hcl files, says what it would change, and loads data through contracts that every record is checked against.",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.fromEnvironment(cmd.Flags())
		},
	}
	root.SetOut(a.io.Out)
	root.SetErr(a.io.Err)
	root.SetIn(a.io.In)
	f := root.PersistentFlags()
	f.StringVarP(&a.flags.chdir, "chdir", "C", "", "work in this folder instead")
	f.StringVar(&a.flags.environment, "env", "", "the environment (default: the project's default one)")
	f.StringArrayVar(&a.flags.vars, "var", nil, "set a variable: NAME=VALUE (repeatable)")
	f.StringArrayVar(&a.flags.varFiles, "var-file", nil, "take variables from a file of NAME = VALUE lines (repeatable)")
	f.StringVar(&a.flags.format, "format", "text", "text, json, or markdown (plans and reports)")
	f.BoolVar(&a.flags.noColor, "no-color", false, "print without colours")
	f.BoolVar(&a.flags.noCache, "no-cache", false, "neither use nor keep what is remembered of queries (.headgate/cache)")
	f.IntVar(&a.flags.parallelism, "parallelism", 0, "steps side by side (default: the processor's cores)")
	f.DurationVar(&a.flags.lockTimeout, "lock-timeout", 0, "how long to wait for another headgate")
	f.StringVar(&a.flags.jsonInto, "json-into", "", "also write the JSON output to this file")
	f.StringVar(&a.flags.logLevel, "log-level", "", "debug, info, warn or error (default: the environment's, else warn)")
	root.AddCommand(
		a.initCommand(), a.validateCommand(), a.fmtCommand(), lintcli.Command(a.lintHost()), a.planCommand(), a.applyCommand(), a.runCommand(), a.showCommand(),
		a.stateCommand(), a.quarantineCommand(), a.graphCommand(), contractcli.Command(a.contractHost()), contractcli.TestCommand(a.contractHost()), contractcli.ImportTableCommand(a.contractHost()),
		whycli.WhyCommand(a.whyHost()), whycli.LineageCommand(a.whyHost()), a.sourceCommand(), a.explainCommand(), a.versionCommand(),
	)
	return root
}

// fromEnvironment gives every flag that was not set the value of its variable:
// HEADGATE_LOCK_TIMEOUT for --lock-timeout. --var has HEADGATE_VAR_name instead.
func (a *app) fromEnvironment(flags *pflag.FlagSet) error {
	var fault error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Annotations[contractcli.NoEnvironment] != nil || f.Name == "var" || f.Name == "help" || fault != nil {
			return
		}
		name := "HEADGATE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := a.io.LookupEnv(name)
		if !ok || value == "" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			fault = fmt.Errorf("environment variable %s: %w", name, err)
		}
	})
	return fault
}

// outcome is how a command ended beside its diagnostics.
type outcome struct {
	code  int
	diags diag.Diagnostics
}

func failed(ds ...*diag.Diagnostic) outcome { return outcome{code: exitError, diags: ds} }

// command wraps a command's work: it checks --format, draws the diagnostics and
// sets the exit code.
func (a *app) command(formats []view.Format, work func(ctx context.Context, args []string) outcome) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(formats, view.Format(a.flags.format)) {
			return fmt.Errorf("--format %s is nothing that `%s` can print; it takes %v", a.flags.format, cmd.CommandPath(), formats)
		}
		out := work(cmd.Context(), args)
		a.code = out.code
		if out.diags.HasErrors() && a.code != exitFindings {
			a.code = exitError
		}
		a.report(out.diags)
		return nil
	}
}

// The formats that commands take.
var (
	textOrJSON = []view.Format{view.Text, view.JSON}
	allFormats = []view.Format{view.Text, view.JSON, view.Markdown}
)

func (a *app) format() view.Format { return view.Format(a.flags.format) }

// root folder of the project, absolute.
func (a *app) projectRoot() string { return a.path(".") }

// path makes a path absolute that is relative to the folder of -C.
func (a *app) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	dir := a.flags.chdir
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(a.io.Dir, dir)
	}
	return filepath.Join(dir, p)
}

func (a *app) outStyle() view.Style { return a.style(a.io.OutTerminal) }
func (a *app) errStyle() view.Style { return a.style(a.io.ErrTerminal) }

func (a *app) style(terminal bool) view.Style {
	if !terminal {
		return view.Style{}
	}
	value, set := a.io.LookupEnv("NO_COLOR")
	return view.Style{Color: !a.flags.noColor && (!set || value == ""), Width: a.io.Width}
}

// report draws diagnostics: as a document where JSON or markdown is asked for and no
// other document was written, else as text to Err.
func (a *app) report(ds diag.Diagnostics) {
	if len(ds) == 0 || a.told {
		return
	}
	v := view.NewDiagnostics(ds)
	if a.format() != view.Text && !a.wrote {
		err := a.document(v, nil, func(w io.Writer) error { return view.WriteDiagnosticsMarkdown(w, v, a.files) })
		if err == nil && a.wrote {
			return
		}
	}
	if err := view.WriteDiagnostics(a.io.Err, v, a.files, a.errStyle()); err != nil {
		a.code = exitError
	}
}

// document writes a result in the format asked for, and into --json-into. A
// drawing that is nil does not exist for this document.
func (a *app) document(v any, text func(io.Writer, view.Style) error, markdown func(io.Writer) error) error {
	if a.flags.jsonInto != "" {
		if err := a.writeFile(a.flags.jsonInto, func(w io.Writer) error { return view.WriteJSON(w, v) }); err != nil {
			return diag.New(diag.Usage, "--json-into: %v", err)
		}
	}
	var out bytes.Buffer // written at once: what is struck out must not lie across two pieces
	var err error
	switch {
	case a.format() == view.JSON:
		a.wrote = true
		err = view.WriteJSON(&out, v)
	case a.format() == view.Markdown && markdown != nil:
		a.wrote = true
		err = markdown(&out)
	case text != nil:
		err = text(&out, a.outStyle())
	}
	if out.Len() > 0 {
		_, failed := a.io.Out.Write(out.Bytes())
		err = errors.Join(err, failed)
	}
	return err
}

// writeFile writes a file anew, with secrets struck out, readable by its owner
// alone.
func (a *app) writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(a.path(path), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := write(a.redact.writer(f)); err != nil {
		return fmt.Errorf("%w (and closing the file: %v)", err, f.Close())
	}
	return f.Close()
}
