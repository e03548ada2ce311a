package executor

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// finished is a step's end, as the scheduler learns of it.
type finished struct {
	index int
	diags diag.Diagnostics
}

// runSteps runs every step once those it needs are done, at most
// Env.Parallelism side by side. A failed step stops what needs it; the rest goes
// on. After the first Ctrl-C no further step starts.
func (a *applier) runSteps(ctx context.Context) diag.Diagnostics {
	steps := a.plan.Steps
	a.report.Steps = make([]*StepReport, len(steps))
	index := map[string]int{}
	for i, s := range steps {
		index[s.ID] = i
		a.report.Steps[i] = &StepReport{ID: s.ID, Address: s.Address.String(), Action: string(s.Action)}
	}
	waits := make([]int, len(steps))
	needed := make([][]int, len(steps))
	var ready []int
	for i, s := range steps {
		for _, id := range s.Needs {
			if j, ok := index[id]; ok {
				waits[i]++
				needed[j] = append(needed[j], i)
			}
		}
		if waits[i] == 0 {
			ready = append(ready, i)
		}
	}
	var diags diag.Diagnostics
	ends := make(chan finished)
	running := 0
	for len(ready) > 0 || running > 0 {
		for len(ready) > 0 && running < max(a.env.Parallelism, 1) {
			i := ready[0]
			ready = ready[1:]
			if why := a.whySkip(ctx, steps[i], index); why != "" {
				a.report.Steps[i].Status, a.report.Steps[i].Why = Skipped, why
				ready = append(ready, released(needed[i], waits)...)
				continue
			}
			running++
			go a.start(ctx, i, ends)
		}
		if running == 0 {
			continue
		}
		end := <-ends
		running--
		diags = append(diags, end.diags...)
		ready = append(ready, released(needed[end.index], waits)...)
	}
	return diags
}

// released counts down the steps that waited for one that ended, and returns
// those that wait for nothing now.
func released(waiting []int, waits []int) []int {
	var out []int
	for _, i := range waiting {
		if waits[i]--; waits[i] == 0 {
			out = append(out, i)
		}
	}
	return out
}

// whySkip returns why a step must not start, or "".
func (a *applier) whySkip(ctx context.Context, s *plan.Step, index map[string]int) string {
	for _, id := range s.Needs {
		j, ok := index[id]
		if !ok {
			continue
		}
		switch r := a.report.Steps[j]; r.Status {
		case Failed, Skipped, Interrupted:
			return fmt.Sprintf("%s is %s", r.Address, r.Status)
		}
	}
	if a.stopped(ctx) {
		return "the run was stopped"
	}
	return ""
}

// stopped reports whether the run was told to stop, in order or at once.
func (a *applier) stopped(ctx context.Context) bool { return a.stopping() || ctx.Err() != nil }

// stopping reports whether the first Ctrl-C came.
func (a *applier) stopping() bool {
	select {
	case <-a.env.Finish:
		return true
	default:
		return false
	}
}

// start runs one step, guards against its panics and reports its end.
func (a *applier) start(ctx context.Context, i int, ends chan<- finished) {
	s, r := a.plan.Steps[i], a.report.Steps[i]
	end := finished{index: i}
	began := a.env.Now()
	defer func() {
		if p := recover(); p != nil {
			a.env.Log.Error("a step panicked", "address", r.Address, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			end.diags = diag.Diagnostics{diag.Errorf(diag.StepPanicked, "A step ended in a fault of headgate",
				"%v. Nothing of this step was published. Please report it; applying again is safe.", p).For(r.Address)}
			r.Status = Failed
		}
		r.Seconds = a.env.Now().Sub(began).Seconds()
		for i, d := range end.diags {
			if d.Address == "" { // a copy: steps share the fault of a destination
				own := *d
				own.Address = r.Address
				d, end.diags[i] = &own, &own
			}
			if d.Severity == diag.Error && r.Error == nil {
				r.Error = d
			}
		}
		a.emit(Event{Kind: StepEnd, Step: r.ID, Address: r.Address, Status: r.Status, Seconds: r.Seconds})
		ends <- end
	}()
	a.emit(Event{Kind: StepStart, Step: r.ID, Address: r.Address, Text: r.Action})
	end.diags = a.do(ctx, s, r)
	if r.Status == "" {
		r.Status = Done
	}
	if end.diags.HasErrors() && r.Status != Interrupted {
		r.Status = Failed
	}
}

func (a *applier) emit(e Event) {
	if a.env.Events != nil {
		a.env.Events(e)
	}
}

// do carries out one step: the exhaustive switch over what steps there are.
func (a *applier) do(ctx context.Context, s *plan.Step, r *StepReport) diag.Diagnostics {
	var diags diag.Diagnostics
	add := func(err error, code diag.Code, summary string) {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			r.Status = Interrupted
			diags.Add(diag.Warnf(diag.StepInterrupted, "Stopped on request", "%s stopped before its end and changed nothing. Apply again.", s.Address))
			return
		}
		diags = append(diags, faults(err, code, summary)...)
	}
	switch op := s.Do.(type) {
	case *plan.Define:
		add(a.define(ctx, op), diag.StateFailed, "The state could not be written")
	case *plan.Forget:
		add(a.forget(ctx, s.Address), diag.StateFailed, "The state could not be written")
	case *plan.Retire:
		add(a.retire(ctx, s.Address, op), diag.DestinationFailed, "The destination refused the work")
	case *plan.PrepareStream:
		add(a.prepareStream(ctx, s, op), diag.DestinationFailed, "The destination refused the work")
	case *plan.RunPipeline:
		return a.runPipeline(ctx, op, r)
	case *plan.BuildModel:
		add(a.buildModel(ctx, s, op, r), diag.DestinationFailed, "The destination refused the work")
	case *plan.Move:
		add(a.move(ctx, op), diag.DestinationFailed, "The destination refused the work")
	case *plan.Release:
		add(a.release(ctx, s.Address, op), diag.DestinationFailed, "The destination refused the work")
	case *plan.Adopt:
		add(a.adopt(ctx, s, op), diag.DestinationFailed, "The destination refused the work")
	default:
		diags.Add(diag.Bug("executor.do", "a step of the unknown kind %T", s.Do))
	}
	return diags
}

// faults returns every diagnostic that err joins, and any other error in it
// under code and summary.
func faults(err error, code diag.Code, summary string) diag.Diagnostics {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out diag.Diagnostics
		for _, e := range joined.Unwrap() {
			out = append(out, faults(e, code, summary)...)
		}
		return out
	}
	var out diag.Diagnostics
	out.AddError(err, code, summary)
	return out
}
