package pipelinerules

import "github.com/headgate-data/headgate/compiler/lint"

func scheduleWithoutTimezone() *lint.Rule {
	return &lint.Rule{
		ID: "schedule_without_timezone", Severity: lint.Warning, Local: true, Mends: true,
		Summary: "A schedule does not say in which time zone it is meant",
		Why:     "\"0 2 * * *\" is two o'clock in UTC, which is what nobody has on the wall. A report that is due at eight in the morning comes an hour late for half of the year, or before the day that it sums up is over.",
		Fix:     "Write timezone beside it; timezone = \"UTC\" says that UTC is meant.",
		Bad: `pipeline "orders_nightly" {
  from     = source.shop
  to       = destination.warehouse
  schedule = "0 2 * * *"
  timeout  = "1h"
  stream "orders_nightly" {
    contract = contract.orders.v1
    write    = "merge"
  }
}
`,
		Good: `pipeline "orders_nightly" {
  from     = source.shop
  to       = destination.warehouse
  schedule = "0 2 * * *"
  timezone = "Europe/Rome"
  timeout  = "1h"
  stream "orders_nightly" {
    contract = contract.orders.v1
    write    = "merge"
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Pipelines() {
				schedule := p.Attr(n.Range, "schedule")
				if n.Pipeline.Schedule == "" || schedule == nil || p.Attr(n.Range, "timezone") != nil {
					continue
				}
				f := p.Report(schedule.ExprRange, n.Address, "%q is taken in UTC. Write the zone that is meant: timezone = \"Europe/Rome\", or \"UTC\".", n.Pipeline.Schedule)
				f.Edits = p.AfterAttr(schedule, `timezone = "UTC"`)
			}
		},
	}
}
