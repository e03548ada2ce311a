package executor

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// move gives what a block had another address: first in its destination, then in
// the state, each in one transaction. A step that was killed between the two finds
// the destination done, and does the rest.
func (a *applier) move(ctx context.Context, op *plan.Move) error {
	r := state.NewRenaming(op.Moved, op.Names)
	if op.In == nil {
		return a.moveState(ctx, r)
	}
	dest, err := a.dests.get(ctx, op.In)
	if err != nil {
		return err
	}
	mover, ok := dest.(connector.Mover)
	if !ok {
		return diag.New(diag.CannotFollow, "%s keeps what %s has.", op.In.Address, op.From).For(op.To.String())
	}
	return a.leases(ctx, movedKeys(op), nil, func(ctx context.Context, fences []connector.Fence) error {
		req := connector.MoveRequest{Project: a.plan.Project, Environment: a.plan.Environment, Fences: fences}
		for _, m := range withBases(op.Moved) {
			req.Addresses = append(req.Addresses, connector.Renamed{From: m.From.String(), To: m.To.String()})
		}
		pipeline := op.To.Kind == addr.Pipeline
		if pipeline {
			req.Units = []connector.Renamed{{From: op.From.Base().String(), To: op.To.Base().String()}}
		}
		if err := a.moveBookmark(ctx, dest, op, r, &req); err != nil {
			return err
		}
		if err := a.moveNames(ctx, dest, op, r, &req); err != nil {
			return err
		}
		if err := mover.Move(ctx, req); err != nil {
			return err
		}
		return a.moveState(ctx, r)
	})
}

