// Package projectrules are the lint rules about a project as a whole: what is not
// used, secrets, variables and environments; one in a file.
package projectrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
)

// Rules returns the rules of this package.
func Rules() []*lint.Rule {
	return []*lint.Rule{
		exposedVariable(), homePath(), needlessInterpolation(), plainSecret(), productionUnprotected(), untypedVariable(),
		unusedContract(), unusedDestination(), unusedExternal(), unusedLocal(), unusedSource(), unusedVariable(),
	}
}

// blocks returns the top-level blocks of a type, in the order of the module.
func blocks(p *lint.Pass, typ string) []*lang.Block {
	var out []*lang.Block
	for _, b := range p.Module().Blocks {
		if b.Type == typ && len(b.Labels) > 0 {
			out = append(out, b)
		}
	}
	return out
}

// unused reports blocks of a type that nothing refers to.
func unused(p *lint.Pass, typ, way string) {
	for _, b := range blocks(p, typ) {
		name := b.Labels[len(b.Labels)-1]
		if !p.Used(typ, name, b) {
			p.Report(b.Range, addr.Of(addr.Kind(typ), name), "Nothing refers to %s.%s. %s", typ, name, way)
		}
	}
}

// eachBlock calls f for every block, nested ones included.
func eachBlock(list []*lang.Block, f func(b *lang.Block)) {
	for _, b := range list {
		f(b)
		eachBlock(b.Blocks, f)
	}
}
