// Package contracttest runs the tests of contracts: it puts their records before
// the enforcer of runs and compares the rules that they break with those that were
// named. Whatever on_violation says, a record that breaks a rule is not accepted.
package contracttest

import (
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// Options says which tests are run.
type Options struct {
	Match func(name string) bool // nil: all
	Now   time.Time              // what now_at_load() gives
}

// Run runs a program's tests. Coverage speaks of all of its contracts. The
// diagnostics are about contracts that cannot be enforced.
func Run(p *program.Program, o Options) (outcome.Tests, diag.Diagnostics) {
	out := outcome.Tests{Tests: []outcome.TestResult{}, Coverage: []outcome.TestCoverage{}}
	var diags diag.Diagnostics
	broken := map[string]map[string]bool{} // by contract, then rule
	for _, t := range p.Tests {
		n, ok := p.Lookup(t.Contract)
		if !ok || o.Match != nil && !o.Match(t.Name) {
			continue
		}
		r, more := runTest(t, n.Contract, o.Now)
		diags = append(diags, more...)
		out.Tests = append(out.Tests, r)
		if r.Passed {
			out.Passed++
		} else {
			out.Failed++
		}
		for _, c := range r.Cases {
			for _, b := range c.Broken {
				if broken[r.Contract] == nil {
					broken[r.Contract] = map[string]bool{}
				}
				broken[r.Contract][b.Rule] = true
			}
		}
	}
	cover(p, broken, &out)
	return out, diags
}

// cover counts the rules that were broken.
func cover(p *program.Program, broken map[string]map[string]bool, out *outcome.Tests) {
	rules, hit := 0, 0
	for _, n := range p.Nodes {
		if n.Contract == nil {
			continue
		}
		c := outcome.TestCoverage{Contract: n.Address.String(), Missing: []string{}, NotJudged: n.Contract.BeyondTests()}
		for _, r := range n.Contract.RuleNames() {
			if !r.Written {
				continue
			}
			c.Rules++
			if broken[c.Contract][r.Name] {
				c.Broken++
			} else {
				c.Missing = append(c.Missing, r.Name)
			}
		}
		rules, hit = rules+c.Rules, hit+c.Broken
		out.Coverage = append(out.Coverage, c)
	}
	out.Percent = 100
	if rules > 0 {
		out.Percent = 100 * float64(hit) / float64(rules)
	}
}

func runTest(t *program.Test, c *contract.Contract, now time.Time) (outcome.TestResult, diag.Diagnostics) {
	r := outcome.TestResult{Name: t.Name, Description: t.Description, Contract: t.Contract.String(), Passed: true, Cases: []outcome.CaseResult{}, Range: t.Range}
	var diags diag.Diagnostics
	for i := range t.Cases {
		k, more := runCase(&t.Cases[i], r.Contract, c, now)
		diags = append(diags, more...)
		r.Passed = r.Passed && k.Passed
		r.Cases = append(r.Cases, k)
	}
	return r, diags
}

// runCase judges one case. A bug of the enforcer's comes as a diagnostic.
func runCase(t *program.TestCase, address string, c *contract.Contract, now time.Time) (outcome.CaseResult, diag.Diagnostics) {
	k := outcome.CaseResult{Want: "reject", Rows: t.Rows, Range: t.Range}
	if t.Accept {
		k.Want = "accept"
	}
	held := *c
	held.OnViolation = contract.Quarantine
	if held.UnknownColumns == contract.UnknownFail {
		held.UnknownColumns = contract.UnknownQuarantine
	}
	e, diags := enforce.New(enforce.Spec{Address: address, Contract: &held, Now: now, QuarantineRaw: enforce.RawNone})
	if diags.HasErrors() {
		return k, diags
	}
	b, err := e.Enforce(records(t.Rows))
	if err != nil {
		diags.AddError(err, diag.NoEnforcer, "A contract cannot be enforced as it was compiled")
		return k, diags
	}
	defer b.Release()
	found := violations(b, e.Summary())
	if t.Table {
		found = append(found, table(&held, b.Rows)...)
	}
	judge(t, c, found, &k)
	return k, diags
}

// records puts the rows of a case into a batch.
func records(rows []string) *connector.Records {
	r := &connector.Records{Stream: "test", Origin: "row"}
	for i, row := range rows {
		r.Start = append(r.Start, len(r.Data))
		r.Data = append(r.Data, row...)
		r.End = append(r.End, len(r.Data))
		r.Data = append(r.Data, '\n')
		r.Line = append(r.Line, int64(i+1))
	}
	return r
}

// violations lists the rules that the rows broke.
func violations(b *enforce.Batch, sum enforce.Summary) []outcome.BrokenRule {
	var out []outcome.BrokenRule
	at := map[string]*diag.Range{}
	for _, r := range sum.Rules {
		at[r.Rule] = r.Range
		if r.Severity == string(contract.SeverityWarning) {
			w := outcome.BrokenRule{Rule: r.Rule, Warning: true, Message: r.Message, Range: r.Range}
			if len(r.Examples) > 0 {
				w.Row, w.Value = int(r.Examples[0].Line), r.Examples[0].Value
			}
			out = append(out, w)
		}
	}
	for _, reject := range b.Rejects {
		for _, why := range reject.Reasons {
			if slices.ContainsFunc(out, func(o outcome.BrokenRule) bool { return o.Warning && o.Rule == why.Rule }) {
				continue
			}
			out = append(out, outcome.BrokenRule{Rule: why.Rule, Row: int(reject.Line), Value: why.Value, Message: why.Message, Range: at[why.Rule]})
		}
	}
	return out
}

// table checks the rules over all rows that were accepted: the key and unique
// columns. Null is like no other value.
func table(c *contract.Contract, rows arrow.RecordBatch) []outcome.BrokenRule {
	if rows == nil {
		return nil
	}
	var out []outcome.BrokenRule
	twice := func(rule string, where diag.Range, columns []string) {
		seen := map[string]bool{}
		for i := range int(rows.NumRows()) {
			values, ok := tuple(rows, columns, i)
			value := strings.Join(values, "\x00")
			if ok && seen[value] {
				out = append(out, outcome.BrokenRule{Rule: rule, Value: strings.Join(values, ", "), Message: "stands twice in the table", Range: &where})
				return
			}
			seen[value] = true
		}
	}
	if len(c.Key) > 0 {
		twice(contract.RecordKey, c.Range, c.Key)
	}
	for i := range c.Columns {
		if col := &c.Columns[i]; col.Unique {
			where := col.Range
			if at, ok := col.Rules[contract.RuleUnique]; ok {
				where = at
			}
			twice(contract.ColumnRule(col.Name, contract.RuleUnique), where, []string{col.Name})
		}
	}
	return out
}

// tuple writes the values of some columns in a row; false where one is null.
func tuple(rows arrow.RecordBatch, columns []string, row int) (parts []string, ok bool) {
	for _, name := range columns {
		at := rows.Schema().FieldIndices(name)
		if len(at) == 0 || rows.Column(at[0]).IsNull(row) {
			return nil, false
		}
		parts = append(parts, rows.Column(at[0]).ValueStr(row))
	}
	return parts, true
}

// judge compares what was broken with what was to be.
func judge(t *program.TestCase, c *contract.Contract, found []outcome.BrokenRule, k *outcome.CaseResult) {
	errors := 0
	k.Passed = true
	for i := range found {
		f := &found[i]
		f.Expected = slices.Contains(t.Violates, f.Rule) || len(t.Violates) == 0 && (!t.Accept || f.Warning) || !t.Accept && f.Warning
		k.Passed = k.Passed && f.Expected
		if !f.Warning {
			errors++
		}
	}
	for _, name := range t.Violates {
		if !slices.ContainsFunc(found, func(f outcome.BrokenRule) bool { return f.Rule == name }) {
			k.Kept = append(k.Kept, name)
		}
	}
	if len(k.Kept) > 0 || t.Accept && errors > 0 || !t.Accept && errors == 0 {
		k.Passed = false
	}
	place := map[string]int{}
	for i, r := range c.RuleNames() {
		place[r.Name] = i
	}
	slices.SortStableFunc(found, func(a, b outcome.BrokenRule) int { return place[a.Rule] - place[b.Rule] })
	k.Broken = found
}
