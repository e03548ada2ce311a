package plan

import (
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// Question asks the executor for something about the outside that the planner
// needs; the answer goes into state.Snapshot.Live. The set is closed: the types
// of this file. A question that was not asked, or not answered, stays open, and
// the plan says so where it matters.
type Question interface{ question() }

// AskFiles asks which files a stream's source holds beyond its bookmark. The
// answer is Live.Files under the stream's address.
type AskFiles struct {
	Stream       addr.Address  // the pipeline stream that asks
	Source       *program.Node // its source
	Destination  *program.Node // where the bookmark is
	Pipeline     addr.Address
	SourceStream string // the source's name of the stream
	Cursor       string // the stream's cursor column, "" where none
	Write        string // append, replace or merge
	Bookmark     []byte // the state's mirror of the bookmark, nil where there is none
}

// AskPast asks what the last successful runs of steps did. The answer is Live.Past
// under the steps' ids.
type AskPast struct {
	Steps []string // ids, sorted
	Runs  int      // of each, at most
}

func (*AskFiles) question() {}
func (*AskPast) question()  {}

// AskTable asks what stands under the names of a stream or model version. The
// answer is Live.Tables, or with Wanted Live.Wanted, under Address.
type AskTable struct {
	Address     addr.Address
	Destination *program.Node // in which the names are, or are to be
	Wanted      bool          // the names are not published yet; else they are as last applied
	Names       []PublishedName
}

// PublishedName is a name in a destination.
type PublishedName struct {
	Owner  addr.Address // the address without its version for a model's bare name
	Schema string       // suffix included
	Name   string
}

func (*AskTable) question() {}
