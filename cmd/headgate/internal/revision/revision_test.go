package revision_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/cmd/headgate/internal/revision"
)

func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTree reads a folder of a repository as it was, from inside and from the top.
func TestTree(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	top := t.TempDir()
	run(t, top, "init", "-q")
	write(t, filepath.Join(top, "other.txt"), "x")
	shop := filepath.Join(top, "shop")
	write(t, filepath.Join(shop, "a.gate.hcl"), "old\n")
	write(t, filepath.Join(shop, "models", "Ärger name.sql"), "select 1")
	write(t, filepath.Join(shop, "empty"), "")
	if err := os.Symlink("a.gate.hcl", filepath.Join(shop, "link")); err != nil {
		t.Fatal(err)
	}
	run(t, top, "add", "-A")
	run(t, top, "commit", "-qm", "one")
	write(t, filepath.Join(shop, "a.gate.hcl"), "new\n")

	tree, err := revision.Open(t.Context(), shop, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if err := fstest.TestFS(tree, "a.gate.hcl", "models/Ärger name.sql", "empty"); err != nil {
		t.Error(err)
	}
	f, err := tree.Open("a.gate.hcl")
	if err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 4)
	if n, _ := f.Read(text); string(text[:n]) != "old\n" {
		t.Errorf("the file says %q", text[:n])
	}
	if _, err := tree.Open("link"); err == nil {
		t.Error("a link can be opened")
	}
	if _, err := revision.Open(t.Context(), shop, "no-such-branch"); !errors.Is(err, revision.ErrUnknown) {
		t.Errorf("an unknown revision gives %v", err)
	}
	if _, err := revision.Open(t.Context(), shop, "--help"); !errors.Is(err, revision.ErrUnknown) {
		t.Errorf("an option in place of a revision gives %v", err)
	}
	if _, err := revision.Open(t.Context(), t.TempDir(), "HEAD"); !errors.Is(err, revision.ErrNoRepository) {
		t.Errorf("a folder outside gives %v", err)
	}
}
