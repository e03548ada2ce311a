package impact

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// batchRows is how many rows are handed to the enforcer at a time.
const batchRows = 8192

// read hands the rows to the enforcer of a contract that holds the asked rules and
// no other, as records whose members are the stored values.
func (t *table) read(ctx context.Context, asked []plan.AskedRule) error {
	held := t.reduced(asked)
	e, diags := enforce.New(enforce.Spec{Address: t.q.Table.String(), Contract: held, Now: t.now, Inspect: true, QuarantineRaw: enforce.RawNone})
	if err := diags.Err(); err != nil {
		return err
	}
	var columns []string
	for i := range t.q.Promises.Columns {
		if name := t.q.Promises.Columns[i].Name; t.stored(name) && (t.needs(held, name) || slices.ContainsFunc(t.show(), func(s connector.Shown) bool { return s.Name == name })) {
			columns = append(columns, name)
		}
	}
	counts := make([]int64, len(asked))
	var err error
	t.out.Rows, t.out.Sampled, err = t.counter.Rows(ctx, connector.RowsRequest{Relation: t.name, Sampling: t.opts.reading(), Columns: columns,
		Order: t.order(), BatchRows: min(batchRows, enforce.BatchRows(len(columns)+1))}, func(r *connector.Records) error {
		defer r.Release()
		b, err := e.Enforce(r)
		if err != nil {
			return err
		}
		defer b.Release()
		return t.refused(r, b.Rejects, asked, counts)
	})
	if err != nil {
		return err
	}
	sum := e.Summary()
	for i, r := range asked {
		if r.Warning { // a row that only warns is not among the rejects
			counts[i] = 0
			if at := slices.IndexFunc(sum.Rules, func(s enforce.RuleSummary) bool { return s.Rule == r.Rule }); at >= 0 {
				counts[i] = sum.Rules[at].Count
			}
		}
		t.out.Rules = append(t.out.Rules, state.RefusedRule{Rule: r.Rule, Kind: string(r.Kind), Warning: r.Warning, Rows: counts[i]})
	}
	return nil
}

// refused counts the rows of a batch that the enforcer refuses.
func (t *table) refused(r *connector.Records, rejects []connector.Reject, asked []plan.AskedRule, counts []int64) error {
	first := int64(1)
	if r.Len() > 0 {
		first = r.Line[0]
	}
	for _, reject := range rejects {
		var names []string
		for i, a := range asked {
			if slices.ContainsFunc(reject.Reasons, func(x connector.RejectReason) bool { return x.Rule == a.Rule }) {
				counts[i]++
				names = append(names, a.Rule)
			}
		}
		t.out.Refused++
		if len(t.out.Examples) < t.examples() {
			at := int(reject.Line - first)
			row, err := t.shown(r.Data[r.Start[at]:r.End[at]])
			if err != nil {
				return err
			}
			t.out.Examples = append(t.out.Examples, state.RefusedExample{Row: row, Rules: names})
		}
	}
	return nil
}

// shown is a row with the columns that an example may show.
func (t *table) shown(raw []byte) (string, error) {
	show := t.show()
	if len(show) == 0 {
		return "", nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return "", diag.Bug("impact.shown", "a row does not read: %v", err)
	}
	var b bytes.Buffer
	for i, s := range show {
		name, err := json.Marshal(s.Name)
		if err != nil {
			return "", err
		}
		value := []byte(members[s.Name])
		if s.Mask && !bytes.Equal(value, []byte("null")) {
			value = []byte(enforce.Masked)
		}
		b.WriteByte("{,"[min(i, 1)])
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.String(), nil
}

// needs reports whether a rule of the reduced contract reads a column.
func (t *table) needs(held *contract.Contract, name string) bool {
	c, ok := held.Column(name)
	if !ok {
		return false
	}
	if slices.Contains(held.Key, name) || c.Required || len(c.Checks) > 0 || len(plainLimits(c)) > 0 || t.asks(plan.TypeRule, name) {
		return true
	}
	return slices.ContainsFunc(held.Checks, func(k contract.Check) bool {
		return slices.ContainsFunc(k.Condition.Refs(), func(ref *rowexpr.Expr) bool { return len(ref.Path) > 0 && ref.Path[0].Name == name })
	})
}

// asks reports whether a rule of a kind was asked about for a column.
func (t *table) asks(kind plan.RuleKind, column string) bool {
	return slices.ContainsFunc(t.q.Rules, func(r plan.AskedRule) bool { return r.Kind == kind && r.Column == column })
}

// plainLimits names the limits that a column has.
func plainLimits(c *contract.Column) []string {
	var out []string
	for _, l := range []struct {
		rule string
		has  bool
	}{{contract.RuleMin, c.Min != nil}, {contract.RuleMax, c.Max != nil}, {contract.RuleMinLength, c.MinLength != nil}, {contract.RuleMaxLength, c.MaxLength != nil},
		{contract.RulePattern, c.Pattern != ""}, {contract.RuleEnum, len(c.Enum) > 0}, {contract.RuleFormat, c.Format != ""}} {
		if l.has {
			out = append(out, l.rule)
		}
	}
	return out
}

// reduced is the contract with the asked rules alone. Every violation refuses its
// row, and nothing is said of what a table does not keep.
func (t *table) reduced(asked []plan.AskedRule) *contract.Contract {
	has := map[string]bool{}
	for _, r := range asked {
		has[string(r.Kind)+" "+r.Rule] = true
	}
	is := func(kind plan.RuleKind, rule string) bool { return has[string(kind)+" "+rule] }
	out := *t.q.Promises
	out.OnViolation, out.UnknownColumns, out.Schema, out.Tolerance = contract.Quarantine, contract.UnknownDrop, nil, ""
	if !is(plan.RequiredRule, contract.RecordKey) {
		out.Key = nil
	}
	out.Columns = slices.Clone(out.Columns)
	for i := range out.Columns {
		c := &out.Columns[i]
		limit := func(rule string) bool { return is(plan.LimitRule, contract.ColumnRule(c.Name, rule)) }
		c.Required = is(plan.RequiredRule, contract.ColumnRule(c.Name, contract.RuleRequired))
		c.NoNull, c.Present, c.Inner = false, false, nil
		c.Min, c.Max = kept(c.Min, limit(contract.RuleMin)), kept(c.Max, limit(contract.RuleMax))
		c.MinLength, c.MaxLength = kept(c.MinLength, limit(contract.RuleMinLength)), kept(c.MaxLength, limit(contract.RuleMaxLength))
		if !limit(contract.RulePattern) {
			c.Pattern = ""
		}
		if !limit(contract.RuleEnum) {
			c.Enum = nil
		}
		if !limit(contract.RuleFormat) {
			c.Format = ""
		}
		c.Checks = slices.DeleteFunc(slices.Clone(c.Checks), func(k contract.Check) bool { return !is(plan.CheckRule, contract.ColumnRule(c.Name, k.Name)) })
	}
	out.Checks = slices.DeleteFunc(slices.Clone(out.Checks), func(k contract.Check) bool { return !is(plan.CheckRule, k.Name) })
	return &out
}

func kept[T any](p *T, keep bool) *T {
	if !keep {
		return nil
	}
	return p
}
