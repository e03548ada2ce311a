// Package contractrules are the lint rules about contracts, one in a file.
package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
)

// Rules returns the rules of this package.
func Rules() []*lint.Rule {
	return []*lint.Rule{
		columnNameKeyword(), columnNameStyle(), constantCheck(), evolveUnderModel(), impossibleEnumValue(), lenientNumbers(),
		moneyAsFloat(), narrowID(), patternUnanchored(), personalDataInQuarantine(), personalDataUntagged(), silentDrop(),
		timeAsText(), timestampWithoutZone(), toleranceOfEverything(), undocumentedContract(),
	}
}

// eachColumn calls f for every column of every version of every contract.
func eachColumn(p *lint.Pass, f func(n *program.Node, c *contract.Column)) {
	for _, n := range p.Contracts() {
		for i := range n.Contract.Columns {
			f(n, &n.Contract.Columns[i])
		}
	}
}
