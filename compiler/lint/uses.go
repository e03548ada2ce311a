package lint

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/lang/schema"
)

// Use is a reference in an expression: contract.orders.v2 has the root contract
// and the steps orders and v2. A key is a step, too: model.sales["eu"].v2.
type Use struct {
	Root  string
	Steps []string
	Top   *lang.Block // the top-level block that it stands in
	Attr  *lang.Attr
	Range diag.Range
}

// usesOf collects the references of a module, block by block in written order,
// attributes by name.
func usesOf(m *lang.Module) []Use {
	var out []Use
	for _, b := range m.Blocks {
		usesIn(b, b, &out)
	}
	return out
}

func usesIn(b, top *lang.Block, out *[]Use) {
	for _, name := range slices.Sorted(maps.Keys(b.Attrs)) {
		a := b.Attrs[name]
		if a.Spec != nil && (a.Spec.Kind == schema.TypeExpr || a.Spec.Kind == schema.TypeConstraint) {
			continue
		}
		for _, t := range a.Expr.Variables() {
			*out = append(*out, Use{Root: t.RootName(), Steps: steps(t[1:]), Top: top, Attr: a, Range: lang.Range(t.SourceRange())})
		}
	}
	for _, n := range b.Blocks {
		usesIn(n, top, out)
	}
}

// steps returns the names and string keys that a traversal goes through, up to
// the first step of another kind.
func steps(t hcl.Traversal) []string {
	var out []string
	for _, s := range t {
		name, ok := config.StepName(s)
		if !ok {
			break
		}
		out = append(out, name)
	}
	return out
}

// Of reports whether the use names root.name.
func (u Use) Of(root, name string) bool {
	return u.Root == root && len(u.Steps) > 0 && u.Steps[0] == name
}

// Used reports whether anything outside of the block itself, and of tests, refers
// to root.name.
func (p *Pass) Used(root, name string, self *lang.Block) bool {
	return slices.ContainsFunc(p.uses, func(u Use) bool {
		return u.Of(root, name) && u.Top != self && u.Top.Type != "test"
	})
}
