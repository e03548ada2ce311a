package planner_test

import (
	"slices"
	"testing"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// volumeOf plans a run of pipeline.orders for which files of so many bytes wait (0:
// nobody looked), after past runs.
func volumeOf(t *testing.T, waiting int64, past []state.PastRun, budgets ...*program.Budget) (*plan.Volume, diag.Diagnostics) {
	t.Helper()
	c := newCase(t)
	asked := slices.ContainsFunc(planner.Questions(c.p, c.prior, planner.Options{}), func(q plan.Question) bool {
		p, ok := q.(*plan.AskPast)
		return ok && slices.Contains(p.Steps, "pipeline.orders/run") && slices.IsSorted(p.Steps)
	})
	if !asked {
		t.Error("nothing was asked of the past")
	}
	c.prior.Live.Past = map[string][]state.PastRun{"pipeline.orders/run": past}
	const stream = "pipeline.orders.stream.orders"
	if delete(c.prior.Live.Files, stream); waiting > 0 {
		c.prior.Live.Files[stream] = state.FilesWaiting{New: []state.FileInfo{{Path: "a", Bytes: waiting}}}
	}
	copied := *c.p
	copied.Budgets = budgets
	p, diags := planner.Build(&copied, c.prior, planner.Options{})
	for _, s := range p.Steps {
		if s.ID == "pipeline.orders/run" {
			return s.Volume, diags
		}
	}
	t.Fatal("no run is planned")
	return nil, nil
}

func TestVolume(t *testing.T) {
	run := func(rows, source int64, seconds float64) state.PastRun {
		return state.PastRun{Rows: rows, Bytes: rows * 100, SourceBytes: source, Seconds: seconds}
	}
	ten := []state.PastRun{{}} // one that read nothing says nothing
	for i := range int64(10) {
		ten = append(ten, run(100*(i+1), 1000*(i+1), float64(i+1)))
	}
	if v, _ := volumeOf(t, 0, nil); v != nil {
		t.Errorf("without a past: %+v", v)
	}
	v, _ := volumeOf(t, 0, ten)
	if v == nil || v.Runs != 10 || v.From != plan.FromRuns || *v.Rows != (plan.Range{Expected: 500, Low: 100, High: 900}) ||
		*v.Seconds != (plan.Range{Expected: 5, Low: 1, High: 9}) || *v.Bytes != (plan.Range{Expected: 50_000, Low: 10_000, High: 90_000}) {
		t.Errorf("by runs: %+v", v)
	}
	// Each past run read a row for ten bytes: 50,000 bytes are 5,000 rows.
	v, _ = volumeOf(t, 50_000, ten)
	if v == nil || v.From != plan.FromFiles || *v.Rows != (plan.Range{Expected: 5000, Low: 5000, High: 5000}) || v.Seconds.Expected != 50 {
		t.Errorf("by files: %+v", v)
	}
	// Nothing in the past was nearly as large: nobody knows how long it takes.
	if v, _ = volumeOf(t, 1_000_000, ten); v == nil || v.Rows.Expected != 100_000 || v.Seconds != nil {
		t.Errorf("a run larger than any: %+v", v)
	}
	// A history from before bytes were counted says rows and seconds alone.
	v, _ = volumeOf(t, 50_000, []state.PastRun{{Rows: 7, Seconds: 1}})
	if v == nil || v.From != plan.FromRuns || v.Bytes != nil || v.Rows.Expected != 7 {
		t.Errorf("an old history: %+v", v)
	}
}

func TestBudgets(t *testing.T) {
	past := []state.PastRun{{Rows: 100, Bytes: 1000, Seconds: 60}, {Rows: 100, Bytes: 1000, Seconds: 60}, {Rows: 500, Bytes: 9000, Seconds: 100}}
	for name, c := range map[string]struct {
		budget        program.Budget
		errors, warns int
	}{
		"within":           {program.Budget{MaxRows: 500, MaxBytes: 9000, MaxSeconds: 100}, 0, 0},
		"rows, perhaps":    {program.Budget{MaxRows: 100}, 0, 1},
		"rows":             {program.Budget{MaxRows: 99}, 1, 0},
		"all three":        {program.Budget{MaxRows: 99, MaxBytes: 999, MaxSeconds: 59.5}, 3, 0},
		"another pipeline": {program.Budget{Pipeline: address(t, "pipeline.other"), MaxRows: 1}, 0, 0},
	} {
		if c.budget.Pipeline.IsZero() {
			c.budget.Pipeline = address(t, "pipeline.orders")
		}
		_, diags := volumeOf(t, 0, past, &c.budget)
		errors, warns := 0, 0
		for _, d := range diags {
			if d.Code == diag.OverBudget && d.Severity == diag.Error {
				errors++
			} else if d.Code == diag.OverBudget {
				warns++
			}
		}
		if errors != c.errors || warns != c.warns {
			t.Errorf("%s: %d errors and %d warnings, want %d and %d: %v", name, errors, warns, c.errors, c.warns, diags)
		}
	}
}
