// Package modelrules are the lint rules about models and what they read, one in a
// file. Those that look into the text of a query stand in package sqlrules.
package modelrules

import "github.com/headgate-data/headgate/compiler/lint"

// Rules returns the rules of this package.
func Rules() []*lint.Rule {
	return []*lint.Rule{deprecatedVersion(), duplicateQuery(), longViewChain(), modelWithoutContract(), personalTagLost(), undocumentedModel(), unpinnedModel()}
}
