package file

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// opened is a file being read: its text, and the hash of what was read of it.
type opened struct {
	file   *os.File // nil for an input that is no file
	raw    io.Reader
	plain  bool // text and bytes on disk are the same
	text   io.Reader
	hashed int64 // bytes on disk that sum covers
	sum    hash.Hash
	// free ends a decompressor that holds memory; nil for none.
	free func()
}

// open opens a file at mark's place, nil for its beginning. sum is the hash of
// the first mark.Offset bytes when it is known already, else nil.
func (s *Source) open(path string, mark *fileMark, sum hash.Hash) (*opened, error) {
	f, err := os.Open(s.absolute(path))
	if err != nil {
		return nil, err
	}
	o := &opened{file: f, raw: f, sum: sha256.New(), plain: s.compressionOf(path) == compressionNone}
	if err := o.start(s.compressionOf(path), mark, sum); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

func (o *opened) start(compression string, mark *fileMark, sum hash.Hash) error {
	if o.plain {
		o.text = o.raw
		if mark == nil || mark.Offset == 0 {
			return nil
		}
		o.sum, o.hashed = sum, mark.Offset
		_, err := o.file.Seek(mark.Offset, io.SeekStart)
		return err
	}
	return o.decompress(compression, bufio.NewReaderSize(&rawReader{o}, 256<<10), mark)
}

// openInput opens what comes through a pipe, which tells by its first bytes
// whether it is compressed.
func openInput(in io.Reader) (*opened, error) {
	ahead := bufio.NewReaderSize(in, 64<<10)
	head, err := ahead.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	o := &opened{sum: sha256.New(), raw: ahead, text: ahead}
	raw := bufio.NewReaderSize(&rawReader{o}, 256<<10)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		err = o.decompress(compressionGzip, raw, nil)
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		err = o.decompress(compressionZstd, raw, nil)
	default:
		o.plain, err = true, nil
	}
	if err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

// decompress makes the text of compressed bytes, from mark's place on.
func (o *opened) decompress(compression string, raw *bufio.Reader, mark *fileMark) error {
	switch compression {
	case compressionGzip:
		if _, err := raw.Peek(1); err == io.EOF { // an empty file holds no member
			o.text = raw
			return nil
		}
		z, err := gzip.NewReader(raw) // io.EOF here is a header that was cut
		if err != nil {
			return brokenText(err)
		}
		o.text = z
	case compressionZstd:
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return brokenText(err)
		}
		o.text, o.free = z, z.Close
	}
	if mark == nil || mark.Text == 0 {
		return nil
	}
	if _, err := io.CopyN(io.Discard, o.text, mark.Text); err != nil {
		return brokenText(err)
	}
	return nil
}

// brokenText says that a decompressor refused a file.
func brokenText(err error) error {
	var path *os.PathError
	switch {
	case errors.As(err, &path):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return &broken{"its compressed text ends too early"}
	default:
		return &broken{fmt.Sprintf("it cannot be decompressed: %s", err)}
	}
}

// rawReader reads the bytes on disk and hashes them.
type rawReader struct{ o *opened }

func (r *rawReader) Read(p []byte) (int, error) {
	n, err := r.o.raw.Read(p)
	r.o.sum.Write(p[:n])
	r.o.hashed += int64(n)
	return n, err
}

// used tells that text was handed over for good.
func (o *opened) used(text []byte) {
	if o.plain {
		o.sum.Write(text)
		o.hashed += int64(len(text))
	}
}

// digest is the hash of the first hashed bytes.
func (o *opened) digest() string { return hex.EncodeToString(o.sum.Sum(nil)) }

func (o *opened) close() {
	if o.free != nil {
		o.free()
	}
	if o.file != nil {
		o.file.Close()
	}
}

// hashPrefix hashes the first n bytes of a file; the boolean is false where it
// has fewer.
func hashPrefix(ctx context.Context, path string, n int64) (hash.Hash, bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	sum, buf := sha256.New(), make([]byte, 256<<10)
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		m, err := f.Read(buf[:min(n, int64(len(buf)))])
		sum.Write(buf[:m])
		n -= int64(m)
		if err == io.EOF {
			return sum, n == 0, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	return sum, true, nil
}
