package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/internal/golden"
)

// TestPulls scripts pull requests. Each archive of testdata/pulls is one: the project
// of testdata/pulls/shop with the files below before/ is applied, then the files below
// edit/ take their places, and the plan of that is compared as text, JSON and markdown.
// The comment may hold a line each of:
//
//	exit CODE           plan exits with it (0)
//	delete FILE...      these files go away
//	sql STATEMENT       is run in the warehouse from outside, after the first apply;
//	                    {schema.name} is the table behind a published name
//
// Where the plan has no errors it is applied: the report must hold exactly its actions,
// and the plan after that none.
func TestPulls(t *testing.T) {
	golden.Dir(t, "testdata/pulls/*.txtar", func(t *testing.T, a *golden.Archive) {
		dir := filepath.Join(t.TempDir(), "shop")
		if err := os.CopyFS(dir, os.DirFS("testdata/pulls/shop")); err != nil {
			t.Fatal(err)
		}
		lay(t, dir, a, "before/")
		mustRun(t, dir, 0, "apply", "--auto-approve")
		lay(t, dir, a, "edit/")
		code := 0
		for _, line := range strings.Split(a.Comment, "\n") {
			word, rest, _ := strings.Cut(line, " ")
			switch word {
			case "exit":
				code, _ = strconv.Atoi(rest)
			case "delete":
				for _, name := range strings.Fields(rest) {
					if err := os.Remove(filepath.Join(dir, name)); err != nil {
						t.Fatal(err)
					}
				}
			case "sql":
				if _, err := outside(filepath.Join(dir, "warehouse.duckdb"), rest); err != nil {
					t.Fatal(err)
				}
			}
		}
		plan := func(format string) []byte { return steady(mustRun(t, dir, code, "plan", "--format", format)) }
		a.Compare(t, "want/plan.txt", plan("text"))
		asJSON := plan("json")
		a.Compare(t, "want/plan.json", asJSON)
		a.Compare(t, "want/plan.md", plan("markdown"))
		if again := plan("json"); string(again) != string(asJSON) {
			t.Errorf("planned again, it differs:\n%s", again)
		}
		if code == 0 {
			carriedOut(t, dir)
		}
	})
}

// lay puts the archive's files below a folder into the project.
func lay(t *testing.T, dir string, a *golden.Archive, below string) {
	t.Helper()
	for name, text := range a.Inputs() {
		if rest, ok := strings.CutPrefix(name, below); ok {
			write(t, dir, rest, string(text))
		}
	}
}

// What differs from one machine to another: how long past runs took, and ids.
var unsteady = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`, [0-9.]+ s( \([0-9.]+ s to [0-9.]+ s\))?; as in`), ", N s; as in"},
	{regexp.MustCompile(`(?s)"seconds": \{.*?\}`), `"seconds": {}`},
	{regexp.MustCompile(`"tool_version": "[^"]*"`), `"tool_version": ""`},
	{regexp.MustCompile(`__[0-9a-f]{12}`), "__BUILD"},
}

func steady(text string) []byte {
	for _, u := range unsteady {
		text = u.pattern.ReplaceAllString(text, u.with)
	}
	return []byte(text)
}

// carriedOut saves the plan and applies it: what the report says was done is what the
// plan said would be, step by step, and nothing is left to do.
func carriedOut(t *testing.T, dir string) {
	t.Helper()
	mustRun(t, dir, 0, "plan", "--out", "plan.json")
	var plan, report struct {
		Steps []struct{ ID, Address, Action, Status string }
	}
	text, err := os.ReadFile(filepath.Join(dir, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(mustRun(t, dir, 0, "apply", "plan.json", "--format", "json")), &report); err != nil {
		t.Fatal(err)
	}
	var planned, done []string
	for _, s := range plan.Steps {
		planned = append(planned, s.ID+" "+s.Action)
	}
	for _, s := range report.Steps {
		done = append(done, s.ID+" "+s.Action)
		if s.Status != "done" && s.Status != "unchanged" {
			t.Errorf("%s: %s", s.ID, s.Status)
		}
	}
	if !slices.Equal(planned, done) {
		t.Errorf("planned:\n%s\ndone:\n%s", strings.Join(planned, "\n"), strings.Join(done, "\n"))
	}
	if left := mustRun(t, dir, 0, "plan", "--detailed-exitcode"); !strings.Contains(left, "No changes.") || strings.Contains(left, "to build anew") {
		t.Errorf("after it was applied:\n%s", left)
	}
}
