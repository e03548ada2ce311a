package planner

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// planVolumes says, of every step that moves data, what it is expected to do, and
// holds the pipelines to their budgets.
func (b *builder) planVolumes() {
	if b.prior.Live != nil {
		for _, id := range sortedKeys(b.steps) {
			s := b.steps[id]
			switch s.Do.(type) {
			case *plan.RunPipeline:
				s.Volume = pipelineVolume(b.prior.Live.Past[id], s.Waits)
			case *plan.BuildModel:
				key := s.Address.String()
				s.Volume = runsVolume(slices.Concat(b.prior.Live.Past[key+runSuffix], b.prior.Live.Past[key]))
			}
		}
	}
	for _, limit := range b.program.Budgets {
		if s := b.steps[limit.Pipeline.String()+runSuffix]; s != nil && !b.opts.RunsOnly {
			b.holdTo(limit, s)
		}
	}
}

// runsVolume is what past runs did; nil where there were none. Runs that read nothing
// say nothing of one that has something to read.
func runsVolume(past []state.PastRun) *plan.Volume {
	past = slices.DeleteFunc(slices.Clone(past), func(x state.PastRun) bool { return x.Rows == 0 })
	past = past[:min(len(past), maxPast)]
	if len(past) == 0 {
		return nil
	}
	v := &plan.Volume{Runs: len(past), From: plan.FromRuns}
	v.Rows = spread(past, func(x state.PastRun) float64 { return float64(x.Rows) }, 0)
	v.Seconds = spread(past, func(x state.PastRun) float64 { return x.Seconds }, 3)
	if !slices.ContainsFunc(past, func(x state.PastRun) bool { return x.Bytes == 0 }) {
		v.Bytes = spread(past, func(x state.PastRun) float64 { return float64(x.Bytes) }, 0)
	}
	return v
}

// pipelineVolume is a run's volume: by the bytes of the files that wait for all of
// its streams, where past runs tell what a byte came to, else by what past runs did.
func pipelineVolume(past []state.PastRun, waits []plan.Wait) *plan.Volume {
	v := runsVolume(past)
	if v == nil {
		return nil
	}
	var waiting float64
	for _, w := range waits {
		if w.Count == 0 {
			return v // nobody knows how much waits for this stream
		}
		waiting += float64(w.Bytes)
	}
	past = slices.DeleteFunc(slices.Clone(past), func(x state.PastRun) bool { return x.Rows == 0 || x.SourceBytes == 0 })
	if len(past) == 0 || waiting == 0 {
		return v
	}
	scaled := func(past []state.PastRun, of func(state.PastRun) float64, digits int) *plan.Range {
		return spread(past, func(x state.PastRun) float64 { return of(x) / float64(x.SourceBytes) * waiting }, digits)
	}
	out := &plan.Volume{Runs: len(past), From: plan.FromFiles}
	out.Rows = scaled(past, func(x state.PastRun) float64 { return float64(x.Rows) }, 0)
	if v.Bytes != nil {
		out.Bytes = scaled(past, func(x state.PastRun) float64 { return float64(x.Bytes) }, 0)
	}
	// A small run spends its time on beginning and ending, so that only runs of a like
	// size tell how long this one takes.
	const like = 10
	past = slices.DeleteFunc(past, func(x state.PastRun) bool {
		size := float64(x.SourceBytes)
		return size*like < waiting || size > waiting*like
	})
	if len(past) > 0 {
		out.Seconds = scaled(past, func(x state.PastRun) float64 { return x.Seconds }, 3)
	}
	return out
}

// spread is the median of a figure, and its first and ninth tenth by nearest rank,
// rounded to digits behind the point.
func spread(past []state.PastRun, of func(state.PastRun) float64, digits int) *plan.Range {
	list := make([]float64, len(past))
	for i, x := range past {
		list[i] = of(x)
	}
	slices.Sort(list)
	unit := math.Pow10(digits)
	at := func(part float64) float64 {
		i := max(int(math.Ceil(part*float64(len(list))))-1, 0)
		return math.Round(list[i]*unit) / unit
	}
	return &plan.Range{Expected: at(0.5), Low: at(0.1), High: at(0.9)}
}

// holdTo refuses a run that is expected to go beyond a budget, and warns of one that
// may. A run of which nothing is known keeps within every budget.
func (b *builder) holdTo(limit *program.Budget, s *plan.Step) {
	if s.Volume == nil {
		return
	}
	judge := func(r *plan.Range, most float64, what string, show func(float64) string) {
		if r == nil || most == 0 || r.High <= most {
			return
		}
		text := fmt.Sprintf("%s is expected to %s %s (%s to %s, from %s of the past), and its budget is %s.",
			s.Address, what, show(r.Expected), show(r.Low), show(r.High), count(s.Volume.Runs, "run"), show(most))
		d := diag.New(diag.OverBudget, "%s Raise the budget, or leave the pipeline out with --exclude %s.", text, shellQuoted(s.Address.String()))
		if r.Expected <= most {
			d = diag.Warnf(diag.OverBudget, "A run may go beyond its budget", "%s", text)
		}
		b.diags.Add(d.At(limit.Range).For(s.Address.String()))
	}
	whole := func(f float64) string { return fmt.Sprintf("%.0f", f) }
	judge(s.Volume.Rows, float64(limit.MaxRows), "read rows:", whole)
	judge(s.Volume.Bytes, float64(limit.MaxBytes), "read bytes:", whole)
	judge(s.Volume.Seconds, limit.MaxSeconds, "take", func(f float64) string {
		return time.Duration(f * float64(time.Second)).Round(time.Millisecond).String()
	})
}

// count writes a number with its noun.
func count(n int, noun string) string { return fmt.Sprintf("%d %s", n, plural(n, noun)) }
