// Package state is the vocabulary of what was applied: one Snapshot for each
// environment of a project. The state store reads and writes it; the planner
// compares it with a Program.
package state

import (
	"encoding/json"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
)

// FormatVersion is the version of the snapshot's JSON. Readers take this one
// and every earlier one.
const FormatVersion = 1

// Snapshot is the state of one environment. An environment that nothing was
// applied to has Serial 0 and no nodes.
type Snapshot struct {
	FormatVersion    int              `json:"format_version"`
	Lineage          string           `json:"lineage"` // random, made with the store; never changes
	Project          string           `json:"project"`
	Environment      string           `json:"environment"`
	DefinitionSerial int64            `json:"definition_serial,string"` // moved by every applied definition; a plan binds it
	DataSerial       int64            `json:"data_serial,string"`       // moved by runs; a plan does not bind it
	Nodes            map[string]*Node `json:"nodes"`                    // by canonical address
	Retired          []Retired        `json:"retired,omitempty"`        // out of use, not dropped yet
	Live             *Live            `json:"live,omitempty"`           // what a refresh saw; never stored
}

// Node is one address as it was last applied.
type Node struct {
	Definition *program.Node     `json:"definition"`
	Build      string            `json:"build,omitempty"`    // build id of the table behind a stream or model; "" for a view
	Database   string            `json:"database,omitempty"` // the id of the database that Build stands in; "" where it is not known
	Evolved    []contract.Column `json:"evolved,omitempty"`  // columns that unknown_columns = "evolve" added
	Data       *Data             `json:"data,omitempty"`     // streams and models
	AppliedAt  string            `json:"applied_at"`         // RFC 3339, UTC
	RunID      string            `json:"run_id"`
	Former     []string          `json:"former,omitempty"` // the addresses that it had before, the first one first
	Serial     int64             `json:"serial,string"`    // the definition serial that recording Definition led to; the store sets it
}

// Data is what a stream or model holds.
type Data struct {
	Version  int64            `json:"version,string"`     // grows with each publication that changed rows
	Rows     int64            `json:"rows,string"`        // in the table after the last publication
	Inputs   map[string]int64 `json:"inputs,omitempty"`   // models: Version of each input at the last build
	Bookmark json.RawMessage  `json:"bookmark,omitempty"` // a mirror; the destination holds the truth
	LastRun  string           `json:"last_run,omitempty"` // run id
	LastAt   string           `json:"last_at,omitempty"`  // RFC 3339, UTC
}

// Retired is a relation that is out of use and waits to be dropped.
type Retired struct {
	Address     addr.Address `json:"address"`
	Destination addr.Address `json:"destination"`
	Schema      string       `json:"schema"` // as it was published, suffix included
	Name        string       `json:"name"`
	Build       string       `json:"build"`
	RetiredAt   string       `json:"retired_at"`
	DropAfter   string       `json:"drop_after"`
}

// Live holds the executor's answers to the planner's questions.
type Live struct {
	// Files answers FilesWaiting: by pipeline stream, what a run would read.
	Files map[string]FilesWaiting `json:"files,omitempty"`
	// Past answers AskPast: by the id of a step, what its last successful runs did,
	// the newest first.
	Past map[string][]PastRun `json:"past,omitempty"`
	// Tables answers AskTable about what was applied, Wanted about the names that the
	// program would publish in addition: by stream or model version.
	Tables map[string]LiveTable `json:"tables,omitempty"`
	Wanted map[string]LiveTable `json:"wanted,omitempty"`
	// Refused answers AskRefused: by stream, model version or external.
	Refused map[string]Refused `json:"refused,omitempty"`
	// Imports answers AskImport: by the stream that is to have it, a table that stands
	// in the destination.
	Imports map[string]Importable `json:"imports,omitempty"`
}

// PastRun is what one run of a step did.
type PastRun struct {
	Rows        int64   `json:"rows"`         // read by a pipeline, in a model's table afterwards
	Bytes       int64   `json:"bytes"`        // of a pipeline's records, as text; 0 where it was not counted
	SourceBytes int64   `json:"source_bytes"` // of the files that waited for it, as they are stored; 0 for other sources
	Seconds     float64 `json:"seconds"`
}

// Importable is a table that an import block speaks of, as it stands.
type Importable struct {
	Found   bool           `json:"found"`
	View    bool           `json:"view,omitempty"`
	Owner   string         `json:"owner,omitempty"` // who publishes under its name, "" for nobody
	Columns []ImportColumn `json:"columns,omitempty"`
	Rows    int64          `json:"rows,string"`
	Adopted bool           `json:"adopted,omitempty"` // the stream publishes already: an apply was stopped behind the import
	Error   string         `json:"error,omitempty"`   // why the destination could not be looked at
}

// ImportColumn is a column of such a table. Type is "" where the language has none
// for what the destination calls Native.
type ImportColumn struct {
	Name     string `json:"name"`
	Type     string `json:"type,omitempty"`
	Native   string `json:"native"`
	Nullable bool   `json:"nullable"`
}

// FilesWaiting is what a file source holds beyond a stream's bookmark.
type FilesWaiting struct {
	New       []FileInfo `json:"new,omitempty"`
	Grown     []FileInfo `json:"grown,omitempty"`
	Rewritten []FileInfo `json:"rewritten,omitempty"` // changed other than by growing
	Gone      []string   `json:"gone,omitempty"`
	Error     string     `json:"error,omitempty"` // why the source could not be looked at
}

// FileInfo is a file and how many of its bytes wait.
type FileInfo struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes,string"` // not read yet
}

// Any reports whether anything waits to be read.
func (f FilesWaiting) Any() bool { return len(f.New)+len(f.Grown)+len(f.Rewritten) > 0 }
