package duckdb

import (
	"context"
	"strings"

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
}

// run runs the audits in order. It returns those that found something, and
// whether one of severity error did that did not remove what it found.
func (a *auditor) run(ctx context.Context, audits []connector.Audit) (found []connector.AuditResult, failed bool, err error) {
	for i := range audits {
		audit := &audits[i]
		near := "true"
		if a.this != a.fresh && audit.Near != "" {
			near = strings.ReplaceAll(audit.Near, "{new}", a.fresh)
		}
		sql := strings.NewReplacer("{this}", a.this, "{new}", a.fresh, "{near}", near).Replace(audit.SQL)
		if audit.Remove {
			sql = "select * from " + a.this + " where " + sql
		}
		r := connector.AuditResult{Rule: audit.Rule, Column: audit.Column, Severity: audit.Severity}
		if r.Rows, err = a.conn.Int(ctx, "select count(*) from ("+sql+")"); err != nil {
			return nil, false, err
		}
		if r.Rows == 0 {
			continue
		}
		if r.Examples, err = jsonRows(ctx, a.conn, "select * from ("+sql+") limit "+itoa(maxExamples), audit.Mask); err != nil {
			return nil, false, err
		}
		if audit.Remove {
			if err := a.remove(ctx, audit); err != nil {
				return nil, false, err
			}
			r.Removed = true
		}
		failed = failed || (audit.Severity == "error" && !audit.Remove)
		found = append(found, r)
	}
	return found, failed, nil
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
	if a.rejects.table == "" {
		a.rejects.table = "rejects__" + digest(a.table)
		if err := a.conn.Exec(ctx, "create or replace table "+own(a.rejects.table)+" "+rejectColumns); err != nil {
			return err
		}
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
