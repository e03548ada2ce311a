package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// github answers as GitHub does for the comments of pull request 7 of shop/shop.
type github struct {
	comments []comment
	writes   []string // METHOD PATH of each call that is no GET
	denied   int      // the status of every write, 0 for as it should be
}

type comment struct {
	ID   int    `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
	} `json:"user"`
}

func (g *github) add(login, body string) {
	c := comment{ID: 100 + len(g.comments), Body: body}
	c.User.Login = login
	g.comments = append(g.comments, c)
}

// ServeHTTP serves the three calls that the script makes, and no others.
func (g *github) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const list, one = "/repos/shop/shop/issues/7/comments", "/repos/shop/shop/issues/comments/"
	if r.Header.Get("Authorization") != "Bearer s3cret" {
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == list {
		g.page(w, r)
		return
	}
	g.writes = append(g.writes, r.Method+" "+r.URL.Path)
	var sent comment
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil || len(sent.Body) > 65536 {
		http.Error(w, fmt.Sprintf("%v, %d bytes", err, len(sent.Body)), http.StatusUnprocessableEntity)
		return
	}
	id, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, one))
	switch {
	case g.denied != 0:
		http.Error(w, "no", g.denied)
	case r.Method == http.MethodPost && r.URL.Path == list:
		g.add("github-actions[bot]", sent.Body)
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPatch && id >= 100 && id < 100+len(g.comments):
		g.comments[id-100].Body = sent.Body
	default:
		http.NotFound(w, r)
	}
}

// page serves one page of the comments.
func (g *github) page(w http.ResponseWriter, r *http.Request) {
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	from := min((number-1)*size, len(g.comments))
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(append([]comment{}, g.comments[from:min(from+size, len(g.comments))]...)); err != nil {
		panic(err)
	}
}

// say runs the script over a text and returns what it printed and its error.
func (g *github) say(t *testing.T, text, key string) (string, error) {
	t.Helper()
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") == "" {
			t.Skipf("%s is not here", tool)
		}
	}
	server := httptest.NewServer(g)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "plan.md")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	script := exec.Command("bash", "../../.ci/action/comment.sh")
	script.Env = append(os.Environ(), "GITHUB_API_URL="+server.URL, "GITHUB_REPOSITORY=shop/shop", "PULL_REQUEST=7", "COMMENT_FILE="+file,
		"COMMENT_KEY="+key, "COMMENT_AUTHOR=github-actions[bot]", "COMMENT_TOKEN=s3cret", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	out, err := script.CombinedOutput()
	if strings.Contains(string(out), "s3cret") {
		t.Errorf("the token is printed: %s", out)
	}
	return string(out), err
}

// must is say where nothing may go wrong.
func (g *github) must(t *testing.T, text, key string) {
	t.Helper()
	if out, err := g.say(t, text, key); err != nil || out != "" {
		t.Fatalf("%v: %s", err, out)
	}
}

// TestComment keeps one comment: written once, written anew in its place, left
// alone where nothing changed, and found behind many others.
func TestComment(t *testing.T) {
	g := &github{}
	g.add("mallory", "<!-- headgate-plan ./prod -->\nNo changes.") // looks like ours
	for i := range 250 {
		g.add("somebody", fmt.Sprintf("remark %d", i))
	}
	before := len(g.comments)
	g.must(t, "### plan one\n", "./prod")
	g.must(t, "### plan one\n", "./prod") // the same: nothing to write
	g.must(t, "### plan \"two\" \\ ü\n\n| a | `b` |\n", "./prod")
	g.must(t, "### another environment\n", "./dev")
	if want := []string{"POST /repos/shop/shop/issues/7/comments", fmt.Sprintf("PATCH /repos/shop/shop/issues/comments/%d", 100+before), "POST /repos/shop/shop/issues/7/comments"}; strings.Join(g.writes, "\n") != strings.Join(want, "\n") {
		t.Errorf("writes:\n%s\nwant:\n%s", strings.Join(g.writes, "\n"), strings.Join(want, "\n"))
	}
	if got, want := g.comments[before].Body, "<!-- headgate-plan ./prod -->\n### plan \"two\" \\ ü\n\n| a | `b` |\n"; got != want {
		t.Errorf("the comment is %q, want %q", got, want)
	}
	if len(g.comments) != before+2 || g.comments[0].Body != "<!-- headgate-plan ./prod -->\nNo changes." {
		t.Errorf("%d comments, the first %q", len(g.comments), g.comments[0].Body)
	}
}

// TestCommentEnds cuts what is too long, ends well without rights, and not
// without an answer. A key cannot end the marker.
func TestCommentEnds(t *testing.T) {
	g := &github{}
	g.must(t, "### plan\n"+strings.Repeat("| ü | a line of a long plan |\n", 4000), "--> <b>")
	if c := g.comments[0].Body; !strings.HasPrefix(c, "<!-- headgate-plan --___b_ -->\n### plan\n") || !strings.HasSuffix(c, "has all of it.*\n") || len(c) > 65000 || len(c) < 60000 {
		t.Errorf("%d bytes: %.60q", len(c), c)
	}
	for _, status := range []int{401, 403, 404} {
		g.denied = status
		out, err := g.say(t, "### a fork\n", "fork")
		if err != nil || !strings.HasPrefix(out, "::notice::") || strings.Count(out, "\n") != 1 {
			t.Errorf("HTTP %d: %v: %s", status, err, out)
		}
	}
	for _, status := range []int{422, 500} {
		g.denied = status
		out, err := g.say(t, "### a fault\n", "fault")
		if err == nil || !strings.HasPrefix(out, "::error::") {
			t.Errorf("HTTP %d: %v: %s", status, err, out)
		}
	}
	if len(g.comments) != 1 {
		t.Errorf("%d comments", len(g.comments))
	}
}
