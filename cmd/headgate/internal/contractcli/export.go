package contractcli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/formats"
	"github.com/headgate-data/headgate/lang/diag"
)

func exportCommand(h Host) *cobra.Command {
	var format, dialect, out string
	cmd := &cobra.Command{
		Use:   "export [ADDRESS | FILE[#NAME.vN]]...",
		Short: "Write contracts as JSON Schema, ODCS, Avro, SQL or Markdown",
		Long:  exportLong,
		RunE: h.Command([]view.Format{view.Text}, func(ctx context.Context, args []string) Outcome {
			cs, diags := h.contractsAt(ctx, args)
			if diags.HasErrors() {
				return Outcome{Diags: diags}
			}
			text, more := formats.Export(format, dialect, cs)
			diags = append(diags, more...)
			if !more.HasErrors() {
				diags.AddError(h.write(out, text), diag.Usage, usageSummary)
			}
			return Outcome{Diags: diags}
		}),
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", "", strings.Join(formats.Exports, ", "))
	f.Lookup("format").Annotations = map[string][]string{NoEnvironment: {"HEADGATE_FORMAT is of another kind"}}
	f.StringVar(&dialect, "dialect", formats.Dialects[0], "of --format sql: "+strings.Join(formats.Dialects, " or "))
	f.StringVarP(&out, "output", "o", "", "write to this file (default: standard output)")
	return cmd
}

// NoEnvironment marks a flag that shadows one of every command, and must not take
// that one's environment variable.
const NoEnvironment = "headgate_no_environment"

const usageSummary = "The command line is not usable"

const exportLong = "Each argument is a contract of the project (contract.orders, contract.orders.v2) or of a file (orders.gate.hcl, orders.gate.hcl#orders.v2), which needs no project; without arguments, the latest version of each contract of the project. " +
	"--format names the format. What a format has no word for stands in comments or custom properties, and what cannot be kept at all is warned of. " +
	"odcs writes version 3.1 of the Open Data Contract Standard and gives back whatever an import has kept; sql writes CREATE TABLE."

// contractsAt returns the contracts that arguments name; without arguments the
// latest version of each of the project's.
func (h Host) contractsAt(ctx context.Context, refs []string) ([]*contract.Contract, diag.Diagnostics) {
	var out []*contract.Contract
	if len(refs) > 0 {
		var diags diag.Diagnostics
		for _, ref := range refs {
			c, more := h.contractAt(ctx, ref)
			diags = append(diags, more...)
			out = append(out, c)
		}
		return out, diags
	}
	p, diags := h.Compile(ctx)
	if diags.HasErrors() {
		return nil, diags
	}
	for _, n := range p.Nodes {
		if n.Contract != nil && n.Contract.Latest {
			out = append(out, n.Contract)
		}
	}
	if len(out) == 0 {
		diags.Add(diag.New(diag.NoSuchContract, "There is no contract in the project."))
	}
	return out, diags
}

// write writes a document to a file, or to standard output where none is named.
func (h Host) write(file string, text []byte) error {
	put := func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}
	if file == "" {
		return put(h.Out)
	}
	return h.WriteFile(file, put)
}
