package duckdb

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// staging is a unit's staging area. Rows and rejects gather in a transaction
// that begins with the first of them and ends with Commit.
type staging struct {
	dest    *Destination
	spec    connector.StagingSpec
	prefix  string
	conn    *duck.Conn
	tables  map[string]*stagedTable // by stream
	active  *stagedTable            // whose inserter may hold the connection
	rejects rejectWriter
	resumed *connector.Checkpoint
}

// stagedTable is a stream's staging table.
type stagedTable struct {
	name     string
	columns  []connector.Column
	threads  int            // that may insert side by side
	ordered  bool           // the order of the rows to come is theirs: one thread inserts
	inserter *duck.Inserter // nil until the first Append, and after Evolve
}

// OpenStaging opens or takes up a unit's staging area.
func (d *Destination) OpenStaging(ctx context.Context, spec connector.StagingSpec) (connector.Staging, error) {
	s := &staging{dest: d, spec: spec, prefix: stagingPrefix(spec.Unit), tables: map[string]*stagedTable{}}
	s.rejects.table = s.prefix + "rejects"
	err := d.change(ctx, "opening the staging area", func(ctx context.Context, c *duck.Conn) error {
		if err := d.inst.makeRoom(ctx, c, spec.Streams); err != nil {
			return err
		}
		for stream := range spec.Streams {
			s.tables[stream] = &stagedTable{name: s.prefix + digest(stream), threads: d.threadsFor(spec.Streams[stream])}
		}
		if spec.Resume {
			found, err := s.takeUp(ctx, c)
			if err != nil || found {
				return err
			}
		}
		return s.create(ctx, c)
	})
	if err != nil {
		return nil, err
	}
	if s.conn, err = d.inst.db.Connect(); err != nil {
		return nil, wrap(d.spec.Address, "opening the staging area", err)
	}
	return s, nil
}

// manyColumns is how many columns make a table too wide for threads side by side:
// each holds memory for every column that cannot be spilled.
const manyColumns = 256

// threadsFor is how many threads may insert a stream's rows.
func (d *Destination) threadsFor(t connector.Table) int {
	if len(t.Columns) > manyColumns {
		return 1
	}
	return d.inst.threads
}

// takeUp looks for what a killed run of the same definition committed.
func (s *staging) takeUp(ctx context.Context, c *duck.Conn) (bool, error) {
	rows, err := c.Texts(ctx, "select bookmark, progress from "+stagingTable+" where committed and definition = "+
		duck.QuoteLiteral(s.spec.Definition)+" and "+unitWhere(s.spec.Unit))
	if err != nil || len(rows) == 0 {
		return false, err
	}
	for _, t := range s.tables {
		if t.columns, err = tableColumns(ctx, c, t.name); err != nil || t.columns == nil {
			return false, err
		}
	}
	s.resumed = &connector.Checkpoint{Bookmark: rawJSON(rows[0][0]), Progress: rawJSON(rows[0][1])}
	return true, nil
}

func rawJSON(s *string) json.RawMessage {
	if s == nil {
		return nil
	}
	return json.RawMessage(*s)
}

// create makes the staging area anew.
func (s *staging) create(ctx context.Context, c *duck.Conn) error {
	if err := s.drop(ctx, c); err != nil {
		return err
	}
	for _, stream := range slices.Sorted(maps.Keys(s.tables)) {
		t := s.tables[stream]
		t.columns = s.spec.Streams[stream].Columns
		if err := createTable(ctx, c, t.name, t.columns); err != nil {
			return err
		}
	}
	if err := c.Exec(ctx, "create table "+own(s.rejects.table)+" "+rejectColumns); err != nil {
		return err
	}
	return c.Exec(ctx, "insert into "+stagingTable+" values ("+unitValues(s.spec.Unit)+", "+
		values(s.prefix, s.spec.RunID, s.spec.Definition)+", false, null, null, now())")
}

// drop drops every table of the unit's staging area and its row.
func (s *staging) drop(ctx context.Context, c *duck.Conn) error {
	rows, err := c.Texts(ctx, "select table_name from duckdb_tables() where database_name = current_database() and schema_name = "+
		duck.QuoteLiteral(ownSchema)+" and starts_with(table_name, "+duck.QuoteLiteral(s.prefix)+") order by table_name")
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := c.Exec(ctx, "drop table "+own(text(row[0]))); err != nil {
			return err
		}
	}
	return c.Exec(ctx, "delete from "+stagingTable+" where "+unitWhere(s.spec.Unit))
}

