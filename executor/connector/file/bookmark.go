package file

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
)

// bookmarkVersion is the version of the bookmark's JSON. Older ones are read,
// newer ones refused.
const bookmarkVersion = 2

// bookmark is what a pipeline's bookmark holds: for each stream, what was read
// of each file.
type bookmark struct {
	Version int                    `json:"version"`
	Streams map[string]*streamMark `json:"streams"`
}

// streamMark is one stream's part of a bookmark. Files are sorted by path.
type streamMark struct {
	// Open says that a load under write = "replace" is under way: Files holds
	// only what this load has read.
	Open  bool       `json:"open,omitempty"`
	Files []fileMark `json:"files"`
}

// fileMark is how far one file was read.
type fileMark struct {
	Path     string `json:"path"`
	Size     int64  `json:"size"`               // of the file as it was last seen
	Modified int64  `json:"modified,omitempty"` // Unix nanoseconds, 0 where it proves nothing
	Offset   int64  `json:"offset"`             // bytes on disk that Hash covers
	Hash     string `json:"xxh128,omitempty"`   // XXH3 of 128 bits of the first Offset bytes, hexadecimal
	SHA256   string `json:"sha256,omitempty"`   // the same in bookmarks of version 1, in place of Hash
	Text     int64  `json:"text,omitempty"`     // of a compressed file: bytes of text that were handed over
	Line     int64  `json:"line"`               // lines or records up to there
	Done     bool   `json:"done,omitempty"`     // read to the end that it had then
	Bare     bool   `json:"bare,omitempty"`     // the last line ended without a line break
	Gone     bool   `json:"gone,omitempty"`     // it was not there any more at a later read
}

// parseBookmark reads a bookmark; nil and null are an empty one.
func parseBookmark(raw json.RawMessage) (*bookmark, error) {
	b := &bookmark{Version: bookmarkVersion, Streams: map[string]*streamMark{}}
	if len(raw) == 0 || bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return b, nil
	}
	if err := json.Unmarshal(raw, b); err != nil {
		return nil, err
	}
	if b.Version < 1 || b.Version > bookmarkVersion {
		return nil, fmt.Errorf("its version is %d, and this program reads up to %d", b.Version, bookmarkVersion)
	}
	b.Version = bookmarkVersion // it is written back as this program writes it
	if b.Streams == nil {
		b.Streams = map[string]*streamMark{}
	}
	for name, m := range b.Streams {
		if m == nil {
			delete(b.Streams, name)
			continue
		}
		if err := m.check(); err != nil {
			return nil, fmt.Errorf("stream %q: %w", name, err)
		}
	}
	return b, nil
}

// check refuses what no read can have written.
func (m *streamMark) check() error {
	slices.SortFunc(m.Files, func(a, b fileMark) int { return strings.Compare(a.Path, b.Path) })
	for i, f := range m.Files {
		switch {
		case f.Path == "":
			return fmt.Errorf("a file has no path")
		case i > 0 && m.Files[i-1].Path == f.Path:
			return fmt.Errorf("%s is there twice", f.Path)
		case f.Size < 0 || f.Offset < 0 || f.Text < 0 || f.Line < 0:
			return fmt.Errorf("%s has a negative number", f.Path)
		}
		h, err := hex.DecodeString(f.Hash + f.SHA256)
		if err != nil || len(f.Hash) > 0 && len(f.SHA256) > 0 || len(h) != 16 && len(f.Hash) > 0 || len(h) != 32 && len(f.Hash) == 0 {
			return fmt.Errorf("%s has no hash of what was read", f.Path)
		}
	}
	return nil
}

// find returns the mark of a path.
func (m *streamMark) find(path string) (*fileMark, bool) {
	i, ok := slices.BinarySearchFunc(m.Files, path, func(f fileMark, p string) int { return strings.Compare(f.Path, p) })
	if !ok {
		return nil, false
	}
	return &m.Files[i], true
}

// put adds or replaces a file's mark.
func (m *streamMark) put(f fileMark) {
	i, ok := slices.BinarySearchFunc(m.Files, f.Path, func(g fileMark, p string) int { return strings.Compare(g.Path, p) })
	if ok {
		m.Files[i] = f
		return
	}
	m.Files = slices.Insert(m.Files, i, f)
}

// encode writes the bookmark.
func (b *bookmark) encode() (json.RawMessage, error) { return json.Marshal(b) }

// RenameStreams gives the parts of a bookmark other names.
func (s *Source) RenameStreams(raw json.RawMessage, names []connector.Renamed) (json.RawMessage, error) {
	if len(raw) == 0 {
		return raw, nil
	}
	b, err := s.bookmark(raw)
	if err != nil {
		return nil, err
	}
	changed := false
	for _, r := range names {
		m, there := b.Streams[r.From]
		if !there || r.From == r.To {
			continue
		}
		// What stands under the new name is left over from a stream that is gone.
		b.Streams[r.To], changed = m, true
		delete(b.Streams, r.From)
	}
	if !changed {
		return raw, nil
	}
	return b.encode()
}
