package contracttest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/contracttest"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
)

func compile(t *testing.T, text []byte) *program.Program {
	t.Helper()
	fsys := fstest.MapFS{"main.gate.hcl": {Data: text}}
	m, diags := lang.Load(fsys, ".")
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{FS: fsys, FolderName: "t", Today: "2026-06-01"})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRun runs the tests of "in" and writes down what came of each case.
func TestRun(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		got, diags := contracttest.Run(compile(t, a.Bytes(t, "in")), contracttest.Options{Now: time.Unix(0, 0)})
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		a.Compare(t, "want", []byte(describe(got)))
	})
}

func describe(r outcome.Tests) string {
	var b strings.Builder
	for _, t := range r.Tests {
		fmt.Fprintf(&b, "%s %s passed=%v\n", t.Name, t.Contract, t.Passed)
		for _, c := range t.Cases {
			fmt.Fprintf(&b, "  line %d %s passed=%v kept=%v\n", c.Range.Start.Line, c.Want, c.Passed, c.Kept)
			for _, k := range c.Broken {
				line := 0
				if k.Range != nil {
					line = k.Range.Start.Line
				}
				fmt.Fprintf(&b, "    %s expected=%v warning=%v row=%d value=%q line %d: %s\n", k.Rule, k.Expected, k.Warning, k.Row, k.Value, line, k.Message)
			}
		}
	}
	for _, c := range r.Coverage {
		fmt.Fprintf(&b, "%s %d of %d, not %v\n", c.Contract, c.Broken, c.Rules, c.Missing)
	}
	fmt.Fprintf(&b, "%d passed, %d failed, %.1f %%\n", r.Passed, r.Failed, r.Percent)
	return b.String()
}

// TestMatch runs some of the tests only; the others count for no coverage.
func TestMatch(t *testing.T) {
	p := compile(t, []byte(`
contract "c" {
  column "a" {
    type = int64
    min  = 0
  }
}
test "one" {
  contract = contract.c
  reject {
    row = { a = -1 }
  }
}
test "two" {
  contract = contract.c
  accept {
    row = { a = 1 }
  }
}
`))
	got, _ := contracttest.Run(p, contracttest.Options{Match: func(name string) bool { return name == "two" }})
	if len(got.Tests) != 1 || got.Tests[0].Name != "two" || got.Percent != 0 {
		t.Errorf("%+v", got)
	}
	if got, _ = contracttest.Run(p, contracttest.Options{}); len(got.Tests) != 2 || got.Percent != 100 {
		t.Errorf("%+v", got)
	}
}
