// Package planview draws plans: a plain struct with a JSON form, and text and
// markdown that are drawn from it alone.
package planview

import (
	"encoding/json"
	"io"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// painter draws plans.
type painter struct{ draw.Painter }

func newPainter(w io.Writer, style draw.Style) *painter {
	return &painter{draw.Painter{W: w, Style: style}}
}

// Plan is a plan as it is shown. It holds what a reviewer reads, not what the
// executor needs: a saved plan has a form of its own.
type Plan struct {
	FormatVersion    string            `json:"format_version"`
	ToolVersion      string            `json:"tool_version"`
	Project          string            `json:"project"`
	Environment      string            `json:"environment"`
	Base             *plan.Base        `json:"base,omitempty"` // the revision that was compared with, in place of the state
	Applicable       bool              `json:"applicable"`     // apply would take it: no errors, and made from a state
	Destinations     []Place           `json:"destinations"`
	DefinitionSerial int64             `json:"definition_serial"`
	Digest           string            `json:"digest,omitempty"` // of the saved plan
	Summary          Summary           `json:"summary"`
	Changes          bool              `json:"changes"`           // a definition changes
	Verdict          compat.Word       `json:"verdict,omitempty"` // the greatest over all changes of contracts; "" where none changes
	Breaking         []Breaking        `json:"breaking"`          // what breaks whom, by published contracts
	Drift            []Drifted         `json:"drift,omitempty"`   // what was changed outside of headgate
	Unseen           []plan.Unseen     `json:"unseen,omitempty"`  // destinations that were not looked at
	Actions          []Action          `json:"actions"`           // what changes definitions, and what mends a drift
	Waiting          []Waiting         `json:"waiting"`           // data provably waits
	Polls            []Waiting         `json:"polls"`             // nobody can know whether data waits
	Graph            Graph             `json:"graph"`             // what is touched, and what that depends on
	Diagnostics      []view.Diagnostic `json:"diagnostics"`
	// Policies are the verdicts of the project's policies, absent where it has none.
	Policies []program.Verdict `json:"policies,omitempty"`
	// Samples are records that were read and held to their contracts, and loaded
	// nowhere; nil without --sample.
	Samples []outcome.Sample `json:"samples,omitempty"`
	// ShowRows lets markdown show the rows of impacts and samples; text always does.
	ShowRows bool `json:"-"`
}

type diagnostic = view.Diagnostic

// Breaking is one change of a published contract that breaks somebody whom its
// compatibility protects.
type Breaking struct {
	Address string   `json:"address"`
	Rule    string   `json:"rule"`
	Path    string   `json:"path"` // the column, and the field inside; "" for the contract itself
	Text    string   `json:"text"`
	Who     []string `json:"who"` // writer, reader
	WayOut  string   `json:"way_out,omitempty"`
}

// Place is where a destination's tables live.
type Place struct {
	Address string `json:"address"`
	Type    string `json:"type"`
	Where   string `json:"where"`
}

// Summary counts actions. Run and Poll count steps: a pipeline or a model.
type Summary struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Replace int `json:"replace"`
	Destroy int `json:"destroy"`
	Forget  int `json:"forget,omitempty"`
	Run     int `json:"run"`
	Poll    int `json:"poll"`
	Streams int `json:"streams"`         // that the runs, not the polls, move
	Drift   int `json:"drift,omitempty"` // tables that are not what was applied, whatever else becomes of them
}

// Action is what happens to one address.
type Action struct {
	Address string        `json:"address"`
	Action  plan.Action   `json:"action"`
	Actions []plan.Action `json:"actions"` // the same in basic actions: a replace is destroy and create
	Does    string        `json:"does"`    // the kind of step: define, prepare_stream, build_model, ...
	Changes []plan.Change `json:"changes"`
	Reasons []plan.Reason `json:"reasons"`
	Notes   []string      `json:"notes"`
	// Promises are those of a stream's or model's contract, and where each is kept;
	// not of one that goes away.
	Promises []plan.Promise `json:"promises,omitempty"`
	Volume   *plan.Volume   `json:"volume,omitempty"` // of a model that is built, expected from past builds
	View     bool           `json:"view,omitempty"`   // a model that is a view
	// MovedFrom is the address that it had, where the step gives it this one.
	MovedFrom string `json:"moved_from,omitempty"`
	// elements are the keys of a block's elements whose moves are drawn as one.
	elements []string
	// Compat is the verdict on a contract's change, absent for everything else.
	Compat *compat.Report `json:"compatibility,omitempty"`
	// Downstream is what the change comes to; DownstreamMore counts what a plan does
	// not list.
	Downstream     []plan.Reach `json:"downstream,omitempty"`
	DownstreamMore int          `json:"downstream_more,omitempty"`
	// Impact says how many rows of a table a changed contract would refuse.
	Impact []*plan.Impact `json:"impact,omitempty"`
}

// Waiting is a step that moves data.
type Waiting struct {
	Address string          `json:"address"` // a pipeline or a model
	Streams []WaitingStream `json:"streams"`
	Reasons []plan.Reason   `json:"reasons"`
	Notes   []string        `json:"notes"`
	Volume  *plan.Volume    `json:"volume,omitempty"` // expected, from past runs
}

