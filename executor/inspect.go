package executor

import (
	"context"
	"errors"
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
