package file

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// change is what became of a file since its mark.
type change uint8

const (
	unchanged change = iota
	fresh            // never read
	grown            // the same beginning, and more behind it
	partial          // a read of it was stopped, and it still begins as it did
	rewritten
)

// finding is one file and what became of it.
type finding struct {
	path   string
	size   int64
	change change
	mark   *fileMark   // of the last read, nil for fresh
	sum    *prefixHash // of the first mark.Offset bytes, where they were compared
}

// waiting is how many bytes of it were not read yet.
func (f *finding) waiting() int64 {
	if f.change == grown || f.change == partial {
		return max(f.size-f.mark.Offset, 0)
	}
	return f.size
}

// survey is what stands in the folder against what was read.
type survey struct {
	files []finding // sorted by path
	gone  []string  // read before and not there now, those marked gone included
}

// survey compares the files with the marks of one stream; none is nil.
func (s *Source) survey(ctx context.Context, prior *streamMark) (*survey, error) {
	paths, err := s.expand()
	if err != nil {
		return nil, s.fault(diag.FileUnreadable, "%s", err)
	}
	if len(paths) == 0 && !isPattern(s.spec.Source.Path) {
		return nil, s.fault(diag.FileNoMatch, "there is no file %s (looked for in %s): create it, or correct the source's path",
			s.spec.Source.Path, s.absolute(s.spec.Source.Path))
	}
	out := &survey{}
	if prior == nil {
		prior = &streamMark{}
	}
	here := make(map[string]bool, len(paths))
	for _, path := range paths {
		here[path] = true
		mark, _ := prior.find(path)
		f, err := s.compare(ctx, path, mark)
		if errors.Is(err, fs.ErrNotExist) { // removed since the folder was listed
			here[path] = false
			continue
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, s.fault(diag.FileUnreadable, "%s: %s", path, err)
		}
		out.files = append(out.files, f)
	}
	for _, m := range prior.Files {
		if !here[m.Path] {
			out.gone = append(out.gone, m.Path)
		}
	}
	return out, nil
}

// compare says what became of one file. Equal size and time of change prove
// that nothing did, unless the time was too fresh when it was noted (then it was
// not kept); else the hash decides.
func (s *Source) compare(ctx context.Context, path string, mark *fileMark) (finding, error) {
	st, err := os.Stat(s.absolute(path))
	if err != nil {
		return finding{}, err
	}
	f := finding{path: path, size: st.Size(), mark: mark}
	switch {
	case mark == nil:
		f.change = fresh
		return f, nil
	case mark.Done && f.size == mark.Size && mark.Modified != 0 && mark.Modified == st.ModTime().UnixNano():
		return f, nil
	}
	sum, enough, err := hashPrefix(ctx, s.absolute(path), mark)
	if err != nil {
		return f, err
	}
	f.sum = sum
	same := enough && sum.agrees(mark)
	switch {
	case !same:
		f.change = rewritten
	case !mark.Done:
		f.change = partial
	case f.size == mark.Offset:
		f.change = unchanged
	case !s.canGrow(path):
		f.change = rewritten
	default:
		f.change, err = s.behind(path, mark)
	}
	return f, err
}

// canGrow reports whether more behind a file's end is more records: plain text
// of a record a line.
func (s *Source) canGrow(path string) bool {
	format := s.spec.Source.Format
	return (format == formatJSONL || format == formatCSV) && s.compressionOf(path) == compressionNone
}

// behind looks at the byte where a file goes on: a last line that had no line
// break must not have become a longer one.
func (s *Source) behind(path string, mark *fileMark) (change, error) {
	if !mark.Bare {
		return grown, nil
	}
	f, err := os.Open(s.absolute(path))
	if err != nil {
		return grown, err
	}
	defer f.Close()
	next := make([]byte, 1)
	if _, err := f.ReadAt(next, mark.Offset); err != nil {
		return grown, err
	}
	if next[0] == '\n' || next[0] == '\r' {
		return grown, nil
	}
	return rewritten, nil
}

// Look compares the files with the bookmark and reads none but to compare
// hashes. Files that the bookmark knows as gone already are not named again.
func (s *Source) Look(ctx context.Context, stream connector.StreamRequest, raw json.RawMessage) (connector.Waiting, error) {
	var w connector.Waiting
	marks, err := s.bookmark(raw)
	if err != nil {
		return w, err
	}
	prior := marks.Streams[stream.Stream]
	if stream.Fresh {
		prior = nil
	}
	found, err := s.survey(ctx, prior)
	if err != nil {
		return w, err
	}
	for i := range found.files {
		f := &found.files[i]
		file := connector.WaitingFile{Path: f.path, Bytes: f.waiting()}
		switch f.change {
		case fresh:
			w.New = append(w.New, file)
		case grown, partial:
			w.Grown = append(w.Grown, file)
		case rewritten:
			w.Rewritten = append(w.Rewritten, file)
		}
	}
	for _, path := range found.gone {
		if m, ok := prior.find(path); ok && !m.Gone {
			w.Gone = append(w.Gone, path)
		}
	}
	return w, nil
}

// bookmark reads a bookmark or says that it cannot be used.
func (s *Source) bookmark(raw json.RawMessage) (*bookmark, error) {
	b, err := parseBookmark(raw)
	if err != nil {
		return nil, s.fault(diag.SourceBookmark, "the bookmark of %s cannot be used: %s", s.spec.Address, fmt.Sprint(err))
	}
	return b, nil
}
