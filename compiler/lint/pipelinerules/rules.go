// Package pipelinerules are the lint rules about pipelines and streams, one in a file.
package pipelinerules

import "github.com/headgate-data/headgate/compiler/lint"

// Rules returns the rules of this package.
func Rules() []*lint.Rule {
	return []*lint.Rule{
		appendWithoutKey(), constantFilter(), mergeKeyRepeats(), openMap(), optionalCursor(), personalDataUnmasked(), replaceWithCursor(),
		scheduleWithoutFreshness(), scheduleWithoutTimeout(), scheduleWithoutTimezone(), textCursor(), undocumentedPipeline(), unpinnedContract(),
	}
}
