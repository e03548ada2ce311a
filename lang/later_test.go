package lang

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/lang/schema"
)

// TestLater writes a file for every block, variant and attribute that a later
// version brings, and wants each to say so at its place, and nothing else to.
func TestLater(t *testing.T) {
	n := 0
	check := func(open, what, end string) {
		n++
		line := strings.Count(open, "\n") + 1
		_, diags := Load(fstest.MapFS{"a.gate.hcl": {Data: []byte(open + what + "\n" + end)}}, ".")
		found := 0
		for _, d := range diags {
			if d.Code == diag.NotBuiltYet {
				found++
				if d.Subject == nil || d.Subject.Start.Line != line {
					t.Errorf("%s: the message stands at %v, want line %d", what, d.Subject, line)
				}
			} else if d.Code != diag.MissingRequired {
				t.Errorf("%s: %s", open+what, d.Error())
			}
		}
		if found != 1 {
			t.Errorf("%q in %q: said %d times that it is not built yet", what, open, found)
		}
	}
	walkLater(schema.Language(), "", "", check)
	if n < 40 {
		t.Errorf("only %d things come later: was the description walked?", n)
	}
}

// walkLater calls check for all that comes later in b, whose text begins with open.
func walkLater(b *schema.Block, open, end string, check func(open, what, end string)) {
	for _, a := range b.Attrs {
		if a.Later != "" {
			check(open, a.Name+" = 1", end)
		}
	}
	for i := range b.Blocks {
		in := &b.Blocks[i]
		if in.Later != "" {
			check(open, header(in)+" {}", end)
			continue
		}
		for j := range in.Variants {
			if v := &in.Variants[j]; v.Later != "" {
				check(open, header(v)+" {}", end)
			} else {
				walkLater(v, open+header(v)+" {\n", "}\n"+end, check)
			}
		}
		walkLater(in, open+header(in)+" {\n", "}\n"+end, check)
	}
}

// header writes a block's type and labels.
func header(b *schema.Block) string {
	out := b.Type
	for _, label := range b.Labels {
		switch {
		case label == schema.TypeLabel:
			label = b.Variant
		case label == schema.VersionLabel:
			label = "1"
		default:
			label = "x"
		}
		out += fmt.Sprintf(" %q", label)
	}
	return out
}
