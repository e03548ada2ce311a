package planner

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// tightening compares the contract that rows were held to with the one that they
// will be held to.
type tightening struct {
	old  *contract.Contract // nil: the rows were held to none
	now  *contract.Contract
	had  map[string]*contract.Column // the columns that the rows have, by name
	all  bool                        // rows that broke the old contract may stand in the table
	asks []plan.AskedRule
}

// tighter lists the rules of now that a row which kept old can break: those that
// are new, changed, or narrower. Where nobody can tell, the rule is listed: asking
// costs a look, and leaving it out could hide rows. evolved are columns beside
// those of old that the table has.
func tighter(old, now *contract.Contract, evolved []contract.Column) []plan.AskedRule {
	t := &tightening{old: old, now: now, had: map[string]*contract.Column{}}
	if old != nil {
		t.all = old.OnViolation == contract.Warn
		for i := range evolved {
			t.had[evolved[i].Name] = &evolved[i]
		}
		for i := range old.Columns {
			t.had[old.Columns[i].Name] = &old.Columns[i]
		}
	}
	t.nullsOfKey()
	for i := range now.Columns {
		t.column(&now.Columns[i])
	}
	for i := range now.Checks {
		var was []contract.Check
		if old != nil {
			was = old.Checks
		}
		t.check(was, &now.Checks[i], "")
	}
	t.schema()
	t.overTable()
	return t.asks
}

func (t *tightening) ask(kind plan.RuleKind, column, rule string) {
	name := rule
	if column != "" {
		name = contract.ColumnRule(column, rule)
	}
	t.asks = append(t.asks, plan.AskedRule{Rule: name, Kind: kind, Column: column})
}

// required reports whether the old contract let no null into a column.
func (t *tightening) required(name string) bool {
	if t.old == nil || t.all {
		return false
	}
	c, ok := t.old.Column(name)
	return ok && (c.Required || slices.Contains(t.old.Key, name))
}

// nullsOfKey asks for nulls among the columns of the key.
func (t *tightening) nullsOfKey() {
	for _, name := range t.now.Key {
		if !t.required(name) {
			t.asks = append(t.asks, plan.AskedRule{Rule: contract.RecordKey, Kind: plan.RequiredRule})
			return
		}
	}
}

// column asks for what one column promises of its values.
func (t *tightening) column(c *contract.Column) {
	was := t.had[c.Name]
	fresh := t.old != nil && was == nil // the table has no such column: its rows hold no value of it
	if c.Required && !slices.Contains(t.now.Key, c.Name) && !t.required(c.Name) && !(fresh && c.Default != nil) {
		t.ask(plan.RequiredRule, c.Name, contract.RuleRequired)
	}
	if fresh {
		return
	}
	retyped := was == nil || !types.Widens(was.Type, c.Type)
	if retyped {
		t.ask(plan.TypeRule, c.Name, contract.RuleType)
	}
	if t.shaped(was, c) {
		t.ask(plan.ShapeRule, c.Name, contract.RuleSchema)
	}
	old := was
	if retyped || t.all {
		old = &contract.Column{Type: c.Type}
	}
	for _, rule := range tightLimits(old, c) {
		t.ask(plan.LimitRule, c.Name, rule)
	}
	for i := range c.Checks {
		t.check(old.Checks, &c.Checks[i], c.Name)
	}
}

// shaped reports whether a column says more of absent members and of what stands
// inside of its values than it did.
func (t *tightening) shaped(was, c *contract.Column) bool {
	if was == nil {
		was = &contract.Column{}
	}
	inner := func(in *contract.Inner) []byte { b, _ := json.Marshal(in); return b } // plain data: it cannot fail
	return c.NoNull && !was.NoNull || c.Present && !was.Present || c.Inner != nil && !bytes.Equal(inner(was.Inner), inner(c.Inner))
}

// tightLimits names the limits of now that a value within those of was can break.
func tightLimits(was, now *contract.Column) []string {
	var out []string
	add := func(rule string, tight bool) {
		if tight {
			out = append(out, rule)
		}
	}
	add(contract.RuleMin, now.Min != nil && (was.Min == nil || *was.Min != *now.Min && !ordered(now.Type, *now.Min, *was.Min)))
	add(contract.RuleMax, now.Max != nil && (was.Max == nil || *was.Max != *now.Max && !ordered(now.Type, *was.Max, *now.Max)))
	add(contract.RuleMinLength, now.MinLength != nil && *now.MinLength > 0 && (was.MinLength == nil || *was.MinLength < *now.MinLength))
	add(contract.RuleMaxLength, now.MaxLength != nil && (was.MaxLength == nil || *was.MaxLength > *now.MaxLength))
	add(contract.RulePattern, now.Pattern != "" && was.Pattern != now.Pattern)
	gone := func(v string) bool { return !slices.Contains(now.Enum, v) }
	add(contract.RuleEnum, len(now.Enum) > 0 && (len(was.Enum) == 0 || slices.ContainsFunc(was.Enum, gone)))
	add(contract.RuleFormat, now.Format != "" && was.Format != now.Format)
	return out
}

