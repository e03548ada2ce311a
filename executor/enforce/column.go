package enforce

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce/eval"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// column is a column of the rows: where its values come from and what they are
// held to.
type column struct {
	contract.Column
	at       int
	slot     int32 // of the member it is read from; -1 where it is mapped or comes from nowhere
	dec      *decoder
	prog     *expression // what the map yields for it, nil without
	values   *vec.Vec    // of the chunk
	required bool        // null is a violation
	fallback *vec.Vec    // the default, one row; nil without
	patched  *vec.Vec    // scratch for the default
	faults   []cellFault // of the chunk
	limits   []columnLimit
	checks   []columnCheck
	evolved  bool

	typeRule, nullRule, mapRule int32
}

type columnLimit struct {
	find limit
	rule int32
}

type columnCheck struct {
	prog *expression
	rule int32
}

// input is a value of the record that row expressions read, in one type.
type input struct {
	slot   int32
	dec    *decoder
	values *vec.Vec
	faults []cellFault
}

func (c *column) describe() connector.Column {
	return connector.Column{Name: c.Name, Type: c.Type, Nullable: !c.required, Comment: c.Description}
}

// source returns where the value of a violation is to be found.
func (c *column) source() int32 {
	if c.slot >= 0 {
		return c.slot
	}
	return fromColumn
}

// fillColumns reads, maps and checks every column of the chunk.
func (e *Enforcer) fillColumns() {
	for _, c := range e.columns {
		c.fill(e)
		c.check(e)
	}
}

// fill makes the column's values of the chunk.
func (c *column) fill(e *Enforcer) {
	c.faults = c.faults[:0]
	switch {
	case c.prog != nil:
		c.fillMapped(e)
	case c.slot >= 0:
		c.faults = c.dec.column(e.data, e.reader.spans[c.slot][:e.n], c.values, c.faults)
		for _, f := range c.faults {
			e.hit(f.row, c.typeRule, f.code, c.slot)
		}
	default:
		c.values.Reset(c.Type)
		for range e.n {
			c.values.AppendNull()
		}
	}
	if c.fallback != nil && c.prog == nil && c.values.Valid != nil {
		c.fillAbsent(e)
	}
	if (c.required || c.NoNull || c.Present) && c.values.Valid != nil {
		c.findNulls(e)
	}
}

// fillMapped evaluates the map. A value that it reads and that cannot be read
// is a violation of the column's type, whatever comes out.
func (c *column) fillMapped(e *Enforcer) {
	failed := c.prog.prog.RunInto(c.prog.bound(e.n), e.n, c.values)
	for _, r := range c.prog.refs {
		for _, f := range r.input.faults {
			e.unreadable(r.input, f, c.typeRule)
			c.values.SetNull(int(f.row))
			c.faults = append(c.faults, f)
		}
	}
	for row, why := range failed {
		if why != eval.None {
			e.failed(row, c.mapRule, why)
			c.values.SetNull(row)
			c.faults = append(c.faults, cellFault{row: int32(row)})
		}
	}
	sortFaults(c.faults)
}

// fillAbsent puts the default where the record has no such member.
func (c *column) fillAbsent(e *Enforcer) {
	absent := func(i int) bool { return c.slot < 0 || e.reader.spans[c.slot][i].kind == scan.None }
	c.patched.Reset(c.Type)
	for i := range e.n {
		if absent(i) {
			c.patched.AppendFrom(c.fallback, 0)
		} else {
			c.patched.AppendFrom(c.values, i)
		}
	}
	c.values, c.patched = c.patched, c.values
}

// findNulls finds the rows that lack a value and may not. A row whose value could
// not be read has its violation already.
func (c *column) findNulls(e *Enforcer) {
	next := 0
	for i := range e.n {
		if !c.values.IsNull(i) {
			continue
		}
		for next < len(c.faults) && int(c.faults[next].row) < i {
			next++
		}
		if next < len(c.faults) && int(c.faults[next].row) == i {
			continue
		}
		e.missing(c, i)
	}
}

// missing notes a null in row i of a column that does not take every null. Where
// there is no difference between null and absent, as in a map or in a table, a
// null is whichever the column takes.
func (e *Enforcer) missing(c *column, i int) {
	kind, same := scan.Null, true
	if c.slot >= 0 {
		kind, same = e.reader.spans[c.slot][i].kind, e.records.Tabular
	}
	switch {
	case c.required, c.Present && kind == scan.None:
		e.hit(int32(i), c.nullRule, isNull, c.source())
	case c.NoNull && kind == scan.Null && !same:
		e.hit(int32(i), c.typeRule, isNull, c.source())
	}
}

// check holds the column's values to its limits and checks, and makes those
// null whose violation asks for it.
func (c *column) check(e *Enforcer) {
	before := len(e.violations)
	for _, l := range c.limits {
		e.bad = l.find(c.values, e.bad[:0])
		for _, row := range e.bad {
			if !c.values.IsNull(int(row)) {
				e.hit(row, l.rule, fine, c.source())
			}
		}
	}
	for _, k := range c.checks {
		e.breaks(k.prog, k.rule, c.source())
	}
	for _, v := range e.violations[before:] {
		if e.rules[v.rule].action == actNull {
			c.values.SetNull(int(v.row))
		}
	}
}
