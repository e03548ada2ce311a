package compiler

import (
	"fmt"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// compatible holds each version of a contract to the one before it, or under
// _transitive to every earlier one, where the contract says in so many words who
// must not break. Elsewhere a version may break what another promised.
func (c *compiler) compatible() {
	for _, name := range config.SortedKeys(c.entries[addr.Contract]) {
		e := c.entries[addr.Contract][name]
		for _, in := range e.instance {
			for i, v := range e.versions {
				now := c.contract(in.addr.WithVersion(v))
				if now == nil {
					continue
				}
				mode, transitive, explicit := compat.ParseMode(now.Compatibility)
				if !explicit || mode == compat.None {
					break
				}
				first := max(i-1, 0)
				if transitive {
					first = 0
				}
				for _, before := range e.versions[first:i] {
					c.holdVersion(in.addr, before, v, mode)
				}
			}
		}
	}
}

// holdVersion reports what a version breaks of an earlier one.
func (c *compiler) holdVersion(a addr.Address, before, v int, mode compat.Mode) {
	old, now := c.contract(a.WithVersion(before)), c.contract(a.WithVersion(v))
	if old == nil {
		return
	}
	for _, ch := range compat.Broken(compat.Compare(old, now, mode)) {
		out := fmt.Sprintf("leave it as version %d has it, or let the contract say compatibility = \"auto\", under which a new version may break what an old one promised.", before)
		at := now.Range
		if ch.NewRange != nil {
			at = *ch.NewRange
		}
		c.add(diag.New(diag.VersionBreaks, "%s against version %d, under compatibility = %q: %s", a.WithVersion(v), before, now.Compatibility, ch.Explain(mode, out)).At(at))
	}
}
