package pgtest_test

import (
	"bufio"
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/internal/pgtest"
)

// TestConnect holds that two databases of one server know nothing of each other.
func TestConnect(t *testing.T) {
	ctx := context.Background()
	a, b := pgtest.Connect(t), pgtest.Connect(t)
	if _, err := a.Exec(ctx, "CREATE TABLE t AS SELECT 'ü' AS x"); err != nil {
		t.Fatal(err)
	}
	var length int
	if err := a.QueryRow(ctx, "SELECT length(x) FROM t").Scan(&length); err != nil || length != 1 {
		t.Error(length, err)
	}
	if err := b.QueryRow(ctx, "SELECT length(x) FROM t").Scan(&length); err == nil {
		t.Error("the second database has the table of the first")
	}
}

// childVariable makes a process of this test binary one that only holds a server.
const childVariable = "HEADGATE_PGTEST_CHILD"

// TestKilled holds that the server of a test binary that is killed ends, and
// leaves nothing on the disk.
func TestKilled(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		os.Stdout.WriteString("\nurl " + pgtest.URL(t) + "\n")
		time.Sleep(time.Minute)
		return
	}
	if u, err := url.Parse(pgtest.URL(t)); err != nil || u.Query().Get("host") == "" {
		return // a server of somebody else's
	}
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), childVariable+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	dir := ""
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "url "); ok {
			if u, err := url.Parse(text); err == nil {
				dir = u.Query().Get("host")
			}
		}
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("the child's server stands in %q: %v", dir, err)
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	for range 200 {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s is still there", dir)
}
