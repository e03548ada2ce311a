// Package lineage follows columns through a program: from the records of a source
// through the map of a stream into its table, and on through the queries of models.
// It works on plain data: what a query reads was found out when it was compiled.
package lineage

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/lang/addr"
)

// Unknown is why a model without lineage is opaque.
const Unknown = "its lineage is not recorded"

// Change says what of a table is not as it was.
type Change struct {
	Columns map[string]bool // by lower-case name: values, types, or whether they are there
	Rows    bool            // which rows there are, and with them any value
	Shape   bool            // columns come or go
}

// Add widens the change by another one and reports whether that made a difference.
func (c *Change) Add(other Change) bool {
	grown := other.Rows && !c.Rows || other.Shape && !c.Shape
	c.Rows, c.Shape = c.Rows || other.Rows, c.Shape || other.Shape
	if c.Columns == nil {
		c.Columns = map[string]bool{}
	}
	for name := range other.Columns {
		if !c.Columns[name] {
			c.Columns[name], grown = true, true
		}
	}
	return grown
}

// Use is what a reader has to do with a change of one of its inputs.
type Use struct {
	Reads   []string // columns of the input that it reads: the changed ones, or all where rows changed; AnyColumn where it may be any
	Columns []string // its own columns whose values come from what changed
	Rows    bool     // which rows it has depends on what changed
	Shows   bool     // columns that come or go in the input do so in it, too
	Opaque  []string // why more may be read than can be told
}

// Reached reports whether the reader has to do with the change at all.
func (u Use) Reached() bool { return len(u.Reads) > 0 || u.Rows || u.Shows }

// Change is what changes in the reader.
func (u Use) Change() Change {
	out := Change{Columns: map[string]bool{}, Rows: u.Rows, Shape: u.Shows}
	for _, name := range u.Columns {
		out.Columns[strings.ToLower(name)] = true
	}
	return out
}

// UseOf says what a model has to do with a change of its input.
func UseOf(m *program.Model, input addr.Address, ch Change) Use {
	l := m.Lineage
	if l == nil || !l.Valid() {
		u := Use{Reads: []string{program.AnyColumn}, Rows: true, Shows: ch.Shape, Opaque: []string{Unknown}}
		for _, c := range m.Columns {
			u.Columns = append(u.Columns, c.Name)
		}
		return u
	}
	at := slices.Index(l.Inputs, input)
	if at < 0 {
		return Use{}
	}
	var u Use
	reads := map[string]string{}
	// hit reports whether an origin is of what changed, and notes it.
	hit := func(o program.Origin) bool {
		low := strings.ToLower(o.Column)
		if o.Input != at || !ch.Rows && !ch.Columns[low] && !(o.Column == program.AnyColumn && (ch.Shape || len(ch.Columns) > 0)) {
			return false
		}
		reads[low] = o.Column
		return true
	}
	for _, c := range l.Columns {
		for _, o := range c.From {
			if hit(o) && !slices.Contains(u.Columns, c.Name) {
				u.Columns = append(u.Columns, c.Name)
			}
		}
	}
	u.Rows = ch.Rows
	for _, o := range l.Rows {
		u.Rows = hit(o) || u.Rows
	}
	for _, o := range l.Named {
		hit(o)
	}
	for _, o := range l.Opaque {
		if o.Input != at {
			continue
		}
		if ch.Shape || reads[program.AnyColumn] != "" {
			u.Opaque = append(u.Opaque, o.Why)
		}
		u.Shows = u.Shows || ch.Shape
	}
	for _, name := range reads {
		u.Reads = append(u.Reads, name)
	}
	slices.Sort(u.Reads)
	return u
}

// OfStream is the lineage of a stream's table: its columns come from those of the
// source's records, through the map.
func OfStream(s *program.Stream, from addr.Address, columns []contract.Column) *program.Lineage {
	out := &program.Lineage{Inputs: []addr.Address{from}}
	mapped := map[string]*rowexpr.Expr{}
	var dropped []string
	only := false
	if s.Map != nil {
		for i := range s.Map.Columns {
			mapped[s.Map.Columns[i].Name] = s.Map.Columns[i].Value
		}
		dropped, only = s.Map.Drop, s.Map.Only
		out.Rows = rowOrigins(s.Map.Filter, "filter")
	}
	for i := range columns {
		c := program.LineageColumn{Name: columns[i].Name}
		value, ok := mapped[c.Name]
		switch {
		case c.Name == contract.ExtraColumn:
			c.From = []program.Origin{{Column: program.AnyColumn, How: "transformed"}}
		case ok && value != nil && direct(value):
			c.From = rowOrigins(value, "")
		case ok:
			c.From = rowOrigins(value, "transformed")
		case !only && !slices.Contains(dropped, c.Name):
			c.From = []program.Origin{{Column: c.Name}}
		}
		out.Columns = append(out.Columns, c)
	}
	return out
}

// direct reports whether an expression is a column as it is.
func direct(e *rowexpr.Expr) bool {
	if e.Op == rowexpr.OpConvert && len(e.Args) == 1 {
		return direct(e.Args[0])
	}
	return e.Op == rowexpr.OpRef && len(e.Path) == 1
}

// rowOrigins are the columns of a record that an expression reads, in the order of
// their first use.
func rowOrigins(e *rowexpr.Expr, how string) []program.Origin {
	var out []program.Origin
	for _, ref := range e.Refs() {
		if len(ref.Path) == 0 {
			continue
		}
		o := program.Origin{Column: ref.Path[0].Name, How: how}
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// Inputs lists the tables that a model reads, each once.
func Inputs(m *program.Model) []addr.Address {
	var out []addr.Address
	for _, t := range m.Tables {
		if !slices.Contains(out, t.Target) {
			out = append(out, t.Target)
		}
	}
	return out
}
