package compiler

import (
	"slices"
	"time"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// budgets compiles the budget blocks, sorted by pipeline and place.
func (c *compiler) budgets() []*program.Budget {
	var out []*program.Budget
	for _, b := range c.mod.Blocks {
		if b.Type == "budget" {
			if limit := c.budget(b); limit != nil {
				out = append(out, limit)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *program.Budget) int { return addr.Compare(a.Pipeline, b.Pipeline) })
	return out
}

// budget compiles one block, nil where it limits nothing that is there.
func (c *compiler) budget(block *lang.Block) *program.Budget {
	b := c.body(block, nil)
	limit := program.Budget{Range: block.Range}
	limit.MaxRows, _ = b.whole("max_rows", 1)
	limit.MaxBytes, _ = b.whole("max_bytes", 1)
	if text := b.duration("max_duration"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			c.add(diag.Bug("compiler.budget", "%v", err))
		}
		limit.MaxSeconds = d.Seconds()
	}
	if !b.has("max_rows") && !b.has("max_bytes") && !b.has("max_duration") {
		c.add(diag.New(diag.MissingAttribute, "A budget limits nothing without max_rows, max_bytes or max_duration.").At(block.Range))
	}
	var ok bool
	if limit.Pipeline, ok = b.ref("pipeline", addr.Pipeline); !ok || c.nodes[limit.Pipeline] == nil {
		return nil // it was reported
	}
	return &limit
}
