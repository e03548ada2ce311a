package connector

import (
	"context"
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/headgate-data/headgate/compiler/types"
)

// Guarantee is how much a destination can promise.
type Guarantee string

// The guarantees of SEMANTICS section 7.
const (
	ExactlyOnce Guarantee = "exactly_once"
	AtomicFiles Guarantee = "atomic_files"
	AtLeastOnce Guarantee = "at_least_once"
)

// Capabilities says what a destination can do.
type Capabilities struct {
	Guarantee Guarantee
	Dialect   string // rowexpr's name of its SQL: "duckdb"
	Models    bool   // can compute models
}

// Unit is what a bookmark and a staging area belong to: a pipeline, in one
// environment of one project, and one partition of it ("" without partitions).
type Unit struct {
	Project     string
	Environment string
	Pipeline    string // canonical address
	Partition   string
}

// Fence proves that the caller still holds its lease: a publication whose token
// is lower than the greatest one seen for the key is refused.
type Fence struct {
	Key   string
	Token int64
}

// Column is a column of a table.
type Column struct {
	Name     string
	Type     types.Type
	Nullable bool
	Comment  string
}

// Relation names a published table or view and the build behind it.
type Relation struct {
	Address string // canonical address of its owner, in messages and in headgate_meta
	Schema  string // as published, suffix included; "" is the destination's default schema
	Name    string
	Build   string // build id: the table behind is "<name>__<build>" in headgate's schema; "" for a view
}

// Table is a stream's target.
type Table struct {
	Relation
	Columns  []Column // what is published, in order
	Key      []string
	Cursor   string
	Write    string // append, replace or merge
	OnDelete string // "", soft, hard or ignore
	Comment  string
	// Fresh says that Build does not exist yet: replace, or a first load.
	Fresh bool
	// Previous is the build that Fresh takes the place of, "" if there is none.
	Previous string
	// KeepPrevious leaves the previous build for gc instead of dropping it with
	// the publication.
	KeepPrevious bool
}

// Standing is what stands behind a published name.
type Standing struct {
	Build   string   // "" for a view, or when nothing is published
	Columns []Column // of the build, nil for a view
	Found   bool     // the name is published, and the asking unit's project owns it
	Loaded  bool     // a run has published into this build; false after Prepare made it anew
	// Database is the destination's own id: the same for as long as it is the same
	// database. It is set whether the name is published or not.
	Database string
}

// Reject is a record (or the original of one) that goes to quarantine.
type Reject struct {
	Stream    string // canonical address
	Origin    string
	Line      int64
	Raw       []byte // the record as found, masked, or nil, as quarantine_raw says
	Annotated bool   // the row was loaded with a null in place of the value
	Reasons   []RejectReason
}

// RejectReason is one violation of a rejected record.
type RejectReason struct {
	Column  string `json:"column,omitempty"`
	Rule    string `json:"rule"`
	Value   string `json:"value,omitempty"` // as JSON text, masked where personal, cut at 256 bytes
	Message string `json:"message,omitempty"`
	At      string `json:"at,omitempty"` // where the rule is written, as file:line
}

// Checkpoint is what a batch commits beside its rows.
type Checkpoint struct {
	Bookmark json.RawMessage // staged; becomes the unit's bookmark when the run publishes
	Progress json.RawMessage // the executor's counts so far, opaque here
}

// Checksum is order-independent: Rows rows whose 64-bit hashes add up (mod
// 2^64) to Sum, and whose hashes, mixed once more, add up to Mix. Package
// checksum computes it.
type Checksum struct {
	Rows int64  `json:"rows"`
	Sum  uint64 `json:"sum,string"`
	Mix  uint64 `json:"mix,string"`
}

// Staging holds a unit's rows out of every reader's sight until Publish. Its
// methods may be called from one goroutine at a time.
type Staging interface {
	// Resumed returns the checkpoint of a killed run whose staging was found and
	// fits (same definition), or nil.
	Resumed() *Checkpoint
	// Append adds rows to a stream's staging table. The batch's schema is the
	// table's columns in order; it may be retained until the next Commit, and must
	// not change until it is released. Rows become durable with the next Commit. A
	// fault may be one of the rows before. distinct says that no two rows of the
	// stream up to here, those of a run that is taken up included, have the same
	// key: until then a merge need not keep their order.
	Append(ctx context.Context, stream string, rows arrow.RecordBatch, distinct bool) error
	// Reject adds rejects, durable with the next Commit.
	Reject(ctx context.Context, rejects []Reject) error
	// Commit makes everything since the last Commit durable, with c.
	Commit(ctx context.Context, c Checkpoint) error
	// Evolve adds columns to a stream's staging table (unknown_columns = "evolve").
	Evolve(ctx context.Context, stream string, add []Column) error
	// Checksum reads a stream's staged rows back.
	Checksum(ctx context.Context, stream string) (Checksum, error)
	// Publish merges every stream's staged rows into its table, audits them and
	// moves the bookmark, in one transaction; on an audit's failure it rolls
	// back and returns the result with Published false and no error.
	Publish(ctx context.Context, req PublishRequest) (PublishResult, error)
	// Discard drops the staging area.
	Discard(ctx context.Context) error
	// Close leaves the staging area as it is.
	Close() error
}

