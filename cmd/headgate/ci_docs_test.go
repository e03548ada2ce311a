package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/cmd/headgate/internal/cli"
)

// fenced returns the code blocks of a Markdown file in a language.
func fenced(t *testing.T, path, language string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		t.Fatalf("%s has no block of %s", path, language)
	}
	return out
}

// yaml parses a document.
func yaml(t *testing.T, text string) cty.Value {
	t.Helper()
	ty, err := ctyyaml.ImpliedType([]byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	v, err := ctyyaml.Unmarshal([]byte(text), ty)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}

// scalars calls visit for every text of a document with the name of the member or
// list that it stands in.
func scalars(v cty.Value, name string, visit func(name, text string)) {
	switch ty := v.Type(); {
	case v.IsNull():
	case ty == cty.String:
		visit(name, v.AsString())
	case ty.IsObjectType() || ty.IsMapType():
		for it := v.ElementIterator(); it.Next(); {
			k, x := it.Element()
			scalars(x, k.AsString(), visit)
		}
	case ty.IsTupleType() || ty.IsListType():
		for it := v.ElementIterator(); it.Next(); {
			_, x := it.Element()
			scalars(x, name, visit)
		}
	}
}

// TestRecipes holds every recipe of docs/ci.md to YAML, and every command line in it
// to the commands that there are.
func TestRecipes(t *testing.T) {
	lines := 0
	check := func(_, text string) {
		for _, line := range strings.Split(text, "\n") {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "headgate ") {
				lines++
				commandLine(t, line)
			}
		}
	}
	for _, block := range fenced(t, "../../docs/ci.md", "yaml") {
		scalars(yaml(t, block), "", check)
	}
	for _, path := range []string{"../../docs/ci.md", "../../docs/policies.md"} {
		for _, block := range fenced(t, path, "sh") {
			check("", block)
		}
	}
	if lines < 20 {
		t.Errorf("only %d command lines: were the recipes read?", lines)
	}
}

// commandLine parses a command line without carrying it out.
func commandLine(t *testing.T, line string) {
	t.Helper()
	words := strings.Fields(strings.NewReplacer(`"`, "", "'", "").Replace(regexp.MustCompile(`\$\{\{.*?\}\}`).ReplaceAllString(line, "X")))
	for i, w := range words {
		if strings.HasPrefix(w, ">") || w == "#" || w == "|" {
			words = words[:i]
			break
		}
	}
	cmd, rest, err := cli.Root().Find(words[1:])
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil && cmd.Args != nil {
		err = cmd.Args(cmd, cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
}

// TestAction holds action.yml to what it may do: actions of GitHub alone, no input
// inside a script, scripts that are there; and its outputs to what plan.sh writes.
func TestAction(t *testing.T) {
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("../../.ci/action/plan.sh")
	if err != nil {
		t.Fatal(err)
	}
	v := yaml(t, string(text))
	scripts := 0
	scalars(v, "", func(name, text string) {
		switch name {
		case "uses":
			if !regexp.MustCompile(`^actions/[a-z-]+@v[0-9]+$`).MatchString(text) {
				t.Errorf("uses %s", text)
			}
		case "run":
			if strings.Contains(text, "${{") {
				t.Errorf("an input can end up in a script: %s", text)
			}
			for _, m := range regexp.MustCompile(`\$GITHUB_ACTION_PATH/([a-z./]+\.sh)`).FindAllStringSubmatch(text, -1) {
				scripts++
				if _, err := os.Stat("../../" + m[1]); err != nil {
					t.Error(err)
				}
			}
		}
	})
	if scripts != 2 {
		t.Errorf("%d scripts, want plan.sh and comment.sh", scripts)
	}
	for it := v.GetAttr("outputs").ElementIterator(); it.Next(); {
		name, _ := it.Element()
		if !strings.Contains(string(script), `echo "`+name.AsString()+`=`) {
			t.Errorf("plan.sh writes no output %s", name.AsString())
		}
	}
}

// TestHooks holds .pre-commit-hooks.yaml to the commands that there are, and its
// patterns to the names of files.
func TestHooks(t *testing.T) {
	text, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	matches := map[string][2]string{ // what each takes, what it leaves
		"headgate-fmt":      {"a.gate.hcl sub/sources.lock.hcl", "a.hcl a.gate.json mysources.lock.hcl"},
		"headgate-validate": {"a.gate.hcl b/c.gate.json models/m.sql sources.lock.hcl", "main.go README.md"},
		"headgate-lint":     {"a.gate.hcl b/c.gate.json models/m.sql", "main.go README.md"},
	}
	for _, hook := range yaml(t, string(text)).AsValueSlice() {
		id := hook.GetAttr("id").AsString()
		names, ok := matches[id]
		if !ok {
			t.Errorf("the hook %s is not known here", id)
		}
		delete(matches, id)
		pattern := regexp.MustCompile(hook.GetAttr("files").AsString())
		for i, list := range names {
			for _, name := range strings.Fields(list) {
				if pattern.MatchString(name) != (i == 0) {
					t.Errorf("%s: %s", id, name)
				}
			}
		}
		line := hook.GetAttr("entry").AsString()
		if hook.Type().HasAttribute("pass_filenames") {
			line += " -C folder"
		} else {
			line += " a.gate.hcl sub/b.gate.hcl"
		}
		commandLine(t, line)
	}
	if len(matches) > 0 {
		t.Errorf("hooks that are not there: %v", matches)
	}
}
