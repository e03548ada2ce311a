package executor

import (
	"context"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// buildModel computes a model version beside what is there and publishes it by
// a switch; a view is published only.
func (a *applier) buildModel(ctx context.Context, s *plan.Step, op *plan.BuildModel, r *StepReport) error {
	n, err := a.node(op.Node)
	if err != nil {
		return err
	}
	m := n.Model
	inputs := a.inputVersions(m)
	if op.IfInputsChanged && sameInputs(a.stateOf(n.Address), inputs) {
		r.Status, r.Why = Unchanged, "none of its inputs published anything new"
		return nil
	}
	dest, err := a.destinationOf(ctx, m.Destination)
	if err != nil {
		return err
	}
	names := modelNames(n.Address, m, a.suffix())
	r.Model = &ModelReport{Table: relationName(names[0]), Materialized: m.Materialized, Inputs: []string{}}
	for _, t := range m.Tables {
		r.Model.Inputs = append(r.Model.Inputs, t.Target.String())
	}
	return a.lease(ctx, n.Address, func(ctx context.Context, l statestore.Lease) error {
		b, err := a.modelBuild(ctx, dest, n, op, l)
		if err != nil {
			return err
		}
		b.Run = connector.RunRecord{
			RunID: a.env.RunID, Project: a.plan.Project, Environment: a.plan.Environment, Address: n.Address.String(),
			Status: "success", StartedAt: a.env.Now().UTC().Format(timeFormat),
		}
		res, err := dest.BuildModel(ctx, b)
		if err != nil {
			return err
		}
		r.Model.Diff, r.Model.Audits = res.Tables[n.Address.String()], res.Audits[n.Address.String()]
		if !res.Published {
			a.setBroke()
			c, err := a.node(m.Contract)
			if err != nil {
				return err
			}
			return brokenPromises(r.Model.Audits, c.Contract, n.Address.String(), b.Relation)
		}
		if slices.ContainsFunc(r.Model.Audits, foundRows) {
			r.Status = Warned
		}
		w := statestore.Write{Address: n.Address.String(), Definition: s.Action.ChangesDefinition()}
		if w.Retire, err = a.leaveNames(ctx, dest, n, op.Prior); err != nil {
			return err
		}
		return a.recordModel(ctx, w, n, b, r.Model, inputs, l)
	})
}

// leaveNames unpublishes the names that a model version had before its table or
// schema was renamed, and returns the build behind them as retired.
func (a *applier) leaveNames(ctx context.Context, dest connector.Destination, n *program.Node, prior *state.Node) ([]state.Retired, error) {
	if prior == nil || prior.Definition == nil {
		return nil, nil
	}
	left := a.leftNames(n.Address, prior.Definition.Model, n.Model)
	if len(left) == 0 {
		return nil, nil
	}
	standing, err := dest.Standing(ctx, a.unit(n.Address), left[0])
	if err != nil {
		return nil, err
	}
	if err := dest.Unpublish(ctx, a.unit(n.Address), left); err != nil || standing.Build == "" {
		return nil, err
	}
	return []state.Retired{a.retired(n.Address, n.Model.Destination, left[0], standing.Build)}, nil
}

// modelBuild gathers what the destination needs to compute and publish.
func (a *applier) modelBuild(ctx context.Context, dest connector.Destination, n *program.Node, op *plan.BuildModel, l statestore.Lease) (connector.ModelBuild, error) {
	m := n.Model
	names := modelNames(n.Address, m, a.suffix())
	unit := a.unit(n.Address)
	b := connector.ModelBuild{
		Relation: names[0], SQL: bind(m, a.suffix()),
		Fence: connector.Fence{Key: a.fenceKey(n.Address), Token: l.Token()},
	}
	if err := dest.Claim(ctx, unit, names); err != nil {
		return b, err
	}
	for i := range m.Columns {
		c := &m.Columns[i]
		b.Columns = append(b.Columns, connector.Column{Name: c.Name, Type: c.Type, Nullable: !c.Required, Comment: c.Description})
	}
	if !m.Contract.IsZero() {
		c, err := a.node(m.Contract)
		if err != nil {
			return b, err
		}
		b.Key = c.Contract.Key
		if b.Audits, err = a.modelAudits(n, c.Contract, dest.Capabilities().Dialect); err != nil {
			return b, err
		}
		keepRaw(b.Audits, c.Contract)
	}
	if m.Materialized == "table" {
		standing, err := dest.Standing(ctx, unit, names[0])
		if err != nil {
			return b, err
		}
		b.Build, b.Previous, b.Database = a.newBuild(n.Address), standing.Build, standing.Database
		b.KeepPrevious = op.Prior != nil && !op.IfInputsChanged && program.DataFingerprint(op.Prior.Definition) != program.DataFingerprint(n)
	}
	if m.Materialized == "table" {
		orphans, err := a.orphanAudits(ctx, dest, n.Address)
		if err != nil {
			return b, err
		}
		b.Audits = append(b.Audits, orphans...)
	}
	b.Views = append(a.modelViews(n.Address, m, b.Build), a.dependentViews(n.Address)...)
	return b, nil
}

// modelAudits are everything that a model's contract promises, rows first.
func (a *applier) modelAudits(n *program.Node, c *contract.Contract, dialect string) ([]connector.Audit, error) {
	out, err := rowAudits(c, n.Model.Materialized, dialect)
	if err != nil {
		return nil, err
	}
	sets, err := a.setAudits(audited{address: n.Address, contract: c, write: "replace", view: n.Model.Materialized == "view", dialect: dialect})
	return append(out, sets...), err
}

// recordModel writes the model's state after a publication.
func (a *applier) recordModel(ctx context.Context, w statestore.Write, n *program.Node, b connector.ModelBuild, rep *ModelReport, inputs map[string]int64, l statestore.Lease) error {
	next := a.applied(n)
	next.Build, next.Database, next.Data = b.Build, b.Database, &state.Data{Version: 1, Rows: rep.Diff.Rows, Inputs: inputs, LastRun: a.env.RunID, LastAt: next.AppliedAt}
	old := a.stateOf(n.Address)
	if old != nil && old.Data != nil {
		next.Data.Version = old.Data.Version
		if d := rep.Diff; d.Inserted+d.Updated+d.Deleted > 0 {
			next.Data.Version++
		}
	}
	w.Node = next
	if b.KeepPrevious && b.Previous != "" {
		w.Retire = append(w.Retire, a.retired(n.Address, n.Model.Destination, b.Relation, b.Previous))
	}
	if w.Definition {
		return a.put(ctx, a.defs, w)
	}
	if old != nil {
		next.AppliedAt = old.AppliedAt
	}
	return a.put(ctx, l, w)
}

// inputVersions are the data versions of everything a model's query reads. A
// view has none of its own: those of what it reads stand for it.
func (a *applier) inputVersions(m *program.Model) map[string]int64 {
	out := map[string]int64{}
	seen := map[addr.Address]bool{}
	var visit func(m *program.Model)
	visit = func(m *program.Model) {
		for _, t := range m.Tables {
			if seen[t.Target] {
				continue
			}
			seen[t.Target] = true
			if n, ok := a.known(t.Target); ok && n.Model != nil && n.Model.Materialized == "view" {
				visit(n.Model)
				continue
			}
			if s := a.stateOf(t.Target); s != nil && s.Data != nil {
				out[t.Target.String()] = s.Data.Version
			}
		}
	}
	visit(m)
	return out
}

// sameInputs reports whether a model was last built from exactly these versions.
func sameInputs(s *state.Node, inputs map[string]int64) bool {
	if s == nil || s.Data == nil || len(s.Data.Inputs) != len(inputs) {
		return false
	}
	for k, v := range inputs {
		if s.Data.Inputs[k] != v {
			return false
		}
	}
	return true
}
