package planner

import (
	"fmt"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// runSuffix stands behind the address in the id of a step that moves data.
const runSuffix = "/run"

// planRuns plans what moves data: pipelines with something to read, models whose
// inputs are newer.
func (b *builder) planRuns() {
	asked := b.askedRuns()
	for _, n := range b.program.Nodes {
		if n.Pipeline != nil && b.opts.Base == nil {
			b.planPipelineRun(n, asked)
		}
	}
	done := map[string]bool{}
	for _, n := range b.program.Nodes {
		if n.Model != nil {
			b.planModelRun(n, asked, done)
		}
	}
}

// askedRuns returns the addresses of Options.Run, nil where it names none.
func (b *builder) askedRuns() map[string]bool {
	if !b.opts.RunsOnly || len(b.opts.Run) == 0 {
		return nil
	}
	asked := map[string]bool{}
	for _, given := range b.opts.Run {
		for _, a := range b.matching(given, "run") {
			asked[a.String()] = true
		}
	}
	return asked
}

// mayRun reports whether a node's data may be moved by this plan.
func (b *builder) mayRun(a addr.Address, asked map[string]bool) bool {
	if b.opts.RunsOnly && b.was(a) == nil {
		return false
	}
	if b.was(a) == nil && b.steps[a.String()] == nil {
		return false
	}
	return b.selection.has(a) && (asked == nil || asked[a.String()])
}

// waiting is what is known of one stream's data.
type waiting struct {
	reasons []plan.Reason // that data waits for certain
	poll    []plan.Reason // that nobody can know
	notes   []string
}

func (b *builder) planPipelineRun(n *program.Node, asked map[string]bool) {
	var run, poll []addr.Address
	s := &plan.Step{Address: n.Address, Action: plan.Poll}
	var certain, open []plan.Reason
	singer := false
	if src := b.node(n.Pipeline.From); src != nil && src.Source != nil {
		singer = src.Source.Singer != nil
	}
	for _, st := range b.streams[n.Address.String()] {
		if !b.mayRun(st.Address, asked) {
			continue
		}
		w := b.waitingFor(st, singer, asked != nil)
		certain, open = append(certain, w.reasons...), append(open, w.poll...)
		s.Notes = append(s.Notes, w.notes...)
		switch {
		case len(w.reasons) > 0:
			run = append(run, st.Address)
			b.effect[st.Address.String()] = willChange
		case len(w.poll) > 0:
			poll = append(poll, st.Address)
			b.effect[st.Address.String()] = max(b.effect[st.Address.String()], mayChange)
		}
	}
	if len(run) > 0 {
		s.Action = plan.Run
	}
	s.Reasons = append(certain, open...)
	streams := sortedAddresses(append(run, poll...))
	if len(streams) == 0 {
		return
	}
	s.Do = &plan.RunPipeline{Pipeline: n.Address, Streams: streams}
	for _, a := range streams {
		s.Waits = append(s.Waits, b.waits(a))
	}
	b.add(s, runSuffix)
}

// waits puts together what the refresh and the state say of a stream's data.
func (b *builder) waits(a addr.Address) plan.Wait {
	w := plan.Wait{Stream: a}
	fresh := false
	if s := b.steps[a.String()]; s != nil {
		op, prepares := s.Do.(*plan.PrepareStream)
		fresh = prepares && op.Fresh
	}
	if was := b.was(a); was != nil && was.Data != nil && !fresh {
		w.Bookmark = was.Data.Bookmark
	}
	f, _ := b.files(a)
	for _, group := range []struct {
		how   string
		files []state.FileInfo
	}{{"new", f.New}, {"grown", f.Grown}, {"rewritten", f.Rewritten}} {
		w.Count += len(group.files)
		for _, file := range group.files {
			w.Bytes += file.Bytes
			if len(w.Files) < plan.MaxWaitingFiles {
				w.Files = append(w.Files, plan.WaitingFile{Path: file.Path, Bytes: file.Bytes, How: group.how})
			}
		}
	}
	return w
}

// waitingFor tells whether data waits for a stream, and how that is known.
func (b *builder) waitingFor(st *program.Node, singer, requested bool) waiting {
	var w waiting
	a, was := st.Address, b.was(st.Address)
	certain := func(code plan.ReasonCode, text string) {
		w.reasons = append(w.reasons, because(code, a.Stream+": "+text, a))
	}
	if step := b.steps[a.String()]; step != nil && b.effect[a.String()] == willChange {
		if code := whyAnew(step); code != "" {
			certain(code, "it is loaded anew")
		} else {
			certain(plan.NeverLoaded, "it is loaded for the first time")
		}
		w.notes = b.fileNotes(a, st.Stream.Write)
		return w
	}
	if was == nil || was.Data == nil {
		certain(plan.NeverLoaded, "it was never loaded")
	}
	if requested {
		certain(plan.RequestedRun, "it is asked for")
	}
	if singer {
		w.poll = append(w.poll, because(plan.AlwaysPolled, a.Stream+": only its source knows whether data waits", a))
		return w
	}
	files, looked := b.files(a)
	switch {
	case !looked || files.Error != "":
		w.poll = append(w.poll, because(plan.AlwaysPolled, a.Stream+": its source was not looked at", a))
	case files.Any(), st.Stream.Write == "replace" && len(files.Gone) > 0:
		certain(plan.FilesWaiting, describeFiles(files))
	}
	w.notes = b.fileNotes(a, st.Stream.Write)
	return w
}

// whyAnew is the reason why a step makes the table of a stream anew that was there
// before; "" where it is made for the first time.
func whyAnew(s *plan.Step) plan.ReasonCode {
	switch {
	case s.Drift != nil:
		return s.Drift.Reasons[0].Code
	case s.Action == plan.Replace:
		return s.Reasons[0].Code
	}
	return ""
}

// files is the refresh's answer for a stream; looked is false where there is none.
func (b *builder) files(a addr.Address) (f state.FilesWaiting, looked bool) {
	if b.prior.Live == nil {
		return f, false
	}
	f, looked = b.prior.Live.Files[a.String()]
	return f, looked
}

func describeFiles(f state.FilesWaiting) string {
	var parts []string
	for _, kind := range []struct {
		list []state.FileInfo
		word string
	}{{f.New, "new"}, {f.Grown, "grown"}, {f.Rewritten, "rewritten"}} {
		if n := len(kind.list); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s %s", n, kind.word, plural(n, "file")))
		}
	}
	if n := len(f.Gone); n > 0 && len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%d %s gone", n, plural(n, "file")))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// fileNotes tells what is odd about a stream's files.
func (b *builder) fileNotes(a addr.Address, write string) []string {
	f, _ := b.files(a)
	var out []string
	if f.Error != "" {
		out = append(out, fmt.Sprintf("%s: its source could not be looked at: %s", a, f.Error))
	}
	if write == "append" && len(f.Rewritten) > 0 && b.effect[a.String()] != willChange {
		out = append(out, fmt.Sprintf("%s: %s was rewritten since it was read, and append cannot tell its old rows from its new ones: the run will refuse it; --replace %s loads everything anew",
			a, f.Rewritten[0].Path, shellQuoted(a.String())))
	}
	if len(f.Gone) > 0 {
		then := "stay"
		if write == "replace" {
			then = "go"
		}
		out = append(out, fmt.Sprintf("%s: gone from the source, their rows %s: %s", a, then, strings.Join(f.Gone, ", ")))
	}
	return out
}

// planModelRun plans a model that is as it was, but whose inputs are not. The
// inputs are planned first: done marks what was visited.
func (b *builder) planModelRun(n *program.Node, asked map[string]bool, done map[string]bool) {
	key := n.Address.String()
	if done[key] {
		return
	}
	done[key] = true
	for _, t := range n.Model.Tables {
		if in := b.node(t.Target); in != nil && in.Model != nil {
			b.planModelRun(in, asked, done)
		}
	}
	e := b.inputEffect(n)
	if n.Model.Materialized == "view" {
		// A view shows its inputs at once; what reads it sees them change.
		b.effect[key] = max(b.effect[key], e)
		return
	}
	if b.effect[key] == willChange || !b.mayRun(n.Address, asked) || b.was(n.Address) == nil {
		return
	}
	reasons := b.whyRun(n, asked != nil)
	if len(reasons) == 0 && e == untouched {
		return
	}
	s := &plan.Step{Address: n.Address, Action: plan.Run, Reasons: reasons}
	op := &plan.BuildModel{Node: n.Address, Prior: b.was(n.Address)}
	b.effect[key] = willChange
	if len(reasons) == 0 {
		s.Action, op.IfInputsChanged = plan.Poll, true
		s.Reasons = b.inputReasons(n, mayChange, plan.AlwaysPolled, "built anew if it brings something new")
		b.effect[key] = mayChange
	}
	s.Do = op
	b.add(s, runSuffix)
}

// whyRun finds the reasons to build a model whose definition did not change.
func (b *builder) whyRun(n *program.Node, requested bool) []plan.Reason {
	was := b.was(n.Address)
	if was.Data == nil {
		return []plan.Reason{because(plan.NeverLoaded, "it was never built", n.Address)}
	}
	var out []plan.Reason
	if requested {
		out = append(out, because(plan.RequestedRun, "it is asked for", n.Address))
	}
	out = append(out, b.inputReasons(n, willChange, plan.InputChanged, "changes in this plan")...)
	if c := n.Model.Contract; !c.IsZero() {
		if s := b.steps[c.String()]; s != nil && s.Action == plan.Update && changesData(b.wasNode(c), b.node(c)) {
			out = append(out, because(plan.InputChanged, c.String()+" changed: the table is audited against it", c))
			b.derive(c, n.Address.String()+runSuffix)
		}
	}
	now := b.inputVersions(n)
	for _, key := range sortedKeys(now) {
		if in := b.nodes[key]; in != nil && was.Data.Inputs[key] != now[key] && b.effect[key] != willChange {
			out = append(out, because(plan.InputNewer, key+" has published since the last build", in.Address))
		}
	}
	return out
}

// inputEffect is the strongest that this plan does to what a model reads.
func (b *builder) inputEffect(n *program.Node) effect {
	e := untouched
	for _, t := range n.Model.Tables {
		e = max(e, b.effect[t.Target.String()])
	}
	return e
}

// inputReasons gives a reason for each direct input that has the effect e.
func (b *builder) inputReasons(n *program.Node, e effect, code plan.ReasonCode, text string) []plan.Reason {
	var out []plan.Reason
	seen := map[addr.Address]bool{}
	for _, t := range n.Model.Tables {
		if !seen[t.Target] && b.effect[t.Target.String()] == e {
			out = append(out, because(code, t.Target.String()+" "+text, t.Target))
		}
		seen[t.Target] = true
	}
	return out
}

// inputVersions are the versions of the data that a model reads, as the snapshot
// knows them. A view has none; those of what it reads stand for it.
func (b *builder) inputVersions(n *program.Node) map[string]int64 {
	out, seen := map[string]int64{}, map[string]bool{}
	var visit func(m *program.Model)
	visit = func(m *program.Model) {
		for _, t := range m.Tables {
			key := t.Target.String()
			if seen[key] {
				continue
			}
			seen[key] = true
			if in := b.nodes[key]; in != nil && in.Model != nil && in.Model.Materialized == "view" {
				visit(in.Model)
			} else if s := b.was(t.Target); s != nil && s.Data != nil {
				out[key] = s.Data.Version
			}
		}
	}
	visit(n.Model)
	return out
}
