package policy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestPolicies compiles the archives of testdata, decides their policies over
// plan.json and their rules over the program.
func TestPolicies(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		m, diags := lang.Load(a.FS(), ".")
		in := compiler.Inputs{Today: "2026-06-01", FS: a.FS(), FolderName: "shop", Environment: "prod"}
		if !bytes.Contains(m.Files["main.gate.hcl"], []byte(`"prod"`)) {
			in.Environment = ""
		}
		p, set, more := compiler.CompileWithPolicies(context.Background(), m, in)
		diags = append(diags, more...)
		if a.Has("want/details.txt") {
			a.Compare(t, "want/details.txt", details(diags))
			return
		}
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		if a.Has("plan.json") {
			verdicts, err := set.Judge(a.Bytes(t, "plan.json"), p)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			for _, v := range verdicts {
				if err := enc.Encode(v); err != nil {
					t.Fatal(err)
				}
			}
			a.Compare(t, "want/verdicts.jsonl", b.Bytes())
		}
		if a.Has("want/findings.txt") {
			findings, faults := set.Lint(p)
			var b strings.Builder
			for _, r := range set.Rules() {
				fmt.Fprintf(&b, "rule %s (%s)\n", r.Name, r.Severity)
			}
			for _, f := range findings {
				fmt.Fprintf(&b, "%s %s %q: %s\n    at %s, by %s\n", f.Severity, f.Rule, f.Address, f.Message, f.Subject, f.At)
			}
			a.Compare(t, "want/findings.txt", append([]byte(b.String()), details(faults)...))
		}
	})
}

// TestDocs compiles every example of docs/policies.md, and wants each policy to pass
// and each rule to find nothing where there is nothing.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```hcl\n(.*?)^```$").FindAllSubmatch(page, -1)
	if len(blocks) < 4 {
		t.Fatalf("%d blocks: was the page read?", len(blocks))
	}
	for _, b := range blocks {
		if !bytes.Contains(b[1], []byte("environment \"prod\"")) {
			b[1] = append(b[1], "environment \"prod\" {\n}\n"...)
		}
		set, p := compile(t, string(b[1]))
		verdicts, err := set.Judge([]byte(`{"environment": "prod", "summary": {"destroy": 0, "replace": 0}, "actions": [{"address": "source.s", "action": "create", "actions": ["create"]}]}`), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range verdicts {
			if v.Outcome != program.PolicyPassed {
				t.Errorf("%+v", v)
			}
		}
		if findings, diags := set.Lint(p); len(findings) > 0 || len(diags) > 0 {
			t.Errorf("%v, %s", findings, details(diags))
		}
	}
}

func details(ds diag.Diagnostics) []byte {
	var b strings.Builder
	for _, d := range ds.Sorted() {
		fmt.Fprintf(&b, "%s %s %s\n    %s\n", d.Severity, d.Code, d.Subject, d.Detail)
	}
	return []byte(b.String())
}

// TestForm refuses a plan that is not of the schema's form, and takes none where
// nothing asks for it.
func TestForm(t *testing.T) {
	set, p := compile(t, "policy \"p\" {\n  condition = plan.summary.destroy == 0\n  message = \"no\"\n}\n")
	for _, text := range []string{``, `[]`, `{"summary": 1}`, `{"summary": {"destroy": "none"}}`, `{"actions": {}}`, `{"actions": [1]}`} {
		v, err := set.Judge([]byte(text), p)
		if err == nil {
			t.Errorf("%s gives %v", text, v)
		} else if d := diag.FromError(err, "", ""); d.Code != diag.Internal {
			t.Errorf("%s: %v", text, err)
		}
	}
	set, p = compile(t, "")
	if v, err := set.Judge([]byte("no plan"), p); v != nil || err != nil {
		t.Errorf("without policies: %v, %v", v, err)
	}
}

// TestDetermined decides the same plan twice.
func TestDetermined(t *testing.T) {
	set, p := compile(t, "policy \"b\" {\n  condition = false\n  message = jsonencode(plan.summary)\n}\npolicy \"a\" {\n  condition = false\n  message = \"no\"\n}\n")
	plan := []byte(`{"summary": {"destroy": 1, "create": 2}}`)
	one, err := set.Judge(plan, p)
	two, err2 := set.Judge(plan, p)
	if err != nil || err2 != nil || !slices.Equal(one, two) || one[0].Policy != "a" {
		t.Errorf("%v (%v), %v (%v)", one, err, two, err2)
	}
}
