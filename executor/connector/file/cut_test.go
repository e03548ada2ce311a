package file

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/headgate-data/headgate/compiler/program"
)

// TestCutCompressedFiles cuts a compressed file at every byte: no cut file reads
// as a whole one, and none as an empty one.
func TestCutCompressedFiles(t *testing.T) {
	const text = "{\"id\":1}\n{\"id\":2}\n"
	var gz, zst bytes.Buffer
	z := gzip.NewWriter(&gz)
	z.Name = "orders.jsonl"
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(enc, text); err != nil {
		t.Fatal(err)
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	for name, whole := range map[string][]byte{"a.jsonl.gz": gz.Bytes(), "a.jsonl.zst": zst.Bytes()} {
		path := filepath.Join(t.TempDir(), name)
		s := &Source{spec: Spec{Source: &program.FileSource{Compression: compressionAuto, Format: formatJSONL}}}
		for cut := 1; cut <= len(whole); cut++ {
			if err := os.WriteFile(path, whole[:cut], 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := readWhole(s, path)
			if cut == len(whole) && (err != nil || got != text) {
				t.Errorf("%s, whole: %q, %v", name, got, err)
			}
			if cut < len(whole) && err == nil {
				t.Errorf("%s, cut behind byte %d of %d: read %q without an error", name, cut, len(whole), got)
			}
		}
	}
}

func readWhole(s *Source, path string) (string, error) {
	o, err := s.open(path, nil, nil)
	if err != nil {
		return "", err
	}
	defer o.close()
	text, err := io.ReadAll(o.text)
	return string(text), err
}
