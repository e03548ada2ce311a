package singer

import (
	"bytes"
	"errors"
	"io"
)

// errLineTooLong ends a stream of lines.
var errLineTooLong = errors.New("the line is too long")

// lineReader reads lines of up to max bytes from a stream.
type lineReader struct {
	src      io.Reader
	max      int
	buf      []byte
	from, to int
	seen     int // bytes behind from that hold no line break
	number   int64
	err      error
}

func newLineReader(src io.Reader, limit int64) *lineReader {
	return &lineReader{src: src, max: int(limit), buf: make([]byte, 256<<10)}
}

// next returns the next line without its line break. It is valid until the next
// call. At the end the error is io.EOF; a last line without a line break is a line.
func (r *lineReader) next() ([]byte, error) {
	for {
		if i := bytes.IndexByte(r.buf[r.from+r.seen:r.to], '\n'); i >= 0 {
			return r.line(r.seen+i, 1)
		}
		r.seen = r.to - r.from
		if r.seen > r.max {
			r.number++
			return nil, errLineTooLong
		}
		if r.err != nil {
			if r.seen > 0 && r.err == io.EOF {
				return r.line(r.seen, 0)
			}
			return nil, r.err
		}
		r.fill()
	}
}

// line takes n bytes as a line and skip more behind it.
func (r *lineReader) line(n, skip int) ([]byte, error) {
	line := r.buf[r.from : r.from+n]
	r.from, r.seen = r.from+n+skip, 0
	r.number++
	if n > r.max {
		return nil, errLineTooLong
	}
	return bytes.TrimSuffix(line, []byte{'\r'}), nil
}

// fill reads once, after making room: what is left moves to the front, and into
// a larger buffer where it fills half of this one.
func (r *lineReader) fill() {
	if r.to == len(r.buf) {
		buf := r.buf
		if r.seen > len(r.buf)/2 {
			buf = make([]byte, 2*len(r.buf))
		}
		r.to = copy(buf, r.buf[r.from:r.to])
		r.buf, r.from = buf, 0
	}
	n, err := r.src.Read(r.buf[r.to:])
	r.to += n
	r.err = err
}
