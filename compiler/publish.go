package compiler

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// publication is a name that something publishes in a destination.
type publication struct {
	owner       addr.Address
	destination addr.Address
	schema      string // without the environment's suffix
	name        string
	at          diag.Range
	stream      bool
}

// published is who has a name. Columns are what a query sees; nil where they are
// not known.
type published struct {
	publication
	managed bool
}

// place is the key of a name: databases do not tell upper from lower case.
func place(destination addr.Address, schema, name string) string {
	return destination.String() + "\x00" + strings.ToLower(schema) + "\x00" + strings.ToLower(name)
}

// publish notes a name, and reports one that is taken.
func (c *compiler) publish(p publication) {
	if p.name == "" || p.destination.IsZero() {
		return
	}
	key := place(p.destination, p.schema, p.name)
	first := c.tables[key]
	if first == nil {
		c.tables[key] = &published{publication: p, managed: p.owner.Kind != addr.External}
		return
	}
	code := diag.NameTaken
	if p.stream && first.stream {
		code = diag.TwoWriters
	}
	d := diag.New(code, "%s.%s in %s belongs to %s.", p.schema, p.name, p.destination, first.owner).At(p.at).For(p.owner.String())
	d.Related = []diag.Related{{Message: "where it is taken", Range: first.at}}
	c.add(d)
}

// externals compiles the tables that something else fills.
func (c *compiler) externals() {
	c.eachOf(addr.External, func(e *entry, in instance) {
		b := c.body(e.block, in.each)
		x := &program.External{Schema: DefaultSchema, Table: e.name}
		if schema, name, dotted := strings.Cut(e.name, "."); dotted {
			x.Schema, x.Table = schema, name
		}
		if wrong := badTable(x.Schema, x.Table); wrong != "" {
			c.add(diag.New(diag.BadTableName, "%q: %s.", e.name, wrong).At(labelRange(e.block)))
			return
		}
		x.Destination, _ = b.ref("destination", addr.Destination)
		if a, ok := b.ref("contract", addr.Contract); ok {
			if x.Contract, ok = c.versioned(a); ok {
				if promise := c.contract(x.Contract); promise != nil {
					c.deprecated(x.Contract, promise.DeprecatedAfter, b.at("contract"))
				}
			}
		}
		c.publish(publication{owner: in.addr, destination: x.Destination, schema: x.Schema, name: x.Table, at: labelRange(e.block)})
		c.addNode(&program.Node{Address: in.addr, Range: e.block.Range, External: x, DependsOn: []addr.Address{x.Destination, x.Contract}})
	})
}

// columnsOf returns what a query sees of a table: the contract's columns, those
// of a model as they were worked out, and _extra where the contract keeps
// unknown members. Nil where they are not known.
func (c *compiler) columnsOf(owner addr.Address) []contract.Column {
	n := c.nodes[owner]
	if n == nil {
		return nil
	}
	var promise *contract.Contract
	switch {
	case n.Model != nil:
		return n.Model.Columns
	case n.Stream != nil:
		promise = c.contract(n.Stream.Contract)
	case n.External != nil:
		promise = c.contract(n.External.Contract)
	}
	if promise == nil {
		return nil
	}
	if promise.UnknownColumns == contract.UnknownKeepJSON && n.Stream != nil {
		return append(append([]contract.Column{}, promise.Columns...), contract.Column{Name: contract.ExtraColumn, Type: types.Of(types.JSON)})
	}
	return promise.Columns
}
