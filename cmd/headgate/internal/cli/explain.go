package cli

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-data/headgate/cmd/headgate/internal/lintcli"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/lintview"
	"github.com/headgate-data/headgate/lang/diag"
)

// explanation is the JSON of `explain`.
type explanation struct {
	FormatVersion string `json:"format_version"`
	Code          string `json:"code"`
	Summary       string `json:"summary"`
	Explain       string `json:"explain"`
}

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain CODE|RULE",
		Short: "Say what a diagnostic's code, or a lint rule, means and what to do",
		Args:  cobra.ExactArgs(1),
		RunE: a.command(textOrJSON, func(_ context.Context, args []string) outcome {
			if rule, ok := lintcli.Rule(args[0]); ok {
				return a.plainDocument(lintcli.Explanation{FormatVersion: view.FormatVersion, Rule: rule}, func(w io.Writer, _ view.Style) error {
					return lintview.WriteRule(w, rule)
				})
			}
			info, ok := diag.Lookup(diag.Code(strings.ToUpper(args[0])))
			if !ok {
				return failed(diag.New(diag.Usage, "%q is neither a code of a diagnostic, which looks like HG1001 and stands before the message, nor a lint rule.%s", args[0], diag.DidYouMean(args[0], lintcli.RuleNames())))
			}
			v := explanation{view.FormatVersion, string(info.Code), info.Summary, info.Explain}
			return a.plainDocument(v, func(w io.Writer, _ view.Style) error {
				_, err := fmt.Fprintf(w, "%s: %s\n\n%s\n", v.Code, v.Summary, v.Explain)
				return err
			})
		}),
	}
}

// version is the JSON of `version`.
type version struct {
	FormatVersion string `json:"format_version"`
	Version       string `json:"version"`
	Go            string `json:"go"`
	Platform      string `json:"platform"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: a.command(textOrJSON, func(context.Context, []string) outcome {
			v := version{view.FormatVersion, a.io.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return a.plainDocument(v, func(w io.Writer, _ view.Style) error {
				_, err := fmt.Fprintf(w, "headgate %s (%s, %s)\n", v.Version, v.Go, v.Platform)
				return err
			})
		}),
	}
}