// Resumed returns the checkpoint that was taken up, or nil.
func (s *staging) Resumed() *connector.Checkpoint { return s.resumed }

// begin makes sure that a transaction is open.
func (s *staging) begin(ctx context.Context) error {
	if s.conn.InTx() {
		return nil
	}
	return s.conn.Begin(ctx)
}

// stream returns a stream's table.
func (s *staging) stream(name string) (*stagedTable, error) {
	t, ok := s.tables[name]
	if !ok {
		return nil, diag.Bug("duckdb.staging", "the stream %q is not in the staging area of %s", name, s.spec.Unit.Pipeline)
	}
	return t, nil
}

// Append adds rows to a stream's staging table. A merge takes the order of rows of
// the same key for theirs: from the first batch on in which a key may stand again,
// one thread inserts, behind everything that was there before.
func (s *staging) Append(ctx context.Context, stream string, rows arrow.RecordBatch, distinct bool) error {
	t, err := s.stream(stream)
	if err != nil {
		return err
	}
	if s.spec.Streams[stream].Write == "merge" && !distinct && !t.ordered {
		if err := s.keepOrder(ctx, t); err != nil {
			return wrap(stream, "staging rows", err)
		}
	}
	if err := s.dest.inst.makeRoomFor(ctx, rowBytes(rows)); err != nil {
		return wrap(stream, "staging rows", err)
	}
	if err := s.turnTo(ctx, t); err != nil {
		return wrap(stream, "staging rows", err)
	}
	ordered, err := t.inOrder(rows)
	if err != nil {
		return err
	}
	return wrap(stream, "staging rows", t.inserter.Append(ctx, ordered))
}

// keepOrder makes the rows to come stand in the table in their order.
func (s *staging) keepOrder(ctx context.Context, t *stagedTable) error {
	t.ordered = true
	if t.inserter == nil {
		return nil
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	t.inserter.Close()
	t.inserter = nil
	return nil
}

// rowBytes is how many bytes a row of the batch takes, on average.
func rowBytes(rows arrow.RecordBatch) int64 {
	var size uint64
	for _, c := range rows.Columns() {
		size += c.Data().SizeInBytes()
	}
	return int64(size) / max(rows.NumRows(), 1)
}

// turnTo gives the connection to a table's inserter, in an open transaction.
func (s *staging) turnTo(ctx context.Context, t *stagedTable) (err error) {
	if s.active != t {
		if err := s.settle(ctx); err != nil {
			return err
		}
		if err := s.begin(ctx); err != nil {
			return err
		}
		if t.inserter == nil {
			threads := t.threads
			if t.ordered {
				threads = 1
			}
			if t.inserter, err = s.conn.Inserter(ctx, ownSchema, t.name, threads); err != nil {
				return err
			}
		}
		s.active = t
	}
	return nil
}

// settle takes the connection back from the inserter that has it.
func (s *staging) settle(ctx context.Context) error {
	if s.active == nil {
		return nil
	}
	t := s.active
	s.active = nil
	return t.inserter.Flush(ctx)
}

// inOrder returns the batch with the table's columns in the table's order.
func (t *stagedTable) inOrder(rows arrow.RecordBatch) (arrow.RecordBatch, error) {
	same := int(rows.NumCols()) == len(t.columns)
	for i := 0; same && i < len(t.columns); i++ {
		same = rows.ColumnName(i) == t.columns[i].Name
	}
	if same {
		return rows, nil
	}
	if int(rows.NumCols()) != len(t.columns) {
		return nil, diag.Bug("duckdb.staging", "a batch of %d columns for a table of %d", rows.NumCols(), len(t.columns))
	}
	out := reordered{RecordBatch: rows}
	for _, c := range t.columns {
		at := rows.Schema().FieldIndices(c.Name)
		if len(at) != 1 {
			return nil, diag.Bug("duckdb.staging", "the batch does not have exactly one column %q", c.Name)
		}
		out.order = append(out.order, at[0])
	}
	return out, nil
}

// reordered shows a batch's columns in another order.
type reordered struct {
	arrow.RecordBatch
	order []int
}

// Column returns column i of the new order.
func (r reordered) Column(i int) arrow.Array { return r.RecordBatch.Column(r.order[i]) }

// ColumnName returns the name of column i of the new order.
func (r reordered) ColumnName(i int) string { return r.RecordBatch.ColumnName(r.order[i]) }

// Reject adds rejects.
func (s *staging) Reject(ctx context.Context, rejects []connector.Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	if s.rejects.wants(len(rejects)) {
		if err := s.settle(ctx); err != nil {
			return wrap(s.spec.Unit.Pipeline, "staging rows", err)
		}
		if err := s.begin(ctx); err != nil {
			return wrap(s.spec.Unit.Pipeline, "staging rejects", err)
		}
	}
	return wrap(s.spec.Unit.Pipeline, "staging rejects", s.rejects.write(ctx, s.conn, rejects))
}

// Evolve adds columns to a stream's staging table; those that are there stay as
// they are.
func (s *staging) Evolve(ctx context.Context, stream string, add []connector.Column) error {
	t, err := s.stream(stream)
	if err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return wrap(stream, "staging rows", err)
	}
	if err := s.begin(ctx); err != nil {
		return wrap(stream, "adding columns", err)
	}
	if t.inserter != nil {
		t.inserter.Close()
		t.inserter = nil
	}
	for _, col := range add {
		if slices.ContainsFunc(t.columns, func(c connector.Column) bool { return c.Name == col.Name }) {
			continue
		}
		if err := s.conn.Exec(ctx, "alter table "+own(t.name)+" add column "+columnDDL(col)); err != nil {
			return wrap(stream, "adding columns", err)
		}
		t.columns = append(slices.Clip(t.columns), col)
	}
	return nil
}

