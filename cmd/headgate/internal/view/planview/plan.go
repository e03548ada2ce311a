// Package planview draws plans: a plain struct with a JSON form, and text and
// markdown that are drawn from it alone.
package planview

import (
	"encoding/json"
	"io"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// painter draws plans.
type painter struct{ draw.Painter }

func newPainter(w io.Writer, style draw.Style) *painter {
	return &painter{draw.Painter{W: w, Style: style}}
}

// Plan is a plan as it is shown. It holds what a reviewer reads, not what the
// executor needs: a saved plan has a form of its own.
type Plan struct {
	FormatVersion    string    `json:"format_version"`
	ToolVersion      string    `json:"tool_version"`
	Project          string    `json:"project"`
	Environment      string    `json:"environment"`
	Destinations     []Place   `json:"destinations"`
	DefinitionSerial int64     `json:"definition_serial"`
	Digest           string    `json:"digest,omitempty"` // of the saved plan
	Summary          Summary   `json:"summary"`
	Changes          bool      `json:"changes"` // a definition changes
	Actions          []Action  `json:"actions"` // what changes definitions
	Waiting          []Waiting `json:"waiting"` // data provably waits
	Polls            []Waiting `json:"polls"`   // nobody can know whether data waits
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
	Streams int `json:"streams"` // that the runs, not the polls, move
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
	View     bool           `json:"view,omitempty"` // a model that is a view
	// MovedFrom is the address that it had, where the step gives it this one.
	MovedFrom string `json:"moved_from,omitempty"`
	// Compat is the verdict on a contract's change, absent for everything else.
	Compat *compat.Report `json:"compatibility,omitempty"`
}

// Waiting is a step that moves data.
type Waiting struct {
	Address string          `json:"address"` // a pipeline or a model
	Streams []WaitingStream `json:"streams"`
	Reasons []plan.Reason   `json:"reasons"`
	Notes   []string        `json:"notes"`
}

// WaitingStream is one stream of a run.
type WaitingStream struct {
	Address  string          `json:"address"`
	Files    []WaitingFile   `json:"files"`
	Bookmark json.RawMessage `json:"bookmark,omitempty"` // where it goes on; absent: from the beginning
}

// WaitingFile is a file that was not read, or not to its end.
type WaitingFile struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"` // not read yet
	How   string `json:"how"`   // new, grown or rewritten
}

// New makes the view of a plan. prior is the refreshed snapshot that it was
// made from, nil where only the plan is at hand: files and bookmarks are then
// left out.
func New(p *plan.Plan, prior *state.Snapshot) Plan {
	out := Plan{
		FormatVersion: draw.FormatVersion, ToolVersion: p.ToolVersion, Project: p.Project, Environment: p.Environment,
		Destinations: places(p.Program), DefinitionSerial: p.DefinitionSerial, Digest: p.Digest, Changes: p.ChangesDefinition(),
		Actions: []Action{}, Waiting: []Waiting{}, Polls: []Waiting{},
	}
	s := p.Summarize()
	out.Summary = Summary{Create: s.Create, Update: s.Update, Replace: s.Replace, Destroy: s.Destroy, Forget: s.Forget, Run: s.Run, Poll: s.Poll}
	for _, step := range p.Steps {
		switch step.Action {
		case plan.Run, plan.Poll:
			w := newWaiting(step, prior)
			if step.Action == plan.Run {
				out.Summary.Streams += len(w.Streams)
				out.Waiting = append(out.Waiting, w)
			} else {
				out.Polls = append(out.Polls, w)
			}
		default:
			a := Action{
				Address: step.Address.String(), Action: step.Action, Actions: basic(step.Action), Does: plan.OpKind(step.Do),
				Changes: draw.OrEmpty(step.Changes), Reasons: draw.OrEmpty(step.Reasons), Notes: draw.OrEmpty(step.Notes), Compat: step.Compat,
				MovedFrom: movedFrom(step),
			}
			if step.Action != plan.Destroy && step.Action != plan.Forgets {
				a.Promises = plan.PromisesOf(p.Program, step.Address)
				a.View = isView(p.Program, step.Address)
			}
			out.Actions = append(out.Actions, a)
		}
	}
	return out
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

func newWaiting(step *plan.Step, prior *state.Snapshot) Waiting {
	w := Waiting{Address: step.Address.String(), Streams: []WaitingStream{}, Reasons: draw.OrEmpty(step.Reasons), Notes: draw.OrEmpty(step.Notes)}
	run, ok := step.Do.(*plan.RunPipeline)
	if !ok {
		return w
	}
	for _, a := range run.Streams {
		s := WaitingStream{Address: a.String(), Files: []WaitingFile{}}
		if prior != nil {
			if n := prior.Nodes[s.Address]; n != nil && n.Data != nil {
				s.Bookmark = n.Data.Bookmark
			}
			if prior.Live != nil {
				s.Files = waitingFiles(prior.Live.Files[s.Address])
			}
		}
		w.Streams = append(w.Streams, s)
	}
	return w
}

func waitingFiles(f state.FilesWaiting) []WaitingFile {
	out := []WaitingFile{}
	for _, group := range []struct {
		how   string
		files []state.FileInfo
	}{{"new", f.New}, {"grown", f.Grown}, {"rewritten", f.Rewritten}} {
		for _, file := range group.files {
			out = append(out, WaitingFile{Path: file.Path, Bytes: file.Bytes, How: group.how})
		}
	}
	return out
}
