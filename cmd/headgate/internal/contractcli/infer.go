package contractcli

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/executor/infer"
	"github.com/headgate-data/headgate/lang/diag"
)

const inferLong = `Looks at records and writes a contract that takes every one of them: columns, types, what is never null, a key, formats, the values of columns that have few, and likely personal data (tags = ["pii"]).

DATA is a file or pattern (JSON Lines, JSON, CSV, Parquet; gzip or zstd), - for standard input, or the address of a source of the project. What was seen and is not safe to promise, such as the greatest amount so far, stands in comments. Read the result, and take out what you would not promise.`

// addSampling adds the flags that say what to look at.
func addSampling(f *pflag.FlagSet, s *sampling) {
	f.Int64Var(&s.limit, "sample", 100_000, "look at the first so many records")
	f.BoolVar(&s.all, "all", false, "look at all records")
	f.StringVar(&s.input, "input", "", "how the data is written: jsonl, json, csv or parquet (default: by the name's ending, jsonl for standard input)")
	f.StringVar(&s.stream, "stream", "", "the stream to look at, of a source that has several")
}

func inferCommand(h Host) *cobra.Command {
	var s sampling
	var name, output string
	cmd := &cobra.Command{
		Use:   "infer DATA...",
		Short: "Write a contract for the records of files, standard input or a source",
		Long:  inferLong,
		Args:  cobra.MinimumNArgs(1),
		RunE: h.Command([]view.Format{view.Text, view.JSON}, func(ctx context.Context, args []string) Outcome {
			return h.infer(ctx, parseData(args), s, name, output)
		}),
	}
	addSampling(cmd.Flags(), &s)
	cmd.Flags().StringVar(&name, "name", "", "the contract's name (default: that of the data)")
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the contract to this new file")
	return cmd
}

var contractName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func (h Host) infer(ctx context.Context, args []data, s sampling, name, output string) Outcome {
	switch {
	case name == "" && s.stream != "":
		name = identifier(s.stream)
	case name == "":
		name = args[0].name()
	case !contractName.MatchString(name):
		return fail(diag.New(diag.Usage, "--name %q: a letter or underscore must come first, then letters, digits, underscores and dashes.", name))
	}
	if output != "" {
		if _, err := os.Stat(h.Path(output)); err == nil {
			return fail(diag.New(diag.FileThere, "%s exists already.", output))
		}
	}
	seen, diags := h.look(ctx, args, s)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	p := seen.Propose(name, origin(args))
	diags = append(diags, told(seen, p)...)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	text := contracttext.Write(p.Contract, contracttext.Options{Bare: true, Header: p.Header, Columns: p.Comments})
	v := view.NewInferred(p.Contract, text, seen.Records, seen.Refused)
	err := h.Document(v, func(w io.Writer, _ view.Style) error {
		if output != "" {
			_, err := fmt.Fprintf(w, "%s: contract.%s, from %d records.\n", output, name, seen.Records)
			return err
		}
		_, err := w.Write(text)
		return err
	}, nil)
	diags.AddError(err, diag.Usage, usageSummary)
	if output != "" {
		diags.AddError(h.ReplaceFile(output, text), diag.Usage, usageSummary)
	}
	return Outcome{Diags: diags}
}

func fail(ds ...*diag.Diagnostic) Outcome { return Outcome{Code: 1, Diags: ds} }

// look samples the data.
func (h Host) look(ctx context.Context, args []data, s sampling) (*infer.Sample, diag.Diagnostics) {
	seen := infer.NewSample()
	faults, diags := h.sample(ctx, args, s, seen.Take)
	seen.Refused += faults
	return seen, diags
}

// origin says in a few words what was looked at.
func origin(args []data) string {
	var names []string
	for _, d := range args {
		if d.arg == "-" {
			d.arg = "standard input"
		}
		names = append(names, d.arg)
	}
	return strings.Join(names, ", ")
}

// told reports what of the data is not in the proposal.
func told(seen *infer.Sample, p *infer.Proposal) (diags diag.Diagnostics) {
	if len(p.Contract.Columns) == 0 {
		detail := "There is no record."
		if seen.FirstRefused != "" {
			detail = "There is no record that a contract could take. The first piece, " + seen.FirstRefused + "."
		}
		diags.Add(diag.New(diag.NothingToInfer, "%s", detail))
		return diags
	}
	if seen.Refused > 0 && seen.FirstRefused != "" {
		diags.Add(warning(diag.New(diag.RecordsLeftOut, "%d of %d are left out. The first: %s.", seen.Refused, seen.Refused+seen.Records, seen.FirstRefused)))
	}
	for _, k := range p.Skipped {
		diags.Add(warning(diag.New(diag.MemberLeftOut, "%q: %s.", k.Name, k.Why)))
	}
	return diags
}

func warning(d *diag.Diagnostic) *diag.Diagnostic {
	d.Severity = diag.Warning
	return d
}
