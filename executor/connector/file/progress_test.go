package file

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestConsumed: what batches say was read for them is what waited, in bytes on
// disk, whatever the format makes of them.
func TestConsumed(t *testing.T) {
	for name, text := range map[string]string{"a.jsonl": lines(5000), "a.jsonl.gz": zipped(lines(5000)), "a.jsonl.zst": zstandard(lines(5000)), "a.csv": table(5000), "a.json": array(5000)} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t, "a.*", strings.TrimPrefix(filepath.Ext(strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")), "."))
			f.write(name, text)
			r := f.must("append", nil)
			if waited := f.look(nil).New[0].Bytes; r.Consumed > waited || r.Consumed < waited-16 || waited != int64(len(text)) {
				t.Errorf("%d bytes consumed, %d waited, the file has %d", r.Consumed, waited, len(text))
			}
		})
	}
	f := newFolder(t, "a.jsonl", "jsonl")
	f.write("a.jsonl", lines(3000))
	first := f.must("append", nil)
	f.write("a.jsonl", lines(5000))
	mark := first.Marks[len(first.Marks)-1].Bookmark
	if waited, r := f.look(mark).Grown[0].Bytes, f.must("append", mark); r.Consumed != waited || r.Consumed != int64(len(lines(5000))-len(lines(3000))) {
		t.Errorf("%d bytes consumed of a file that grew, %d waited", r.Consumed, waited)
	}
}
