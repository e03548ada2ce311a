package usage

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// Result is what became of the contracts between two trees of a project.
type Result struct {
	Published []*compat.Report // versions that both have and that differ: a promise is held to them
	New       []*compat.Report // versions that only the new tree has, against the one before
	Same      int              // versions that nothing differs in
	Added     []addr.Address   // first versions: there is nothing to hold them to
	Removed   []Removed
}

// Removed is a version that is gone, with those that used it.
type Removed struct {
	Address addr.Address   `json:"address"`
	Users   []addr.Address `json:"users,omitempty"` // as they were
}

// Broken reports whether anybody who is protected breaks. A new version breaks
// somebody only where its contract, or the caller, says who must not.
func (r *Result) Broken() bool {
	broken := func(list []*compat.Report) bool {
		return slices.ContainsFunc(list, func(r *compat.Report) bool { return len(r.Broken()) > 0 })
	}
	return broken(r.Published) || broken(r.New)
}

// Against compares the contracts of a tree with those of an earlier one. override
// is the mode of all of them, "" for each contract's own.
func Against(base, now []*program.Node, override compat.Mode) *Result {
	users := Of(base, now)
	before := map[addr.Address]*program.Node{}
	for _, n := range base {
		if n.Contract != nil {
			before[n.Address] = n
		}
	}
	out := &Result{}
	there := map[addr.Address]bool{}
	for _, n := range now {
		if n.Contract == nil {
			continue
		}
		there[n.Address] = true
		old, published := before[n.Address]
		if published {
			mode := override
			if mode == "" {
				mode = users.Mode(n.Contract, n.Address)
			}
			r := compat.NewReport(old.Contract, n.Contract, n.Address.String()+" as published", n.Address.String(), mode)
			if len(r.Changes) == 0 {
				out.Same++
			} else {
				out.Published = append(out.Published, r)
			}
			continue
		}
		out.newVersion(n, now, before, override)
	}
	for _, n := range base {
		if n.Contract != nil && !there[n.Address] {
			out.Removed = append(out.Removed, Removed{Address: n.Address, Users: usersOf(base, n.Address)})
		}
	}
	return out
}

// newVersion compares a version with the greatest one before it, of either tree.
func (r *Result) newVersion(n *program.Node, now []*program.Node, before map[addr.Address]*program.Node, override compat.Mode) {
	var last *program.Node
	take := func(other *program.Node) {
		older := other.Contract != nil && other.Address.Base() == n.Address.Base() && other.Address.Version < n.Address.Version
		if older && (last == nil || other.Address.Version > last.Address.Version) {
			last = other
		}
	}
	for _, other := range now {
		take(other)
	}
	for _, other := range before {
		take(other)
	}
	if last == nil {
		r.Added = append(r.Added, n.Address)
		return
	}
	mode, _, explicit := compat.ParseMode(n.Contract.Compatibility)
	if !explicit {
		mode = compat.None
	}
	if override != "" {
		mode = override
	}
	r.New = append(r.New, compat.NewReport(last.Contract, n.Contract, last.Address.String(), n.Address.String(), mode))
}

func usersOf(nodes []*program.Node, contract addr.Address) []addr.Address {
	var out []addr.Address
	for _, n := range nodes {
		if n.HeldTo() == contract {
			out = append(out, n.Address)
		}
	}
	return out
}
