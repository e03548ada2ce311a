package statestore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/executor/statestore/storetest"
	"github.com/headgate-data/headgate/lang/diag"
)

func open(t *testing.T, path string, opts statestore.Options) *statestore.SQLite {
	t.Helper()
	s, err := statestore.Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) statestore.Store {
		return open(t, filepath.Join(t.TempDir(), ".headgate", "state.db"), statestore.Options{})
	})
}

func code(err error) diag.Code {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return d.Code
	}
	return ""
}

func TestReadingMakesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, ".headgate", "state.db"), statestore.Options{})
	if snap, err := s.Read(t.Context(), "dev"); err != nil || snap.Lineage != "" {
		t.Errorf("%+v, %v", snap, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("reading left %v behind", left)
	}
	l, err := s.Acquire(t.Context(), "dev", "k", storetest.Holder("r"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Release(context.Background()) }()
	for name, want := range map[string]os.FileMode{".headgate": 0o700 | os.ModeDir, ".headgate/state.db": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v (%v), want %v", name, info.Mode(), err, want)
		}
	}
}

func TestBrokenDatabases(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "state.db")
	s := open(t, whole, statestore.Options{})
	fill(t, s, 300)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	holes := append([]byte{}, good...)
	for i := 4096; i < len(holes); i++ {
		holes[i] = 0xa5
	}
	for name, c := range map[string]struct {
		data []byte
		want diag.Code
	}{
		"text":      {[]byte(strings.Repeat("this is no database. ", 300)), diag.StateCorrupt},
		"cut":       {good[:len(good)/2], diag.StateCorrupt},
		"scribbled": {holes, diag.StateCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := statestore.Open(path, statestore.Options{})
			if err == nil {
				defer func() { _ = s.Close() }()
				_, err = s.Read(t.Context(), "dev")
			}
			if code(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if _, err := statestore.Open(t.TempDir(), statestore.Options{}); code(err) != diag.StateUnreadable {
		t.Errorf("a folder: %v", err)
	}
}

func TestForeignAndNewerDatabases(t *testing.T) {
	for sql, want := range map[string]diag.Code{
		"CREATE TABLE x (a)": diag.StateUnreadable,
		"CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES ('format_version', '2')":    diag.StateNewer,
		"CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES ('format_version', 'soon')": diag.StateUnreadable,
	} {
		path := filepath.Join(t.TempDir(), "state.db")
		execSQL(t, path, sql)
		if _, err := statestore.Open(path, statestore.Options{}); code(err) != want {
			t.Errorf("%s: got %v, want %s", sql, err, want)
		}
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		// root may write anywhere: a file in the place of the folder stands in.
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".headgate"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := statestore.Open(filepath.Join(dir, ".headgate", "state.db"), statestore.Options{})
		if err == nil {
			_, err = s.Acquire(t.Context(), "dev", "k", storetest.Holder("r"), 0)
		}
		if code(err) != diag.StateUnreadable {
			t.Errorf("got %v", err)
		}
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(dir, ".headgate", "state.db"), statestore.Options{})
	if _, err := s.Acquire(t.Context(), "dev", "k", storetest.Holder("r"), 0); code(err) != diag.StateReadOnly {
		t.Errorf("got %v, want %s", err, diag.StateReadOnly)
	}
}

// TestLeaseRunsOut takes over from a holder that renews no more.
func TestLeaseRunsOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path, statestore.Options{LeaseTTL: time.Second})
	l, err := s.Acquire(t.Context(), "dev", "k", storetest.Holder("run-1"), 0)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(1500 * time.Millisecond) // renewed meanwhile
	if _, err := s.Acquire(t.Context(), "dev", "k", storetest.Holder("run-2"), 0); code(err) != diag.LeaseHeld {
		t.Fatalf("a lease that is renewed: %v", err)
	}
	var next statestore.Lease
	for range 20 { // the first holder may renew between these two statements
		execSQL(t, path, "UPDATE leases SET expires = 0, machine = 'another'")
		if next, err = s.Acquire(t.Context(), "dev", "k", storetest.Holder("run-2"), 0); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-l.Lost():
	case <-time.After(5 * time.Second):
		t.Error("the first holder never learned that it lost the lease")
	}
	w := statestore.Write{Environment: "dev", Address: "source.a", Node: storetest.Node("a", "x"), Definition: true}
	if err := s.Put(t.Context(), l, w); code(err) != diag.LeaseGone {
		t.Errorf("a write under a lost lease: %v", err)
	}
	if err := errors.Join(s.Put(t.Context(), next, w), next.Release(t.Context()), l.Release(t.Context())); err != nil {
		t.Error(err)
	}
}

