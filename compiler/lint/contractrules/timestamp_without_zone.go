package contractrules

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
)

func timestampWithoutZone() *lint.Rule {
	return &lint.Rule{
		ID: "timestamp_without_zone", Severity: lint.Warning, Local: true,
		Summary: "A moment is kept without its time zone",
		Why:     "A timestamp says what a clock showed, not where it hung. Two sources in two zones, or one source on both sides of the change to summer time, put events into the wrong order and onto the wrong day.",
		Fix:     "Take timestamptz, an instant. Keep timestamp for what really is the time of a local clock, and say local in its name.",
		Bad: `contract "orders" {
  column "created_at" {
    type = timestamp
  }
}
`,
		Good: `contract "orders" {
  column "created_at" {
    type = timestamptz
  }
  column "pickup_local_time" {
    type = timestamp
  }
}
`,
		Check: func(p *lint.Pass) {
			eachColumn(p, func(n *program.Node, c *contract.Column) {
				if c.Type.Kind == types.Timestamp && isMoment(c.Name) {
					p.ReportColumn(n, c, "type", "%s is timestamp. Make it timestamptz, so that every reader means the same moment.", c.Name)
				}
			})
		},
	}
}

// isMoment guesses whether a column says when something happened.
func isMoment(name string) bool {
	words := lint.Words(name)
	if len(words) == 0 || lint.HasWord(name, "local", "wall") {
		return false
	}
	last := words[len(words)-1]
	return last == "at" || last == "ts" || last == "timestamp" || last == "datetime" ||
		lint.HasWord(name, "created", "updated", "modified", "deleted", "occurred", "received")
}
