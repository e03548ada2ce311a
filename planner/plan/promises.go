package plan

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// Keeper says where a promise of a contract is kept.
type Keeper string

// The keepers. A destination that can neither refuse nor audit leaves a promise to
// nobody.
const (
	KeptInFlight Keeper = "in_flight" // on every record, before it is written
	KeptByMerge  Keeper = "merge"     // by the merge itself: one row for each key
	KeptByAudit  Keeper = "audit"     // by a query over the table as it will be, before it is published
)

// Promise is one promise of a stream's or model's contract.
type Promise struct {
	Rule     string `json:"rule"`               // as reports name it: "total.min"
	Kind     string `json:"kind"`               // type, limit, check, key, unique, references, expect, rows or freshness
	Kept     Keeper `json:"kept"`               // where
	Severity string `json:"severity,omitempty"` // error or warning, of those that have one
	Detail   string `json:"detail,omitempty"`   // what it references, its bounds
	Then     string `json:"then,omitempty"`     // quarantine or drop: what becomes of the rows at fault, in place of failing
}

// PromisesOf lists what a stream or model of the program promises: first what is
// kept in flight, then what is kept over the whole table. It is empty for every
// other address, and for a model without a contract.
func PromisesOf(p *program.Program, a addr.Address) []Promise {
	if p == nil {
		return nil
	}
	n, ok := p.Lookup(a)
	if !ok {
		return nil
	}
	var promise addr.Address
	write, rows := "", KeptByAudit
	switch {
	case n.Stream != nil:
		promise, write, rows = n.Stream.Contract, n.Stream.Write, KeptInFlight
	case n.Model != nil:
		promise = n.Model.Contract
	}
	c, ok := p.Lookup(promise)
	if !ok || c.Contract == nil {
		return nil
	}
	out := rowPromises(c.Contract, rows)
	view := n.Model != nil && n.Model.Materialized == "view"
	return append(out, setPromises(c.Contract, write, view)...)
}

// rowPromises are those that single records keep or break.
func rowPromises(c *contract.Contract, kept Keeper) []Promise {
	var out []Promise
	for i := range c.Columns {
		col := &c.Columns[i]
		if kept == KeptInFlight { // a model's types are settled when it is compiled
			out = append(out, Promise{Rule: contract.ColumnRule(col.Name, contract.RuleType), Kind: "type", Kept: kept, Detail: col.Type.String()})
		}
		for _, rule := range limits(col) {
			out = append(out, Promise{Rule: contract.ColumnRule(col.Name, rule), Kind: "limit", Kept: kept})
		}
		for _, chk := range col.Checks {
			out = append(out, Promise{Rule: contract.ColumnRule(col.Name, chk.Name), Kind: "check", Kept: kept, Severity: string(chk.Severity)})
		}
	}
	for _, chk := range c.Checks {
		out = append(out, Promise{Rule: chk.Name, Kind: "check", Kept: kept, Severity: string(chk.Severity)})
	}
	return out
}

// limits are the limits that a column has, by rule.
func limits(col *contract.Column) []string {
	var out []string
	for _, l := range []struct {
		rule string
		set  bool
	}{
		{contract.RuleRequired, col.Required}, {contract.RuleMin, col.Min != nil}, {contract.RuleMax, col.Max != nil},
		{contract.RuleMinLength, col.MinLength != nil}, {contract.RuleMaxLength, col.MaxLength != nil},
		{contract.RulePattern, col.Pattern != ""}, {contract.RuleEnum, len(col.Enum) > 0}, {contract.RuleFormat, col.Format != ""},
	} {
		if l.set {
			out = append(out, l.rule)
		}
	}
	return out
}

// setPromises are those over the whole table.
func setPromises(c *contract.Contract, write string, view bool) []Promise {
	then := string(c.SetViolations)
	if view {
		then = ""
	}
	var out []Promise
	for i := range c.Columns {
		if col := &c.Columns[i]; col.References != nil {
			out = append(out, Promise{Rule: contract.ColumnRule(col.Name, contract.RuleReferences), Kind: "references", Kept: KeptByAudit, Detail: col.References.String(), Then: then})
		}
	}
	if len(c.Key) > 0 {
		key := Promise{Rule: contract.RecordKey, Kind: "key", Kept: KeptByAudit, Detail: fmt.Sprint(c.Key), Then: then}
		if write == "merge" {
			key.Kept, key.Then = KeptByMerge, ""
		}
		out = append(out, key)
	}
	for i := range c.Columns {
		if col := &c.Columns[i]; col.Unique {
			out = append(out, Promise{Rule: contract.ColumnRule(col.Name, contract.RuleUnique), Kind: "unique", Kept: KeptByAudit, Then: then})
		}
	}
	for _, e := range c.Expects {
		out = append(out, Promise{Rule: e.Name, Kind: "expect", Kept: KeptByAudit, Severity: string(e.Severity), Detail: e.Message})
	}
	if r := c.Rows; r != nil {
		p := Promise{Rule: contract.TableRows, Kind: "rows", Kept: KeptByAudit, Severity: string(r.Severity)}
		if r.Min != nil {
			p.Detail = fmt.Sprintf("min = %d", *r.Min)
		}
		if r.Max != nil {
			if p.Detail != "" {
				p.Detail += ", "
			}
			p.Detail += fmt.Sprintf("max = %d", *r.Max)
		}
		out = append(out, p)
	}
	if f := c.Freshness; f != nil {
		out = append(out, Promise{Rule: contract.TableFreshness, Kind: "freshness", Kept: KeptByAudit, Severity: string(f.Severity), Detail: f.Column + " within " + f.Age()})
	}
	return out
}
