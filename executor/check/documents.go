package check

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/headgate-data/headgate/lang/diag"
)

// maxDocument is how long a line, or a file that is one document, may be.
const maxDocument = 1 << 30

// document is a JSON text and where it was found.
type document struct {
	origin string
	line   int64 // that it starts on
	text   []byte
}

// documents hands every document of an input to take, in order: the whole of a
// .json file, each line of a .jsonl file or of a pipe. Blank lines are no documents.
func documents(ctx context.Context, root string, in Input, take func(document) error) error {
	if in.Reader != nil {
		return read(ctx, in.Path, in.Format, in.Reader, take)
	}
	paths, err := matching(root, in.Path)
	if err != nil {
		return err
	}
	for _, path := range paths {
		format, err := formatOf(path, in.Format)
		if err != nil {
			return err
		}
		f, err := os.Open(absolute(root, path))
		if err != nil {
			return diag.New(diag.CheckInput, "%v.", err)
		}
		err = read(ctx, path, format, f, take)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func absolute(root, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, filepath.FromSlash(path))
}

// matching returns the files of a pattern, sorted. A name that exists is itself.
func matching(root, pattern string) ([]string, error) {
	if _, err := os.Stat(absolute(root, pattern)); err == nil {
		return []string{pattern}, nil
	}
	found, err := filepath.Glob(absolute(root, pattern))
	if err != nil || len(found) == 0 {
		return nil, diag.New(diag.CheckInput, "There is no file %s.", pattern)
	}
	if !filepath.IsAbs(pattern) {
		for i, path := range found {
			if rel, err := filepath.Rel(root, path); err == nil {
				found[i] = filepath.ToSlash(rel)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}

// formatOf tells json from jsonl by a file's ending, unless it is said.
func formatOf(path, said string) (string, error) {
	name := strings.ToLower(path)
	for _, end := range []string{".gz", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, end)
	}
	switch ext := filepath.Ext(name); {
	case said == "json" || said == "jsonl":
		return said, nil
	case said != "":
		return "", diag.New(diag.CheckInput, "A JSON Schema is about JSON: --input is json or jsonl, not %s.", said)
	case ext == ".json":
		return "json", nil
	case ext == ".jsonl" || ext == ".ndjson":
		return "jsonl", nil
	}
	return "", diag.New(diag.CheckInput, "Whether %s is one document or one a line cannot be told by its name. Say --input json or --input jsonl.", path)
}

// read reads a stream, compressed or not, as its first bytes tell.
func read(ctx context.Context, origin, format string, in io.Reader, take func(document) error) error {
	b := bufio.NewReaderSize(in, 256<<10)
	head, _ := b.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			return unreadable(origin, err)
		}
		b = bufio.NewReaderSize(z, 256<<10)
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(b)
		if err != nil {
			return unreadable(origin, err)
		}
		defer z.Close()
		b = bufio.NewReaderSize(z, 256<<10)
	}
	if format == "json" {
		text, err := io.ReadAll(io.LimitReader(b, maxDocument+1))
		switch {
		case err != nil:
			return unreadable(origin, err)
		case len(text) > maxDocument:
			return tooLong(origin, 1)
		}
		return take(document{origin, 1, text})
	}
	for line := int64(1); ; line++ {
		text, err := oneLine(b)
		if errors.Is(err, errTooLong) {
			return tooLong(origin, line)
		}
		if err != nil && err != io.EOF {
			return unreadable(origin, err)
		}
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		if text = bytes.TrimRight(text, "\r\n"); len(bytes.TrimSpace(text)) > 0 {
			if err := take(document{origin, line, text}); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return ctx.Err()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

var errTooLong = errors.New("the line is too long")

// oneLine reads up to a line feed. What it returns holds until the next call.
func oneLine(b *bufio.Reader) ([]byte, error) {
	text, err := b.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		return text, err
	}
	long := bytes.Clone(text)
	for err == bufio.ErrBufferFull {
		text, err = b.ReadSlice('\n')
		if long = append(long, text...); len(long) > maxDocument {
			return nil, errTooLong
		}
	}
	return long, err
}

func unreadable(origin string, err error) error {
	return diag.New(diag.CheckInput, "%s: %v.", origin, err)
}

func tooLong(origin string, line int64) error {
	return diag.New(diag.CheckInput, "%s: the document on line %d is longer than %s.", origin, line, fmt.Sprintf("%d MiB", maxDocument>>20))
}
