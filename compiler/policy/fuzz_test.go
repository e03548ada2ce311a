package policy_test

import (
	"context"
	"os"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/lang"
)

// FuzzPolicy takes any text for a condition. Nothing may panic, and what compiles
// gets a verdict.
func FuzzPolicy(f *testing.F) {
	for _, path := range []string{"testdata/verdicts.txtar", "testdata/rules.txtar", "../testdata/policies.txtar", "../testdata/policies_wrong.txtar"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:condition|message|for_each) += (.*)`).FindAllSubmatch(text, -1) {
			f.Add(string(m[1]))
		}
	}
	plan := []byte(`{"format_version": "1.0", "environment": "prod", "changes": true, "summary": {"create": 1, "destroy": 2},
		"actions": [{"address": "model.m.v1", "action": "replace", "actions": ["destroy", "create"], "changes": [{"path": "p", "new": "1"}]}]}`)
	f.Fuzz(func(t *testing.T, condition string) {
		text := "policy \"p\" {\n  condition = " + condition + "\n  message = try(" + condition + ", \"\")\n}\n" +
			"rule \"r\" {\n  for_each = " + condition + "\n  condition = each.value == 1\n  message = each.key\n}\n"
		fsys := fstest.MapFS{"main.gate.hcl": {Data: []byte(text)}}
		m, _ := lang.Load(fsys, ".")
		p, set, _ := compiler.CompileWithPolicies(context.Background(), m, compiler.Inputs{FS: fsys, FolderName: "shop"})
		verdicts, err := set.Judge(plan, p)
		if err != nil || len(verdicts) != set.Policies() {
			t.Errorf("%d verdicts of %d policies: %v", len(verdicts), set.Policies(), err)
		}
		set.Lint(p)
	})
}
