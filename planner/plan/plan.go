// Package plan is the vocabulary of a plan: an ordered list of steps, each with
// what it changes, why, and all that the executor needs to carry it out. A plan
// is plain data with a versioned JSON form (Encode, Decode) and a digest.
package plan

import (
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/state"
)

// FormatVersion is the version of the plan's JSON: "MAJOR.MINOR". A reader
// takes its own major version, and every minor up to its own.
const FormatVersion = "1.0"

// Plan is everything that apply needs. Steps stand in an order in which each
// comes after those it needs; the order is the same for the same input.
type Plan struct {
	FormatVersion    string           `json:"format_version"`
	ToolVersion      string           `json:"tool_version"`
	Project          string           `json:"project"`
	Environment      string           `json:"environment"`
	Lineage          string           `json:"lineage"`                  // of the state it was made from; "" where there was none
	DefinitionSerial int64            `json:"definition_serial,string"` // of that state; apply refuses another
	DataSerial       int64            `json:"data_serial,string"`       // for show only
	Base             *Base            `json:"base,omitempty"`           // what was compared with in place of the state; apply refuses such a plan
	ProgramDigest    string           `json:"program_digest"`           // SHA-256 of the compiled program, hex
	Program          *program.Program `json:"program"`                  // the nodes that the steps speak of
	Steps            []*Step          `json:"steps"`
	Unseen           []Unseen         `json:"unseen,omitempty"` // destinations that were not compared with the state
	// Policies are the verdicts of the project's policies, by name; none where the
	// plan was made by a headgate that had none, or for a run.
	Policies []program.Verdict `json:"policies,omitempty"`
	Digest   string            `json:"digest,omitempty"` // over all the rest, see Encode
}

// Base is the revision of the project that a plan compares with.
type Base struct {
	Ref    string `json:"ref"`              // as asked for
	Commit string `json:"commit,omitempty"` // its full hash; "" where Ref is a folder
}

// Action is what happens to an address.
type Action string

// The actions of SEMANTICS section 4.
const (
	Create  Action = "create"  // +
	Update  Action = "update"  // ~
	Replace Action = "replace" // -/+
	Destroy Action = "destroy" // -
	Forgets Action = "forget"  // . : out of the state; what it published stays, and nobody owns it
	Run     Action = "run"     // > : data provably waits
	Poll    Action = "poll"    // on every apply: nobody can know whether data waits
	Drifted Action = "drift"   // ! : the live table is not what was applied
)

// Symbol returns the sign that stands before the address in text.
func (a Action) Symbol() string {
	switch a {
	case Create:
		return "+"
	case Update:
		return "~"
	case Replace:
		return "-/+"
	case Destroy:
		return "-"
	case Drifted:
		return "!"
	case Forgets:
		return "."
	default:
		return ">"
	}
}

// ChangesDefinition reports whether the action makes `plan
// --detailed-exitcode` exit 2.
func (a Action) ChangesDefinition() bool { return a != Run && a != Poll }

// Step is one thing to do. Do says how; it is one of the Op types of this package.
type Step struct {
	ID      string       `json:"id"` // unique in the plan: the address, "/run" behind it for a run
	Address addr.Address `json:"address"`
	Action  Action       `json:"action"`
	Changes []Change     `json:"changes,omitempty"` // in display order
	Reasons []Reason     `json:"reasons,omitempty"` // why it is there, or why it replaces
	// Compat is the verdict on a contract's change, nil for everything else.
	Compat *compat.Report `json:"compatibility,omitempty"`
	Notes  []string       `json:"notes,omitempty"` // what the reader should know
	Needs  []string       `json:"needs,omitempty"` // ids of steps that must be done before
	// Waits tells, of a step that runs a pipeline, what is known of each stream's
	// data. It is for the reader: a run reads what it finds.
	Waits  []Wait  `json:"waits,omitempty"`
	Volume *Volume `json:"volume,omitempty"` // of a step that moves data
	// Drift is how the table differs from what was applied, nil where it does not or
	// was not looked at. A step of the action Drifted is there for it alone.
	Drift   *Drift   `json:"drift,omitempty"`
	Expects *Expects `json:"expects,omitempty"` // of the table that the step changes in place
	// Downstream is what a changed definition comes to, nearest first, up to
	// ReachLimit; DownstreamMore counts what is not listed.
	Downstream     []Reach `json:"downstream,omitempty"`
	DownstreamMore int     `json:"downstream_more,omitempty"`
	// Impact says, of each table that a changed contract stands on, how many of its
	// rows the contract would refuse. It is for show alone.
	Impact []*Impact `json:"impact,omitempty"`
	Do     Op        `json:"do"`
}

// Change is one attribute or column that differs. Old and New are display text
// (HCL-like), nil where there is none; secrets stand by name.
type Change struct {
	Path   string  `json:"path"`   // "schedule", `column "total".type`
	Action Action  `json:"action"` // create, update or destroy
	Old    *string `json:"old,omitempty"`
	New    *string `json:"new,omitempty"`
	Forces bool    `json:"forces_replace,omitempty"`
}

