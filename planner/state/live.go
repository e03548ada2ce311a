package state

// LiveTable is what a destination holds of one stream or model version. What
// stands under each of its names is in Names, the versioned name of a model
// first.
type LiveTable struct {
	Error    string     `json:"error,omitempty"`    // why the destination could not be looked at; nothing else is set then
	Missing  bool       `json:"missing,omitempty"`  // there is no database
	Database string     `json:"database,omitempty"` // its own id, "" where headgate never wrote there
	Names    []LiveName `json:"names,omitempty"`
}

// The kinds of what stands under a name.
const (
	LiveView     = "view"
	LiveRelation = "table"
)

// LiveName is what stands under one published name.
type LiveName struct {
	Schema string `json:"schema"` // suffix included
	Name   string `json:"name"`
	Kind   string `json:"kind,omitempty"` // LiveView or LiveRelation, "" where nothing stands there
	// Project, Environment and Owner tell who publishes the name by headgate's own
	// records in the destination; "" for nobody.
	Project     string `json:"project,omitempty"`
	Environment string `json:"environment,omitempty"`
	Owner       string `json:"owner,omitempty"` // canonical address

	Build   string       `json:"build,omitempty"` // that is published by those records, "" for a view over a query
	Table   bool         `json:"table,omitempty"` // the table of that build stands
	Columns []LiveColumn `json:"columns,omitempty"`
	// Left are the columns as headgate left the table, nil where its records do not tell.
	Left    []LiveColumn `json:"left,omitempty"`
	Changed bool         `json:"changed,omitempty"` // the view is not the one that headgate made
	Query   string       `json:"query,omitempty"`   // of the view now, where it was changed
	Made    string       `json:"made,omitempty"`    // as headgate made it, where it was changed
	Readers []string     `json:"readers,omitempty"` // relations that read the name and are not headgate's, sorted
	Rows    int64        `json:"rows,string"`       // about how many, -1 where nobody knows
}

// LiveColumn is a column as it stands. Type is the language's text, or the
// destination's where the language has none.
type LiveColumn struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	NotNull bool   `json:"not_null,omitempty"`
}
