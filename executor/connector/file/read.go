package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

const (
	defaultBatchRows = 1 << 16
	minBlockBytes    = 16 << 10
	maxBlockBytes    = 64 << 20
)

// session is one call of Read.
type session struct {
	*Source
	h     connector.Handler
	pool  *pool
	rows  int
	marks *bookmark
	// since counts the bytes handed over since the last checkpoint, and marked
	// is how long that one's bookmark was.
	since, marked int64
	columns       []string // last told of the stream in hand
	finished      bool
}

// Read hands over what stands behind the bookmark, file by file in the order of
// their paths, each requested stream getting all of them. Where nothing waits it
// calls no method of h but Diagnose; else it ends with a Checkpoint. Under write
// = "replace" it reads all files once any of them is new, changed or gone.
//
// A checkpoint follows each batch, so a stopped read goes on inside a file; where
// the bookmark has grown long (thousands of files), checkpoints come less often,
// so that they stay a small part of the work.
func (s *Source) Read(ctx context.Context, req connector.ReadRequest, h connector.Handler) error {
	marks, err := s.bookmark(req.Bookmark)
	if err != nil {
		return err
	}
	size := min(max(cmp.Or(req.BatchBytes, defaultBlockBytes), minBlockBytes), maxBlockBytes)
	r := &session{Source: s, h: h, marks: marks, pool: newPool(size), rows: cmp.Or(max(req.BatchRows, 0), defaultBatchRows)}
	for _, stream := range req.Streams {
		if err := r.stream(ctx, stream); err != nil {
			return err
		}
		if r.finished {
			return nil
		}
	}
	return nil
}

// stream reads one stream's share.
func (r *session) stream(ctx context.Context, req connector.StreamRequest) error {
	if r.spec.Input != nil {
		return r.input(ctx, req.Stream)
	}
	prior := r.marks.Streams[req.Stream]
	if prior == nil || req.Fresh {
		prior = &streamMark{}
	}
	found, err := r.survey(ctx, prior)
	if err != nil {
		return err
	}
	if len(found.files) == 0 {
		r.h.Diagnose(r.warn(diag.FileNoMatch, "no file matches %s (below %s): nothing is read for the stream %s", r.spec.Source.Path, r.spec.Root, req.Stream))
		return nil
	}
	todo, mark, err := r.plan(req, prior, found)
	if err != nil || len(todo) == 0 {
		return err
	}
	r.marks.Streams[req.Stream] = mark
	r.columns = nil
	for _, f := range todo {
		if err := r.file(ctx, req.Stream, mark, f); err != nil {
			return err
		}
		if r.finished {
			return nil
		}
	}
	mark.Open = false
	return r.checkpoint(true)
}

// input reads what comes in place of files.
func (r *session) input(ctx context.Context, stream string) error {
	name := r.spec.Source.Path
	in, err := openInput(r.spec.Input)
	if err != nil {
		return r.failed(name, err)
	}
	defer in.close()
	c, err := r.cutter(name, nil)
	if err != nil {
		return r.failed(name, err)
	}
	mark := &streamMark{}
	r.marks.Streams[stream] = mark
	t := &fileRead{session: r, stream: stream, path: name, in: in, cut: c, win: newWindow(in.text, r.pool), mark: mark}
	defer t.win.close()
	if err := t.run(ctx); err != nil || r.finished {
		return err
	}
	return r.checkpoint(true)
}

// plan chooses the files to read and the mark to go on from.
func (r *session) plan(req connector.StreamRequest, prior *streamMark, found *survey) ([]finding, *streamMark, error) {
	var todo []finding
	var old []string
	for _, f := range found.files {
		if f.change == rewritten {
			old = append(old, f.path)
		}
		if f.change != unchanged {
			todo = append(todo, f)
		}
	}
	for _, path := range found.gone {
		if m, _ := prior.find(path); !m.Gone {
			r.spec.Log.Info("a file that was read before is not there any more", "source", r.spec.Address, "file", path)
		}
	}
	switch {
	case req.Write == "replace" && prior.Open:
		if lost := slices.Concat(old, found.gone); len(lost) > 0 {
			slices.Sort(lost)
			return nil, nil, r.fault(diag.FileChangedMidLoad, "changed or removed since the load was interrupted: %s. Load the stream anew with `headgate apply --replace`", list(lost))
		}
	case req.Write == "replace":
		if len(todo) == 0 && len(found.gone) == 0 {
			return nil, nil, nil
		}
		all := make([]finding, len(found.files))
		for i, f := range found.files {
			all[i] = finding{path: f.path, size: f.size, change: fresh}
		}
		return all, &streamMark{Open: true}, nil
	case req.Write == "append" && len(old) > 0:
		return nil, nil, r.fault(diag.FileRewritten, "%s: the part that was loaded before is not the same any more. Under write = \"append\" a file may only grow. "+
			"Give new data a new file name, load the stream anew with `headgate apply --replace`, or use write = \"merge\" with a key", list(old))
	}
	next := &streamMark{Open: prior.Open, Files: slices.Clone(prior.Files)}
	for _, path := range found.gone {
		m, _ := next.find(path)
		m.Gone = true
	}
	return todo, next, nil
}

