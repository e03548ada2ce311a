package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// Counter is a database that is opened for reading alone. See connector.Counter.
type Counter struct {
	spec    Spec
	db      *duck.DB
	conn    *duck.Conn
	spill   string
	threads int
}

var _ connector.Counter = (*Counter)(nil)

// sampleSeed makes a sample the same rows each time.
const sampleSeed = 20260101

// OpenCounter opens the database for reading. The file must be there; a process
// that writes to it is waited for as Open does. The database is opened without
// access to any other file.
func OpenCounter(ctx context.Context, spec Spec) (*Counter, error) {
	path, err := filepath.Abs(spec.Path)
	if err != nil {
		return nil, openFault(spec, err)
	}
	if _, err := os.Stat(path); err != nil || spec.Path == ":memory:" {
		return nil, diag.Errorf(diag.ImpactNoTable, "The table is not there to be looked at", "There is no database at %s yet.", spec.Path).For(spec.Address)
	}
	c := &Counter{spec: spec, threads: max(spec.Threads, 0)}
	if c.spill, err = os.MkdirTemp("", "headgate-count-"); err != nil {
		return nil, openFault(spec, err)
	}
	if c.threads == 0 {
		c.threads = defaultThreads()
	}
	limit := spec.MemoryLimit
	if limit == "" {
		limit = DefaultMemoryLimit
	}
	c.db, err = openReading(ctx, spec, path, map[string]string{
		"access_mode": "READ_ONLY", "memory_limit": limit, "threads": strconv.Itoa(c.threads), "temp_directory": c.spill, "preserve_insertion_order": "true",
		"autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
	})
	if err == nil {
		c.conn, err = c.db.Connect()
	}
	if err == nil { // after the folder for what does not fit into memory is set, which is outside as well
		err = wrap(spec.Address, "opening "+spec.Path, c.conn.Exec(ctx, "set global enable_external_access = false"))
	}
	if err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

// openReading opens a database, waiting for another process to let it go.
func openReading(ctx context.Context, spec Spec, path string, settings map[string]string) (*duck.DB, error) {
	for deadline := time.Now().Add(spec.LockTimeout); ; {
		db, err := duck.Open(path, settings)
		if outOfMemory(err) && spec.MemoryLimit == "" && settings["memory_limit"] == DefaultMemoryLimit { // its log is greater than the limit
			settings["memory_limit"] = lastLimit
			continue
		}
		if err == nil {
			return db, nil
		}
		program, pid, held := duck.LockHolder(err)
		if !held {
			return nil, openFault(spec, err)
		}
		if time.Now().After(deadline) {
			return nil, lockFault(spec, program, pid)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// Close gives the database back.
func (c *Counter) Close() error {
	c.release()
	return nil
}

func (c *Counter) release() {
	if c.conn != nil {
		c.conn.Close()
	}
	if c.db != nil {
		c.db.Close()
	}
	_ = os.RemoveAll(c.spill) // holds nothing that outlives the process
}

// Columns describes what is published under a name.
func (c *Counter) Columns(ctx context.Context, r connector.Relation) ([]connector.Column, error) {
	there, err := relationExists(ctx, c.conn, schemaOf(r), r.Name)
	if err != nil {
		return nil, wrap(c.spec.Address, "looking for "+display(r), err)
	}
	if !there {
		return nil, connector.ErrNoRelation
	}
	rows, err := c.conn.Texts(ctx, "select column_name, column_type from (describe "+published(r)+")")
	if err != nil {
		return nil, wrap(c.spec.Address, "describing "+display(r), err)
	}
	out := make([]connector.Column, len(rows))
	for i, row := range rows {
		out[i] = connector.Column{Name: text(row[0]), Type: columnType(text(row[1])), Nullable: true}
	}
	return out, nil
}

// source is a relation or a sample of it, as SQL, with its rows. A sample is the
// same rows each time as long as one thread takes it.
func (c *Counter) source(ctx context.Context, r connector.Relation, s connector.Sampling) (sql string, rows int64, sampled bool, err error) {
	if rows, err = c.conn.Int(ctx, "select count(*) from "+published(r)); err != nil {
		return "", 0, false, err
	}
	if s.Limit <= 0 || rows <= s.Limit || s.Size <= 0 || s.Size >= rows {
		return published(r), rows, false, nil
	}
	if err := c.conn.Exec(ctx, "set global threads = 1"); err != nil {
		return "", 0, false, err
	}
	percent := strconv.FormatFloat(100*float64(s.Size)/float64(rows), 'f', 12, 64)
	return fmt.Sprintf("(select * from %s using sample bernoulli(%s percent) repeatable (%d))", published(r), percent, sampleSeed), rows, true, nil
}

// sampledAll puts the threads back that source took away.
func (c *Counter) sampledAll(ctx context.Context, sampled bool) {
	if sampled { // should it fail, one thread goes on: nothing is lost by it
		_ = c.conn.Exec(context.WithoutCancel(ctx), "set global threads = "+strconv.Itoa(c.threads))
	}
}

// Count holds every row, or a sample, to conditions in one pass.
func (c *Counter) Count(ctx context.Context, req connector.CountRequest) (out connector.CountResult, err error) {
	from, rows, sampled, err := c.source(ctx, req.Relation, req.Sampling)
	defer c.sampledAll(ctx, sampled)
	if err != nil {
		return out, wrap(c.spec.Address, "counting "+display(req.Relation), err)
	}
	if len(req.Conditions) == 0 {
		return connector.CountResult{Rows: rows, Each: []int64{}}, nil
	}
	var inner, sums, faults []string
	for i, k := range req.Conditions {
		name := "r" + itoa(i)
		inner = append(inner, "("+k.SQL+") as "+name)
		sums = append(sums, "count(*) filter (where "+name+")")
		if !k.Warning {
			faults = append(faults, name)
		}
	}
	faulty := "false"
	if len(faults) > 0 {
		faulty = strings.Join(faults, " or ")
	}
	counts, err := c.conn.Ints(ctx, "select count(*), count(*) filter (where "+faulty+"), "+strings.Join(sums, ", ")+
		" from (select "+strings.Join(inner, ", ")+" from "+from+" t)")
	if err != nil {
		return out, wrap(c.spec.Address, "counting "+display(req.Relation), err)
	}
	if sampled && counts[0] == 0 { // nothing can be said of an empty sample
		req.Sampling = connector.Sampling{}
		return c.Count(ctx, req)
	}
	out = connector.CountResult{Rows: rows, Any: counts[1], Each: counts[2:]}
	if sampled {
		out.Sampled = counts[0]
	}
	if out.Any > 0 && req.Examples > 0 {
		out.Examples, err = c.examples(ctx, req, from)
	}
	return out, wrap(c.spec.Address, "reading rows of "+display(req.Relation), err)
}

// examples are the first rows at fault.
func (c *Counter) examples(ctx context.Context, req connector.CountRequest, from string) ([]connector.CountExample, error) {
	row := "null"
	if len(req.Show) > 0 {
		fields := make([]string, len(req.Show))
		for i, s := range req.Show {
			value := "t." + duck.QuoteIdent(s.Name)
			if s.Mask {
				value = "case when " + value + " is not null then '***' end"
			}
			fields[i] = duck.QuoteLiteral(s.Name) + ": " + value
		}
		row = "{" + strings.Join(fields, ", ") + "}"
	}
	var names, faults []string
	for _, k := range req.Conditions {
		names = append(names, "case when "+k.SQL+" then "+duck.QuoteLiteral(k.Name)+" end")
		if !k.Warning {
			faults = append(faults, "("+k.SQL+")")
		}
	}
	texts, err := jsonRows(ctx, c.conn, "select "+row+` as "row", list_distinct([`+strings.Join(names, ", ")+`]) as "names" from `+from+" t where "+
		strings.Join(faults, " or ")+ordering(req.Order)+" limit "+itoa(req.Examples), false)
	if err != nil {
		return nil, err
	}
	var out []connector.CountExample
	for _, text := range texts {
		var parts struct {
			Row   json.RawMessage `json:"row"`
			Names []string        `json:"names"`
		}
		if err := json.Unmarshal([]byte(text), &parts); err != nil {
			return nil, diag.Bug("duckdb.Counter", "an example does not read: %v", err)
		}
		x := connector.CountExample{Names: inOrder(req.Conditions, parts.Names)}
		if len(req.Show) > 0 {
			x.Row = string(parts.Row)
		}
		out = append(out, x)
	}
	return out, nil
}

// inOrder sorts names as the conditions stand.
func inOrder(conditions []connector.Condition, names []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range names {
		seen[n] = true
	}
	for _, k := range conditions {
		if seen[k.Name] {
			out = append(out, k.Name)
			seen[k.Name] = false
		}
	}
	return out
}

func ordering(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return " order by " + duck.QuoteIdents("t.", columns)
}

// Rows hands rows over as records.
func (c *Counter) Rows(ctx context.Context, req connector.RowsRequest, yield func(*connector.Records) error) (rows, taken int64, err error) {
	from, rows, sampled, err := c.source(ctx, req.Relation, req.Sampling)
	defer c.sampledAll(ctx, sampled)
	if err != nil {
		return 0, 0, wrap(c.spec.Address, "counting "+display(req.Relation), err)
	}
	seen, err := c.yield(ctx, from, req, yield)
	switch {
	case err != nil:
		return 0, 0, wrap(c.spec.Address, "reading rows of "+display(req.Relation), err)
	case sampled && seen == 0: // nothing can be said of an empty sample
		req.Sampling = connector.Sampling{}
		return c.Rows(ctx, req, yield)
	case sampled:
		taken = seen
	}
	return rows, taken, nil
}

// yield hands over what a relation, or a sample of it, holds, and counts it.
func (c *Counter) yield(ctx context.Context, from string, req connector.RowsRequest, yield func(*connector.Records) error) (seen int64, err error) {
	list := duck.QuoteIdents("t.", req.Columns)
	if len(req.Columns) == 0 {
		list = "null as nothing"
	}
	rows, err := c.conn.Query(ctx, "select "+list+" from "+from+" t"+ordering(req.Order))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	err = yieldRows(rows, display(req.Relation), 0, req.BatchRows, func(r *connector.Records) error {
		r.Tabular = false // a null is a null
		seen += int64(r.Len())
		return yield(r)
	})
	if err == nil {
		err = rows.Err()
	}
	return seen, err
}

// Audit runs a promise over a whole relation as if all its rows were new.
func (c *Counter) Audit(ctx context.Context, r connector.Relation, audit connector.Audit, examples int) (connector.AuditResult, error) {
	out := connector.AuditResult{Rule: audit.Rule, Kind: audit.Kind, Column: audit.Column, Severity: audit.Severity}
	a := &auditor{conn: c.conn, this: published(r), fresh: published(r), stream: c.spec.Address}
	sql := a.sql(&audit)
	var err error
	if out.Rows, err = c.conn.Int(ctx, "select count(*) from ("+sql+")"); err != nil || out.Rows == 0 || examples == 0 {
		return out, wrap(c.spec.Address, "auditing "+audit.Rule, err)
	}
	out.Examples, err = jsonRows(ctx, c.conn, "select * from ("+sql+") order by all limit "+itoa(examples), audit.Mask)
	return out, wrap(c.spec.Address, "auditing "+audit.Rule, err)
}
