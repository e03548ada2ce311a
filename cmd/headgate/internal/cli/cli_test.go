package cli

import (
	"testing"

	"github.com/spf13/cobra"
)

// TestCommandsStandOnce: no command is there twice, in the help or in
// the reference.
func TestCommandsStandOnce(t *testing.T) {
	seen := map[string]bool{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if path := sub.CommandPath(); seen[path] {
				t.Errorf("%s is there twice", path)
			} else {
				seen[path] = true
			}
			walk(sub)
		}
	}
	walk(Root())
	if len(seen) < 20 {
		t.Errorf("only %d commands were found", len(seen))
	}
}
