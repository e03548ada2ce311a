package executor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// audited is a table whose promises are to be audited.
type audited struct {
	address  addr.Address
	contract *contract.Contract
	write    string // append, replace or merge; "replace" for a model
	view     bool
	dialect  string
}

// setAudits are the promises over the whole table: first those that name the rows
// at fault (references, key, unique), which may take rows out, then expect
// queries, rows and freshness.
func (a *applier) setAudits(t audited) ([]connector.Audit, error) {
	var out []connector.Audit
	for i := range t.contract.Columns {
		if t.contract.Columns[i].References == nil {
			continue
		}
		audit, err := a.referenceAudit(t, &t.contract.Columns[i])
		if err != nil {
			return nil, err
		}
		out = append(out, audit)
	}
	out = append(out, keyAudits(t.contract, t.write)...)
	if mode := t.contract.SetViolations; mode != "" && !t.view {
		for i := range out {
			out[i].Remove, out[i].Quarantine = true, mode == contract.SetQuarantine
		}
	}
	out = append(out, expectAudits(t.contract)...)
	if r := t.contract.Rows; r != nil {
		out = append(out, rowsAudit(r))
	}
	if f := t.contract.Freshness; f != nil {
		audit, err := freshnessAudit(t.contract, a.env.Now(), t.dialect)
		if err != nil {
			return nil, err
		}
		out = append(out, audit)
	}
	return out, nil
}

// referenceAudit finds rows whose value has no partner: among the new rows, under
// merge among those whose key came again, else in the whole table.
func (a *applier) referenceAudit(t audited, col *contract.Column) (connector.Audit, error) {
	ref := col.References
	other, err := a.publishedAs(ref.Target)
	if err != nil {
		return connector.Audit{}, err
	}
	out := connector.Audit{
		Rule: contract.ColumnRule(col.Name, contract.RuleReferences), Kind: connector.AuditReferences, Column: col.Name,
		Severity: string(contract.SeverityError), Other: other, Mask: masks(t.contract, append([]string{col.Name}, t.contract.Key...)...),
		Set: &connector.SetRule{Column: col.Name, OtherColumn: ref.Column},
	}
	from, partner := "{this}", "{other}"
	switch t.write {
	case "append":
		from = "{new}"
	case "merge":
		key := quoteList(t.contract.Key)
		out.Near = fmt.Sprintf("(%s) IN (SELECT %s FROM {new})", key, key)
	}
	if ref.Target == t.address {
		partner = "{this}"
	}
	out.SQL = orphansOf(t.contract, col, from, partner)
	return out, nil
}

// orphansOf is SQL that yields the key, and the value, of the rows of a table whose
// value has no partner in another one.
func orphansOf(c *contract.Contract, col *contract.Column, from, partner string) string {
	name := quoteIdent(col.Name)
	shown := quoteList(c.Key)
	if !slices.Contains(c.Key, col.Name) {
		shown = strings.TrimPrefix(shown+", "+name, ", ")
	}
	return fmt.Sprintf("SELECT %s FROM %s r WHERE {near} AND %s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s p WHERE p.%s = r.%s)",
		shown, from, name, partner, quoteIdent(col.References.Column), name)
}

func quoteList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoteIdent(n)
	}
	return strings.Join(out, ", ")
}

// masks reports whether one of the columns holds personal data.
func masks(c *contract.Contract, columns ...string) bool {
	return slices.ContainsFunc(c.Columns, func(col contract.Column) bool { return col.HasTag("pii") && slices.Contains(columns, col.Name) })
}

// publishedAs is the name under which a stream, a model version or an external
// table is read.
func (a *applier) publishedAs(address addr.Address) (connector.Relation, error) {
	n, ok := a.known(address)
	switch {
	case !ok:
		return connector.Relation{}, diag.Bug("executor.publishedAs", "neither the plan nor the state knows %s", address)
	case n.Stream != nil:
		return streamName(address, n.Stream, a.suffix()), nil
	case n.Model != nil:
		return modelNames(address, n.Model, a.suffix())[0], nil
	case n.External != nil:
		return connector.Relation{Address: address.String(), Schema: n.External.Schema, Name: n.External.Table}, nil
	default:
		return connector.Relation{}, diag.Bug("executor.publishedAs", "%s is no table", address)
	}
}

// expectAudits run the contract's queries over the table, which shows them the
// contract's columns alone.
func expectAudits(c *contract.Contract) []connector.Audit {
	names := make([]string, len(c.Columns))
	for i := range c.Columns {
		names[i] = c.Columns[i].Name
	}
	var out []connector.Audit
	for _, e := range c.Expects {
		out = append(out, connector.Audit{
			Rule: e.Name, Kind: connector.AuditExpect, Severity: string(e.Severity), Mask: c.HasPII(), Query: e.Query,
			SQL: "WITH this AS NOT MATERIALIZED (SELECT " + quoteList(names) + " FROM {this}) SELECT * FROM (\n{query}\n)",
		})
	}
	return out
}

// rowsAudit yields one row, with the number of rows, where that is out of bounds.
func rowsAudit(r *contract.Rows) connector.Audit {
	var out []string
	if r.Min != nil {
		out = append(out, fmt.Sprintf("count(*) < %d", *r.Min))
	}
	if r.Max != nil {
		out = append(out, fmt.Sprintf("count(*) > %d", *r.Max))
	}
	return connector.Audit{
		Rule: contract.TableRows, Kind: connector.AuditRows, Severity: string(r.Severity),
		SQL: "SELECT count(*) AS rows FROM {this} HAVING " + strings.Join(out, " OR "),
	}
}

