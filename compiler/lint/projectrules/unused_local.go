package projectrules

import (
	"maps"
	"slices"

	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/lang/addr"
)

func unusedLocal() *lint.Rule {
	return &lint.Rule{
		ID: "unused_local", Severity: lint.Warning, Mends: true,
		Summary: "A local has no effect",
		Why:     "A name that nothing reads is left from something that is gone, or should have been read where the value was written out again.",
		Fix:     "Take it out.",
		Bad: `locals {
  lake = "data"
}
`,
		Good: `locals {
  lake = "data"
}
source "file" "returns" {
  path = "${local.lake}/returns.csv"
}
`,
		Check: func(p *lint.Pass) {
			read := map[string]bool{}
			for _, u := range p.Uses() {
				if u.Root == "local" && len(u.Steps) > 0 && !(u.Top.Type == "locals" && u.Attr.Name == u.Steps[0]) {
					read[u.Steps[0]] = true
				}
				if u.Root == "local" && len(u.Steps) == 0 {
					return // by a name that is worked out: it may be any
				}
			}
			for _, b := range p.Module().Blocks {
				if b.Type != "locals" {
					continue
				}
				for _, name := range slices.Sorted(maps.Keys(b.Attrs)) {
					if a := b.Attrs[name]; !read[name] {
						f := p.Report(a.NameRange, addr.Address{}, "Nothing reads local.%s. Take it out.", name)
						f.Edits = p.RemoveAttr(a)
					}
				}
			}
		},
	}
}
