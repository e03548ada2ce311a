package contractcli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/lang/diag"
)

// checkMode is one way of `contract check`. Each stands in a file of its own and
// brings its flags; the first whose chosen says yes does the work.
type checkMode struct {
	flags  func(*pflag.FlagSet)
	chosen func() bool // by its flags, once they are read
	work   Work
}

// checkModes lists the modes.
func checkModes(h Host) []checkMode {
	return []checkMode{schemaMode(h), dataMode(h), againstMode(h)}
}

func checkCommand(h Host) *cobra.Command {
	modes := checkModes(h)
	var cmd *cobra.Command
	cmd = &cobra.Command{
		Use:   "check [DATA...]",
		Short: "Hold data to a contract or a JSON Schema, or contracts to what they were",
		Long:  checkLong,
		RunE: h.Command([]view.Format{view.Text, view.JSON, view.Markdown}, func(ctx context.Context, args []string) Outcome {
			if fault := misplacedFlag(cmd.Flags()); fault != nil {
				return Outcome{Diags: diag.Diagnostics{fault}}
			}
			for _, m := range modes {
				if m.chosen() {
					return m.work(ctx, args)
				}
			}
			return Outcome{Diags: diag.Diagnostics{diag.New(diag.Usage, "Say what to check against: --contract names a contract and --schema a JSON Schema to hold data to, --against an earlier state of the project.")}}
		}),
	}
	for _, m := range modes {
		m.flags(cmd.Flags())
	}
	return cmd
}

// belongs names the flags that mean something with some modes only.
var belongs = []struct {
	flag  string
	modes []string
}{
	{"contract", []string{"contract"}}, {"schema", []string{"schema"}}, {"against", []string{"against"}},
	{"write", []string{"contract"}}, {"max-keys", []string{"contract"}},
	{"input", []string{"contract", "schema"}}, {"rejects", []string{"contract", "schema"}}, {"max-examples", []string{"contract", "schema"}},
	{"draft", []string{"schema"}}, {"ref", []string{"schema"}}, {"assert-format", []string{"schema"}},
	{"mode", []string{"against"}}, {"policy", []string{"against"}},
}

// misplacedFlag reports a flag that is given on the command line and would not be
// heeded with the mode that is; a flag must not be taken and then mean nothing.
func misplacedFlag(set *pflag.FlagSet) *diag.Diagnostic {
	for _, mode := range []string{"schema", "contract", "against"} {
		if !set.Changed(mode) {
			continue
		}
		for _, b := range belongs {
			switch {
			case slices.Contains(b.modes, mode) || !set.Changed(b.flag):
			case b.flag == b.modes[0]:
				return diag.New(diag.Usage, "--%s and --%s exclude each other.", b.flag, mode)
			default:
				return diag.New(diag.Usage, "--%s goes with --%s, and means nothing with --%s.", b.flag, strings.Join(b.modes, " and --"), mode)
			}
		}
	}
	return nil
}

const checkLong = "DATA are files, patterns of files, or - for standard input. They are read as a source \"file\" reads them: JSON Lines, JSON, CSV or Parquet by the name's ending, plain or compressed with gzip or zstd; nothing is loaded anywhere and no project is needed. " +
	"With --contract, every record goes through the same enforcement as in a load, and the promises over all of the data are judged too: key and unique (with what set_violations makes of rows at fault), rows and freshness, as if the data were the whole table. References and expect queries need other tables or a database: the output names those as not judged. " +
	"With --schema, documents are held to a plain JSON Schema of draft 4, 6, 7, 2019-09 or 2020-12: a .json file is one document, a .jsonl file and standard input are one a line. " +
	"With --against, no data is read: every contract of the project is held to what it was in a git revision (main, v1.2, HEAD~3), a folder (./old) or a file, offline and without a checkout. A version that stands there is published: it must not change so that it breaks its writers or readers. A file that is named in place of data is compared alone: a contract, a JSON Schema (with another JSON Schema by the rules of Confluent's registry), ODCS or dbt's YAML. " +
	"The exit code is 0 when all records keep the contract, or no more break it than its tolerance allows; 3 when the data breaks it, or a contract its promise; 1 for an error."
