package executor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// retention is how long a retired table is kept before gc drops it.
const retention = 7 * 24 * time.Hour

// define records a node and touches nothing else.
func (a *applier) define(ctx context.Context, op *plan.Define) error {
	n, err := a.node(op.Node)
	if err != nil {
		return err
	}
	return a.put(ctx, a.defs, statestore.Write{Address: n.Address.String(), Node: a.applied(n), Definition: true})
}

// forget takes an address out of the state and touches nothing else.
func (a *applier) forget(ctx context.Context, address addr.Address) error {
	return a.put(ctx, a.defs, statestore.Write{Address: address.String(), Definition: true})
}

// newBuild names a table that is made now. It is unique within the relation.
func (a *applier) newBuild(address addr.Address) string {
	sum := sha256.Sum256([]byte(a.env.RunID + "\x00" + address.String()))
	return hex.EncodeToString(sum[:6])
}

// target is a stream with all that its table needs.
type target struct {
	node     *program.Node
	stream   *program.Stream
	contract *contract.Contract
	name     connector.Relation
	table    connector.Table
	evolved  []contract.Column
}

// target gathers a stream's node, contract and table. The table has no build yet.
func (a *applier) target(address addr.Address) (*target, error) {
	n, err := a.node(address)
	if err != nil {
		return nil, err
	}
	c, err := a.node(n.Stream.Contract)
	if err != nil {
		return nil, err
	}
	t := &target{node: n, stream: n.Stream, contract: c.Contract, name: streamName(address, n.Stream, a.suffix())}
	t.table = connector.Table{
		Relation: t.name, Key: c.Contract.Key, Cursor: n.Stream.Cursor, Write: n.Stream.Write, Comment: c.Contract.Description,
	}
	var known []contract.Column
	if old := a.stateOf(address); old != nil {
		known = old.Evolved
	}
	t.evolve(known)
	return t, nil
}

// evolve adds columns to those that the stream owns beyond its contract, and
// leaves out what the contract declares by now.
func (t *target) evolve(more []contract.Column) {
	for i := range more {
		_, declared := t.contract.Column(more[i].Name)
		have := slices.ContainsFunc(t.evolved, func(c contract.Column) bool { return c.Name == more[i].Name })
		if !declared && !have {
			t.evolved = append(t.evolved, contract.Column{Name: more[i].Name, Type: more[i].Type})
		}
	}
	t.table.Columns = tableColumns(t.contract, t.evolved)
}

// standsAs takes the columns that stand in the destination as the truth: under
// evolve, what the contract does not declare is the stream's own, whether the
// state knows of it or not.
func (t *target) standsAs(columns []connector.Column) {
	if t.contract.UnknownColumns != contract.UnknownEvolve {
		return
	}
	var more []contract.Column
	for _, c := range columns {
		if c.Name != contract.ExtraColumn && c.Type.Kind != types.Invalid {
			more = append(more, contract.Column{Name: c.Name, Type: c.Type})
		}
	}
	t.evolve(more)
}

// tableColumns are the columns of a stream's table: the contract's in order,
// those that evolve added, and _extra where unknown members are kept.
func tableColumns(c *contract.Contract, evolved []contract.Column) []connector.Column {
	var out []connector.Column
	for i := range c.Columns {
		col := &c.Columns[i]
		nullable := !col.Required && !slices.Contains(c.Key, col.Name)
		out = append(out, connector.Column{Name: col.Name, Type: col.Type, Nullable: nullable, Comment: col.Description})
	}
	for i := range evolved {
		out = append(out, connector.Column{Name: evolved[i].Name, Type: evolved[i].Type, Nullable: true})
	}
	if c.UnknownColumns == contract.UnknownKeepJSON {
		out = append(out, connector.Column{Name: contract.ExtraColumn, Type: types.Of(types.JSON), Nullable: true})
	}
	return out
}

// destinationOf opens the destination of a pipeline or model.
func (a *applier) destinationOf(ctx context.Context, to addr.Address) (connector.Destination, error) {
	n, err := a.node(to)
	if err != nil {
		return nil, err
	}
	return a.dests.get(ctx, n)
}

// leaseKey names what a lease and a fencing token guard: a pipeline with all its
// streams, or one version of a model.
func leaseKey(address addr.Address) string {
	if address.Kind == addr.Pipeline {
		return address.Base().String()
	}
	return address.String()
}

