package contracttext_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contractedit"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// one compiles a text and returns a version of a contract in it.
func one(t *testing.T, text, name string, version int) *contract.Contract {
	t.Helper()
	p, err := compile(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	n, ok := p.Lookup(addr.Of(addr.Contract, name).WithVersion(version))
	if !ok {
		t.Fatalf("there is no version %d of %s:\n%s", version, name, text)
	}
	return n.Contract
}

// TestEdit makes the contract c of "in" like the one of "like", in place and as
// the next version.
func TestEdit(t *testing.T) {
	golden.Dir(t, "testdata/edit/*.txtar", func(t *testing.T, a *golden.Archive) {
		in, like := string(a.Bytes(t, "in")), string(a.Bytes(t, "like"))
		version := 1 + strings.Count(in, "\n  version \"2\"")
		before, after := one(t, in, "c", version), one(t, like, "c", 1)
		var log strings.Builder
		for _, way := range []string{"update", "bump"} {
			next, change := *after, contractedit.Update
			next.Version = version
			if way == "bump" {
				n, fault := contractedit.Next(before, after, nil, nil)
				if fault != nil {
					t.Fatal(fault)
				}
				next, change = *n, contractedit.Bump
			}
			text, changes, fault := change("main.gate.hcl", []byte(in), before, &next)
			if fault != nil {
				t.Fatal(fault)
			}
			for _, c := range changes {
				fmt.Fprintf(&log, "%s: %s %s: %s -> %s\n", way, c.Column, c.What, c.From, c.To)
			}
			a.Compare(t, "want/"+way, text)
			if got := one(t, string(text), "c", next.Version); bare(got) != bare(&next) {
				t.Errorf("%s gives another contract:\n%s\n%s", way, bare(got), bare(&next))
			}
		}
		a.Compare(t, "want/changes", []byte(log.String()))
	})
}

// bare is a contract's definition without what an edit leaves alone, columns by
// name.
func bare(c *contract.Contract) string {
	d := *c
	d.Description, d.Owner, d.Compatibility, d.Latest, d.DeprecatedAfter = "", "", "", false, ""
	d.Columns = slices.Clone(c.Columns)
	slices.SortFunc(d.Columns, func(a, b contract.Column) int { return strings.Compare(a.Name, b.Name) })
	return definition(&d)
}

// TestRandomEdits turns random contracts into others, in place and as the next
// version; what comes out compiles to what was asked for, and other blocks keep
// every byte.
func TestRandomEdits(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := &random{rand.New(rand.NewPCG(seed, 3))}
	for i := range 60 {
		before, other := r.contract(), r.contract()
		before.Name, before.Version, before.Checks, before.Compatibility = "c", 1, nil, "none" // any edit will do
		after := *before
		after.Columns = nil
		for j, col := range before.Columns {
			switch {
			case r.yes() && !slices.Contains(before.Key, col.Name) && j > 0:
				continue
			case r.yes() && j < len(other.Columns) && !slices.Contains(before.Key, col.Name):
				name, checks := col.Name, col.Checks
				if col = other.Columns[j]; len(checks) > 0 || len(col.Checks) > 0 {
					col = before.Columns[j]
					col.Required, col.Description = !col.Required, r.text()
				}
				col.Name = name
			}
			after.Columns = append(after.Columns, col)
		}
		extra := other.Columns[0]
		extra.Name = "extra" + extra.Name
		after.Columns = append(after.Columns, extra)
		around := "# before\nlocals {\n  a=1 # odd\n}\n"
		behind := strings.ReplaceAll(around, "a=1", "b=1")
		src := around + string(contracttext.Write(before, contracttext.Options{Bare: i%2 == 0})) + "\n" + behind
		first := one(t, src, "c", 1)
		text, _, fault := contractedit.Update("main.gate.hcl", []byte(src), first, &after)
		if fault != nil {
			t.Fatal(fault)
		}
		if got := one(t, string(text), "c", 1); bare(got) != bare(&after) {
			t.Fatalf("update gives another contract:\n%s\n%s\n%s", bare(got), bare(&after), text)
		}
		if !bytes.HasPrefix(text, []byte(around)) || !bytes.HasSuffix(text, []byte(behind)) {
			t.Fatalf("bytes elsewhere changed:\n%s", text)
		}
		next, fault := contractedit.Next(first, &after, nil, nil)
		if fault != nil {
			t.Fatal(fault)
		}
		if text, _, fault = contractedit.Bump("main.gate.hcl", []byte(src), first, next); fault != nil {
			t.Fatal(fault)
		}
		if got := one(t, string(text), "c", 2); bare(got) != bare(next) {
			t.Fatalf("bump gives another contract:\n%s\n%s\n%s", bare(got), bare(next), text)
		}
		if got := one(t, string(text), "c", 1); bare(got) != bare(before) {
			t.Fatalf("bump changes the version before:\n%s", text)
		}
	}
}

// TestFormattedStaysFormatted checks that a file that fmt leaves alone is left so.
func TestFormattedStaysFormatted(t *testing.T) {
	src := "contract \"c\" {\n  column \"a\" {\n    type = int32\n  }\n}\n"
	before := one(t, src, "c", 1)
	after := *before
	after.Columns = slices.Clone(before.Columns)
	after.Columns[0].Description = "words"
	text, _, fault := contractedit.Update("main.gate.hcl", []byte(src), before, &after)
	if fault != nil {
		t.Fatal(fault)
	}
	if out, _ := lang.Format(text); !bytes.Equal(out, text) {
		t.Errorf("the text is not formatted any more:\n%s", text)
	}
}

// TestNotEditable wants a diagnostic where the text cannot be changed in place.
func TestNotEditable(t *testing.T) {
	src := "contract \"c\" {\n  version \"1\" {\n    column \"a\" {\n      type = int32\n    }\n  }\n}\n"
	c := one(t, src, "c", 1)
	other, second := *c, *c
	other.Name, second.Version = "d", 2
	for name, x := range map[string]struct {
		file, src string
		c         *contract.Contract
	}{
		"JSON":            {"main.gate.json", "{}", c},
		"broken":          {"main.gate.hcl", "contract \"c\" {", c},
		"another name":    {"main.gate.hcl", src, &other},
		"another version": {"main.gate.hcl", src, &second},
	} {
		if _, _, fault := contractedit.Update(x.file, []byte(x.src), x.c, x.c); fault == nil || fault.Code != diag.NotEditable {
			t.Errorf("%s: %v", name, fault)
		}
		if _, _, fault := contractedit.Bump(x.file, []byte(x.src), x.c, x.c); fault == nil || fault.Code != diag.NotEditable {
			t.Errorf("%s: %v", name, fault)
		}
	}
}
