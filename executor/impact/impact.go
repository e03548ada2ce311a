// Package impact counts the rows that stand in a table and that a changed contract
// would refuse. What SQL says in the same way as the enforcer is counted where the
// rows stand; where a rule has no such SQL, the rows are read through the enforcer
// itself. What neither can tell is said to be not counted.
package impact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// Which columns examples show.
const (
	ExamplesNone = "none"
	ExamplesKeys = "keys"
	ExamplesFull = "full"
)

// The defaults of Options.
const (
	DefaultLimit  = 10_000_000
	DefaultSample = 100_000
)

// dearer is how many times more a row costs that is read than one that SQL looks at:
// past that part of the limit, rows are sampled that have to be read.
const dearer = 10

// Examples is how many rows of a table are shown at most.
const Examples = 5

// Options steer how much is looked at and shown.
type Options struct {
	Limit    int64  // rows past which a sample is taken; 0: DefaultLimit
	Sample   int64  // about how many rows a sample has; 0: DefaultSample
	Examples string // one of the Examples constants; "" is ExamplesKeys
}

func (o Options) sampling() connector.Sampling {
	s := connector.Sampling{Limit: o.Limit, Size: o.Sample}
	if s.Limit <= 0 {
		s.Limit = DefaultLimit
	}
	if s.Size <= 0 {
		s.Size = DefaultSample
	}
	s.Size = min(s.Size, s.Limit)
	return s
}

// reading is sampling for rows that have to be read.
func (o Options) reading() connector.Sampling {
	s := o.sampling()
	s.Limit = max(s.Limit/dearer, 1)
	s.Size = min(s.Size, s.Limit)
	return s
}

// Audits makes the audits of the promises over the whole table that were asked for,
// as if the table were made anew.
type Audits func(q *plan.AskRefused) ([]connector.Audit, error)

// table is one question at work.
type table struct {
	q       *plan.AskRefused
	opts    Options
	counter connector.Counter
	name    connector.Relation
	has     map[string]connector.Column // of the table, by name
	now     time.Time
	out     state.Refused
}

// Answer looks at the table. A table that is not there is the error
// diag.ImpactNoTable.
func Answer(ctx context.Context, q *plan.AskRefused, counter connector.Counter, audits Audits, now time.Time, opts Options) (state.Refused, error) {
	t := &table{q: q, opts: opts, counter: counter, now: now, has: map[string]connector.Column{},
		name: connector.Relation{Address: q.Table.String(), Schema: q.Schema, Name: q.Name}}
	columns, err := counter.Columns(ctx, t.name)
	if errors.Is(err, connector.ErrNoRelation) {
		return t.out, diag.Errorf(diag.ImpactNoTable, "The table is not there to be looked at", "%s.%s is not in %s.", q.Schema, q.Name, q.Destination.Address).For(q.Table.String())
	}
	if err != nil {
		return t.out, err
	}
	for _, c := range columns {
		t.has[c.Name] = c
	}
	if err := t.rows(ctx); err != nil {
		return state.Refused{}, err
	}
	if err := t.promises(ctx, audits); err != nil {
		return state.Refused{}, err
	}
	return t.out, nil
}

// rows counts what single rows decide.
func (t *table) rows(ctx context.Context) error {
	var asked []plan.AskedRule
	for _, r := range t.q.Rules {
		switch {
		case r.Kind.OverTable():
		case r.Kind == plan.ShapeRule:
			t.leave(r.Rule, "a table keeps neither whether a member was absent or null nor what a schema says beyond its columns")
		case t.q.Table.Kind == addr.Model && r.Rule == contract.ColumnRule(r.Column, contract.RuleFormat):
			t.leave(r.Rule, "the audit of a model does not look at formats")
		case r.Column != "" && r.Kind != plan.RequiredRule && !t.stored(r.Column):
			t.leave(r.Rule, "the table has no column "+r.Column)
		default:
			asked = append(asked, r)
		}
	}
	w := newWriter(t, asked)
	conditions, ok := w.conditions()
	if ok {
		found, err := t.counter.Count(ctx, connector.CountRequest{Relation: t.name, Sampling: t.opts.sampling(), Conditions: conditions,
			Examples: t.examples(), Show: t.show(), Order: t.order()})
		switch {
		case err == nil:
			t.count(asked, found)
			return nil
		case ctx.Err() != nil || !refusedSQL(err):
			return err
		}
	}
	return t.read(ctx, asked)
}

// refusedSQL reports whether an error is about the statement rather than the
// database: the rows are then read instead.
func refusedSQL(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.DuckDBFailed
}

