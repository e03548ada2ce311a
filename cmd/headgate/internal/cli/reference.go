package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Reference is docs/reference/cli.md: every command with its flags.
func Reference() string {
	root := Root()
	var b strings.Builder
	b.WriteString("# The command line\n\n")
	b.WriteString("Written from the commands themselves by `HEADGATE_UPDATE=1 go test ./cmd/headgate`.\n\n")
	b.WriteString("Exit codes, of every command: 0 done; 1 an error; 2 done, and a definition changes or a table is not what was applied (only with `--detailed-exitcode`); ")
	b.WriteString("3 findings: data broke a contract beyond its tolerance, a changed contract broke its promise (`contract check --against`), a test failed, a policy denies the plan, the environment's review level keeps `apply --auto-approve` from it, `lint` found something that weighs `--fail-on` or more, `fmt --check` found a file that is not in the canonical form, or a contract would change under `--check`.\n\n")
	b.WriteString("Every flag has an environment variable: `HEADGATE_LOCK_TIMEOUT` for `--lock-timeout`. A flag that is given is stronger. ")
	b.WriteString("The variables of a project are set with `HEADGATE_VAR_name`.\n\n")
	b.WriteString("## Flags of every command\n\n")
	writeFlags(&b, root.PersistentFlags())
	writeCommands(&b, root)
	return b.String()
}

func writeCommands(b *strings.Builder, cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		if c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if c.Runnable() {
			fmt.Fprintf(b, "\n## %s\n\n%s.\n", strings.TrimSuffix(c.UseLine(), " [flags]"), c.Short)
			if c.Long != "" {
				fmt.Fprintf(b, "\n%s\n", c.Long)
			}
			if c.LocalNonPersistentFlags().HasAvailableFlags() {
				b.WriteString("\n")
				writeFlags(b, c.LocalNonPersistentFlags())
			}
		}
		writeCommands(b, c)
	}
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	b.WriteString("| flag | default | |\n|---|---|---|\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		standard := f.DefValue
		if standard == "[]" || standard == "" {
			standard = "-"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, standard, f.Usage)
	})
}
