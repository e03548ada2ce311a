package duckdb

import (
	"context"
	"maps"
	"slices"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// errAudit ends the transaction of a publication whose audits failed.
type errAudit struct{}

// Error says that an audit failed.
func (errAudit) Error() string { return "an audit failed" }

// Publish merges every stream's staged rows into its table, audits them and
// moves the bookmark, in one transaction. Rows that were not committed are given
// up.
func (s *staging) Publish(ctx context.Context, req connector.PublishRequest) (connector.PublishResult, error) {
	s.abandon()
	res := connector.PublishResult{Tables: map[string]connector.TableDiff{}, Audits: map[string][]connector.AuditResult{}}
	var bookmark *string
	s.dest.inst.write.Lock()
	defer s.dest.inst.write.Unlock()
	err := s.dest.inst.tx(ctx, s.conn, func() error {
		var err error
		bookmark, err = s.publish(ctx, s.conn, req, &res)
		return err
	})
	if _, failed := err.(errAudit); failed {
		return res, nil
	}
	if err != nil {
		return res, wrap(s.spec.Unit.Pipeline, "publishing", err)
	}
	if bookmark != nil {
		// It is published: a ctx that is cancelled now must not make that a failure.
		have, err := readBookmark(context.WithoutCancel(ctx), s.conn, s.spec.Unit)
		if err != nil {
			return res, wrap(s.spec.Unit.Pipeline, "publishing", err)
		}
		if string(have) != *bookmark {
			return res, unbelieved(s.spec.Unit)
		}
	}
	res.Published = true
	return res, nil
}

// publish is the body of Publish's transaction. It returns the bookmark that it
// wrote, nil where the staging area was never committed.
func (s *staging) publish(ctx context.Context, c *duck.Conn, req connector.PublishRequest, res *connector.PublishResult) (*string, error) {
	if err := checkFence(ctx, c, req.Fence); err != nil {
		return nil, err
	}
	w := publishing{conn: c, staging: s, req: req, res: res, rejects: &rejectWriter{table: s.rejects.table}}
	defer w.rejects.close()
	if err := w.mergeAndAudit(ctx); err != nil {
		return nil, err
	}
	if err := w.rejects.flush(ctx); err != nil {
		return nil, err
	}
	w.rejects.close()
	if err := quarantine(ctx, c, s.spec.Unit, s.spec.RunID, s.rejects.table); err != nil {
		return nil, err
	}
	rows, err := c.Texts(ctx, "select bookmark from "+stagingTable+" where committed and "+unitWhere(s.spec.Unit))
	if err != nil {
		return nil, err
	}
	var bookmark *string
	if len(rows) > 0 && rows[0][0] != nil {
		bookmark = rows[0][0]
		if err := writeBookmark(ctx, c, s.spec.Unit, s.spec.RunID, []byte(*bookmark)); err != nil {
			return nil, err
		}
	}
	if err := writeRun(ctx, c, w.run()); err != nil {
		return nil, err
	}
	if err := publishViews(ctx, c, req.Views); err != nil {
		return nil, err
	}
	return bookmark, s.drop(ctx, c)
}

// publishStream brings a stream's staged rows into its build. fresh is where the
// rows that were staged stand afterwards, as SQL. distinct says that no two of them
// have the same key.
//
// settle is called with the name of the table that holds the staged rows, once they
// are those that would be merged, and with the build's name, or "" where it holds no
// rows that stay. It may take some of the staged rows out.
//
// A staging table that becomes the build gets its name before rows are taken out of
// it. DuckDB cannot read the log of a transaction that takes rows out of a table and
// then renames it: a process that is killed before the next checkpoint would leave a
// database that does not open, or that lost the publication without a word.
func publishStream(ctx context.Context, c *duck.Conn, st *stagedTable, t *connector.Table, distinct bool, settle func(staged, target string) error) (diff connector.TableDiff, fresh string, err error) {
	build := buildName(t.Relation)
	have, err := tableColumns(ctx, c, build)
	if err != nil {
		return diff, "", err
	}
	if have == nil && !t.Fresh {
		return diff, "", missing(t.Relation)
	}
	if t.Write == "merge" && len(t.Key) == 0 {
		return diff, "", diag.Bug("duckdb.publishStream", "%s is merged without a key", t.Address)
	}
	empty, err := isEmpty(ctx, c, build, have)
	if err != nil {
		return diff, "", err
	}
	staged, target, before := st.name, build, ""
	adopted := t.Write == "replace" || empty && (have == nil || sameColumns(have, st.columns))
	if empty || t.Write == "replace" {
		target = ""
	}
	if adopted {
		staged = build
		if before, err = adopt(ctx, c, st, t, build, have); err != nil {
			return diff, "", err
		}
	}
	if t.Write == "merge" && !distinct {
		if err := dedupe(ctx, c, staged, t.Key, t.Cursor); err != nil {
			return diff, "", err
		}
	}
	if err := settle(staged, target); err != nil {
		return diff, "", err
	}
	switch {
	case t.Write == "replace":
		diff, err = compareTables(ctx, c, build, before, t.Key)
	case !adopted:
		diff, err = addRows(ctx, c, st, t, build, have)
	}
	if err == nil && before == build+replaced {
		err = c.Exec(ctx, "drop table "+own(before))
	}
	if err != nil {
		return diff, "", err
	}
	if t.Fresh {
		if err := retirePrevious(ctx, c, t.Relation, t.Previous, t.KeepPrevious); err != nil {
			return diff, "", err
		}
	}
	if diff.Rows, err = c.Int(ctx, "select count(*) from "+own(build)); err != nil {
		return diff, "", err
	}
	if adopted && t.Write != "replace" {
		diff.Inserted = diff.Rows
	}
	return diff, own(staged), recordBuild(ctx, c, build, true)
}

func isEmpty(ctx context.Context, c *duck.Conn, table string, columns []connector.Column) (bool, error) {
	if columns == nil {
		return true, nil
	}
	n, err := c.Int(ctx, "select count(*) from (select 1 from "+own(table)+" limit 1)")
	return n == 0, err
}

func sameColumns(a, b []connector.Column) bool {
	return slices.EqualFunc(a, b, func(x, y connector.Column) bool { return x.Name == y.Name && x.Type.Equal(y.Type) })
}

// replaced stands behind the name of a build while another takes its place.
const replaced = "__replaced"

// adopt makes the staging table the build: nothing is copied. It returns the table
// whose place it takes, "" where there is none: under another name where it had the
// same.
func adopt(ctx context.Context, c *duck.Conn, st *stagedTable, t *connector.Table, build string, have []connector.Column) (string, error) {
	previous := t.Relation
	if t.Previous != "" {
		previous.Build = t.Previous
	}
	before := buildName(previous)
	switch {
	case have == nil && before == build:
		before = ""
	case have == nil:
	case before == build && t.Write == "replace":
		before += replaced
		if err := c.Exec(ctx, "alter table "+own(build)+" rename to "+duck.QuoteIdent(before)); err != nil {
			return "", err
		}
	default:
		if err := c.Exec(ctx, "drop table "+own(build)); err != nil {
			return "", err
		}
	}
	return before, c.Exec(ctx, "alter table "+own(st.name)+" rename to "+duck.QuoteIdent(build))
}

// addRows appends or merges the staged rows into a build that stays. Columns that
// the build lacks (unknown_columns = "evolve") are added to it.
func addRows(ctx context.Context, c *duck.Conn, st *stagedTable, t *connector.Table, build string, have []connector.Column) (connector.TableDiff, error) {
	for _, col := range st.columns {
		if !hasAll(have, []string{col.Name}) {
			if err := c.Exec(ctx, "alter table "+own(build)+" add column "+columnDDL(col)); err != nil {
				return connector.TableDiff{}, err
			}
		}
	}
	columns := columnNames(st.columns)
	if t.Write == "merge" {
		hidden := slices.DeleteFunc(columnNames(have), func(name string) bool { return slices.Contains(columns, name) })
		return mergeInto(ctx, c, st.name, build, t, columns, hidden)
	}
	list := duck.QuoteIdents("", columns)
	if err := c.Work(ctx, "insert into "+own(build)+" ("+list+") select "+list+" from "+own(st.name)); err != nil {
		return connector.TableDiff{}, err
	}
	n, err := c.Int(ctx, "select count(*) from "+own(st.name))
	return connector.TableDiff{Inserted: n}, err
}

// publishing is one try of a publication, inside its transaction.
type publishing struct {
	conn    *duck.Conn
	staging *staging
	req     connector.PublishRequest
	res     *connector.PublishResult
	rejects *rejectWriter // into the staged rejects
}

// order lists the streams: those that the request names, then the others.
func (p *publishing) order() []string {
	var out []string
	for _, stream := range slices.Concat(p.req.Order, slices.Sorted(maps.Keys(p.staging.tables))) {
		if p.staging.tables[stream] != nil && !slices.Contains(out, stream) {
			out = append(out, stream)
		}
	}
	return out
}

// mergeAndAudit merges every stream into its table, without the rows that audits
// take out before, and audits the tables as they will be.
func (p *publishing) mergeAndAudit(ctx context.Context) error {
	p.res.OverLimit = false
	builds, fresh, removed := map[string]string{}, map[string]string{}, map[string][]connector.AuditResult{}
	for _, stream := range p.order() {
		table, st := p.staging.spec.Streams[stream], p.staging.tables[stream]
		builds[stream] = own(buildName(table.Relation))
		others := auditor{builds: builds}
		diff, newRows, err := publishStream(ctx, p.conn, st, &table, p.req.Distinct[stream], func(staged, target string) (err error) {
			s := settler{conn: p.conn, staged: staged, target: target, table: &table, other: others.other, rejects: p.rejects, stream: stream}
			removed[stream], err = s.run(ctx, p.req.Audits[stream])
			return err
		})
		if err != nil {
			return err
		}
		p.res.Tables[stream], fresh[stream] = diff, newRows
		duck.Trim()
	}
	failed := false
	for _, stream := range p.order() {
		a := auditor{conn: p.conn, this: builds[stream], fresh: fresh[stream], stream: stream, builds: builds}
		found, bad, err := a.run(ctx, p.req.Audits[stream])
		if err != nil {
			return err
		}
		p.res.Audits[stream] = append(removed[stream], found...)
		limit, limited := p.req.MayRemove[stream]
		p.res.OverLimit = p.res.OverLimit || limited && removedRows(removed[stream]) > limit
		failed = failed || bad
	}
	if failed || p.res.OverLimit {
		return errAudit{}
	}
	return nil
}

// run is the run's record, with the rows that audits took out.
func (p *publishing) run() connector.RunRecord {
	run := p.req.Run
	for _, found := range p.res.Audits {
		for _, r := range found {
			switch {
			case r.Removed:
				run.Loaded -= r.Rows
				if r.Quarantined {
					run.Quarantined += r.Rows
				}
			case r.Rows == 0:
				continue
			}
			if run.Status == "success" {
				run.Status = "warning"
			}
		}
	}
	return run
}

func removedRows(found []connector.AuditResult) int64 {
	var n int64
	for _, r := range found {
		if r.Removed {
			n += r.Rows
		}
	}
	return n
}
