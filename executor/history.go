package executor

import (
	"context"
	"encoding/json"

	"github.com/headgate-data/headgate/executor/statestore"
)

// endRun stores the report in the history.
func (a *applier) endRun(ctx context.Context) error {
	report, err := json.Marshal(a.report)
	if err != nil {
		return err
	}
	status := map[Status]string{Done: "success", Unchanged: "success", Warned: "warning", Interrupted: "interrupted"}[a.report.Status]
	if status == "" {
		status = "failure"
	}
	return a.env.Store.EndRun(ctx, statestore.Run{
		ID: a.env.RunID, Environment: a.plan.Environment, Command: a.env.Command, Status: status,
		StartedAt: a.report.StartedAt, EndedAt: a.env.Now().UTC(), Report: report,
	})
}
