// Package usage tells who writes to a contract and who reads what was written:
// whom a change of it can break.
package usage

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// Index holds the users of every contract of some nodes, by the contract's address.
type Index struct{ mode map[addr.Address]compat.Mode }

// Of looks through lists of nodes: those of a program, and those that were applied.
// A contract that a stream uses has writers, one that a model or an external
// table uses has readers; whatever reads a stream's table makes readers of its
// contract.
func Of(lists ...[]*program.Node) Index {
	x := Index{mode: map[addr.Address]compat.Mode{}}
	contracts := map[addr.Address]addr.Address{} // of streams
	for _, nodes := range lists {
		for _, n := range nodes {
			switch {
			case n.Stream != nil:
				contracts[n.Address] = n.Stream.Contract
				x.join(n.Stream.Contract, compat.Backward)
			case n.Model != nil && n.Model.Contract.Kind != "":
				x.join(n.Model.Contract, compat.Forward)
			case n.External != nil:
				x.join(n.External.Contract, compat.Forward)
			}
		}
	}
	for _, nodes := range lists {
		for _, n := range nodes {
			if n.Model == nil {
				continue
			}
			for _, t := range n.Model.Tables {
				if c, ok := contracts[t.Target]; ok {
					x.join(c, compat.Forward)
				}
			}
		}
	}
	return x
}

func (x Index) join(a addr.Address, m compat.Mode) {
	for _, key := range []addr.Address{a, a.Base()} {
		x.mode[key] = compat.Join(x.mode[key], m)
	}
}

// Mode is whom a change of the contract must not break: what the contract says,
// or under auto whoever uses that version. A contract without a user has nobody
// to break.
func (x Index) Mode(c *contract.Contract, at addr.Address) compat.Mode {
	if mode, _, explicit := compat.ParseMode(c.Compatibility); explicit {
		return mode
	}
	if m := x.mode[at]; m != "" {
		return m
	}
	return compat.None
}