// StagingSpec opens a unit's staging area.
type StagingSpec struct {
	Unit       Unit
	RunID      string
	Definition string           // digest of the streams' definitions; a staging area of another one is dropped
	Streams    map[string]Table // by canonical address
	Resume     bool             // take up what a killed run left
}

// PublishRequest is what publishing needs beyond the staged rows.
type PublishRequest struct {
	Fence  Fence
	Audits map[string][]Audit // by stream
	// Order is that in which streams are merged: tables before those that
	// reference them. Streams that it does not name come last, by address.
	Order []string
	// MayRemove is how many rows audits may take out of a stream before nothing is
	// published; a stream that it does not name has no such limit.
	MayRemove map[string]int64
	// Distinct names the streams whose staged rows are known to have no key twice.
	Distinct map[string]bool
	Run      RunRecord
	Views    []View // managed views to make anew in the same transaction
}

// The kinds of audits.
const (
	AuditRow        = "row" // a limit or check of a model's rows
	AuditUnique     = "unique"
	AuditReferences = "references"
	AuditOrphans    = "orphans" // rows of another table that lose their partner
	AuditExpect     = "expect"
	AuditRows       = "rows"
	AuditFreshness  = "freshness"
)

// Audit is a promise about a whole table. SQL yields the rows at fault; {this}
// in it stands for the table as it will be, {new} for the rows being published,
// {near} for the condition Near, {other} for the table Other as it will be, and
// {query} for the text Query.
type Audit struct {
	Rule   string
	Kind   string
	Column string
	SQL    string
	// Near narrows {this} to the rows with which new ones can break the promise. It
	// is left out where every row is new.
	Near string
	// Unless, where it is not "", is cheap SQL that yields no row where the promise
	// is kept; SQL runs only where it yields one.
	Unless   string
	Other    Relation
	Query    string
	Severity string // error or warning
	Mask     bool   // examples are masked
	// Remove takes the rows at fault out instead of failing, and Quarantine keeps
	// them. Without Set they are rows of a model's build, and SQL is a condition
	// over {this}.
	Remove     bool
	Quarantine bool
	// Of the rows that Quarantine keeps, the values of the columns Hide are masked;
	// under NoRaw the reasons alone are kept.
	Hide  []string
	NoRaw bool
	// Set says, of a promise that names the rows at fault, which those are.
	Set *SetRule
}

// SetRule is a promise over the whole table that single rows break. With Unique,
// no two rows have the same values in those columns; nulls do not count. A row
// that is in the table stays, else the first by (cursor, position). Without it,
// every value of Column that is not null stands in the column OtherColumn of the
// audit's Other table.
type SetRule struct {
	Unique      []string
	Column      string
	OtherColumn string
}

// AuditResult is what an audit found. Examples are JSON texts, at most 5.
type AuditResult struct {
	Rule     string   `json:"rule"`
	Column   string   `json:"column,omitempty"`
	Severity string   `json:"severity"`
	Rows     int64    `json:"rows"`              // at fault; for a value that stands twice, the values; 0: the promise is kept
	Removed  bool     `json:"removed,omitempty"` // the rows at fault were taken out
	Examples []string `json:"examples,omitempty"`

	Kind        string  `json:"kind,omitempty"`
	Quarantined bool    `json:"quarantined,omitempty"` // what was taken out is in quarantine
	Seconds     float64 `json:"seconds"`
}

