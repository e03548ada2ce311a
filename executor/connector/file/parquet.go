package file

import (
	"context"
	"os"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// ParquetReader reads Parquet files. Paths are absolute.
type ParquetReader interface {
	// Columns returns the file's columns in order.
	Columns(ctx context.Context, path string) ([]connector.SourceColumn, error)
	// Read yields the rows from number fromRow on (counted from 0) as JSON
	// objects, in the file's order, about batchRows at a time. Stream, Origin and
	// Line are set by the receiver, who also releases the batch. An error of yield
	// ends the read and is returned.
	Read(ctx context.Context, path string, fromRow int64, batchRows int, yield func(*connector.Records) error) error
}

// parquetBatchRows is how many rows of a Parquet file make a batch at most.
const parquetBatchRows = 1 << 14

// errFinished ends a Parquet read after Finish; it never leaves this file.
type errFinished struct{}

func (errFinished) Error() string { return "stopped at a checkpoint" }

// parquet reads one Parquet file. Its mark holds the hash of the whole file,
// taken before the first row, and the rows that were handed over.
func (r *session) parquet(ctx context.Context, stream string, mark *streamMark, f finding) error {
	reader := r.spec.Parquet
	if reader == nil {
		return r.fault(diag.FileParquetNoReader, "%s is a Parquet file, and there is no reader for it", f.path)
	}
	path := r.absolute(f.path)
	st, err := os.Stat(path)
	if err != nil {
		return r.failed(f.path, err)
	}
	sum, _, err := hashPrefix(ctx, path, &fileMark{Offset: st.Size()})
	if err != nil {
		return r.parquetFailed(ctx, f.path, err)
	}
	at := fileMark{Path: f.path, Size: st.Size(), Offset: st.Size(), Hash: sum.digest()}
	if f.mark != nil {
		at.Line = f.mark.Line
	}
	columns, err := reader.Columns(ctx, path)
	if err != nil {
		return r.parquetFailed(ctx, f.path, err)
	}
	if err := r.h.Schema(connector.StreamSchema{Stream: stream, Columns: columns}); err != nil {
		return err
	}
	left := st.Size()
	var handler error // an error of the handler's own, passed on as it is
	err = reader.Read(ctx, path, at.Line, min(r.rows, parquetBatchRows), func(b *connector.Records) error {
		handler = r.parquetBatch(stream, mark, &at, b, &left)
		return handler
	})
	if _, stopped := handler.(errFinished); stopped {
		return nil
	}
	if handler != nil {
		return handler
	}
	if err != nil {
		return r.parquetFailed(ctx, f.path, err)
	}
	at.Done, at.Modified = true, provable(st)
	mark.put(at)
	return r.checkpoint(false)
}

// parquetBatch hands one batch over and notes how far the file is read. left is how
// many of the file's bytes no batch was counted for.
func (r *session) parquetBatch(stream string, mark *streamMark, at *fileMark, b *connector.Records, left *int64) error {
	n := b.Len()
	if n == 0 {
		b.Release()
		return nil
	}
	b.Stream, b.Origin, b.Line = stream, at.Path, b.Line[:0]
	for i := range n {
		b.Line = append(b.Line, at.Line+int64(i)+1)
	}
	r.since += int64(len(b.Data))
	b.Consumed = min(int64(len(b.Data)), *left)
	*left -= b.Consumed
	if err := r.h.Records(b); err != nil {
		return err
	}
	at.Line += int64(n)
	mark.put(*at)
	if err := r.checkpoint(false); err != nil {
		return err
	}
	if r.finished {
		return errFinished{}
	}
	return nil
}

func (r *session) parquetFailed(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.failed(path, err)
}
