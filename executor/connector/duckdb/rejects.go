package duckdb

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// rejectColumns declares a table of staged rejects, in rejectSchema's order.
const rejectColumns = "(stream varchar, origin varchar, line bigint, annotated boolean, reasons varchar, raw varchar, raw_bytes blob)"

// rejectSchema is the Arrow schema of staged rejects. raw is null where the
// record is no valid UTF-8, and raw_bytes where it is.
func rejectSchema() *arrow.Schema {
	field := func(name string, k types.Kind) arrow.Field {
		return arrow.Field{Name: name, Type: types.Of(k).Arrow(), Nullable: true}
	}
	return arrow.NewSchema([]arrow.Field{
		field("stream", types.String), field("origin", types.String), field("line", types.Int64), field("annotated", types.Bool),
		field("reasons", types.String), field("raw", types.String), field("raw_bytes", types.Bytes),
	}, nil)
}

// rejectWriter appends rejects to a table of rejectColumns.
type rejectWriter struct {
	table    string
	appender *duck.Appender
}

// make makes a table for the rejects of a build, where the writer has none yet.
func (w *rejectWriter) make(ctx context.Context, c *duck.Conn, build string) error {
	if w.table != "" {
		return nil
	}
	w.table = "rejects__" + digest(build)
	return c.Exec(ctx, "create or replace table "+own(w.table)+" "+rejectColumns)
}

// wants reports whether writing n more rejects uses the connection.
func (w *rejectWriter) wants(n int) bool { return w.appender == nil || w.appender.Flushes(n) }

func (w *rejectWriter) write(ctx context.Context, c *duck.Conn, rejects []connector.Reject) error {
	if w.appender == nil {
		a, err := c.Appender(ownSchema, w.table)
		if err != nil {
			return err
		}
		w.appender = a
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, rejectSchema())
	defer b.Release()
	text := func(column int, s string) {
		b.Field(column).(*array.StringBuilder).Append(strings.ToValidUTF8(s, "\uFFFD"))
	}
	for i := range rejects {
		r := &rejects[i]
		reasons, err := json.Marshal(r.Reasons)
		if err != nil {
			return err
		}
		text(0, r.Stream)
		text(1, r.Origin)
		b.Field(2).(*array.Int64Builder).Append(r.Line)
		b.Field(3).(*array.BooleanBuilder).Append(r.Annotated)
		text(4, string(reasons))
		switch {
		case r.Raw == nil:
			b.Field(5).AppendNull()
			b.Field(6).AppendNull()
		case utf8.Valid(r.Raw):
			text(5, string(r.Raw))
			b.Field(6).AppendNull()
		default:
			b.Field(5).AppendNull()
			b.Field(6).(*array.BinaryBuilder).Append(r.Raw)
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	return w.appender.Append(ctx, batch)
}

func (w *rejectWriter) flush(ctx context.Context) error {
	if w.appender == nil {
		return nil
	}
	return w.appender.Flush(ctx)
}

func (w *rejectWriter) close() {
	if w.appender != nil {
		w.appender.Close()
		w.appender = nil
	}
}

// quarantine copies a table of staged rejects into headgate_quarantine, in
// order, and gives each an id.
func quarantine(ctx context.Context, c *duck.Conn, u connector.Unit, runID, table string) error {
	return c.Exec(ctx, "insert into "+quarantineTable+
		" select (select coalesce(max(id), 0) from "+quarantineTable+") + row_number() over (order by rowid), "+
		duck.QuoteLiteral(u.Project)+", "+duck.QuoteLiteral(u.Environment)+", "+duck.QuoteLiteral(u.Pipeline)+
		", stream, "+duck.QuoteLiteral(runID)+", now(), origin, line, annotated, reasons::json, raw, raw_bytes from "+own(table))
}
