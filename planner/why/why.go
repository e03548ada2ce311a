// Package why explains what a plan does with an address: the steps that it has
// there, and for each the chain of reasons down to what somebody changed. It works
// on the plan alone, and where they are at hand on the program and the snapshot that
// the plan was made from.
package why

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// Explanation is why something happens to an address, or why nothing does.
type Explanation struct {
	Address  addr.Address   `json:"address"`
	Steps    []Step         `json:"steps"`     // what the plan does, in its order; none: nothing
	Nothing  []string       `json:"nothing"`   // why there is no step, a sentence each
	Needs    []addr.Address `json:"needs"`     // what it depends on
	NeededBy []addr.Address `json:"needed_by"` // what depends on it
}

// Step is one thing that the plan does with the address.
type Step struct {
	Action  plan.Action `json:"action"`
	Does    string      `json:"does"` // the kind of step: define, build_model, run_pipeline, ...
	Because []Link      `json:"because"`
}

// Link is a reason with what it comes from.
type Link struct {
	Code    plan.ReasonCode `json:"code"`
	Text    string          `json:"text"`
	Of      addr.Address    `json:"of,omitzero"`       // the address that it comes from, where that is another
	Action  plan.Action     `json:"action,omitempty"`  // what the plan does with that address
	At      *diag.Range     `json:"at,omitempty"`      // of a reason that goes no deeper: where the definition is written
	Changes []Changed       `json:"changes,omitempty"` // what differs there
	Because []Link          `json:"because,omitempty"`
	Above   bool            `json:"above,omitempty"` // it is explained already
}

// Changed is an attribute or column that differs, and where it is written.
type Changed struct {
	plan.Change
	At *diag.Range `json:"at,omitempty"`
}

// Input is what an explanation is made from. Prior is nil where only a plan is at
// hand.
type Input struct {
	Plan    *plan.Plan
	Program *program.Program
	Prior   *state.Snapshot
}

// explainer works on one address.
type explainer struct {
	in   Input
	seen map[string]bool // addresses whose reasons are told
}

// Explain explains an address that Find returned.
func Explain(in Input, a addr.Address) Explanation {
	e := &explainer{in: in, seen: map[string]bool{a.String(): true}}
	out := Explanation{Address: a, Steps: []Step{}, Nothing: []string{}, Needs: in.needs(a), NeededBy: in.neededBy(a)}
	for _, s := range in.stepsOf(a) {
		out.Steps = append(out.Steps, Step{Action: e.action(s, a), Does: plan.OpKind(s.Do), Because: e.links(s, a)})
	}
	if len(out.Steps) == 0 {
		out.Nothing = e.nothing(a)
	}
	return out
}

