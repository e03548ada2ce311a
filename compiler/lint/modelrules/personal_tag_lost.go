package modelrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
)

func personalTagLost() *lint.Rule {
	return &lint.Rule{
		ID: "personal_tag_lost", Severity: lint.Warning,
		Summary: "A model passes personal data on without its tag",
		Why:     "The tag pii goes along through a stream's map, not through SQL. A model's column that carries the value on is printed in plans and reports, and in quarantine, unless its own contract has the tag, too.",
		Fix:     "Give the model's contract tags = [\"pii\"] for the column, or hash the value and call the column so.",
		Bad: `contract "visitors" {
  column "nickname" {
    type = string
    tags = ["pii"]
  }
}
external "web.visitors" {
  destination = destination.warehouse
  contract    = contract.visitors
}
model "visitor_list" {
  destination = destination.warehouse
  query       = "select nickname from web.visitors"
  contract    = contract.visitor_list
}
contract "visitor_list" {
  column "nickname" {
    type = string
  }
}
`,
		Good: `contract "visitors" {
  column "nickname" {
    type = string
    tags = ["pii"]
  }
}
external "web.visitors" {
  destination = destination.warehouse
  contract    = contract.visitors
}
model "visitor_list" {
  destination = destination.warehouse
  query       = "select nickname from web.visitors"
  contract    = contract.visitor_list
}
contract "visitor_list" {
  column "nickname" {
    type = string
    tags = ["pii"]
  }
}
`,
		Check: checkTags,
	}
}

// checkTags compares the columns of models with those of their inputs.
func checkTags(p *lint.Pass) {
	for _, n := range p.Models() {
		c := p.Contract(n.Model.Contract)
		for i := range n.Model.Columns {
			col := n.Model.Columns[i]
			if c != nil {
				if promised, ok := c.Column(col.Name); ok {
					col = *promised
				}
			}
			if col.HasTag("pii") {
				continue
			}
			if from := tagged(p, n, col); from != nil {
				at := n.Range
				if c != nil {
					at = p.At(n.Range, "contract")
				}
				f := p.Report(at, n.Address, "%s has the tag pii in %s, and not here. Tag it in the model's contract.", col.Name, from.Address)
				f.Also = append(f.Also, col.Range, p.At(n.Range, "query"))
			}
		}
	}
}

// tagged returns an input of a model that has a column of the same name and type
// with the tag pii, nil where none has.
func tagged(p *lint.Pass, n *program.Node, col contract.Column) *program.Node {
	for _, t := range n.Model.Tables {
		input, ok := p.Program().Lookup(t.Target)
		if !ok {
			continue
		}
		c := p.Contract(input.HeldTo())
		if c == nil {
			continue
		}
		if before, ok := c.Column(col.Name); ok && before.HasTag("pii") && before.Type.Equal(col.Type) {
			return input
		}
	}
	return nil
}