// freshnessAudit yields one row, with the greatest value, where that is older than
// the contract allows at the moment now, or where there is none.
func freshnessAudit(c *contract.Contract, now time.Time, dialect string) (connector.Audit, error) {
	f := c.Freshness
	col, ok := c.Column(f.Column)
	age, err := time.ParseDuration(f.MaxAge)
	if !ok || err != nil {
		return connector.Audit{}, diag.Bug("executor.freshnessAudit", "freshness of %q within %q: %v", f.Column, f.MaxAge, err)
	}
	layout := map[types.Kind]string{types.Date: "2006-01-02", types.Timestamp: "2006-01-02T15:04:05.999999", types.TimestampTZ: "2006-01-02T15:04:05.999999Z"}[col.Type.Kind]
	if layout == "" {
		return connector.Audit{}, diag.Bug("executor.freshnessAudit", "%q is of type %s", col.Name, col.Type)
	}
	name, oldest := quoteIdent(col.Name), rowexpr.LiteralSQL(col.Type, now.Add(-age).UTC().Format(layout), dialect)
	return connector.Audit{
		Rule: contract.TableFreshness, Kind: connector.AuditFreshness, Column: col.Name, Severity: string(f.Severity), Mask: col.HasTag("pii"),
		SQL: fmt.Sprintf("SELECT max(%s) AS newest FROM {this} HAVING max(%s) IS NULL OR max(%s) < %s", name, name, name, oldest),
	}, nil
}

// orphanAudits warn of the rows of other tables that lose their partner when a
// table is made anew: those tables are not published with it, so nothing else
// would tell. Tables that this plan makes anew as well are left to their own audit,
// views to the next one.
func (a *applier) orphanAudits(ctx context.Context, dest connector.Destination, parent addr.Address) ([]connector.Audit, error) {
	var out []connector.Audit
	for _, child := range a.childrenOf(parent) {
		name, err := a.publishedAs(child.node.Address)
		if err != nil {
			return nil, err
		}
		standing, err := dest.Standing(ctx, a.unit(child.node.Address), name)
		if err != nil {
			return nil, err
		}
		col := child.column
		if !standing.Loaded || !slices.ContainsFunc(standing.Columns, func(c connector.Column) bool { return c.Name == col.Name }) {
			continue
		}
		q := quoteIdent(col.Name)
		out = append(out, connector.Audit{
			Rule: child.node.Address.String() + ": " + contract.ColumnRule(col.Name, contract.RuleReferences), Kind: connector.AuditOrphans,
			Severity: string(contract.SeverityWarning), Other: name, Mask: col.HasTag("pii"),
			SQL: fmt.Sprintf("SELECT %s FROM {other} r WHERE %s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {this} p WHERE p.%s = r.%s)", q, q, quoteIdent(col.References.Column), q),
		})
	}
	return out, nil
}

// child is a table with a column that references another table.
type child struct {
	node   *program.Node
	column *contract.Column
}

// childrenOf lists the applied tables that reference a table, sorted by address,
// without itself and those that this plan makes anew.
func (a *applier) childrenOf(parent addr.Address) []child {
	var out []child
	for _, n := range a.appliedTables() {
		d := n.Definition
		var promise addr.Address
		switch {
		case d.Address == parent || a.madeAnew(d):
		case d.Stream != nil:
			promise = d.Stream.Contract
		case d.Model.Materialized != "view":
			promise = d.Model.Contract
		}
		c, ok := a.known(promise)
		if !ok || c.Contract == nil {
			continue
		}
		for i := range c.Contract.Columns {
			if col := &c.Contract.Columns[i]; col.References != nil && col.References.Target == parent {
				out = append(out, child{d, col})
			}
		}
	}
	return out
}

// appliedTables lists the streams and models of the snapshot, sorted by address.
func (a *applier) appliedTables() []*state.Node {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []*state.Node
	for _, n := range a.current {
		if n.Definition != nil && (n.Definition.Stream != nil || n.Definition.Model != nil) {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(x, y *state.Node) int { return addr.Compare(x.Definition.Address, y.Definition.Address) })
	return out
}

// madeAnew reports whether a step of this plan fills a table as a whole.
func (a *applier) madeAnew(n *program.Node) bool {
	return slices.ContainsFunc(a.plan.Steps, func(s *plan.Step) bool {
		switch op := s.Do.(type) {
		case *plan.RunPipeline:
			return n.Stream != nil && n.Stream.Write == "replace" && slices.Contains(op.Streams, n.Address)
		case *plan.BuildModel:
			return op.Node == n.Address
		default:
			return false
		}
	})
}

// inOrder lists the session's streams so that each comes behind those that it
// references. The compiler sees to it that they form no circle.
func (p *pipelineRun) inOrder() []string {
	var out []string
	var visit func(run *streamRun, depth int)
	visit = func(run *streamRun, depth int) {
		if slices.Contains(out, run.address) || depth > len(p.streams) {
			return
		}
		for i := range run.contract.Columns {
			ref := run.contract.Columns[i].References
			for _, other := range p.streams {
				if ref != nil && other != run && other.node.Address == ref.Target {
					visit(other, depth+1)
				}
			}
		}
		out = append(out, run.address)
	}
	for _, run := range p.streams {
		visit(run, 0)
	}
	return out
}
