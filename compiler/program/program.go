// Package program is the compiled project as plain data: every name resolved,
// every expression evaluated or typed, no HCL left in it. The compiler makes a
// Program, the planner compares it with a snapshot, a plan carries its nodes to
// the executor, and the state keeps each node as it was last applied.
package program

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// Program is one environment of a project. Nodes are sorted by address.
type Program struct {
	Project     string       `json:"project"` // headgate { name }, else the folder's name
	Environment Environment  `json:"environment"`
	State       StateBackend `json:"state"`
	Nodes       []*Node      `json:"nodes"`
	// Tests are sorted by name. They are no part of any fingerprint: a plan never
	// changes with them.
	Tests []*Test `json:"tests,omitempty"`
	// Budgets limit what plans may estimate. They are no part of any fingerprint, and
	// none is kept in the state.
	Budgets []*Budget `json:"budgets,omitempty"`
	// Moves, Removals and Imports are sorted by the address that they begin with. A
	// plan's excerpt has none: its steps say what comes of them.
	Moves    []Move    `json:"moves,omitempty"`
	Removals []Removal `json:"removals,omitempty"`
	Imports  []Import  `json:"imports,omitempty"`
	// EnvReads maps each NAME that env("NAME") read to a salted hash of its
	// value, or to the value itself where it was declared public.
	EnvReads map[string]string `json:"env_reads,omitempty"`
}

// Test is a unit test of a contract.
type Test struct {
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Contract    addr.Address `json:"contract"` // always with its version
	Cases       []TestCase   `json:"cases"`    // in written order
	Range       diag.Range   `json:"range"`
}

// Budget limits what a run of a pipeline may be expected to do; 0 is no limit.
type Budget struct {
	Pipeline   addr.Address `json:"pipeline"`
	MaxRows    int64        `json:"max_rows,omitempty"`  // read
	MaxBytes   int64        `json:"max_bytes,omitempty"` // of records, as text
	MaxSeconds float64      `json:"max_seconds,omitempty"`
	Range      diag.Range   `json:"range"`
}

// TestCase is one record, or several of one table, and what the contract must say
// of them.
type TestCase struct {
	Accept   bool       `json:"accept"` // else they must be rejected
	Rows     []string   `json:"rows"`   // raw texts of records
	Table    bool       `json:"table"`  // rules over the whole table count, too
	Violates []string   `json:"violates,omitempty"`
	Range    diag.Range `json:"range"`
}

// Environment is the environment that the program was compiled for.
type Environment struct {
	Name         string            `json:"name"`
	Default      bool              `json:"default,omitempty"`
	Protected    bool              `json:"protected,omitempty"`
	Review       string            `json:"review,omitempty"` // one of the Review constants, "" where none is set
	SchemaSuffix string            `json:"schema_suffix"`    // put behind every published schema: "" or "__prod"
	LogLevel     string            `json:"log_level,omitempty"`
	Env          map[string]Text   `json:"env,omitempty"`       // for every process that is started
	Variables    map[string]string `json:"variables,omitempty"` // JSON of each non-sensitive value, for the reader of a plan
}

// The levels of review: which plans apply --auto-approve takes.
const (
	ReviewError   = "error"   // all but broken ones
	ReviewWarning = "warning" // none with a finding that somebody should see
	ReviewAlways  = "always"  // none that changes a definition
)

// ReviewLevel returns the environment's level, ReviewError where none is set.
func (e Environment) ReviewLevel() string {
	if e.Review == "" {
		return ReviewError
	}
	return e.Review
}

// StateBackend is where the state lives. Kind is "local".
type StateBackend struct {
	Kind string `json:"kind"`
	Path string `json:"path"` // relative to the project's root
}

