package planner

import (
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// Questions returns what the planner wants to know of the outside before Build.
// prior may be nil. The order is the same for the same input.
func Questions(p *program.Program, prior *state.Snapshot) []plan.Question {
	b := newBuilder(p, prior, Options{})
	b.selectNodes()
	b.planDefinitions()
	var out []plan.Question
	out = append(out, b.askFiles()...)
	out = append(out, b.askImports()...)
	return out
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
