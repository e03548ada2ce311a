package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// memory measures the peak memory of loading one large JSON Lines file in every
// write mode. Under merge and replace a second run loads a file of the same keys
// over the first.
func (b *bench) memory(size int64) error {
	bin, err := b.build()
	if err != nil {
		return err
	}
	path := filepath.Join(b.out, "large.jsonl")
	rows, err := writeOrders(path, 7, 1, 0, size)
	if err != nil {
		return err
	}
	fmt.Printf("%d records, %.1f GB\n", rows, float64(size)/1e9)
	for _, write := range []string{"append", "merge", "replace"} {
		dir := filepath.Join(b.out, "memory-"+write)
		if err := loadProject(dir, "in/*.jsonl", write, min(2, runtime.NumCPU())); err != nil {
			return err
		}
		in := filepath.Join(dir, "in")
		if err := os.RemoveAll(in); err != nil {
			return err
		}
		if err := os.MkdirAll(in, 0o755); err != nil {
			return err
		}
		if err := removeDatabases(dir); err != nil {
			return err
		}
		if err := os.Link(path, filepath.Join(in, "a.jsonl")); err != nil {
			return err
		}
		f, err := measure(0, bin, "apply", "-C", dir, "--auto-approve")
		if err != nil {
			return err
		}
		row(write+", empty table", rows, f)
		if write != "append" {
			if err := os.Rename(filepath.Join(in, "a.jsonl"), filepath.Join(in, "b.jsonl")); err != nil {
				return err
			}
			if f, err = measure(0, bin, "apply", "-C", dir, "--auto-approve"); err != nil {
				return err
			}
			row(write+", over the same keys", rows, f)
		}
		if err := removeDatabases(dir); err != nil {
			return err
		}
	}
	return os.Remove(path)
}