// Node is one thing with an address. Exactly one of the pointers is set, by the
// address's kind. DependsOn is sorted, holds addresses of nodes only, and never
// closes a cycle.
type Node struct {
	Address   addr.Address   `json:"address"`
	DependsOn []addr.Address `json:"depends_on,omitempty"`
	Range     diag.Range     `json:"range"` // the block's header

	Project     *Project           `json:"project,omitempty"`
	Environment *Environment       `json:"environment,omitempty"`
	Source      *Source            `json:"source,omitempty"`
	Destination *Destination       `json:"destination,omitempty"`
	Contract    *contract.Contract `json:"contract,omitempty"`
	Pipeline    *Pipeline          `json:"pipeline,omitempty"`
	Stream      *Stream            `json:"stream,omitempty"`
	Model       *Model             `json:"model,omitempty"`
	External    *External          `json:"external,omitempty"`
}

// Project holds the settings of the headgate block.
type Project struct {
	Name            string `json:"name"`
	RequiredVersion string `json:"required_version,omitempty"`
}

// Source is where records come from. Type is the block's first label; exactly
// one of File and Singer is set.
type Source struct {
	Type   string        `json:"type"`
	File   *FileSource   `json:"file,omitempty"`
	Singer *SingerSource `json:"singer,omitempty"`
}

// FileSource reads files of one format.
type FileSource struct {
	Path        string   `json:"path"`        // a glob, relative to the project's root or absolute, forward slashes
	Format      string   `json:"format"`      // jsonl, json, csv or parquet
	Compression string   `json:"compression"` // auto (by the name's ending), none, gzip or zstd
	Delimiter   string   `json:"delimiter,omitempty"`
	Header      bool     `json:"header"`                // csv: the first record names the columns
	Columns     []string `json:"columns,omitempty"`     // csv without a header
	NullValues  []string `json:"null_values,omitempty"` // csv: texts that mean null; default [""]
}

// SingerSource runs a Singer tap.
type SingerSource struct {
	Command      []Text          `json:"command"`
	Config       Value           `json:"config"`
	Select       []string        `json:"select,omitempty"`
	Catalog      string          `json:"catalog"`                 // file or none
	State        string          `json:"state"`                   // file, inline or none
	InitialState string          `json:"initial_state,omitempty"` // JSON
	Schema       string          `json:"schema"`                  // messages, discovery or contract
	Timezone     string          `json:"timezone"`                // IANA name, of times without a zone
	Env          map[string]Text `json:"env,omitempty"`
	MaxLineBytes int64           `json:"max_line_bytes,omitempty"`
	CommandFiles []FileHash      `json:"command_files,omitempty"` // local files that the command names
}

// FileHash is a local file by content.
type FileHash struct {
	Path   string `json:"path"` // relative to the project's root
	SHA256 string `json:"sha256"`
}

// Destination is where tables live. Type is the block's first label.
type Destination struct {
	Type   string             `json:"type"`
	DuckDB *DuckDBDestination `json:"duckdb,omitempty"`
}

// DuckDBDestination is a DuckDB database file.
type DuckDBDestination struct {
	Path        Text   `json:"path"`                   // relative to the project's root, or absolute
	MemoryLimit string `json:"memory_limit,omitempty"` // as DuckDB takes it: "256MB"
	Threads     int    `json:"threads,omitempty"`
}