// Commit makes everything since the last Commit durable, and reads the
// checkpoint back.
func (s *staging) Commit(ctx context.Context, cp connector.Checkpoint) error {
	err := s.commit(ctx, cp)
	if err != nil {
		s.abandon()
	}
	return wrap(s.spec.Unit.Pipeline, "committing a batch", err)
}

func (s *staging) commit(ctx context.Context, cp connector.Checkpoint) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	where := " where " + unitWhere(s.spec.Unit)
	if err := s.conn.Exec(ctx, "update "+stagingTable+" set committed = true, run_id = "+duck.QuoteNullable(s.spec.RunID)+
		", bookmark = "+duck.QuoteNullable(string(cp.Bookmark))+", progress = "+duck.QuoteNullable(string(cp.Progress))+
		", updated_at = now()"+where); err != nil {
		return err
	}
	if err := s.conn.Commit(ctx); err != nil {
		return err
	}
	duck.Trim()
	rows, err := s.conn.Texts(ctx, "select bookmark from "+stagingTable+where)
	if err != nil {
		return err
	}
	if len(rows) != 1 || text(rows[0][0]) != string(cp.Bookmark) {
		return unbelieved(s.spec.Unit)
	}
	return nil
}

// unbelieved is the fault of a commit that reports success and wrote nothing.
func unbelieved(u connector.Unit) error {
	return diag.Errorf(diag.DuckDBUnbelieved, "A commit succeeded, but what it wrote is not there",
		"The bookmark of %s is not the one that was written. Apply again.", u.Pipeline).For(u.Pipeline)
}

// flush brings every row and reject into its table and frees the connection.
func (s *staging) flush(ctx context.Context) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	return s.rejects.flush(ctx)
}

// abandon gives up what was not committed.
func (s *staging) abandon() {
	s.active = nil
	for _, t := range s.tables {
		if t.inserter != nil {
			t.inserter.Close()
			t.inserter = nil
		}
	}
	s.rejects.close()
	s.conn.Rollback()
}

// Checksum reads a stream's staged rows back, those not yet committed included.
func (s *staging) Checksum(ctx context.Context, stream string) (connector.Checksum, error) {
	t, err := s.stream(stream)
	if err != nil {
		return connector.Checksum{}, err
	}
	if err := s.flush(ctx); err != nil {
		return connector.Checksum{}, wrap(stream, "reading staged rows back", err)
	}
	sum, err := s.dest.inst.sums.table(ctx, s.conn, t.name)
	return sum, wrap(stream, "reading staged rows back", err)
}

// Discard drops the staging area.
func (s *staging) Discard(ctx context.Context) error {
	s.abandon()
	return s.dest.change(ctx, "dropping the staging area", s.drop)
}

// Close leaves the staging area as it was committed; a second call does nothing.
func (s *staging) Close() error {
	s.abandon()
	s.conn.Close()
	return nil
}
