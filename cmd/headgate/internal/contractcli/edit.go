package contractcli

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contractedit"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/infer"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

const updateLong = `Changes a contract where it stands, so that it takes every record of the data: columns that the records have are added as optional ones, and types, nullability, limits and enums that the records break are widened. Nothing is taken away or made narrower without --tighten, which also promises what the records show. Comments, order and everything that is not concerned stay as they are.

The records are held to the contract as they are, without any stream's map. What changes is shown first. A version that is in use may only be changed as its compatibility allows: write the change as the next version with ` + "`headgate contract bump`" + `.`

const bumpLong = `Writes the next version of a contract behind the last one. It extends the one before and holds only the difference: nothing yet, or what --add and --remove say, what ` + "`headgate contract update`" + ` would change for DATA, or what makes the contract in --from FILE another one.`

// editing is what the commands that change a contract's text are told by flags.
type editing struct {
	sampling
	dryRun, check, tighten bool
	add, remove            []string
	from                   string
}

func (ed *editing) flags(f *pflag.FlagSet) {
	addSampling(f, &ed.sampling)
	f.BoolVar(&ed.dryRun, "dry-run", false, "write nothing; exit with 3 when the contract would change")
	f.BoolVar(&ed.check, "check", false, "the same as --dry-run, for CI")
	f.BoolVar(&ed.tighten, "tighten", false, "also promise what the records show, and remove columns that none of them has")
}

func updateCommand(h Host) *cobra.Command {
	var ed editing
	cmd := &cobra.Command{
		Use: "update ADDRESS DATA...", Short: "Widen a contract in place until it takes the records of files, standard input or a source",
		Long: updateLong, Args: cobra.MinimumNArgs(2),
		RunE: h.Command([]view.Format{view.Text, view.JSON}, func(ctx context.Context, args []string) Outcome {
			return h.update(ctx, args[0], parseData(args[1:]), ed)
		}),
	}
	ed.flags(cmd.Flags())
	return cmd
}

func bumpCommand(h Host) *cobra.Command {
	var ed editing
	cmd := &cobra.Command{
		Use: "bump ADDRESS [DATA...]", Short: "Write the next version of a contract, with only the difference in it",
		Long: bumpLong, Args: cobra.MinimumNArgs(1),
		RunE: h.Command([]view.Format{view.Text, view.JSON}, func(ctx context.Context, args []string) Outcome {
			return h.bump(ctx, args[0], parseData(args[1:]), ed)
		}),
	}
	ed.flags(cmd.Flags())
	cmd.Flags().StringArrayVar(&ed.add, "add", nil, "add a column: NAME=TYPE (repeatable)")
	cmd.Flags().StringArrayVar(&ed.remove, "remove", nil, "remove a column, check or expect query (repeatable)")
	cmd.Flags().StringVar(&ed.from, "from", "", "take the difference from the contract in this file")
	return cmd
}

func (h Host) update(ctx context.Context, address string, args []data, ed editing) Outcome {
	c, diags := h.contractOf(ctx, address, false)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	next, more := h.widened(ctx, c, args, ed)
	if diags = append(diags, more...); diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	return h.edited(ctx, c, next, diags, ed, contractedit.Update)
}

func (h Host) bump(ctx context.Context, address string, args []data, ed editing) Outcome {
	latest, diags := h.contractOf(ctx, address, true)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	next := latest
	var more diag.Diagnostics
	switch {
	case ed.from != "" && len(args) > 0:
		more.Add(diag.New(diag.Usage, "The difference comes from --from or from DATA, not from both."))
	case ed.from != "":
		next, more = h.contractIn(ctx, ed.from, latest.Name)
	case len(args) > 0:
		next, more = h.widened(ctx, latest, args, ed)
	}
	if diags = append(diags, more...); diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	next, fault := contractedit.Next(latest, next, ed.add, ed.remove)
	if fault != nil {
		return Outcome{Diags: append(diags, fault)}
	}
	return h.edited(ctx, latest, next, diags, ed, contractedit.Bump)
}

// widened returns the contract that takes the data, too.
func (h Host) widened(ctx context.Context, c *contract.Contract, args []data, ed editing) (*contract.Contract, diag.Diagnostics) {
	u, diags := infer.NewUpdate(c)
	if diags.HasErrors() {
		return nil, diags
	}
	faults, more := h.sample(ctx, args, ed.sampling, u.Take)
	u.Sample.Refused += faults
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, diags
	}
	wider, more := u.Result(false)
	if diags = append(append(diags, more...), bySchema(c, wider)...); diags.HasErrors() {
		return nil, diags
	}
	next := wider
	if ed.tighten {
		next, _ = u.Result(true)
	}
	return next, append(diags, told(u.Sample, u.Sample.Propose(c.Name, ""))...)
}

