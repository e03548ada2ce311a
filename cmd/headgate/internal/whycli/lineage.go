package whycli

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/whyview"
	"github.com/headgate-data/headgate/compiler/lineage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

const lineageLong = "Shows where a column comes from, through queries and maps to the records of a source, and where it goes. ADDRESS is a stream, a model or an external, with .column.NAME behind it for one column (model.sales.column.net); without it every column is shown one step far. " +
	"A column can also decide which rows there are (a filter, a join, a group): that bears on every column behind it. What cannot be seen through, such as `select *` or a pivot, is said to be opaque."

// LineageCommand returns `headgate lineage`.
func LineageCommand(h Host) *cobra.Command {
	var format string // hides the global flag, which has other formats
	cmd := &cobra.Command{
		Use:   "lineage ADDRESS[.column.NAME]",
		Short: "Show where a column comes from and where it goes",
		Long:  lineageLong,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h.UseFormat(format)
			return h.Command([]view.Format{view.Text, view.JSON, view.Mermaid}, h.lineage)(cmd, args)
		},
	}
	cmd.Flags().StringVar(&format, "format", string(view.Text), "text, json or mermaid")
	return cmd
}

func (h Host) lineage(ctx context.Context, args []string) diag.Diagnostics {
	text, column := cutColumn(args[0])
	given, err := addr.Parse(text)
	if err != nil {
		return diag.Diagnostics{diag.New(diag.Usage, "%v.", err)}
	}
	p, diags := h.Compile(ctx)
	if p == nil || diags.HasErrors() {
		return diags
	}
	at, fault := find(p, given, column)
	if fault != nil {
		return append(diags, fault)
	}
	v := whyview.Lineage{FormatVersion: draw.FormatVersion, Environment: p.Environment.Name, Trace: lineage.Follow(p, at)}
	err = h.Document(v, func(w io.Writer, style draw.Style) error {
		if h.Format() == view.Mermaid {
			return view.WriteMermaid(w, graph(v))
		}
		return whyview.WriteLineage(w, v, style)
	}, nil)
	diags.AddError(err, diag.Usage, usageSummary)
	return diags
}

// cutColumn splits ADDRESS.column.NAME; the name may be quoted.
func cutColumn(text string) (address, column string) {
	const mark = ".column."
	i := strings.LastIndex(text, mark)
	if i < 0 {
		return text, ""
	}
	column = text[i+len(mark):]
	if s, err := strconv.Unquote(column); err == nil {
		column = s
	}
	return text[:i], column
}

// find returns the table and column that are meant. A model without a version is
// its latest one.
func find(p *program.Program, given addr.Address, column string) (lineage.Point, *diag.Diagnostic) {
	var at addr.Address
	var known []string
	for _, n := range p.Nodes {
		if n.Model == nil && n.Stream == nil && n.External == nil {
			continue
		}
		known = append(known, n.Address.String(), n.Address.WithVersion(0).String())
		if n.Address == given || given.Version == 0 && n.Address.WithVersion(0) == given && n.Model != nil && n.Model.Latest {
			at = n.Address
		}
	}
	if at.IsZero() {
		return lineage.Point{}, diag.New(diag.NoLineage, "%s is no stream, model or external of this project.%s", given, diag.DidYouMean(given.String(), known)).For(given.String())
	}
	if column == "" {
		return lineage.Point{Of: at}, nil
	}
	var names []string
	for _, c := range lineage.Columns(p, at) {
		if strings.EqualFold(c.Name, column) {
			return lineage.Point{Of: at, Column: c.Name}, nil
		}
		names = append(names, c.Name)
	}
	return lineage.Point{}, diag.New(diag.NoLineage, "%s has no column %q.%s", at, column, diag.DidYouMean(column, names)).For(at.String())
}

// graph is lineage for Mermaid.
func graph(v whyview.Lineage) view.Graph {
	out := view.Graph{}
	points, edges := v.Points()
	for _, s := range points {
		out.Nodes = append(out.Nodes, view.GraphNode{Address: s})
	}
	for _, e := range edges {
		out.Edges = append(out.Edges, view.GraphEdge{From: e[0], To: e[1]})
	}
	return out
}
