package duckdb

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// TestEmptyIsDuckDBsOwn holds the file that new databases begin as to the one that
// this DuckDB makes. HEADGATE_UPDATE=1 takes over that of a newer one.
func TestEmptyIsDuckDBsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	db, err := duck.Open(path, nil)
	must(t, err)
	db.Close()
	made, err := os.ReadFile(path)
	must(t, err)
	if os.Getenv("HEADGATE_UPDATE") != "" {
		must(t, os.WriteFile("empty.db", made, 0o644))
		return
	}
	if !bytes.Equal(made, empty) {
		t.Error("empty.db is not what this DuckDB makes: run the test with HEADGATE_UPDATE=1")
	}
}

// TestCreateInOneStep: a database's name never stands for half a database, the
// slower of two creators leaves the file of the faster one, and leftovers of
// killed ones go.
func TestCreateInOneStep(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w.duckdb")
	old, young := filepath.Join(dir, ".w.duckdb.new-1"), filepath.Join(dir, ".w.duckdb.new-2")
	for _, folder := range []string{old, young} {
		must(t, os.Mkdir(folder, 0o755))
	}
	must(t, os.Chtimes(old, time.Time{}, time.Now().Add(-2*time.Hour)))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if data, err := os.ReadFile(path); err == nil && (len(data) < 3*4096 || string(data[8:12]) != "DUCK") {
				t.Errorf("the file is half made: %d bytes", len(data))
				return
			}
		}
	})
	var creators sync.WaitGroup
	for range 4 {
		creators.Go(func() {
			if err := create(path); err != nil {
				t.Error(err)
			}
		})
	}
	creators.Wait()
	close(stop)
	wg.Wait()
	before, err := os.Stat(path)
	must(t, err)
	must(t, create(path))
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the file was made again (%v)", err)
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if e.Name() != "w.duckdb" && e.Name() != filepath.Base(young) {
			t.Errorf("%s is left", e.Name())
		}
	}
}
