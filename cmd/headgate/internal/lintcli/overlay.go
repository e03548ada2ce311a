package lintcli

import (
	"bytes"
	"io/fs"
)

// overlay is a file system with other texts in some of its files.
type overlay struct {
	fs.FS
	texts map[string][]byte
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	text, ok := o.texts[name]
	if !ok {
		return o.FS.Open(name)
	}
	info, err := fs.Stat(o.FS, name)
	if err != nil {
		return nil, err
	}
	return &textFile{Reader: bytes.NewReader(text), info: textInfo{info, int64(len(text))}}, nil
}

// textFile is a text as a file.
type textFile struct {
	*bytes.Reader
	info textInfo
}

// Stat implements fs.File.
func (f *textFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (f *textFile) Close() error { return nil }

// textInfo describes a file that has another size.
type textInfo struct {
	fs.FileInfo
	size int64
}

// Size returns the length of the text in bytes.
func (i textInfo) Size() int64 { return i.size }
