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

func (*AskFiles) question() {}