// Known lists every address that can be asked for, sorted.
func (in Input) Known() []addr.Address {
	var out []addr.Address
	for _, s := range in.Plan.Steps {
		out = append(out, s.Address)
	}
	if in.Program != nil {
		for _, n := range in.Program.Nodes {
			out = append(out, n.Address)
		}
	}
	if in.Prior != nil {
		for _, n := range in.Prior.Nodes {
			if n.Definition != nil {
				out = append(out, n.Definition.Address)
			}
		}
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}

// Find returns the address that a given one means: without a version it is the
// latest.
func (in Input) Find(given addr.Address) (addr.Address, bool) {
	var found addr.Address
	for _, a := range in.Known() {
		switch {
		case a == given:
			return a, true
		case given.Version != 0 || a.WithVersion(0) != given:
		case found.IsZero() || !in.latest(found):
			found = a // the highest, or the one that is marked
		}
	}
	return found, !found.IsZero()
}

func (in Input) latest(a addr.Address) bool {
	n := in.node(a)
	return n != nil && (n.Model != nil && n.Model.Latest || n.Contract != nil && n.Contract.Latest)
}

func (in Input) node(a addr.Address) *program.Node {
	if in.Program == nil {
		return nil
	}
	n, ok := in.Program.Lookup(a)
	if !ok {
		return nil
	}
	return n
}

// was returns what the snapshot keeps of an address, or nil.
func (in Input) was(a addr.Address) *state.Node {
	if in.Prior == nil {
		return nil
	}
	if n := in.Prior.Nodes[a.String()]; n != nil && n.Definition != nil {
		return n
	}
	return nil
}

// stepsOf returns the steps at an address; a stream moves in its pipeline's.
func (in Input) stepsOf(a addr.Address) []*plan.Step {
	var out []*plan.Step
	for _, s := range in.Plan.Steps {
		run, ok := s.Do.(*plan.RunPipeline)
		if s.Address == a || ok && slices.Contains(run.Streams, a) {
			out = append(out, s)
		}
	}
	return out
}

// action is what a step does with an address. A run of a pipeline may be certain
// for some of its streams only.
func (e *explainer) action(s *plan.Step, a addr.Address) plan.Action {
	if s.Action != plan.Run || a == s.Address {
		return s.Action
	}
	for _, r := range s.Reasons {
		if r.Of == a && r.Code != plan.AlwaysPolled {
			return plan.Run
		}
	}
	return plan.Poll
}

// links are the reasons of a step, as far as they are about an address.
func (e *explainer) links(s *plan.Step, a addr.Address) []Link {
	out := []Link{}
	run, runs := s.Do.(*plan.RunPipeline)
	for _, r := range s.Reasons {
		if a != s.Address && !r.Of.IsZero() && r.Of != a {
			continue // of another stream of the pipeline
		}
		l := Link{Code: r.Code, Text: r.Text}
		switch {
		case runs && slices.Contains(run.Streams, r.Of):
			e.loaded(&l, r.Of, a)
		case r.Of.IsZero() || r.Of == a || r.Of == s.Address:
			e.root(&l, s)
		default:
			e.follow(&l, r.Of)
		}
		out = append(out, l)
	}
	return out
}

// loaded explains why a pipeline moves a stream. What waits for it needs no
// explanation; that it is loaded anew comes from its definition.
func (e *explainer) loaded(l *Link, stream, a addr.Address) {
	if stream != a {
		l.Of = stream
	}
	switch l.Code {
	case plan.FilesWaiting, plan.AlwaysPolled, plan.RequestedRun:
		return
	}
	for _, s := range e.in.stepsOf(stream) {
		if s.Action.ChangesDefinition() {
			l.Action = s.Action
			l.Because = append(l.Because, e.links(s, stream)...)
		}
	}
	if stream == a {
		l.Action = "" // its own step is told already
	}
}

// follow explains what a reason comes from.
func (e *explainer) follow(l *Link, of addr.Address) {
	l.Of = of
	steps := e.in.stepsOf(of)
	moves := l.Code == plan.InputChanged || l.Code == plan.AlwaysPolled
	if i := slices.IndexFunc(steps, func(s *plan.Step) bool { return !s.Action.ChangesDefinition() }); moves && i >= 0 {
		steps = steps[i : i+1] // its data is what matters
	} else if !moves {
		steps = slices.DeleteFunc(slices.Clone(steps), func(s *plan.Step) bool { return !s.Action.ChangesDefinition() })
	}
	if len(steps) > 0 {
		l.Action = e.action(steps[0], of)
	}
	if e.seen[of.String()] {
		l.Above = len(steps) > 0
		return
	}
	e.seen[of.String()] = true
	for _, s := range steps {
		l.Because = append(l.Because, e.links(s, of)...)
	}
	if len(steps) == 0 {
		l.Because = e.through(of)
	}
}

// through explains an input without a step of its own, which is a view: it shows
// what changes behind it.
func (e *explainer) through(a addr.Address) []Link {
	n := e.in.node(a)
	if n == nil || n.Model == nil {
		return nil
	}
	var out []Link
	for _, t := range n.Model.Tables {
		done := slices.ContainsFunc(out, func(l Link) bool { return l.Of == t.Target })
		if in := e.in.node(t.Target); !done && (len(e.in.stepsOf(t.Target)) > 0 || in != nil && in.Model != nil && in.Model.Materialized == "view") {
			l := Link{Code: plan.InputChanged, Text: a.String() + " is a view, and shows " + t.Target.String()}
			e.follow(&l, t.Target)
			if l.Action != "" || len(l.Because) > 0 || l.Above {
				out = append(out, l)
			}
		}
	}
	return out
}

// root says where the change behind a reason is written, where it is one of a
// definition.
func (e *explainer) root(l *Link, s *plan.Step) {
	switch l.Code {
	case plan.DefinitionChanged, plan.DataChanged, plan.NotInState, plan.NotInConfig, plan.DestinationMoved:
	default:
		return
	}
	n := e.in.node(s.Address)
	if n == nil {
		if was := e.in.was(s.Address); was != nil {
			n = was.Definition
		} else if retire, ok := s.Do.(*plan.Retire); ok && retire.Prior != nil {
			n = retire.Prior.Definition
		}
	}
	if n == nil {
		return
	}
	l.At = place(n.Range)
	if l.Code == plan.NotInState || l.Code == plan.NotInConfig {
		return
	}
	for _, c := range s.Changes {
		l.Changes = append(l.Changes, Changed{Change: c, At: place(written(n, c.Path))})
	}
	if n.Model != nil {
		l.Because = append(l.Because, e.inherited(n, s)...)
	}
}

// inherited explains columns of a model that changed although its query did not:
// they have what their inputs have.
func (e *explainer) inherited(n *program.Node, s *plan.Step) []Link {
	changed := map[string]bool{}
	for _, c := range s.Changes {
		var name string
		if _, err := fmt.Sscanf(c.Path, "column %q", &name); err != nil {
			if c.Path != "columns" {
				return nil // something else changed with it
			}
			continue
		}
		changed[name] = true
	}
	before := n
	if was := e.in.was(n.Address); was != nil {
		before = was.Definition
	}
	var out []Link
	for _, m := range []*program.Node{n, before} {
		if m.Model == nil || m.Model.Lineage == nil || !m.Model.Lineage.Valid() {
			continue
		}
		for _, c := range m.Model.Lineage.Columns {
			for _, o := range c.From {
				in := m.Model.Lineage.Inputs[o.Input]
				of := in
				if n := e.in.node(in); n != nil && n.External != nil {
					of = n.External.Contract
				}
				told := slices.ContainsFunc(out, func(l Link) bool { return l.Of == of })
				if !changed[c.Name] || told || !e.redefined(of) {
					continue
				}
				l := Link{Code: plan.DefinitionChanged, Text: fmt.Sprintf("%s comes from %s of %s", c.Name, columnText(o.Column), in)}
				e.follow(&l, of)
				out = append(out, l)
			}
		}
	}
	return out
}

func columnText(name string) string {
	if name == program.AnyColumn {
		return "the columns"
	}
	return name
}

// redefined reports whether the plan changes the definition of an address.
func (e *explainer) redefined(a addr.Address) bool {
	return slices.ContainsFunc(e.in.stepsOf(a), func(s *plan.Step) bool { return s.Action.ChangesDefinition() })
}

func place(r diag.Range) *diag.Range {
	if r.IsZero() {
		return nil
	}
	return &r
}

// written is where what a path names stands: a column's block, a query's text,
// else the block of the node.
func written(n *program.Node, path string) diag.Range {
	kind, rest, _ := strings.Cut(path, " ")
	name := ""
	if kind == "column" || kind == "check" || kind == "map.column" {
		if _, err := fmt.Sscanf(rest, "%q", &name); err != nil {
			name = ""
		}
	}
	switch {
	case n.Contract != nil && kind == "column":
		if c, ok := n.Contract.Column(name); ok && !c.Range.IsZero() {
			return c.Range
		}
	case n.Contract != nil && kind == "check":
		for _, c := range n.Contract.Checks {
			if c.Name == name && !c.Range.IsZero() {
				return c.Range
			}
		}
	case n.Model != nil && path == "query" && !n.Model.SQLRange.IsZero():
		return n.Model.SQLRange
	case n.Stream != nil && n.Stream.Map != nil && kind == "map.column":
		for _, c := range n.Stream.Map.Columns {
			if c.Name == name {
				return c.Range
			}
		}
	case n.Stream != nil && n.Stream.Map != nil && path == "map.filter":
		return n.Stream.Map.FilterRange
	}
	return n.Range
}
