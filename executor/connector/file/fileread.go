package file

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// fileRead is the reading of one file of text.
type fileRead struct {
	*session
	stream string
	path   string
	in     *opened
	cut    cutter
	win    *window
	mark   *streamMark
	at     fileMark // Text and Bare as they are now
	told   int64    // bytes on disk that batches were handed over for
}

// run reads to the end of the file, or to the next checkpoint after Finish.
func (t *fileRead) run(ctx context.Context) error {
	begin := t.at.Text == 0 && (!t.in.plain || t.in.hashed == 0)
	bare := t.at.Bare
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.win.more(); err != nil {
			if t.in.plain {
				return t.failed(t.path, err)
			}
			return t.failed(t.path, brokenText(err))
		}
		if begin {
			begin = false
			if err := t.skipBOM(); err != nil {
				return t.failed(t.path, err)
			}
		}
		if bare { // the line break that the last line lacked before
			bare = false
			t.use(t.win.text()[:breakAt(t.win.text())])
		}
		if err := t.drain(ctx); err != nil || t.finished {
			return err
		}
		if t.win.eof {
			return t.end()
		}
	}
}

// drain cuts what the window shows until the cutter wants more.
func (t *fileRead) drain(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := t.win.text()
		out := &output{Records: t.pool.records(), rows: t.rows, maxText: t.spec.MaxRecordBytes}
		n, fault := t.cut.cut(out, text, t.win.eof)
		t.use(text[:n])
		if n > 0 {
			t.at.Bare = out.bare
		}
		if err := t.hand(out, text); err != nil {
			return err
		}
		if fault != nil {
			return t.failed(t.path, fault)
		}
		if n > 0 && t.cut.whole() {
			if err := t.note(false); err != nil || t.finished {
				return err
			}
		}
		if n == 0 || n == len(text) && !t.win.eof {
			return nil
		}
	}
}

// use marks text as done.
func (t *fileRead) use(text []byte) {
	t.win.use(len(text))
	t.in.used(text)
	t.since += int64(len(text))
	if !t.in.plain {
		t.at.Text += int64(len(text))
	}
}

// hand gives a batch and its faults to the handler.
func (t *fileRead) hand(out *output, text []byte) error {
	if c, ok := t.cut.(*csvCutter); ok {
		if err := t.tell(c.columns); err != nil {
			return err
		}
	}
	r := out.Records
	if r.Len() == 0 {
		t.pool.giveBack(r)
	} else {
		r.Stream, r.Origin = t.stream, t.path
		r.Consumed, t.told = t.in.hashed-t.told, t.in.hashed
		if out.own {
			r.OnRelease(func() { t.pool.giveBack(r) })
		} else {
			blk := t.win.blk
			blk.hold()
			r.Data = text
			r.OnRelease(func() { blk.drop(); r.Data = nil; t.pool.giveBack(r) })
		}
		if err := t.h.Records(r); err != nil {
			return err
		}
	}
	for _, f := range out.faults {
		f.Stream, f.Origin = t.stream, t.path
		if err := t.h.Fault(f); err != nil {
			return err
		}
	}
	return nil
}

// tell gives the columns of a CSV file to the handler where they are new.
func (t *fileRead) tell(columns []string) error {
	if len(columns) == 0 || slices.Equal(columns, t.columns) {
		return nil
	}
	t.columns = columns
	schema := connector.StreamSchema{Stream: t.stream}
	for _, name := range columns {
		schema.Columns = append(schema.Columns, connector.SourceColumn{Name: name, Type: types.Of(types.Any), Nullable: true})
	}
	return t.h.Schema(schema)
}

// note moves the file's mark to here and makes a checkpoint.
func (t *fileRead) note(done bool) error {
	m := fileMark{Path: t.path, Offset: t.in.hashed, SHA256: t.in.digest(), Text: t.at.Text, Line: t.cut.line(), Done: done, Bare: t.at.Bare}
	m.Size = m.Offset
	if t.in.file == nil {
		return t.checkpoint(false)
	}
	st, err := t.in.file.Stat()
	if err != nil {
		return t.failed(t.path, err)
	}
	if done {
		m.Size += int64(len(t.win.text()))
		if st.Size() == m.Size {
			m.Modified = provable(st)
		}
	}
	t.mark.put(m)
	return t.checkpoint(false)
}

// end closes the books on a file that was read to its end.
func (t *fileRead) end() error {
	if rest := len(t.win.text()); rest > 0 {
		t.h.Diagnose(t.warn(diag.FileUnfinished, "%s: line %d is not finished: %d bytes are left for the next run", t.path, t.cut.line()+1, rest))
	}
	if c, ok := t.cut.(*csvCutter); ok && c.columns == nil && t.in.hashed > 0 {
		return t.failed(t.path, &broken{"it has no header"})
	}
	return t.note(true)
}

// skipBOM takes a byte order mark off the front of the file.
func (t *fileRead) skipBOM() error {
	text := t.win.text()
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		t.use(text[:3])
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return &broken{fmt.Sprintf("it is UTF-16 text (it begins with %x): convert it to UTF-8", text[:2])}
	}
	return nil
}
