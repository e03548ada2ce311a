package plan

import (
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/state"
)

// Move gives what a block had another address: its nodes in the state, and in the
// destination its bookmarks, published names, quarantine rows and history. No row
// of data is touched.
type Move struct {
	From addr.Address `json:"from"` // of the block; a stream or a version where that alone moves
	To   addr.Address `json:"to"`
	// Moved are all addresses of the state that move with it, sorted.
	Moved []state.Moved `json:"moved"`
	// Names are the model versions that are published under another name from now on.
	Names []state.Named `json:"names,omitempty"`
	// Streams are the streams of a file source whose part of the bookmark has another
	// name from now on.
	Streams []StreamName `json:"streams,omitempty"`
	// In is the destination, as it was last applied; nil where nothing of it stands in
	// one.
	In *program.Node `json:"in,omitempty"`
	// Source is the source whose bookmark Streams are in, nil without any.
	Source *program.Node `json:"source,omitempty"`
}

// StreamName is a source's stream under another name.
type StreamName struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Release takes an address out of the state and gives up what it published:
// readers find it as it is, and nobody owns it.
type Release struct {
	Prior *state.Node   `json:"prior"`
	To    *program.Node `json:"to"` // the destination's node as it was last applied
}

// Adopt makes a table that stands in the destination the table of a stream, and
// records the node.
type Adopt struct {
	Node   addr.Address `json:"node"`
	Schema string       `json:"schema"` // of the table, as it stands
	Table  string       `json:"table"`
	// Columns are those that the table had when the plan was made; another table is
	// refused.
	Columns []state.ImportColumn `json:"columns"`
}

func (*Move) op()    {}
func (*Release) op() {}
func (*Adopt) op()   {}

// AskImport asks what stands under a name of a destination. The answer is
// Live.Imports under the stream's address.
type AskImport struct {
	Project     string
	Environment string
	Stream      addr.Address
	Destination *program.Node
	Schema      string
	Table       string
	As          [2]string // schema and name that the stream publishes, suffix included
}

func (*AskImport) question() {}
