package executor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// asExpected refuses to change a table in place that is not as the plan saw it.
// What the step itself leads to is right as well: it may have been carried out
// before, and been killed before the state knew.
func asExpected(s *plan.Step, t *target, standing connector.Standing) error {
	if s.Expects == nil {
		return nil
	}
	if plan.SchemaDigest(s.Expects.Columns) != s.Expects.Digest {
		return diag.Bug("executor.asExpected", "the digest of what %s expects does not fit its columns", s.Address)
	}
	var live []plan.ExpectedColumn
	for _, c := range standing.Columns {
		live = append(live, plan.ExpectedColumn{Name: c.Name, Type: c.Type.String()})
	}
	if plan.SchemaDigest(live) == s.Expects.Digest {
		return nil
	}
	if differs := difference(s.Expects, standing.Columns, t.table.Columns); len(differs) > 0 {
		return diag.Errorf(diag.TableMovedOn, "The table is not what the plan was made from",
			"%s: %s. Nothing was changed. Make a new plan: headgate plan.", relationName(t.name), strings.Join(differs, "; ")).At(t.node.Range).For(s.Address.String())
	}
	return nil
}

// difference says how live columns differ from the expected ones, other than by
// being what is wanted.
func difference(e *plan.Expects, live, wanted []connector.Column) []string {
	var out []string
	find := func(list []connector.Column, name string) *connector.Column {
		if i := slices.IndexFunc(list, func(c connector.Column) bool { return c.Name == name }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	for _, want := range e.Columns {
		now, to := find(live, want.Name), find(wanted, want.Name)
		switch {
		case now == nil:
			out = append(out, fmt.Sprintf("the column %q is gone", want.Name))
		case now.Type.IsZero() || now.Type.String() == want.Type || to != nil && to.Type.Equal(now.Type):
		default:
			out = append(out, fmt.Sprintf("the column %q is %s, the plan expects %s", want.Name, now.Type, want.Type))
		}
	}
	for _, now := range live {
		known := slices.ContainsFunc(e.Columns, func(c plan.ExpectedColumn) bool { return c.Name == now.Name })
		if !known && !e.Open && find(wanted, now.Name) == nil {
			out = append(out, fmt.Sprintf("the column %q is new", now.Name))
		}
	}
	return out
}

// asApplied refuses a run into a table that is not what was applied: one that
// somebody dropped, or whose columns were dropped or converted. What stands in a
// table that is made anew with every run does not matter.
func (p *pipelineRun) asApplied(run *streamRun) error {
	known := p.a.stateOf(run.node.Address)
	if known == nil || known.Build == "" || run.stream.Write == "replace" {
		return nil
	}
	differs := diag.Errorf(diag.TableDrifted, "The table is not what was applied", "").At(run.node.Range).For(run.address)
	tell := func(format string, args ...any) error {
		differs.Detail = relationName(run.name) + ": " + fmt.Sprintf(format, args...) +
			". Nothing was loaded. headgate plan shows what differs, and headgate apply mends it."
		return differs
	}
	if run.standing.Build == "" {
		return tell("the table behind it is gone, and its rows with it")
	}
	for _, c := range run.table.Columns {
		at := slices.IndexFunc(run.standing.Columns, func(x connector.Column) bool { return x.Name == c.Name })
		switch {
		case at < 0:
			return tell("the column %q is gone", c.Name)
		case !run.standing.Columns[at].Type.Equal(c.Type) && run.standing.Columns[at].Type.DuckDB() != c.Type.DuckDB():
			return tell("the column %q is %s, applied was %s", c.Name, run.standing.Columns[at].Type, c.Type)
		}
	}
	return nil
}
