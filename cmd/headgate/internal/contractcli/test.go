package contractcli

import (
	"context"
	"io"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/executor/contracttest"
	"github.com/headgate-data/headgate/lang/diag"
)

const testLong = `Puts the records of the project's test blocks before the enforcement that runs use, and compares the rules that they break with those that the tests name. Nothing is read from a source and nothing is loaded.

Coverage tells, for each version of a contract, how many of the rules that it asks for some test has made fail. References, expect queries, rows and freshness are about whole tables, which no test has: they are named as not judged. The exit code is 3 when a test fails, or when the coverage is below --coverage-min. --format junit writes what CI systems read.`

// TestCommand returns `headgate test`.
func TestCommand(h Host) *cobra.Command {
	var run string
	var least float64
	cmd := &cobra.Command{
		Use: "test", Short: "Run the tests of the project's contracts", Long: testLong, Args: cobra.NoArgs,
		RunE: h.Command([]view.Format{view.Text, view.JSON, view.JUnit}, func(ctx context.Context, _ []string) Outcome {
			return h.test(ctx, run, least)
		}),
	}
	cmd.Flags().StringVar(&run, "run", "", "only tests whose name matches this regular expression")
	cmd.Flags().Float64Var(&least, "coverage-min", 0, "exit with 3 when less than so many percent of the rules are made to fail")
	return cmd
}

func (h Host) test(ctx context.Context, run string, least float64) Outcome {
	match, err := regexp.Compile(run)
	if err != nil {
		return fail(diag.New(diag.Usage, "--run: %v.", err))
	}
	if !(least >= 0 && least <= 100) {
		return fail(diag.New(diag.Usage, "--coverage-min is a percentage from 0 to 100."))
	}
	p, diags := h.Compile(ctx)
	if diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	result, more := contracttest.Run(p, contracttest.Options{Match: match.MatchString, Now: time.Now()})
	if diags = append(diags, more...); diags.HasErrors() {
		return Outcome{Diags: diags}
	}
	if run != "" && len(result.Tests) == 0 {
		return Outcome{Diags: append(diags, diag.New(diag.TestNoMatch, "%d tests are there, and %q is in the name of none.", len(p.Tests), run))}
	}
	v := view.NewTests(result)
	err = h.Document(v, func(w io.Writer, style view.Style) error {
		if h.Format() == view.JUnit {
			return view.WriteJUnit(w, v)
		}
		return view.WriteTests(w, v, style)
	}, nil)
	diags.AddError(err, diag.Usage, usageSummary)
	if result.Failed > 0 || result.Percent < least {
		return Outcome{Code: Findings, Diags: diags}
	}
	return Outcome{Diags: diags}
}
