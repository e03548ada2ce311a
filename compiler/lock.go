package compiler

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/lang/addr"
)

// lockKey is a stream of a source in sources.lock.hcl.
type lockKey struct {
	source addr.Address
	stream string
}

// indexLock reads the columns that sources.lock.hcl knows.
func (c *compiler) indexLock() {
	c.lock = map[lockKey][]contract.Column{}
	for _, b := range c.mod.Lock {
		if b.Type != "source" || len(b.Labels) == 0 {
			continue
		}
		source := addr.Of(addr.Source, b.Labels[len(b.Labels)-1])
		if key, ok := constant(b, "each", cty.String); ok {
			source = source.WithKey(key.AsString())
		}
		for _, s := range b.Nested("stream") {
			cols := []contract.Column{}
			for _, col := range s.Nested("column") {
				r := c.body(col, nil)
				a := col.Attr("type")
				if a == nil {
					continue
				}
				t, d := columnType(a.Expr)
				c.add(d)
				if d == nil {
					cols = append(cols, contract.Column{Name: col.Labels[0], Type: t, Required: !r.boolean("nullable", false), Range: col.Range})
				}
			}
			c.lock[lockKey{source, s.Labels[0]}] = cols
		}
	}
}