func (t *table) leave(rule, why string) {
	t.out.NotCounted = append(t.out.NotCounted, state.NotCounted{Rule: rule, Why: why})
}

func (t *table) stored(column string) bool { _, ok := t.has[column]; return ok }

// count takes the counts of SQL.
func (t *table) count(asked []plan.AskedRule, found connector.CountResult) {
	t.out.Rows, t.out.Sampled, t.out.Refused = found.Rows, found.Sampled, found.Any
	for i, r := range asked {
		t.out.Rules = append(t.out.Rules, state.RefusedRule{Rule: r.Rule, Kind: string(r.Kind), Warning: r.Warning, Rows: found.Each[i]})
	}
	for _, x := range found.Examples {
		t.out.Examples = append(t.out.Examples, state.RefusedExample{Row: x.Row, Rules: x.Names})
	}
}

func (t *table) examples() int {
	if t.opts.Examples == ExamplesNone {
		return 0
	}
	return Examples
}

// show are the columns that an example may show: those of the key, or all.
func (t *table) show() []connector.Shown {
	var out []connector.Shown
	for i := range t.q.Promises.Columns {
		name := t.q.Promises.Columns[i].Name
		if t.stored(name) && (t.opts.Examples == ExamplesFull || slices.Contains(t.q.Promises.Key, name)) {
			out = append(out, connector.Shown{Name: name, Mask: slices.Contains(t.q.Personal, name)})
		}
	}
	return out
}

// order are the columns of the key, so that examples are the same each time.
func (t *table) order() []string {
	var out []string
	for _, k := range t.q.Promises.Key {
		if !t.stored(k) {
			return nil
		}
		out = append(out, k)
	}
	return out
}

// promises counts what single rows do not decide. They are never sampled: a value
// that stands twice may stand once in a sample.
func (t *table) promises(ctx context.Context, audits Audits) error {
	list, err := audits(t.q)
	if err != nil {
		return err
	}
	for _, r := range t.q.Rules {
		if !r.Kind.OverTable() {
			continue
		}
		at := slices.IndexFunc(list, func(a connector.Audit) bool { return a.Rule == r.Rule && a.Kind == string(r.Kind) })
		switch missing := t.missing(r); {
		case missing != "":
			t.leave(r.Rule, missing)
		case at < 0:
			t.leave(r.Rule, "the table that it leads to was never applied")
		case t.out.Rows > t.opts.sampling().Limit && r.Kind != plan.RowsRule && r.Kind != plan.FreshnessRule:
			t.leave(r.Rule, fmt.Sprintf("a promise over the whole table is not sampled, and the table has more than %d rows: raise --impact-limit", t.opts.sampling().Limit))
		default:
			if err := t.audit(ctx, r, list[at]); err != nil {
				return err
			}
		}
	}
	return nil
}

// missing says which column of the table a promise would need, "" for none.
func (t *table) missing(r plan.AskedRule) string {
	var names []string
	switch r.Kind {
	case plan.KeyRule:
		names = t.q.Promises.Key
	case plan.ExpectRule: // its query is shown all columns of the contract
		for i := range t.q.Promises.Columns {
			names = append(names, t.q.Promises.Columns[i].Name)
		}
	case plan.RowsRule:
	default:
		names = []string{r.Column}
	}
	for _, name := range names {
		if !t.stored(name) {
			return "the table has no column " + name
		}
	}
	return ""
}

func (t *table) audit(ctx context.Context, r plan.AskedRule, a connector.Audit) error {
	shown := t.examples()
	if a.Mask || r.Kind == plan.ExpectRule && t.opts.Examples != ExamplesFull { // its query may show any column
		shown = 0
	}
	found, err := t.counter.Audit(ctx, t.name, a, shown)
	if err != nil {
		if ctx.Err() == nil && refusedSQL(err) {
			why := "DuckDB refuses it"
			if len(t.q.Personal) == 0 { // its words may quote a value
				why += ": " + firstLine(err)
			}
			t.leave(r.Rule, why)
			return nil
		}
		return err
	}
	rule := state.RefusedRule{Rule: r.Rule, Kind: string(r.Kind), Warning: r.Warning, Rows: found.Rows}
	for _, x := range found.Examples {
		rule.Examples = append(rule.Examples, state.RefusedExample{Row: x})
	}
	t.out.Rules = append(t.out.Rules, rule)
	return nil
}

func firstLine(err error) string {
	text := err.Error()
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		text = d.Detail
	}
	for i, r := range text {
		if r == '\n' {
			return text[:i]
		}
	}
	return text
}

// typed is the column as the contract that is asked about has it.
func (t *table) typed(name string) (*contract.Column, bool) { return t.q.Promises.Column(name) }