// ordered reports whether a is known to be at most b. Bounds that are no numbers
// are not told apart.
func ordered(t types.Type, a, b string) bool {
	if !t.IsInteger() && t.Kind != types.Decimal {
		return false
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) <= 0
}

// check asks for a check that was not there with the same condition.
func (t *tightening) check(was []contract.Check, k *contract.Check, column string) {
	at := slices.IndexFunc(was, func(o contract.Check) bool {
		return (o.Severity == k.Severity || o.Severity != contract.SeverityWarning) && meaning(o.Condition) == meaning(k.Condition)
	})
	if at >= 0 && !t.all {
		return
	}
	t.ask(plan.CheckRule, column, k.Name)
	t.asks[len(t.asks)-1].Warning = k.Severity == contract.SeverityWarning
}

// meaning is an expression without the places where it is written.
func meaning(e *rowexpr.Expr) string {
	if e == nil {
		return ""
	}
	out := *e
	out.Range, out.Args = diag.Range{}, nil
	b, _ := json.Marshal(out) // plain data: it cannot fail
	s := string(b)
	for _, a := range e.Args {
		s += "(" + meaning(a) + ")"
	}
	return s
}

// schema asks for what a JSON Schema says beyond the columns.
func (t *tightening) schema() {
	now := t.now.Schema
	if now == nil || len(now.Residue) == 0 {
		return
	}
	if t.old != nil && !t.all && t.old.Schema != nil && t.old.Schema.Text == now.Text && slices.Equal(t.old.Schema.Refs, now.Refs) {
		return
	}
	t.ask(plan.ShapeRule, "", contract.RecordSchema)
}

// overTable asks for the promises that single rows do not decide.
func (t *tightening) overTable() {
	old := t.old
	if old == nil {
		old = &contract.Contract{}
	}
	now := t.now
	if len(now.Key) > 0 && (len(old.Key) == 0 || slices.ContainsFunc(old.Key, func(k string) bool { return !slices.Contains(now.Key, k) })) {
		t.ask(plan.KeyRule, "", contract.RecordKey)
	}
	for i := range now.Columns {
		c := &now.Columns[i]
		was := t.had[c.Name]
		if t.old != nil && was == nil {
			continue // the table has no such column
		}
		alone := len(old.Key) == 1 && old.Key[0] == c.Name
		if c.Unique && !alone && (was == nil || !was.Unique || !types.Widens(was.Type, c.Type)) {
			t.ask(plan.UniqueRule, c.Name, contract.RuleUnique)
		}
		if c.References != nil && (was == nil || was.References == nil || *was.References != *c.References) {
			t.ask(plan.ReferencesRule, c.Name, contract.RuleReferences)
		}
	}
	t.counted(old)
}

// counted asks for expect queries, rows and freshness.
func (t *tightening) counted(old *contract.Contract) {
	now := t.now
	warns := func(s contract.Severity) { t.asks[len(t.asks)-1].Warning = s == contract.SeverityWarning }
	for _, e := range now.Expects {
		same := func(o contract.Expect) bool {
			return o.Query == e.Query && (o.Severity == e.Severity || o.Severity != contract.SeverityWarning)
		}
		if !slices.ContainsFunc(old.Expects, same) {
			t.ask(plan.ExpectRule, "", e.Name)
			warns(e.Severity)
		}
	}
	if r, was := now.Rows, old.Rows; r != nil && (was == nil || below(was.Min, r.Min) || below(r.Max, was.Max) || was.Severity != r.Severity) {
		t.ask(plan.RowsRule, "", contract.TableRows)
		warns(r.Severity)
	}
	if f, was := now.Freshness, old.Freshness; f != nil && (was == nil || was.Column != f.Column || was.MaxAge != f.MaxAge || was.Severity != f.Severity) {
		t.ask(plan.FreshnessRule, "", contract.TableFreshness)
		t.asks[len(t.asks)-1].Column = f.Column
		warns(f.Severity)
	}
}

// below reports whether the bound b leaves out what a lets in, going up for lower
// bounds; nil is no bound. For upper bounds the caller turns them around.
func below(a, b *int64) bool {
	switch {
	case a == nil && b == nil:
		return false
	case a == nil || b == nil:
		return true
	default:
		return *a < *b
	}
}
