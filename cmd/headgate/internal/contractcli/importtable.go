package contractcli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

const importTableLong = `Looks at a table that exists in a destination and writes what the project needs to take it over: a contract that fits its columns, a stream, and an import block. Nothing is changed anywhere: read the result, put it into the project, and plan.

ADDRESS is that of the stream to be, pipeline.NAME.stream.NAME; TABLE is "schema.table". Where the pipeline is in the project already, its stream block is printed alone, for you to put into it.`

// ImportTableCommand returns `headgate import`.
func ImportTableCommand(h Host) *cobra.Command {
	var destination, output string
	cmd := &cobra.Command{
		Use:   "import ADDRESS TABLE",
		Short: "Write the contract, stream and import block for a table that exists",
		Long:  importTableLong,
		Args:  cobra.ExactArgs(2),
		RunE: h.Command([]view.Format{view.Text}, func(ctx context.Context, args []string) Outcome {
			return h.importTable(ctx, args[0], args[1], destination, output)
		}),
	}
	cmd.Flags().StringVar(&destination, "destination", "", "the destination, by name, where the pipeline does not say it and there are several")
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to this new file")
	return cmd
}

// tableImport is what is known of an import before its table is looked at.
type tableImport struct {
	to            addr.Address
	schema, table string
	program       *program.Program
	pipeline      *program.Node // nil where it is not in the project
	destination   *program.Node
}

func (h Host) importTable(ctx context.Context, address, table, destination, output string) Outcome {
	if output != "" {
		if _, err := os.Stat(h.Path(output)); err == nil {
			return fail(diag.New(diag.FileThere, "%s exists already.", output))
		}
	}
	x, fault := parseImport(address, table)
	if fault != nil {
		return fail(fault)
	}
	p, diags := h.Compile(ctx)
	if p == nil || diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	x.program = p
	if fault := x.place(destination); fault != nil {
		return fail(append(diags, fault)...)
	}
	found, fault := h.examine(ctx, x)
	if fault != nil {
		return fail(append(diags, fault)...)
	}
	text, bad := x.write(found)
	diags = append(diags, bad...)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	if output != "" {
		diags.AddError(h.ReplaceFile(output, text), diag.Usage, usageSummary)
		text = fmt.Appendf(nil, "%s: what %s needs to take over %s.%s. Read it, then: headgate plan\n", output, x.to, x.schema, x.table)
	}
	_, err := h.Out.Write(text)
	diags.AddError(err, diag.Usage, usageSummary)
	return Outcome{Diags: diags}
}

func parseImport(address, table string) (*tableImport, *diag.Diagnostic) {
	to, err := addr.Parse(address)
	if err != nil {
		return nil, diag.New(diag.Usage, "%v.", err)
	}
	if to.Kind != addr.Pipeline || to.Stream == "" {
		return nil, diag.New(diag.Usage, "%s is no stream: ADDRESS is pipeline.NAME.stream.NAME.", to)
	}
	x := &tableImport{to: to, schema: "main", table: table}
	if schema, name, dotted := strings.Cut(table, "."); dotted {
		x.schema, x.table = schema, name
	}
	if x.schema == "" || x.table == "" {
		return nil, diag.New(diag.Usage, "%q is no table: TABLE is \"schema.table\".", table)
	}
	return x, nil
}

// place finds the pipeline and the destination.
func (x *tableImport) place(name string) *diag.Diagnostic {
	if n, ok := x.program.Lookup(x.to); ok {
		return diag.New(diag.Usage, "%s is in the project already (%s:%d).", x.to, n.Range.Filename, n.Range.Start.Line)
	}
	at := addr.Of(addr.Destination, name)
	if n, ok := x.program.Lookup(x.to.Base()); ok && n.Pipeline != nil {
		x.pipeline = n
		if name == "" {
			at = n.Pipeline.To
		}
	}
	var all []string
	for _, n := range x.program.Nodes {
		if n.Destination == nil {
			continue
		}
		all = append(all, n.Address.Name)
		if n.Address == at || name == "" && at.Name == "" {
			x.destination = n
		}
	}
	switch {
	case at.Name == "" && len(all) > 1:
		return diag.New(diag.Usage, "The project has several destinations: say which with --destination (%s).", strings.Join(all, ", "))
	case x.destination == nil && name != "":
		return diag.New(diag.Usage, "There is no destination %q.%s", name, diag.DidYouMean(name, all))
	case x.destination == nil:
		return diag.New(diag.Usage, "The project has no destination to import from: write its block first.")
	}
	return nil
}

