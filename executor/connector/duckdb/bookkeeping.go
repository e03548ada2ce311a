package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// columnType reads a type as DuckDB prints it, Invalid where the language has none.
func columnType(native string) types.Type {
	t, ok := types.FromDuckDB(native)
	if !ok {
		return types.Type{}
	}
	return t
}

// Bookmark returns a unit's bookmark, nil where there is none.
func (d *Destination) Bookmark(ctx context.Context, u connector.Unit) (json.RawMessage, error) {
	var out json.RawMessage
	err := d.read(ctx, "reading the bookmark", func(ctx context.Context, c *duck.Conn) error {
		var err error
		out, err = readBookmark(ctx, c, u)
		return err
	})
	return out, err
}

func readBookmark(ctx context.Context, c *duck.Conn, u connector.Unit) (json.RawMessage, error) {
	rows, err := c.Texts(ctx, "select bookmark from "+bookmarkTable+" where "+unitWhere(u))
	if err != nil || len(rows) == 0 || rows[0][0] == nil {
		return nil, err
	}
	return json.RawMessage(*rows[0][0]), nil
}

// writeBookmark puts a unit's bookmark in the place of the one before.
func writeBookmark(ctx context.Context, c *duck.Conn, u connector.Unit, runID string, bookmark json.RawMessage) error {
	if err := c.Exec(ctx, "delete from "+bookmarkTable+" where "+unitWhere(u)); err != nil || bookmark == nil {
		return err
	}
	return c.Exec(ctx, "insert into "+bookmarkTable+" values ("+unitValues(u)+", "+
		duck.QuoteLiteral(string(bookmark))+", "+duck.QuoteNullable(runID)+", now())")
}

// checkFence refuses a token lower than the greatest one seen for its key, and
// remembers a greater one. An empty key is not checked.
func checkFence(ctx context.Context, c *duck.Conn, f connector.Fence) error {
	if f.Key == "" {
		return nil
	}
	where := " where kind = " + duck.QuoteLiteral(metaFence) + " and name = " + duck.QuoteLiteral(f.Key)
	rows, err := c.Texts(ctx, "select value from "+metaTable+where)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return c.Exec(ctx, "insert into "+metaTable+" (kind, name, value, updated_at) values ("+
			values(metaFence, f.Key, strconv.FormatInt(f.Token, 10))+", now())")
	}
	seen, err := strconv.ParseInt(text(rows[0][0]), 10, 64)
	if err != nil {
		return diag.Bug("duckdb.checkFence", "the fence of %q holds %q", f.Key, text(rows[0][0]))
	}
	switch {
	case f.Token < seen:
		return diag.Errorf(diag.DuckDBFenced, "Another run has taken over the work",
			"The lease on %s was lost: this run holds its number %d, number %d has written already. Nothing was published. Apply again.", f.Key, f.Token, seen)
	case f.Token == seen:
		return nil
	}
	return c.Exec(ctx, "update "+metaTable+" set value = "+duck.QuoteLiteral(strconv.FormatInt(f.Token, 10))+", updated_at = now()"+where)
}

// RecordRun writes a row of headgate_runs outside a publication.
func (d *Destination) RecordRun(ctx context.Context, r connector.RunRecord) error {
	return d.change(ctx, "recording the run", func(ctx context.Context, c *duck.Conn) error {
		return writeRun(ctx, c, r)
	})
}

// writeRun writes a row of headgate_runs; a record without a run id writes none.
func writeRun(ctx context.Context, c *duck.Conn, r connector.RunRecord) error {
	if r.RunID == "" {
		return nil
	}
	return c.Exec(ctx, fmt.Sprintf("insert into %s values (%s, try_cast(%s as timestamptz), %s, %d, %d, %d, %s)", runTable,
		values(r.RunID, r.Project, r.Environment, r.Address, r.Status), duck.QuoteNullable(r.StartedAt),
		strconv.FormatFloat(r.Seconds, 'f', -1, 64), r.Read, r.Loaded, r.Quarantined, duck.QuoteNullable(r.Error)))
}

// Quarantined reads quarantine rows, newest first.
func (d *Destination) Quarantined(ctx context.Context, q connector.QuarantineQuery) ([]connector.QuarantineRow, error) {
	sql := `select id::varchar, stream, run_id, strftime(quarantined_at, '%Y-%m-%dT%H:%M:%S.%fZ'), origin, line::varchar,
		annotated::varchar, reasons::varchar, coalesce(raw, ''), raw_bytes from ` + quarantineTable + " where true"
	for _, f := range [][2]string{{"project", q.Project}, {"environment", q.Environment}, {"stream", q.Stream}, {"run_id", q.RunID}} {
		if f[1] != "" {
			sql += " and " + f[0] + " = " + duck.QuoteLiteral(f[1])
		}
	}
	if q.ID != 0 {
		sql += " and id = " + strconv.FormatInt(q.ID, 10)
	}
	sql += " order by id desc"
	if q.Limit > 0 {
		sql += " limit " + strconv.Itoa(q.Limit)
	}
	var out []connector.QuarantineRow
	err := d.read(ctx, "reading the quarantine", func(ctx context.Context, c *duck.Conn) error {
		rows, err := c.Texts(ctx, sql)
		for _, row := range rows {
			r, err := quarantineRow(row)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return err
	})
	return out, err
}

func quarantineRow(row []*string) (connector.QuarantineRow, error) {
	r := connector.QuarantineRow{
		Stream: text(row[1]), RunID: text(row[2]), At: text(row[3]), Origin: text(row[4]),
		Annotated: text(row[6]) == "true", Raw: text(row[8]),
	}
	if row[9] != nil {
		r.Raw = *row[9]
	}
	r.ID, _ = strconv.ParseInt(text(row[0]), 10, 64)   // a BIGINT, printed by DuckDB
	r.Line, _ = strconv.ParseInt(text(row[5]), 10, 64) // 0 for null
	if reasons := text(row[7]); strings.TrimSpace(reasons) != "" {
		if err := json.Unmarshal([]byte(reasons), &r.Reasons); err != nil {
			return r, diag.Errorf(diag.DuckDBFailed, "DuckDB refused the work", "Quarantine row %d holds reasons that are not headgate's: %s.", r.ID, err)
		}
	}
	return r, nil
}
