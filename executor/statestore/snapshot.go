package statestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"runtime"
	"sync"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/state"
)

// row is a node as the database holds it.
type row struct {
	address string
	blob    []byte
}

// Read returns an environment's snapshot, as one moment saw it. Where nothing
// was applied it is empty; its lineage is "" while there is no database.
func (s *SQLite) Read(ctx context.Context, environment string) (*state.Snapshot, error) {
	snap := &state.Snapshot{FormatVersion: state.FormatVersion, Environment: environment, Nodes: map[string]*state.Node{}}
	db, err := s.reader(ctx)
	if err != nil || db == nil {
		return snap, err
	}
	var rows []row
	err = s.view(ctx, db, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'lineage'").Scan(&snap.Lineage); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, "SELECT project, definition_serial, data_serial FROM environments WHERE name = ?", environment).
			Scan(&snap.Project, &snap.DefinitionSerial, &snap.DataSerial)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if rows, err = readRows(ctx, tx, "SELECT address, node FROM nodes WHERE environment = ? ORDER BY address", environment); err != nil {
			return err
		}
		retired, err := readRows(ctx, tx, "SELECT address, relation FROM retired WHERE environment = ? ORDER BY address, build", environment)
		if err != nil {
			return err
		}
		snap.Retired = make([]state.Retired, len(retired))
		for i, r := range retired {
			if err := json.Unmarshal(r.blob, &snap.Retired[i]); err != nil {
				return s.damaged(r.address, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return snap, s.decodeNodes(rows, snap.Nodes)
}

// view runs do in one transaction that only reads.
func (s *SQLite) view(ctx context.Context, db *sql.DB, do func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(do(tx), ignoreDone(tx.Rollback()))
}

func readRows(ctx context.Context, q querier, query string, args ...any) ([]row, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.address, &r.blob); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, r)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// decodeNodes reads the nodes' JSON on every core.
func (s *SQLite) decodeNodes(rows []row, into map[string]*state.Node) error {
	nodes, errs := make([]*state.Node, len(rows)), make([]error, len(rows))
	workers := min(runtime.GOMAXPROCS(0), len(rows))
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(rows); i += workers {
				nodes[i], errs[i] = s.decodeNode(rows[i])
			}
		})
	}
	group.Wait()
	for i, r := range rows {
		if errs[i] != nil {
			return errs[i]
		}
		into[r.address] = nodes[i]
	}
	return nil
}

func (s *SQLite) decodeNode(r row) (*state.Node, error) {
	n := &state.Node{}
	if err := json.Unmarshal(r.blob, n); err != nil {
		return nil, s.damaged(r.address, err)
	}
	return n, nil
}

func (s *SQLite) damaged(address string, err error) error {
	return diag.New(diag.StateCorrupt, "%s: what it holds of %s cannot be read: %v. Restore the file from a backup, or move it away and apply again.",
		s.path, address, err).For(address)
}

// Put writes one address under a lease that is still held. A definition moves
// the definition serial, which is noted in the node; anything else moves the
// data serial and leaves the stored definition as it is. The bookkeeping of data
// never goes back: a definition that carries older data than the store has keeps
// the store's.
func (s *SQLite) Put(ctx context.Context, l Lease, w Write) error {
	held, ok := l.(*sqliteLease)
	if !ok || held.store != s {
		return foreignLease(l)
	}
	db, err := s.writer(ctx)
	if err != nil {
		return err
	}
	return s.fault(inTx(ctx, db, func(tx *sql.Tx) error {
		if err := held.check(ctx, tx, w.Environment); err != nil {
			return err
		}
		serial, err := moveSerial(ctx, tx, w)
		if err != nil {
			return err
		}
		if err := s.putNode(ctx, tx, w, serial); err != nil {
			return err
		}
		return putRetired(ctx, tx, w)
	}))
}

// moveSerial counts the environment's serials on and returns the definition's.
func moveSerial(ctx context.Context, tx *sql.Tx, w Write) (int64, error) {
	definition, data := 0, 1
	if w.Definition {
		definition, data = 1, 0
	}
	var serial int64
	err := tx.QueryRowContext(ctx, `INSERT INTO environments VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (name) DO UPDATE SET project = ?2, definition_serial = definition_serial + ?3, data_serial = data_serial + ?4
		RETURNING definition_serial`, w.Environment, w.Project, definition, data).Scan(&serial)
	return serial, err
}

func (s *SQLite) putNode(ctx context.Context, tx *sql.Tx, w Write, serial int64) error {
	if w.Node == nil {
		_, err := tx.ExecContext(ctx, "DELETE FROM nodes WHERE environment = ? AND address = ?", w.Environment, w.Address)
		return err
	}
	var blob []byte
	err := tx.QueryRowContext(ctx, "SELECT node FROM nodes WHERE environment = ? AND address = ?", w.Environment, w.Address).Scan(&blob)
	var stored *state.Node
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	default:
		if stored, err = s.decodeNode(row{w.Address, blob}); err != nil {
			return err
		}
	}
	next := *w.Node
	if stored != nil {
		next.Former = stored.Former
	}
	switch {
	case w.Definition:
		next.Serial = serial
		if stored != nil && stored.Data != nil && next.Data != nil && stored.Data.Version > next.Data.Version {
			next.Build, next.Evolved, next.Data = stored.Build, stored.Evolved, stored.Data
		}
	case stored == nil:
		return diag.New(diag.StateConflict, "%s is not in the state of %s any more, so what was loaded is not recorded.", w.Address, w.Environment).For(w.Address)
	default:
		next.Definition, next.AppliedAt, next.Serial = stored.Definition, stored.AppliedAt, stored.Serial
	}
	if blob, err = json.Marshal(&next); err != nil {
		return diag.Bug("statestore.putNode", "%s: %v", w.Address, err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO nodes VALUES (?, ?, ?)
		ON CONFLICT (environment, address) DO UPDATE SET node = excluded.node`, w.Environment, w.Address, blob)
	return err
}

func putRetired(ctx context.Context, tx *sql.Tx, w Write) error {
	for _, r := range w.Retire {
		blob, err := json.Marshal(r)
		if err != nil {
			return diag.Bug("statestore.putRetired", "%s: %v", r.Address, err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO retired VALUES (?, ?, ?, ?)
			ON CONFLICT (environment, build, address) DO UPDATE SET relation = excluded.relation`, w.Environment, r.Build, r.Address.String(), blob)
		if err != nil {
			return err
		}
	}
	for _, build := range w.Dropped {
		if _, err := tx.ExecContext(ctx, "DELETE FROM retired WHERE environment = ? AND build = ?", w.Environment, build); err != nil {
			return err
		}
	}
	return nil
}

// Environments lists the environments that have a state, sorted by name.
func (s *SQLite) Environments(ctx context.Context) ([]string, error) {
	db, err := s.reader(ctx)
	if err != nil || db == nil {
		return nil, err
	}
	rows, err := readRows(ctx, db, "SELECT name, x'' FROM environments ORDER BY name")
	var out []string
	for _, r := range rows {
		out = append(out, r.address)
	}
	return out, s.fault(err)
}
