package executor

import (
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// columns makes columns of "name type" texts.
func columns(t *testing.T, list []string) (out []connector.Column) {
	t.Helper()
	for _, text := range list {
		name, typ, _ := strings.Cut(text, " ")
		c := connector.Column{Name: name}
		if typ != "?" { // a type that the language has no word for
			var err error
			if c.Type, err = types.Parse(typ); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, c)
	}
	return out
}

// TestAsExpected: a step changes a table that is as the plan saw it, or as the step
// itself leaves it, and no other.
func TestAsExpected(t *testing.T) {
	stream := addr.Of(addr.Pipeline, "p").WithStream("s")
	for name, c := range map[string]struct {
		expects, live, wanted []string
		open                  bool
		refused               string
	}{
		"as seen":                {expects: []string{"a int64", "b string"}, live: []string{"a int64", "b string"}, wanted: []string{"a int64", "b string", "c date"}},
		"as the step left it":    {expects: []string{"a int32"}, live: []string{"a int64", "c date"}, wanted: []string{"a int64", "c date"}},
		"in another order":       {expects: []string{"a int64", "b string"}, live: []string{"b string", "a int64"}, wanted: []string{"a int64"}},
		"a type of its own":      {expects: []string{"a INTERVAL"}, live: []string{"a ?"}},
		"dropped":                {expects: []string{"a int64", "b string"}, live: []string{"a int64"}, wanted: []string{"a int64", "b string"}, refused: `raw.s: the column "b" is gone`},
		"converted":              {expects: []string{"a int32"}, live: []string{"a string"}, wanted: []string{"a int64"}, refused: `the column "a" is string, the plan expects int32`},
		"added":                  {expects: []string{"a int64"}, live: []string{"a int64", "x date"}, wanted: []string{"a int64"}, refused: `the column "x" is new`},
		"added where others may": {expects: []string{"a int64"}, live: []string{"a int64", "x date"}, open: true},
		"all gone":               {expects: []string{"a int64"}, refused: `the column "a" is gone`},
	} {
		t.Run(name, func(t *testing.T) {
			var expected []plan.ExpectedColumn
			for _, text := range c.expects {
				n, typ, _ := strings.Cut(text, " ")
				expected = append(expected, plan.ExpectedColumn{Name: n, Type: typ})
			}
			to := &target{node: &program.Node{Address: stream}, name: connector.Relation{Schema: "raw", Name: "s"}, table: connector.Table{Columns: columns(t, c.wanted)}}
			s := &plan.Step{Address: stream, Expects: plan.Expect(expected, c.open)}
			err := asExpected(s, to, connector.Standing{Columns: columns(t, c.live)})
			d, _ := err.(*diag.Diagnostic)
			switch {
			case c.refused == "" && err != nil:
				t.Error(err)
			case c.refused != "" && (d == nil || d.Code != diag.TableMovedOn || !strings.Contains(d.Detail, c.refused)):
				t.Errorf("%v, want %q", err, c.refused)
			}
		})
	}
	altered := &plan.Step{Address: stream, Expects: plan.Expect(nil, false)}
	altered.Expects.Digest = "0"
	if asExpected(altered, &target{}, connector.Standing{}) == nil {
		t.Error("a digest that does not fit its columns is believed")
	}
	if err := asExpected(&plan.Step{}, nil, connector.Standing{}); err != nil {
		t.Errorf("a plan of an older headgate: %v", err)
	}
}
