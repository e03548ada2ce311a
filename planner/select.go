package planner

import (
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// selection says which addresses a plan looks at. A nil map of targets means all.
type selection struct {
	targets  map[string]bool
	excluded map[string]bool
}

func (s *selection) has(a addr.Address) bool {
	key := a.String()
	return (s.targets == nil || s.targets[key]) && !s.excluded[key]
}

// names reports whether an address given by a user means a: the address itself,
// every version, stream and key of one that is given without.
func names(given, a addr.Address) bool {
	if given == a {
		return true
	}
	if given.Kind != a.Kind || given.Name != a.Name || (given.HasKey && (!a.HasKey || given.Key != a.Key)) {
		return false
	}
	return (given.Stream == "" || given.Stream == a.Stream) && (given.Version == 0 || given.Version == a.Version)
}

// matching returns every address of program and state that a given one means,
// in the order of the program, and reports one that means nothing.
func (b *builder) matching(given addr.Address, option string) []addr.Address {
	var out []addr.Address
	var all []string
	for _, n := range b.program.Nodes {
		all = append(all, n.Address.String())
		if names(given, n.Address) {
			out = append(out, n.Address)
		}
	}
	for _, key := range sortedKeys(b.prior.Nodes) {
		n := b.prior.Nodes[key]
		if n.Definition == nil || b.nodes[key] != nil {
			continue
		}
		all = append(all, key)
		if names(given, n.Definition.Address) {
			out = append(out, n.Definition.Address)
		}
	}
	if len(out) == 0 {
		code := diag.UnknownTarget
		if option == "run" {
			code = diag.NeverApplied
		}
		b.diags.Add(diag.New(code, "%s %s means nothing that is known here.%s", option, given, diag.DidYouMean(given.String(), all)).For(given.String()))
	}
	return out
}

// selectNodes works out Options.Targets, Excludes and Replace.
func (b *builder) selectNodes() {
	b.selection = &selection{excluded: map[string]bool{}}
	if len(b.opts.Targets) > 0 {
		b.selection.targets = map[string]bool{}
		users := b.users()
		for _, t := range b.opts.Targets {
			for _, a := range b.matching(t, "--target") {
				b.target(a, users)
			}
		}
	}
	if len(b.opts.Excludes) > 0 {
		users := b.users()
		for _, x := range b.opts.Excludes {
			for _, a := range b.matching(x, "--exclude") {
				b.exclude(a.String(), users)
			}
		}
	}
	for _, r := range b.opts.Replace {
		matched := b.matching(r, "--replace")
		useful := len(matched) == 0
		for _, a := range matched {
			if n := b.node(a); n != nil && (n.Stream != nil || n.Model != nil) {
				b.reload[a.String()], useful = true, true
			}
		}
		if !useful {
			b.diags.Add(diag.New(diag.NothingToReload, "--replace %s: give a stream, a pipeline or a model of the configuration.", r).For(r.String()))
		}
	}
}

// target selects an address and all that it needs; with one that goes away, all
// that used it.
func (b *builder) target(a addr.Address, users map[string][]string) {
	key := a.String()
	if b.selection.targets[key] {
		return
	}
	b.selection.targets[key] = true
	n := b.node(a)
	if n == nil {
		n = b.wasNode(a)
		for _, u := range users[key] {
			if user := b.prior.Nodes[u]; user != nil && user.Definition != nil {
				b.target(user.Definition.Address, users)
			}
		}
	}
	if n == nil {
		return
	}
	for _, d := range depends(n) {
		b.target(d, users)
	}
}

// exclude leaves out an address and all that needs it.
func (b *builder) exclude(key string, users map[string][]string) {
	if b.selection.excluded[key] {
		return
	}
	b.selection.excluded[key] = true
	for _, u := range users[key] {
		b.exclude(u, users)
	}
}

// users maps each address to those that depend on it, in program and state.
func (b *builder) users() map[string][]string {
	out := map[string][]string{}
	note := func(n *program.Node) {
		key := n.Address.String()
		for _, d := range n.DependsOn {
			out[d.String()] = append(out[d.String()], key)
		}
		if n.Stream != nil {
			out[n.Address.Base().String()] = append(out[n.Address.Base().String()], key)
		}
	}
	for _, n := range b.program.Nodes {
		note(n)
	}
	for key, n := range b.prior.Nodes {
		if n.Definition != nil && b.nodes[key] == nil {
			note(n.Definition)
		}
	}
	return out
}