// TableDiff counts what a publication did to a table.
type TableDiff struct {
	Inserted  int64 `json:"inserted"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Deleted   int64 `json:"deleted"`
	Rows      int64 `json:"rows"` // in the table afterwards
}

// PublishResult tells what publishing did.
type PublishResult struct {
	Published bool
	Tables    map[string]TableDiff
	Audits    map[string][]AuditResult // every audit that was run, in order
	OverLimit bool                     // not published, since more rows were at fault than MayRemove allows
}

// RunRecord is a row of headgate_runs.
type RunRecord struct {
	RunID       string
	Project     string
	Environment string
	Address     string
	Status      string // success, warning or failure
	StartedAt   string // RFC 3339, UTC
	Seconds     float64
	Read        int64
	Loaded      int64
	Quarantined int64
	Error       string
}

// View is a published name. With Build it shows that build's Columns; with SQL
// it is that query, already bound to published relations.
type View struct {
	Relation
	// Of names the relation (in the same schema) whose build is shown, where the
	// build was made under another name than the view's: a model's bare name
	// shows the table of name_vN. "" means the view's own name.
	Of      string
	Columns []string
	SQL     string
	Comment string
}

// ModelBuild computes a table or publishes a view.
type ModelBuild struct {
	Relation          // the versioned name: schema.name_vN, and the new build's id for a table
	SQL      string   // bound to published relations
	Columns  []Column // what the result must be; values are cast to these types
	Key      []string // for the diff, empty where there is none
	Previous string   // the build in use, "" if none
	// KeepPrevious leaves the previous build for gc instead of dropping it with
	// the publication.
	KeepPrevious bool
	Audits       []Audit
	Views        []View // every name to publish in the same transaction, dependents included
	Database     string // as Standing found it
	Fence        Fence
	Run          RunRecord
}

// Destination keeps tables. Methods may be called from several goroutines; it
// serialises commits itself.
type Destination interface {
	Capabilities() Capabilities
	// Claim makes the schemas and headgate's own tables, and records who owns
	// each published name; a name that another project, environment or address
	// owns is an error (diag.Diagnostic).
	Claim(ctx context.Context, u Unit, names []Relation) error
	// Standing tells what is published under a name now. It is the truth that
	// the state store mirrors.
	Standing(ctx context.Context, u Unit, name Relation) (Standing, error)
	// Bookmark returns a unit's bookmark, nil where there is none.
	Bookmark(ctx context.Context, u Unit) (json.RawMessage, error)
	// OpenStaging opens or takes up a staging area.
	OpenStaging(ctx context.Context, spec StagingSpec) (Staging, error)
	// Prepare makes a stream's build exist and alters it in place, then publishes.
	Prepare(ctx context.Context, req PrepareRequest) error
	// BuildModel computes, audits and publishes a model version.
	BuildModel(ctx context.Context, b ModelBuild) (PublishResult, error)
	// Unpublish drops published names and their ownership; builds stay.
	Unpublish(ctx context.Context, u Unit, names []Relation) error
	// DropBuilds drops tables behind retired relations.
	DropBuilds(ctx context.Context, builds []Relation) error
	// Unmanaged lists relations that read one of names and are not headgate's.
	Unmanaged(ctx context.Context, names []Relation) ([]string, error)
	// Quarantined reads quarantine rows, newest first.
	Quarantined(ctx context.Context, q QuarantineQuery) ([]QuarantineRow, error)
	// RecordRun writes a row of headgate_runs outside a publication (a failure).
	RecordRun(ctx context.Context, r RunRecord) error
	// Close closes the connection; open stagings keep what they committed.
	Close() error
}

// PrepareRequest is PrepareStream for one table.
type PrepareRequest struct {
	Unit        Unit
	Table       Table
	Alters      []Alter
	RenamedFrom Relation // zero where nothing is renamed
	Views       []View
	Fence       Fence
	// ResetBookmark forgets the unit's bookmark, for a stream that loads anew.
	ResetBookmark bool
}

// Alter is a change to a live build's columns: add, type, nullable, rename.
type Alter struct {
	Kind   string
	Column Column
	From   string // rename: the name before
}

// QuarantineQuery selects quarantine rows.
type QuarantineQuery struct {
	Project     string
	Environment string
	Stream      string // "" for all
	RunID       string // "" for all
	ID          int64  // 0 for all
	Limit       int    // 0: no limit
}

// QuarantineRow is a row of headgate_quarantine.
type QuarantineRow struct {
	ID        int64          `json:"id"`
	Stream    string         `json:"stream"`
	RunID     string         `json:"run_id"`
	At        string         `json:"at"`
	Origin    string         `json:"origin"`
	Line      int64          `json:"line"`
	Annotated bool           `json:"annotated,omitempty"`
	Reasons   []RejectReason `json:"reasons"`
	Raw       string         `json:"raw,omitempty"`
}
