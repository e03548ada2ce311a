package duckdb

import (
	"context"
	"strings"
	"time"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// maxExamples is how many rows at fault an audit shows.
const maxExamples = 5

// removeBatch is how many rows at a time go from a build to quarantine.
const removeBatch = 10000

// auditor runs audits inside a publication's transaction.
type auditor struct {
	conn  *duck.Conn
	this  string // the table as it will be, as SQL
	fresh string // the rows being published, as SQL
	// rejects takes what audits remove and keep; its table is made when needed.
	rejects *rejectWriter
	stream  string // canonical address of what is audited, for rejects
	table   string // the name of this, for audits that remove rows
	// builds are the tables by the address that this publication fills them for.
	builds map[string]string
}

// run runs the audits in order and returns what they found. failed says whether
// one of severity error found something that it did not remove.
func (a *auditor) run(ctx context.Context, audits []connector.Audit) (found []connector.AuditResult, failed bool, err error) {
	settled := false
	for i := range audits {
		audit := &audits[i]
		if audit.Set != nil && audit.Remove {
			if settled || a.table == "" { // a stream's were settled before its rows were merged
				continue
			}
			settled = true
			s := settler{conn: a.conn, staged: a.table, table: &connector.Table{Write: "replace"}, other: a.other, rejects: a.rejects, stream: a.stream}
			results, err := s.run(ctx, audits)
			if err != nil {
				return nil, false, err
			}
			found = append(found, results...)
			continue
		}
		r, err := a.audit(ctx, audit)
		if err != nil {
			return nil, false, auditFault(a.stream, audit, err)
		}
		failed = failed || (r.Rows > 0 && audit.Severity == "error" && !audit.Remove)
		found = append(found, r)
	}
	return found, failed, nil
}

// auditFault names the audit that DuckDB refused. Want of memory passes as it is:
// it is worth a second try.
func auditFault(stream string, audit *connector.Audit, err error) error {
	if outOfMemory(err) {
		return err
	}
	return wrap(stream, "auditing "+audit.Rule, err)
}

// audit runs one audit and takes out what it says to remove.
func (a *auditor) audit(ctx context.Context, audit *connector.Audit) (connector.AuditResult, error) {
	began := time.Now()
	r := connector.AuditResult{Rule: audit.Rule, Kind: audit.Kind, Column: audit.Column, Severity: audit.Severity}
	kept, err := a.seen(ctx, audit)
	if err != nil || kept {
		r.Seconds = time.Since(began).Seconds()
		return r, err
	}
	sql := a.sql(audit)
	if audit.Remove {
		sql = "select * from " + a.this + " where " + sql
	}
	if r.Rows, err = a.conn.Int(ctx, "select count(*) from ("+sql+")"); err != nil {
		return r, err
	}
	if r.Rows > 0 {
		if r.Examples, err = jsonRows(ctx, a.conn, "select * from ("+sql+") limit "+itoa(maxExamples), audit.Mask); err != nil {
			return r, err
		}
		if audit.Remove {
			if err := a.remove(ctx, audit); err != nil {
				return r, err
			}
			r.Removed, r.Quarantined = true, audit.Quarantine
		}
	}
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}

// sql fills in what the placeholders of an audit stand for.
func (a *auditor) sql(audit *connector.Audit) string {
	near := "true"
	if a.this != a.fresh && audit.Near != "" {
		near = strings.ReplaceAll(audit.Near, "{new}", a.fresh)
	}
	return strings.NewReplacer("{this}", a.this, "{new}", a.fresh, "{near}", near, "{other}", a.other(audit.Other), "{query}", audit.Query).Replace(audit.SQL)
}

// other is the table that a relation publishes, as SQL: the build where this
// publication fills it, else what is published.
func (a *auditor) other(r connector.Relation) string {
	if build, ok := a.builds[r.Address]; ok {
		return build
	}
	return published(r)
}

// seen reports whether audit.Unless shows that the promise is kept.
func (a *auditor) seen(ctx context.Context, audit *connector.Audit) (bool, error) {
	if audit.Unless == "" {
		return false, nil
	}
	n, err := a.conn.Int(ctx, "select count(*) from ("+strings.NewReplacer("{this}", a.this, "{new}", a.fresh).Replace(audit.Unless)+")")
	return n == 0, err
}

// remove takes the rows at fault out of the build, and keeps them when asked.
func (a *auditor) remove(ctx context.Context, audit *connector.Audit) error {
	if a.table == "" {
		return diag.Bug("duckdb.auditor", "the audit %s removes rows of something that is no build", audit.Rule)
	}
	condition := strings.ReplaceAll(audit.SQL, "{this}", a.this)
	if audit.Quarantine {
		if err := a.keep(ctx, audit, condition); err != nil {
			return err
		}
	}
	return deleteRows(ctx, a.conn, a.table, "select rowid from "+a.this+" where "+condition)
}

// keep writes the rows at fault as rejects, batch by batch.
func (a *auditor) keep(ctx context.Context, audit *connector.Audit, condition string) error {
	if err := a.rejects.make(ctx, a.conn, a.table); err != nil {
		return err
	}
	if err := a.conn.Exec(ctx, "create or replace temp table headgate_faults as select row_number() over () \"headgate row\", * from "+a.this+" where "+condition); err != nil {
		return err
	}
	for from := 0; ; from += removeBatch {
		rows, err := jsonRows(ctx, a.conn, "select * exclude (\"headgate row\")"+hiding(audit.Hide)+" from headgate_faults where \"headgate row\" > "+itoa(from)+" and \"headgate row\" <= "+itoa(from+removeBatch)+" order by \"headgate row\"", false)
		if err != nil || len(rows) == 0 {
			return err
		}
		rejects := make([]connector.Reject, len(rows))
		for i, row := range rows {
			rejects[i] = connector.Reject{
				Stream: a.stream, Origin: a.stream, Line: int64(from + i + 1), Raw: []byte(row),
				Reasons: []connector.RejectReason{{Column: audit.Column, Rule: audit.Rule}},
			}
			if audit.NoRaw {
				rejects[i].Raw = nil
			}
		}
		if err := a.rejects.write(ctx, a.conn, rejects); err != nil {
			return err
		}
	}
}

// hiding masks the values of columns in a select of all columns.
func hiding(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	masked := make([]string, len(columns))
	for i, c := range columns {
		masked[i] = "case when " + duck.QuoteIdent(c) + " is not null then '***' end as " + duck.QuoteIdent(c)
	}
	return " replace (" + strings.Join(masked, ", ") + ")"
}