// Reason is a stable code with its text: "definition_changed", "input_changed".
type Reason struct {
	Code ReasonCode   `json:"code"`
	Text string       `json:"text"`
	Of   addr.Address `json:"of,omitzero"` // what caused it, where that is another address
}

// ReasonCode is stable; scripts look at it.
type ReasonCode string

// The reasons.
const (
	NotInState        ReasonCode = "not_in_state"
	NotInConfig       ReasonCode = "not_in_configuration"
	DefinitionChanged ReasonCode = "definition_changed"
	DataChanged       ReasonCode = "data_definition_changed" // what the data is made by changed: it must be built again
	InputChanged      ReasonCode = "input_changed"           // an input is built anew or runs in this plan
	InputNewer        ReasonCode = "input_newer"             // an input has published since the last build
	FilesWaiting      ReasonCode = "files_waiting"
	NeverLoaded       ReasonCode = "never_loaded"
	AlwaysPolled      ReasonCode = "always_polled"
	RequestedReplace  ReasonCode = "requested_replace"
	RequestedRun      ReasonCode = "requested_run"
	DestinationMoved  ReasonCode = "destination_moved"
	AddressMoved      ReasonCode = "moved"        // a moved block says so
	ColumnMoved       ReasonCode = "column_moved" // a moved block says that a column has another name
	RemovedBlock      ReasonCode = "removed"      // a removed block says so
	Imported          ReasonCode = "imported"     // an import block says so
)

// Op is what a step does. The set is closed: Define, Forget, Retire,
// PrepareStream, RunPipeline, BuildModel, Move, Release, Adopt.
type Op interface{ op() }

// Define records the node in the state and touches nothing else.
type Define struct {
	Node addr.Address `json:"node"`
}

// Forget takes an address out of the state and touches nothing else.
type Forget struct{}

// Retire unpublishes what an address published and keeps the table behind it
// until gc drops it. Prior is the node as it was last applied.
type Retire struct {
	Prior *state.Node   `json:"prior"`
	To    *program.Node `json:"to"` // the destination's node as it was last applied
}

// PrepareStream makes a stream's table be as its node says: creates the build,
// alters it, or renames what is published; then records the node.
type PrepareStream struct {
	Node        addr.Address  `json:"node"`
	Fresh       bool          `json:"fresh"` // start with a new, empty build and no bookmark
	Alters      []ColumnAlter `json:"alters,omitempty"`
	RenamedFrom string        `json:"renamed_from,omitempty"` // schema.table as published before
	Prior       *state.Node   `json:"prior,omitempty"`
}

// ColumnAlter is one change to a live table's columns.
type ColumnAlter struct {
	Kind   string `json:"kind"` // add, hide (no longer published, data kept), type, nullable, rename (From is the name before)
	Column string `json:"column"`
	Type   string `json:"type,omitempty"` // the new type, canonical text
	From   string `json:"from,omitempty"`
}

// RunPipeline runs one session of a pipeline over its streams, from the
// bookmark found at apply.
type RunPipeline struct {
	Pipeline addr.Address   `json:"pipeline"`
	Streams  []addr.Address `json:"streams"`
}

// BuildModel computes a model version beside what is there and publishes it by
// a switch; a view is published only. IfInputsChanged runs it only when one of
// its inputs published something new.
type BuildModel struct {
	Node            addr.Address `json:"node"`
	IfInputsChanged bool         `json:"if_inputs_changed,omitempty"`
	Prior           *state.Node  `json:"prior,omitempty"`
}

func (*Define) op()        {}
func (*Forget) op()        {}
func (*Retire) op()        {}
func (*PrepareStream) op() {}
func (*RunPipeline) op()   {}
func (*BuildModel) op()    {}

// Summary counts the steps of each action.
type Summary struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Replace int `json:"replace"`
	Destroy int `json:"destroy"`
	Forget  int `json:"forget,omitempty"`
	Run     int `json:"run"`
	Poll    int `json:"poll"`
	Drift   int `json:"drift,omitempty"` // tables that are not what was applied, whatever else becomes of them
}

// Summarize counts the plan's steps.
func (p *Plan) Summarize() Summary {
	var s Summary
	for _, st := range p.Steps {
		if st.Drift != nil {
			s.Drift++
		}
		switch st.Action {
		case Create:
			s.Create++
		case Update:
			s.Update++
		case Replace:
			s.Replace++
		case Destroy:
			s.Destroy++
		case Forgets:
			s.Forget++
		case Run:
			s.Run++
		case Poll:
			s.Poll++
		}
	}
	return s
}

// ChangesDefinition reports whether any step changes a definition.
func (p *Plan) ChangesDefinition() bool {
	for _, st := range p.Steps {
		if st.Action.ChangesDefinition() {
			return true
		}
	}
	return false
}
