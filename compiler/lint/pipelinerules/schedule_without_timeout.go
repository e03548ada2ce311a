package pipelinerules

import "github.com/headgate-data/headgate/compiler/lint"

func scheduleWithoutTimeout() *lint.Rule {
	return &lint.Rule{
		ID: "schedule_without_timeout", Severity: lint.Info, Local: true,
		Summary: "A scheduled pipeline may run for ever",
		Why:     "A source that hangs keeps the run, and with it the lease on the stream: every later run waits for one that will not end.",
		Fix:     "Set timeout to a few times of what a run takes.",
		Bad: `pipeline "orders_nightly" {
  from     = source.shop
  to       = destination.warehouse
  schedule = "0 2 * * *"
  timezone = "UTC"
  owner    = "sales"
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
  timezone = "UTC"
  timeout  = "2h"
  owner    = "sales"
  stream "orders_nightly" {
    contract = contract.orders.v1
    write    = "merge"
  }
}
`,
		Check: func(p *lint.Pass) {
			for _, n := range p.Pipelines() {
				if n.Pipeline.Schedule != "" && p.Attr(n.Range, "timeout") == nil {
					p.Report(p.At(n.Range, "schedule"), n.Address, "Nothing ends a run that hangs. Set timeout, such as \"2h\".")
				}
			}
		},
	}
}
