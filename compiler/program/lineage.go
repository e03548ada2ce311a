package program

import "github.com/headgate-data/headgate/lang/addr"

// AnyColumn in an Origin stands for all columns of the input, those to come among
// them.
const AnyColumn = "*"

// Lineage says what the result of a model's query is made from. It is worked out
// from the query and the columns of its inputs, and is no part of a fingerprint.
type Lineage struct {
	Inputs  []addr.Address  `json:"inputs,omitempty"`  // what is read, each once
	Columns []LineageColumn `json:"columns,omitempty"` // of the result, in order
	Rows    []Origin        `json:"rows,omitempty"`    // what decides which rows there are; it bears on every column
	Named   []Origin        `json:"named,omitempty"`   // what the query names and that bears on nothing in its result
	Opaque  []Opaque        `json:"opaque,omitempty"`  // what could not be seen through
}

// LineageColumn is a column of the result and what its values are made from.
type LineageColumn struct {
	Name string   `json:"name"`
	From []Origin `json:"from,omitempty"`
}

// Origin is a column of an input.
type Origin struct {
	Input  int    `json:"input"` // counts in Lineage.Inputs
	Column string `json:"column"`
	How    string `json:"how,omitempty"` // "" is direct; transformed, aggregated, where, join, ...
}

// Opaque says why the result may show or depend on columns of an input that the
// query does not name.
type Opaque struct {
	Input int    `json:"input"`
	Why   string `json:"why"` // "select *", "pivot", ...
}

// Valid reports whether every origin names an input that is there, which is so of
// all that the compiler makes.
func (l *Lineage) Valid() bool {
	in := func(list []Origin) bool {
		for _, o := range list {
			if o.Input < 0 || o.Input >= len(l.Inputs) {
				return false
			}
		}
		return true
	}
	for _, c := range l.Columns {
		if !in(c.From) {
			return false
		}
	}
	for _, o := range l.Opaque {
		if o.Input < 0 || o.Input >= len(l.Inputs) {
			return false
		}
	}
	return in(l.Rows) && in(l.Named)
}

// WithoutLineage returns the node without what its query was found to read, which
// is worked out from the rest: what an earlier headgate applied lacks it.
func (n *Node) WithoutLineage() *Node {
	if n.Model == nil || n.Model.Lineage == nil {
		return n
	}
	out, m := *n, *n.Model
	m.Lineage = nil
	out.Model = &m
	return &out
}
