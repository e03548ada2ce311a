package contractcli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract/formats"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

func importCommand(h Host) *cobra.Command {
	var from, out string
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make contracts of JSON Schema, ODCS or dbt's YAML",
		Long:  importLong,
		Args:  cobra.ExactArgs(1),
		RunE: h.Command([]view.Format{view.Text}, func(ctx context.Context, args []string) Outcome {
			name, src, diags := h.document(args[0])
			if diags.HasErrors() {
				return Outcome{Diags: diags}
			}
			text, diags := formats.Import(from, name, src)
			if diags.HasErrors() {
				return Outcome{Diags: diags}
			}
			if diags = append(diags, h.compiles(ctx, name, text)...); !diags.HasErrors() {
				diags.AddError(h.write(out, text), diag.Usage, usageSummary)
			}
			return Outcome{Diags: diags}
		}),
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", strings.Join(formats.Imports, ", ")+" (default: told by what the file holds)")
	f.StringVarP(&out, "output", "o", "", "write to this file (default: standard output)")
	return cmd
}

const importLong = "Writes a contract block for each table that the file describes, formatted, with every promise that headgate has a word for; a warning names what is kept without being enforced. " +
	"What has no word is kept in `extensions`, and `contract export --format odcs` gives it back. FILE is - for standard input."

// maxDocument is more than any format takes, so that a larger one is told of by
// its size and not read whole.
const maxDocument = 64 << 20

// document reads a file, or standard input for -, and remembers it for drawing
// diagnostics.
func (h Host) document(file string) (name string, src []byte, diags diag.Diagnostics) {
	if file == "-" {
		text, err := io.ReadAll(io.LimitReader(h.In, maxDocument))
		diags.AddError(err, diag.Usage, usageSummary)
		h.KeepFile("stdin", text)
		return "stdin", text, diags
	}
	f, err := os.Open(h.Path(file))
	if err != nil {
		diags.Add(diag.New(diag.Usage, "%v.", err))
		return file, nil, diags
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDocument))
	diags.AddError(err, diag.Usage, usageSummary)
	name = filepath.ToSlash(file)
	h.KeepFile(name, text)
	return name, text, diags
}

// compiles reports what the compiler finds wrong in a text that was made of the
// document of that name. Warnings are left to the command that uses the text.
func (h Host) compiles(ctx context.Context, name string, text []byte) diag.Diagnostics {
	made := name + ".gate.hcl"
	m, diags := lang.LoadText(made, text)
	h.KeepFile(made, text)
	if !diags.HasErrors() {
		_, more := h.CompileModule(ctx, m, nil)
		diags = append(diags, more...)
	}
	if !diags.HasErrors() {
		return nil
	}
	return diags
}
