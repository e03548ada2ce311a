package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// inspect answers every question about tables: those of one destination together,
// with one look at it.
func inspect(ctx context.Context, qs []*plan.AskTable, env Env, live *state.Live) diag.Diagnostics {
	var diags diag.Diagnostics
	groups := map[string][]*plan.AskTable{}
	var order []string
	for _, q := range qs {
		key := q.Destination.Address.String() + "\x00" + program.Fingerprint(q.Destination)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], q)
	}
	for _, key := range order {
		diags = append(diags, inspectOne(ctx, groups[key], env, live)...)
	}
	return diags
}

// inspectOne answers the questions about one destination. Where it cannot be
// looked at for now the questions stay open and the answer says why; a database
// that nothing can work with is an error.
func inspectOne(ctx context.Context, qs []*plan.AskTable, env Env, live *state.Live) diag.Diagnostics {
	var diags diag.Diagnostics
	var names []connector.Relation
	for _, q := range qs {
		for _, n := range q.Names {
			names = append(names, connector.Relation{Address: n.Owner.String(), Schema: n.Schema, Name: n.Name})
		}
	}
	seen, err := lookInto(ctx, qs[0].Destination, names, env)
	if err != nil {
		d := diag.FromError(err, diag.DestinationFailed, "The destination could not be looked at")
		told := *d
		if passes(d) {
			told.Severity = diag.Warning
			told.Detail += " The plan is made without a look at it."
		} else {
			told.Detail += " With --refresh=false, plan does not look at it."
		}
		diags.Add(&told)
	}
	for _, q := range qs {
		var t state.LiveTable
		switch {
		case err != nil:
			t.Error = diag.FromError(err, diag.DestinationFailed, "").Detail
		case seen.Missing:
			t.Missing = true
		default:
			t.Database = seen.Database
			for _, n := range q.Names {
				t.Names = append(t.Names, liveName(n, seen.Names[0]))
				seen.Names = seen.Names[1:]
			}
		}
		if q.Wanted {
			live.Wanted[q.Address.String()] = t
		} else {
			live.Tables[q.Address.String()] = t
		}
	}
	return diags
}

// passes reports whether what keeps a destination from being looked at may be over
// by the time of the apply, or is no fault where plans are made without rights to
// write: another process holds the database, it was not closed well, or a secret has
// no value here.
func passes(d *diag.Diagnostic) bool {
	return d.Severity == diag.Warning || slices.Contains([]diag.Code{diag.DuckDBLocked, diag.SecretMissing, diag.NoConnector}, d.Code)
}

// lookInto looks at one destination with its inspector.
func lookInto(ctx context.Context, n *program.Node, names []connector.Relation, env Env) (connector.Inspection, error) {
	if n.Destination == nil {
		return connector.Inspection{}, diag.Bug("executor.lookInto", "%s is no destination", n.Address)
	}
	open, ok := env.Registry.Inspect[n.Destination.Type]
	if !ok {
		return connector.Inspection{}, diag.Errorf(diag.NoConnector, "This build of headgate has no connector of that type",
			"%s is of the type %q, which cannot be looked at.", n.Address, n.Destination.Type).At(n.Range)
	}
	in, err := open(destinationSpec(n, env))
	if err != nil { // nothing was opened yet: what the destination is made of has no value here
		return connector.Inspection{}, diag.Errorf(diag.SecretMissing, "A secret has no value", "%s: %s.", n.Address, strings.TrimSuffix(err.Error(), ".")).At(n.Range)
	}
	seen, err := in.Inspect(ctx, names)
	if err == nil && !seen.Missing && len(seen.Names) != len(names) {
		err = errors.New("the connector answered for other names than it was asked for")
	}
	return seen, err
}

func liveName(n plan.PublishedName, seen connector.Inspected) state.LiveName {
	out := state.LiveName{
		Schema: n.Schema, Name: n.Name, Kind: seen.Kind, Build: seen.Build, Table: seen.Table, Rows: seen.Rows,
		Columns: liveColumns(seen.Columns), Left: liveColumns(seen.Left), Changed: seen.Changed, Query: seen.Query, Made: seen.Made, Readers: seen.Readers,
	}
	if o := seen.Owner; o != nil {
		out.Project, out.Environment, out.Owner = o.Project, o.Environment, o.Address
	}
	return out
}

func liveColumns(in []connector.InspectedColumn) []state.LiveColumn {
	if in == nil {
		return nil
	}
	out := make([]state.LiveColumn, len(in))
	for i, c := range in {
		out[i] = state.LiveColumn{Name: c.Name, Type: c.Type, NotNull: c.NotNull}
	}
	return out
}

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
