package duckdb

import (
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// empty is a database without tables, as DuckDB itself makes it (a test holds it to
// that). Opening DuckDB only to make one would take longer than most statements.
//
//go:embed empty.db
var empty []byte

// create makes an empty database where there is no file. A new file is written in
// several steps, and a process that is killed between them would leave something
// that is no database: so it is made under another name, and gets its own in one
// step. Where another process is faster, its file stands. Leftovers of killed
// processes are removed by the next creation.
func create(path string) error {
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
	made := filepath.Join(folder, filepath.Base(path))
	if err := writeWhole(made, empty); err != nil {
		return err
	}
	// A link, unlike a renaming, takes the place of nothing.
	if err := os.Link(made, path); err == nil || os.IsExist(err) {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	return os.Rename(made, path) // a file system without links
}

// writeWhole writes a file and waits until the disk has it.
func writeWhole(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
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