// WaitingStream is one stream of a run.
type WaitingStream struct {
	Address  string          `json:"address"`
	Files    []WaitingFile   `json:"files"`              // the first of them
	Count    int             `json:"count"`              // of all files that wait
	Bytes    int64           `json:"bytes"`              // in all of them, not read yet
	Bookmark json.RawMessage `json:"bookmark,omitempty"` // where it goes on; absent: from the beginning
}

// WaitingFile is a file that was not read, or not to its end.
type WaitingFile struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"` // not read yet
	How   string `json:"how"`   // new, grown or rewritten
}

// New makes the view of a plan and of what is to be said about it. It needs the plan
// alone, so that a saved plan shows as it did when it was made.
func New(p *plan.Plan, diags diag.Diagnostics) Plan {
	out := Plan{
		FormatVersion: draw.FormatVersion, ToolVersion: p.ToolVersion, Project: p.Project, Environment: p.Environment, Base: p.Base,
		Destinations: places(p.Program), DefinitionSerial: p.DefinitionSerial, Digest: p.Digest, Changes: p.ChangesDefinition(),
		Actions: []Action{}, Waiting: []Waiting{}, Polls: []Waiting{}, Diagnostics: view.NewDiagnostics(diags).Diagnostics,
		Applicable: p.Base == nil && !diags.HasErrors(), Graph: touched(p), Policies: p.Policies,
	}
	s := p.Summarize()
	out.Summary = Summary{Create: s.Create, Update: s.Update, Replace: s.Replace, Destroy: s.Destroy, Forget: s.Forget, Run: s.Run, Poll: s.Poll, Drift: s.Drift}
	out.Drift, out.Unseen = newDrift(p.Steps), p.Unseen
	for _, step := range p.Steps {
		switch step.Action {
		case plan.Run:
			w := newWaiting(step)
			out.Summary.Streams += len(w.Streams)
			out.Waiting = append(out.Waiting, w)
		case plan.Poll:
			out.Polls = append(out.Polls, newWaiting(step))
		default:
			out.Actions = append(out.Actions, newAction(p, step))
		}
	}
	out.Breaking, out.Verdict = breaking(out.Actions)
	return out
}

func newAction(p *plan.Plan, step *plan.Step) Action {
	a := Action{
		Address: step.Address.String(), Action: step.Action, Actions: basic(step.Action), Does: plan.OpKind(step.Do),
		Changes: draw.OrEmpty(step.Changes), Reasons: draw.OrEmpty(step.Reasons), Notes: draw.OrEmpty(step.Notes), Compat: step.Compat, Volume: step.Volume, Impact: step.Impact, MovedFrom: movedFrom(step),
		Downstream: step.Downstream, DownstreamMore: step.DownstreamMore,
	}
	a.driftOf(step)
	if step.Action != plan.Destroy && step.Action != plan.Forgets && a.MovedFrom == "" {
		a.Promises = plan.PromisesOf(p.Program, step.Address)
		a.View = isView(p.Program, step.Address)
	}
	return a
}

// breaking lists who breaks by the changes of published contracts, and the verdict over
// all of them: "" where no contract changes.
func breaking(actions []Action) ([]Breaking, compat.Word) {
	list, word := []Breaking{}, compat.Word("")
	for _, a := range actions {
		if a.Compat == nil {
			continue
		}
		if w := a.Compat.Word; word == "" || w == compat.Major || w == compat.Minor && word == compat.Patch {
			word = w
		}
		if a.Action == plan.Create {
			continue // nobody uses the version yet
		}
		for i := range a.Compat.Changes {
			ch := &a.Compat.Changes[i]
			if !ch.Broken {
				continue
			}
			b := Breaking{Address: a.Address, Rule: string(ch.Rule), Path: ch.Path, Text: ch.Sentence(), WayOut: ch.WayOut, Who: []string{}}
			for _, e := range []compat.Effect{ch.Backward, ch.Forward} {
				if e.Verdict == compat.Breaks {
					b.Who = append(b.Who, e.Who)
				}
			}
			list = append(list, b)
		}
	}
	return list, word
}

func isView(p *program.Program, a addr.Address) bool {
	if p == nil {
		return false
	}
	n, ok := p.Lookup(a)
	return ok && n.Model != nil && n.Model.Materialized == "view"
}

func places(p *program.Program) []Place {
	out := []Place{}
	if p == nil {
		return out
	}
	for _, n := range p.Nodes {
		if n.Destination != nil {
			place := Place{Address: n.Address.String(), Type: n.Destination.Type}
			if n.Destination.DuckDB != nil {
				place.Where = n.Destination.DuckDB.Path.String()
			}
			out = append(out, place)
		}
	}
	return out
}

func basic(a plan.Action) []plan.Action {
	if a == plan.Replace {
		return []plan.Action{plan.Destroy, plan.Create}
	}
	return []plan.Action{a}
}

func newWaiting(step *plan.Step) Waiting {
	w := Waiting{Address: step.Address.String(), Streams: []WaitingStream{}, Reasons: draw.OrEmpty(step.Reasons), Notes: draw.OrEmpty(step.Notes), Volume: step.Volume}
	for _, x := range step.Waits {
		s := WaitingStream{Address: x.Stream.String(), Files: []WaitingFile{}, Count: x.Count, Bytes: x.Bytes, Bookmark: x.Bookmark}
		for _, f := range x.Files {
			s.Files = append(s.Files, WaitingFile{Path: f.Path, Bytes: f.Bytes, How: f.How})
		}
		w.Streams = append(w.Streams, s)
	}
	return w
}
