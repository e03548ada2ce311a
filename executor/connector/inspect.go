package connector

import "context"

// Inspector looks at a destination's tables from outside. It changes nothing,
// and makes nothing that is not there.
type Inspector interface {
	// Inspect tells what stands under each of the names now, in their order. Its
	// cost hardly depends on how many there are: names of one destination are
	// asked for together.
	Inspect(ctx context.Context, names []Relation) (Inspection, error)
}

// Inspection is what stands in a destination.
type Inspection struct {
	Missing  bool   // there is no database: nothing stands there
	Database string // the destination's own id, "" where headgate never wrote there
	Names    []Inspected
}

// The kinds of what stands under a name.
const (
	KindView  = "view"
	KindTable = "table"
)

// Inspected is what stands under one published name.
type Inspected struct {
	Kind    string // KindView or KindTable, "" where nothing stands there
	Owner   *Owner // who publishes the name by headgate's own records, nil for nobody
	Build   string // the build that is published by those records, "" for a view over a query
	Table   bool   // the table of that build stands
	Columns []InspectedColumn
	// Left are the columns as headgate left the build, nil where its records do not
	// tell. Columns are those of the build now, or of what stands there in its place.
	Left    []InspectedColumn
	Changed bool     // the view is not the one that headgate made
	Query   string   // of the view now, where it was changed
	Made    string   // the query that headgate made it with, where it was changed
	Comment string   // on the view
	Readers []string // relations that read the name and are not headgate's, as "schema.name", sorted
	Rows    int64    // about how many rows the table holds, -1 where that is not known
}

// Owner is who publishes a name.
type Owner struct {
	Project     string
	Environment string
	Address     string
}

// InspectedColumn is a column as it stands. Type is the language's text of its
// type, or the destination's where the language has none.
type InspectedColumn struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	NotNull bool   `json:"not_null,omitempty"` // it refuses nulls
}
