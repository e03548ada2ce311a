package connector

import (
	"context"
	"encoding/json"
)

// Mover is a destination that can give what it keeps to another address.
type Mover interface {
	// Move renames everything that MoveRequest names, in one transaction. What has
	// been renamed before is left alone, so that it may be asked for again.
	Move(ctx context.Context, req MoveRequest) error
}

// MoveRequest gives what some addresses have to others.
type MoveRequest struct {
	Project     string
	Environment string
	Fences      []Fence
	// Addresses maps each canonical address to its new one: owners of published
	// names, rows of quarantine and history.
	Addresses []Renamed
	// Units maps pipelines, whose bookmarks, in all partitions, move with them. What
	// a stopped run of either has staged is given up.
	Units []Renamed
	// Bookmark, where it is not nil, becomes the bookmark of the unit Unit.
	Unit     Unit
	Bookmark json.RawMessage
	Names    []RenamedName
	Views    []View // to make anew afterwards
}

// Renamed is a text that another one takes the place of.
type Renamed struct{ From, To string }

// RenamedName is a published name that another one takes the place of, with the
// table behind it. Both have the new address; To has the build, "" for a view or a
// name that shows another one's table.
type RenamedName struct{ From, To Relation }

// Releaser is a destination that can give up what it published.
type Releaser interface {
	// Release gives up the ownership of published names; they stay, with what is
	// behind them. Names of another owner are left alone.
	Release(ctx context.Context, u Unit, names []Relation) error
}

// Adopter is a destination that can take over a table that it did not make.
type Adopter interface {
	// Examine tells what stands under a name, and changes nothing. With facts it reads
	// the table's columns, too: Facts is then set.
	Examine(ctx context.Context, schema, name string, facts bool) (Examined, error)
	// Adopt makes a table that stands in the destination the build of a stream's
	// table, and publishes it, in one transaction. A table that was adopted before is
	// no fault.
	Adopt(ctx context.Context, req AdoptRequest) error
}

// Examined is a relation as it stands.
type Examined struct {
	Found   bool
	View    bool
	Owner   string   // the address that publishes under the name, "" for none
	Columns []Column // of a type that the language does not have, Type is invalid
	Natives []string // the columns' types as the destination calls them
	Rows    int64
	Key     []string      // of its primary key, in order
	Facts   []ColumnFacts // by column, nil where nobody asked
}

// ColumnFacts is what stands in a column.
type ColumnFacts struct {
	Nulls    int64
	Distinct int64 // values beside null
}

// AdoptRequest is what Adopt needs. Table has the build that is made, and the
// columns that are published.
type AdoptRequest struct {
	Unit   Unit
	Schema string // of the table that is taken over
	Name   string
	Seen   []string // its columns when the plan was made, as "name type" in the destination's words
	Table  Table
	View   View
	Fence  Fence
}

// StreamRenamer is a source whose bookmarks name streams that the project names.
type StreamRenamer interface {
	// RenameStreams gives the parts of a bookmark other names; no new name is a former
	// one of another part. A name that the bookmark does not have is left out; a part
	// that has the new name makes room.
	RenameStreams(bookmark json.RawMessage, names []Renamed) (json.RawMessage, error)
}
