package executor

import (
	"context"
	"errors"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/impact"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// counters opens destinations for reading, each once for a refresh. It is used by
// one goroutine.
type counters struct {
	env  Env
	open map[string]*counting
}

type counting struct {
	counter connector.Counter
	err     error
}

func newCounters(env Env) *counters { return &counters{env: env, open: map[string]*counting{}} }

// get opens a destination; a second call gives the same counter or error.
func (c *counters) get(ctx context.Context, n *program.Node) (connector.Counter, error) {
	key := program.Fingerprint(n)
	o := c.open[key]
	if o == nil {
		o = &counting{}
		o.err = guarded(func() (err error) {
			o.counter, err = openCounter(ctx, n, c.env)
			return err
		})
		c.open[key] = o
	}
	return o.counter, o.err
}

// close gives everything back; only reading was done, so that nothing can be lost.
func (c *counters) close() {
	for _, o := range c.open {
		if o.err == nil {
			_ = o.counter.Close()
		}
	}
}

func openCounter(ctx context.Context, n *program.Node, env Env) (connector.Counter, error) {
	open := env.Registry.Counter[n.Destination.Type]
	if open == nil {
		return nil, diag.Errorf(diag.NoConnector, "This build of headgate has no connector of that type",
			"%s is of the type %q, whose tables cannot be looked at.", n.Address, n.Destination.Type).At(n.Range)
	}
	return open(ctx, destinationSpec(n, env))
}

// refused answers how many rows of a table a changed contract would refuse.
func (c *counters) refused(ctx context.Context, q *plan.AskRefused) (out state.Refused, err error) {
	err = guarded(func() error {
		counter, err := c.get(ctx, q.Destination)
		if err != nil {
			return err
		}
		out, err = impact.Answer(ctx, q, counter, c.env.promisesOver, c.env.Now(), c.env.Impact)
		return err
	})
	if err != nil {
		out = state.Refused{Error: shortly(err)}
	}
	return out, err
}

// shortly is an error's detail without its end, to stand in a sentence.
func shortly(err error) string {
	return diag.FromError(err, diag.ImpactOpen, "The rows that stand there could not be counted").Detail
}

// isNoTable reports whether there is nothing to look at, which the plan says where
// it matters.
func isNoTable(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.ImpactNoTable
}

// promisesOver makes the audits of the promises over a whole table that are asked
// about, as for a table that is made anew.
func (e Env) promisesOver(q *plan.AskRefused) ([]connector.Audit, error) {
	out := keyAudits(q.Promises, "replace")
	for i := range q.Promises.Columns {
		col := &q.Promises.Columns[i]
		if col.References == nil {
			continue
		}
		at := slices.IndexFunc(q.Others, func(o plan.OtherTable) bool { return o.Address == col.References.Target })
		if at < 0 || q.Others[at].Name == "" {
			continue
		}
		out = append(out, referenceOver(q, col, q.Others[at]))
	}
	out = append(out, expectAudits(q.Promises)...)
	if r := q.Promises.Rows; r != nil {
		out = append(out, rowsAudit(r))
	}
	if q.Promises.Freshness != nil {
		audit, err := freshnessAudit(q.Promises, e.Now(), "duckdb")
		if err != nil {
			return nil, err
		}
		out = append(out, audit)
	}
	masked := func(c string) bool { return slices.Contains(q.Personal, c) }
	for i := range out {
		switch out[i].Kind {
		case connector.AuditUnique:
			out[i].Mask = slices.ContainsFunc(auditColumns(q.Promises, &out[i]), masked)
			if out[i].Column == "" {
				out[i].Kind = string(plan.KeyRule)
			}
		case connector.AuditExpect:
			out[i].Mask = len(q.Personal) > 0
		default:
			out[i].Mask = out[i].Mask || out[i].Column != "" && masked(out[i].Column)
		}
	}
	return out, nil
}

func auditColumns(c *contract.Contract, a *connector.Audit) []string {
	if a.Column == "" {
		return c.Key
	}
	return []string{a.Column}
}

// referenceOver finds the rows of a whole table whose value has no partner.
func referenceOver(q *plan.AskRefused, col *contract.Column, other plan.OtherTable) connector.Audit {
	return connector.Audit{
		Rule: contract.ColumnRule(col.Name, contract.RuleReferences), Kind: connector.AuditReferences, Column: col.Name, Severity: string(contract.SeverityError),
		Other: connector.Relation{Address: other.Address.String(), Schema: other.Schema, Name: other.Name},
		SQL:   orphansOf(q.Promises, col, "{this}", "{other}"),
		Mask:  slices.ContainsFunc(q.Promises.Key, func(k string) bool { return slices.Contains(q.Personal, k) }),
	}
}
