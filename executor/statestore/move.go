package statestore

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

// Move gives addresses other names.
func (s *SQLite) Move(ctx context.Context, l Lease, m Moves) error {
	held, ok := l.(*sqliteLease)
	if !ok || held.store != s {
		return foreignLease(l)
	}
	db, err := s.writer(ctx)
	if err != nil {
		return err
	}
	return s.fault(inTx(ctx, db, func(tx *sql.Tx) error {
		if err := held.check(ctx, tx, m.Environment); err != nil {
			return err
		}
		if err := s.moveNodes(ctx, tx, m); err != nil {
			return err
		}
		return s.moveRetired(ctx, tx, m)
	}))
}

// moveNodes renames what stands in the nodes. All that move are taken out first:
// one may go where another one was.
func (s *SQLite) moveNodes(ctx context.Context, tx *sql.Tx, m Moves) error {
	rows, err := readRows(ctx, tx, "SELECT address, node FROM nodes WHERE environment = ? ORDER BY address", m.Environment)
	if err != nil {
		return err
	}
	var changed []*state.Node
	for _, r := range rows {
		if !m.Renaming.Touches(r.blob) {
			continue
		}
		n, err := s.decodeNode(r)
		if err != nil {
			return err
		}
		next, moves := m.Renaming.Node(n)
		if !moves {
			continue
		}
		changed = append(changed, next)
		if _, err := tx.ExecContext(ctx, "DELETE FROM nodes WHERE environment = ? AND address = ?", m.Environment, r.address); err != nil {
			return err
		}
	}
	if len(changed) == 0 {
		return nil
	}
	serial, err := moveSerial(ctx, tx, Write{Environment: m.Environment, Project: m.Project, Definition: true})
	if err != nil {
		return err
	}
	for _, n := range changed {
		n.Serial = serial
		blob, err := json.Marshal(n)
		if err != nil {
			return diag.Bug("statestore.Move", "%s: %v", n.Definition.Address, err)
		}
		res, err := tx.ExecContext(ctx, "INSERT INTO nodes VALUES (?, ?, ?) ON CONFLICT (environment, address) DO NOTHING", m.Environment, n.Definition.Address.String(), blob)
		if err != nil {
			return err
		}
		if count, err := res.RowsAffected(); err != nil || count == 0 {
			return diag.New(diag.StateConflict, "%s cannot be moved to: the state of %s has it already. Plan again.", n.Definition.Address, m.Environment).For(n.Definition.Address.String())
		}
	}
	return nil
}

// moveRetired renames the owners of what waits to be dropped.
func (s *SQLite) moveRetired(ctx context.Context, tx *sql.Tx, m Moves) error {
	rows, err := readRows(ctx, tx, "SELECT address, relation FROM retired WHERE environment = ? ORDER BY address, build", m.Environment)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var r state.Retired
		if err := json.Unmarshal(row.blob, &r); err != nil {
			return s.damaged(row.address, err)
		}
		address, destination := m.Renaming.Address(r.Address), m.Renaming.Address(r.Destination)
		if address == r.Address && destination == r.Destination {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM retired WHERE environment = ? AND build = ? AND address = ?", m.Environment, r.Build, row.address); err != nil {
			return err
		}
		r.Address, r.Destination = address, destination
		if err := putRetired(ctx, tx, Write{Environment: m.Environment, Retire: []state.Retired{r}}); err != nil {
			return err
		}
	}
	return nil
}
