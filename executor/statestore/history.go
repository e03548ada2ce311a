package statestore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/headgate-data/headgate/lang/diag"
)

// BeginRun puts a run into the history. A run of that id that is there already
// is a bug of the caller.
func (s *SQLite) BeginRun(ctx context.Context, r Run) error {
	db, err := s.writer(ctx)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "INSERT INTO runs (id, environment, command, status, started) VALUES (?, ?, ?, ?, ?)",
		r.ID, r.Environment, r.Command, r.Status, micros(r.StartedAt))
	return s.fault(err)
}

// EndRun records how a run that BeginRun began has ended.
func (s *SQLite) EndRun(ctx context.Context, r Run) error {
	db, err := s.writer(ctx)
	if err != nil {
		return err
	}
	res, err := db.ExecContext(ctx, "UPDATE runs SET status = ?, ended = ?, report = ? WHERE id = ?", r.Status, micros(r.EndedAt), r.Report, r.ID)
	if err != nil {
		return s.fault(err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(s.fault(err), diag.Bug("statestore.EndRun", "the run %q was never begun", r.ID))
	}
	return nil
}

// Runs lists an environment's runs, the newest first; limit 0 means all.
func (s *SQLite) Runs(ctx context.Context, environment string, limit int) ([]Run, error) {
	db, err := s.reader(ctx)
	if err != nil || db == nil {
		return nil, err
	}
	if limit <= 0 {
		limit = -1
	}
	rows, err := db.QueryContext(ctx, `SELECT id, environment, command, status, started, ended, report FROM runs
		WHERE environment = ? ORDER BY started DESC, id DESC LIMIT ?`, environment, limit)
	if err != nil {
		return nil, s.fault(err)
	}
	var out []Run
	for rows.Next() {
		var r Run
		var started int64
		var ended sql.NullInt64
		if err := rows.Scan(&r.ID, &r.Environment, &r.Command, &r.Status, &started, &ended, &r.Report); err != nil {
			return nil, s.fault(errors.Join(err, rows.Close()))
		}
		r.StartedAt = timeOf(started)
		if ended.Valid {
			r.EndedAt = timeOf(ended.Int64)
		}
		out = append(out, r)
	}
	return out, s.fault(errors.Join(rows.Err(), rows.Close()))
}