// Pipeline moves streams from a source to a destination in one session.
type Pipeline struct {
	From        addr.Address `json:"from"`
	To          addr.Address `json:"to"`
	Schedule    string       `json:"schedule,omitempty"` // cron, five fields
	Timezone    string       `json:"timezone,omitempty"`
	Owner       string       `json:"owner,omitempty"`
	Description string       `json:"description,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
	BatchRows   int          `json:"batch_rows,omitempty"` // 0: headgate's default
	BatchBytes  int64        `json:"batch_bytes,omitempty"`
	Timeout     string       `json:"timeout,omitempty"` // as written: "2h"
	Streams     []string     `json:"streams"`           // names, sorted
}

// Stream is one table that a pipeline fills.
type Stream struct {
	Contract addr.Address `json:"contract"` // always with its version
	Schema   string       `json:"schema"`   // as written, without the environment's suffix
	Table    string       `json:"table"`
	Write    string       `json:"write"` // append, replace or merge
	Cursor   string       `json:"cursor,omitempty"`
	From     string       `json:"from_stream,omitempty"` // the source's stream; "" means the stream's own name
	Map      *Map         `json:"map,omitempty"`
	// RowSchema holds the source's columns as sources.lock.hcl knows them; nil
	// where the source has no entry there.
	RowSchema      []contract.Column `json:"row_schema,omitempty"`
	PreventDestroy bool              `json:"prevent_destroy,omitempty"`
}

// Map is the mapper between a source's record and the contract. Columns that no
// Column names pass through under their own name, unless Only.
type Map struct {
	Columns      []MapColumn   `json:"columns,omitempty"` // in written order
	Drop         []string      `json:"drop,omitempty"`
	Only         bool          `json:"only,omitempty"`
	Filter       *rowexpr.Expr `json:"filter,omitempty"`
	FilterSource string        `json:"filter_source,omitempty"`
	FilterRange  diag.Range    `json:"filter_range,omitzero"`
}

// MapColumn yields one column of the contract.
type MapColumn struct {
	Name   string        `json:"name"`
	Value  *rowexpr.Expr `json:"value"`
	Source string        `json:"source"` // as written
	Range  diag.Range    `json:"range"`
	PII    bool          `json:"pii,omitempty"` // what it reads is tagged as personal data
}

// Model is one version of a table or view computed by SQL.
type Model struct {
	Destination     addr.Address      `json:"destination"`
	Schema          string            `json:"schema"` // without the environment's suffix
	Table           string            `json:"table"`  // the published name without _vN
	Version         int               `json:"version"`
	Latest          bool              `json:"latest,omitempty"` // also published under the bare name
	Materialized    string            `json:"materialized"`     // view or table
	SQL             string            `json:"sql"`
	SQLRange        diag.Range        `json:"sql_range"`         // where the text begins: the .sql file or the literal
	Tables          []TableRef        `json:"tables"`            // every relation the query reads, by place in SQL
	Columns         []contract.Column `json:"columns"`           // names, types and nullability of the result, as worked out
	Contract        addr.Address      `json:"contract,omitzero"` // zero where the model has none
	DeprecatedAfter string            `json:"deprecated_after,omitempty"`
	Owner           string            `json:"owner,omitempty"`
	Description     string            `json:"description,omitempty"`
	Tags            []string          `json:"tags,omitempty"`
	PreventDestroy  bool              `json:"prevent_destroy,omitempty"`
	// Lineage is nil where the query could not be bound, and in what was applied
	// before lineage was known.
	Lineage *Lineage `json:"lineage,omitempty"`
}

// TableRef is a table's name in a query: the bytes SQL[Start:End] name Target.
type TableRef struct {
	Start   int          `json:"start"`
	End     int          `json:"end"`
	Target  addr.Address `json:"target"` // a stream, a model version or an external
	Schema  string       `json:"schema"` // where Target is published, without the suffix
	Table   string       `json:"table"`
	Managed bool         `json:"managed"` // false for externals: no suffix is put behind the schema
}

// External is a table that something else fills.
type External struct {
	Destination addr.Address `json:"destination"`
	Schema      string       `json:"schema"`
	Table       string       `json:"table"`
	Contract    addr.Address `json:"contract"`
}

// HeldTo is the contract that a stream, a model or an external table is held to, zero
// where there is none and for everything else.
func (n *Node) HeldTo() addr.Address {
	switch {
	case n.Stream != nil:
		return n.Stream.Contract
	case n.Model != nil:
		return n.Model.Contract
	case n.External != nil:
		return n.External.Contract
	default:
		return addr.Address{}
	}
}

// Lookup finds a node by its address.
func (p *Program) Lookup(a addr.Address) (*Node, bool) {
	lo, hi := 0, len(p.Nodes)
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := addr.Compare(p.Nodes[mid].Address, a); {
		case c == 0:
			return p.Nodes[mid], true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil, false
}

// ResultType is a name and type of a query's column.
type ResultType struct {
	Name string
	Type types.Type
}
