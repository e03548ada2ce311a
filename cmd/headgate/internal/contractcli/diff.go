package contractcli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/contract/schemadiff"
	"github.com/headgate-data/headgate/lang/diag"
)

func diffCommand(h Host) *cobra.Command {
	var mode string
	var exitCode bool
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Show what differs between two contracts, and whom that breaks",
		Long:  diffLong,
		RunE: h.Command([]view.Format{view.Text, view.JSON, view.Markdown}, func(ctx context.Context, args []string) Outcome {
			return h.diff(ctx, args, mode, exitCode)
		}),
	}
	cmd.Flags().StringVar(&mode, "mode", "full", "whom a break counts for: backward (writers), forward (readers), full or none")
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit 3 where somebody breaks")
	return cmd
}

const diffLong = "OLD and NEW are each an address of the project (contract.orders.v1), or FILE, FILE#orders, FILE#orders.v2; a file may also be a JSON Schema, ODCS or dbt's YAML. Every change is shown with its rule, its verdict for the writers of records (backward) and the readers of the table (forward), " +
	"and the record or query that proves it; the whole in one word: patch, minor or major. Nothing is judged: the exit code is 0 unless --exit-code asks for 3. `headgate contract check --against` judges."

// diff compares two contracts.
func (h Host) diff(ctx context.Context, args []string, mode string, exitCode bool) Outcome {
	m, fault := modeOf(mode)
	if fault == nil && len(args) != 2 {
		fault = diag.New(diag.Usage, "Name two contracts: the old one and the new one.")
	}
	if fault != nil {
		return Outcome{Diags: diag.Diagnostics{fault}}
	}
	if older, newer, ok := h.schemas(args[0], args[1]); ok {
		out := h.checkSchemas(older, newer, m, string(schemadiff.Strict))
		if out.Code == Findings && !exitCode {
			out.Code = 0
		}
		return out
	}
	old, diags := h.contractAt(ctx, args[0])
	now, more := h.contractAt(ctx, args[1])
	if diags = append(diags, more...); diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	v := view.NewDiff(compat.NewReport(old, now, args[0], args[1], m), diags)
	return h.comparison(v, exitCode && v.Broken, diags)
}

// schemas reads both sides of a comparison where both are JSON Schemas.
func (h Host) schemas(old, now string) (older, newer document, ok bool) {
	if !foreign(old) || !foreign(now) {
		return older, newer, false
	}
	shown, text, diags := h.document(old)
	older = document{name: shown, text: text}
	shown, text, more := h.document(now)
	newer = document{name: shown, text: text}
	return older, newer, !diags.HasErrors() && !more.HasErrors() && isSchema(older) && isSchema(newer)
}

// comparison writes a comparison and ends the command.
func (h Host) comparison(v view.Comparison, findings bool, diags diag.Diagnostics) Outcome {
	err := h.Document(v, func(w io.Writer, style view.Style) error { return view.WriteComparison(w, v, style) },
		func(w io.Writer) error { return view.WriteComparisonMarkdown(w, v) })
	diags.AddError(err, diag.Usage, "The output cannot be written")
	if findings {
		return Outcome{Code: Findings, Diags: diags}
	}
	return Outcome{Diags: diags}
}

func modeOf(s string) (compat.Mode, *diag.Diagnostic) {
	switch m := compat.Mode(s); m {
	case compat.None, compat.Backward, compat.Forward, compat.Full, "":
		return m, nil
	}
	return "", diag.New(diag.Usage, "--mode is backward, forward, full or none, not %q.", s)
}
