package plan

import (
	"encoding/json"

	"github.com/headgate-data/headgate/lang/addr"
)

// Wait is what is known of one stream's data before a run.
type Wait struct {
	Stream   addr.Address    `json:"stream"`
	Files    []WaitingFile   `json:"files,omitempty"`        // the first MaxWaitingFiles of them
	Count    int             `json:"count,omitempty"`        // of all files that wait
	Bytes    int64           `json:"bytes,string,omitempty"` // in all of them, not read yet
	Bookmark json.RawMessage `json:"bookmark,omitempty"`     // where it goes on; absent: from the beginning
}

// WaitingFile is a file that was not read, or not to its end.
type WaitingFile struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes,string"` // not read yet
	How   string `json:"how"`          // new, grown or rewritten
}

// MaxWaitingFiles is how many files of a stream a plan names.
const MaxWaitingFiles = 100
