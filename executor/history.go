package executor

import (
	"context"
	"encoding/json"

	"github.com/headgate-data/headgate/executor/statestore"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
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

// pastRuns is how many runs of the history are looked through for past runs of steps.
const pastRuns = 400

// past answers what the last successful runs of steps did.
func past(ctx context.Context, q *plan.AskPast, environment string, store statestore.Store) (map[string][]state.PastRun, error) {
	runs, err := store.Runs(ctx, environment, pastRuns)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]state.PastRun, len(q.Steps))
	open := map[string]bool{}
	for _, id := range q.Steps {
		open[id] = true
	}
	for _, run := range runs {
		if len(open) == 0 {
			break
		}
		var report struct {
			Steps []*StepReport `json:"steps"`
		}
		if json.Unmarshal(run.Report, &report) != nil {
			continue // it is still running, or a later version wrote it
		}
		for _, s := range report.Steps {
			if !open[s.ID] {
				continue
			}
			if x, ok := pastRun(s); ok {
				if out[s.ID] = append(out[s.ID], x); len(out[s.ID]) == q.Runs {
					delete(open, s.ID)
				}
			}
		}
	}
	return out, nil
}

// pastRun is what a step did, false where it did not move data to its end.
func pastRun(s *StepReport) (x state.PastRun, ok bool) {
	if s.Status != Done && s.Status != Warned {
		return x, false
	}
	x.Seconds = s.Seconds
	if s.Model != nil {
		x.Rows = s.Model.Diff.Rows
		return x, true
	}
	for _, st := range s.Streams {
		if st.Resumed {
			return x, false // a part of it was done before
		}
		x.Rows += st.Read
		x.Bytes += st.Bytes
		x.SourceBytes += st.SourceBytes
	}
	return x, len(s.Streams) > 0
}