// examine looks at the table.
func (h Host) examine(ctx context.Context, x *tableImport) (found connector.Examined, fault *diag.Diagnostic) {
	dest, err := h.LookInto(ctx, x.destination)
	if err != nil {
		return found, diag.FromError(err, diag.DestinationFailed, "The destination refused the work")
	}
	defer func() {
		if err := dest.Close(); err != nil && fault == nil {
			fault = diag.FromError(err, diag.DestinationFailed, "The destination refused the work")
		}
	}()
	adopter, ok := dest.(connector.Adopter)
	if !ok {
		return found, diag.New(diag.CannotFollow, "%s cannot take over tables.", x.destination.Address)
	}
	found, err = adopter.Examine(ctx, x.schema, x.table, true)
	switch {
	case err != nil:
		fault = diag.FromError(err, diag.DestinationFailed, "The destination refused the work")
	case !found.Found:
		fault = diag.New(diag.ImportRefused, "%s has no table %s.%s.", x.destination.Address, x.schema, x.table)
	case found.Owner != "":
		fault = diag.New(diag.ImportRefused, "%s.%s is published by %s.", x.schema, x.table, found.Owner)
	case found.View:
		fault = diag.New(diag.ImportRefused, "%s.%s is a view, which holds no rows to take over.", x.schema, x.table)
	}
	return found, fault
}

// write makes the text: contract, pipeline or stream, import.
func (x *tableImport) write(found connector.Examined) ([]byte, diag.Diagnostics) {
	name := identifier(x.to.Stream)
	promise := &contract.Contract{Name: name, Version: 1, Latest: true, Compatibility: "auto",
		OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless}
	o := contracttext.Options{Bare: true, Columns: map[string][]string{}, Header: []string{fmt.Sprintf("From the table %s.%s, as it stood with %d rows.", x.schema, x.table, found.Rows)}}
	for i, c := range found.Columns {
		if c.Type.IsZero() {
			o.Header = append(o.Header, fmt.Sprintf("%q is left out: no column type is a %s. It stays behind the table.", c.Name, found.Natives[i]))
			continue
		}
		keyed := slices.Contains(found.Key, c.Name)
		promise.Columns = append(promise.Columns, contract.Column{Name: c.Name, Type: c.Type, Required: !c.Nullable || keyed})
		if keyed {
			promise.Key = append(promise.Key, c.Name)
		}
		if len(found.Facts) > i {
			o.Columns[c.Name] = facts(found, i, keyed)
		}
	}
	write := "append"
	if len(promise.Key) > 0 {
		write = "merge"
	}
	var b bytes.Buffer
	b.Write(contracttext.Write(promise, o))
	b.WriteString("\n" + x.stream(name, write))
	fmt.Fprintf(&b, "\nimport {\n  to = %s\n  table = %s\n", x.to, lang.Quote(x.schema+"."+x.table))
	if write == "append" {
		b.WriteString("\n  # The table has no key to recognise records by: the first run adds all of the\n  # source's records to the rows that are there. Give the contract a key and the\n  # stream write = \"merge\", or say that this is what you want.\n  # load_again = true\n")
	}
	b.WriteString("}\n")
	return lang.Format(b.Bytes())
}

// facts are comments about what stands in a column.
func facts(found connector.Examined, i int, keyed bool) []string {
	f := found.Facts[i]
	var out []string
	switch {
	case found.Rows == 0:
	case f.Nulls > 0:
		out = append(out, fmt.Sprintf("null in %d of %d", f.Nulls, found.Rows))
	case found.Columns[i].Nullable && !keyed:
		out = append(out, "never null so far")
	}
	if !keyed && len(found.Key) == 0 && found.Rows > 1 && f.Nulls == 0 && f.Distinct == found.Rows {
		out = append(out, "no value stands twice so far: a key?")
	}
	return out
}

// stream writes the stream's block, within its pipeline where that is not in the
// project.
func (x *tableImport) stream(promise, write string) string {
	block := fmt.Sprintf("stream %s {\n  contract = contract.%s\n  table = %s\n  write = %s\n}\n", lang.Quote(x.to.Stream), promise, lang.Quote(x.schema+"."+x.table), lang.Quote(write))
	if x.pipeline != nil {
		commented := "# Put this into the block of " + x.pipeline.Address.String() + " (" + fmt.Sprintf("%s:%d", x.pipeline.Range.Filename, x.pipeline.Range.Start.Line) + "):\n#\n"
		for line := range strings.Lines(block) {
			commented += "#   " + line
		}
		return commented
	}
	from, only := "NAME", 0
	for _, n := range x.program.Nodes {
		if n.Source != nil {
			from, only = n.Address.Name, only+1
		}
	}
	note := ""
	if only != 1 {
		from, note = "NAME", " # the source that goes on filling it"
	}
	return fmt.Sprintf("pipeline %s {\n  from = source.%s%s\n  to = %s\n\n%s}\n", lang.Quote(x.to.Name), from, note, x.destination.Address, block)
}
