package planner

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// Questions returns what the planner wants to know of the outside before Build.
// prior may be nil. The order is the same for the same input. opts are those of
// Build: what it leaves out is not asked about where the answer would be dear.
func Questions(p *program.Program, prior *state.Snapshot, opts Options) []plan.Question {
	b := newBuilder(p, prior, opts)
	b.effectsOnly = true
	b.selectNodes()
	b.planDefinitions()
	var out []plan.Question
	out = append(out, b.askFiles()...)
	out = append(out, b.askTables()...)
	out = append(out, b.askRefused()...)
	out = append(out, b.askImports()...)
	return append(out, b.askPast()...)
}

// maxPast is how many past runs of a step a volume is worked out from.
const maxPast = 20

// askPast asks what the runs of pipelines and models did that have run before.
func (b *builder) askPast() []plan.Question {
	q := &plan.AskPast{Runs: maxPast}
	for _, n := range b.program.Nodes {
		key := n.Address.String()
		switch {
		case n.Pipeline != nil:
			q.Steps = append(q.Steps, key+runSuffix)
		case n.Model != nil && n.Model.Materialized != "view":
			q.Steps = append(q.Steps, key, key+runSuffix)
		}
	}
	if len(q.Steps) == 0 || len(b.prior.Nodes) == 0 {
		return nil
	}
	slices.Sort(q.Steps)
	return []plan.Question{q}
}

// RunQuestions returns what the planner wants to know before a Build that moves
// data only: which data waits. A run finds out by itself whether its tables are
// what was applied.
func RunQuestions(p *program.Program, prior *state.Snapshot) []plan.Question {
	b := newBuilder(p, prior, Options{RunsOnly: true})
	b.selectNodes()
	return b.askFiles()
}

// askFiles asks, for every stream of a file source, which files wait beyond its
// bookmark: from the beginning for a stream that is to be loaded anew. The
// questions are sorted by stream.
func (b *builder) askFiles() []plan.Question {
	var out []plan.Question
	for _, n := range b.program.Nodes {
		if n.Stream == nil {
			continue
		}
		pipe := b.node(n.Address.Base())
		if pipe == nil || pipe.Pipeline == nil {
			continue
		}
		src, dst := b.node(pipe.Pipeline.From), b.node(pipe.Pipeline.To)
		if src == nil || src.Source == nil || src.Source.File == nil || dst == nil {
			continue
		}
		q := &plan.AskFiles{
			Stream: n.Address, Source: src, Destination: dst, Pipeline: pipe.Address, Write: n.Stream.Write,
			Cursor: n.Stream.Cursor, SourceStream: n.Stream.From,
		}
		if q.SourceStream == "" {
			q.SourceStream = b.sourceStreamWas(n.Address)
		}
		if was := b.was(n.Address); was != nil && was.Data != nil && b.effect[n.Address.String()] != willChange {
			q.Bookmark = was.Data.Bookmark
		}
		out = append(out, q)
	}
	return out
}
