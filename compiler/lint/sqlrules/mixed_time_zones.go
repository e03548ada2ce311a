package sqlrules

import (
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
)

func mixedTimeZones() *lint.Rule {
	return &lint.Rule{
		ID: "mixed_time_zones", Severity: lint.Warning,
		Summary: "A moment is compared with a time that has no zone",
		Why:     "To compare timestamptz with timestamp or date the database takes the zone of its session, which is another one on the next machine. Rows near midnight fall on one side here, and on the other side there.",
		Fix:     "Say the zone: created_at at time zone 'UTC', or compare with a timestamptz literal.",
		Bad:     model("select id from raw.orders where created_at >= date '2024-01-01'"),
		Good:    model("select id from raw.orders where created_at >= timestamptz '2024-01-01 00:00:00+00'"),
		Check: func(p *lint.Pass) {
			eachFact(p, sqlcheck.ZoneMix, func(n *program.Node, fact sqlcheck.Fact, report reporter) {
				report("One side has a time zone and the other has none. Write at time zone 'UTC' behind one of them.")
			})
		},
	}
}