// turn waits until no other step of this run holds the lease on key, and
// returns what ends the wait of the next one.
func (a *applier) turn(ctx context.Context, key string) (done func(), err error) {
	a.mu.Lock()
	c := a.busy[key]
	if c == nil {
		c = make(chan struct{}, 1)
		a.busy[key] = c
	}
	a.mu.Unlock()
	select {
	case c <- struct{}{}:
		return func() { <-c }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lease takes the lease on a pipeline or a model version for the time that do
// runs. The steps of one run take turns: the wait for the lease is for others.
func (a *applier) lease(ctx context.Context, address addr.Address, do func(ctx context.Context, l statestore.Lease) error) (err error) {
	key := leaseKey(address)
	done, err := a.turn(ctx, key)
	if err != nil {
		return err
	}
	defer done()
	l, err := a.env.Store.Acquire(ctx, a.plan.Environment, key, a.env.Holder, a.env.LockTimeout)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return diag.FromError(err, diag.StateFailed, "The state could not be written")
	}
	defer func() {
		if rerr := l.Release(context.WithoutCancel(ctx)); err == nil && rerr != nil {
			err = diag.FromError(rerr, diag.StateFailed, "The state could not be written")
		}
	}()
	held, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-l.Lost():
			cancel(diag.Errorf(diag.RunLost, "The lease on the work was lost",
				"The lease on %s could not be renewed in time; another process may hold it now. Nothing was written after that. Apply again.", key))
		case <-held.Done():
		}
	}()
	err = do(held, l)
	if cause := context.Cause(held); err != nil && cause != nil && ctx.Err() == nil {
		err = cause
	}
	return err
}

// streamTable is a stream's target with its pipeline and the destination that it is in.
func (a *applier) streamTable(ctx context.Context, stream addr.Address) (*target, *program.Node, connector.Destination, error) {
	t, err := a.target(stream)
	if err != nil {
		return nil, nil, nil, err
	}
	pipeline, err := a.node(stream.Base())
	if err != nil {
		return nil, nil, nil, err
	}
	dest, err := a.destinationOf(ctx, pipeline.Pipeline.To)
	return t, pipeline, dest, err
}

// prepareStream makes a stream's table be as its node says and records the node.
func (a *applier) prepareStream(ctx context.Context, s *plan.Step, op *plan.PrepareStream) error {
	t, pipeline, dest, err := a.streamTable(ctx, s.Address)
	if err != nil {
		return err
	}
	return a.lease(ctx, s.Address, func(ctx context.Context, l statestore.Lease) error {
		req := connector.PrepareRequest{
			Unit: a.unit(s.Address), Table: t.table,
			Fence: connector.Fence{Key: a.fenceKey(s.Address), Token: l.Token()},
		}
		if err := dest.Claim(ctx, req.Unit, []connector.Relation{t.name}); err != nil {
			return err
		}
		if op.RenamedFrom != "" && op.Prior != nil && op.Prior.Definition.Stream != nil {
			req.RenamedFrom = streamName(s.Address, op.Prior.Definition.Stream, a.wasSuffix)
		}
		standing, err := a.settleBuild(ctx, dest, t, op, &req)
		if err != nil {
			return err
		}
		if err := asExpected(s, t, standing); err != nil {
			return err
		}
		req.Views = append([]connector.View{a.streamView(t.name, req.Table)}, a.dependentViews(s.Address)...)
		if err := dest.Prepare(ctx, req); err != nil {
			return err
		}
		next := a.applied(t.node)
		next.Build, next.Evolved, next.Database = req.Table.Build, t.evolved, standing.Database
		if req.Table.Fresh {
			next.Data = nil
		}
		w := statestore.Write{Address: s.Address.String(), Node: next, Definition: true}
		if req.Table.Fresh && req.Table.Previous != "" && op.Prior != nil {
			w.Retire = []state.Retired{a.retired(s.Address, pipeline.Pipeline.To, t.name, req.Table.Previous)}
		}
		return a.put(ctx, a.defs, w)
	})
}

// settleBuild decides which build the stream's table has. A table that this
// project published already is kept when the state does not know of it: the
// state may have been lost, the rows and the bookmark must not be. It returns what
// stood there.
func (a *applier) settleBuild(ctx context.Context, dest connector.Destination, t *target, op *plan.PrepareStream, req *connector.PrepareRequest) (standing connector.Standing, err error) {
	if req.RenamedFrom.Name != "" {
		if standing, err = dest.Standing(ctx, req.Unit, req.RenamedFrom); err != nil {
			return standing, err
		}
	}
	if standing.Build == "" { // not renamed, or by a step that was killed before the state knew
		if standing, err = dest.Standing(ctx, req.Unit, t.name); err != nil {
			return standing, err
		}
	}
	adopt := standing.Found && standing.Build != "" && (!op.Fresh || op.Prior == nil)
	if !adopt {
		t.evolved = nil // what the source sends will tell
		t.evolve(nil)
		req.Table.Columns = t.table.Columns
		req.Table.Build, req.Table.Fresh = a.newBuild(t.node.Address), true
		if op.Fresh && standing.Build != "" {
			req.Table.Previous, req.Table.KeepPrevious = standing.Build, true
		}
		return standing, nil
	}
	t.standsAs(standing.Columns)
	req.Table.Columns, req.Table.Build = t.table.Columns, standing.Build
	var renames []connector.Alter
	have := slices.Clone(standing.Columns)
	for _, r := range op.Alters {
		if r.Kind != "rename" {
			continue
		}
		renames = append(renames, connector.Alter{Kind: r.Kind, Column: connector.Column{Name: r.Column}, From: r.From})
		for i := range have {
			if have[i].Name == r.From {
				have[i].Name = r.Column
			}
		}
	}
	req.Alters = append(renames, alters(have, req.Table.Columns)...)
	return standing, nil
}