// bySchema tells what a JSON Schema that brings columns keeps from being changed:
// column blocks refine its columns, and cannot widen them.
func bySchema(before, after *contract.Contract) (diags diag.Diagnostics) {
	if before.Schema == nil {
		return nil
	}
	var held []string
	for i := range before.Columns {
		old := &before.Columns[i]
		if old.Property == "" {
			continue
		}
		if now, ok := after.Column(old.Name); ok && contractedit.Differ(old, now) {
			held = append(held, old.Name)
		}
	}
	switch {
	case len(held) > 0:
		diags.Add(diag.New(diag.NotEditable, "The data does not keep what %s says of %s. A column block can only make that stricter: change the schema.",
			before.Schema.File, strings.Join(held, ", ")).At(before.Range))
	case len(before.Schema.Residue) > 0:
		diags.Add(diag.Warnf(diag.NotEditable, "What the schema says beyond columns was not looked at",
			"%s holds records to more than columns say. `headgate contract check` tells whether the data keeps it.", before.Schema.File).At(before.Range))
	}
	return diags
}

// edited shows a change of a contract's text and writes it.
func (h Host) edited(ctx context.Context, before, after *contract.Contract, diags diag.Diagnostics, ed editing,
	change func(string, []byte, *contract.Contract, *contract.Contract) ([]byte, []contractedit.Change, *diag.Diagnostic)) Outcome {
	file := before.Range.Filename
	src, err := os.ReadFile(h.Path(file))
	if err != nil {
		return Outcome{Diags: append(diags, diag.New(diag.Usage, "%v.", err))}
	}
	text, changes, fault := change(file, src, before, after)
	if fault != nil {
		return Outcome{Diags: append(diags, fault)}
	}
	dry := ed.dryRun || ed.check
	v := view.Edited{FormatVersion: view.FormatVersion, Address: address(after), File: file, Changed: !bytes.Equal(src, text), Changes: []view.ContractChange{}}
	v.Written = v.Changed && !dry
	for _, c := range changes {
		v.Changes = append(v.Changes, view.ContractChange(c))
	}
	err = h.Document(v, func(w io.Writer, style view.Style) error {
		return view.WriteEdited(w, v, string(src), string(text), style)
	}, nil)
	diags.AddError(err, diag.Usage, usageSummary)
	switch {
	case !v.Changed || diags.HasErrors():
		return Outcome{Diags: diags}
	case dry:
		return Outcome{Code: Findings, Diags: diags}
	}
	diags.AddError(h.ReplaceFile(file, text), diag.Usage, usageSummary)
	if !diags.HasErrors() {
		h.KeepFile(file, text)
		_, more := h.Compile(ctx)
		diags.Add(noLonger(more))
	}
	return Outcome{Diags: diags}
}

// noLonger warns that the project does not compile with a change, nil where it does.
func noLonger(diags diag.Diagnostics) *diag.Diagnostic {
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			return diag.Warnf(diag.BadDifference, "The project does not compile with this change", "%s: %s The change is written; `headgate validate` tells all that is in the way.", d.Summary, d.Detail)
		}
	}
	return nil
}

func address(c *contract.Contract) string {
	return addr.Of(addr.Contract, c.Name).WithVersion(c.Version).String()
}

// contractOf finds a contract of the project. Without a version it is the latest
// one, or with highest the one of the highest number.
func (h Host) contractOf(ctx context.Context, ref string, highest bool) (*contract.Contract, diag.Diagnostics) {
	a, err := addr.Parse(ref)
	if err != nil || a.Kind != addr.Contract {
		return nil, diag.Diagnostics{diag.New(diag.Usage, "%q is no address of a contract, such as contract.orders or contract.orders.v2.", ref)}
	}
	p, diags := h.Compile(ctx)
	if diags.HasErrors() {
		return nil, diags
	}
	var found *contract.Contract
	for _, n := range p.Nodes {
		if n.Contract == nil || n.Address.Base() != a.Base() {
			continue
		}
		c := n.Contract
		if a.Version == c.Version || a.Version == 0 && (highest && (found == nil || c.Version > found.Version) || !highest && c.Latest) {
			found = c
		}
	}
	if found == nil {
		return nil, append(diags, diag.New(diag.Usage, "%s is no contract of this project.%s", a, diag.DidYouMean(ref, contractNames(p))))
	}
	if a.HasKey {
		diags.Add(diag.Warnf(diag.NotEditable, "The block stands for several contracts", "A change for %s is one for each contract of its for_each.", a).At(found.Range))
	}
	return found, diags
}

func contractNames(p *program.Program) []string {
	var out []string
	for _, n := range p.Nodes {
		if n.Contract != nil {
			out = append(out, n.Address.String())
		}
	}
	return out
}

// contractIn returns the contract of that name in a file, or the only one there;
// FILE#NAME names another one.
func (h Host) contractIn(ctx context.Context, file, name string) (*contract.Contract, diag.Diagnostics) {
	if c, diags := h.contractAt(ctx, file+"#"+name); c != nil {
		return c, diags
	}
	return h.contractAt(ctx, file)
}