// TestKilledHolder kills a process that holds a lease and writes all the time:
// its lease is free at once, and the database holds whole writes only.
func TestKilledHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	for round := range 3 {
		child := exec.Command(os.Args[0], "-test.run=^TestHoldAndWrite$")
		child.Env = append(os.Environ(), "HEADGATE_TEST_STORE="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "wrote 10") {
			continue
		}
		s := open(t, path, statestore.Options{})
		_, err = s.Acquire(t.Context(), "dev", "definitions", storetest.Holder("parent"), 0)
		if code(err) != diag.LeaseHeld || !strings.Contains(err.Error(), fmt.Sprint(child.Process.Pid)) {
			t.Errorf("while the child lives: %v", err)
		}
		if err := child.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if err := child.Wait(); err == nil {
			t.Fatal("the child ended well")
		}
		began := time.Now()
		l, err := s.Acquire(t.Context(), "dev", "definitions", storetest.Holder("parent"), 10*time.Second)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("the lease of a killed process was freed after %v", took)
		}
		snap, err := s.Read(t.Context(), "dev")
		if err != nil || snap.DefinitionSerial < 10 || snap.Nodes["source.a"] == nil || snap.Nodes["source.a"].Serial != snap.DefinitionSerial {
			t.Errorf("after the kill: %+v (%v)", snap, err)
		}
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestHoldAndWrite is the child of TestKilledHolder.
func TestHoldAndWrite(t *testing.T) {
	path := os.Getenv("HEADGATE_TEST_STORE")
	if path == "" {
		return
	}
	s := open(t, path, statestore.Options{})
	who := storetest.Holder("child")
	l, err := s.Acquire(t.Context(), "dev", "definitions", who, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100000 {
		w := statestore.Write{Environment: "dev", Address: "source.a", Node: storetest.Node("a", fmt.Sprint(i)), Definition: true}
		if err := s.Put(t.Context(), l, w); err != nil {
			t.Fatal(err)
		}
		fmt.Println("wrote", i)
	}
}

// fill writes n nodes of a usual size.
func fill(t testing.TB, s *statestore.SQLite, n int) {
	t.Helper()
	l, err := s.Acquire(t.Context(), "dev", "definitions", storetest.Holder("r"), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		name := fmt.Sprint("s", i)
		node := storetest.Node(name, strings.Repeat("data/", 20)+"*.jsonl")
		if err := s.Put(t.Context(), l, statestore.Write{Environment: "dev", Project: "p", Address: "source." + name, Node: node, Definition: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkRead5000(b *testing.B) {
	s, err := statestore.Open(filepath.Join(b.TempDir(), "state.db"), statestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	fill(b, s, 5000)
	for b.Loop() {
		if _, err := s.Read(b.Context(), "dev"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestReleasedFormat reads a database as version 1 of the layout wrote it.
func TestReleasedFormat(t *testing.T) {
	statements, err := os.ReadFile("testdata/state-1.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state.db")
	execSQL(t, path, string(statements))
	s := open(t, path, statestore.Options{})
	snap, err := s.Read(t.Context(), "dev")
	if err != nil {
		t.Fatal(err)
	}
	n := snap.Nodes["source.a"]
	if snap.Lineage != "0123456789abcdef0123456789abcdef" || snap.DefinitionSerial != 3 || snap.DataSerial != 4 || n == nil ||
		n.Definition.Source.File.Path != "data/*.jsonl" || n.Data.Version != 9007199254740993 || n.Serial != 3 ||
		len(snap.Retired) != 1 || snap.Retired[0].Name != "m_v1" {
		t.Errorf("read %+v, node %+v", snap, n)
	}
	if runs, err := s.Runs(t.Context(), "dev", 0); err != nil || len(runs) != 1 || runs[0].Status != "success" {
		t.Errorf("runs: %+v (%v)", runs, err)
	}
	l, err := s.Acquire(t.Context(), "dev", "definitions", storetest.Holder("r"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if l.Token() <= 1790000000000000 {
		t.Errorf("token %d does not follow the one that the database knows", l.Token())
	}
	if err := l.Release(t.Context()); err != nil {
		t.Error(err)
	}
}