// alters returns what makes a build's columns hold what is wanted. Columns that
// are no longer wanted stay, unpublished, so that no data is thrown away; they
// may no longer refuse nulls.
func alters(have, want []connector.Column) []connector.Alter {
	byName := map[string]connector.Column{}
	for _, c := range have {
		byName[c.Name] = c
	}
	var out []connector.Alter
	wanted := map[string]bool{}
	for _, w := range want {
		wanted[w.Name] = true
		h, ok := byName[w.Name]
		switch {
		case !ok:
			add := w
			add.Nullable = true // the rows that stand there have no value for it
			out = append(out, connector.Alter{Kind: "add", Column: add})
		case !h.Type.Equal(w.Type):
			out = append(out, connector.Alter{Kind: "type", Column: w})
		}
		if ok && w.Nullable && !h.Nullable {
			out = append(out, connector.Alter{Kind: "nullable", Column: w})
		}
	}
	for _, h := range have {
		if !wanted[h.Name] && !h.Nullable {
			h.Nullable = true
			out = append(out, connector.Alter{Kind: "nullable", Column: h})
		}
	}
	return out
}

// fenceKey names what a fencing token guards in a destination.
func (a *applier) fenceKey(address addr.Address) string {
	return strings.Join([]string{a.plan.Project, a.plan.Environment, leaseKey(address)}, "/")
}

// retired is a build that is out of use from now on.
func (a *applier) retired(address, to addr.Address, name connector.Relation, build string) state.Retired {
	now := a.env.Now().UTC()
	return state.Retired{
		Address: address, Destination: to, Schema: name.Schema, Name: name.Name, Build: build,
		RetiredAt: now.Format(timeFormat), DropAfter: now.Add(retention).Format(timeFormat),
	}
}

// retire unpublishes what an address published and keeps the table behind it.
func (a *applier) retire(ctx context.Context, address addr.Address, op *plan.Retire) error {
	if op.Prior == nil || op.Prior.Definition == nil || op.To == nil {
		return diag.Bug("executor.retire", "the step for %s lacks what was applied", address)
	}
	dest, err := a.dests.get(ctx, op.To)
	if err != nil {
		return err
	}
	return a.lease(ctx, address, func(ctx context.Context, _ statestore.Lease) error {
		prior := op.Prior.Definition
		var names []connector.Relation
		switch {
		case prior.Stream != nil:
			names = []connector.Relation{streamName(address, prior.Stream, a.wasSuffix)}
		case prior.Model != nil:
			names = modelNames(address, prior.Model, a.wasSuffix)
			if len(names) > 1 && a.hasLatest(address) {
				names = names[:1]
			}
		default:
			return diag.Bug("executor.retire", "%s publishes nothing", address)
		}
		readers, err := dest.Unmanaged(ctx, names)
		if err != nil {
			return err
		}
		if len(readers) > 0 {
			return diag.Errorf(diag.UnmanagedReaders, "Something that headgate does not manage reads this table",
				"%s would be dropped, but it is read by %s. Drop or move those first, then apply again.",
				relationName(names[0]), strings.Join(readers, ", "))
		}
		// What is published now is the truth; a replace moves the build at each run.
		standing, err := dest.Standing(ctx, a.unit(address), names[0])
		if err != nil {
			return err
		}
		if err := dest.Unpublish(ctx, a.unit(address), names); err != nil {
			return err
		}
		w := statestore.Write{Address: address.String(), Definition: true}
		if standing.Build != "" {
			w.Retire = []state.Retired{a.retired(address, op.To.Address, names[0], standing.Build)}
		}
		return a.put(ctx, a.defs, w)
	})
}

// hasLatest reports whether another version of the model publishes its bare name.
func (a *applier) hasLatest(address addr.Address) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range a.current {
		d := n.Definition
		if d != nil && d.Model != nil && d.Model.Latest && d.Address.Base() == address.Base() && d.Address != address {
			return true
		}
	}
	return false
}

func relationName(r connector.Relation) string { return fmt.Sprintf("%s.%s", r.Schema, r.Name) }