// list names up to five files.
func list(paths []string) string {
	if len(paths) > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(paths[:5], ", "), len(paths)-5)
	}
	return strings.Join(paths, ", ")
}

// file reads one file from where f says.
func (r *session) file(ctx context.Context, stream string, mark *streamMark, f finding) error {
	if f.change == rewritten || f.change == fresh {
		f.mark, f.sum = nil, nil
	}
	if r.spec.Source.Format == formatParquet {
		return r.parquet(ctx, stream, mark, f)
	}
	in, err := r.open(f.path, f.mark, f.sum)
	if err != nil {
		return r.failed(f.path, err)
	}
	defer in.close()
	c, err := r.cutter(f.path, f.mark)
	if err != nil {
		return r.failed(f.path, err)
	}
	t := &fileRead{session: r, stream: stream, path: f.path, in: in, cut: c, win: newWindow(in.text, r.pool), mark: mark}
	defer t.win.close()
	if f.mark != nil {
		t.at.Text, t.at.Bare, t.told = f.mark.Text, f.mark.Bare, f.mark.Offset
	}
	return t.run(ctx)
}

// failed turns an error of the operating system or of a format into a diagnostic.
func (s *Source) failed(path string, err error) error {
	var d *diag.Diagnostic
	var b *broken
	switch {
	case errors.As(err, &d):
		return err
	case errors.As(err, &b):
		return s.fault(diag.FileBroken, "%s: %s", path, b.why)
	default:
		return s.fault(diag.FileUnreadable, "%s: %s", path, err)
	}
}

// cutter makes the cutter of the source's format, at mark's place.
func (s *Source) cutter(path string, mark *fileMark) (cutter, error) {
	var line int64
	if mark != nil {
		line = mark.Line
	}
	switch s.spec.Source.Format {
	case formatJSONL:
		return &linesCutter{n: line, grows: !s.spec.Whole && s.canGrow(path)}, nil
	case formatJSON:
		c := &jsonCutter{n: line}
		if line > 0 {
			c.at = resumed
		}
		return c, nil
	}
	c := s.csv()
	switch {
	case !s.spec.Source.Header:
		if err := c.setColumns(s.spec.Source.Columns); err != nil {
			return nil, err
		}
	case line > 0:
		columns, err := s.header(path)
		if err != nil {
			return nil, err
		}
		if err := c.setColumns(columns); err != nil {
			return nil, err
		}
	}
	c.n = line
	return c, nil
}

func (s *Source) csv() *csvCutter {
	c := &csvCutter{delimiter: s.spec.Source.Delimiter[0]}
	for _, null := range s.spec.Source.NullValues {
		c.nulls = append(c.nulls, []byte(null))
	}
	return c
}

// checkpoint hands the bookmark over, unless that would cost more than it saves.
func (r *session) checkpoint(must bool) error {
	const small = 64 << 10
	if !must && r.marked > small && r.since < 16*r.marked {
		return nil
	}
	raw, err := r.marks.encode()
	if err != nil {
		return diag.Bug("file.checkpoint", "%s", err)
	}
	r.since, r.marked = 0, int64(len(raw))
	if err := r.h.Checkpoint(raw); err != nil {
		return err
	}
	r.finished = r.finish.Load()
	return nil
}

// racy is how long a file's time of change must lie back to prove that the file
// is the same: a second write may fall into the same tick of the file system.
const racy = time.Second

// provable returns a file's time of change, or 0 where it proves nothing.
func provable(st os.FileInfo) int64 {
	if time.Since(st.ModTime()) < racy {
		return 0
	}
	return st.ModTime().UnixNano()
}
