package whycli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/whyview"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/why"
)

const whyLong = "Plans as `headgate plan` does and shows what would happen to one address, with every reason followed to what somebody changed: the attribute, its old and new value, the file and the line. Where nothing happens it says so, and why. " +
	"ADDRESS is a source, destination, contract, pipeline, stream, model or external; without a version it is the latest one. It changes nothing. With --plan it explains a saved plan, and reads neither the project nor the state."

// WhyCommand returns `headgate why`.
func WhyCommand(h Host) *cobra.Command {
	var refresh bool
	var file string
	cmd := &cobra.Command{
		Use:   "why ADDRESS",
		Short: "Say why the plan does something with an address, or nothing",
		Long:  whyLong,
		Args:  cobra.ExactArgs(1),
		RunE: h.Command([]view.Format{view.Text, view.JSON}, func(ctx context.Context, args []string) diag.Diagnostics {
			return h.why(ctx, args[0], file, refresh)
		}),
	}
	cmd.Flags().BoolVar(&refresh, "refresh", true, "look at sources and destinations first")
	cmd.Flags().StringVar(&file, "plan", "", "explain this saved plan")
	return cmd
}

func (h Host) why(ctx context.Context, text, file string, refresh bool) diag.Diagnostics {
	given, err := addr.Parse(text)
	if err != nil {
		return diag.Diagnostics{diag.New(diag.Usage, "%v.", err)}
	}
	in, diags := h.input(ctx, file, refresh)
	if in.Plan == nil {
		return diags
	}
	address, ok := in.Find(given)
	if !ok {
		var known []string
		for _, a := range in.Known() {
			known = append(known, a.String(), a.WithVersion(0).String())
		}
		return append(diags, diag.New(diag.NothingToExplain, "%s is neither in the %s.%s", given, places(file), diag.DidYouMean(given.String(), known)).For(given.String()))
	}
	v := whyview.Why{FormatVersion: draw.FormatVersion, Environment: in.Plan.Environment, Explanation: why.Explain(in, address)}
	diags.AddError(h.Document(v, func(w io.Writer, style draw.Style) error { return whyview.WriteWhy(w, v, style) }, nil), diag.Usage, usageSummary)
	return diags
}

func places(file string) string {
	if file != "" {
		return "steps of the plan nor among what they speak of"
	}
	return "configuration nor in the state"
}

// input makes or reads the plan that is explained.
func (h Host) input(ctx context.Context, file string, refresh bool) (why.Input, diag.Diagnostics) {
	if file == "" {
		return h.Plan(ctx, refresh)
	}
	p, fault := h.ReadPlan(file)
	if fault != nil {
		return why.Input{}, diag.Diagnostics{fault}
	}
	return why.Input{Plan: p, Program: p.Program}, nil
}
