package duckdb

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// create makes an empty database where there is no file. DuckDB writes a new
// file in several steps, and a process that is killed between them leaves
// something that is no database any more: so the file is made under another
// name, and gets its own in one step. Where another process is faster, its file
// stands. Leftovers of killed processes are removed by the next creation.
func create(path string, settings map[string]string) error {
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	mark := "." + filepath.Base(path) + ".new-"
	removeOld(filepath.Dir(path), mark)
	folder, err := os.MkdirTemp(filepath.Dir(path), mark)
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	made := filepath.Join(folder, filepath.Base(path)) // DuckDB names the catalog after the file
	db, err := duck.Open(made, settings)
	if err != nil {
		return err
	}
	db.Close()
	// A link, unlike a renaming, takes the place of nothing.
	if err := os.Link(made, path); err == nil || os.IsExist(err) {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	return os.Rename(made, path) // a file system without links
}

// removeOld removes what killed creations have left. What is young may be in the
// making.
func removeOld(dir, mark string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // creating the file meets the same fault and tells it
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), mark) && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(filepath.Join(dir, e.Name())) // in the way of nothing
		}
	}
}