// movedKeys are the keys of the leases that a move needs, sorted: whoever works
// under a former address, or under a new one, must be done.
func movedKeys(op *plan.Move) []addr.Address {
	var out []addr.Address
	for _, m := range op.Moved {
		for _, x := range []addr.Address{m.From, m.To} {
			if x.Kind == addr.Pipeline {
				x = x.Base()
			}
			out = append(out, x)
		}
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}

// withBases adds the addresses that the bare names of models belong to.
func withBases(moved []state.Moved) []state.Moved {
	out := slices.Clone(moved)
	for _, m := range moved {
		base := state.Moved{From: m.From.Base(), To: m.To.Base()}
		if m.From.Kind == addr.Model && base.From != base.To && !slices.Contains(out, base) {
			out = append(out, base)
		}
	}
	return out
}

// leases takes the leases on several addresses, one after the other in their order.
func (a *applier) leases(ctx context.Context, keys []addr.Address, held []connector.Fence, do func(context.Context, []connector.Fence) error) error {
	if len(keys) == 0 {
		return do(ctx, held)
	}
	return a.lease(ctx, keys[0], func(ctx context.Context, l statestore.Lease) error {
		return a.leases(ctx, keys[1:], append(held, connector.Fence{Key: a.fenceKey(keys[0]), Token: l.Token()}), do)
	})
}

// moveState renames the addresses in the state, and in what this run knows of it.
func (a *applier) moveState(ctx context.Context, r *state.Renaming) error {
	m := statestore.Moves{Environment: a.plan.Environment, Project: a.plan.Project, Renaming: r}
	if err := a.env.Store.Move(context.WithoutCancel(ctx), a.defs, m); err != nil {
		return diag.FromError(err, diag.StateFailed, "The state could not be written")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current = renamed(a.current, r)
	return nil
}

// renamed are the nodes of a snapshot after a renaming.
func renamed(nodes map[string]*state.Node, r *state.Renaming) map[string]*state.Node {
	out := make(map[string]*state.Node, len(nodes))
	for key, n := range nodes {
		if next, changed := r.Node(n); changed {
			n, key = next, next.Definition.Address.String()
		}
		out[key] = n
	}
	return out
}

// moveBookmark gives the parts of a bookmark that go by the names of streams their
// new names, and has the state mirror it.
func (a *applier) moveBookmark(ctx context.Context, dest connector.Destination, op *plan.Move, r *state.Renaming, req *connector.MoveRequest) error {
	if len(op.Streams) == 0 || op.Source == nil {
		return nil
	}
	src, done, err := a.openSource(ctx, op.Source)
	if err != nil {
		return err
	}
	defer done()
	renamer, ok := src.(connector.StreamRenamer)
	if !ok {
		return diag.Bug("executor.moveBookmark", "the bookmark of %s names no streams", op.Source.Address)
	}
	var had json.RawMessage
	for _, base := range []addr.Address{op.From.Base(), op.To.Base()} { // moved before, where the first has none
		if had, err = dest.Bookmark(ctx, a.unit(base)); err != nil || had != nil {
			break
		}
	}
	if err != nil || had == nil {
		return err
	}
	var names []connector.Renamed
	for _, s := range op.Streams {
		names = append(names, connector.Renamed{From: s.From, To: s.To})
	}
	now, err := renamer.RenameStreams(had, names)
	if err != nil {
		return err
	}
	req.Unit, req.Bookmark = a.unit(op.To.Base()), now
	r.Bookmarks = map[string]json.RawMessage{}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range a.current {
		if d := n.Definition; d != nil && d.Stream != nil && d.Address.Base() == op.From.Base() {
			r.Bookmarks[r.Address(d.Address).String()] = now
		}
	}
	return nil
}

// moveNames gathers what is published under another name from now on, and the views
// to make anew with it.
func (a *applier) moveNames(ctx context.Context, dest connector.Destination, op *plan.Move, r *state.Renaming, req *connector.MoveRequest) error {
	if len(op.Names) == 0 {
		return nil
	}
	a.mu.Lock()
	next, was := renamed(a.current, r), a.current
	a.mu.Unlock()
	var of []addr.Address
	for _, m := range op.Moved {
		old, now := was[m.From.String()], next[m.To.String()]
		if old == nil || now == nil || !slices.ContainsFunc(op.Names, func(n state.Named) bool { return n.Of == m.To }) {
			continue
		}
		from, to := modelNames(m.To, old.Definition.Model, a.wasSuffix), modelNames(m.To, now.Definition.Model, a.wasSuffix)
		before := from[0] // until the move the destination has it under the former address
		before.Address = m.From.String()
		build, err := a.buildBehind(ctx, dest, m, before, to[0])
		if err != nil {
			return err
		}
		for i := range to {
			pair := connector.RenamedName{From: from[i], To: to[i]}
			if i == 0 {
				pair.To.Build = build
			}
			req.Names = append(req.Names, pair)
		}
		req.Views = append(req.Views, a.modelViews(m.To, now.Definition.Model, build)...)
		of = append(of, m.To)
	}
	var views []*program.Node
	for _, n := range next {
		if d := n.Definition; d != nil && d.Model != nil && d.Model.Materialized == "view" {
			views = append(views, d)
		}
	}
	req.Views = append(req.Views, a.viewsOver(views, of...)...)
	return nil
}

// buildBehind finds the build of a model under the name that it had, or has been
// given already.
func (a *applier) buildBehind(ctx context.Context, dest connector.Destination, m state.Moved, names ...connector.Relation) (string, error) {
	for _, name := range names {
		s, err := dest.Standing(ctx, a.unit(m.To), name)
		if err != nil || s.Build != "" {
			return s.Build, err
		}
	}
	return "", nil
}

// release takes an address out of the state and gives up what it published.
func (a *applier) release(ctx context.Context, address addr.Address, op *plan.Release) error {
	if op.Prior == nil || op.Prior.Definition == nil || op.To == nil {
		return diag.Bug("executor.release", "the step for %s lacks what was applied", address)
	}
	dest, err := a.dests.get(ctx, op.To)
	if err != nil {
		return err
	}
	releaser, ok := dest.(connector.Releaser)
	if !ok {
		return diag.New(diag.CannotFollow, "%s keeps what %s published.", op.To.Address, address).For(address.String())
	}
	return a.lease(ctx, address, func(ctx context.Context, _ statestore.Lease) error {
		var names []connector.Relation
		switch prior := op.Prior.Definition; {
		case prior.Stream != nil:
			names = []connector.Relation{streamName(address, prior.Stream, a.wasSuffix)}
		case prior.Model != nil:
			names = modelNames(address, prior.Model, a.wasSuffix)
			if len(names) > 1 && a.hasLatest(address) {
				names = names[:1]
			}
		}
		if err := releaser.Release(ctx, a.unit(address), names); err != nil {
			return err
		}
		return a.forget(ctx, address)
	})
}

// adopt makes a table that stands in the destination a stream's, and records the
// stream.
func (a *applier) adopt(ctx context.Context, s *plan.Step, op *plan.Adopt) error {
	t, pipeline, dest, err := a.streamTable(ctx, op.Node)
	if err != nil {
		return err
	}
	adopter, ok := dest.(connector.Adopter)
	if !ok {
		return diag.New(diag.CannotFollow, "%s cannot take over %s.%s.", pipeline.Pipeline.To, op.Schema, op.Table).For(s.Address.String())
	}
	return a.lease(ctx, s.Address, func(ctx context.Context, l statestore.Lease) error {
		t.table.Build = a.newBuild(op.Node)
		req := connector.AdoptRequest{
			Unit: a.unit(op.Node), Schema: op.Schema, Name: op.Table, Table: t.table, View: a.streamView(t.name, t.table),
			Fence: connector.Fence{Key: a.fenceKey(op.Node), Token: l.Token()},
		}
		for _, c := range op.Columns {
			req.Seen = append(req.Seen, c.Name+" "+c.Native)
		}
		if err := adopter.Adopt(ctx, req); err != nil {
			return err
		}
		next := a.applied(t.node)
		next.Build = t.table.Build
		return a.put(ctx, a.defs, statestore.Write{Address: s.Address.String(), Node: next, Definition: true})
	})
}

// examine answers a question about a table to import. What cannot be looked at is
// told with the answer: the planner refuses the import.
func examine(ctx context.Context, q *plan.AskImport, env Env) state.Importable {
	failed := func(err error) state.Importable { return state.Importable{Error: err.Error()} }
	dest, err := openDestination(ctx, q.Destination, env, true)
	if err != nil {
		return failed(err)
	}
	defer func() {
		if err := dest.Close(); err != nil {
			env.Log.Warn("closing the destination failed", "address", q.Destination.Address.String(), "error", err)
		}
	}()
	adopter, ok := dest.(connector.Adopter)
	if !ok {
		return state.Importable{Error: "its connector cannot take over tables"}
	}
	unit := connector.Unit{Project: q.Project, Environment: q.Environment, Pipeline: q.Stream.Base().String()}
	standing, err := dest.Standing(ctx, unit, connector.Relation{Address: q.Stream.String(), Schema: q.As[0], Name: q.As[1]})
	if err != nil {
		return failed(err)
	}
	if standing.Build != "" {
		return state.Importable{Adopted: true}
	}
	found, err := adopter.Examine(ctx, q.Schema, q.Table, false)
	if err != nil {
		return failed(err)
	}
	out := state.Importable{Found: found.Found, View: found.View, Owner: found.Owner, Rows: found.Rows}
	for i, c := range found.Columns {
		col := state.ImportColumn{Name: c.Name, Native: found.Natives[i], Nullable: c.Nullable}
		if c.Type.Kind != 0 {
			col.Type = c.Type.String()
		}
		out.Columns = append(out.Columns, col)
	}
	return out
}
