// Package ruleset lists every lint rule that headgate has.
package ruleset

import (
	"cmp"
	"slices"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/lint/contractrules"
	"github.com/headgate-data/headgate/compiler/lint/modelrules"
	"github.com/headgate-data/headgate/compiler/lint/pipelinerules"
	"github.com/headgate-data/headgate/compiler/lint/projectrules"
	"github.com/headgate-data/headgate/compiler/lint/sqlrules"
)

// All returns the rules, sorted by ID.
func All() []*lint.Rule {
	out := slices.Concat(contractrules.Rules(), pipelinerules.Rules(), modelrules.Rules(), sqlrules.Rules(), projectrules.Rules())
	slices.SortFunc(out, func(a, b *lint.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
